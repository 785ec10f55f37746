//! One field of a form, or one column of a repeat group: how it is asked, filled, shown and checked.

use serde::{Deserialize, Deserializer};

use super::{FieldType, Source, Text};
use crate::expr::Expr;
use crate::form::{ContactKind, Validator};

/// One field, or one column of a repeat group.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Key of the answer.
    pub key: String,
    /// The question in Chinese.
    pub label_zh: String,
    /// The question in English.
    #[serde(default)]
    pub label_en: String,
    /// How it is answered.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Must always be answered (while visible).
    #[serde(default)]
    pub required: bool,
    /// Where the answer comes from.
    pub source: Source,
    /// May not be changed by the citizen.
    #[serde(default)]
    pub readonly: bool,
    /// Lifts `readonly` while it holds.
    #[serde(default)]
    pub readonly_unless: Option<Expr>,
    /// Shown masked.
    #[serde(default)]
    pub sensitive: bool,
    /// Rules of the value.
    #[serde(default, rename = "validate")]
    pub validators: Vec<Validator>,
    /// Whose card fills it; see [`Field::role`].
    #[serde(default)]
    pub card_role: Option<String>,
    /// Choices written in the form.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// Choices of a code table.
    #[serde(default)]
    pub options_ref: Option<String>,
    /// Fewest choices of a multiselect.
    #[serde(default)]
    pub min_select: Option<usize>,
    /// Most choices of a multiselect.
    #[serde(default)]
    pub max_select: Option<usize>,
    /// Most characters.
    #[serde(default)]
    pub max_len: Option<usize>,
    /// Fewest characters.
    #[serde(default)]
    pub min_len: Option<usize>,
    /// Answer to begin with.
    #[serde(default, deserialize_with = "scalar")]
    pub default: Option<String>,
    /// Must be answered while it holds.
    #[serde(default)]
    pub required_if: Option<Expr>,
    /// Shown while it holds.
    #[serde(default)]
    pub visible_if: Option<Expr>,
    /// Small text under the label, Chinese.
    #[serde(default)]
    pub help_zh: String,
    /// Small text under the label, English.
    #[serde(default)]
    pub help_en: String,
    /// Kinds of a contact that may be chosen.
    #[serde(default)]
    pub kinds: Vec<ContactKind>,
    /// Level of a region: 1 province, 2 city, 3 county.
    #[serde(default)]
    pub level: Option<u8>,
    /// A checkbox that must be ticked.
    #[serde(default)]
    pub must_be_true: bool,
    /// Most rows of a repeat group.
    #[serde(default)]
    pub max_rows: Option<usize>,
    /// Columns of a repeat group.
    #[serde(default)]
    pub columns: Vec<Field>,
}

impl Field {
    /// The question in one language.
    #[must_use]
    pub fn label(&self, english: bool) -> &str {
        if english && !self.label_en.is_empty() { &self.label_en } else { &self.label_zh }
    }

    /// Whose card fills it: its `card_role`, or the applicant's where a card fills it and no role is given.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        let of_card = matches!(self.source, Source::Card(_)).then_some("applicant");
        self.card_role.as_deref().or(of_card)
    }

    /// The small text under the label in one language; may be empty.
    #[must_use]
    pub fn help(&self, english: bool) -> &str {
        if english && !self.help_en.is_empty() { &self.help_en } else { &self.help_zh }
    }
}

/// A choice written in a form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Choice {
    /// Value that is stored.
    pub value: String,
    /// Words that are shown.
    #[serde(flatten)]
    pub label: Text,
}

/// A default may be written as text, number or flag.
fn scalar<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Option::<serde_json::Value>::deserialize(deserializer)? {
        None => None,
        Some(serde_json::Value::String(text)) => Some(text),
        Some(other) => Some(other.to_string()),
    })
}
