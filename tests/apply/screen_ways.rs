//! Other ways over the same screens: wheels instead of digits, first letters of pinyin, fields that come and go, large
//! type.

use super::journey::{Golden, Hand, Stage};
use super::{submits, submitted};
use kiosk::view::{Control, Language, Page};
use serde_json::json;

#[test]
fn dates_are_set_on_wheels_as_well_as_typed() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    let golden = Golden::load("variants/branch_xc_ybj_01");
    hand.begin(&golden);
    let mut untyped = golden.clone();
    untyped.answers["start_date"] = json!("");
    untyped.answers["end_date"] = json!("");
    hand.answer_until(&untyped, "start_date");
    hand.answer_page(&untyped);
    for key in ["start_date", "end_date"] {
        let label = hand.until_page("the field", |page| match page {
            Page::Question(page) => page.fields.iter().find(|field| field.key == key).map(|field| field.label.clone()),
            _ => None,
        });
        let wanted = golden.answers[key].as_str().unwrap().to_owned();
        hand.set_on_wheels(&label, &wanted);
        hand.until("the date", |view| match &view.page {
            Page::Question(page) => page.fields.iter().any(|field| {
                field.key == key && matches!(&field.control, Control::Line { text, .. } if *text == wanted)
            }),
            _ => false,
        });
    }
    hand.answer(&golden);
    hand.materials(&golden);
    hand.submit(&golden);
    submitted(&stage, &mut hand, &golden);
}

#[test]
fn services_and_places_are_found_by_first_letters() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    hand.until("content and a hall", |view| matches!(view.page, Page::Idle(_)) && !view.frame.offline);
    hand.touch("触摸屏幕开始");
    hand.touch("办事申请");
    hand.write("搜索事项", "lnz");
    let found = hand.until_page("what is found", |page| match page {
        Page::Services(list) if list.query == "lnz" => Some(list.rows.clone()),
        _ => None,
    });
    assert_eq!(found.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["XC-MZJ-03"]);
    hand.write("搜索事项", "");
    hand.until("all again", |view| matches!(&view.page, Page::Services(list) if list.rows.len() > 1));
    let golden = Golden::load("XC-YBJ-01");
    hand.touch("外地看病医保备案");
    hand.for_whom(&golden.for_whom);
    hand.cards(&golden);
    let mut unplaced = golden.clone();
    unplaced.answers["dest"] = json!([]);
    let label = hand.answer_until(&unplaced, "dest");
    hand.touch(&label);
    hand.write("搜索选项", "whs");
    hand.touch("武汉市");
    hand.until("the place to be chosen", |view| match &view.page {
        Page::Question(page) => page.fields.iter().any(|field| match &field.control {
            Control::List { choices, .. } => choices.iter().any(|choice| choice.value == "420100" && choice.selected),
            _ => false,
        }),
        _ => false,
    });
}

#[test]
fn conditional_fields_come_and_go_and_leave_nothing_behind() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    let golden = Golden::load("XC-YBJ-01");
    let branch = Golden::load("variants/branch_xc_ybj_01");
    let (plain, dated) = (golden.answers["record_type"].clone(), branch.answers["record_type"].clone());
    assert_ne!(plain, dated);
    hand.begin(&golden);
    // Chooses what asks for an end, gives one, and changes to what asks for none; three times.
    hand.answer_until(&golden, "record_type");
    for _ in 0..3 {
        hand.answer_page(&branch);
        hand.answer_page(&golden);
    }
    hand.answer(&golden);
    hand.materials(&golden);
    hand.submit(&golden);
    submitted(&stage, &mut hand, &golden);
}

#[test]
fn in_large_type_one_question_a_page_leads_to_the_same_case() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    hand.until("the idle page", |view| matches!(view.page, Page::Idle(_)) && !view.frame.offline);
    hand.touch("大字");
    hand.until("large type", |view| view.frame.elder);
    let golden = Golden::load("XC-MZJ-03");
    submits(&stage, &mut hand, &golden);
    hand.until("normal type again", |view| !view.frame.elder && view.frame.language == Language::Zh);
}
