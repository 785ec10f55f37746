//! The hall's disk is lost and comes back from its second medium: the terminals see the new epoch and bring by
//! themselves what it lacks. What nobody holds any more is an alarm with a list, never silence.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "restore/program.rs"]
mod program;
mod rim;
mod whole;

use hall::{Hall, HallConfig, RunningHall, inspect};
use kiosk::store::SubmissionState;
use kiosk::sync::SyncEvent;
use rim::{Filled, Submitted, Terminal};
use std::collections::BTreeSet;
use std::path::Path;

const ITEM: &str = "XC-RSJ-02";

fn config(folder: &Path) -> HallConfig {
    let mut config = rim::config(&folder.join("hall"));
    config.backup.second_medium = folder.join("second");
    config
}

/// Everything on the hall's disk is lost; the second medium and the recovery key are not.
fn lose_the_disk(hall: RunningHall, folder: &Path) {
    let config = config(folder);
    for kept in ["recovery", "ports.json"] {
        std::fs::copy(config.data.join(kept), folder.join(kept)).unwrap();
    }
    hall.stop();
    std::fs::remove_dir_all(&config.data).unwrap();
}

fn restore(folder: &Path) -> RunningHall {
    let config = config(folder);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(hall::restore(&config, &folder.join("recovery"))).unwrap();
    // The address belongs to the hall's machine, not to its disk.
    std::fs::copy(folder.join("ports.json"), config.data.join("ports.json")).unwrap();
    Hall::start(config).unwrap()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn send(terminal: &mut Terminal) -> Submitted {
    let submitted = terminal.submit(&Filled::golden(ITEM));
    terminal.wait_receipt(&submitted);
    submitted
}

fn wait_reconciled(terminal: &mut Terminal) -> (u64, u64, Vec<String>) {
    let event = terminal.wait_for("the reconciliation", |event| matches!(event, SyncEvent::Reconciled { .. }));
    let SyncEvent::Reconciled { held, send, lost } = event else { panic!("another event") };
    (held, send, lost)
}

fn wait_released(terminal: &mut Terminal, count: u64) {
    let mut released = 0;
    while released < count {
        let event = terminal.wait_for("a release", |event| matches!(event, SyncEvent::Released { .. }));
        let SyncEvent::Released { count } = event else { panic!("another event") };
        released += count;
    }
}

/// Each is there once, and opens as what was filled in.
fn all_there_once(hall: &RunningHall, wanted: &[&Submitted]) {
    let cases = inspect::cases(&hall.data).unwrap();
    let there: Vec<&str> = cases.iter().map(|case| case.submission_id.as_str()).collect();
    assert_eq!(there.len(), wanted.len(), "{cases:?}");
    let there: BTreeSet<&str> = there.into_iter().collect();
    assert_eq!(there, wanted.iter().map(|one| one.id.as_str()).collect());
    for one in wanted {
        assert!(Filled::golden(ITEM).is(&inspect::open_case(&hall.data, &one.id).unwrap()), "{}", one.number);
    }
}

#[test]
fn every_case_is_there_once_by_the_terminals_own_doing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let hall = Hall::start(config(folder)).unwrap();
    let mut first = Terminal::at(&folder.join("007"), "007", &hall);
    let mut second = Terminal::at(&folder.join("008"), "008", &hall);
    let safe = [send(&mut first), send(&mut first)];
    let safe_of_second = send(&mut second);
    hall.backup().unwrap();
    // Receipted after the copy; the heartbeat behind each receipt brings the watermark.
    let (late, late_of_second) = (send(&mut first), send(&mut second));
    wait_released(&mut first, 2);
    wait_released(&mut second, 1);
    assert_eq!(first.in_state(SubmissionState::Released), rim::ids(&safe));
    assert_eq!(first.in_state(SubmissionState::Receipted), rim::ids([&late]), "no copy holds it, so it is kept");

    lose_the_disk(hall, folder);
    let unsent = first.submit(&Filled::golden(ITEM));
    first.wait_for("the loss", |event| matches!(event, SyncEvent::Offline { .. }));
    let hall = restore(folder);
    assert_eq!(wait_reconciled(&mut first), (2, 2, Vec::new()), "two tombstones held, both payloads wanted");
    assert_eq!(wait_reconciled(&mut second), (1, 1, Vec::new()));
    first.wait_receipt(&late);
    first.wait_receipt(&unsent);
    second.wait_receipt(&late_of_second);

    all_there_once(&hall, &[&safe[0], &safe[1], &safe_of_second, &late, &late_of_second, &unsent]);
    assert!(inspect::alarms(&hall.data).unwrap().is_empty());
    assert!(first.in_state(SubmissionState::Lost).is_empty());
    // The restored hall's copies let go what came again.
    hall.backup().unwrap();
    send(&mut first);
    wait_released(&mut first, 2);
}

#[test]
fn a_copy_older_than_the_watermark_is_an_alarm_with_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let hall = Hall::start(config(folder)).unwrap();
    let mut terminal = Terminal::at(&folder.join("007"), "007", &hall);
    let old = send(&mut terminal);
    hall.backup().unwrap();
    copy(&folder.join("second"), &folder.join("shelf"));
    let gone = send(&mut terminal);
    hall.backup().unwrap();
    let kept = send(&mut terminal);
    wait_released(&mut terminal, 2);

    lose_the_disk(hall, folder);
    std::fs::remove_dir_all(folder.join("second")).unwrap();
    copy(&folder.join("shelf"), &folder.join("second"));
    let hall = restore(folder);
    let (held, sent, lost) = wait_reconciled(&mut terminal);
    assert_eq!((held, sent, lost), (1, 1, vec![gone.number.clone()]));
    terminal.wait_receipt(&kept);
    all_there_once(&hall, &[&old, &kept]);
    assert_eq!(terminal.in_state(SubmissionState::Lost), rim::ids([&gone]));
    let alarms = inspect::alarms(&hall.data).unwrap();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert_eq!((alarms[0].kind.as_str(), &alarms[0].subject), ("lost_after_restore", &gone.id));
    assert!(alarms[0].detail.contains(&gone.number), "{alarms:?}");
}

#[test]
fn a_terminal_that_was_off_meanwhile_reconciles_when_it_starts_and_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let hall = Hall::start(config(folder)).unwrap();
    let data = folder.join("007");
    let mut terminal = Terminal::at(&data, "007", &hall);
    hall.backup().unwrap();
    let late = send(&mut terminal);
    terminal.stop();
    lose_the_disk(hall, folder);
    let hall = restore(folder);
    let mut terminal = Terminal::start(&data, "007", kiosk::sync::HallAccess::default());
    wait_reconciled(&mut terminal);
    terminal.wait_receipt(&late);
    terminal.stop();
    // A second start finds nothing to do.
    let mut terminal = Terminal::start(&data, "007", kiosk::sync::HallAccess::default());
    terminal.wait_online();
    assert_eq!(terminal.in_state(SubmissionState::Receipted), rim::ids([&late]));
    all_there_once(&hall, &[&late]);
}

#[test]
fn bytes_that_the_hall_lost_come_again_from_the_terminal_that_still_holds_them() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut when_asked = config(folder);
    when_asked.backup.every_seconds = 3600;
    let hall = Hall::start(when_asked).unwrap();
    let mut terminal = Terminal::at(&folder.join("007"), "007", &hall);
    let damaged = send(&mut terminal);
    tear_all(&folder.join("hall").join("bodies"));
    assert_eq!(hall.backup().unwrap(), 0, "the terminal holds the last copy");
    let whole = send(&mut terminal);
    terminal.wait_until("the bytes to come again", |_| hall.backup().unwrap() == 2);
    // With its receipt the terminal hears of the new watermark.
    let next = send(&mut terminal);
    wait_released(&mut terminal, 2);
    all_there_once(&hall, &[&damaged, &whole, &next]);
    assert!(inspect::alarms(&hall.data).unwrap().is_empty());
}

/// Damages each sealed chunk on the hall's disk.
fn tear_all(bodies: &Path) {
    for shelf in std::fs::read_dir(bodies).unwrap() {
        for chunk in std::fs::read_dir(shelf.unwrap().path()).unwrap() {
            std::fs::write(chunk.unwrap().path(), b"torn").unwrap();
        }
    }
}

/// Not a test: the hall that [`whole::HallProcess`] starts and kills.
#[test]
#[ignore = "runs as a process of its own within another test"]
fn hall_of_its_own() {
    whole::hall::run();
}
