//! What a card fills in, and what it cannot: a field whose value the card lacks (a foreigner's address, a
//! name that the chip cut) becomes a question. Remembers where every answer comes from.

use super::Apply;
use crate::session::HeldCard;
use wire::catalogue::{CardItem, Field, FieldType, Source};
use wire::form::{Validator, Value};

/// Where an answer comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Read from the card of this role.
    Card(String),
    /// Given by the citizen (level C).
    User,
    /// Fixed by the form.
    Const,
    /// Follows from something else.
    Derived,
}

impl Origin {
    /// As it stands in a submission's `sources`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Card(role) => role,
            Self::User => "user",
            Self::Const => "const",
            Self::Derived => "derived",
        }
    }
}

impl Apply {
    /// Defaults and constants of the form.
    pub(super) fn fill_defaults(&mut self) {
        let preset: Vec<(String, Value, Origin)> = self
            .item()
            .form
            .fields()
            .filter_map(|field| match (&field.source, &field.default) {
                (Source::Const(value), _) => Some((field.key.clone(), Value::Text(value.clone()), Origin::Const)),
                (Source::User, Some(value)) => Some((field.key.clone(), Value::Text(value.clone()), Origin::User)),
                _ => None,
            })
            .collect();
        for (key, value, origin) in preset {
            self.answers.set(&key, value);
            self.origins.insert(key, origin);
        }
    }

    /// Fills what the card of `role` holds.
    pub(super) fn prefill(&mut self, role: &str) {
        self.unfill(role);
        self.typed_roles.remove(role);
        let Some(card) = self.cards.get(role) else { return };
        let place = self.content.place_name();
        let filled: Vec<(String, String, Origin)> = self
            .item()
            .form
            .fields()
            .filter(|field| field.card_role.as_deref().unwrap_or("applicant") == role)
            .filter_map(|field| value_of(field, card, &place))
            .collect();
        let cut = card.name_cut;
        for (key, value, origin) in filled {
            self.answers.set(&key, Value::Text(value));
            self.origins.insert(key, origin);
        }
        if cut {
            self.open_name(role);
        }
        self.follow_names();
    }

    /// Takes back what the card of `role` filled, and what followed from it: it says nothing of whoever comes next.
    pub(super) fn unfill(&mut self, role: &str) {
        let of_role = |field: &&Field| field.card_role.as_deref().unwrap_or("applicant") == role;
        let fields: Vec<(String, bool)> = self
            .item()
            .form
            .fields()
            .filter(of_role)
            .map(|field| (field.key.clone(), matches!(field.source, Source::Derived(_))))
            .collect();
        for (key, derived) in fields {
            self.opened.remove(&key);
            let filled = match self.origins.get(&key) {
                Some(Origin::Card(of)) => of == role,
                Some(Origin::Derived) => derived,
                _ => false,
            };
            if filled {
                self.answers.remove(&key);
                self.origins.remove(&key);
            }
        }
        self.follow_names();
    }

    /// What must be the same as the name on a card (an account's holder) is that name, unless something else was
    /// typed: not every character of a name can be typed.
    pub(super) fn follow_names(&mut self) {
        let form = &self.content.items()[self.index].form;
        let named = |key: &str| form.field(key).is_some_and(|field| card_item(field) == Some(CardItem::Name));
        let followers: Vec<(String, String)> = form
            .fields()
            .filter(|field| field.source == Source::User && field.kind == FieldType::Text)
            .filter_map(|field| {
                let same = field.validators.iter().find_map(|rule| match rule {
                    Validator::Equal(key) if named(key) => Some(key.clone()),
                    _ => None,
                })?;
                Some((field.key.clone(), same))
            })
            .filter(|(key, _)| self.origins.get(key).is_none_or(|origin| *origin == Origin::Derived))
            .collect();
        for (key, same) in followers {
            match self.answers.text(&same).map(str::to_owned) {
                Some(name) => {
                    self.answers.set(&key, Value::Text(name));
                    self.origins.insert(key, Origin::Derived);
                }
                None => {
                    self.answers.remove(&key);
                    self.origins.remove(&key);
                }
            }
        }
    }

    /// The person of this role has no card here: everything of theirs becomes a question.
    pub(super) fn type_role(&mut self, role: &str) {
        if self.cards.remove(role).is_some() {
            self.vouch_anew();
        }
        self.facts.remove(role);
        self.unfill(role);
        self.typed_roles.insert(role.to_owned());
    }

    /// Whether the field's value was read from a card and stands as a fact.
    pub(super) fn is_from_card(&self, key: &str) -> bool {
        matches!(self.origins.get(key), Some(Origin::Card(_)))
    }

    /// Whether the field stands as a fact on the question pages.
    pub(super) fn is_fact(&self, key: &str) -> bool {
        self.is_from_card(key) && !self.opened.contains(key)
    }

    fn open_name(&mut self, role: &str) {
        let keys: Vec<String> = self
            .item()
            .form
            .fields()
            .filter(|field| field.source == Source::Card(CardItem::Name))
            .filter(|field| field.card_role.as_deref() == Some(role))
            .map(|field| field.key.clone())
            .collect();
        self.opened.extend(keys);
    }
}

/// What the card holds for a field; `None` where it holds nothing.
fn value_of(field: &Field, card: &HeldCard, place: &str) -> Option<(String, String, Origin)> {
    let role = field.card_role.clone().unwrap_or_else(|| "applicant".to_owned());
    if let Some(attribute) = card_item(field) {
        let birth = card.birth.map(|day| day.to_string()).unwrap_or_default();
        let value = match attribute {
            CardItem::Name => card.name.as_str(),
            CardItem::Number => card.number.as_str(),
            CardItem::CertType => card.cert_type(),
            CardItem::Address => card.address.as_str(),
            CardItem::Ethnic => card.ethnic.as_str(),
            CardItem::Birth => birth.as_str(),
            CardItem::Sex => card.sex.as_str(),
        };
        return (!value.is_empty()).then(|| (field.key.clone(), value.to_owned(), Origin::Card(role)));
    }
    if matches!(&field.source, Source::Derived(from) if from == "idcard.address") && !card.address.is_empty() {
        let local = if card.address.contains(place) { "1" } else { "0" };
        return Some((field.key.clone(), local.to_owned(), Origin::Derived));
    }
    None
}

/// What of a card fills the field, if a card does.
pub(super) fn card_item(field: &Field) -> Option<CardItem> {
    match field.source {
        Source::Card(item) => Some(item),
        _ => None,
    }
}
