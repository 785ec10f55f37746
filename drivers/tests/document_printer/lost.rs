//! What is lost on the way: connections and answers at any byte, the printer's power, the terminal itself. Afterwards
//! our jobs are found by their names, nobody else's are touched, and none is left at the printer.

use super::{QUICK, accepted, printer, raster, raster_of, submit, ticket, without_create_job};
use drivers::{
    Stop,
    document_printer::{
        DocumentPrinter, JobState, Submission, SubmitFailure,
        SubmitOutcome::{Accepted, NotCertain, NotSent},
        simulator::{DocumentPrinterKnobs, Make},
    },
};
use std::io::{self, Read};

/// A name as long as the terminal's own.
const LONG_NAME: &str = "yimen-00112233445566778899aabb";

#[test]
fn a_connection_that_breaks_at_any_byte_never_makes_a_false_word() {
    let bytes = raster_of(2, 60, 40);
    for make in [Make::default(), without_create_job()] {
        for broken_pages_print in [false, true] {
            for at in (0..bytes.len() as u64 + 4000).step_by(41) {
                let make = Make { prints_broken_documents: broken_pages_print, ..make.clone() };
                let (mut printer, knobs) = printer(make);
                knobs.drop_after(at);
                let outcome = submit(&mut printer, "job-0013", &bytes);
                knobs.line(|faults| faults.cut_after_received = None);
                let came_out = knobs.print(99);
                match outcome {
                    NotSent(_) => assert_eq!((came_out, knobs.jobs_waiting()), (0, 0), "at byte {at}"),
                    Accepted(id) => {
                        assert_eq!(came_out, 2, "at byte {at}");
                        assert_eq!(printer.job(&id).unwrap().state, JobState::Completed);
                    }
                    NotCertain { document_bytes, failure: SubmitFailure::Device(_), .. } => {
                        assert!(document_bytes <= bytes.len() as u64);
                        assert!(document_bytes > 0 || came_out == 0, "at byte {at}");
                        if let Some(id) = printer.find_job("job-0013").unwrap() {
                            assert!(printer.cancel(&id).unwrap().state.has_ended(), "at byte {at}");
                        }
                        assert_eq!(knobs.jobs_waiting(), 0, "at byte {at}");
                    }
                    other => panic!("at byte {at}: {other:?}"),
                }
            }
        }
    }
}

#[test]
fn a_lost_answer_leaves_a_number_to_ask_for() {
    for make in [Make::default(), without_create_job()] {
        let (mut printer, knobs) = printer(make);
        accepted(submit(&mut printer, "job-0014", &raster(1)));
        knobs.line(|faults| faults.silent = true);
        // The questions before the document would not be answered either: only its own answer is lost.
        let bytes = raster(2);
        let (ticket, stop) = (ticket("job-0015"), Stop::new());
        knobs.line(|faults| faults.silent = false);
        let mut document = Silencing { bytes: &bytes, knobs: &knobs };
        let length = Some(bytes.len() as u64);
        let submission = Submission { ticket: &ticket, document: &mut document, length, stop: &stop, progress: None };
        let NotCertain { document_bytes, .. } = printer.submit(submission) else { panic!("it said it knew") };
        assert_eq!(document_bytes, bytes.len() as u64);
        knobs.line(|faults| faults.silent = false);
        let jobs = printer.active_jobs().unwrap();
        let ours = jobs.iter().find(|job| job.name == "job-0015").unwrap();
        assert_eq!(printer.cancel(ours).unwrap().state, JobState::Canceled);
    }
}

/// A document during which the printer falls silent.
struct Silencing<'a> {
    bytes: &'a [u8],
    knobs: &'a DocumentPrinterKnobs,
}

impl Read for Silencing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.knobs.line(|faults| faults.silent = true);
        self.bytes.read(buffer)
    }
}

#[test]
fn an_answer_that_breaks_at_any_byte_leaves_no_empty_job_at_the_printer() {
    let bytes = raster_of(1, 60, 40);
    for cuts_names_to in [None, Some(20)] {
        for at in (0..1500).step_by(29) {
            let (mut printer, knobs) = printer(Make { cuts_names_to, ..Make::default() });
            knobs.line(|faults| faults.cut_after_sent = Some(at));
            let outcome = submit(&mut printer, LONG_NAME, &bytes);
            knobs.line(|faults| faults.cut_after_sent = None);
            match outcome {
                NotSent(_) => {}
                Accepted(_) => assert_eq!(knobs.print(9), 1, "at byte {at}"),
                NotCertain { .. } => {
                    let id = printer.find_job(LONG_NAME).unwrap().unwrap();
                    printer.cancel(&id).unwrap();
                }
            }
            assert_eq!(knobs.jobs_waiting(), 0, "at byte {at}, names cut to {cuts_names_to:?}");
        }
    }
}

#[test]
fn a_job_is_found_by_its_whole_name_where_the_printer_cuts_it_and_not_where_too_little_is_left() {
    let (mut cuts_late, _knobs) = printer(Make { cuts_names_to: Some(20), ..Make::default() });
    let id = accepted(submit(&mut cuts_late, LONG_NAME, &raster(1)));
    assert_eq!(cuts_late.find_job(LONG_NAME).unwrap().as_ref(), Some(&id));
    assert_eq!(cuts_late.find_job("yimen-0011ffffffffffffffffffff").unwrap(), None, "another name of ours");
    assert_eq!(cuts_late.cancel(&id).unwrap().state, JobState::Canceled);
    let (mut cuts_early, _knobs) = printer(Make { cuts_names_to: Some(8), ..Make::default() });
    accepted(submit(&mut cuts_early, LONG_NAME, &raster(1)));
    assert_eq!(cuts_early.find_job(LONG_NAME).unwrap(), None);
}

#[test]
fn a_job_that_a_slow_printer_makes_after_we_stopped_waiting_is_never_called_not_sent() {
    let (mut printer, knobs) = printer(Make::default());
    knobs.next_job_late_by(2);
    match submit(&mut printer, LONG_NAME, &raster(1)) {
        NotCertain { job: None, document_bytes: 0, failure: SubmitFailure::Device(e) } => assert!(e.is_silence()),
        other => panic!("{other:?}"),
    }
    let id = printer.find_job(LONG_NAME).unwrap().unwrap();
    assert_eq!(printer.cancel(&id).unwrap().state, JobState::Canceled);
    assert_eq!((knobs.jobs_waiting(), knobs.print(9)), (0, 0));
}

#[test]
fn after_a_power_cut_a_number_that_is_somebody_elses_is_unknown() {
    let (mut printer, knobs) = printer(Make::default());
    let id = accepted(submit(&mut printer, "job-0019", &raster(3)));
    knobs.print(1);
    knobs.power_cycle();
    assert_eq!(printer.job(&id).unwrap().state, JobState::Unknown);
    let other = accepted(submit(&mut knobs.driver("somebody").with_timings(QUICK), "another-job-0001", &raster(1)));
    assert_eq!(other.number, id.number);
    assert_eq!(printer.job(&id).unwrap().state, JobState::Unknown);
    assert_eq!(printer.cancel(&id).unwrap().state, JobState::Unknown);
    assert!(printer.active_jobs().unwrap().is_empty());
    assert_eq!(knobs.print(9), 1);
}

#[test]
fn after_a_restart_our_jobs_are_found_again_and_nobody_elses() {
    let (mut printer, knobs) = printer(Make::default());
    accepted(submit(&mut knobs.driver("somebody").with_timings(QUICK), "another-job-0002", &raster(1)));
    let id = accepted(submit(&mut printer, "job-0020", &raster(1)));
    let mut restarted = knobs.driver("yimen-terminal").with_timings(QUICK);
    assert_eq!(restarted.active_jobs().unwrap(), std::slice::from_ref(&id));
    assert!(restarted.cancel(&id).unwrap().state.has_ended());
    assert!(restarted.active_jobs().unwrap().is_empty());
    assert_eq!(restarted.find_job("job-0020").unwrap(), Some(id), "the printer remembers how it ended");
    assert_eq!(restarted.find_job("another-job-0002").unwrap(), None);
}
