//! A material that an item asks for: when it applies, how it is captured, how far it is trusted.

use serde::Deserialize;

use super::Text;
use crate::expr::Expr;

/// A material.
#[derive(Clone, Debug, Deserialize)]
pub struct Material {
    /// Place in the order; names the material within its item.
    pub order_num: u32,
    /// Name.
    pub material_name: String,
    /// English name.
    #[serde(default)]
    pub material_name_en: String,
    /// Whether it must be there.
    pub is_need: MaterialNeed,
    /// 1 paper, 2 electronic, 3 either.
    pub material_format: String,
    /// 1 original, 2 copy, 3 both.
    pub material_type: String,
    /// 10 the applicant's, 20 issued by an authority, 99 other.
    pub source_type: String,
    /// Copies.
    #[serde(default)]
    pub page_num: u32,
    /// What is accepted.
    #[serde(default)]
    pub accept_stand: String,
    /// How to fill it in.
    #[serde(default)]
    pub fill_explain: String,
    /// Asked only while it holds.
    #[serde(default)]
    pub condition: Option<Expr>,
    /// How it is captured.
    #[serde(rename = "kiosk")]
    pub capture: Capture,
}

impl Material {
    /// Its name in both languages.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::new(&self.material_name, &self.material_name_en)
    }
}

/// Whether a material must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum MaterialNeed {
    /// Needed.
    #[serde(rename = "1")]
    Required,
    /// Not needed.
    #[serde(rename = "2")]
    Optional,
    /// The citizen may ask to hand it in later (容缺).
    #[serde(rename = "3")]
    MayFollow,
}

/// How a material is captured.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// Ways, best first.
    pub capture: Vec<CaptureWay>,
    /// Most pages.
    pub max_pages: u32,
    /// How far it is trusted.
    pub default_trust_level: TrustLevel,
}

/// A way to capture a material.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureWay {
    /// Card read, no image needed.
    Idcard,
    /// Document camera.
    DocCamera,
    /// Camera.
    Camera,
    /// Electronic licence.
    ELicense,
    /// A form filled here.
    Form,
}

/// How far a material is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum TrustLevel {
    /// Electronic licence.
    A,
    /// Card read or checked at a window.
    B,
    /// The citizen's own scan.
    C,
    /// The citizen's own statement.
    D,
}
