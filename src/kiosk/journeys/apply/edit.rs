//! How a touch or a key changes the answers. Keys address parts (`contact#kind`, `months#from`) and rows
//! (`children.0.c_name`), just as `view::Field` lists them. Keeps what was typed, right or wrong: judging is
//! `validate`'s; only the shape of dates and grouping blanks are put in order.

use wire::catalogue::{Field, FieldType, Form};
use wire::form::{Answers, Contact, ContactKind, Value};

/// The form's own key of a field, part or row.
pub(super) fn base(field: &str) -> &str {
    field.split(['#', '.']).next().unwrap_or(field)
}

/// A line's whole text.
pub(super) fn line(answers: &mut Answers, form: &Form, field: &str, text: String) {
    let (key, part) = field.split_once('#').unwrap_or((field, ""));
    let Some(definition) = form.field(key) else { return };
    let text = shaped(definition, text);
    match definition.kind {
        FieldType::Contact => {
            let mut contact = contact_of(answers, key);
            if part == "name" {
                contact.name = text;
            } else {
                contact.value = text;
            }
            answers.set(key, Value::Contact(contact));
        }
        FieldType::MonthRange => {
            let (mut from, mut to) = match answers.get(key) {
                Some(Value::Range { from, to }) => (from.clone(), to.clone()),
                _ => (String::new(), String::new()),
            };
            if part == "to" {
                to = text;
            } else {
                from = text;
            }
            answers.set(key, Value::Range { from, to });
        }
        _ => put(answers, key, text),
    }
}

/// A choice touched.
pub(super) fn choice(answers: &mut Answers, form: &Form, field: &str, value: &str) {
    let (key, _) = field.split_once('#').unwrap_or((field, ""));
    let Some(definition) = form.field(key) else { return };
    match definition.kind {
        FieldType::Contact => {
            let Some(kind) = definition.kinds.iter().copied().find(|kind| kind_name(*kind) == value) else { return };
            let before = contact_of(answers, key);
            // What was typed for another kind of contact does not fit this one.
            let kept = if before.kind == kind { before } else { contact(kind) };
            answers.set(key, Value::Contact(kept));
        }
        FieldType::Multiselect => {
            let mut chosen = match answers.get(key) {
                Some(Value::List(list)) => list.clone(),
                _ => Vec::new(),
            };
            match chosen.iter().position(|one| one == value) {
                Some(at) => drop(chosen.remove(at)),
                None => chosen.push(value.to_owned()),
            }
            if chosen.is_empty() {
                answers.remove(key);
            } else {
                answers.set(key, Value::List(chosen));
            }
        }
        FieldType::Checkbox => {
            let on = matches!(answers.get(key), Some(Value::Flag(true)));
            answers.set(key, Value::Flag(!on));
        }
        _ => put(answers, key, value.to_owned()),
    }
}

/// Row `group.index` less; no row at all is no answer.
pub(super) fn remove_row(answers: &mut Answers, row: &str) {
    answers.remove(row);
    let group = base(row).to_owned();
    if answers.rows(&group) == 0 {
        answers.remove(&group);
    }
}

/// A kind of contact as the choice's value.
pub(super) fn kind_name(kind: ContactKind) -> &'static str {
    match kind {
        ContactKind::Mobile => "mobile",
        ContactKind::MobileAbroad => "mobile_abroad",
        ContactKind::Landline => "landline",
        ContactKind::Via => "via",
        ContactKind::None => "none",
    }
}

fn put(answers: &mut Answers, key: &str, text: String) {
    if text.is_empty() {
        answers.remove(key);
    } else {
        answers.set(key, Value::Text(text));
    }
}

fn contact(kind: ContactKind) -> Contact {
    Contact { kind, value: String::new(), name: String::new() }
}

fn contact_of(answers: &Answers, key: &str) -> Contact {
    match answers.get(key) {
        Some(Value::Contact(contact)) => contact.clone(),
        _ => contact(ContactKind::Mobile),
    }
}

/// Dates and months get their hyphens once complete; numbers lose the blanks they are shown with.
fn shaped(field: &Field, text: String) -> String {
    let digits = || text.chars().filter(char::is_ascii_digit).collect::<String>();
    match field.kind {
        FieldType::Date => {
            let digits = digits();
            if digits.len() == 8 { format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]) } else { digits }
        }
        FieldType::Month | FieldType::MonthRange => {
            let digits = digits();
            if digits.len() == 6 { format!("{}-{}", &digits[..4], &digits[4..]) } else { digits }
        }
        FieldType::Mobile | FieldType::BankCard | FieldType::IdcardNo | FieldType::Uscc => {
            text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase()
        }
        FieldType::Integer | FieldType::Decimal | FieldType::Money => {
            text.chars().filter(|c| !c.is_whitespace() && *c != ',').collect()
        }
        _ => text,
    }
}
