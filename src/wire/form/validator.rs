//! The 25 validators by name and parameters. A name that is not here, or a parameter that cannot be
//! read, makes the item unusable; nothing is skipped.

use std::fmt;

use serde::Deserialize;

use super::Sex;
use crate::catalogue::FieldType;
use crate::expr::Decimal;

/// A rule of one value.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Validator {
    /// `V_ID18`: number of an identity card of any kind.
    Id18,
    /// `V_USCC`: 统一社会信用代码 with both check digits.
    Uscc,
    /// `V_MOBILE`: 11 digits.
    Mobile,
    /// `V_LUHN`: bank card.
    Luhn,
    /// `V_AGE_MIN:n`.
    AgeMin(i64),
    /// `V_SEX:M|F`.
    Sex(Sex),
    /// `V_EQUAL:key`.
    Equal(String),
    /// `V_NOT_EQUAL:key`.
    NotEqual(String),
    /// `V_RANGE:a:b`.
    Range(Decimal, Decimal),
    /// `V_MONEY_RANGE:a:b`.
    MoneyRange(Decimal, Decimal),
    /// `V_DATE_PAST`: today or earlier.
    DatePast,
    /// `V_DATE_GE_TODAY`.
    DateGeToday,
    /// `V_DATE_AFTER:key`.
    DateAfter(String),
    /// `V_DATE_WITHIN:a:b`: so many natural days from today.
    DateWithin(i64, i64),
    /// `V_DATE_WITHIN_PAST:n`: not earlier than n days ago.
    DateWithinPast(i64),
    /// `V_WORKDAY`.
    Workday,
    /// `V_MONTHS_AGO_MIN:n`: n whole months past.
    MonthsAgoMin(i32),
    /// `V_MONTH_ORDER`.
    MonthOrder,
    /// `V_MONTH_NOT_FUTURE`.
    MonthNotFuture,
    /// `V_MONTH_GE_CURRENT`.
    MonthGeCurrent,
    /// `V_MONTH_SPAN_MAX:n`.
    MonthSpanMax(i32),
    /// `V_REGION_NOT:code`.
    RegionNot(String),
    /// `V_ENT_NAME`: name of an individual business.
    EntName,
    /// `V_NAME`: name of a person.
    Name,
    /// `V_CONTACT`: by its kind.
    Contact,
}

impl Validator {
    /// Its name without parameters.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Id18 => "V_ID18",
            Self::Uscc => "V_USCC",
            Self::Mobile => "V_MOBILE",
            Self::Luhn => "V_LUHN",
            Self::AgeMin(_) => "V_AGE_MIN",
            Self::Sex(_) => "V_SEX",
            Self::Equal(_) => "V_EQUAL",
            Self::NotEqual(_) => "V_NOT_EQUAL",
            Self::Range(..) => "V_RANGE",
            Self::MoneyRange(..) => "V_MONEY_RANGE",
            Self::DatePast => "V_DATE_PAST",
            Self::DateGeToday => "V_DATE_GE_TODAY",
            Self::DateAfter(_) => "V_DATE_AFTER",
            Self::DateWithin(..) => "V_DATE_WITHIN",
            Self::DateWithinPast(_) => "V_DATE_WITHIN_PAST",
            Self::Workday => "V_WORKDAY",
            Self::MonthsAgoMin(_) => "V_MONTHS_AGO_MIN",
            Self::MonthOrder => "V_MONTH_ORDER",
            Self::MonthNotFuture => "V_MONTH_NOT_FUTURE",
            Self::MonthGeCurrent => "V_MONTH_GE_CURRENT",
            Self::MonthSpanMax(_) => "V_MONTH_SPAN_MAX",
            Self::RegionNot(_) => "V_REGION_NOT",
            Self::EntName => "V_ENT_NAME",
            Self::Name => "V_NAME",
            Self::Contact => "V_CONTACT",
        }
    }

    /// The other field that it compares with.
    #[must_use]
    pub fn other_field(&self) -> Option<&str> {
        match self {
            Self::Equal(key) | Self::NotEqual(key) | Self::DateAfter(key) => Some(key),
            _ => None,
        }
    }

    /// Whether it makes sense for a type of field.
    #[must_use]
    pub fn fits(&self, kind: FieldType) -> bool {
        use FieldType as T;
        match self {
            Self::Id18 | Self::AgeMin(_) | Self::Sex(_) => kind == T::IdcardNo,
            Self::Uscc => kind == T::Uscc,
            Self::Mobile => matches!(kind, T::Mobile | T::Text),
            Self::Luhn => kind == T::BankCard,
            Self::Equal(_) | Self::NotEqual(_) => {
                !matches!(kind, T::Repeat | T::Multiselect | T::MonthRange | T::Contact)
            }
            Self::Range(..) => matches!(kind, T::Integer | T::Decimal | T::Money),
            Self::MoneyRange(..) => kind == T::Money,
            Self::DatePast
            | Self::DateGeToday
            | Self::DateAfter(_)
            | Self::DateWithin(..)
            | Self::DateWithinPast(_)
            | Self::Workday
            | Self::MonthsAgoMin(_) => kind == T::Date,
            Self::MonthOrder | Self::MonthSpanMax(_) => kind == T::MonthRange,
            Self::MonthNotFuture | Self::MonthGeCurrent => matches!(kind, T::Month | T::MonthRange),
            Self::RegionNot(_) => kind == T::Region,
            Self::EntName | Self::Name => kind == T::Text,
            Self::Contact => kind == T::Contact,
        }
    }
}

impl TryFrom<String> for Validator {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        parse(&text).ok_or_else(|| format!("unknown validator `{text}`"))
    }
}

fn parse(text: &str) -> Option<Validator> {
    let parts: Vec<&str> = text.split(':').collect();
    Some(match parts.as_slice() {
        ["V_ID18"] => Validator::Id18,
        ["V_USCC"] => Validator::Uscc,
        ["V_MOBILE"] => Validator::Mobile,
        ["V_LUHN"] => Validator::Luhn,
        ["V_DATE_PAST"] => Validator::DatePast,
        ["V_DATE_GE_TODAY"] => Validator::DateGeToday,
        ["V_WORKDAY"] => Validator::Workday,
        ["V_MONTH_ORDER"] => Validator::MonthOrder,
        ["V_MONTH_NOT_FUTURE"] => Validator::MonthNotFuture,
        ["V_MONTH_GE_CURRENT"] => Validator::MonthGeCurrent,
        ["V_ENT_NAME"] => Validator::EntName,
        ["V_NAME"] => Validator::Name,
        ["V_CONTACT"] => Validator::Contact,
        ["V_SEX", "M"] => Validator::Sex(Sex::Male),
        ["V_SEX", "F"] => Validator::Sex(Sex::Female),
        ["V_AGE_MIN", n] => Validator::AgeMin(i64::from(count(n)?)),
        ["V_EQUAL", key] => Validator::Equal(word(key)?),
        ["V_NOT_EQUAL", key] => Validator::NotEqual(word(key)?),
        ["V_DATE_AFTER", key] => Validator::DateAfter(word(key)?),
        ["V_REGION_NOT", code] => Validator::RegionNot(count(code).map(|_| (*code).to_owned())?),
        ["V_DATE_WITHIN_PAST", n] => Validator::DateWithinPast(i64::from(count(n)?)),
        ["V_MONTHS_AGO_MIN", n] => Validator::MonthsAgoMin(i32::try_from(count(n)?).ok()?),
        ["V_MONTH_SPAN_MAX", n] => Validator::MonthSpanMax(i32::try_from(count(n)?).ok()?),
        ["V_RANGE", a, b] => Validator::Range(Decimal::parse(a)?, Decimal::parse(b)?),
        ["V_MONEY_RANGE", a, b] => Validator::MoneyRange(Decimal::parse(a)?, Decimal::parse(b)?),
        ["V_DATE_WITHIN", a, b] => Validator::DateWithin(i64::from(count(a)?), i64::from(count(b)?)),
        _ => return None,
    })
}

/// A parameter that is a small number: no calendar reckons in more than six digits.
fn count(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn word(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

impl fmt::Display for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::AgeMin(n) | Self::DateWithinPast(n) => write!(f, ":{n}"),
            Self::MonthsAgoMin(n) | Self::MonthSpanMax(n) => write!(f, ":{n}"),
            Self::Sex(Sex::Male) => f.write_str(":M"),
            Self::Sex(Sex::Female) => f.write_str(":F"),
            Self::Equal(word) | Self::NotEqual(word) | Self::DateAfter(word) | Self::RegionNot(word) => {
                write!(f, ":{word}")
            }
            Self::Range(a, b) | Self::MoneyRange(a, b) => write!(f, ":{a}:{b}"),
            Self::DateWithin(a, b) => write!(f, ":{a}:{b}"),
            _ => Ok(()),
        }
    }
}
