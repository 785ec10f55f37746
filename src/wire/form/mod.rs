//! Answers and their validation: one `validate()` that terminal and hall both run. Given the form, the
//! answers, the day, the calendar, the code tables and what the cards held, it says what to do. Pure.

mod answers;
mod checks;
mod context;
mod issue;
mod row;
mod scope;
mod validate;
mod validator;
mod value_type;

pub use answers::{Answers, Contact, ContactKind, Value};
pub use context::{CardFacts, CardKind, Cards, Context, Sex};
pub use issue::Issue;
pub use row::columns_shown;
pub use scope::{material_applies, readonly, required, visible, without_hidden};
pub use validate::{validate, validate_fields};
pub use validator::Validator;

#[cfg(test)]
mod tests;
