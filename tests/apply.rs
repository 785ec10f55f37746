//! Applications through the screen, by accessible labels, on a whole terminal: the golden paths of all items that
//! work offline, unusual cards and people, kind refusals. Checked at the hall: one case each, the same answers.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "apply/card_first.rs"]
mod card_first;
#[path = "apply/help.rs"]
mod help;
mod journey;
#[path = "apply/rows.rs"]
mod rows;
#[path = "apply/screen_ways.rs"]
mod screen_ways;
#[path = "apply/strange.rs"]
mod strange;

use journey::{Golden, Hand, Stage};
use kiosk::view::{CardState, Page, Slip};
use serde_json::Value;
use std::time::Duration;

/// The fifteen items with `offline_policy: queue`.
const ITEMS: [&str; 15] = [
    "XC-RSJ-02",
    "XC-YBJ-01",
    "XC-GJJ-02",
    "XC-MZJ-02",
    "XC-MZJ-03",
    "XC-WJW-01",
    "XC-GAJ-01",
    "XC-GAJ-02",
    "XC-SCJ-01",
    "XC-SCJ-02",
    "XC-SCJ-03",
    "XC-CL-01",
    "XC-SFJ-01",
    "XC-FGW-01",
    "XC-SYGS-01",
];

/// Submits, and checks slip and case.
fn submits(stage: &Stage, hand: &mut Hand, golden: &Golden) {
    let slips = stage.world.knobs().printer.slip_count();
    hand.apply(golden);
    submitted(stage, hand, golden);
    assert!(stage.world.knobs().printer.wait_for_slips(slips + 1, Duration::from_secs(120)));
}

/// Checks what was submitted: receipt, slip, one case with the same answers; then leaves.
fn submitted(stage: &Stage, hand: &mut Hand, golden: &Golden) {
    let view =
        hand.until("the slip", |view| matches!(&view.page, Page::Outcome(outcome) if outcome.slip != Slip::Printing));
    let Page::Outcome(outcome) = view.page else { unreachable!() };
    assert!(outcome.delivered, "{}: the hall's receipt did not come", golden.item_id);
    assert_eq!(outcome.slip, Slip::Printed, "{}", golden.item_id);
    let number = format!("{}-{}", outcome.number_small, outcome.number_large);
    let cases: Vec<_> =
        hall::inspect::cases(&stage.hall_folder()).unwrap().into_iter().filter(|case| case.number == number).collect();
    assert_eq!(cases.len(), 1, "{}: exactly one case", golden.item_id);
    let opened = hall::inspect::open_case(&stage.hall_folder(), &cases[0].submission_id).unwrap();
    let received = serde_json::to_value(&opened.part0.answers).unwrap();
    same_answers(&golden.item_id, &golden.answers, &received);
    hand.leave();
}

/// Submits each golden set; says all that fail, not only the first.
fn all(stage: &Stage, hand: &mut Hand, names: &[String]) {
    let mut failed = Vec::new();
    for name in names {
        let golden = Golden::load(name);
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| submits(stage, hand, &golden)));
        if done.is_err() {
            failed.push(name);
            stage.world.knobs().reader.lift();
            hand.start_terminal();
        }
    }
    assert!(failed.is_empty(), "these did not get through: {failed:?}");
}

/// What arrived is what was meant.
fn same_answers(item_id: &str, meant: &Value, received: &Value) {
    for (key, value) in meant.as_object().unwrap() {
        assert_eq!(received.get(key), Some(value), "{item_id}: {key}");
    }
    assert_eq!(received.as_object().unwrap().len(), meant.as_object().unwrap().len(), "{item_id}: nothing beside");
}

#[test]
fn the_golden_paths_of_all_fifteen_items_become_one_case_each() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    all(&stage, &mut hand, &ITEMS.map(str::to_owned));
    assert_eq!(hall::inspect::cases(&stage.hall_folder()).unwrap().len(), ITEMS.len());
}

#[test]
fn unusual_cards_names_and_people_get_through() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/golden/variants");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let names: Vec<String> = names
        .into_iter()
        .map(|name| format!("variants/{name}"))
        .filter(|name| ITEMS.contains(&Golden::load(name).item_id.as_str()))
        .collect();
    assert!(
        names.len() >= 8,
        "J, Y and I cards, a rare character, a long name, an agent, no phone, cannot sign: {names:?}"
    );
    all(&stage, &mut hand, &names);
}

#[test]
fn an_expired_card_is_turned_away_kindly() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    hand.open("XC-RSJ-02");
    hand.for_whom("self");
    assert!(stage.world.knobs().insert("P07"));
    let message = hand.until_page("the message", |page| match page {
        Page::Message(message) => Some(message.clone()),
        _ => None,
    });
    assert!(message.title.contains("过期"));
    hand.touch("回到首页");
    hand.until("idle", |view| matches!(view.page, Page::Idle(_) | Page::Farewell(_)));
}

#[test]
fn a_person_who_is_too_young_is_turned_away_with_the_rules_own_words() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    hand.open("XC-MZJ-03");
    hand.for_whom("self");
    assert!(stage.world.knobs().insert("P05"));
    let message = hand.until_page("the message", |page| match page {
        Page::Message(message) => Some(message.clone()),
        _ => None,
    });
    assert!(message.lines.iter().any(|line| line.contains("60")), "{:?}", message.lines);
}

#[test]
fn a_card_lifted_too_early_is_asked_for_again() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    hand.open("XC-RSJ-02");
    hand.for_whom("self");
    hand.until_page("the card page", |page| matches!(page, Page::Card(_)).then_some(()));
    stage.world.knobs().reader.lift_mid_read();
    assert!(stage.world.knobs().insert("P01"));
    hand.until(
        "lifted too early",
        |view| matches!(&view.page, Page::Card(card) if card.state == CardState::LiftedTooEarly),
    );
    assert!(stage.world.knobs().insert("P01"));
    hand.until("read", |view| matches!(&view.page, Page::Card(card) if matches!(card.state, CardState::Read { .. })));
}

#[test]
fn one_rule_of_each_kind_refuses_on_the_screen_and_names_its_field() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    let mut golden = Golden::load("XC-YBJ-01");
    hand.begin(&golden);
    // A required field.
    hand.next();
    let errors = |hand: &mut Hand| {
        hand.until_page("errors", |page| match page {
            Page::Question(page) => {
                let wrong: Vec<(String, String)> = page
                    .fields
                    .iter()
                    .filter(|field| !field.error.is_empty())
                    .map(|field| (field.key.clone(), field.error.clone()))
                    .collect();
                (!wrong.is_empty()).then_some(wrong)
            }
            _ => None,
        })
    };
    assert!(errors(&mut hand).iter().any(|(key, _)| key.starts_with("applicant_mobile")));
    // A value of the wrong shape.
    let right = golden.answers["applicant_mobile"].clone();
    golden.answers["applicant_mobile"] = serde_json::json!({"kind": "mobile", "value": "138001380", "name": ""});
    hand.answer_page(&golden);
    hand.next();
    assert!(errors(&mut hand).iter().any(|(_, error)| error.contains("还差 2 位")));
    golden.answers["applicant_mobile"] = right;
    hand.answer_page(&golden);
    hand.next();
}

#[test]
fn a_rule_over_several_fields_refuses_on_the_page_of_its_last_field() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    let mut golden = Golden::load("variants/branch_xc_ybj_01");
    golden.answers["end_date"] = serde_json::json!("2026-12-20");
    hand.begin(&golden);
    let refused = loop {
        hand.answer_page(&golden);
        let before = hand.view().page;
        hand.next();
        let after = hand.until("an error or the next page", |view| view.page != before).page;
        let Page::Question(page) = after else { panic!("nothing was refused") };
        let wrong: Vec<_> = page.fields.into_iter().filter(|field| !field.error.is_empty()).collect();
        if !wrong.is_empty() {
            break wrong;
        }
    };
    assert!(refused.iter().any(|field| field.key == "end_date"), "{refused:?}");
    assert!(refused.iter().all(|field| field.error.contains("180")), "{refused:?}");
}

#[test]
fn what_the_reader_garbles_is_said_and_the_next_card_is_read_without_a_restart() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    hand.open("XC-RSJ-02");
    hand.for_whom("self");
    hand.until_page("the card page", |page| matches!(page, Page::Card(_)).then_some(()));
    let reader = &stage.world.knobs().reader;
    reader.unplug();
    hand.until(
        "the reader's fault",
        |view| matches!(&view.page, Page::Card(card) if card.state == CardState::ReaderFault),
    );
    reader.replug();
    reader.garble();
    assert!(stage.world.knobs().insert("P01"));
    hand.until(
        "the card to be read",
        |view| matches!(&view.page, Page::Card(card) if matches!(card.state, CardState::Read { .. })),
    );
}

#[test]
fn without_paper_the_number_stands_on_the_screen_and_the_slip_comes_once_paper_was_put_in() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    let golden = Golden::load("XC-RSJ-02");
    stage.world.knobs().printer.paper_out(true);
    hand.open(&golden.item_id);
    let outcome = hand.apply_from_for_whom(&golden);
    assert!(!outcome.number_large.is_empty() && outcome.delivered);
    let view = hand.until(
        "what became of the slip",
        |view| matches!(&view.page, Page::Outcome(outcome) if outcome.slip != Slip::Printing),
    );
    let Page::Outcome(outcome) = view.page else { unreachable!() };
    assert!(matches!(&outcome.slip, Slip::NotPrinted(why) if why.contains("凭条纸用完了")), "{:?}", outcome.slip);
    assert_eq!(stage.world.knobs().printer.slip_count(), 0);
    assert_eq!(hall::inspect::cases(&stage.hall_folder()).unwrap().len(), 1);
    stage.world.knobs().printer.paper_out(false);
    hand.touch("再打一张");
    hand.until("the slip", |view| matches!(&view.page, Page::Outcome(outcome) if outcome.slip == Slip::Printed));
    assert_eq!(stage.world.knobs().printer.slip_count(), 1);
}

#[test]
fn with_the_network_down_it_is_stored_and_reaches_the_hall_once_afterwards() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    let golden = Golden::load("XC-MZJ-03");
    hand.until("the hall", |view| matches!(view.page, Page::Idle(_)) && !view.frame.offline);
    hand.lose_the_hall();
    hand.open_offline(&golden.item_id);
    let outcome = hand.apply_from_for_whom(&golden);
    assert!(!outcome.delivered, "no receipt, no success");
    assert!(hall::inspect::cases(&stage.hall_folder()).unwrap().is_empty());
    hand.leave();
    stage.world.stop_terminal();
    hand.start_terminal();
    let cases = || hall::inspect::cases(&stage.hall_folder()).unwrap();
    hand.until("the case at the hall", |_| !cases().is_empty());
    assert_eq!(cases().len(), 1, "exactly one case");
}
