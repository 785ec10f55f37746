//! Part 0 of a submission: the answers and all that belongs to them, as JSON. Readable only at the hall, by a
//! clerk of the item's department with a reason. Overwritten when dropped, hidden from logs.

use crate::form::{Answers, CardKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Part 0.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part0 {
    /// Answers; hidden fields are not among them.
    pub answers: Answers,
    /// Where each answer comes from: a card role, `user`, `const` or `derived`.
    pub sources: BTreeMap<String, String>,
    /// Cards that were read.
    pub cards: Vec<Card>,
    /// Six digits.
    pub query_code: String,
    /// 32 hex digits.
    pub lookup_token: String,
    /// What was agreed to, when.
    pub consent: Consent,
    /// Version of the item's declaration.
    pub declaration_version: String,
    /// How it was signed.
    pub sign: Sign,
    /// Staff card of who looked at the person (assurance L2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_factor: Option<String>,
    /// Materials asked to be handed in later (容缺), by `order_num`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deferred: Vec<u32>,
    /// What parts 1… are.
    pub parts: Vec<PartEntry>,
}

/// A card that was read.
#[derive(Clone, PartialEq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// Whose.
    pub role: String,
    /// Kind.
    #[zeroize(skip)]
    pub kind: CardKind,
    /// Number.
    pub id_no: String,
    /// The chip's UTF-16 units, hex, big endian.
    pub name_raw: String,
    /// Name, normalised.
    pub name: String,
    /// `1985-03-12`; empty if the card does not say.
    pub birth: String,
    /// `20420312` or 长期.
    pub valid_to: String,
}

/// Consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Version of the text.
    pub version: String,
    /// Ms since 1970.
    pub at_ms: i64,
}

/// How a submission was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by", deny_unknown_fields)]
pub enum Sign {
    /// Not at all.
    None,
    /// Pen on the glass; the picture is one of the parts.
    Pen,
    /// The card once more and a witness.
    CardAndWitness {
        /// The witness's staff card.
        staff_no: String,
    },
}

/// What a part is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartEntry {
    /// From 1.
    pub part: u32,
    /// `signature`, or the material's `order_num`.
    pub field: String,
    /// Media type.
    pub media: String,
    /// Hash of the plaintext.
    pub sha256: crate::ids::Sha256,
}

impl fmt::Debug for Part0 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Part0({} parts)", self.parts.len())
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Card({:?})", self.kind)
    }
}

impl Drop for Part0 {
    fn drop(&mut self) {
        self.answers.zeroize();
        self.query_code.zeroize();
        self.lookup_token.zeroize();
    }
}
