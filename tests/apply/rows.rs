//! Rows that repeat, filled through the screen up to the form's limit, and names in rare characters: typed or from the
//! card, on the page and in the case just as they are.

use super::journey::{Golden, Hand, Stage};
use super::submitted;
use kiosk::printing::Fonts;
use kiosk::view::{Control, Page};
use serde_json::{Value, json};

/// The form's limit for children.
const ROWS_MAX: usize = 6;
const ADD: &str = "再加一名(现有子女)";
/// Names in characters of the basic block and of extensions A, B, E, F and G.
const NAMES: [&str; ROWS_MAX] = ["张䶮", "张㛃", "张𠮷", "张𫟼", "张𬭎", "张𰻝"];

/// So many children, of whom nobody is alike.
fn children(count: usize) -> Value {
    let child = |at: usize| {
        json!({
            "c_name": NAMES[at],
            "c_sex": if at.is_multiple_of(2) { "1" } else { "2" },
            "c_birth": format!("20{}-03-15", 19 + at),
        })
    };
    (0..count).map(child).collect()
}

/// A couple whose child is born: so many children may stand there as there are.
fn couple(count: usize) -> Golden {
    let mut golden = Golden::load("XC-WJW-01");
    golden.answers["status"] = json!("3");
    golden.answers.as_object_mut().unwrap().remove("lmp");
    golden.answers["children"] = children(count);
    golden
}

fn rows(page: &Page) -> usize {
    match page {
        Page::Question(page) => {
            page.fields.iter().filter(|field| matches!(field.control, Control::RowHead { .. })).count()
        }
        _ => 0,
    }
}

/// What stands in the line with this label.
fn in_line(hand: &mut Hand, label: &str) -> String {
    hand.element(label).accessible_value().unwrap().into()
}

#[test]
fn six_rows_are_filled_through_the_screen_and_a_seventh_is_refused() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    let golden = couple(ROWS_MAX);
    hand.begin(&golden);
    hand.answer_until(&golden, "children");
    hand.answer_page(&couple(ROWS_MAX - 1));
    // Touched twice in a hurry, before the screen could take the button away.
    let add = hand.element(ADD);
    add.invoke_accessible_default_action();
    add.invoke_accessible_default_action();
    hand.until("the sixth row", |view| rows(&view.page) >= ROWS_MAX);
    let last = &golden.answers["children"][ROWS_MAX - 1];
    hand.write("第 6 名 姓名", last["c_name"].as_str().unwrap());
    hand.touch("第 6 名 性别 女");
    hand.write("第 6 名 出生日期", last["c_birth"].as_str().unwrap());
    let page = hand.until_page("all rows filled", |page| match page {
        Page::Question(question) => {
            let field = |key: &str| question.fields.iter().find(|field| field.key == key);
            let date = field("children.5.c_birth").map(|field| field.control.clone());
            matches!(date, Some(Control::Line { text, .. }) if text == last["c_birth"].as_str().unwrap())
                .then(|| page.clone())
        }
        _ => None,
    });
    assert_eq!(rows(&page), ROWS_MAX, "not one more");
    assert!(hand.find(ADD).is_none(), "no seventh can be added: {:#?}", hand.labels());
    for (at, name) in NAMES.iter().enumerate() {
        assert_eq!(in_line(&mut hand, &format!("第 {} 名 姓名", at + 1)), *name);
    }
    hand.next();
    hand.until("the page after", |view| rows(&view.page) == 0);
    hand.answer(&golden);
    hand.materials(&golden);
    hand.submit(&golden);
    submitted(&stage, &mut hand, &golden);
}

#[test]
fn a_rare_character_stands_on_the_page_as_it_was_typed_and_as_it_is_on_the_card() {
    let fonts = Fonts::shipped().unwrap();
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    // On the card.
    let mut golden = Golden::load("variants/name_rare");
    let on_the_card = golden.answers["applicant_name"].as_str().unwrap().to_owned();
    // Typed.
    golden.answers["bank_name"] = json!("㛃𠮷𬭎银行");
    hand.begin(&golden);
    let label = hand.answer_until(&golden, "bank_name");
    hand.answer_page(&golden);
    assert_eq!(in_line(&mut hand, &label), "㛃𠮷𬭎银行");
    hand.answer(&golden);
    hand.materials(&golden);
    hand.touch("按住查看全部");
    let review = hand.until_page("everything in full", |page| match page {
        Page::Review(review) if review.revealed => Some(review.clone()),
        _ => None,
    });
    for (key, text) in [("applicant_name", &*on_the_card), ("bank_name", "㛃𠮷𬭎银行")] {
        let row = review.rows.iter().find(|row| row.id == key).unwrap();
        assert_eq!(row.value, text);
        hand.element(&format!("修改 {}", row.label));
        let line = format!(": {text}");
        assert!(hand.labels().iter().any(|label| label.ends_with(&line)), "{text}: {:#?}", hand.labels());
        assert!(text.chars().all(|c| fonts.holds(c)), "{text} cannot be drawn");
    }
    hand.submit(&golden);
    submitted(&stage, &mut hand, &golden);
}
