//! One row of a repeat group: its columns come before the form's fields. A column that is hidden in its row is empty
//! there for every expression and is not submitted, just as a hidden field is.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::scope::{Lookup, Scope, birth_of, hidden, must, operand};
use super::{Answers, Context, Value};
use crate::catalogue::{Field, Form};
use crate::expr::{Facts, Operand};

/// A form's answers as expressions see them from within a row.
pub(super) struct RowScope<'a> {
    outer: &'a Scope<'a>,
    group: &'a Field,
    row: &'a Answers,
    hidden: BTreeSet<&'a str>,
}

impl<'a> RowScope<'a> {
    pub fn new(outer: &'a Scope<'a>, group: &'a Field, row: &'a Answers) -> Self {
        let with = |hidden| Self { outer, group, row, hidden };
        with(hidden(group.columns.iter(), with))
    }

    pub fn shows(&self, column: &str) -> bool {
        !self.hidden.contains(column)
    }

    /// What of the row is submitted.
    pub fn submitted(&self) -> Answers {
        let mut kept = Answers::new();
        for (key, value) in self.row.iter() {
            if self.shows(key) && !value.is_empty() {
                kept.set(key, value.clone());
            }
        }
        kept
    }

    fn column(&self, key: &str) -> Option<&Field> {
        self.group.columns.iter().find(|column| column.key == key)
    }
}

impl Facts for RowScope<'_> {
    fn operand(&self, name: &str) -> Operand<'_> {
        match self.column(name) {
            Some(column) if self.shows(name) => operand(column.kind, self.row.get(name)),
            Some(_) => Operand::Empty,
            None => self.outer.operand(name),
        }
    }

    fn birth(&self, name: &str) -> Option<Date> {
        match self.column(name) {
            Some(column) => birth_of(column, self.answer(name)?, self.outer.ctx),
            None => self.outer.birth(name),
        }
    }

    fn today(&self) -> Date {
        self.outer.ctx.today
    }
}

impl Lookup for RowScope<'_> {
    fn field(&self, key: &str) -> Option<&Field> {
        self.column(key).or_else(|| self.outer.field(key))
    }

    fn answer(&self, key: &str) -> Option<&Value> {
        match self.column(key) {
            Some(_) => self.row.get(key).filter(|value| self.shows(key) && !value.is_empty()),
            None => self.outer.answer(key),
        }
    }

    fn ctx(&self) -> &Context<'_> {
        self.outer.ctx
    }
}

/// For each row of a group the columns that are shown in it, and whether each must be answered there.
#[must_use]
pub fn columns_shown<'f>(
    form: &Form,
    group: &'f Field,
    rows: &[Answers],
    answers: &Answers,
    ctx: &Context<'_>,
) -> Vec<Vec<(&'f Field, bool)>> {
    let outer = Scope::new(form, answers, ctx);
    let of_row = |row| {
        let scope = RowScope::new(&outer, group, row);
        let shown = group.columns.iter().filter(|column| scope.shows(&column.key));
        shown.map(|column| (column, must(column, &scope))).collect()
    };
    rows.iter().map(of_row).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{context, form};
    use super::super::{Cards, required, validate, without_hidden};
    use super::*;

    /// A school is asked for of kind 1 only and if the applicant says so, its grade where there is a school.
    fn pupils() -> Form {
        form(&serde_json::json!([
            {"key": "ask", "label_zh": "问", "type": "checkbox", "source": "user"},
            {"key": "pupils", "label_zh": "学生", "type": "repeat", "source": "user", "columns": [
                {"key": "kind", "label_zh": "类", "type": "radio", "source": "user", "required": true,
                 "options": [{"value": "1", "zh": "一"}, {"value": "2", "zh": "二"}]},
                {"key": "school", "label_zh": "学校", "type": "text", "source": "user", "required": true,
                 "visible_if": "kind=='1' and ask"},
                {"key": "grade", "label_zh": "年级", "type": "text", "source": "user", "required_if": "filled(school)"},
                {"key": "again", "label_zh": "再写一次", "type": "text", "source": "user",
                 "validate": ["V_EQUAL:school"]}
            ]}
        ]))
    }

    fn answers(ask: bool, row: &serde_json::Value) -> Answers {
        serde_json::from_value(serde_json::json!({ "ask": ask, "pupils": [row] })).unwrap()
    }

    fn told(form: &Form, answers: &Answers) -> Vec<String> {
        let issues = validate(form, answers, &context(&Cards::new()));
        issues.into_iter().map(|issue| format!("{} {}", issue.rule, issue.fields.join(" "))).collect()
    }

    #[test]
    fn a_hidden_column_counts_as_empty_for_the_other_columns_of_its_row() {
        let row = |kind: &str| serde_json::json!({"kind": kind, "school": "x", "again": "y"});
        assert!(told(&pupils(), &answers(true, &row("2"))).is_empty(), "by a column");
        assert!(told(&pupils(), &answers(false, &row("1"))).is_empty(), "by a field of the form");
        assert_eq!(told(&pupils(), &answers(true, &row("1"))), ["required pupils.0.grade", "V_EQUAL pupils.0.again"]);
    }

    #[test]
    fn a_hidden_column_is_not_submitted_and_its_row_stays() {
        let submitted = |kind: &str, school: &str| {
            let given = answers(true, &serde_json::json!({"kind": kind, "school": school}));
            without_hidden(&pupils(), &given, &context(&Cards::new()))
        };
        assert!(submitted("2", "x") == answers(true, &serde_json::json!({"kind": "2"})));
        assert!(submitted("1", "x") == answers(true, &serde_json::json!({"kind": "1", "school": "x"})));
        assert!(submitted("1", " ") == answers(true, &serde_json::json!({"kind": "1"})), "an empty one neither");
        let strange = answers(true, &serde_json::json!({"strange": "x"}));
        assert!(without_hidden(&pupils(), &strange, &context(&Cards::new())) == strange, "left to be complained of");
    }

    #[test]
    fn a_page_learns_which_columns_are_shown_in_a_row_and_which_must_be_answered() {
        let form = pupils();
        let shown = |row: &serde_json::Value| -> Vec<(String, bool)> {
            let answers = answers(true, row);
            let Some(Value::Rows(rows)) = answers.get("pupils") else { panic!("no rows") };
            let group = form.field("pupils").unwrap();
            let columns = columns_shown(&form, group, &rows[..1], &answers, &context(&Cards::new())).remove(0);
            columns.into_iter().map(|(column, must)| (column.key.clone(), must)).collect()
        };
        let columns = |list: &[(&str, bool)]| -> Vec<(String, bool)> {
            list.iter().map(|(key, must)| ((*key).to_owned(), *must)).collect()
        };
        let few = columns(&[("kind", true), ("grade", false), ("again", false)]);
        assert_eq!(shown(&serde_json::json!({"kind": "2", "school": "x"})), few);
        let all = columns(&[("kind", true), ("school", true), ("grade", true), ("again", false)]);
        assert_eq!(shown(&serde_json::json!({"kind": "1", "school": "x"})), all);
    }

    #[test]
    fn a_birth_in_a_hidden_column_is_nobodys() {
        let form = form(&serde_json::json!([
            {"key": "people", "label_zh": "人", "type": "repeat", "source": "user", "columns": [
                {"key": "who", "label_zh": "谁", "type": "text", "source": "user"},
                {"key": "id_no", "label_zh": "号码", "type": "idcard_no", "source": "user", "visible_if": "filled(who)"},
                {"key": "why", "label_zh": "原因", "type": "text", "source": "user",
                 "required_if": "age(id_no, today) >= 18"}
            ]}
        ]));
        let told_of = |row: serde_json::Value| {
            let answers: Answers = serde_json::from_value(serde_json::json!({ "people": [row] })).unwrap();
            told(&form, &answers)
        };
        assert!(told_of(serde_json::json!({"id_no": "11010519491231002X"})).is_empty());
        assert_eq!(told_of(serde_json::json!({"who": "x", "id_no": "11010519491231002X"})), ["required people.0.why"]);
    }

    #[test]
    fn columns_that_hang_on_each_other_in_a_circle_come_to_an_end() {
        let form = form(&serde_json::json!([
            {"key": "group", "label_zh": "组", "type": "repeat", "source": "user", "columns": [
                {"key": "a", "label_zh": "甲", "type": "text", "source": "user", "visible_if": "not filled(b)"},
                {"key": "b", "label_zh": "乙", "type": "text", "source": "user", "visible_if": "filled(a)"}
            ]}
        ]));
        let answers: Answers = serde_json::from_value(serde_json::json!({"group": [{"a": "x", "b": "y"}]})).unwrap();
        let cards = Cards::new();
        let ctx = context(&cards);
        let _ = (validate(&form, &answers, &ctx), without_hidden(&form, &answers, &ctx));
        assert!(!required(&form, form.field("group").unwrap(), &answers, &ctx));
    }

    #[test]
    fn a_box_that_nobody_ticked_is_no_in_a_row_too_and_not_filled() {
        let form = form(&serde_json::json!([
            {"key": "group", "label_zh": "组", "type": "repeat", "source": "user", "columns": [
                {"key": "seen", "label_zh": "看过", "type": "checkbox", "source": "user"},
                {"key": "agree", "label_zh": "同意", "type": "checkbox", "source": "user"},
                {"key": "why", "label_zh": "原因", "type": "text", "source": "user", "required_if": "agree != seen"},
                {"key": "when", "label_zh": "时间", "type": "text", "source": "user", "required_if": "filled(agree)"}
            ]}
        ]));
        let told_of = |row: serde_json::Value| {
            let answers: Answers = serde_json::from_value(serde_json::json!({ "group": [row] })).unwrap();
            told(&form, &answers)
        };
        for untouched in [serde_json::json!({"seen": true}), serde_json::json!({"seen": true, "agree": false})] {
            assert_eq!(told_of(untouched), ["required group.0.why"]);
        }
        assert!(told_of(serde_json::json!({"agree": false})).is_empty());
        assert_eq!(told_of(serde_json::json!({"agree": true, "seen": true})), ["required group.0.when"]);
    }
}
