//! What validation is told besides the answers: the day, the calendar, the code tables and what the
//! cards held.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::calendar::Calendar;
use crate::catalogue::{CardItem, Codes};

/// Cards by `card_role`.
pub type Cards = BTreeMap<String, CardFacts>;

/// What validation may know.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Day of the submission.
    pub today: Date,
    /// Days off.
    pub calendar: &'a Calendar,
    /// Code tables and regions.
    pub codes: &'a Codes,
    /// Cards that were read, by role.
    pub cards: &'a Cards,
}

/// What a card said about its holder.
#[derive(Clone, PartialEq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct CardFacts {
    /// Kind of card.
    #[zeroize(skip)]
    pub kind: CardKind,
    /// Number.
    pub number: String,
    /// Name, normalised.
    #[serde(default)]
    pub name: String,
    /// Day of birth.
    #[serde(default)]
    #[zeroize(skip)]
    pub birth: Option<Date>,
    /// Sex.
    #[serde(default)]
    #[zeroize(skip)]
    pub sex: Option<Sex>,
}

impl fmt::Debug for CardFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardFacts({:?})", self.kind)
    }
}

/// Sex as a card says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sex {
    /// 男.
    #[serde(rename = "M")]
    Male,
    /// 女.
    #[serde(rename = "F")]
    Female,
}

/// Kind of identity card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CardKind {
    /// Resident identity card.
    #[serde(rename = "resident")]
    Resident,
    /// Residence permit of residents of Hong Kong, Macao and Taiwan.
    J,
    /// Foreigner's permanent residence card of 2023.
    Y,
    /// The one of 2017.
    I,
}

impl CardKind {
    /// Code in the table `cert_type`.
    #[must_use]
    pub fn cert_type(self) -> &'static str {
        match self {
            Self::Resident => "111",
            Self::J => "X01",
            Self::Y | Self::I => "553",
        }
    }

    /// Whether its holder is a foreigner, with a name in Latin letters.
    #[must_use]
    pub fn is_foreign(self) -> bool {
        matches!(self, Self::Y | Self::I)
    }

    /// Whether such a card holds this at all; what it lacks becomes a question.
    #[must_use]
    pub fn holds(self, item: CardItem) -> bool {
        match item {
            CardItem::Address => !self.is_foreign(),
            CardItem::Ethnic => self == Self::Resident,
            CardItem::Name | CardItem::Number | CardItem::CertType | CardItem::Birth | CardItem::Sex => true,
        }
    }

    /// The kind that a number looks like.
    #[must_use]
    pub fn of_number(number: &str) -> Self {
        let letters = number.bytes().take(3).filter(u8::is_ascii_alphabetic).count();
        match number.as_bytes() {
            _ if letters == 3 => Self::I,
            [b'9', ..] => Self::Y,
            [b'8', b'1'..=b'3', ..] => Self::J,
            _ => Self::Resident,
        }
    }
}
