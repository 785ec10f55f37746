//! One thing that keeps a form from being submitted, with what to do about it.

use serde::{Deserialize, Serialize};

use crate::catalogue::Text;

/// Something to put right. Holds no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Fields it is about; cells as `children.0.c_name`.
    pub fields: Vec<String>,
    /// Which rule: `required`, `V_MOBILE`, `max_len`, `cross` …
    pub rule: String,
    /// What to do.
    pub message: Text,
}

impl Issue {
    pub(super) fn new(field: &str, rule: &str, message: Text) -> Self {
        Self { fields: vec![field.to_owned()], rule: rule.to_owned(), message }
    }
}
