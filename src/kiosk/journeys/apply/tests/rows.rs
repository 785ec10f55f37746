//! Rows of a repeat group as the pages show them: which columns, and which of them may be left empty.

use super::*;
use crate::content::Content;
use crate::session::Moment;
use jiff::civil::{date, time};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// An application for the registration of births, whose children have a school if they are of an age for it, and
/// then a grade.
fn asking_for_schools(row: &Json) -> (Apply, Surroundings) {
    let mut catalogue: Json =
        serde_json::from_str(include_str!("../../../../../assets/catalogue/catalogue.json")).unwrap();
    let items = catalogue["items"].as_array_mut().unwrap();
    let index = items.iter().position(|item| item["item_id"] == "XC-WJW-01").unwrap();
    let sections = items[index]["form"]["sections"].as_array_mut().unwrap();
    let mut fields = sections.iter_mut().flat_map(|section| section["fields"].as_array_mut().unwrap());
    fields.find(|field| field["key"] == "children").unwrap()["columns"] = json!([
        {"key": "kind", "label_zh": "年龄", "type": "text", "source": "user"},
        {"key": "school", "label_zh": "学校", "type": "text", "source": "user", "visible_if": "kind=='1'"},
        {"key": "grade", "label_zh": "年级", "type": "text", "source": "user", "required_if": "filled(school)"}
    ]);
    let content = Arc::new(Content::load(&catalogue.to_string(), 1).unwrap());
    let now = Moment { date: date(2026, 11, 24), time: time(10, 0, 0, 0) };
    let around = Surroundings::at(content.clone(), "007", now);
    let mut apply = Apply::new(content, index);
    apply.answers = serde_json::from_value(json!({ "children": [row] })).unwrap();
    (apply, around)
}

/// Key of each field in the row, and whether it may be left empty.
fn shown(row: &Json) -> Vec<(String, bool)> {
    let (apply, around) = asking_for_schools(row);
    let mut fields = Vec::new();
    apply.add_rows(apply.item().form.field("children").unwrap(), &[], &around, &mut fields);
    let columns = fields.into_iter().filter_map(|field| {
        let column = field.key.strip_prefix("children.0.")?.to_owned();
        Some((column, field.optional))
    });
    columns.collect()
}

#[test]
fn a_column_that_is_hidden_in_its_row_is_shown_neither_to_be_filled_nor_for_review() {
    let row = |kind: &str| json!({"kind": kind, "school": "x"});
    let listed = |row: &Json| shown(row).into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(listed(&row("2")), ["kind", "grade"]);
    assert_eq!(listed(&row("1")), ["kind", "school", "grade"]);
    let reviewed = |row: &Json| {
        let (apply, around) = asking_for_schools(row);
        apply.shown_value(apply.item().form.field("children").unwrap(), true, &around)
    };
    assert_eq!(reviewed(&row("2")), "第 1 名\n年龄：2");
    assert_eq!(reviewed(&row("1")), "第 1 名\n年龄：1\n学校：x");
}

#[test]
fn a_column_that_must_be_answered_in_its_row_is_not_called_optional() {
    let grade_is_optional = |row: Json| shown(&row).into_iter().any(|column| column == ("grade".to_owned(), true));
    assert!(!grade_is_optional(json!({"kind": "1", "school": "x"})));
    assert!(grade_is_optional(json!({"kind": "1"})));
    assert!(grade_is_optional(json!({"kind": "2", "school": "x"})), "a school that is hidden is none");
}
