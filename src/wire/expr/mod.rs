//! The small language of `visible_if`, `required_if`, `readonly_unless`, `condition` and cross rules:
//! parsed once at load, checked against the types of the form's fields, evaluated without panics on
//! whatever text it is given. Semantics: protocol §8. Knows nothing of forms; they answer [`Facts`].

mod check;
mod eval;
mod operand;
mod parse;
mod token;

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Deserialize;

use crate::catalogue::Text;
pub(crate) use eval::days;
pub use operand::{Decimal, Month, Operand, Type};

/// A parsed expression with the text it came from.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Expr {
    source: String,
    root: Node,
}

/// What is wrong with an expression, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: `{found}` at {}..{} of `{source_text}`", message.en, span.start, span.end)]
pub struct ExprError {
    /// What is wrong, for the hall manager.
    pub message: Text,
    /// Byte range in the expression.
    pub span: Range<usize>,
    /// The offending words.
    pub found: String,
    /// The whole expression.
    pub source_text: String,
}

/// What an expression may ask while it is evaluated.
pub trait Facts {
    /// Value of a field; hidden fields are empty. A box that is shown and not ticked is no.
    fn operand(&self, name: &str) -> Operand<'_>;
    /// Day of birth that belongs to an identity number field.
    fn birth(&self, name: &str) -> Option<jiff::civil::Date>;
    /// The day that `today` means.
    fn today(&self) -> jiff::civil::Date;
}

impl Expr {
    /// Reads an expression.
    ///
    /// # Errors
    /// Says what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, ExprError> {
        Ok(Self { source: text.to_owned(), root: parse::parse(text)? })
    }

    /// Checks names and types; `type_of` knows the fields.
    ///
    /// # Errors
    /// Says which name is unknown or which operands do not fit each other.
    pub fn check(&self, type_of: &dyn Fn(&str) -> Option<Type>) -> Result<(), ExprError> {
        check::check(&self.root, &self.source, type_of)
    }

    /// As a condition: a comparison with an empty operand is false, `!=` and `not in` too.
    #[must_use]
    pub fn holds(&self, facts: &dyn Facts) -> bool {
        eval::condition(&self.root, facts)
    }

    /// As a cross rule: `None` (skipped) when an operand outside `filled`, `len`, `has_any` is empty.
    #[must_use]
    pub fn rule(&self, facts: &dyn Facts) -> Option<bool> {
        eval::rule(&self.root, facts)
    }

    /// The expression as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// All field names that it uses (without `today`).
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        let mut left = vec![&self.root];
        while let Some(node) = left.pop() {
            match &node.kind {
                Kind::Name(name) if name != TODAY => {
                    names.insert(name.as_str());
                }
                Kind::Call(_, nodes) | Kind::All(nodes) | Kind::Any(nodes) => left.extend(nodes),
                Kind::Not(inner) | Kind::Negative(inner) => left.push(inner),
                Kind::Sum(a, _, b) | Kind::Compare(a, _, b) | Kind::In { left: a, right: b, .. } => {
                    left.push(a);
                    left.push(b);
                }
                Kind::Name(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => {}
            }
        }
        names
    }
}

impl TryFrom<String> for Expr {
    type Error = ExprError;
    fn try_from(text: String) -> Result<Self, ExprError> {
        Self::parse(&text)
    }
}

/// The one name that is no field.
const TODAY: &str = "today";

#[derive(Clone, Debug, PartialEq)]
struct Node {
    kind: Kind,
    span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Number(Decimal),
    Text(String),
    List(Vec<String>),
    Name(String),
    Call(Function, Vec<Node>),
    Not(Box<Node>),
    Negative(Box<Node>),
    Sum(Box<Node>, Sign, Box<Node>),
    Compare(Box<Node>, Comparison, Box<Node>),
    In { left: Box<Node>, negated: bool, right: Box<Node> },
    All(Vec<Node>),
    Any(Vec<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Plus,
    Minus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Age,
    Days,
    Len,
    Int,
    HasAny,
    Filled,
}

impl Function {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "age" => Self::Age,
            "days" => Self::Days,
            "len" => Self::Len,
            "int" => Self::Int,
            "has_any" => Self::HasAny,
            "filled" => Self::Filled,
            _ => return None,
        })
    }

    fn arguments(self) -> usize {
        match self {
            Self::Age | Self::Days | Self::HasAny => 2,
            Self::Len | Self::Int | Self::Filled => 1,
        }
    }
}

fn fault(source: &str, span: Range<usize>, zh: &str, en: &str) -> ExprError {
    let found = source.get(span.clone()).unwrap_or_default().to_owned();
    ExprError { message: Text::new(zh, en), span, found, source_text: source.to_owned() }
}

#[cfg(test)]
mod tests;
