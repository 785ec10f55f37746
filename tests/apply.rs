//! Applications through the screen, by accessible labels, on a whole terminal: the golden paths of all items that
//! work offline, unusual cards and people, kind refusals. Checked at the hall: one case each, the same answers.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod journey;

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
    let outcome = hand.apply(golden);
    assert!(outcome.delivered, "{}: the hall's receipt did not come", golden.item_id);
    let view =
        hand.until("the slip", |view| matches!(&view.page, Page::Outcome(outcome) if outcome.slip != Slip::Printing));
    let Page::Outcome(outcome) = view.page else { unreachable!() };
    assert_eq!(outcome.slip, Slip::Printed, "{}", golden.item_id);
    assert!(stage.world.knobs().printer.wait_for_slips(slips + 1, Duration::from_secs(20)));
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
    hand.open(&golden.item_id);
    hand.for_whom(&golden.for_whom);
    hand.cards(&golden);
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
