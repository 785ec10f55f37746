//! What is one person's stays that person's: another card in the same application, and the next citizen.

use super::*;

fn read(session: &mut Session, demo_id: &str) -> Vec<Effect> {
    session.handle(Event::Card(CardEvent::Read(Box::new(card(demo_id)))))
}

/// At the first question, the staff having compared P01 with the card.
fn vouched(item_id: &str) -> Session {
    let mut session = session();
    open(&mut session, item_id);
    act(&mut session, Action::ForWhom("self".into()));
    put(&mut session, "P01");
    session.handle(Event::StaffCard("S001".into()));
    assert!(matches!(session.view().page, Page::Question(_)), "{:?}", session.view().page);
    session
}

fn asks_for_staff(session: &Session) -> bool {
    matches!(session.view().page, Page::Card(crate::view::Card { state: CardState::Staff(_), .. }))
}

#[test]
fn staff_compares_again_who_puts_down_another_card() {
    let mut session = vouched("XC-GAJ-02");
    act(&mut session, Action::Change("applicant_name".into()));
    put(&mut session, "P02");
    assert!(asks_for_staff(&session), "{:?}", session.view().page);
    session.handle(Event::StaffCard("S002".into()));
    assert!(matches!(session.view().page, Page::Question(_)), "{:?}", session.view().page);
}

#[test]
fn the_same_card_once_more_needs_no_second_look() {
    let mut session = vouched("XC-GAJ-02");
    act(&mut session, Action::Change("applicant_name".into()));
    put(&mut session, "P01");
    assert!(matches!(session.view().page, Page::Question(_)), "{:?}", session.view().page);
}

#[test]
fn what_one_person_signed_is_not_submitted_for_another() {
    let mut session = session();
    to_review(&mut session);
    act(&mut session, Action::Agree(true));
    act(&mut session, Action::Next);
    act(&mut session, Action::Stroke(vec![(10.0, 10.0), (200.0, 90.0), (300.0, 10.0)]));
    act(&mut session, Action::Back);
    act(&mut session, Action::Change("applicant_name".into()));
    put(&mut session, "P02");
    let Page::Review(review) = session.view().page else { panic!("{:?}", session.view().page) };
    assert!(!review.agreed, "the other person has read nothing yet");
    act(&mut session, Action::Agree(true));
    act(&mut session, Action::Next);
    let effects = act(&mut session, Action::Next);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Submit(_))), "{effects:?}");
}

#[test]
fn the_slip_of_another_person_is_recovered_by_that_persons_card() {
    let mut session = session();
    to_review(&mut session);
    act(&mut session, Action::Change("applicant_name".into()));
    session.handle(Event::Card(CardEvent::Read(Box::new(card("P02")))));
    let effects = act(&mut session, Action::Next);
    let anew = effects.iter().any(|effect| {
        matches!(effect, Effect::PrepareSealing { id_no: Some(number), fresh: true } if **number == card("P02").number)
    });
    assert!(anew, "{effects:?}");
}

#[test]
fn what_followed_from_one_persons_card_does_not_stand_for_the_next_one() {
    let mut session = session();
    open(&mut session, "XC-MZJ-03");
    act(&mut session, Action::ForWhom("self".into()));
    put(&mut session, "P04");
    for _ in 0..20 {
        if matches!(session.view().page, Page::ForWhom(_)) {
            break;
        }
        act(&mut session, Action::Back);
    }
    act(&mut session, Action::ForWhom("family".into()));
    put(&mut session, "P01");
    act(&mut session, Action::Use(Tool::WithoutCard));
    let field = all_fields(&mut session).into_iter().find(|field| field.key == "is_local");
    let chosen = field.is_some_and(|field| match field.control {
        Control::Buttons { choices, .. } => choices.iter().any(|choice| choice.selected),
        other => panic!("{other:?}"),
    });
    assert!(!chosen, "nobody said where the absent person lives");
}

/// The fields of the first question page.
fn all_fields(session: &mut Session) -> Vec<Field> {
    question(session).fields
}

#[test]
fn a_husband_who_comes_alone_may_begin() {
    let mut session = session();
    open(&mut session, "XC-WJW-01");
    act(&mut session, Action::ForWhom("self".into()));
    put(&mut session, "P01");
    let Page::Card(page) = session.view().page else { panic!("{:?}", session.view().page) };
    assert!(page.role == "女方" && !page.other_way.is_empty(), "{page:?}");
    act(&mut session, Action::Use(Tool::WithoutCard));
    assert!(matches!(session.view().page, Page::Question(_)), "{:?}", session.view().page);
}

#[test]
fn the_holder_of_an_account_is_the_name_on_the_card_even_where_no_key_types_it() {
    let mut session = session();
    open(&mut session, "XC-MZJ-02");
    act(&mut session, Action::ForWhom("self".into()));
    let mut rare = card("P03");
    rare.name = "王\u{e000}".into();
    rare.name_unmapped = true;
    session.handle(Event::Card(CardEvent::Read(Box::new(rare))));
    act(&mut session, Action::Next);
    let Place::Journey(journey) = &session.place else { panic!() };
    let Journey::Apply(apply) = &**journey else { panic!() };
    assert_eq!(apply.answered("acct_name"), Some("王\u{e000}"));
}

#[test]
fn whoever_comes_next_does_not_get_the_last_ones_card() {
    let mut session = session();
    act(&mut session, Action::Start);
    act(&mut session, Action::OpenTile("progress".into()));
    read(&mut session, "P01");
    session.handle(Event::Lookup(LookupEvent::NotFound(LookupProblem::NoMatch)));
    act(&mut session, Action::Back);
    let effects = act(&mut session, Action::Back);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Forget)), "{effects:?}");
    let Page::Farewell(farewell) = session.view().page else { panic!("{:?}", session.view().page) };
    assert!(farewell.card, "the card still lies there");
}

#[test]
fn the_farewell_names_what_was_left_on_the_way_to_another_service() {
    let mut session = session();
    open(&mut session, "XC-RSJ-02");
    act(&mut session, Action::ForWhom("self".into()));
    read(&mut session, "P01");
    for _ in 0..4 {
        act(&mut session, Action::Back);
    }
    let Page::Farewell(farewell) = session.view().page else { panic!("{:?}", session.view().page) };
    assert!(farewell.card);
    assert!(farewell.erased.iter().any(|line| line.contains('1')), "{:?}", farewell.erased);
}

#[test]
fn nobody_goes_before_it_is_known_whether_the_slip_came_out() {
    let mut session = session();
    to_review(&mut session);
    submit(&mut session);
    session.handle(Event::Store(StoreEvent::Stored(stored())));
    session.handle(Event::Hall(HallEvent::Offline));
    assert!(matches!(session.view().page, Page::Outcome(_)), "{:?}", session.view().page);
    assert!(!session.view().frame.leave);
    act(&mut session, Action::Next);
    act(&mut session, Action::Leave);
    assert!(matches!(session.view().page, Page::Outcome(_)), "{:?}", session.view().page);
    session.handle(Event::Printed { order: 1, result: PrintResult::NotPrinted(PrintProblem::PaperOut) });
    assert!(session.view().frame.leave);
    act(&mut session, Action::Next);
    assert!(matches!(session.view().page, Page::Farewell(_)), "{:?}", session.view().page);
}

#[test]
fn a_card_lifted_too_early_three_times_calls_for_help_wherever_it_is_asked_for() {
    let calls = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::CallStaff { .. }));
    let mut applying = session();
    open(&mut applying, "XC-RSJ-02");
    act(&mut applying, Action::ForWhom("self".into()));
    let mut tracking = session();
    act(&mut tracking, Action::Start);
    act(&mut tracking, Action::OpenTile("progress".into()));
    for mut session in [applying, tracking] {
        for _ in 0..2 {
            assert!(!calls(&session.handle(Event::Card(CardEvent::LiftedTooEarly))));
        }
        assert!(calls(&session.handle(Event::Card(CardEvent::LiftedTooEarly))), "{:?}", session.view().page);
    }
}

#[test]
fn a_service_whose_pages_cannot_be_taken_here_says_which_window() {
    let mut session = session();
    let can = Capabilities { capture: false, ..session.around.can };
    session.handle(Event::Capabilities(can));
    act(&mut session, Action::Start);
    act(&mut session, Action::OpenTile("apply".into()));
    let Page::Services(services) = session.view().page else { panic!() };
    let reason = |id: &str| services.rows.iter().find(|row| row.id == id).map(|row| row.reason.clone());
    assert!(reason("XC-SCJ-01").is_some_and(|reason| reason.contains("窗口")), "{:?}", reason("XC-SCJ-01"));
    assert_eq!(reason("XC-RSJ-02").as_deref(), Some(""), "what needs no picture is offered as before");
}
