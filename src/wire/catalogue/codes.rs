//! Code tables with their words, and the regions of GB/T 2260 down to cities. Data only; the region
//! table is handed in as JSON text.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Choice, Field, Text};

/// Code tables and regions.
#[derive(Clone, Debug, Default)]
pub struct Codes {
    tables: BTreeMap<String, Vec<Choice>>,
    regions: Regions,
}

/// The region table cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the region table cannot be read: {0}")]
pub struct CodesError(#[from] serde_json::Error);

/// Provinces with their cities.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Regions {
    /// In the order of their codes.
    pub provinces: Vec<Province>,
}

/// A province.
#[derive(Clone, Debug, Deserialize)]
pub struct Province {
    /// Six digits.
    pub code: String,
    /// Name.
    #[serde(flatten)]
    pub name: Text,
    /// Its cities; empty where none are listed.
    #[serde(default)]
    pub cities: Vec<City>,
}

/// A city, prefecture, league or county directly under a province.
#[derive(Clone, Debug, Deserialize)]
pub struct City {
    /// Six digits.
    pub code: String,
    /// Name.
    #[serde(flatten)]
    pub name: Text,
}

impl Regions {
    /// Reads the table.
    ///
    /// # Errors
    /// When the text is not such a table.
    pub fn load(json: &str) -> Result<Self, CodesError> {
        Ok(serde_json::from_str(json)?)
    }

    /// Whether there is a table at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.provinces.is_empty()
    }

    /// "河南省周口市" of a six-digit code.
    #[must_use]
    pub fn name(&self, code: &str) -> Option<Text> {
        for province in &self.provinces {
            if province.code == code {
                return Some(province.name.clone());
            }
            if let Some(city) = province.cities.iter().find(|city| city.code == code) {
                let zh = format!("{}{}", province.name.zh, city.name.zh);
                let en = format!("{}, {}", city.name.en, province.name.en);
                return Some(Text { zh, en });
            }
        }
        None
    }

    /// Whether a code may be chosen at a level (1 province, 2 city).
    #[must_use]
    pub fn holds(&self, code: &str, level: u8) -> bool {
        self.provinces.iter().any(|province| match level {
            1 => province.code == code,
            _ => province.cities.iter().any(|city| city.code == code),
        })
    }
}

impl Codes {
    pub(super) fn new(
        tables: &serde_json::Map<String, serde_json::Value>,
        en: &BTreeMap<String, BTreeMap<String, String>>,
    ) -> Self {
        let mut codes = Self::default();
        for (name, value) in tables {
            let mut choices = table(value);
            for choice in &mut choices {
                if let Some(words) = en.get(name).and_then(|words| words.get(&choice.value)) {
                    choice.label.en.clone_from(words);
                }
            }
            if !choices.is_empty() {
                codes.tables.insert(name.clone(), choices);
            }
        }
        codes
    }

    /// Gives the region table.
    pub fn set_regions(&mut self, regions: Regions) {
        self.regions = regions;
    }

    /// The region table.
    #[must_use]
    pub fn regions(&self) -> &Regions {
        &self.regions
    }

    /// A code table in its order.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&[Choice]> {
        self.tables.get(name).map(Vec::as_slice)
    }

    /// Words of a code.
    #[must_use]
    pub fn label(&self, table: &str, value: &str) -> Option<&Text> {
        self.table(table)?.iter().find(|choice| choice.value == value).map(|choice| &choice.label)
    }

    /// The choices of a field: written in the form, or of its code table. Regions are not among them.
    #[must_use]
    pub fn choices<'a>(&'a self, field: &'a Field) -> &'a [Choice] {
        match &field.options_ref {
            Some(name) => self.table(name).unwrap_or_default(),
            None => &field.options,
        }
    }
}

/// A table is a map, a plain list, or a list of `{code, zh, en}`; anything else is no table.
fn table(value: &serde_json::Value) -> Vec<Choice> {
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    match value {
        serde_json::Value::Object(map) => map
            .iter()
            .filter_map(|(code, words)| {
                Some(Choice { value: code.clone(), label: Text { zh: text(words)?, en: String::new() } })
            })
            .collect(),
        serde_json::Value::Array(list) => list
            .iter()
            .filter_map(|entry| match entry {
                serde_json::Value::String(zh) => Some(Choice { value: zh.clone(), label: Text::new(zh, "") }),
                entry => Some(Choice {
                    value: text(entry.get("code")?)?,
                    label: Text { zh: text(entry.get("zh")?)?, en: entry.get("en").and_then(text).unwrap_or_default() },
                }),
            })
            .collect(),
        _ => Vec::new(),
    }
}
