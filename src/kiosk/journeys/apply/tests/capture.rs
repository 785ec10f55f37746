//! What becomes of materials: which pages and requests go along, how many pages are taken, and whose card counts. An
//! application is taken straight to its materials here, without the pages before.

use crate::journeys::apply::{Apply, ForWhom, Origin, Stage};
use crate::session::tests::{CONTENT, card};
use crate::session::{Captured, Effect, Event, Filled, Moment, Surroundings};
use crate::view::{Action, Language, MaterialRow, MaterialState, Page, Picture, ReviewRow};
use jiff::civil::{date, time};
use serde_json::Value as Json;
use std::sync::Arc;
use wire::form::Answers;
use zeroize::Zeroizing;

const RESIDENCE: &str = include_str!("../../../../../tests/data/golden/XC-GAJ-01.json");
const CARE_ELSEWHERE: &str = include_str!("../../../../../tests/data/golden/XC-YBJ-01.json");
const COUPLE: &str = include_str!("../../../../../tests/data/golden/XC-WJW-01.json");
const ALLOWANCE: &str = include_str!("../../../../../tests/data/golden/XC-MZJ-02.json");
const ALLOWANCE_BY_NUMBER: &str =
    include_str!("../../../../../tests/data/golden/variants/agent_with_the_number_only.json");

/// Of the residence permit: asked for with some grounds only, and one that takes a single page.
const EMPLOYMENT: u32 = 3;
const PHOTO: u32 = 4;

/// An application whose cards are read and whose questions are answered, and what stands around it.
pub struct Begun {
    pub apply: Apply,
    pub around: Surroundings,
}

impl Begun {
    /// As `golden` says, with its materials on the screen.
    pub fn at_materials(golden: &str) -> Self {
        let golden: Json = serde_json::from_str(golden).unwrap();
        let item_id = golden["item_id"].as_str().unwrap();
        let index = CONTENT.items().iter().position(|item| item.item_id == item_id).unwrap();
        let now = Moment { date: date(2026, 11, 24), time: time(10, 0, 0, 0) };
        let around = Surroundings::at(CONTENT.clone(), "007", now);
        let mut apply = Apply::new(CONTENT.clone(), index);
        let whom = if golden["for_whom"] == "family" { ForWhom::Family } else { ForWhom::Myself };
        apply.begin_for(whom, &around);
        for role in apply.roles() {
            match golden["cards"][role.as_str()].as_str() {
                Some(demo_id) => apply.take_card(&role, card(demo_id)),
                None => apply.type_role(&role),
            }
        }
        let answers: Answers = serde_json::from_value(golden["answers"].clone()).unwrap();
        for (key, value) in answers.iter() {
            if !apply.is_from_card(key) {
                apply.answers.set(key, value.clone());
                apply.origins.insert(key.to_owned(), Origin::User);
            }
        }
        apply.open_questions(&around);
        apply.stage = Stage::Materials { error: None, waiting_for: None };
        Self { apply, around }
    }

    /// The same with everything on the screen to be checked.
    pub fn at_review(golden: &str) -> Self {
        let mut begun = Self::at_materials(golden);
        begun.apply.open_review();
        begun
    }

    /// A touch, and what is wanted then.
    pub fn act(&mut self, action: Action) -> Vec<Effect> {
        self.apply.act(action, &self.around).effects
    }

    pub fn review_row(&self, id: &str) -> ReviewRow {
        let Page::Review(page) = self.apply.page(&self.around) else { panic!("the review is not there") };
        page.rows.into_iter().find(|row| row.id == id).expect("a row")
    }

    fn material(&self, order_num: u32) -> MaterialRow {
        let Page::Materials(page) = self.apply.page(&self.around) else { panic!("the materials are not there") };
        page.rows.into_iter().find(|row| row.order_num == order_num).expect("a material")
    }

    /// A touch on 拍下来, and how many pages are wanted then.
    fn touch_capture(&mut self, order_num: u32) -> usize {
        let effects = self.act(Action::Capture(order_num));
        effects.iter().filter(|effect| matches!(effect, Effect::Capture { .. })).count()
    }

    fn page_arrives(&mut self, order_num: u32) {
        let small = Picture { width: 1, height: 1, rgb: Arc::new(vec![0; 3]) };
        let page = Some((Zeroizing::new(vec![7; 16]), "image/jpeg", small));
        self.apply.event(Event::Captured(Captured { order_num, page }), &self.around);
    }

    fn capture(&mut self, order_num: u32) {
        assert_eq!(self.touch_capture(order_num), 1, "material {order_num}");
        self.page_arrives(order_num);
    }

    /// 修改 on the review, another choice, and back.
    fn change(&mut self, field: &str, value: &str) {
        self.act(Action::Change(field.to_owned()));
        self.act(Action::Choose { field: field.to_owned(), value: value.to_owned() });
        self.act(Action::Next);
    }

    fn submit(&mut self) -> Box<Filled> {
        self.act(Action::Agree(true));
        self.act(Action::Next);
        self.act(Action::Stroke(vec![(10.0, 10.0), (200.0, 90.0), (300.0, 10.0)]));
        let submitted = |effect: Effect| match effect {
            Effect::Submit(filled) => Some(filled),
            _ => None,
        };
        self.act(Action::Next).into_iter().find_map(submitted).expect("a submission")
    }
}

/// What the attachments belong to.
fn attached(filled: &Filled) -> Vec<&str> {
    filled.attachments.iter().map(|page| page.field.as_str()).collect()
}

/// On the review, with a page each of the two materials that the residence permit needs.
fn residence() -> Begun {
    let mut begun = Begun::at_materials(RESIDENCE);
    begun.capture(2);
    begun.capture(EMPLOYMENT);
    begun.act(Action::Next);
    begun
}

#[test]
fn a_page_that_is_no_longer_asked_for_is_neither_counted_nor_submitted() {
    let mut begun = residence();
    assert_eq!(begun.review_row("materials").value, "2 页");
    begun.change("basis", "2");
    assert_eq!(begun.review_row("materials").value, "1 页");
    assert_eq!(attached(&begun.submit()), ["2", "signature"]);
    let (left, _) = begun.apply.finish();
    assert_eq!(left.pages, 2, "held until the end, and said so");
}

#[test]
fn a_page_that_is_asked_for_again_goes_along() {
    let mut begun = residence();
    begun.change("basis", "2");
    begun.change("basis", "1");
    assert_eq!(begun.review_row("materials").value, "2 页");
    assert_eq!(attached(&begun.submit()), ["2", "3", "signature"]);
}

#[test]
fn a_request_to_hand_in_later_is_submitted_only_while_its_material_is_asked_for() {
    let deferring = || {
        let mut begun = Begun::at_materials(CARE_ELSEWHERE);
        // Asked as soon as the stay is for a time only.
        begun.apply.answers.set_text("end_date", "2027-06-30");
        begun.act(Action::Defer(2));
        begun.act(Action::Next);
        begun
    };
    assert_eq!(deferring().submit().deferred, [2]);
    let mut begun = deferring();
    begun.change("record_type", "22");
    assert!(begun.submit().deferred.is_empty());
}

#[test]
fn what_is_missing_is_named_in_the_language_of_the_screen_whenever_it_changes() {
    let mut begun = Begun::at_materials(RESIDENCE);
    begun.act(Action::Next);
    let said = |begun: &Begun| match begun.apply.page(&begun.around) {
        Page::Materials(page) => page.error,
        other => panic!("the materials are not there: {other:?}"),
    };
    assert!(said(&begun).starts_with("还差："), "{}", said(&begun));
    begun.around.language = Language::En;
    let english = said(&begun);
    let named = english.strip_prefix("Still missing: ").expect("in English");
    assert!(named.starts_with(|c: char| c.is_ascii_alphanumeric()), "{english}");
}

#[test]
fn a_double_tap_takes_one_page() {
    let mut begun = Begun::at_materials(RESIDENCE);
    assert_eq!(begun.touch_capture(PHOTO), 1);
    assert_eq!(begun.touch_capture(PHOTO), 0, "one is awaited");
    begun.page_arrives(PHOTO);
    assert_eq!(begun.material(PHOTO).pages.len(), 1);
    assert_eq!(begun.touch_capture(PHOTO), 0, "there is no room for another");
    begun.act(Action::RemovePage { order_num: PHOTO, page: 0 });
    assert_eq!(begun.touch_capture(PHOTO), 1, "there is room again");
}

#[test]
fn a_page_that_arrives_when_there_is_no_room_is_dropped() {
    let mut begun = Begun::at_materials(RESIDENCE);
    begun.capture(PHOTO);
    begun.page_arrives(PHOTO);
    assert_eq!(begun.material(PHOTO).pages.len(), 1);
    assert_eq!(begun.material(PHOTO).state, MaterialState::Captured);
}

#[test]
fn an_absent_principals_card_is_not_called_read_and_keeps_nobody_from_going_on() {
    let mut begun = Begun::at_materials(ALLOWANCE_BY_NUMBER);
    assert_eq!(begun.material(1).state, MaterialState::NumberOnly);
    assert!(!begun.material(1).can_capture && !begun.material(1).can_defer);
    begun.act(Action::Defer(2));
    begun.capture(3);
    begun.capture(4);
    begun.act(Action::Next);
    assert!(matches!(begun.apply.page(&begun.around), Page::Review(_)));
}

#[test]
fn the_principals_own_card_is_called_read() {
    assert_eq!(Begun::at_materials(ALLOWANCE).material(1).state, MaterialState::FromCard);
    // Where nobody is called the applicant, the first who is asked for a card is.
    assert_eq!(Begun::at_materials(COUPLE).material(1).state, MaterialState::FromCard);
}
