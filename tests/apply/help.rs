//! Help that stays open for minutes (rules 8.8): the helper who stands before the screen finds nothing of the person
//! on it, and the session of somebody who went away ends. Seconds are told to the session as its clock tells them.

use super::journey::{Golden, Hand, Stage};
use kiosk::session::{Event, HallEvent, delays};
use kiosk::view::{Cover, Page, Staff, StaffCall, View};

/// Seconds told at once; the loop takes them as they come.
const AT_ONCE: u32 = 200;
/// Below what has passed by the session's clock, so that seconds of a slow machine do not matter.
const SLACK_S: u32 = 45;

/// Touches 找工作人员, which is there while a page of the hall listens; somebody comes.
fn calls_staff(hand: &mut Hand) {
    let listens = HallEvent::Online { staff_listens: true, public_url: None };
    hand.world.with_terminal(|terminal| terminal.inlet().send(Event::Hall(listens)));
    hand.until("a page of the hall that listens", |view| view.frame.staff == Staff::Button);
    hand.touch("找工作人员");
    hand.until("the call", |view| matches!(view.cover, Some(Cover::StaffCall(_))));
}

/// Tells the session seconds, and waits until it has taken them: by then the hall's next word is on the screen.
fn pass(hand: &mut Hand, seconds: u32, minutes: u32) {
    tell(hand, seconds);
    let word = HallEvent::CallAnswered { who: "导办员".into(), minutes };
    hand.world.with_terminal(|terminal| terminal.inlet().send(Event::Hall(word)));
    hand.until("the hall's word", |view| {
        matches!(&view.cover, Some(Cover::StaffCall(StaffCall::Answered { minutes: said, .. })) if *said == minutes)
    });
}

fn tell(hand: &mut Hand, seconds: u32) {
    assert!(seconds <= AT_ONCE);
    let now = hand.world.clock().local();
    for _ in 0..seconds {
        hand.world.with_terminal(|terminal| terminal.inlet().send(Event::Second(now)));
    }
}

/// Up to the page on which the answers of the golden set stand as they were typed.
fn typed(hand: &mut Hand, golden: &Golden) -> Page {
    hand.begin(golden);
    hand.answer_until(golden, "urgent_name");
    hand.answer_page(golden);
    hand.view().page
}

/// What the golden set tells of people, as the screen groups it.
const OF_PEOPLE: [&str; 2] = ["张示范", "139 0000 0001"];

fn stands_on_the_screen(hand: &Hand, text: &str) -> bool {
    hand.said().iter().any(|said| said.contains(text))
}

fn warned(view: &View) -> bool {
    matches!(view.cover, Some(Cover::Warning { .. }))
}

/// Stays away until the warning: 90 s, ten minutes in all, and two more.
fn away_until_the_warning(hand: &mut Hand) {
    pass(hand, delays::MASK_AFTER_S - SLACK_S, 9);
    assert!(!hand.view().frame.masked, "somebody who only waits a while still sees the page");
    pass(hand, SLACK_S, 8);
    hand.until("the mask", |view| view.frame.masked);
    for text in OF_PEOPLE {
        assert!(!stands_on_the_screen(hand, text), "{text} is still there: {:#?}", hand.said());
    }
    assert!(stands_on_the_screen(hand, "您填写的内容已先遮住"), "and why is said: {:#?}", hand.said());
    for minutes in [7, 6] {
        pass(hand, AT_ONCE, minutes);
    }
    pass(hand, delays::HELP_S_MAX - delays::MASK_AFTER_S - 2 * AT_ONCE, 5);
    pass(hand, delays::IDLE_S - SLACK_S, 4);
    assert!(!warned(&hand.view()), "it stood still for ten minutes");
    tell(hand, SLACK_S);
    hand.until("the warning", warned);
    for text in OF_PEOPLE {
        assert!(!stands_on_the_screen(hand, text), "{text} is there under the warning");
    }
}

#[test]
fn under_help_of_minutes_the_person_is_hidden_and_whoever_touches_the_warning_finds_all_as_it_was_typed() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    let golden = Golden::load("XC-MZJ-03");
    let page = typed(&mut hand, &golden);
    for text in OF_PEOPLE {
        assert!(stands_on_the_screen(&hand, text), "{text} is not there: {:#?}", hand.said());
    }
    calls_staff(&mut hand);
    away_until_the_warning(&mut hand);
    hand.touch("我还在，继续办");
    hand.until("help again", |view| matches!(view.cover, Some(Cover::StaffCall(_))));
    assert!(hand.view().frame.masked, "who touches the warning may be the helper");
    hand.touch("知道了，继续办");
    let view = hand.until("the page", |view| view.cover.is_none());
    assert_eq!(view.page, page);
    for text in OF_PEOPLE {
        assert!(stands_on_the_screen(&hand, text), "{text} did not come back: {:#?}", hand.said());
    }
}

#[test]
fn under_help_that_nobody_comes_back_to_the_session_ends_by_itself_and_is_forgotten() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    typed(&mut hand, &Golden::load("XC-MZJ-03"));
    calls_staff(&mut hand);
    away_until_the_warning(&mut hand);
    tell(&mut hand, delays::WARNING_S);
    hand.until("the farewell", |view| matches!(view.page, Page::Farewell(_)) && view.cover.is_none());
    tell(&mut hand, delays::FAREWELL_S);
    hand.until("the idle page", |view| matches!(view.page, Page::Idle(_)));
    for text in OF_PEOPLE {
        assert!(!stands_on_the_screen(&hand, text), "{text} outlived the session");
    }
}
