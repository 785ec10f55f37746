//! The validators' rules, one file for each kind of value. Each answers `None` when the value is good,
//! else what to do. None of the messages repeats what the citizen entered.

mod bank;
mod contact;
mod dates;
mod identity;
mod months;
mod names;
mod numbers;
mod organisation;

use jiff::civil::Date;

use super::scope::{Lookup, card_of};
use super::value_type::day;
use super::{Validator, Value};
use crate::catalogue::{Field, Text};
use crate::expr::Month;

/// Whether a value of the right type passes a validator.
pub(super) fn check<L: Lookup>(validator: &Validator, field: &Field, value: &Value, scope: &L) -> Option<Text> {
    match value {
        Value::Text(text) => match day(text) {
            Some(date) if validator.fits(crate::catalogue::FieldType::Date) && validator.other_field().is_none() => {
                dates::check(validator, date, scope.ctx())
            }
            _ => text_value(validator, field, value, text, scope),
        },
        Value::Range { from, to } => months::range(validator, from, to, scope.ctx().today),
        Value::Contact(contact) => contact::check(contact),
        Value::Flag(_) | Value::List(_) | Value::Rows(_) => None,
    }
}

fn text_value<L: Lookup>(validator: &Validator, field: &Field, value: &Value, text: &str, scope: &L) -> Option<Text> {
    let ctx = scope.ctx();
    let card = card_of(field, value, ctx);
    match validator {
        Validator::Id18 => identity::number(text, card.map(|card| card.kind), ctx.today),
        Validator::AgeMin(least) => identity::age_min(scope.birth(&field.key), *least, ctx.today),
        Validator::Sex(wanted) => identity::sex(text, card, *wanted),
        Validator::Name => names::person(text, card, number_beside(field, scope)),
        Validator::EntName => organisation::name(text, ctx.codes),
        Validator::Uscc => organisation::uscc(text),
        Validator::Mobile => contact::mobile(text),
        Validator::Luhn => bank::card(text),
        Validator::Equal(other) => equal(text, other, scope),
        Validator::NotEqual(other) => not_equal(text, other, scope),
        Validator::Range(from, to) | Validator::MoneyRange(from, to) => numbers::range(text, *from, *to),
        Validator::DateAfter(other) => dates::after(day(text)?, other_day(other, scope)?, label(other, scope)),
        Validator::MonthGeCurrent | Validator::MonthNotFuture => {
            months::single(validator, Month::parse(text)?, ctx.today)
        }
        Validator::RegionNot(code) => numbers::region_not(text, code, ctx.codes),
        _ => None,
    }
}

/// The number that belongs to a name: `spouse_name` stands beside `spouse_id_no`.
fn number_beside<'s, L: Lookup>(field: &Field, scope: &'s L) -> Option<&'s str> {
    let key = format!("{}_id_no", field.key.strip_suffix("_name")?);
    match scope.answer(&key)? {
        Value::Text(number) => Some(number),
        _ => None,
    }
}

fn other_day<L: Lookup>(other: &str, scope: &L) -> Option<Date> {
    match scope.answer(other)? {
        Value::Text(text) => day(text),
        _ => None,
    }
}

fn label<L: Lookup>(key: &str, scope: &L) -> Text {
    scope.field(key).map_or_else(Text::default, |field| Text::new(field.label(false), field.label(true)))
}

/// Whether two texts say the same: the blanks around them and the sign that is typed for the interpunct do not count.
fn same(a: &str, b: &str) -> bool {
    let plain = |c| if names::is_interpunct(c) { '·' } else { c };
    a.trim().chars().map(plain).eq(b.trim().chars().map(plain))
}

fn equal<L: Lookup>(text: &str, other: &str, scope: &L) -> Option<Text> {
    let Some(Value::Text(wanted)) = scope.answer(other) else { return None };
    if same(text, wanted) {
        return None;
    }
    let label = label(other, scope);
    Some(Text {
        zh: format!("须与“{}”一致，请核对", label.zh),
        en: format!("This must be the same as: {}. Please check", label.en),
    })
}

fn not_equal<L: Lookup>(text: &str, other: &str, scope: &L) -> Option<Text> {
    let Some(Value::Text(unwanted)) = scope.answer(other) else { return None };
    if !same(text, unwanted) {
        return None;
    }
    let label = label(other, scope);
    Some(Text {
        zh: format!("不能与“{}”相同，请核对", label.zh),
        en: format!("This must not be the same as: {}. Please check", label.en),
    })
}
