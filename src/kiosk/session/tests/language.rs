//! The language changes at a touch, on whatever page: what was said in Chinese before is said in English then.

use super::*;
use crate::view::{Card, Language, Message, Slip};

/// Whether anything of it is written in Chinese. Names of people and places in the forms are; sentences are not.
fn has_han(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'))
}

/// `sentence` of the page, which was Chinese, in English now.
#[track_caller]
fn becomes_english(session: &mut Session, sentence: impl Fn(&Session) -> String) -> String {
    let before = sentence(session);
    assert!(has_han(&before), "nothing was said: {before:?}");
    act(session, Action::SetLanguage(Language::En));
    let after = sentence(session);
    assert!(!after.is_empty() && !has_han(&after), "{after:?}");
    act(session, Action::SetLanguage(Language::Zh));
    assert_eq!(sentence(session), before, "and back");
    after
}

/// All words of a message.
fn message(session: &Session) -> String {
    let Page::Message(Message { title, lines, next, .. }) = session.view().page else {
        panic!("no message: {:?}", session.view().page)
    };
    format!("{title}\n{}\n{next}", lines.join("\n"))
}

fn wrong_card(session: &Session) -> String {
    match session.view().page {
        Page::Card(Card { state: CardState::WrongCard(why), .. }) => why,
        other => panic!("no wrong card: {other:?}"),
    }
}

fn sign_error(session: &Session) -> String {
    let Page::Sign(sign) = session.view().page else { panic!("{:?}", session.view().page) };
    sign.error
}

fn read(session: &mut Session, demo_id: &str) {
    session.handle(Event::Card(CardEvent::Read(Box::new(card(demo_id)))));
}

fn for_myself(item_id: &str) -> Session {
    let mut session = session();
    open(&mut session, item_id);
    act(&mut session, Action::ForWhom("self".into()));
    session
}

#[test]
fn who_was_turned_away_reads_why_in_english() {
    let mut expired = for_myself("XC-RSJ-02");
    read(&mut expired, "P07");
    let said = becomes_english(&mut expired, message);
    assert!(said.starts_with("This card has expired"), "{said}");

    let mut too_young = for_myself("XC-MZJ-03");
    read(&mut too_young, "P05");
    let said = becomes_english(&mut too_young, message);
    assert!(said.contains("60"), "the rule's own sentence: {said}");
}

#[test]
fn what_was_not_stored_is_said_in_english() {
    let mut session = session();
    to_review(&mut session);
    submit(&mut session);
    session.handle(Event::Store(StoreEvent::NotStored(StoreProblem::NotCertain)));
    let said = becomes_english(&mut session, message);
    assert!(said.contains("do not apply a second time"), "{said}");
}

#[test]
fn a_wrong_card_of_the_second_person_is_explained_in_english() {
    let mut session = session();
    open(&mut session, "XC-MZJ-02");
    act(&mut session, Action::ForWhom("family".into()));
    put(&mut session, "P01");
    read(&mut session, "P07");
    becomes_english(&mut session, wrong_card);
    read(&mut session, "P01");
    let said = becomes_english(&mut session, wrong_card);
    assert!(said.contains("the agent") && said.contains("Person you act for"), "{said}");
    session.handle(Event::Card(CardEvent::Wrong(WrongCard::NotAnIdCard)));
    becomes_english(&mut session, wrong_card);
}

#[test]
fn what_must_be_said_about_a_name_is_said_in_english() {
    let mut session = for_myself("XC-RSJ-02");
    let mut cut = card("P01");
    (cut.name_cut, cut.name_unmapped) = (true, true);
    session.handle(Event::Card(CardEvent::Read(Box::new(cut))));
    becomes_english(&mut session, |session| match session.view().page {
        Page::Card(Card { state: CardState::Read { remark, .. }, .. }) => remark,
        other => panic!("no card was read: {other:?}"),
    });
}

#[test]
fn what_keeps_the_review_and_the_signature_from_going_on_is_said_in_english() {
    let mut session = session();
    to_review(&mut session);
    act(&mut session, Action::Next);
    becomes_english(&mut session, |session| match session.view().page {
        Page::Review(review) => review.error,
        other => panic!("no review: {other:?}"),
    });
    act(&mut session, Action::Agree(true));
    act(&mut session, Action::Next);
    act(&mut session, Action::Next);
    becomes_english(&mut session, sign_error);
    act(&mut session, Action::Use(Tool::CannotSign));
    session.handle(Event::Card(CardEvent::LiftedTooEarly));
    becomes_english(&mut session, sign_error);
}

#[test]
fn a_call_that_nobody_answered_names_the_desk_in_english() {
    let mut session = session();
    act(&mut session, Action::Start);
    act(&mut session, Action::CallStaff);
    seconds(&mut session, delays::CALL_S);
    let said = becomes_english(&mut session, |session| match session.view().cover {
        Some(Cover::StaffCall(StaffCall::Unanswered { desk })) => desk,
        other => panic!("not unanswered: {other:?}"),
    });
    assert!(said.contains("12345"), "{said}");
}

#[test]
fn why_there_is_no_slip_is_said_in_english() {
    let mut session = session();
    to_review(&mut session);
    submit(&mut session);
    session.handle(Event::Store(StoreEvent::Stored(stored())));
    session.handle(Event::Hall(HallEvent::Receipt { submission_id: "0193".into() }));
    session.handle(Event::Printed { order: 1, result: PrintResult::NotPrinted(PrintProblem::PaperOut) });
    becomes_english(&mut session, |session| match session.view().page {
        Page::Outcome(crate::view::Outcome { slip: Slip::NotPrinted(why), .. }) => why,
        other => panic!("no outcome without a slip: {other:?}"),
    });
}

#[test]
fn another_persons_card_for_a_kept_slip_is_refused_in_english() {
    let mut session = session();
    session.handle(Event::Store(StoreEvent::Recovered(Some(("10:42".into(), "007-00012-6".into())))));
    act(&mut session, Action::Use(Tool::RecoverSlip));
    read(&mut session, "P01");
    session.handle(Event::Store(StoreEvent::RecoveredSlip(None)));
    becomes_english(&mut session, message);
}

#[test]
fn what_a_notice_is_about_is_said_in_english() {
    let mut session = session();
    act(&mut session, Action::Start);
    act(&mut session, Action::OpenTile("notice".into()));
    becomes_english(&mut session, |session| match session.view().page {
        Page::Notices(notices) => notices.rows.into_iter().map(|(_, _, category)| category).collect(),
        other => panic!("no notices: {other:?}"),
    });
}
