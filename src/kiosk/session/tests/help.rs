//! Open help: how long the clock stands still, and what is hidden meanwhile (rules 8.8).

use super::*;

#[test]
fn the_clock_stands_still_while_help_is_open_but_at_most_ten_minutes() {
    let mut session = session();
    to_review(&mut session);
    act(&mut session, Action::CallStaff);
    session.handle(Event::Hall(HallEvent::CallAnswered { who: "导办员".into(), minutes: 9 }));
    seconds(&mut session, delays::HELP_S_MAX);
    assert!(matches!(session.view().cover, Some(Cover::StaffCall(StaffCall::Answered { .. }))));
    seconds(&mut session, delays::IDLE_S);
    assert!(matches!(session.view().cover, Some(Cover::Warning { .. })));
    let effects = seconds(&mut session, delays::WARNING_S);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::CloseCall)));
    assert!(matches!(session.view().page, Page::Farewell(_)));
}

#[test]
fn after_ninety_seconds_of_help_the_page_holds_nothing_of_the_person_until_it_goes_on() {
    let mut session = session();
    to_review(&mut session);
    act(&mut session, Action::Reveal(true));
    let number = card("P01").number.clone();
    assert!(format!("{:?}", session.view()).contains(&number), "held down, it is shown");
    act(&mut session, Action::CallStaff);
    seconds(&mut session, delays::MASK_AFTER_S - 1);
    assert!(!session.view().frame.masked);
    seconds(&mut session, 1);
    let view = session.view();
    assert!(view.frame.masked);
    let Page::Review(review) = &view.page else { panic!() };
    assert!(review.rows.iter().all(|row| row.value == "••••"), "{:?}", review.rows);
    let shown = format!("{view:?}");
    for mark in [number.as_str(), "张", "13800138000", "138", "示范路"] {
        assert!(!shown.contains(mark), "{mark} is still there");
    }
    act(&mut session, Action::CloseCover);
    let Page::Review(review) = session.view().page else { panic!() };
    assert!(review.rows.iter().any(|row| row.value.contains("138")), "it comes back: {:?}", review.rows);
}

#[test]
fn what_is_typed_and_chosen_is_hidden_too_and_comes_back() {
    let mut session = session();
    open(&mut session, "XC-RSJ-02");
    act(&mut session, Action::ForWhom("self".into()));
    put(&mut session, "P01");
    answer_page(&mut session, &pension());
    let before = session.view().page;
    act(&mut session, Action::CallStaff);
    seconds(&mut session, delays::MASK_AFTER_S);
    for field in question(&session).fields {
        match field.control {
            Control::Fact { value, .. } => assert_eq!(value, "••••"),
            Control::Line { text, .. } | Control::Paragraph { text, .. } => {
                assert!(text.is_empty() || text == "••••", "{text}");
            }
            Control::Buttons { choices, .. } | Control::List { choices, .. } => {
                assert!(choices.iter().all(|choice| !choice.selected));
            }
            _ => {}
        }
    }
    act(&mut session, Action::CloseCover);
    assert_eq!(session.view().page, before);
}
