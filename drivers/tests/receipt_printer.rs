//! The ESC/POS driver against the simulated printer. The rule behind all of it: what the driver calls printed
//! lies in the tray, whole and cut, and what it calls not printed never comes out.
#![allow(clippy::unwrap_used)]

use drivers::{
    DeviceError, DeviceErrorKind, PaperSupply,
    receipt_printer::{
        Bitmap, EscPosPrinter, EscPosTimings, PAPER_DOTS,
        PrintFailure::{self, Device},
        PrintOutcome::{self, NotCertain, NotPrinted, Printed},
        ReceiptPrinter, Trouble, open,
        simulator::{PrinterKnobs, bench, in_memory, on_pty, on_tcp},
    },
    simulation::MemoryConnector,
    transport::{Connector, Transport},
};
use std::{
    io,
    time::{Duration, Instant},
};

const SOON: Duration = Duration::from_secs(10);

fn printer() -> (EscPosPrinter, PrinterKnobs) {
    let (printer, knobs) = in_memory();
    (printer.with_timings(EscPosTimings { status_ms: 60, fence_look_ms: 10, fence_ms: 150 }), knobs)
}

/// A slip of odd shapes: dots at both edges, a long white stretch, bytes that look like commands.
fn slip() -> Bitmap {
    let mut slip = Bitmap::new(PAPER_DOTS, 300);
    for y in 0..300 {
        if !(40..140).contains(&y) {
            slip.set(y % PAPER_DOTS, y);
            slip.set(PAPER_DOTS - 1, y);
        }
    }
    slip
}

/// What lies in the tray is the slip, below it only the white of the feed.
fn came_out(paper: &Bitmap, slip: &Bitmap) -> bool {
    paper.height() >= slip.height()
        && (0..paper.height()).all(|y| match slip.row(y) {
            [] => paper.row(y).iter().all(|b| *b == 0),
            row => paper.row(y) == row,
        })
}

fn is_blank(paper: &Bitmap) -> bool {
    (0..paper.height()).all(|y| paper.row(y).iter().all(|b| *b == 0))
}

/// A slip of more bytes than a line holds by itself.
fn long_slip() -> Bitmap {
    let mut slip = Bitmap::new(PAPER_DOTS, 0);
    (0..700).for_each(|_| slip.push_row(&[0xFF; PAPER_DOTS / 8]));
    slip
}

fn trouble(outcome: &PrintOutcome) -> Option<Trouble> {
    match outcome {
        NotPrinted(PrintFailure::Trouble(t)) | NotCertain(PrintFailure::Trouble(t)) => Some(*t),
        _ => None,
    }
}

#[test]
fn a_printed_slip_lies_whole_and_cut_in_the_tray() {
    let (mut printer, knobs) = printer();
    assert!(matches!(printer.print(&slip()), Printed));
    assert!(matches!(printer.print(&slip()), Printed));
    let slips = knobs.slips();
    assert_eq!(slips.len(), 2);
    assert!(slips.iter().all(|paper| came_out(paper, &slip())));
    assert_eq!(knobs.unknown_commands(), 0);
}

#[test]
fn a_printer_that_cannot_print_is_not_sent_anything() {
    type Knob = fn(&PrinterKnobs, bool);
    let causes: [(Knob, Trouble); 3] = [
        (PrinterKnobs::paper_out, Trouble::PaperOut),
        (PrinterKnobs::cover_open, Trouble::CoverOpen),
        (PrinterKnobs::jam, Trouble::Jammed),
    ];
    for (cause, expected) in causes {
        let (mut printer, knobs) = printer();
        cause(&knobs, true);
        let outcome = printer.print(&slip());
        assert!(matches!(outcome, NotPrinted(_)), "{outcome:?}");
        assert_eq!(trouble(&outcome), Some(expected));
        assert_eq!(printer.status().unwrap().trouble, Some(expected));
        cause(&knobs, false);
        assert_eq!(knobs.slip_count() + knobs.uncut().height(), 0, "nothing comes out later");
        assert!(matches!(printer.print(&slip()), Printed));
    }
}

#[test]
fn paper_that_ends_mid_slip_is_not_certain_and_the_rest_never_comes_out() {
    let (mut printer, knobs) = printer();
    knobs.paper_out_after(100);
    let outcome = printer.print(&slip());
    assert!(matches!(outcome, NotCertain(_)), "{outcome:?}");
    assert_eq!(trouble(&outcome), Some(Trouble::PaperOut));
    knobs.paper_out(false);
    assert_eq!((knobs.slip_count(), knobs.uncut().height(), knobs.waiting_bytes()), (0, 100, 0));
    assert!(matches!(printer.print(&slip()), Printed));
    let slips = knobs.slips();
    assert_eq!(slips.len(), 2, "the half slip is a piece of its own");
    assert!(!came_out(&slips[0], &slip()) && came_out(&slips[1], &slip()));
}

/// A wire on which the program dies: so many bytes of what it sends still reach the printer.
struct Dying {
    wire: Box<dyn Transport>,
    left: usize,
}

/// Leads to it.
struct DyingAfter {
    inner: Box<dyn Connector>,
    bytes: usize,
}

impl Transport for Dying {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let n = bytes.len().min(self.left);
        self.left -= n;
        self.wire.write_all(&bytes[..n])?;
        if n < bytes.len() { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        self.wire.read(buffer, timeout)
    }

    fn discard_input(&mut self) -> io::Result<()> {
        self.wire.discard_input()
    }
}

impl Connector for DyingAfter {
    fn open(&self, baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        Ok(Box::new(Dying { wire: self.inner.open(baud)?, left: self.bytes }))
    }
}

#[test]
fn a_program_killed_while_it_sends_a_slip_leaves_nothing_of_it_to_the_slip_after_its_restart() {
    let hasty = EscPosTimings { status_ms: 5, fence_look_ms: 10, fence_ms: 150 };
    // None of these is exactly between two pictures, where a printer cannot be told from one that is at rest.
    for bytes in (0..14_000).step_by(101) {
        let (bench, knobs) = bench();
        let wire = Box::new(MemoryConnector(bench.clone()));
        let mut killed = EscPosPrinter::new(Box::new(DyingAfter { inner: wire, bytes })).with_timings(hasty);
        assert!(!matches!(killed.print(&slip()), Printed), "{bytes} bytes are a whole slip");
        drop(killed);
        let mut restarted = EscPosPrinter::new(Box::new(MemoryConnector(bench))).with_timings(hasty);
        let begun = knobs.uncut().height() > 0;
        let outcome = restarted.print(&slip());
        assert!(matches!(outcome, Printed), "at byte {bytes}: {outcome:?}");
        let slips = knobs.slips();
        assert!(came_out(&slips[slips.len() - 1], &slip()), "at byte {bytes}: the slip is mangled");
        assert!(!begun || slips.len() == 2, "at byte {bytes}: the half slip hangs on this one");
        assert_eq!(knobs.uncut().height(), 0);
    }
}

#[test]
fn a_program_that_starts_at_a_printer_with_nothing_to_do_cuts_no_blank_paper() {
    let (bench, knobs) = bench();
    for _ in 0..2 {
        let mut printer = EscPosPrinter::new(Box::new(MemoryConnector(bench.clone())));
        assert!(matches!(printer.print(&slip()), Printed));
    }
    let slips = knobs.slips();
    assert_eq!(slips.len(), 2);
    assert!(slips.iter().all(|paper| came_out(paper, &slip())));
}

#[test]
fn a_jam_at_the_cut_is_not_certain() {
    let (mut printer, knobs) = printer();
    knobs.jam_at_next_cut();
    let outcome = printer.print(&slip());
    assert!(matches!(outcome, NotCertain(_)), "{outcome:?}");
    assert_eq!(trouble(&outcome), Some(Trouble::Jammed));
    knobs.jam(false);
    assert!(matches!(printer.print(&slip()), Printed));
    assert_eq!(knobs.slip_count(), 2, "the slip of the jam is a piece of its own");
    assert!(knobs.slips().iter().all(|paper| came_out(paper, &slip())));
}

#[test]
fn paper_that_ends_with_the_last_row_is_not_certain() {
    let (mut printer, knobs) = printer();
    knobs.paper_out_after(slip().height() + 16);
    let outcome = printer.print(&slip());
    assert!(matches!(outcome, NotCertain(_)), "{outcome:?}");
}

#[test]
fn a_near_end_is_said_and_printed_on() {
    let (mut printer, knobs) = printer();
    assert_eq!(printer.status().unwrap().paper, PaperSupply::Full);
    knobs.near_end(true);
    assert_eq!(printer.status().unwrap().paper, PaperSupply::Low);
    assert!(matches!(printer.print(&slip()), Printed));
}

#[test]
fn a_printer_without_a_voice_is_never_said_to_have_printed() {
    let (mut printer, knobs) = printer();
    knobs.silent(true);
    assert!(matches!(printer.print(&slip()), NotPrinted(Device(e)) if e.kind == DeviceErrorKind::Silent));
    knobs.silent(false);
    knobs.hold(true);
    let outcome = printer.print(&slip());
    assert!(matches!(&outcome, NotCertain(Device(e)) if e.is_silence()), "{outcome:?}");
    knobs.hold(false);
    assert_eq!(knobs.slip_count(), 0, "what was not certain was cleared");
    assert!(matches!(printer.print(&slip()), Printed));
}

#[test]
fn a_printer_unplugged_mid_slip_is_not_certain_and_prints_when_it_is_back() {
    let (mut printer, knobs) = printer();
    knobs.unplug();
    assert!(matches!(printer.print(&slip()), NotPrinted(Device(e)) if e.kind == DeviceErrorKind::NotFound));
    knobs.replug();
    knobs.unplug_after(50);
    let outcome = printer.print(&slip());
    assert!(matches!(&outcome, NotCertain(Device(e)) if e.kind == DeviceErrorKind::Unplugged), "{outcome:?}");
    knobs.replug();
    knobs.take_slips();
    assert!(matches!(printer.print(&slip()), Printed));
}

#[test]
fn a_printer_that_stops_reading_mid_slip_is_not_certain_and_the_next_slip_is_whole_when_it_reads_again() {
    let (port, knobs) = on_pty().unwrap();
    let mut printer = open(&format!("serial://{}?baud=115200", port.path().display()).parse().unwrap()).unwrap();
    knobs.stop_reading_after(1_000);
    let outcome = printer.print(&long_slip());
    assert!(matches!(&outcome, NotCertain(Device(e)) if e.is_silence()), "{outcome:?}");
    assert_eq!(knobs.slip_count(), 0);
    knobs.read_again();
    // What the line still held comes before the first question, which may make its answer late.
    let end = Instant::now() + SOON;
    let outcome = loop {
        match printer.print(&slip()) {
            NotPrinted(_) if Instant::now() < end => {}
            outcome => break outcome,
        }
    };
    assert!(matches!(outcome, Printed), "{outcome:?}");
    let slips = knobs.slips();
    assert_eq!(slips.len(), 2, "what came out of the slip before hangs on this one");
    assert!(came_out(&slips[1], &slip()), "half a picture took the beginning of the slip");
}

#[test]
fn a_printer_that_was_cleared_before_a_slip_is_not_said_to_have_printed_it() {
    let (mut printer, knobs) = printer();
    knobs.hold(true);
    for _ in 0..2 {
        let outcome = printer.print(&slip());
        assert!(matches!(&outcome, NotCertain(Device(e)) if e.is_silence()), "{outcome:?}");
    }
    knobs.hold(false);
    assert!(matches!(printer.print(&slip()), Printed));
    let slips = knobs.slips();
    assert_eq!(slips.iter().filter(|paper| !is_blank(paper)).count(), 1);
    assert!(came_out(&slips[1], &slip()), "below the cut before it");
}

/// While the mechanism is held, nothing may be said to be printed; `Err` when it is.
fn fence_keeps_its_turn(lies: bool) -> Result<(), &'static str> {
    let (mut printer, knobs) = printer();
    knobs.answer_fence_early(lies);
    knobs.hold(true);
    match printer.print(&slip()) {
        Printed if knobs.slip_count() == 0 => Err("said to be printed, and nothing lies in the tray"),
        _ => Ok(()),
    }
}

#[test]
fn the_fence_is_answered_in_its_turn_and_a_printer_that_answers_early_is_caught() {
    assert_eq!(fence_keeps_its_turn(false), Ok(()));
    assert!(fence_keeps_its_turn(true).is_err());
}

#[test]
fn a_status_that_comes_unasked_is_not_taken_for_the_fence() {
    let (mut printer, knobs) = printer();
    knobs.automatic_status(true);
    assert!(matches!(printer.print(&slip()), Printed));
    knobs.hold(true);
    let printing = std::thread::spawn(move || printer.print(&slip()));
    assert!(knobs.wait_for_waiting_bytes(SOON));
    knobs.near_end(true);
    let outcome = printing.join().unwrap();
    assert!(matches!(&outcome, NotCertain(Device(e)) if e.is_silence()), "nothing came out: {outcome:?}");
}

#[test]
fn a_slow_printer_is_waited_for() {
    let (printer, knobs) = in_memory();
    knobs.slow(Some(2_000));
    let mut printer = printer.with_timings(EscPosTimings { fence_ms: 5_000, fence_look_ms: 20, status_ms: 500 });
    assert!(matches!(printer.print(&slip()), Printed));
    assert!(came_out(&knobs.slips()[0], &slip()));
}

#[test]
fn the_same_slip_comes_out_over_tcp_and_over_a_serial_line() {
    let (tcp, tcp_knobs) = on_tcp().unwrap();
    let (pty, pty_knobs) = on_pty().unwrap();
    let uris = [format!("tcp://{}", tcp.address()), format!("serial://{}?baud=115200", pty.path().display())];
    for (uri, knobs) in uris.iter().zip([tcp_knobs, pty_knobs]) {
        let mut printer = open(&uri.parse().unwrap()).unwrap();
        assert_eq!(printer.status().unwrap().trouble, None, "{uri}");
        let outcome = printer.print(&slip());
        assert!(matches!(outcome, Printed), "{uri} {outcome:?}");
        assert!(knobs.wait_for_slips(1, SOON));
        assert!(came_out(&knobs.slips()[0], &slip()), "{uri}");
        knobs.paper_out(true);
        let outcome = printer.print(&slip());
        assert!(matches!(outcome, NotPrinted(_)), "{uri} {outcome:?}");
        knobs.paper_out(false);
        knobs.unplug();
        let status = printer.status();
        assert!(status.is_err(), "{uri} {status:?}");
        knobs.replug();
    }
}
