//! Wrong clocks: a terminal that wakes up in 1970 or 2099, and a hall that was in 2099 once. No clock keeps a
//! terminal from its hall, one wrong answer poisons nothing, and nothing is lost meanwhile.

use crate::rim::{self, Filled, Terminal};
use hall::{Hall, inspect};
use jiff::{SignedDuration, Timestamp};
use kiosk::clock::TerminalClock;
use kiosk::store::SubmissionState;
use kiosk::sync::HallAccess;

const ITEM: &str = "XC-RSJ-02";
const MINUTE_MS: u64 = 60_000;

fn moment(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

fn is_right(ms: i64) -> bool {
    ms.abs_diff(Timestamp::now().as_millisecond()) < MINUTE_MS
}

#[test]
fn a_terminal_that_wakes_up_in_1970_or_2099_is_set_right_by_its_hall() {
    for wrong in ["1970-01-01T00:00:30Z", "2099-12-31T23:00:00Z"].map(moment) {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("kiosk");
        let hall = rim::hall(&folder.path().join("hall"));
        Terminal::at(&data, "007", &hall).stop();
        hall.stop();

        let clock = TerminalClock::new(480);
        clock.set_ms(wrong);
        let mut terminal = Terminal::start_with(&data, "007", (HallAccess::default(), clock));
        terminal.wait_offline("unreachable");
        assert!(terminal.clock.now_ms() >= wrong, "the clock never goes back by itself");
        let stored = terminal.submit(&Filled::golden(ITEM));
        let hall = rim::hall(&folder.path().join("hall"));
        terminal.wait_receipt(&stored);
        assert!(is_right(terminal.clock.now_ms()), "set right by the hall's signed time");
        let after = terminal.submit(&Filled::golden("XC-MZJ-02"));
        terminal.wait_receipt(&after);

        let cases = inspect::cases(&hall.data).unwrap();
        assert_eq!(cases.len(), 2, "{cases:?}");
        assert_eq!(cases[0].submitted_ms, stored.submitted_at_ms, "what the terminal said is kept");
        for case in &cases {
            assert!(is_right(case.clock_start_ms), "the legal clock starts at a time that can be proved: {case:?}");
            assert!(is_right(case.received_ms));
        }
        assert!(is_right(cases[1].submitted_ms));
        terminal.stop();
    }
}

#[test]
fn a_hall_that_was_in_2099_once_poisons_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("kiosk");
    let config = rim::config(&folder.path().join("hall"));
    let hall = Hall::start(config.clone()).unwrap();
    let mut terminal = Terminal::at(&data, "007", &hall);
    let before = terminal.submit(&Filled::golden(ITEM));
    terminal.wait_receipt(&before);
    hall.stop();
    terminal.nudge_offline();

    let ahead = moment("2099-06-01T00:00:00Z") - Timestamp::now().as_millisecond();
    config.clock.set_shift(SignedDuration::from_millis(ahead));
    let hall = Hall::start(config.clone()).unwrap();
    terminal.wait_offline("certificate_ended");
    let waiting = terminal.submit(&Filled::golden(ITEM));
    assert_eq!(terminal.in_state(SubmissionState::Stored), rim::ids([&waiting]));
    hall.stop();

    config.clock.set_shift(SignedDuration::ZERO);
    let hall = Hall::start(config).unwrap();
    terminal.wait_receipt(&waiting);
    assert!(is_right(terminal.clock.now_ms()), "a fresh answer moves the clock back, too");
    let floor = terminal.block_on(terminal.store.clock_floor_ms()).unwrap().unwrap();
    assert!(is_right(floor), "and the floor");
    terminal.stop();
    // Not even after a restart is anything left of 2099.
    let mut terminal = Terminal::at(&data, "007", &hall);
    let after = terminal.submit(&Filled::golden("XC-MZJ-02"));
    terminal.wait_receipt(&after);
    assert!(is_right(after.submitted_at_ms));
    let cases = inspect::cases(&hall.data).unwrap();
    assert_eq!(cases.len(), 3);
    // Nor in the days that the law counts, though the terminal trusted the hall's clock when it sealed this one.
    assert_eq!(cases[1].submitted_ms, waiting.submitted_at_ms, "what the terminal said is kept");
    assert!(!is_right(cases[1].submitted_ms), "{:?}", cases[1]);
    for case in &cases {
        assert!(is_right(case.clock_start_ms), "{case:?}");
    }
}
