//! The one mask for names and numbers (domain rules 7.5). Screens, slips, logs of the hall and lists use
//! these functions and no others; what they return may be seen by bystanders.

use crate::form::{Contact, ContactKind};

/// A name: two characters keep the last (`*英`), longer ones the first and the last (`王*英`), names in
/// Latin letters their initials (`A. S.`).
#[must_use]
pub fn name(name: &str) -> String {
    let name = name.trim();
    let latin = name.chars().any(char::is_alphabetic)
        && name
            .chars()
            .filter(|c| c.is_alphabetic())
            .all(|c| u32::from(c) < 0x0250 || ('\u{1e00}'..='\u{1eff}').contains(&c));
    if latin {
        let initials = name.split(|c: char| !c.is_alphanumeric() && c != '\'').filter_map(|word| word.chars().next());
        return initials.map(|c| format!("{}.", c.to_uppercase())).collect::<Vec<_>>().join(" ");
    }
    let letters = letters(name);
    match letters.as_slice() {
        [] => String::new(),
        [_] => "*".to_owned(),
        [_, last] => format!("*{last}"),
        [first, middle @ .., last] => format!("{first}{}{last}", "*".repeat(middle.len())),
    }
}

/// An identity number at its full length: first three and last two.
#[must_use]
pub fn id_number(number: &str) -> String {
    keep(number, 3, 2)
}

/// A phone number: first three and last four.
#[must_use]
pub fn phone(number: &str) -> String {
    keep(number, 3, 4)
}

/// A bank card or account: the last four.
#[must_use]
pub fn account(number: &str) -> String {
    keep(number, 0, 4)
}

/// An address: its first six characters, which name province or city.
#[must_use]
pub fn address(address: &str) -> String {
    keep(address, 6, 0)
}

/// How to reach a person: numbers as phones, the name of who takes the message as a name. Empty for
/// "none".
#[must_use]
pub fn contact(contact: &Contact) -> String {
    match contact.kind {
        ContactKind::None => String::new(),
        ContactKind::Via if contact.value.bytes().any(|b| b.is_ascii_digit()) => {
            format!("{} {}", name(&contact.name), phone(&contact.value)).trim().to_owned()
        }
        ContactKind::Via => name(if contact.name.is_empty() { &contact.value } else { &contact.name }),
        ContactKind::Mobile | ContactKind::MobileAbroad | ContactKind::Landline => phone(&contact.value),
    }
}

/// Keeps so many characters at both ends; text too short for that shows at most its last character.
fn keep(text: &str, first: usize, last: usize) -> String {
    let letters = letters(text.trim());
    let (first, last) = if letters.len() > first + last { (first, last) } else { (0, usize::from(letters.len() > 1)) };
    let hidden = letters.len() - first - last;
    let (head, tail) = (letters[..first].concat(), letters[letters.len() - last..].concat());
    format!("{head}{}{tail}", "*".repeat(hidden))
}

/// Characters as people count them: a variation selector or combining mark belongs to the one before.
fn letters(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for c in text.chars() {
        let joins = matches!(u32::from(c), 0xfe00..=0xfe0f | 0xe0100..=0xe01ef | 0x0300..=0x036f | 0x200d);
        match out.last_mut() {
            Some(last) if joins => last.push(c),
            _ => out.push(c.to_string()),
        }
    }
    out
}

#[cfg(test)]
mod tests;
