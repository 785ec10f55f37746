//! Every device, every fault, while it is idle and in the middle of its work: how the device stands then, who must
//! act, and that the same driver works again when the fault is gone. The test prints the table and compares each
//! cell with `fault_matrix/expected.txt`, which is written by hand; a cell that changes is a decision.
//! `cargo test -p drivers --test fault_matrix -- --nocapture` shows it.
#![allow(clippy::unwrap_used)]

#[path = "subjects/mod.rs"]
mod subjects;

use std::{fmt::Write, thread};
use subjects::{FAULTS, Fault, MAKERS, Outcome, PHASES, Phase, Subject, works_again};

const EXPECTED: &str = include_str!("fault_matrix/expected.txt");

/// One row: what became of a fresh device when the fault struck.
fn row(make: fn() -> Box<dyn Subject>, fault: Fault, phase: Phase) -> String {
    let mut subject = make();
    let cell = format!("{} | {fault:?} | {phase:?}", subject.name());
    if fault != Fault::Absent {
        let before = subject.work();
        assert!(before.is_fine(), "{cell}: does not work before the fault: {before:?}");
    }
    if let Err(why) = subject.strike(fault, phase) {
        return format!("{cell} | cannot be: {why}");
    }
    let outcome = match phase {
        Phase::Idle => subject.ask(),
        Phase::Busy => subject.work(),
    };
    let Outcome { state, action, said } = &outcome;
    let action = action.map_or("nobody".to_owned(), |action| format!("{action:?}"));
    let hand = subject.mend(fault);
    let recovery = match (works_again(subject.as_mut()), outcome.is_fine()) {
        (true, true) => "worked on".to_owned(),
        (true, false) => format!("works again: {hand}"),
        (false, _) => "DOES NOT WORK AGAIN".to_owned(),
    };
    format!("{cell} | {state:?} | {action} | {said} | {recovery}")
}

fn rows_of(make: fn() -> Box<dyn Subject>) -> Vec<String> {
    FAULTS.into_iter().flat_map(|fault| PHASES.map(|phase| row(make, fault, phase))).collect()
}

#[test]
fn every_fault_of_every_device_ends_as_the_table_says() {
    let devices: Vec<_> = MAKERS.iter().map(|make| thread::spawn(|| rows_of(*make))).collect();
    let rows: Vec<String> = devices.into_iter().flat_map(|device| device.join().unwrap()).collect();
    println!("device | fault | while | state | who must act | said | recovery");
    rows.iter().for_each(|row| println!("{row}"));
    let expected: Vec<&str> = EXPECTED.lines().filter(|line| !line.starts_with('#')).collect();
    let mut differences = String::new();
    for row in &rows {
        if !expected.contains(&row.as_str()) {
            let cell = row.splitn(4, " | ").take(3).collect::<Vec<_>>().join(" | ");
            let wanted = expected.iter().find(|line| line.starts_with(&cell)).unwrap_or(&"no line");
            let _ = writeln!(differences, "is       {row}\nexpected {wanted}");
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
    assert_eq!(expected.len(), rows.len(), "the table has lines for what is not there");
}
