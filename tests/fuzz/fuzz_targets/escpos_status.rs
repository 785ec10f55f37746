//! Whatever a printer says, the driver neither panics nor hangs, and calls nothing printed without a fence.
#![no_main]

use drivers::{
    receipt_printer::{Bitmap, EscPosPrinter, EscPosTimings, PrintOutcome, ReceiptPrinter},
    simulation::Canned,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let timings = EscPosTimings { status_ms: 0, fence_look_ms: 0, fence_ms: 0 };
    let mut printer = EscPosPrinter::new(Box::new(Canned::one_by_one(data.to_vec()))).with_timings(timings);
    let _ = printer.status();
    let mut printer = EscPosPrinter::new(Box::new(Canned::one_by_one(data.to_vec()))).with_timings(timings);
    if let PrintOutcome::Printed = printer.print(&Bitmap::new(8, 3)) {
        assert!(data.iter().any(|b| b & 0x90 == 0), "printed without a fence");
    }
});
