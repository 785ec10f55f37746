//! The card is put down on the idle page, before anything was chosen.

use super::journey::{Golden, Hand, Stage};
use super::submitted;
use kiosk::session::Sound;
use kiosk::view::{Page, Welcome};
use std::sync::{Arc, Mutex};

/// Puts a card down on the idle page and waits for the greeting.
fn greeted(hand: &mut Hand, demo_id: &str) -> Welcome {
    hand.until("the idle page and a hall", |view| {
        matches!(&view.page, Page::Idle(idle) if idle.card_reader) && !view.frame.offline
    });
    assert!(hand.world.knobs().insert(demo_id));
    hand.until_page("the greeting", |page| match page {
        Page::Welcome(welcome) => Some(welcome.clone()),
        _ => None,
    })
}

#[test]
fn a_card_put_down_first_is_greeted_and_serves_the_application_begun_next() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    let golden = Golden::load("XC-MZJ-03");
    let demo_id = golden.card("applicant").unwrap().to_owned();
    let welcome = greeted(&mut hand, &demo_id);
    let row =
        welcome.rows.iter().find(|row| row.id == golden.item_id).expect("what an old person likely wants").clone();
    stage.world.knobs().reader.lift();
    hand.touch(&row.title);
    hand.for_whom("self");
    assert!(matches!(hand.view().page, Page::Question(_)), "the card is not asked for again");
    hand.answer(&golden);
    hand.materials(&golden);
    hand.submit(&golden);
    submitted(&stage, &mut hand, &golden);
}

#[test]
fn it_serves_an_application_found_in_the_list_and_is_forgotten_at_the_end() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    let golden = Golden::load("XC-RSJ-02");
    greeted(&mut hand, "P01");
    hand.touch("看全部服务");
    hand.touch("办事申请");
    let row = hand.until_page("the list", |page| match page {
        Page::Services(list) => list.rows.iter().find(|row| row.id == golden.item_id).cloned(),
        _ => None,
    });
    hand.touch(&row.title);
    hand.for_whom("self");
    hand.answer(&golden);
    hand.materials(&golden);
    hand.submit(&golden);
    // The card still lies there: whoever comes next is not greeted by it.
    hand.next();
    hand.until("the farewell", |view| matches!(&view.page, Page::Farewell(farewell) if farewell.card));
    hand.next();
    hand.until("idle", |view| matches!(view.page, Page::Idle(_)));
    stage.world.knobs().reader.lift();
}

#[test]
fn tones_say_that_a_card_was_read_that_something_is_wrong_and_what_to_take() {
    let stage = Stage::new();
    let heard: Arc<Mutex<Vec<Sound>>> = Arc::default();
    let sounds = heard.clone();
    stage.world.on_sound(move |sound| sounds.lock().unwrap().push(sound));
    let mut hand = Hand::at(&stage);
    greeted(&mut hand, "P07");
    hand.touch("看全部服务");
    hand.touch("办事申请");
    hand.touch("自己交养老保险怎么参保");
    hand.for_whom("self");
    hand.until("the kind refusal", |view| matches!(view.page, Page::Message(_)));
    hand.touch("回到首页");
    hand.until("the farewell", |view| matches!(view.page, Page::Farewell(_)));
    assert_eq!(*heard.lock().unwrap(), [Sound::CardRead, Sound::Error, Sound::TakeIt]);
}

#[test]
fn a_card_lifted_early_on_the_idle_page_is_asked_for_again() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    hand.until("the idle page", |view| matches!(&view.page, Page::Idle(idle) if idle.card_reader));
    stage.world.knobs().reader.lift_mid_read();
    assert!(stage.world.knobs().insert("P01"));
    hand.until(
        "lifted early",
        |view| matches!(&view.page, Page::Card(card) if card.state == kiosk::view::CardState::LiftedTooEarly),
    );
    assert!(stage.world.knobs().insert("P01"));
    hand.until("the greeting", |view| matches!(&view.page, Page::Welcome(welcome) if welcome.name == "张*范"));
}
