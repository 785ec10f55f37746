//! Whether a value is of its field's type at all: shape, choices, lengths.

use super::Value;
use crate::catalogue::{Codes, Field, Text};

pub(super) fn check(_field: &Field, _value: &Value, _codes: &Codes, _from_card: bool) -> Result<(), (&'static str, Text)> {
    Ok(())
}
