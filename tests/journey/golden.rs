//! The golden answers of `tests/data/golden`.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One golden set.
#[derive(Clone, Debug, Deserialize)]
pub struct Golden {
    pub item_id: String,
    pub for_whom: String,
    pub cards: BTreeMap<String, Value>,
    pub answers: Value,
    #[serde(default)]
    pub materials: Vec<Captured>,
    #[serde(default)]
    pub sign: Option<String>,
}

/// Pages of a material.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Captured {
    pub order_num: u32,
    pub pages: usize,
}

impl Golden {
    /// `golden/<name>.json`.
    pub fn load(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/golden").join(format!("{name}.json"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    /// Id of the demo person whose card the role reads.
    pub fn card(&self, role: &str) -> Option<&str> {
        self.cards.get(role).and_then(Value::as_str)
    }

    /// The answer to a field as keyed on a page (`applicant_mobile#value`, `children.0.c_name`).
    pub fn answer(&self, key: &str) -> Value {
        let (path, part) = key.split_once('#').unwrap_or((key, ""));
        let value = self.answers.pointer(&format!("/{}", path.replace('.', "/"))).cloned().unwrap_or(Value::Null);
        if part.is_empty() { value } else { value.get(part).cloned().unwrap_or(Value::Null) }
    }
}
