//! Cards and readers that make trouble: nobody's data stays because of them, and nothing typed is lost by them.

use super::*;

fn card_state(session: &Session) -> CardState {
    match session.view().page {
        Page::Card(page) => page.state,
        other => panic!("no card page: {other:?}"),
    }
}

fn family(session: &mut Session) {
    open(session, "XC-MZJ-02");
    act(session, Action::ForWhom("family".into()));
    put(session, "P01");
}

#[test]
fn a_broken_reader_does_not_keep_a_session_alive() {
    let mut session = session();
    family(&mut session);
    for _ in 0..delays::IDLE_S {
        session.handle(Event::Card(CardEvent::ReaderFault));
        seconds(&mut session, 1);
    }
    assert!(matches!(session.view().cover, Some(Cover::Warning { .. })));
    session.handle(Event::Card(CardEvent::ReaderFault));
    seconds(&mut session, delays::WARNING_S);
    assert!(matches!(session.view().page, Page::Farewell(_)));
}

#[test]
fn a_reader_that_answers_again_asks_for_the_card_again() {
    let mut session = session();
    open(&mut session, "XC-RSJ-02");
    act(&mut session, Action::ForWhom("self".into()));
    session.handle(Event::Card(CardEvent::ReaderFault));
    assert_eq!(card_state(&session), CardState::ReaderFault);
    session.handle(Event::Card(CardEvent::ReaderWell));
    assert_eq!(card_state(&session), CardState::Waiting);
}

#[test]
fn what_is_no_identity_card_is_called_so_and_calls_nobody() {
    let mut session = session();
    open(&mut session, "XC-RSJ-02");
    act(&mut session, Action::ForWhom("self".into()));
    for _ in 0..3 {
        let effects = session.handle(Event::Card(CardEvent::Wrong(WrongCard::NotAnIdCard)));
        assert!(matches!(&effects[..], [Effect::Sound(Sound::Error)]), "{effects:?}");
    }
    assert!(matches!(card_state(&session), CardState::WrongCard(why) if why.contains("不是身份证件")));
}

#[test]
fn a_third_card_that_cannot_be_read_calls_staff_where_the_citizen_sees_it() {
    let mut session = session();
    open(&mut session, "XC-RSJ-02");
    act(&mut session, Action::ForWhom("self".into()));
    session.handle(Event::Card(CardEvent::Unreadable));
    session.handle(Event::Card(CardEvent::Unreadable));
    let effects = session.handle(Event::Card(CardEvent::Unreadable));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::CallStaff { step } if step.contains("读卡"))));
    session.handle(Event::Hall(HallEvent::CallAnswered { who: "导办员".into(), minutes: 3 }));
    assert!(matches!(session.view().cover, Some(Cover::StaffCall(StaffCall::Answered { minutes: 3, .. }))));
    let effects = act(&mut session, Action::CloseCover);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::CloseCall)));
}

#[test]
fn a_call_that_the_network_cut_off_is_closed_at_the_hall_with_its_page() {
    let mut session = session();
    act(&mut session, Action::Start);
    act(&mut session, Action::CallStaff);
    session.handle(Event::Hall(HallEvent::Offline));
    assert!(matches!(session.view().cover, Some(Cover::StaffCall(StaffCall::Unanswered { .. }))));
    let effects = act(&mut session, Action::CloseCover);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::CloseCall)), "{effects:?}");
}

#[test]
fn an_expired_card_of_the_second_person_costs_nothing_that_was_done() {
    let mut session = session();
    family(&mut session);
    session.handle(Event::Card(CardEvent::Read(Box::new(card("P07")))));
    assert!(matches!(card_state(&session), CardState::WrongCard(why) if why.contains("过期")));
    session.handle(Event::Card(CardEvent::Read(Box::new(card("P03")))));
    assert!(matches!(card_state(&session), CardState::Read { .. }), "{:?}", card_state(&session));
}

#[test]
fn the_farewell_names_a_card_that_was_turned_away() {
    let mut session = session();
    open(&mut session, "XC-RSJ-02");
    act(&mut session, Action::ForWhom("self".into()));
    session.handle(Event::Card(CardEvent::Read(Box::new(card("P07")))));
    act(&mut session, Action::Next);
    let Page::Farewell(farewell) = session.view().page else { panic!("{:?}", session.view().page) };
    assert!(farewell.card);
}

#[test]
fn who_leaves_before_any_answer_is_told_of_none() {
    let mut session = session();
    open(&mut session, "XC-MZJ-03");
    act(&mut session, Action::Leave);
    assert!(matches!(session.view().page, Page::Idle(_)), "{:?}", session.view().page);
}

#[test]
fn back_from_a_witness_that_was_begun_by_mistake_leads_to_the_pen_again() {
    let mut session = session();
    let can = Capabilities { staff_card: true, ..session.around.can };
    session.handle(Event::Capabilities(can));
    to_review(&mut session);
    act(&mut session, Action::Agree(true));
    act(&mut session, Action::Next);
    let effects = act(&mut session, Action::Use(Tool::CannotSign));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ReadAnotherCard)));
    session.handle(Event::Card(CardEvent::LiftedTooEarly));
    let Page::Sign(sign) = session.view().page else { panic!() };
    assert!(sign.witness.is_some() && sign.error.contains("拿开"), "{sign:?}");
    let effects = act(&mut session, Action::Back);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::StopReading)));
    act(&mut session, Action::Next);
    let Page::Sign(sign) = session.view().page else { panic!() };
    assert!(sign.witness.is_none() && sign.error.is_empty(), "{sign:?}");
}

#[test]
fn who_asks_for_a_recovered_slip_and_walks_away_blocks_nobody() {
    let mut session = session();
    session.handle(Event::Store(StoreEvent::Recovered(Some(("10:42".into(), "007-00012-6".into())))));
    let effects = act(&mut session, Action::Use(Tool::RecoverSlip));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ReadCard)));
    assert!(session.view().frame.back);
    session.handle(Event::Card(CardEvent::LiftedTooEarly));
    assert_eq!(card_state(&session), CardState::LiftedTooEarly);
    seconds(&mut session, delays::IDLE_S + delays::WARNING_S);
    let Page::Idle(idle) = session.view().page else { panic!("{:?}", session.view().page) };
    assert!(idle.recovered.is_some(), "it is offered again");
}

#[test]
fn what_somebody_set_on_the_idle_page_goes_when_nobody_begins() {
    let mut session = session();
    act(&mut session, Action::SetLanguage(crate::view::Language::En));
    act(&mut session, Action::SetElder(true));
    seconds(&mut session, delays::IDLE_ELDER_S);
    assert!(!session.around.elder && !session.around.english());
}

#[test]
fn the_farewell_waits_while_staff_is_called() {
    let mut session = session();
    to_review(&mut session);
    act(&mut session, Action::LeaveConfirmed);
    act(&mut session, Action::CallStaff);
    seconds(&mut session, delays::FAREWELL_S + 1);
    assert!(matches!(session.view().page, Page::Farewell(_)));
    act(&mut session, Action::CloseCover);
    seconds(&mut session, delays::FAREWELL_S);
    assert!(matches!(session.view().page, Page::Idle(_)));
}

#[test]
fn a_card_that_was_asked_for_from_the_review_leaves_no_way_around_the_cards() {
    let mut session = session();
    to_review(&mut session);
    act(&mut session, Action::Change("edu".into()));
    act(&mut session, Action::Change("applicant_name".into()));
    assert!(matches!(session.view().page, Page::Card(_)), "{:?}", session.view().page);
    act(&mut session, Action::Back);
    assert!(matches!(session.view().page, Page::Review(_)), "{:?}", session.view().page);
    for _ in 0..20 {
        if matches!(session.view().page, Page::ForWhom(_)) {
            break;
        }
        act(&mut session, Action::Back);
    }
    act(&mut session, Action::ForWhom("self".into()));
    assert!(matches!(session.view().page, Page::Card(_)), "{:?}", session.view().page);
    act(&mut session, Action::Back);
    assert!(matches!(session.view().page, Page::ForWhom(_)), "{:?}", session.view().page);
}

#[test]
fn a_card_is_invited_again_on_the_idle_page_after_a_session_that_left_nothing() {
    let mut session = session();
    session.handle(Event::Capabilities(session.around.can));
    act(&mut session, Action::Start);
    let effects = act(&mut session, Action::Leave);
    assert!(matches!(session.view().page, Page::Idle(_)));
    let last = effects.iter().rev().find(|it| matches!(it, Effect::StopReading | Effect::ReadAnotherCard));
    assert!(matches!(last, Some(Effect::ReadAnotherCard)), "{effects:?}");
}
