//! What stands on the screen: which fields are visible, required, read-only, which materials apply.
//! A hidden field is empty for every expression and is not submitted. Rows of repeat groups stand in `row`.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::row::RowScope;
use super::value_type::day;
use super::{Answers, CardFacts, CardKind, Context, Value};
use crate::catalogue::{CardItem, Field, FieldType, Form, Material, Source};
use crate::expr::{Decimal, Expr, Facts, Month, Operand};

/// A form's answers as expressions see them.
pub(super) struct Scope<'a> {
    pub form: &'a Form,
    pub answers: &'a Answers,
    pub ctx: &'a Context<'a>,
    hidden: BTreeSet<&'a str>,
}

/// Looks up fields for checks that compare with another one.
pub(super) trait Lookup: Facts {
    fn field(&self, key: &str) -> Option<&Field>;
    fn answer(&self, key: &str) -> Option<&Value>;
    fn ctx(&self) -> &Context<'_>;
}

impl<'a> Scope<'a> {
    pub fn new(form: &'a Form, answers: &'a Answers, ctx: &'a Context<'a>) -> Self {
        let with = |hidden| Self { form, answers, ctx, hidden };
        with(hidden(form.fields(), with))
    }

    pub fn shows(&self, key: &str) -> bool {
        !self.hidden.contains(key)
    }
}

/// Keys of the fields whose condition does not hold; `with` gives the facts when such keys are hidden.
pub(super) fn hidden<'a, F: Facts>(
    fields: impl Iterator<Item = &'a Field> + Clone,
    with: impl Fn(BTreeSet<&'a str>) -> F,
) -> BTreeSet<&'a str> {
    let mut hidden = BTreeSet::new();
    // A chain of conditions settles in as many rounds as it is long; circles are refused at load.
    for _ in 0..=fields.clone().count() {
        let facts = with(hidden.clone());
        let unmet = fields.clone().filter(|field| !allows(field.visible_if.as_ref(), &facts));
        let next: BTreeSet<&str> = unmet.map(|field| field.key.as_str()).collect();
        if next == hidden {
            break;
        }
        hidden = next;
    }
    hidden
}

fn allows(condition: Option<&Expr>, facts: &dyn Facts) -> bool {
    condition.is_none_or(|condition| condition.holds(facts))
}

pub(super) fn must(field: &Field, facts: &dyn Facts) -> bool {
    field.required || field.required_if.as_ref().is_some_and(|condition| condition.holds(facts))
}

impl Facts for Scope<'_> {
    fn operand(&self, name: &str) -> Operand<'_> {
        match self.field(name) {
            Some(field) if self.shows(name) => operand(field.kind, self.answers.get(name)),
            _ => Operand::Empty,
        }
    }

    fn birth(&self, name: &str) -> Option<Date> {
        birth_of(self.field(name)?, self.answer(name)?, self.ctx)
    }

    fn today(&self) -> Date {
        self.ctx.today
    }
}

impl Lookup for Scope<'_> {
    fn field(&self, key: &str) -> Option<&Field> {
        self.form.fields().find(|field| field.key == key)
    }

    fn answer(&self, key: &str) -> Option<&Value> {
        self.answers.get(key).filter(|value| self.shows(key) && !value.is_empty())
    }

    fn ctx(&self) -> &Context<'_> {
        self.ctx
    }
}

/// What a field that is shown holds. A box that nobody ticked holds no, touched or not: a submission leaves it out,
/// and the hall must come to the same.
pub(super) fn operand(kind: FieldType, value: Option<&Value>) -> Operand<'_> {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return if kind == FieldType::Checkbox { Operand::Flag(false) } else { Operand::Empty };
    };
    match (kind, value) {
        (FieldType::Date, Value::Text(text)) => day(text).map_or(Operand::Empty, Operand::Date),
        (FieldType::Month, Value::Text(text)) => Month::parse(text).map_or(Operand::Empty, Operand::Month),
        (FieldType::Integer | FieldType::Decimal | FieldType::Money, Value::Text(text)) => {
            Decimal::parse(text).map_or(Operand::Empty, Operand::Number)
        }
        (FieldType::Checkbox, Value::Flag(on)) => Operand::Flag(*on),
        (FieldType::Multiselect, Value::List(values)) => Operand::List(values),
        (FieldType::Repeat, Value::Rows(rows)) => Operand::Rows(rows.len()),
        (FieldType::Contact, Value::Contact(_)) | (FieldType::MonthRange, Value::Range { .. }) => Operand::Opaque,
        (kind, Value::Text(text)) if kind.operand().same_as(crate::expr::Type::Text) => Operand::Text(text),
        _ => Operand::Empty,
    }
}

/// The card that gave this answer: of the field's role, and saying the same.
pub(super) fn card_of<'a>(field: &Field, value: &Value, ctx: &Context<'a>) -> Option<&'a CardFacts> {
    let Source::Card(item) = field.source else { return None };
    let card = ctx.cards.get(field.role()?)?;
    let Value::Text(text) = value else { return None };
    let same = match item {
        CardItem::Number => card.number == *text,
        CardItem::Name => card.name == *text,
        CardItem::CertType => card.kind.cert_type() == text,
        CardItem::Address | CardItem::Ethnic | CardItem::Birth | CardItem::Sex => card.kind.holds(item),
    };
    same.then_some(card)
}

/// Day of birth of the card that gave the number, else as the number says it.
pub(super) fn birth_of(field: &Field, number: &Value, ctx: &Context<'_>) -> Option<Date> {
    if let Some(birth) = card_of(field, number, ctx).and_then(|card| card.birth) {
        return Some(birth);
    }
    let Value::Text(number) = number else { return None };
    birth_in(number)
}

/// Day of birth in a number of 18 characters; a card of 2017 for foreigners holds none in its number.
pub(super) fn birth_in(number: &str) -> Option<Date> {
    if number.len() != 18 || CardKind::of_number(number) == CardKind::I {
        return None;
    }
    let digits = number.get(6..14)?;
    let (year, month, day) = (digits.get(..4)?, digits.get(4..6)?, digits.get(6..8)?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Keys of the fields that are shown now.
#[must_use]
pub fn visible(form: &Form, answers: &Answers, ctx: &Context<'_>) -> BTreeSet<String> {
    let scope = Scope::new(form, answers, ctx);
    form.fields().filter(|field| scope.shows(&field.key)).map(|field| field.key.clone()).collect()
}

/// Whether a field must be answered now.
#[must_use]
pub fn required(form: &Form, field: &Field, answers: &Answers, ctx: &Context<'_>) -> bool {
    let scope = Scope::new(form, answers, ctx);
    scope.shows(&field.key) && must(field, &scope)
}

/// Whether a field may not be changed now: `readonly` and not lifted, and its value is really there. What
/// the card lacks (or when no such card was read) is asked like any other question.
#[must_use]
pub fn readonly(form: &Form, field: &Field, answers: &Answers, ctx: &Context<'_>) -> bool {
    let scope = Scope::new(form, answers, ctx);
    fixed(field, &scope)
}

pub(super) fn fixed(field: &Field, scope: &Scope<'_>) -> bool {
    let lifted = field.readonly_unless.as_ref().is_some_and(|condition| condition.holds(scope));
    field.readonly
        && !lifted
        && match field.source {
            Source::Card(item) => {
                let card = field.role().and_then(|role| scope.ctx.cards.get(role));
                card.is_some_and(|card| card.kind.holds(item))
            }
            _ => true,
        }
}

/// The answers that are submitted: none of a hidden field or column, none that is empty.
#[must_use]
pub fn without_hidden(form: &Form, answers: &Answers, ctx: &Context<'_>) -> Answers {
    let scope = Scope::new(form, answers, ctx);
    let mut kept = Answers::new();
    for (key, value) in answers.iter() {
        if !scope.shows(key) || value.is_empty() {
            continue;
        }
        let value = match (scope.field(key), value) {
            (Some(group), Value::Rows(rows)) => {
                Value::Rows(rows.iter().map(|row| RowScope::new(&scope, group, row).submitted()).collect())
            }
            _ => value.clone(),
        };
        kept.set(key, value);
    }
    kept
}

/// Whether a material is asked for with these answers.
#[must_use]
pub fn material_applies(form: &Form, material: &Material, answers: &Answers, ctx: &Context<'_>) -> bool {
    material.condition.as_ref().is_none_or(|condition| condition.holds(&Scope::new(form, answers, ctx)))
}
