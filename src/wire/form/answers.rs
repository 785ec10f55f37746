//! Answers as they stand in memory and in a submission. They are a citizen's data: overwritten when
//! dropped, never shown by `Debug`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Answers by field key.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(BTreeMap<String, Value>);

/// One answer. Dates, months, numbers, sums, codes and addresses are text.
#[derive(Clone, PartialEq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(untagged)]
pub enum Value {
    /// One value as text.
    Text(String),
    /// Ticked or not.
    Flag(bool),
    /// Several codes.
    List(Vec<String>),
    /// Rows of a repeat group.
    Rows(Vec<Answers>),
    /// Two months.
    Range {
        /// First month.
        from: String,
        /// Last month.
        to: String,
    },
    /// How to reach the person.
    Contact(Contact),
}

/// How to reach the person.
#[derive(Clone, PartialEq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// By what.
    #[zeroize(skip)]
    pub kind: ContactKind,
    /// The number; for `Via` the phone or village, for `None` empty.
    #[serde(default)]
    pub value: String,
    /// For `Via`: who takes the message; else empty.
    #[serde(default)]
    pub name: String,
}

/// Kind of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactKind {
    /// A mobile number.
    Mobile,
    /// A mobile number abroad.
    MobileAbroad,
    /// A landline.
    Landline,
    /// Through a person or village.
    Via,
    /// None: the person comes and asks.
    None,
}

impl Answers {
    /// No answers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An answer; `children.0.c_name` looks into a row.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        let Some((head, rest)) = key.split_once('.') else { return self.0.get(key) };
        let (row, column) = rest.split_once('.')?;
        match self.0.get(head)? {
            Value::Rows(rows) => rows.get(row.parse::<usize>().ok()?)?.get(column),
            _ => None,
        }
    }

    /// The text of an answer that is one.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Sets an answer; `children.0.c_name` sets in a row that exists or is the next one. A row key that
    /// fits nothing is left alone.
    pub fn set(&mut self, key: &str, value: Value) {
        let Some((head, rest)) = key.split_once('.') else {
            self.0.insert(key.to_owned(), value);
            return;
        };
        let Some((row, column)) = rest.split_once('.') else { return };
        let Ok(row) = row.parse::<usize>() else { return };
        let group = self.0.entry(head.to_owned()).or_insert_with(|| Value::Rows(Vec::new()));
        if matches!(group, Value::List(list) if list.is_empty()) {
            *group = Value::Rows(Vec::new());
        }
        let Value::Rows(rows) = group else { return };
        if row == rows.len() {
            rows.push(Self::new());
        }
        if let Some(row) = rows.get_mut(row) {
            row.set(column, value);
        }
    }

    /// Sets an answer that is text.
    pub fn set_text(&mut self, key: &str, text: &str) {
        self.set(key, Value::Text(text.to_owned()));
    }

    /// Takes an answer away; `children.0` takes a row, `children.0.c_name` one cell.
    pub fn remove(&mut self, key: &str) {
        let Some((head, rest)) = key.split_once('.') else {
            self.0.remove(key);
            return;
        };
        let Some(Value::Rows(rows)) = self.0.get_mut(head) else { return };
        let (row, column) = rest.split_once('.').map_or((rest, None), |(row, column)| (row, Some(column)));
        let Ok(row) = row.parse::<usize>() else { return };
        match (column, rows.get_mut(row)) {
            (Some(column), Some(cells)) => cells.remove(column),
            (None, Some(_)) => drop(rows.remove(row)),
            (_, None) => {}
        }
    }

    /// Number of rows of a repeat group.
    #[must_use]
    pub fn rows(&self, key: &str) -> usize {
        match self.0.get(key) {
            Some(Value::Rows(rows)) => rows.len(),
            _ => 0,
        }
    }

    /// Adds an empty row to a repeat group.
    pub fn add_row(&mut self, key: &str) {
        match self.0.get_mut(key) {
            Some(Value::Rows(rows)) => rows.push(Self::new()),
            _ => self.set(key, Value::Rows(vec![Self::new()])),
        }
    }

    /// All answers in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Number of answers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Zeroize for Answers {
    fn zeroize(&mut self) {
        self.0.values_mut().for_each(Zeroize::zeroize);
        self.0.clear();
    }
}

impl Value {
    /// Whether there is nothing in it. An unticked box is empty, so is a contact without any word but
    /// not the choice "none".
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Flag(on) => !on,
            Self::List(values) => values.is_empty(),
            Self::Rows(rows) => rows.is_empty(),
            Self::Range { from, to } => from.trim().is_empty() && to.trim().is_empty(),
            Self::Contact(contact) => {
                contact.kind != ContactKind::None && contact.value.trim().is_empty() && contact.name.trim().is_empty()
            }
        }
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answers({})", self.0.len())
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(…)",
            Self::Flag(_) => "Flag(…)",
            Self::List(_) => "List(…)",
            Self::Rows(_) => "Rows(…)",
            Self::Range { .. } => "Range(…)",
            Self::Contact(_) => "Contact(…)",
        })
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact({:?})", self.kind)
    }
}
