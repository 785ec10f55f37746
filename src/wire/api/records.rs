//! Certificates and records printed for the person who stands there (the catalogue's `print` items): live only,
//! assurance L2 (rules 7.4). Without a second factor the hall gives nothing.

use crate::form::Answers;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Request of `POST /v1/records`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordRequest {
    /// Minted by the terminal; a repeat is the same certificate with the same code.
    pub request_id: Uuid,
    /// Which item.
    pub item_id: String,
    /// The card on the reader.
    pub card: RecordCard,
    /// Who looked at the person, or what did.
    pub second_factor: SecondFactor,
    /// Answers of the item's form (from which month to which, which kind), as far as it asks.
    #[serde(default, skip_serializing_if = "Answers::is_empty")]
    pub answers: Answers,
}

/// What the card says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct RecordCard {
    /// Number.
    pub id_no: String,
    /// Name, normalised.
    pub name: String,
}

/// What proves that the card belongs to who holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by", deny_unknown_fields)]
pub enum SecondFactor {
    /// Nothing: refused with `second_factor`.
    None,
    /// A member of the staff looked at the person and used the staff card.
    StaffCard {
        /// Its number.
        staff_no: String,
    },
}

/// Answer of `POST /v1/records`: what to lay out on A4.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordAnswer {
    /// Title of the paper.
    pub title: String,
    /// The same in English; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title_en: String,
    /// Who issues it.
    pub issuer: String,
    /// What it states.
    pub sheet: RecordSheet,
    /// When, ms since 1970.
    pub issued_at_ms: i64,
    /// Valid through this day.
    pub valid_through: Date,
    /// Twelve Crockford characters in groups of four, printed on every page.
    pub verification_code: String,
    /// What the code's picture leads to; none where the hall has no public name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_url: Option<String>,
}

/// The contents of a record, ready to lay out: labelled facts, then a table.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordSheet {
    /// (label, value), in order.
    pub facts: Vec<(String, String)>,
    /// Column heads; empty without a table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Rows, each as long as `columns`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Vec<String>>,
    /// A sentence below; may be empty. Says so when there is nothing on record.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub remark: String,
}

impl Drop for RecordRequest {
    fn drop(&mut self) {
        self.answers.zeroize();
    }
}

impl Drop for RecordSheet {
    fn drop(&mut self) {
        for (_, value) in &mut self.facts {
            value.zeroize();
        }
        for cell in self.rows.iter_mut().flatten() {
            cell.zeroize();
        }
    }
}

impl std::fmt::Debug for RecordRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RecordRequest({})", self.item_id)
    }
}

impl std::fmt::Debug for RecordCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecordCard")
    }
}

impl std::fmt::Debug for RecordAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RecordAnswer({})", self.title)
    }
}

impl std::fmt::Debug for RecordSheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RecordSheet({} facts, {} rows)", self.facts.len(), self.rows.len())
    }
}
