//! The validators' rules, one file for each kind of value. Each answers `None` when the value is good,
//! else what to do.

use super::scope::Lookup;
use super::{Validator, Value};
use crate::catalogue::{Field, Text};

/// Whether a value of the right type passes a validator.
pub(super) fn check<L: Lookup>(_validator: &Validator, _field: &Field, _value: &Value, _scope: &L) -> Option<Text> {
    None
}
