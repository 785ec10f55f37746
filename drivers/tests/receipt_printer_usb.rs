//! The receipt printer on USB: what the port says on the control pipe keeps a job from a printer that would print
//! it later, and a port that says nothing keeps nothing.
#![allow(clippy::unwrap_used)]

use drivers::{
    DeviceErrorKind, PaperSupply,
    receipt_printer::{
        Bitmap, EscPosPrinter, EscPosTimings, PAPER_DOTS,
        PrintFailure::{self, Device},
        PrintOutcome::{self, NotCertain, NotPrinted, Printed},
        ReceiptPrinter, Trouble,
        simulator::{PrinterKnobs, on_usb},
    },
};

fn printer() -> (EscPosPrinter, PrinterKnobs) {
    let (printer, knobs) = on_usb();
    (printer.with_timings(EscPosTimings { status_ms: 60, fence_look_ms: 10, fence_ms: 150 }), knobs)
}

fn slip() -> Bitmap {
    let mut slip = Bitmap::new(PAPER_DOTS, 300);
    for y in 0..300 {
        slip.set(y, y);
    }
    slip
}

fn is_paper_out(outcome: &PrintOutcome) -> bool {
    matches!(
        outcome,
        NotPrinted(PrintFailure::Trouble(Trouble::PaperOut)) | NotCertain(PrintFailure::Trouble(Trouble::PaperOut))
    )
}

#[test]
fn a_slip_comes_out_over_usb() {
    let (mut printer, knobs) = printer();
    assert!(matches!(printer.print(&slip()), Printed));
    assert_eq!((knobs.slip_count(), knobs.unknown_commands()), (1, 0));
}

#[test]
fn a_printer_without_paper_gets_no_byte_and_prints_nothing_when_paper_returns() {
    let (mut printer, knobs) = printer();
    printer.status().unwrap();
    let before = knobs.bytes_taken();
    knobs.paper_out(true);
    let outcome = printer.print(&slip());
    assert!(matches!(outcome, NotPrinted(_)) && is_paper_out(&outcome), "{outcome:?}");
    assert_eq!(printer.status().unwrap().paper, PaperSupply::Out);
    assert_eq!(knobs.bytes_taken(), before, "not even a question for the status");
    knobs.paper_out(false);
    assert_eq!(knobs.slip_count() + knobs.uncut().height(), 0);
    assert!(matches!(printer.print(&slip()), Printed));
}

#[test]
fn paper_that_ends_mid_slip_is_said_by_the_port_of_a_printer_that_answers_nothing_else() {
    let (mut printer, knobs) = printer();
    // The first slip of a program is preceded by a question that would wait too.
    assert!(matches!(printer.print(&slip()), Printed));
    knobs.paper_out_after(100);
    knobs.hold(true);
    let held = knobs.clone();
    let printing = std::thread::spawn(move || printer.print(&slip()));
    assert!(held.wait_for_waiting_bytes(std::time::Duration::from_secs(10)));
    held.silent(true);
    held.hold(false);
    let outcome = printing.join().unwrap();
    assert!(matches!(outcome, NotCertain(_)) && is_paper_out(&outcome), "{outcome:?}");
}

#[test]
fn a_port_that_knows_no_status_prints_all_the_same() {
    let (mut printer, knobs) = printer();
    knobs.mute_port(true);
    assert!(matches!(printer.print(&slip()), Printed));
    knobs.paper_out(true);
    let outcome = printer.print(&slip());
    assert!(matches!(outcome, NotPrinted(_)) && is_paper_out(&outcome), "{outcome:?}");
}

#[test]
fn a_printer_unplugged_mid_slip_prints_when_it_is_back() {
    let (mut printer, knobs) = printer();
    knobs.unplug_after(50);
    let outcome = printer.print(&slip());
    assert!(matches!(&outcome, NotCertain(Device(e)) if e.kind == DeviceErrorKind::Unplugged), "{outcome:?}");
    let outcome = printer.print(&slip());
    assert!(matches!(&outcome, NotPrinted(Device(e)) if e.kind == DeviceErrorKind::NotFound), "{outcome:?}");
    knobs.replug();
    knobs.take_slips();
    assert!(matches!(printer.print(&slip()), Printed));
}
