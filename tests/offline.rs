//! Offline and on again: what was submitted without the hall becomes exactly one case, whoever answers in between
//! and however often the terminal dies. Store, sync and the real hall; the screen's share is in `apply`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "offline/again.rs"]
mod again;
#[path = "offline/child.rs"]
mod child;
#[path = "offline/fake_hall.rs"]
mod fake_hall;
#[path = "offline/imposters.rs"]
mod imposters;
#[path = "offline/program.rs"]
mod program;
mod rim;
mod whole;

use child::Child;
use hall::{Hall, inspect};
use jiff::SignedDuration;
use kiosk::store::SubmissionState;
use kiosk::sync::{HallAccess, SyncEvent};
use rim::{Filled, Terminal};
use whole::HallProcess;
use wire::ids::SubmissionId;

const ITEM: &str = "XC-RSJ-02";

#[test]
fn submitted_offline_and_killed_twice_it_is_exactly_one_case_with_identical_answers() {
    let folder = tempfile::tempdir().unwrap();
    let (kiosk, hall_data) = (folder.path().join("kiosk"), folder.path().join("hall"));
    let hall = rim::hall(&hall_data);
    Terminal::at(&kiosk, "007", &hall).stop();
    let address = hall.terminal_addr;
    hall.stop();

    let mut first = Child::start(&kiosk, address);
    first.wait_offline();
    let submitted = first.submit();
    first.kill();
    let mut second = Child::start(&kiosk, address);
    second.wait_offline();
    second.kill();
    assert!(inspect::cases(&hall_data).unwrap().is_empty());

    let hall = rim::hall(&hall_data);
    assert_eq!(hall.terminal_addr, address, "the hall keeps its port");
    let mut third = Child::start(&kiosk, address);
    third.wait_receipt(&submitted.id);
    third.kill();
    // Dead right after the receipt: it is not sent again.
    let terminal = Terminal::at(&kiosk, "007", &hall);
    let counts = terminal.block_on(terminal.store.counts()).unwrap();
    assert_eq!((counts.stored, counts.receipted + counts.released), (0, 1));
    terminal.stop();

    let cases = inspect::cases(&hall_data).unwrap();
    assert_eq!(cases.len(), 1, "{cases:?}");
    assert_eq!((&cases[0].submission_id, &cases[0].number), (&submitted.id, &submitted.number));
    assert_eq!(cases[0].submitted_ms, submitted.submitted_at_ms, "the terminal's time of submission stays");
    assert!(Filled::golden(ITEM).is(&inspect::open_case(&hall_data, &submitted.id).unwrap()));
    hall.stop();
}

#[test]
fn the_same_id_with_another_body_is_refused_and_shown_and_holds_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let hall = rim::hall(&folder.path().join("hall"));
    let mut first = Terminal::at(&folder.path().join("007"), "007", &hall);
    let mut second = Terminal::at(&folder.path().join("008"), "008", &hall);
    let id = SubmissionId::mint(1_795_000_000_000, rim::random());
    let original = first.submit(&Filled::golden(ITEM).with_id(id));
    first.wait_receipt(&original);

    let other = second.submit(&Filled::golden("XC-MZJ-02").with_id(id));
    let behind_it = second.submit(&Filled::golden(ITEM));
    second.wait_receipt(&behind_it);
    second.wait_for("the quarantine", |event| {
        matches!(event, SyncEvent::Quarantined { submission_id, code } if *submission_id == other.id && code == "id_conflict")
    });
    let shown = second.block_on(second.store.submissions(SubmissionState::Quarantined)).unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!((&shown[0].number, shown[0].last_error.as_deref()), (&other.number, Some("id_conflict")));

    // Between two receipts lies a heartbeat, which tells what this terminal keeps: the conflict had its alarm.
    let last = second.submit(&Filled::golden(ITEM));
    second.wait_receipt(&last);
    let alarms = inspect::alarms(&hall.data).unwrap();
    assert_eq!(alarms.iter().map(|alarm| alarm.kind.as_str()).collect::<Vec<_>>(), ["id_conflict"]);
    let cases = inspect::cases(&hall.data).unwrap();
    assert_eq!(cases.len(), 3);
    assert!(Filled::golden(ITEM).is(&inspect::open_case(&hall.data, &original.id).unwrap()), "the first one stays");
}

#[test]
fn two_terminals_on_a_copied_data_folder_lose_nothing_and_a_clerk_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("007"), folder.path().join("copy"));
    let hall = rim::hall(&folder.path().join("hall"));
    Terminal::at(&data, "007", &hall).stop();
    std::fs::create_dir(&copy).unwrap();
    for file in std::fs::read_dir(&data).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.join(file.file_name())).unwrap();
    }
    let mut terminals = [&data, &copy].map(|data| Terminal::start(data, "007", HallAccess::default()));
    let mut all = Vec::new();
    for terminal in &mut terminals {
        for _ in 0..2 {
            let one = terminal.submit(&Filled::golden(ITEM));
            terminal.wait_receipt(&one);
            all.push(one);
        }
    }
    let cases = inspect::cases(&hall.data).unwrap();
    assert_eq!(cases.len(), all.len(), "{cases:?}");
    for (one, case) in all.iter().zip(&cases) {
        assert_eq!(one.id, case.submission_id);
        assert!(Filled::golden(ITEM).is(&inspect::open_case(&hall.data, &one.id).unwrap()));
    }
    let states: Vec<_> = cases.iter().map(|case| case.state.as_str()).collect();
    assert_eq!(states, ["received", "received", "needs_clerk", "needs_clerk"], "{cases:?}");
}

#[test]
fn a_hall_killed_again_and_again_while_it_receives_makes_one_case_each() {
    let folder = tempfile::tempdir().unwrap();
    let mut hall = HallProcess::start(folder.path());
    let invited = HallAccess::configured("", &hall.invitation());
    let mut terminal = Terminal::start(&folder.path().join("007"), "007", invited);
    terminal.wait_online();
    terminal.handle.cut(true);
    terminal.wait_offline("unreachable");
    let all: Vec<_> = (0..6).map(|_| terminal.submit(&Filled::golden(ITEM))).collect();
    terminal.handle.cut(false);
    for _ in 0..4 {
        // The next upload is under way when the last one's receipt is told.
        terminal.wait_for("a receipt", |event| matches!(event, SyncEvent::Receipt { .. }));
        hall.kill();
        hall = HallProcess::start(folder.path());
    }
    terminal.wait_all_received();
    let cases = inspect::cases(&folder.path().join("hall")).unwrap();
    // One that was cut off waits while the next ones go, so that the order is not that of the submissions.
    let mut there: Vec<_> = cases.iter().map(|case| case.submission_id.clone()).collect();
    there.sort();
    assert_eq!(there, rim::ids(&all), "each once");
    for one in &all {
        assert!(Filled::golden(ITEM).is(&inspect::open_case(&folder.path().join("hall"), &one.id).unwrap()));
    }
}

#[test]
fn a_form_that_was_valid_when_submitted_becomes_a_case_after_its_day() {
    let folder = tempfile::tempdir().unwrap();
    // The hall's day is in spring; the golden answers are right in November only.
    let today = jiff::Timestamp::now();
    let submitted = rim::as_of_morning();
    let spring = submitted + SignedDuration::from_hours(24 * 120);
    let filled = Filled::golden(ITEM).submitted_at(submitted.as_millisecond());
    assert!(filled.issues_on(rim::AS_OF).is_empty(), "valid when submitted");
    let config = rim::config(&folder.path().join("hall"));
    config.clock.set_shift(spring.duration_since(today));
    let refused = filled.issues_on(spring.to_zoned(jiff::tz::TimeZone::UTC).date());
    assert!(!refused.is_empty(), "the hall would refuse it today");

    let hall = Hall::start(config).unwrap();
    let mut terminal = Terminal::at(&folder.path().join("kiosk"), "007", &hall);
    let stored = terminal.submit(&filled);
    terminal.wait_receipt(&stored);
    let cases = inspect::cases(&hall.data).unwrap();
    assert_eq!(cases.len(), 1);
    assert_eq!((cases[0].state.as_str(), cases[0].submitted_ms), ("received", submitted.as_millisecond()), "{cases:?}");
    assert!(cases[0].reasons.is_empty(), "{cases:?}");
}

#[test]
fn what_was_sealed_before_a_key_change_is_still_opened() {
    let folder = tempfile::tempdir().unwrap();
    let (kiosk, hall_data) = (folder.path().join("kiosk"), folder.path().join("hall"));
    let hall = rim::hall(&hall_data);
    let mut terminal = Terminal::at(&kiosk, "007", &hall);
    hall.stop();
    let before = terminal.submit(&Filled::golden(ITEM));
    terminal.wait_offline("unreachable");

    let hall = rim::hall(&hall_data);
    let new_key = hall.rotate_sealing_key().unwrap();
    terminal.wait_receipt(&before);
    // The list came with the heartbeat before the submission went.
    let after = terminal.submit(&Filled::golden("XC-MZJ-02"));
    terminal.wait_receipt(&after);
    let by_key = terminal.block_on(terminal.store.envelopes_by_key()).unwrap();
    assert_eq!(by_key.len(), 2, "{by_key:?}");
    assert!(by_key.iter().any(|(key, count)| *key == new_key && *count == 1), "{by_key:?}");
    assert!(Filled::golden(ITEM).is(&inspect::open_case(&hall_data, &before.id).unwrap()));
    assert!(Filled::golden("XC-MZJ-02").is(&inspect::open_case(&hall_data, &after.id).unwrap()));
}

#[test]
fn a_cut_network_is_no_more_than_a_wait() {
    let folder = tempfile::tempdir().unwrap();
    let hall = rim::hall(&folder.path().join("hall"));
    let mut terminal = Terminal::at(&folder.path().join("kiosk"), "007", &hall);
    terminal.handle.cut(true);
    let waiting = terminal.submit(&Filled::golden(ITEM));
    terminal.wait_offline("unreachable");
    assert_eq!(terminal.in_state(SubmissionState::Stored), rim::ids([&waiting]));
    terminal.handle.cut(false);
    terminal.wait_receipt(&waiting);
    assert_eq!(inspect::cases(&hall.data).unwrap().len(), 1);
}

/// Not a test: the terminal that [`Child`] starts and kills.
#[test]
#[ignore = "runs as a process of its own within another test"]
fn terminal_of_its_own() {
    child::run();
}

/// Not a test: the hall that [`whole::HallProcess`] starts and kills.
#[test]
#[ignore = "runs as a process of its own within another test"]
fn hall_of_its_own() {
    whole::hall::run();
}
