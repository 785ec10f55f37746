//! The clock jumps while somebody is at the terminal: the application goes through, what the terminal said of the
//! time is kept, and the legal clock starts at a time that can be proved.

use crate::journey::{Golden, Hand, Stage};

const ITEM: &str = "XC-RSJ-02";
/// Far more than a retry waits, and still the same working day.
const BACK_MS: i64 = 40 * 60 * 1000;

#[test]
fn a_clock_that_jumps_back_in_the_middle_of_an_application_costs_nothing() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    let golden = Golden::load(ITEM);
    hand.begin(&golden);
    hand.answer(&golden);
    hand.materials(&golden);
    let clock = stage.world.clock();
    clock.jump_ms(-BACK_MS);
    let before = clock.now_ms();
    let outcome = hand.submit(&golden);
    assert!(outcome.delivered, "the hall's receipt did not come");
    let said = before..=clock.now_ms();

    let cases = hall::inspect::cases(&stage.hall_folder()).unwrap();
    assert_eq!(cases.len(), 1, "{cases:?}");
    let case = &cases[0];
    assert!(said.contains(&case.submitted_ms), "what the terminal said is kept: {case:?}");
    let right = case.submitted_ms + BACK_MS;
    assert!(case.received_ms >= right && case.clock_start_ms.abs_diff(right) < 60_000, "{case:?}");
    let opened = hall::inspect::open_case(&stage.hall_folder(), &case.submission_id).unwrap();
    let received = serde_json::to_value(&opened.part0.answers).unwrap();
    for (key, value) in golden.answers.as_object().unwrap() {
        assert_eq!(received.get(key), Some(value), "{key}");
    }
    hand.leave();
}
