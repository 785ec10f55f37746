//! The hall, its departments, notices and menu.

use serde::Deserialize;

use super::Text;
use crate::calendar::OpeningHours;

/// The hall.
#[derive(Clone, Debug, Deserialize)]
pub struct Hall {
    /// Name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Address.
    pub address: String,
    /// Six digits of its division.
    pub division_code: String,
    /// Name of its division ("项城市"); may be empty.
    #[serde(default)]
    pub division_zh: String,
    /// Opening hours in words.
    pub hours_zh: String,
    /// The same in English; may be empty.
    #[serde(default)]
    pub hours_en: String,
    /// Opening hours to reckon with.
    #[serde(default)]
    pub hours: OpeningHours,
    /// Zones.
    #[serde(default)]
    pub zones: Vec<Zone>,
}

impl Hall {
    /// Name in both languages.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::new(&self.name_zh, &self.name_en)
    }
}

/// A zone.
#[derive(Clone, Debug, Deserialize)]
pub struct Zone {
    /// Letter.
    pub zone: String,
    /// Name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Where.
    pub place: String,
}

/// A department.
#[derive(Clone, Debug, Deserialize)]
pub struct Department {
    /// Id.
    pub dept_id: String,
    /// Name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Zone letter.
    #[serde(default)]
    pub zone: String,
    /// Windows.
    #[serde(default)]
    pub windows: Vec<String>,
    /// Phone for questions.
    #[serde(default)]
    pub consult_phone: String,
    /// Phone for complaints.
    #[serde(default)]
    pub complain_phone: String,
}

impl Department {
    /// Name in both languages.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::new(&self.name_zh, &self.name_en)
    }
}

/// A notice.
#[derive(Clone, Debug, Deserialize)]
pub struct Notice {
    /// Id.
    pub id: String,
    /// Title.
    pub title_zh: String,
    /// English title.
    #[serde(default)]
    pub title_en: String,
    /// Category.
    #[serde(default)]
    pub category: String,
    /// 1 is most important.
    #[serde(default)]
    pub priority: u32,
    /// Stays on top.
    #[serde(default)]
    pub pinned: bool,
    /// Body.
    pub body_zh: String,
    /// English body; may be empty.
    #[serde(default)]
    pub body_en: String,
    /// Shown from this day.
    pub valid_from: jiff::civil::Date,
    /// Shown until this day.
    pub valid_to: jiff::civil::Date,
}

/// Question and answer about the terminal.
#[derive(Clone, Debug, Deserialize)]
pub struct HelpEntry {
    /// Question.
    pub q: String,
    /// Answer.
    pub a: String,
}

/// An entry of the menu.
#[derive(Clone, Debug, Deserialize)]
pub struct MenuEntry {
    /// Id.
    pub id: String,
    /// Words.
    #[serde(flatten)]
    pub label: Text,
    /// Place in the order.
    pub order: u32,
}
