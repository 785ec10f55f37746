//! Whatever a printer says, the driver neither panics nor hangs, and calls nothing printed without a fence.
#![no_main]

use drivers::{
    DeviceError,
    receipt_printer::{Bitmap, EscPosPrinter, EscPosTimings, PrintOutcome, ReceiptPrinter},
    transport::{Connector, Transport},
};
use libfuzzer_sys::fuzz_target;
use std::{io, time::Duration};

/// A line on which these bytes come, and then nothing.
struct Canned(Vec<u8>);

impl Transport for Canned {
    fn write_all(&mut self, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
    fn read(&mut self, buffer: &mut [u8], _timeout: Duration) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        buffer[0] = self.0.remove(0);
        Ok(1)
    }
    fn discard_input(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Connector for Canned {
    fn open(&self, _baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        Ok(Box::new(Canned(self.0.clone())))
    }
}

fuzz_target!(|data: &[u8]| {
    let timings = EscPosTimings { status_ms: 0, fence_look_ms: 0, fence_ms: 0 };
    let mut printer = EscPosPrinter::new(Box::new(Canned(data.to_vec()))).with_timings(timings);
    let _ = printer.status();
    let mut printer = EscPosPrinter::new(Box::new(Canned(data.to_vec()))).with_timings(timings);
    if let PrintOutcome::Printed = printer.print(&Bitmap::new(8, 3)) {
        assert!(data.iter().any(|b| b & 0x90 == 0), "printed without a fence");
    }
});
