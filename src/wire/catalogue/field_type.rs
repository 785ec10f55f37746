//! The twenty types of fields and what they are to expressions.

use serde::Deserialize;

use crate::expr::Type;

/// Type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// One line.
    Text,
    /// Several lines.
    Textarea,
    /// Number of an identity card of any kind.
    IdcardNo,
    /// 统一社会信用代码.
    Uscc,
    /// How to reach the person, or none.
    Contact,
    /// A mobile number.
    Mobile,
    /// `2026-11-24`.
    Date,
    /// `2026-11`.
    Month,
    /// Two months.
    MonthRange,
    /// A whole number.
    Integer,
    /// A number with up to six fractional digits.
    Decimal,
    /// A sum in yuan with up to two fractional digits.
    Money,
    /// One of a list.
    Select,
    /// Several of a list.
    Multiselect,
    /// One of a few.
    Radio,
    /// A statement to tick.
    Checkbox,
    /// A postal address in free words.
    Address,
    /// A code of the region table.
    Region,
    /// A bank card number.
    BankCard,
    /// Rows of columns.
    Repeat,
}

impl FieldType {
    /// Its type in expressions.
    #[must_use]
    pub fn operand(self) -> Type {
        match self {
            Self::IdcardNo => Type::IdNumber,
            Self::Date => Type::Date,
            Self::Month => Type::Month,
            Self::Integer | Self::Decimal | Self::Money => Type::Number,
            Self::Checkbox => Type::Flag,
            Self::Multiselect => Type::List,
            Self::Repeat => Type::Rows,
            Self::Contact | Self::MonthRange => Type::Opaque,
            Self::Text
            | Self::Textarea
            | Self::Uscc
            | Self::Mobile
            | Self::Select
            | Self::Radio
            | Self::Address
            | Self::Region
            | Self::BankCard => Type::Text,
        }
    }

    /// Whether its values come from a list of choices.
    #[must_use]
    pub fn has_choices(self) -> bool {
        matches!(self, Self::Select | Self::Multiselect | Self::Radio)
    }
}
