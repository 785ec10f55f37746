//! The same with the whole program: submitted on the real screen while the hall is off, killed for good after the
//! slip, started twice, and when the hall is back there is exactly one case.

use crate::whole::{HallProcess, LOOK_EVERY, PATIENCE, Place, beside, errand, in_chromium, says};
use hall::inspect;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Instant;

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[test]
fn the_program_killed_after_the_slip_and_started_twice_brings_exactly_one_case() {
    in_chromium("the_program_killed_after_the_slip_and_started_twice_brings_exactly_one_case", async |browser| {
        let folder = tempfile::tempdir().unwrap();
        let mut hall = beside(|| HallProcess::start(folder.path()));
        let place = Place::new(folder.path(), &beside(|| hall.invitation()));
        let program = place.start();
        let page = program.page(browser).await;
        errand::asks_for_the_card(&page, browser).await;
        hall.kill();

        place.card("P04");
        page.reads(browser, "证件读好了").await;
        place.reader.lift();
        let before = now_ms();
        errand::fills_signs_and_submits(&page, browser).await;
        page.reads(browser, "已存好，还没送到大厅").await;
        page.reads(browser, "已提交，尚未受理").await;
        let submitted = before..=now_ms();
        let number = errand::number(&page, browser).await;
        assert!(beside(|| place.printer.wait_for_slips(1, PATIENCE)), "no slip came out");
        let slips = place.printer.slips();
        assert!(says(&slips[0], false), "the slip says that the hall does not have it yet");
        assert!(!says(&slips[0], true));

        program.kill();
        for _ in 0..2 {
            let again = place.start();
            let page = again.page(browser).await;
            page.sees(browser, "button", "触摸屏幕开始").await;
            again.kill();
        }
        let _program = place.start();
        let _hall = beside(|| HallProcess::start(folder.path()));
        beside(|| one_case(folder.path(), &number, submitted));
        assert_eq!(place.printer.slip_count(), 1, "no second slip by itself");
    });
}

/// Waits for the case; it is the only one and as it was typed and timed on the terminal.
fn one_case(folder: &Path, number: &str, submitted: RangeInclusive<i64>) {
    let data = folder.join("hall");
    let until = Instant::now() + PATIENCE;
    while inspect::cases(&data).unwrap().is_empty() {
        assert!(Instant::now() < until, "the case never came");
        std::thread::sleep(LOOK_EVERY);
    }
    // Were there a second one, it would come with the first: both would have waited in the same outbox.
    let cases = inspect::cases(&data).unwrap();
    assert_eq!(cases.len(), 1, "{cases:?}");
    let case = &cases[0];
    assert_eq!((case.number.as_str(), case.clock_start_by.as_str()), (number, "submitted"));
    assert!(submitted.contains(&case.submitted_ms), "{case:?} was submitted in {submitted:?}");
    assert!(case.received_ms > *submitted.end(), "{case:?}");
    let opened = inspect::open_case(&data, &case.submission_id).unwrap();
    errand::is_what_was_typed(&serde_json::to_value(&opened.part0.answers).unwrap());
}
