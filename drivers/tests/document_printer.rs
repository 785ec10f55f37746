//! The IPP driver against the simulated printer. The rule behind all of it: what the driver calls not sent never
//! comes out, what it calls accepted is with the printer whole, and all else is said to be not certain.
#![allow(clippy::unwrap_used, clippy::panic)]

use drivers::{
    DeviceErrorKind, PaperSupply, Stop,
    document_printer::{
        ColorMode, DocumentFormat, DocumentPrinter, IppPrinter, IppTimings, JobId, JobState, JobTicket, PrinterState,
        Sides, Submission, SubmitFailure,
        SubmitOutcome::{self, Accepted, NotCertain, NotSent},
        SubmitProgress, Trouble,
        pwg::{ColorSpace, Raster, RasterFormat, RasterPage},
        simulator::{DocumentPrinterKnobs, Make, Pace, in_memory, on_tcp},
    },
};
use std::io::{self, Read};
use zeroize::Zeroizing;

#[path = "document_printer/lost.rs"]
mod lost;

/// Short times, so that what never comes is soon given up.
const QUICK: IppTimings = IppTimings { answer_ms: 30, still_look_ms: 5, still_ms: 20, busy_look_ms: 0, busy_looks: 5 };

fn printer(make: Make) -> (IppPrinter, DocumentPrinterKnobs) {
    let (printer, knobs) = in_memory(make);
    (printer.with_timings(QUICK), knobs)
}

fn without_create_job() -> Make {
    Make { creates_jobs: false, ..Make::default() }
}

/// A raster of so many pages, larger than any buffer on the way.
fn raster(pages: u32) -> Vec<u8> {
    raster_of(pages, 200, 300)
}

fn raster_of(pages: u32, width: u32, height: u32) -> Vec<u8> {
    let format = RasterFormat {
        dpi: 300,
        sides: Sides::OneSided,
        media: "iso_a4_210x297mm".into(),
        sheet_back: Default::default(),
        total_pages: pages,
    };
    let page = |number: u32| {
        let dots = (0..width * height).map(|at| (at.wrapping_mul(number + 7) >> 3) as u8).collect();
        Ok(RasterPage { width, height, color: ColorSpace::Gray, dots: Zeroizing::new(dots) })
    };
    let mut bytes = Vec::new();
    Raster::new(format, (0..pages).map(page)).read_to_end(&mut bytes).unwrap();
    bytes
}

fn ticket(name: &str) -> JobTicket {
    JobTicket::a4(name, DocumentFormat::PwgRaster)
}

fn submit(printer: &mut IppPrinter, name: &str, bytes: &[u8]) -> SubmitOutcome {
    let (ticket, stop) = (ticket(name), Stop::new());
    let length = Some(bytes.len() as u64);
    printer.submit(Submission { ticket: &ticket, document: &mut &*bytes, length, stop: &stop, progress: None })
}

fn accepted(outcome: SubmitOutcome) -> JobId {
    match outcome {
        Accepted(id) => id,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_document_arrives_as_it_is_and_its_pages_are_counted_as_they_come_out() {
    for make in [Make::default(), without_create_job()] {
        let (mut printer, knobs) = printer(make);
        let bytes = raster(3);
        let id = accepted(submit(&mut printer, "job-0001", &bytes));
        assert_eq!(knobs.documents()[0].bytes, bytes);
        for done in 0..3 {
            let report = printer.job(&id).unwrap();
            assert_eq!((report.state, report.impressions_completed), (JobState::Processing, Some(done)));
            assert_eq!(printer.status().unwrap().state, PrinterState::Processing);
            assert_eq!(knobs.print(1), 1);
        }
        let report = printer.job(&id).unwrap();
        assert_eq!((report.state, report.impressions_completed), (JobState::Completed, Some(3)));
        assert_eq!(report.sheets_completed, Some(3));
        assert!(printer.active_jobs().unwrap().is_empty());
    }
}

#[test]
fn a_document_of_unknown_length_goes_out_in_chunks() {
    let (mut printer, knobs) = printer(Make::default());
    let (bytes, ticket, stop) = (raster(2), ticket("job-0002"), Stop::new());
    let mut sent = Vec::new();
    let mut progress = |p: SubmitProgress| {
        if let SubmitProgress::Sending(bytes) = p {
            sent.push(bytes);
        }
    };
    let submission = Submission {
        ticket: &ticket,
        document: &mut bytes.as_slice(),
        length: None,
        stop: &stop,
        progress: Some(&mut progress),
    };
    accepted(printer.submit(submission));
    assert_eq!(knobs.documents()[0].bytes, bytes);
    assert!(sent.is_sorted() && *sent.last().unwrap() == bytes.len() as u64, "{sent:?}");
}

#[test]
fn capabilities_say_formats_sides_paper_and_its_edges() {
    let (mut printer, _) = printer(Make { color: false, ..Make::default() });
    let can = printer.capabilities().unwrap();
    assert_eq!(can.formats, DocumentFormat::ALL);
    assert_eq!((can.sides.len(), can.copies_max, can.color), (3, 99, false));
    let a4 = &can.media[0];
    assert_eq!((a4.name.as_str(), a4.width, a4.height, a4.ready), ("iso_a4_210x297mm", 21_000, 29_700, true));
    assert_eq!((a4.margins.top, a4.margins.left), (423, 423));
    let raster = can.raster.clone().unwrap();
    assert_eq!((raster.resolutions_dpi, raster.gray, raster.srgb), (vec![300, 600], true, false));
    assert_eq!(can.lacks(&ticket("a")), None);
    assert_eq!(can.lacks(&JobTicket { color: ColorMode::Color, ..ticket("a") }), Some("print-color-mode"));
    assert_eq!(can.lacks(&JobTicket { media: "iso_a2_420x594mm".into(), ..ticket("a") }), Some("media"));
}

#[test]
fn a_ticket_that_the_printer_cannot_honour_is_refused_with_the_attribute_and_nothing_is_sent() {
    let (mut printer, knobs) = printer(Make { duplex: false, ..Make::default() });
    let both = JobTicket { sides: Sides::TwoSidedLongEdge, ..ticket("job-0003") };
    assert_eq!(printer.validate(&ticket("job-0003")).unwrap(), None);
    let refusal = printer.validate(&both).unwrap().unwrap();
    assert_eq!(refusal.status, "client-error-attributes-or-values-not-supported");
    assert_eq!(refusal.unsupported, ["sides"]);
    let (bytes, stop) = (raster(1), Stop::new());
    let submission =
        Submission { ticket: &both, document: &mut bytes.as_slice(), length: None, stop: &stop, progress: None };
    assert!(matches!(printer.submit(submission), NotSent(SubmitFailure::Refused(r)) if r == refusal));
    assert!(knobs.documents().is_empty());
}

#[test]
fn troubles_are_said_and_nothing_is_sent_while_they_last() {
    type Turn = fn(&DocumentPrinterKnobs, bool);
    let troubles: [(Turn, Trouble, PaperSupply); 5] = [
        (|k, on| k.paper_out(on), Trouble::PaperOut, PaperSupply::Out),
        (|k, on| k.jam(on), Trouble::Jammed, PaperSupply::Jammed),
        (|k, on| k.cover_open(on), Trouble::CoverOpen, PaperSupply::Full),
        (|k, on| k.paused(on), Trouble::Paused, PaperSupply::Full),
        (|k, on| k.line(|f| f.unplugged = on), Trouble::Fault, PaperSupply::Full),
    ];
    for (turn, trouble, paper) in troubles {
        let (mut printer, knobs) = printer(Make::default());
        turn(&knobs, true);
        match printer.status() {
            Ok(status) => assert_eq!((status.trouble, status.paper), (Some(trouble), paper)),
            Err(error) => assert_eq!(error.kind, DeviceErrorKind::NotFound),
        }
        match submit(&mut printer, "job-0004", &raster(1)) {
            NotSent(SubmitFailure::Trouble(said)) => assert_eq!(said, trouble),
            NotSent(SubmitFailure::Device(error)) => assert_eq!(error.kind, DeviceErrorKind::NotFound),
            other => panic!("{other:?}"),
        }
        turn(&knobs, false);
        assert_eq!(printer.status().unwrap().trouble, None);
        assert!(knobs.documents().is_empty() && knobs.print(9) == 0);
        accepted(submit(&mut printer, "job-0005", &raster(1)));
    }
}

#[test]
fn paper_that_ends_during_a_job_stops_it_and_it_goes_on_when_there_is_paper() {
    let (mut printer, knobs) = printer(Make::default());
    knobs.paper(Some(2));
    let id = accepted(submit(&mut printer, "job-0006", &raster(5)));
    assert_eq!(knobs.print(9), 2);
    let report = printer.job(&id).unwrap();
    assert_eq!((report.state, report.impressions_completed), (JobState::Stopped, Some(2)));
    assert_eq!(printer.status().unwrap().trouble, Some(Trouble::PaperOut));
    knobs.paper(None);
    assert_eq!(knobs.print(9), 3);
    assert_eq!(printer.job(&id).unwrap().state, JobState::Completed);
}

#[test]
fn a_jam_is_said_and_a_cancelled_job_prints_no_more() {
    let (mut printer, knobs) = printer(Make::default());
    knobs.jam_after(1);
    let id = accepted(submit(&mut printer, "job-0007", &raster(3)));
    assert_eq!(knobs.print(9), 1);
    assert_eq!(printer.status().unwrap().trouble, Some(Trouble::Jammed));
    for _ in 0..3 {
        let report = printer.cancel(&id).unwrap();
        assert_eq!((report.state, report.impressions_completed), (JobState::Canceled, Some(1)));
    }
    knobs.jam(false);
    assert_eq!(knobs.print(9), 0);
}

#[test]
fn both_sides_use_half_the_sheets_and_copies_are_counted() {
    let (mut printer, knobs) = printer(Make::default());
    let ticket = JobTicket { sides: Sides::TwoSidedLongEdge, copies: 2, ..ticket("job-0008") };
    let (bytes, stop) = (raster(3), Stop::new());
    let submission =
        Submission { ticket: &ticket, document: &mut bytes.as_slice(), length: None, stop: &stop, progress: None };
    let id = accepted(printer.submit(submission));
    assert_eq!(knobs.print(99), 6);
    let report = printer.job(&id).unwrap();
    assert_eq!((report.impressions_completed, report.sheets_completed), (Some(6), Some(4)));
}

#[test]
fn a_busy_printer_is_waited_for_and_given_up_in_the_end() {
    let (mut printer, knobs) = printer(Make { one_job: true, ..Make::default() });
    knobs.pace(Pace::EachLook);
    accepted(submit(&mut printer, "job-0009", &raster(3)));
    // Each look at the printer lets a side of the first job come out.
    accepted(submit(&mut printer, "job-0010", &raster(1)));
    assert_eq!(knobs.documents().len(), 2);
    knobs.busy(true);
    assert!(matches!(submit(&mut printer, "job-0011", &raster(1)), NotSent(SubmitFailure::Busy)));
    assert_eq!(knobs.documents().len(), 2);
}

#[test]
fn a_job_that_the_printer_aborts_says_what_came_out() {
    let (mut printer, knobs) = printer(Make::default());
    knobs.abort_after(2);
    let id = accepted(submit(&mut printer, "job-0012", &raster(5)));
    assert_eq!(knobs.print(9), 2);
    let report = printer.job(&id).unwrap();
    assert_eq!((report.state, report.impressions_completed), (JobState::Aborted, Some(2)));
}

/// A document that turns something when so much of it was read.
struct Turning<'a, F: FnMut()> {
    bytes: &'a [u8],
    after: usize,
    turn: F,
}

impl<F: FnMut()> Read for Turning<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = buffer.len().min(4096);
        let read = self.bytes.read(&mut buffer[..n])?;
        self.after = self.after.saturating_sub(read);
        if self.after == 0 {
            (self.turn)();
        }
        Ok(read)
    }
}

#[test]
fn a_submission_that_is_stopped_ends_in_the_printer_too() {
    let (mut printer, knobs) = printer(Make { prints_broken_documents: true, ..Make::default() });
    let (bytes, ticket, stop) = (raster(5), ticket("job-0016"), Stop::new());
    let asker = stop.clone();
    let mut document = Turning { bytes: &bytes, after: bytes.len() / 2, turn: move || asker.request() };
    let submission = Submission { ticket: &ticket, document: &mut document, length: None, stop: &stop, progress: None };
    match printer.submit(submission) {
        NotSent(SubmitFailure::Stopped) => {}
        NotCertain { failure: SubmitFailure::Stopped, .. } => {}
        other => panic!("{other:?}"),
    }
    assert_eq!((knobs.jobs_waiting(), knobs.print(9)), (0, 0));
}

#[test]
fn a_document_that_cannot_be_read_to_its_end_is_ended_in_the_printer() {
    let (mut printer, knobs) = printer(Make::default());
    let (bytes, ticket, stop) = (raster(1), ticket("job-0017"), Stop::new());
    let mut document = bytes.as_slice().chain(Failing);
    let submission = Submission { ticket: &ticket, document: &mut document, length: None, stop: &stop, progress: None };
    let outcome = printer.submit(submission);
    assert!(matches!(outcome, NotSent(SubmitFailure::Document(_))), "{outcome:?}");
    assert_eq!((knobs.jobs_waiting(), knobs.print(9)), (0, 0));
}

struct Failing;

impl Read for Failing {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

#[test]
fn a_printer_that_takes_no_more_bytes_without_paper_is_waited_for_until_somebody_stops() {
    let (mut printer, knobs) = printer(Make::default());
    let (bytes, ticket, stop) = (raster(5), ticket("job-0018"), Stop::new());
    let (turn, asker, hand) = (knobs.clone(), stop.clone(), knobs.clone());
    // Out of paper, its buffer is full; it says so on the second connection.
    let stall = move || {
        turn.paper_out(true);
        turn.line(|faults| faults.stalled_after = Some(20_000));
    };
    let mut document = Turning { bytes: &bytes, after: 20_000, turn: stall };
    let mut looks = 0;
    let mut progress = |p: SubmitProgress| {
        if let SubmitProgress::Waiting(status) = p {
            assert_eq!(status.trouble, Some(Trouble::PaperOut));
            looks += 1;
            // Longer than a printer is waited for that gives no reason.
            if looks == 20 {
                asker.request();
                hand.line(|faults| faults.stalled_after = None);
            }
        }
    };
    let submission = Submission {
        ticket: &ticket,
        document: &mut document,
        length: None,
        stop: &stop,
        progress: Some(&mut progress),
    };
    let outcome = printer.submit(submission);
    assert!(
        matches!(outcome, NotSent(SubmitFailure::Stopped) | NotCertain { failure: SubmitFailure::Stopped, .. }),
        "{outcome:?}"
    );
    knobs.paper_out(false);
    assert_eq!(knobs.print(9), 0);
}

#[test]
fn damaged_answers_and_other_devices_are_told_apart() {
    let (mut printer, knobs) = printer(Make::default());
    knobs.line(|faults| faults.garbled_answers = 1);
    assert_eq!(printer.status().unwrap_err().kind, DeviceErrorKind::Garbled);
    assert_eq!(printer.status().unwrap().trouble, None);
    knobs.wrong_model(true);
    assert_eq!(printer.capabilities().unwrap_err().kind, DeviceErrorKind::WrongModel);
    knobs.wrong_model(false);
    knobs.line(|faults| faults.silent = true);
    assert_eq!(printer.status().unwrap_err().kind, DeviceErrorKind::Silent);
}

#[test]
fn the_same_driver_prints_over_a_socket_and_finds_the_printer_again() {
    let (port, knobs) = on_tcp(Make::default(), None).unwrap();
    let uri = format!("ipp://{}/ipp/print", port.address()).parse().unwrap();
    let mut printer = drivers::document_printer::open(&uri, "yimen-terminal").unwrap();
    let (bytes, ticket, stop) = (raster(4), ticket("job-0021"), Stop::new());
    let submission =
        Submission { ticket: &ticket, document: &mut bytes.as_slice(), length: None, stop: &stop, progress: None };
    let id = accepted(printer.submit(submission));
    knobs.print(9);
    assert_eq!(printer.job(&id).unwrap().impressions_completed, Some(4));
    assert_eq!(knobs.documents()[0].bytes, bytes);
    knobs.unplug(true);
    while printer.status().is_ok() {}
    knobs.unplug(false);
    while printer.status().is_err() {}
}
