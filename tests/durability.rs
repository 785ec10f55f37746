//! The power may go at any moment: crash points over the whole loop from the terminal's COMMIT to the hall's case, in
//! the store and the hall's routes as they are shipped, on a disk that keeps, drops or tears what was not synced
//! (`crash_vfs`). The same harness has to catch its mutants, or it would prove nothing.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod crash_vfs;
#[path = "durability/enrolled.rs"]
mod enrolled;
#[path = "durability/files.rs"]
mod files;
#[path = "rim/filled.rs"]
#[allow(dead_code)]
mod filled;
#[path = "durability/hall.rs"]
mod hall_side;
#[path = "durability/verdict.rs"]
mod verdict;
#[path = "durability/workload.rs"]
mod workload;

use hall_side::HallKind;
use sqlx::sqlite::SqliteSynchronous;
use verdict::{Run, Verdict, places};
use workload::Plan;

/// At least this many points in every run of the tests.
const CRASH_POINTS: usize = 2_000;

#[test]
fn no_crash_point_loses_doubles_or_tears_a_submission() {
    let run = Run::new("crash-sound", Plan::SOUND, |_, _| {});
    let places = places(&run, CRASH_POINTS, 1);
    let verdict = judge_in_parallel(&run, &places);
    println!("{verdict}");
    assert!(verdict.points >= CRASH_POINTS as u64);
    assert!(verdict.is_clean(), "{verdict}; first: {:?}", verdict.first);
}

#[test]
fn a_second_cut_while_both_start_again_does_no_more_harm() {
    let run = Run::new("crash-twice", Plan::SOUND, |_, _| {});
    let mut total = Verdict::default();
    for step in 1..=10 {
        let place = run.began + (run.log.len() - run.began) * step / 10;
        let (restart, started) = run.restart(&format!("crash-twice-{step}"), place, 4 + step as u64 * 8);
        let places = (started..=restart.log.len()).step_by(12).zip(step as u64 * 1_000..).collect::<Vec<_>>();
        total.add(restart.judge(&places, 5));
    }
    println!("a second cut: {total}");
    assert!(total.points > 50, "{total}");
    assert!(total.is_clean(), "{total}; first: {:?}", total.first);
}

#[test]
fn a_failed_fsync_never_turns_into_a_lost_submission() {
    let plan = Plan { submissions: 3, ..Plan::SOUND };
    let mut total = Verdict::default();
    for nth in 1.. {
        let mut came = false;
        let run = Run::new(&format!("crash-eio-{nth}"), plan, |disk, kiosk| disk.fail_sync(nth, kiosk));
        let failed = run.log.iter().position(|entry| matches!(entry, crash_vfs::Entry::FailedSync { .. }));
        if let Some(failed) = failed {
            came = true;
            let end = run.log.len();
            // Soon after the failure, further on, and at the end.
            let after = [1, 4, 15, 60].map(|steps| (failed + steps).min(end));
            let places = after.into_iter().chain([end]).zip(u64::from(nth) * 100..).collect::<Vec<_>>();
            total.add(run.judge(&places, u64::from(nth)));
        }
        if !came {
            break;
        }
    }
    println!("after a failed fsync: {total}");
    assert!(total.points > 100, "{total}");
    assert!(total.is_clean(), "{total}; first: {:?}", total.first);
}

#[test]
fn a_store_without_full_synchronisation_is_caught() {
    let plan = Plan { synchronous: SqliteSynchronous::Normal, ..Plan::SOUND };
    assert!(caught("crash-normal", plan).lost > 0);
}

#[test]
fn attachments_kept_as_files_without_fsync_are_caught() {
    let plan = Plan { attachment_as_file: true, ..Plan::SOUND };
    assert!(caught("crash-file", plan).torn > 0);
}

#[test]
fn a_terminal_that_acknowledges_before_its_commit_is_caught() {
    let plan = Plan { acknowledged_before_commit: true, ..Plan::SOUND };
    assert!(caught("crash-early-ack", plan).lost > 0);
}

#[test]
fn a_hall_that_acknowledges_before_its_commit_is_caught() {
    let plan = Plan { hall: HallKind::AcknowledgesBeforeCommit, ..Plan::SOUND };
    assert!(caught("crash-early-receipt", plan).lost > 0);
}

#[test]
fn a_hall_that_does_not_sync_its_chunks_is_caught() {
    let plan = Plan { hall: HallKind::DoesNotSyncChunks, ..Plan::SOUND };
    assert!(caught("crash-unsynced-chunks", plan).torn > 0);
}

#[test]
fn a_hall_that_does_not_deduplicate_is_caught() {
    let plan = Plan { hall: HallKind::DoesNotDeduplicate, ..Plan::SOUND };
    // Only a cut between the case and the receipt on the terminal makes the second one.
    assert!(caught_at(600, "crash-no-dedup", plan).doubled > 0);
}

/// Fewer points are enough to catch a mutant.
fn caught(name: &str, plan: Plan) -> Verdict {
    caught_at(120, name, plan)
}

fn caught_at(points: usize, name: &str, plan: Plan) -> Verdict {
    let run = Run::new(name, plan, |_, _| {});
    let verdict = run.judge(&places(&run, points, 7), 7);
    println!("mutant {name}: {verdict}");
    verdict
}

/// Two halves at once; each walks the log from its start.
fn judge_in_parallel(run: &Run, places: &[(usize, u64)]) -> Verdict {
    let (first, second) = places.split_at(places.len() / 2);
    std::thread::scope(|scope| {
        let second = scope.spawn(|| run.judge(second, 3));
        let mut verdict = run.judge(first, 3);
        verdict.add(second.join().unwrap());
        verdict
    })
}
