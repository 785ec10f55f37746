//! What every driver is held to, whatever its class: absent, silent, answering, unplugged and back, another device
//! at its address; and that it holds no wire once it was an error or the driver is gone. Over simulators always, and
//! over hardware where its URI is in the environment: `YIMEN_ID_CARD_READER`, `YIMEN_RECEIPT_PRINTER`,
//! `YIMEN_BARCODE_READER`, `YIMEN_CAMERA`, `YIMEN_INDICATOR`, `YIMEN_DOCUMENT_PRINTER`, `YIMEN_DOCUMENT_SCANNER` (a
//! receipt printer prints a test slip, a reader waits 30 s for a card or a code, document printer and scanner are only
//! asked).
#![allow(clippy::unwrap_used)]

#[path = "contract/hardware.rs"]
mod hardware;
#[path = "subjects/mod.rs"]
mod subjects;

use drivers::{DeviceState, ErrorAction};
use subjects::{Fault, MAKERS, Outcome, Phase, Subject, works_again};

/// Runs a scenario over a fresh object of every driver.
fn over_every_driver(scenario: fn(&mut dyn Subject)) {
    for make in MAKERS {
        let mut subject = make();
        println!("{}", subject.name());
        scenario(subject.as_mut());
        assert!(subject.open_wires().is_none_or(|n| n <= 1), "{}: several wires are open", subject.name());
    }
}

#[track_caller]
fn is_an_error(subject: &dyn Subject, outcome: &Outcome) {
    assert!(!outcome.is_fine(), "{}: {outcome:?}", subject.name());
    assert!(subject.open_wires().is_none_or(|n| n == 0), "{}: a wire is held after {outcome:?}", subject.name());
}

#[test]
fn a_device_that_answers_works_and_again() {
    over_every_driver(|subject| {
        for _ in 0..3 {
            assert!(subject.ask().is_fine() && subject.work().is_fine(), "{}", subject.name());
            assert!(subject.open_wires().is_none_or(|n| n == 1), "{}: the wire is kept", subject.name());
        }
    });
}

#[test]
fn an_absent_device_is_no_device_until_it_is_plugged_in() {
    over_every_driver(|subject| {
        subject.strike(Fault::Absent, Phase::Idle).unwrap();
        for outcome in [subject.ask(), subject.work(), subject.ask()] {
            is_an_error(subject, &outcome);
            assert_eq!(
                (outcome.state, outcome.action),
                (DeviceState::NoDevice, Some(ErrorAction::Maintenance)),
                "{}: {outcome:?}",
                subject.name()
            );
        }
        subject.mend(Fault::Absent);
        assert!(works_again(subject), "{}", subject.name());
    });
}

#[test]
fn a_silent_device_is_offline_and_nobody_needs_to_come() {
    over_every_driver(|subject| {
        assert!(subject.work().is_fine());
        if let Err(why) = subject.strike(Fault::Silent, Phase::Idle) {
            return println!("  cannot be: {why}");
        }
        let outcome = subject.ask();
        is_an_error(subject, &outcome);
        let expected = (DeviceState::Offline, Some(ErrorAction::Reset));
        assert_eq!((outcome.state, outcome.action), expected, "{}: {outcome:?}", subject.name());
        subject.mend(Fault::Silent);
        assert!(works_again(subject), "{}", subject.name());
    });
}

#[test]
fn a_device_that_is_unplugged_lets_its_wire_go_and_is_found_again() {
    over_every_driver(|subject| {
        for _ in 0..3 {
            assert!(subject.work().is_fine(), "{}", subject.name());
            subject.strike(Fault::Absent, Phase::Idle).unwrap();
            let outcome = subject.work();
            is_an_error(subject, &outcome);
            assert_eq!(outcome.state, DeviceState::NoDevice, "{}: {outcome:?}", subject.name());
            subject.mend(Fault::Absent);
            assert!(works_again(subject), "{}", subject.name());
        }
    });
}

#[test]
fn another_device_at_the_address_is_never_taken_for_ours() {
    over_every_driver(|subject| {
        assert!(subject.work().is_fine());
        if let Err(why) = subject.strike(Fault::WrongModel, Phase::Idle) {
            return println!("  cannot be: {why}");
        }
        for outcome in [subject.ask(), subject.work()] {
            assert!(!outcome.is_fine(), "{}: {outcome:?}", subject.name());
        }
        subject.mend(Fault::WrongModel);
        assert!(works_again(subject), "{}", subject.name());
    });
}
