//! Values and types that expressions work with: exact decimals, months, and what a field holds.

use std::fmt;

use jiff::civil::Date;

/// Type of an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text, or the code of a choice.
    Text,
    /// Text that is an identity number.
    IdNumber,
    /// A number.
    Number,
    /// A day.
    Date,
    /// A month.
    Month,
    /// Yes or no.
    Flag,
    /// Several codes.
    List,
    /// Rows of a repeat group.
    Rows,
    /// Can only be filled or not (contact, month range).
    Opaque,
}

impl Type {
    /// Whether the two may be compared.
    #[must_use]
    pub fn same_as(self, other: Self) -> bool {
        let plain = |t| if t == Self::IdNumber { Self::Text } else { t };
        plain(self) == plain(other)
    }

    pub(super) fn zh(self) -> &'static str {
        match self {
            Self::Text => "文字",
            Self::IdNumber => "证件号码",
            Self::Number => "数值",
            Self::Date => "日期",
            Self::Month => "年月",
            Self::Flag => "是非",
            Self::List => "多选值",
            Self::Rows => "多行",
            Self::Opaque => "不能比较的值",
        }
    }

    pub(super) fn en(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::IdNumber => "an ID number",
            Self::Number => "a number",
            Self::Date => "a date",
            Self::Month => "a month",
            Self::Flag => "yes or no",
            Self::List => "a list",
            Self::Rows => "rows",
            Self::Opaque => "a value that cannot be compared",
        }
    }
}

/// What a name stands for while an expression is evaluated.
#[derive(Clone, Copy, PartialEq)]
pub enum Operand<'a> {
    /// Nothing there, hidden, or not readable as its type.
    Empty,
    /// Text or a code.
    Text(&'a str),
    /// A number.
    Number(Decimal),
    /// A day.
    Date(Date),
    /// A month.
    Month(Month),
    /// Yes or no.
    Flag(bool),
    /// Several codes.
    List(&'a [String]),
    /// Number of rows.
    Rows(usize),
    /// Filled, but not comparable.
    Opaque,
}

impl fmt::Debug for Operand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self, Self::Empty) { "Operand(empty)" } else { "Operand(filled)" })
    }
}

/// An exact decimal number with up to six fractional digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(i128);

const FRACTION_DIGITS: usize = 6;
const MILLION: i128 = 1_000_000;
/// Fifteen digits before the point; far above any sum of a form, far below an overflow.
const MAX_WHOLE_DIGITS: usize = 15;

impl Decimal {
    /// Reads `12`, `-3`, `12.50`; nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |s: &str, max| !s.is_empty() && s.len() <= max && s.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole, MAX_WHOLE_DIGITS) || !plain(fraction, FRACTION_DIGITS) {
            return None;
        }
        let scale = 10_i128.pow(u32::try_from(FRACTION_DIGITS - fraction.len()).ok()?);
        let value = whole.parse::<i128>().ok()? * MILLION + fraction.parse::<i128>().ok()? * scale;
        Some(Self(if negative { -value } else { value }))
    }

    /// A whole number.
    #[must_use]
    pub fn whole(value: i64) -> Self {
        Self(i128::from(value) * MILLION)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    pub(super) fn negated(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (self.0.unsigned_abs() / 1_000_000, self.0.unsigned_abs() % 1_000_000);
        let digits = format!("{fraction:06}");
        match digits.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            rest => write!(f, "{sign}{whole}.{rest}"),
        }
    }
}

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// Reads `2026-11`; nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        if year.len() != 4 || month.len() != 2 || !text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            return None;
        }
        let (year, month) = (year.parse().ok()?, month.parse().ok()?);
        (year >= 1 && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// The month of a day.
    #[must_use]
    pub fn of(day: Date) -> Self {
        Self { year: day.year(), month: day.month() }
    }

    /// Months from the year 0, to count distances.
    #[must_use]
    pub fn index(self) -> i32 {
        i32::from(self.year) * 12 + i32::from(self.month)
    }
}
