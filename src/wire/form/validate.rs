//! The one `validate()`: types, required, conditional, validators, cross rules; keys that the form does
//! not have are an issue too.

use super::checks;
use super::row::RowScope;
use super::scope::{Lookup, Scope, card_of, fixed, must};
use super::value_type;
use super::{Answers, Context, Issue, Value};
use crate::catalogue::{CardItem, CrossRule, Field, FieldType, Form, Source, Text};
use crate::expr::Facts;

/// Everything that keeps these answers from being submitted; empty when nothing does.
#[must_use]
pub fn validate(form: &Form, answers: &Answers, ctx: &Context<'_>) -> Vec<Issue> {
    let scope = Scope::new(form, answers, ctx);
    let mut issues = unknown_keys(form, answers);
    for field in form.fields() {
        check_field(field, &scope, &mut issues);
    }
    for rule in &form.cross_rules {
        cross_rule(rule, &scope, &mut issues);
    }
    issues
}

/// The same for some fields only (one page): their own issues, and the cross rules that these fields
/// complete. A rule waits for the page with the last field that it uses, so that nobody is held up by a
/// question that comes later.
#[must_use]
pub fn validate_fields(form: &Form, answers: &Answers, ctx: &Context<'_>, keys: &[&str]) -> Vec<Issue> {
    let scope = Scope::new(form, answers, ctx);
    let mut issues = Vec::new();
    for field in form.fields().filter(|field| keys.contains(&field.key.as_str())) {
        check_field(field, &scope, &mut issues);
    }
    for rule in &form.cross_rules {
        if last_field(form, rule).is_some_and(|last| keys.contains(&last)) {
            cross_rule(rule, &scope, &mut issues);
        }
    }
    issues
}

/// The field of a rule that is asked last.
fn last_field<'f>(form: &'f Form, rule: &CrossRule) -> Option<&'f str> {
    let names = rule.rule.names();
    let used = |key: &str| names.contains(key) || rule.fields.iter().any(|field| field == key);
    form.fields().map(|field| field.key.as_str()).filter(|key| used(key)).last()
}

fn unknown_keys(form: &Form, answers: &Answers) -> Vec<Issue> {
    let message = || Text::new("表单里没有这一项，请重新开始填写", "The form has no such field; please start again");
    answers
        .iter()
        .filter(|(key, _)| !form.fields().any(|field| field.key == *key))
        .map(|(key, _)| Issue::new(key, "unknown_key", message()))
        .collect()
}

fn cross_rule(rule: &CrossRule, scope: &Scope<'_>, issues: &mut Vec<Issue>) {
    if rule.rule.rule(scope) == Some(false) {
        issues.push(Issue {
            fields: rule.fields.clone(),
            rule: "cross".to_owned(),
            message: Text::new(&rule.message_zh, &rule.message_en),
        });
    }
}

fn check_field(field: &Field, scope: &Scope<'_>, issues: &mut Vec<Issue>) {
    if !scope.shows(&field.key) {
        return;
    }
    let before = issues.len();
    check_value(field, &field.key, scope, issues);
    if issues.len() == before {
        card_value(field, scope, issues);
        if let Some(Value::Rows(rows)) = scope.answer(&field.key) {
            check_rows(field, rows, scope, issues);
        }
    }
}

fn check_rows(group: &Field, rows: &[Answers], scope: &Scope<'_>, issues: &mut Vec<Issue>) {
    for (index, row) in rows.iter().enumerate() {
        let inner = RowScope::new(scope, group, row);
        for (key, _) in row.iter() {
            if !group.columns.iter().any(|column| column.key == key) {
                let message = Text::new(
                    "列表里没有这一栏，请删除这一行重填",
                    "The list has no such column; please enter the row again",
                );
                issues.push(Issue::new(&format!("{}.{index}.{key}", group.key), "unknown_key", message));
            }
        }
        for column in &group.columns {
            if inner.shows(&column.key) {
                check_value(column, &format!("{}.{index}.{}", group.key, column.key), &inner, issues);
            }
        }
    }
}

/// Presence, type and validators of one value; the first issue is enough, the next shows after it.
fn check_value<L: Lookup>(field: &Field, key: &str, scope: &L, issues: &mut Vec<Issue>) {
    let Some(value) = scope.answer(&field.key) else {
        if field.must_be_true || must(field, as_facts(scope)) {
            let rule = if field.must_be_true { "must_be_true" } else { "required" };
            issues.push(Issue::new(key, rule, please_answer(field)));
        }
        return;
    };
    let from_card = card_of(field, value, scope.ctx());
    if let Err((rule, message)) = value_type::check(field, value, scope.ctx().codes, from_card.is_some()) {
        issues.push(Issue::new(key, rule, message));
        return;
    }
    for validator in &field.validators {
        if let Some(message) = checks::check(validator, field, value, scope) {
            issues.push(Issue::new(key, validator.name(), message));
            return;
        }
    }
}

fn as_facts<L: Lookup>(scope: &L) -> &dyn Facts {
    scope
}

/// A read-only value must be what its card says. A name may differ: the chip cuts long ones, and the
/// citizen completes them.
fn card_value(field: &Field, scope: &Scope<'_>, issues: &mut Vec<Issue>) {
    let Source::Card(CardItem::Number | CardItem::CertType) = field.source else { return };
    let Some(value) = scope.answer(&field.key) else { return };
    if fixed(field, scope) && card_of(field, value, scope.ctx).is_none() {
        let message = Text::new(
            "与刷的证件不一致，请重新刷卡",
            "This differs from the card that was read; please read the card again",
        );
        issues.push(Issue::new(&field.key, "card", message));
    }
}

fn please_answer(field: &Field) -> Text {
    let (zh, en) = (field.label(false), field.label(true));
    match field.kind {
        _ if field.kind.has_choices() => {
            Text { zh: format!("请选择“{zh}”"), en: format!("Please choose: {en}") }
        }
        FieldType::Region | FieldType::Contact => {
            Text { zh: format!("请选择“{zh}”"), en: format!("Please choose: {en}") }
        }
        FieldType::Checkbox => {
            Text { zh: format!("请阅读并勾选“{zh}”"), en: format!("Please read and tick: {en}") }
        }
        FieldType::Repeat => {
            Text { zh: format!("“{zh}”请至少填写一行"), en: format!("{en}: please enter at least one row") }
        }
        _ => Text { zh: format!("请填写“{zh}”"), en: format!("Please fill in: {en}") },
    }
}
