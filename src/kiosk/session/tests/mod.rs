//! Transitions of the session, without I/O: events in, effects and views out.

mod guest;
mod help;
mod language;
mod persons;
mod troubles;

use super::*;
use crate::view::{CardState, Control, Field, Question, StaffCall};
use jiff::civil::{date, time};
use serde_json::{Value as Json, json};
use std::sync::LazyLock;

pub(crate) static CONTENT: LazyLock<Arc<Content>> = LazyLock::new(|| {
    let json = include_str!("../../../../assets/catalogue/catalogue.json");
    Arc::new(Content::load(json, 1).unwrap())
});

fn tuesday(hour: i8) -> Moment {
    Moment { date: date(2026, 11, 24), time: time(hour, 0, 0, 0) }
}

fn session() -> Session {
    let mut session = Session::new(CONTENT.clone(), "007", tuesday(10));
    session.handle(Event::Hall(HallEvent::Online { staff_listens: true, public_url: None }));
    session
}

/// A card of one of the catalogue's demo people.
pub(crate) fn card(demo_id: &str) -> HeldCard {
    let person = CONTENT.catalogue().demo.as_ref().unwrap().person(demo_id).unwrap().clone();
    let day = |text: &str| jiff::civil::Date::strptime("%Y%m%d", text).ok();
    HeldCard {
        kind: person.card,
        number: person.id_no.clone(),
        name_raw: person.name.encode_utf16().collect(),
        name: person.name,
        name_cut: false,
        name_unmapped: false,
        sex: person.sex,
        birth: day(&person.birth),
        address: person.address.unwrap_or_default(),
        ethnic: person.ethnic.unwrap_or_default(),
        valid_to: day(&person.valid_to),
        valid_to_text: person.valid_to,
        photo: vec![7; 16],
    }
}

fn act(session: &mut Session, action: Action) -> Vec<Effect> {
    session.handle(Event::Action(action))
}

fn seconds(session: &mut Session, count: u32) -> Vec<Effect> {
    (0..count).flat_map(|_| session.handle(Event::Second(tuesday(10)))).collect()
}

fn open(session: &mut Session, item_id: &str) {
    act(session, Action::Start);
    act(session, Action::OpenTile("apply".into()));
    act(session, Action::OpenRow(item_id.into()));
    assert!(matches!(session.view().page, Page::ForWhom(_)), "{:?}", session.view().page);
}

/// Puts a card down and goes on.
fn put(session: &mut Session, demo_id: &str) {
    session.handle(Event::Card(CardEvent::Read(Box::new(card(demo_id)))));
    match session.view().page {
        Page::Card(crate::view::Card { state: CardState::Read { .. }, .. }) => {}
        other => panic!("the card was not taken: {other:?}"),
    }
    act(session, Action::Next);
}

fn question(session: &Session) -> Question {
    match session.view().page {
        Page::Question(question) => question,
        other => panic!("no question page: {other:?}"),
    }
}

/// Answers the fields of the page from `answers` by their keys, as a finger would.
fn answer_page(session: &mut Session, answers: &Json) {
    let mut done: Vec<String> = Vec::new();
    // A choice may bring more fields up; so look again until nothing new is there.
    while let Some(field) = question(session).fields.into_iter().find(|field| !done.contains(&field.key)) {
        answer(session, &field, answers);
        done.push(field.key);
    }
}

fn answer(session: &mut Session, field: &Field, answers: &Json) {
    let (key, part) = field.key.split_once('#').unwrap_or((&field.key, ""));
    let pointer = format!("/{}", key.replace('.', "/"));
    let value = answers.pointer(&pointer).cloned().unwrap_or(Json::Null);
    let value = if part.is_empty() { value } else { value[part].clone() };
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    match &field.control {
        Control::Fact { .. } | Control::RowHead { .. } => {}
        Control::Line { .. } | Control::Paragraph { .. } => {
            act(session, Action::Edit { field: field.key.clone(), text: text(&value) });
        }
        Control::Buttons { .. } | Control::List { .. } => {
            let chosen = value.as_array().cloned().unwrap_or_else(|| vec![value]);
            for one in chosen.iter().filter(|one| one.is_string()) {
                act(session, Action::Choose { field: field.key.clone(), value: text(one) });
            }
        }
        Control::Tick { on } => {
            if value == json!(true) && !on {
                act(session, Action::Choose { field: field.key.clone(), value: String::new() });
            }
        }
        Control::AddRow { .. } => {
            let wanted = value.as_array().map_or(0, Vec::len);
            let rows = |session: &Session| {
                question(session).fields.iter().filter(|f| matches!(f.control, Control::RowHead { .. })).count()
            };
            while rows(session) < wanted {
                act(session, Action::AddRow(field.key.clone()));
            }
        }
    }
}

/// Answers every question page that comes.
fn answer_all(session: &mut Session, answers: &Json) {
    while let Page::Question(page) = session.view().page {
        answer_page(session, answers);
        act(session, Action::Next);
        if let Page::Question(next) = session.view().page {
            let stuck = next.fields.iter().map(|f| &f.key).eq(page.fields.iter().map(|f| &f.key));
            assert!(!stuck || next.errors.is_empty() && next.fields.iter().all(|f| f.error.is_empty()), "{next:?}");
        }
    }
}

fn pension() -> Json {
    json!({
        "applicant_mobile": {"kind": "mobile", "value": "13800138000"},
        "live_addr": "示例省项城市示范路1号", "edu": "20", "start_month": "202612", "base_level": "60",
        "pay_cycle": "M", "pay_mode": "1"
    })
}

fn to_review(session: &mut Session) {
    open(session, "XC-RSJ-02");
    act(session, Action::ForWhom("self".into()));
    put(session, "P01");
    answer_all(session, &pension());
    if let Page::Materials(_) = session.view().page {
        act(session, Action::Next);
    }
    assert!(matches!(session.view().page, Page::Review(_)), "{:?}", session.view().page);
}

fn submit(session: &mut Session) -> Box<Filled> {
    act(session, Action::Agree(true));
    act(session, Action::Next);
    act(session, Action::Stroke(vec![(10.0, 10.0), (200.0, 90.0), (300.0, 10.0)]));
    let effects = act(session, Action::Next);
    effects
        .into_iter()
        .find_map(|effect| match effect {
            Effect::Submit(filled) => Some(filled),
            _ => None,
        })
        .expect("a submission")
}

fn stored() -> Stored {
    Stored {
        submission_id: "0193".into(),
        number: "411681-20261124-007-00012-6".into(),
        query_code: "123456".into(),
        lookup_token: "00".repeat(16),
    }
}

#[test]
fn a_touch_opens_the_first_page_and_only_built_services_are_there() {
    let mut session = session();
    assert!(matches!(session.view().page, Page::Idle(_)));
    act(&mut session, Action::Start);
    let Page::Home(home) = session.view().page else { panic!() };
    let ids: Vec<&str> = home.tiles.iter().map(|tile| tile.id.as_str()).collect();
    assert_eq!(ids, ["apply", "guide", "progress", "notice"]);
}

#[test]
fn for_whom_comes_before_any_card() {
    let mut session = session();
    open(&mut session, "XC-RSJ-02");
    let effects = act(&mut session, Action::ForWhom("self".into()));
    assert!(matches!(effects[..], [Effect::ReadCard]));
    assert!(matches!(session.view().page, Page::Card(_)));
}

#[test]
fn a_form_is_prefilled_answered_signed_and_submitted() {
    let mut session = session();
    to_review(&mut session);
    let filled = submit(&mut session);
    assert_eq!((filled.item_id.as_str(), filled.form_id.as_str()), ("XC-RSJ-02", "F-RSJ-02"));
    assert_eq!(filled.answers.text("applicant_name"), Some("张示范"));
    assert_eq!(filled.answers.text("start_month"), Some("2026-12"));
    assert_eq!(filled.sign, Signed::Pen);
    assert!(filled.sources.contains(&("applicant_name".into(), "applicant".into())));
    assert!(filled.sources.contains(&("edu".into(), "user".into())));
    assert!(filled.attachments.iter().any(|a| a.field == "signature" && a.bytes.starts_with(b"\x89PNG")));
    assert!(matches!(session.view().page, Page::Waiting(_)));
}

#[test]
fn success_is_shown_only_after_the_receipt() {
    let mut session = session();
    to_review(&mut session);
    submit(&mut session);
    session.handle(Event::Store(StoreEvent::Stored(stored())));
    assert!(matches!(session.view().page, Page::Waiting(crate::view::Waiting::Sending)));
    let effects = session.handle(Event::Hall(HallEvent::Receipt { submission_id: "0193".into() }));
    assert!(matches!(&effects[..], [Effect::Print { what: PrintOrder::Slip(slip), .. }] if slip.delivered));
    let Page::Outcome(outcome) = session.view().page else { panic!() };
    assert!(outcome.delivered);
    assert_eq!(outcome.number_large, "007-00012-6");
}

#[test]
fn offline_the_slip_says_that_it_is_not_yet_at_the_hall() {
    let mut session = session();
    to_review(&mut session);
    session.handle(Event::Hall(HallEvent::Offline));
    submit(&mut session);
    let effects = session.handle(Event::Store(StoreEvent::Stored(stored())));
    assert!(matches!(&effects[..], [Effect::Print { what: PrintOrder::Slip(slip), .. }] if !slip.delivered));
    let Page::Outcome(outcome) = session.view().page else { panic!() };
    assert!(!outcome.delivered);
}

#[test]
fn a_receipt_of_another_submission_is_no_success() {
    let mut session = session();
    to_review(&mut session);
    submit(&mut session);
    session.handle(Event::Store(StoreEvent::Stored(stored())));
    session.handle(Event::Hall(HallEvent::Receipt { submission_id: "other".into() }));
    seconds(&mut session, delays::RECEIPT_S);
    let Page::Outcome(outcome) = session.view().page else { panic!() };
    assert!(!outcome.delivered);
}

#[test]
fn what_was_not_stored_is_said_and_nothing_typed_is_lost() {
    let mut session = session();
    to_review(&mut session);
    submit(&mut session);
    session.handle(Event::Store(StoreEvent::NotStored(StoreProblem::DiskFull)));
    assert!(matches!(session.view().page, Page::Message(_)));
    act(&mut session, Action::Next);
    let Page::Review(review) = session.view().page else { panic!() };
    assert!(review.rows.iter().any(|row| row.id == "edu"));
}

#[test]
fn what_may_be_stored_is_not_called_unsubmitted_and_is_tried_again_as_the_same_application() {
    let mut session = session();
    to_review(&mut session);
    let first = submit(&mut session);
    session.handle(Event::Store(StoreEvent::NotStored(StoreProblem::NotCertain)));
    let Page::Message(message) = session.view().page else { panic!() };
    let words = format!("{}{}", message.title, message.lines.concat());
    assert!(!words.contains("没有存下来") && !words.contains("没有提交"), "{words}");
    assert!(words.contains("可能已经") && words.contains("再试一次") && words.contains("不要到别处"), "{words}");

    // At once and as it was: what is stored already would not hold what was changed since.
    let effects = act(&mut session, Action::Next);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::PrepareSealing { .. })), "{effects:?}");
    let again = effects.into_iter().find_map(|effect| match effect {
        Effect::Submit(filled) => Some(filled),
        _ => None,
    });
    assert!(again.is_some_and(|again| again.item_id == first.item_id && again.answers == first.answers));
    session.handle(Event::Store(StoreEvent::Stored(stored())));
    assert!(matches!(session.view().page, Page::Waiting(crate::view::Waiting::Sending)));
}

#[test]
fn the_farewell_does_not_keep_quiet_about_what_may_be_stored() {
    let mut session = session();
    to_review(&mut session);
    submit(&mut session);
    session.handle(Event::Store(StoreEvent::NotStored(StoreProblem::NotCertain)));
    act(&mut session, Action::Leave);
    act(&mut session, Action::LeaveConfirmed);
    let Page::Farewell(farewell) = session.view().page else { panic!() };
    assert!(farewell.kept.contains("可能"), "{}", farewell.kept);
}

#[test]
fn what_may_be_stored_is_not_called_unsubmitted_in_english_either() {
    let mut session = session();
    to_review(&mut session);
    act(&mut session, Action::SetLanguage(crate::view::Language::En));
    submit(&mut session);
    session.handle(Event::Store(StoreEvent::NotStored(StoreProblem::NotCertain)));
    let Page::Message(message) = session.view().page else { panic!() };
    let words = format!("{} {}", message.title, message.lines.join(" "));
    assert!(words.contains("may be stored") && words.contains("do not apply a second time"), "{words}");
    assert!(!words.contains("not stored") && !words.contains("Nothing was submitted"), "{words}");
}

#[test]
fn a_wrong_answer_stays_on_its_page_with_what_to_do() {
    let mut session = session();
    open(&mut session, "XC-RSJ-02");
    act(&mut session, Action::ForWhom("self".into()));
    put(&mut session, "P01");
    let mut answers = pension();
    answers["applicant_mobile"]["value"] = json!("138001380");
    answer_page(&mut session, &answers);
    act(&mut session, Action::Next);
    let wrong = question(&session).fields.into_iter().find(|field| !field.error.is_empty()).expect("an error");
    assert!(wrong.key.starts_with("applicant_mobile"));
    assert!(wrong.error.contains("还差 2 位"), "{}", wrong.error);
}

#[test]
fn an_expired_card_is_turned_away_kindly() {
    let mut session = session();
    open(&mut session, "XC-RSJ-02");
    act(&mut session, Action::ForWhom("self".into()));
    session.handle(Event::Card(CardEvent::Read(Box::new(card("P07")))));
    let Page::Message(message) = session.view().page else { panic!() };
    assert!(message.title.contains("过期"));
}

#[test]
fn a_person_who_is_too_young_is_turned_away_with_the_rules_own_words() {
    let mut session = session();
    open(&mut session, "XC-MZJ-03");
    act(&mut session, Action::ForWhom("self".into()));
    session.handle(Event::Card(CardEvent::Read(Box::new(card("P05")))));
    let Page::Message(message) = session.view().page else { panic!("{:?}", session.view().page) };
    assert!(message.lines[0].contains("60"), "{:?}", message.lines);
}

#[test]
fn the_same_card_is_not_taken_for_another_person() {
    let mut session = session();
    open(&mut session, "XC-MZJ-02");
    act(&mut session, Action::ForWhom("family".into()));
    put(&mut session, "P02");
    session.handle(Event::Card(CardEvent::Read(Box::new(card("P02")))));
    assert!(matches!(session.view().page, Page::Card(crate::view::Card { state: CardState::WrongCard(_), .. })));
}

#[test]
fn two_quiet_minutes_and_an_unanswered_warning_erase_everything() {
    let mut session = session();
    to_review(&mut session);
    seconds(&mut session, delays::IDLE_S);
    assert!(matches!(session.view().cover, Some(Cover::Warning { seconds: 30, filling: true })));
    let effects = seconds(&mut session, delays::WARNING_S);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Forget)));
    let Page::Farewell(farewell) = session.view().page else { panic!() };
    assert!(farewell.card);
    assert!(farewell.erased.iter().any(|line| line.contains("证件信息 1 张")));
    seconds(&mut session, delays::FAREWELL_S);
    assert!(matches!(session.view().page, Page::Idle(_)));
}

#[test]
fn any_touch_extends_a_warning_and_does_nothing_else() {
    let mut session = session();
    to_review(&mut session);
    seconds(&mut session, delays::IDLE_S);
    act(&mut session, Action::Leave);
    assert!(session.view().cover.is_none());
    assert!(matches!(session.view().page, Page::Review(_)));
}

#[test]
fn leaving_a_form_is_asked_once() {
    let mut session = session();
    to_review(&mut session);
    act(&mut session, Action::Leave);
    assert!(matches!(session.view().cover, Some(Cover::LeaveAsked)));
    act(&mut session, Action::LeaveConfirmed);
    assert!(matches!(session.view().page, Page::Farewell(_)));
}

#[test]
fn a_staff_call_is_answered_or_honestly_not() {
    let mut session = session();
    act(&mut session, Action::Start);
    let effects = act(&mut session, Action::CallStaff);
    assert!(matches!(&effects[..], [Effect::CallStaff { step }] if step == "选择服务"));
    seconds(&mut session, delays::CALL_S);
    assert!(matches!(session.view().cover, Some(Cover::StaffCall(StaffCall::Unanswered { .. }))));
    act(&mut session, Action::CloseCover);
    assert!(session.view().cover.is_none());
}

#[test]
fn an_item_that_needs_a_second_factor_asks_for_the_staff_card() {
    let mut session = session();
    open(&mut session, "XC-GAJ-02");
    act(&mut session, Action::ForWhom("self".into()));
    put(&mut session, "P01");
    assert!(matches!(session.view().page, Page::Card(_)));
    session.handle(Event::StaffCard("S001".into()));
    assert!(matches!(session.view().page, Page::Question(_)));
}

#[test]
fn without_a_second_factor_the_item_says_which_window() {
    let mut session = session();
    session.handle(Event::Capabilities(Capabilities { staff_card: false, ..Capabilities::default() }));
    act(&mut session, Action::Start);
    act(&mut session, Action::OpenTile("apply".into()));
    let Page::Services(services) = session.view().page else { panic!() };
    let row = services.rows.iter().find(|row| row.id == "XC-GAJ-02").unwrap();
    assert!(row.reason.contains("窗口"));
}

#[test]
fn who_cannot_write_signs_by_card_and_witness() {
    let mut session = session();
    to_review(&mut session);
    act(&mut session, Action::Agree(true));
    act(&mut session, Action::Next);
    act(&mut session, Action::Use(Tool::CannotSign));
    session.handle(Event::Card(CardEvent::Read(Box::new(card("P02")))));
    assert!(matches!(session.view().page, Page::Sign(ref sign) if !sign.error.is_empty()));
    session.handle(Event::Card(CardEvent::Read(Box::new(card("P01")))));
    let effects = session.handle(Event::StaffCard("S001".into()));
    let filled = effects.iter().find_map(|effect| match effect {
        Effect::Submit(filled) => Some(filled),
        _ => None,
    });
    assert_eq!(filled.expect("a submission").sign, Signed::CardAndWitness { staff_no: "S001".into() });
}
