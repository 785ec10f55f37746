//! A card as a session holds it: plain values, hidden from logs, overwritten when dropped.

use jiff::civil::Date;
pub use wire::form::CardKind;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What was read from an identity card.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct HeldCard {
    /// Kind of card.
    #[zeroize(skip)]
    pub kind: CardKind,
    /// Number.
    pub number: String,
    /// Name, normalised (Chinese, or Latin on a foreigner's card).
    pub name: String,
    /// Name as the chip's UTF-16 units.
    pub name_raw: Vec<u16>,
    /// The chip cut the name (15 units).
    pub name_cut: bool,
    /// The name holds a character without a known code point.
    pub name_unmapped: bool,
    /// 男, 女; empty where the card does not say.
    pub sex: String,
    /// Day of birth.
    #[zeroize(skip)]
    pub birth: Option<Date>,
    /// Address; none on foreigners' cards.
    pub address: String,
    /// 民族, as a word; none on J, Y and I cards.
    pub ethnic: String,
    /// Last valid day; `None` is 长期.
    #[zeroize(skip)]
    pub valid_to: Option<Date>,
    /// Valid to as printed on the chip (`长期` or `YYYYMMDD`).
    pub valid_to_text: String,
    /// The photo's bytes as the chip holds them.
    pub photo: Vec<u8>,
}

impl std::fmt::Debug for HeldCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HeldCard({:?})", self.kind)
    }
}

impl HeldCard {
    /// Code of the kind of document in the national table `cert_type`.
    #[must_use]
    pub fn cert_type(&self) -> &'static str {
        self.kind.cert_type()
    }

    /// Whole years on a day; `None` where the card holds no birth date.
    #[must_use]
    pub fn age_on(&self, day: Date) -> Option<i16> {
        let birth = self.birth?;
        let had_birthday = (day.month(), day.day()) >= (birth.month(), birth.day());
        Some(day.year() - birth.year() - i16::from(!had_birthday))
    }

    /// Whether its last valid day is past.
    #[must_use]
    pub fn expired_on(&self, day: Date) -> bool {
        self.valid_to.is_some_and(|last| last < day)
    }
}
