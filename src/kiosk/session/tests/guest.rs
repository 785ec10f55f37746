//! A card put down before anything was chosen, and what is offered to old people.

use super::*;

fn put_first(session: &mut Session, demo_id: &str) -> Vec<Effect> {
    session.handle(Event::Card(CardEvent::Reading));
    session.handle(Event::Card(CardEvent::Read(Box::new(card(demo_id)))))
}

fn welcome(session: &Session) -> crate::view::Welcome {
    match session.view().page {
        Page::Welcome(welcome) => welcome,
        other => panic!("no greeting: {other:?}"),
    }
}

fn wants_reader(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::ReadAnotherCard))
}

#[test]
fn the_reader_is_wanted_only_where_a_page_invites_a_card() {
    let mut session = Session::new(CONTENT.clone(), "007", tuesday(10));
    assert!(wants_reader(&session.handle(Event::Hall(HallEvent::Online { staff_listens: true, public_url: None }))));
    let Page::Idle(idle) = session.view().page else { panic!() };
    assert!(idle.card_reader, "the page says that one may");
    assert!(act(&mut session, Action::Start).is_empty(), "the first page still wants it");
    let effects = act(&mut session, Action::OpenTile("guide".into()));
    assert!(matches!(effects[..], [Effect::StopReading]));
    assert!(wants_reader(&act(&mut session, Action::Back)), "back on the first page");
}

#[test]
fn a_card_on_the_idle_page_greets_by_masked_name_and_shows_what_is_likely() {
    let mut session = session();
    session.handle(Event::Card(CardEvent::Reading));
    assert!(matches!(session.view().page, Page::Card(crate::view::Card { state: CardState::Reading, .. })));
    let effects = session.handle(Event::Card(CardEvent::Read(Box::new(card("P04")))));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Sound(Sound::CardRead))));
    let page = welcome(&session);
    assert_eq!(page.name, "赵*试");
    assert_eq!(page.rows[0].id, "XC-MZJ-03", "an old person's card first: {:?}", page.rows);
    assert!(page.rows.iter().all(|row| row.id != "XC-MZJ-02"), "nobody of 66 is offered the allowance of 80");
    assert!((2..=4).contains(&page.rows.len()));
    assert!(!format!("{:?}", session.view()).contains(&card("P04").number));
}

#[test]
fn the_application_begun_next_uses_that_card_without_asking_again() {
    let mut session = session();
    put_first(&mut session, "P04");
    act(&mut session, Action::OpenRow("XC-MZJ-03".into()));
    act(&mut session, Action::ForWhom("self".into()));
    let page = question(&session);
    assert!(page.fields.iter().any(|field| matches!(&field.control, Control::Fact { value, .. } if value == "赵*试")));
    act(&mut session, Action::Leave);
    act(&mut session, Action::LeaveConfirmed);
    let Page::Farewell(farewell) = session.view().page else { panic!() };
    assert!(farewell.card && farewell.erased.iter().any(|line| line.contains("证件信息 1 张")), "{farewell:?}");
}

#[test]
fn it_serves_an_application_chosen_from_the_list_and_again_after_going_back() {
    let mut session = session();
    put_first(&mut session, "P01");
    act(&mut session, Action::Next);
    let Page::Home(home) = session.view().page else { panic!() };
    assert_eq!((home.guest.as_str(), home.card_reader), ("张*范", false));
    act(&mut session, Action::OpenTile("apply".into()));
    act(&mut session, Action::OpenRow("XC-RSJ-02".into()));
    for _ in 0..2 {
        act(&mut session, Action::ForWhom("self".into()));
        question(&session);
        act(&mut session, Action::Back);
        assert!(matches!(session.view().page, Page::ForWhom(_)));
    }
}

#[test]
fn for_somebody_else_every_card_is_asked_for_as_ever() {
    let mut session = session();
    put_first(&mut session, "P04");
    act(&mut session, Action::OpenRow("XC-MZJ-03".into()));
    let effects = act(&mut session, Action::ForWhom("family".into()));
    assert!(matches!(effects[..], [Effect::ReadCard]));
    assert!(matches!(session.view().page, Page::Card(_)));
}

#[test]
fn a_husband_is_not_taken_for_the_wife() {
    let mut session = session();
    put_first(&mut session, "P01");
    act(&mut session, Action::Next);
    act(&mut session, Action::OpenTile("apply".into()));
    act(&mut session, Action::OpenRow("XC-WJW-01".into()));
    let effects = act(&mut session, Action::ForWhom("self".into()));
    assert!(wants_reader(&effects), "another card than the one that lies there");
    let Page::Card(page) = session.view().page else { panic!() };
    assert_eq!(page.role, "女方");
}

#[test]
fn an_expired_card_is_greeted_with_what_to_do_and_turned_away_from_an_application() {
    let mut session = session();
    put_first(&mut session, "P07");
    let page = welcome(&session);
    assert!(page.remark.contains("过期") && page.rows.is_empty());
    act(&mut session, Action::Next);
    act(&mut session, Action::OpenTile("apply".into()));
    act(&mut session, Action::OpenRow("XC-RSJ-02".into()));
    act(&mut session, Action::ForWhom("self".into()));
    let Page::Message(message) = session.view().page else { panic!() };
    assert!(message.title.contains("过期"));
}

#[test]
fn who_is_too_young_is_turned_away_with_the_rules_own_words_as_with_a_card_put_down_later() {
    let mut session = session();
    put_first(&mut session, "P05");
    act(&mut session, Action::Next);
    act(&mut session, Action::OpenTile("apply".into()));
    act(&mut session, Action::OpenRow("XC-MZJ-03".into()));
    act(&mut session, Action::ForWhom("self".into()));
    let Page::Message(message) = session.view().page else { panic!() };
    assert!(message.lines[0].contains("60"), "{:?}", message.lines);
}

#[test]
fn who_walks_away_after_the_greeting_is_forgotten_and_reminded_of_the_card() {
    let mut session = session();
    put_first(&mut session, "P01");
    seconds(&mut session, delays::IDLE_S);
    assert!(matches!(session.view().cover, Some(Cover::Warning { .. })));
    let effects = seconds(&mut session, delays::WARNING_S);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Forget)));
    let Page::Farewell(farewell) = session.view().page else { panic!("{:?}", session.view().page) };
    assert!(farewell.card);
    let effects = seconds(&mut session, delays::FAREWELL_S);
    assert!(wants_reader(&effects) && matches!(session.view().page, Page::Idle(_)));
    act(&mut session, Action::Start);
    let Page::Home(home) = session.view().page else { panic!() };
    assert!(home.guest.is_empty(), "nothing of the last citizen");
}

#[test]
fn the_first_page_takes_a_card_too_and_leaving_it_says_goodbye() {
    let mut session = session();
    act(&mut session, Action::Start);
    put_first(&mut session, "P01");
    assert_eq!(welcome(&session).name, "张*范");
    act(&mut session, Action::Back);
    assert!(session.view().frame.leave);
    act(&mut session, Action::Leave);
    assert!(matches!(session.view().page, Page::Farewell(_)));
}

#[test]
fn a_card_lifted_early_or_unreadable_is_said_and_tried_again() {
    let mut session = session();
    session.handle(Event::Card(CardEvent::Reading));
    let effects = session.handle(Event::Card(CardEvent::LiftedTooEarly));
    assert!(matches!(effects[..], [Effect::Sound(Sound::Error)]), "the reader stays wanted: {effects:?}");
    session.handle(Event::Card(CardEvent::Unreadable));
    let state = |session: &Session| match session.view().page {
        Page::Card(page) => page.state,
        other => panic!("{other:?}"),
    };
    assert_eq!(state(&session), CardState::Unreadable { attempts: 2 }, "with the one lifted early");
    session.handle(Event::Card(CardEvent::ReaderFault));
    assert_eq!(state(&session), CardState::ReaderFault);
    assert!(wants_reader(&act(&mut session, Action::Use(Tool::TryAgain))));
    put_first(&mut session, "P01");
    welcome(&session);
}

#[test]
fn a_reader_in_trouble_disturbs_nobody_who_put_no_card_down() {
    let mut session = session();
    session.handle(Event::Card(CardEvent::ReaderFault));
    assert!(matches!(session.view().page, Page::Idle(_)));
}

#[test]
fn large_type_and_staff_are_offered_from_65_on_once_and_kindly() {
    let mut young = session();
    put_first(&mut young, "P01");
    assert!(!welcome(&young).large_type);
    let mut old = session();
    put_first(&mut old, "P04");
    assert!(welcome(&old).large_type);
    act(&mut old, Action::SetElder(true));
    assert!(!welcome(&old).large_type, "taken up");
    act(&mut old, Action::SetElder(false));
    act(&mut old, Action::OpenRow("XC-MZJ-03".into()));
    act(&mut old, Action::ForWhom("family".into()));
    old.handle(Event::Card(CardEvent::Read(Box::new(card("P03")))));
    let Page::Card(page) = old.view().page else { panic!() };
    assert!(!page.large_type, "once a session is enough");
}

#[test]
fn who_puts_the_card_down_only_when_asked_is_offered_it_there() {
    let mut session = session();
    open(&mut session, "XC-MZJ-03");
    act(&mut session, Action::ForWhom("self".into()));
    session.handle(Event::Card(CardEvent::Read(Box::new(card("P04")))));
    let Page::Card(page) = session.view().page else { panic!() };
    assert!(page.large_type);
    act(&mut session, Action::Back);
    act(&mut session, Action::ForWhom("self".into()));
    session.handle(Event::Card(CardEvent::Read(Box::new(card("P04")))));
    let Page::Card(page) = session.view().page else { panic!() };
    assert!(!page.large_type);
}
