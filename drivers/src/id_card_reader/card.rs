//! What an identity card says, as plain values. Zeroized when dropped; `Debug` shows the kind of card only.

use super::Nation;
use std::fmt;
use zeroize::Zeroizing;

/// One card.
#[derive(Clone)]
pub struct IdCard {
    /// The name: Chinese on cards of residents and J, Latin on cards of foreigners where they have one.
    pub name: CardText,
    /// Sex by GB/T 2261.1.
    pub sex: Sex,
    /// Day of birth; `None` if the chip does not hold a date.
    pub birth: Option<CardDate>,
    /// Number of the card, with a capital X.
    pub number: Zeroizing<String>,
    /// First day on which it is valid.
    pub valid_from: Option<CardDate>,
    /// Until when.
    pub valid_until: ValidUntil,
    /// What only this kind of card has.
    pub details: Details,
    /// The photo as the chip holds it.
    pub photo: Photo,
}

/// What only one kind of card has.
#[derive(Clone)]
pub enum Details {
    /// Identity card of a resident.
    Resident {
        /// Nationality; `None` if blank.
        nation: Option<Nation>,
        /// Registered address.
        address: CardText,
        /// Issuing authority.
        authority: CardText,
    },
    /// Residence permit for Hong Kong, Macau and Taiwan residents (type J, 2018).
    Permit {
        /// Address.
        address: CardText,
        /// Issuing authority.
        authority: CardText,
        /// Number of the travel permit.
        pass_number: Zeroizing<String>,
        /// How many times it was issued.
        issue_count: Zeroizing<String>,
    },
    /// Foreigner's permanent residence card of 2017 (type I).
    Foreigner2017 {
        /// Chinese name; may be empty.
        chinese_name: CardText,
        /// Three letters by GB/T 2659.
        country: Zeroizing<String>,
        /// Code of the office that accepted the application.
        office_code: Zeroizing<String>,
    },
    /// Foreigner's permanent residence card of 2023 (type Y).
    Foreigner2023 {
        /// Chinese name; may be empty.
        chinese_name: CardText,
        /// Issuing authority; empty in samples.
        authority: CardText,
        /// Three letters by GB/T 2659.
        country: Zeroizing<String>,
        /// Number of renewals (inferred from vendor output, unverified).
        renewals: Zeroizing<String>,
    },
}

/// Kind of card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardKind {
    /// Resident.
    Resident,
    /// Hong Kong, Macau, Taiwan.
    J,
    /// Foreigner, 2017.
    I,
    /// Foreigner, 2023.
    Y,
}

/// A text of the card: what the chip holds and what it reads as.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CardText {
    /// UTF-16 units as on the chip, without the padding.
    pub raw: Zeroizing<Vec<u16>>,
    /// Normalised Unicode. A private-use character without known meaning stays in it, so that nothing is lost.
    pub text: Zeroizing<String>,
    /// Whether a character of it has no known meaning: somebody must look at the card.
    pub has_unmapped: bool,
    /// Whether the chip's field is full to its last unit, so that the rest may be cut off.
    pub may_be_cut: bool,
}

/// Sex by GB/T 2261.1.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// 1.
    Male,
    /// 2.
    Female,
    /// 0, 9 or anything else.
    Unstated,
}

/// A day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CardDate {
    /// Year.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to the last of the month.
    pub day: u8,
}

/// Until when a card is valid.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ValidUntil {
    /// Until this day.
    Day(CardDate),
    /// 长期.
    LongTerm,
    /// The chip does not say it in a form we know.
    Unknown,
}

/// The photo as the chip holds it: 1,024 bytes (WLT), which only vendors' closed programs can draw.
#[derive(Clone)]
pub struct Photo(pub(super) Zeroizing<Vec<u8>>);

impl IdCard {
    /// Kind of card.
    pub fn kind(&self) -> CardKind {
        match self.details {
            Details::Resident { .. } => CardKind::Resident,
            Details::Permit { .. } => CardKind::J,
            Details::Foreigner2017 { .. } => CardKind::I,
            Details::Foreigner2023 { .. } => CardKind::Y,
        }
    }

    /// Nationality, on residents' cards.
    pub fn nation(&self) -> Option<Nation> {
        match &self.details {
            Details::Resident { nation, .. } => *nation,
            _ => None,
        }
    }

    /// Address, where the kind of card has one.
    pub fn address(&self) -> Option<&CardText> {
        match &self.details {
            Details::Resident { address, .. } | Details::Permit { address, .. } => Some(address),
            _ => None,
        }
    }

    /// Issuing authority, where the kind of card has one.
    pub fn authority(&self) -> Option<&CardText> {
        match &self.details {
            Details::Resident { authority, .. }
            | Details::Permit { authority, .. }
            | Details::Foreigner2023 { authority, .. } => Some(authority),
            Details::Foreigner2017 { .. } => None,
        }
    }

    /// Chinese name beside a Latin one, on foreigners' cards.
    pub fn chinese_name(&self) -> Option<&CardText> {
        match &self.details {
            Details::Foreigner2017 { chinese_name, .. } | Details::Foreigner2023 { chinese_name, .. } => {
                Some(chinese_name)
            }
            _ => None,
        }
    }

    /// Country by GB/T 2659, on foreigners' cards.
    pub fn country(&self) -> Option<&str> {
        match &self.details {
            Details::Foreigner2017 { country, .. } | Details::Foreigner2023 { country, .. } => Some(country),
            _ => None,
        }
    }
}

impl Sex {
    /// 男, 女 or an empty text.
    pub fn word(self) -> &'static str {
        match self {
            Self::Male => "男",
            Self::Female => "女",
            Self::Unstated => "",
        }
    }
}

impl CardDate {
    /// From `YYYYMMDD`; a day that no calendar has is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (year, month, day): (u16, u8, u8) =
            (text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?);
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let last = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        (1..=last).contains(&day).then_some(Self { year, month, day })
    }
}

/// `2026-11-23`.
impl fmt::Display for CardDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Photo {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for IdCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdCard({:?})", self.kind())
    }
}

impl fmt::Debug for CardText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardText(…)")
    }
}

impl fmt::Debug for CardDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardDate(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        assert_eq!(CardDate::parse("20240229").unwrap().to_string(), "2024-02-29");
        for bad in ["20230229", "20241301", "20240431", "2024022", "长期", "2024 229", "20240200"] {
            assert!(CardDate::parse(bad).is_none(), "{bad}");
        }
    }
}
