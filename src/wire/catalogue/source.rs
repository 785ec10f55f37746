//! Where an answer comes from: the citizen, a card, a licence, the session, or the form itself.

use serde::Deserialize;

/// Where an answer comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Source {
    /// Asked.
    User,
    /// Read from the card of the field's `card_role`.
    Card(CardItem),
    /// Read from an electronic licence.
    Licence(LicenceItem),
    /// 给谁办: `1` when an agent applies, else `0`.
    ForWhom,
    /// Always this value.
    Const(String),
    /// Worked out from something else; may be corrected.
    Derived(String),
}

/// What a card holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardItem {
    /// Name.
    Name,
    /// Number.
    Number,
    /// Address.
    Address,
    /// 民族.
    Ethnic,
    /// Kind of document, a code of `cert_type`.
    CertType,
    /// Day of birth.
    Birth,
    /// Sex.
    Sex,
}

/// What an electronic licence holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LicenceItem {
    /// Name of the organisation.
    Name,
    /// 统一社会信用代码.
    Uscc,
}

impl TryFrom<String> for Source {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        if let Some(value) = text.strip_prefix("const:") {
            return Ok(Self::Const(value.to_owned()));
        }
        if let Some(value) = text.strip_prefix("derived:") {
            return Ok(Self::Derived(value.to_owned()));
        }
        Ok(match text.as_str() {
            "user" => Self::User,
            "session.for_whom" => Self::ForWhom,
            "idcard.name" => Self::Card(CardItem::Name),
            "idcard.number" => Self::Card(CardItem::Number),
            "idcard.address" => Self::Card(CardItem::Address),
            "idcard.ethnic" => Self::Card(CardItem::Ethnic),
            "idcard.cert_type" => Self::Card(CardItem::CertType),
            "idcard.birth" => Self::Card(CardItem::Birth),
            "idcard.sex" => Self::Card(CardItem::Sex),
            "elicense.name" => Self::Licence(LicenceItem::Name),
            "elicense.uscc" => Self::Licence(LicenceItem::Uscc),
            _ => return Err(format!("unknown source `{text}`")),
        })
    }
}
