//! A simulated receipt printer that eats ESC/POS and shows its paper, and the knobs to take paper away and to
//! break it. Reachable in memory, on a USB bus in memory, on a pty and on a loopback TCP port.

mod model;
mod parser;

pub use model::Printer;

use super::{Bitmap, EscPosPrinter};
use crate::UsbAddress;
use crate::simulation::{Bench, MemoryBus, MemoryConnector, PtyPort, TcpPort};
use crate::transport::usb::{InterfaceShape, UsbPrinterConnector};
use std::{io, sync::Arc, time::Duration};

/// What a hand can do to the simulated printer, and what it sees of its paper.
#[derive(Clone)]
pub struct PrinterKnobs(Arc<Bench<Printer>>);

/// A simulated printer that is on no wire yet, and the knobs.
pub fn bench() -> (Arc<Bench<Printer>>, PrinterKnobs) {
    let bench = Bench::new(Printer::default());
    (bench.clone(), PrinterKnobs(bench))
}

/// A driver wired to a simulator in memory, and the knobs.
pub fn in_memory() -> (EscPosPrinter, PrinterKnobs) {
    let (bench, knobs) = bench();
    (EscPosPrinter::new(Box::new(MemoryConnector(bench))), knobs)
}

/// A simulator on a pty of 115,200 baud: its port and the knobs.
pub fn on_pty() -> io::Result<(PtyPort<Printer>, PrinterKnobs)> {
    let bench = Bench::new(Printer::default());
    let port = PtyPort::start(bench.clone(), "yimen-receipt-printer", 115_200)?;
    Ok((port, PrinterKnobs(bench)))
}

/// A simulator on a loopback TCP port (`tcp://127.0.0.1:PORT`): its port and the knobs.
pub fn on_tcp() -> io::Result<(TcpPort<Printer>, PrinterKnobs)> {
    let bench = Bench::new(Printer::default());
    let port = TcpPort::start(bench.clone(), "yimen-receipt-printer")?;
    Ok((port, PrinterKnobs(bench)))
}

/// A driver wired to a simulator of the USB printer class on a bus in memory, and the knobs.
pub fn on_usb() -> (EscPosPrinter, PrinterKnobs) {
    let bench = Bench::new(Printer::default());
    let shape = InterfaceShape { number: 0, setting: 0, class: 7, bulk_in: vec![0x82], bulk_out: vec![0x01] };
    let bus = Box::new(MemoryBus::new(bench.clone(), shape));
    let address = UsbAddress { vendor: 0x0416, product: 0x5011, serial: None, port: None };
    (EscPosPrinter::new(Box::new(UsbPrinterConnector { bus, address })), PrinterKnobs(bench))
}

impl PrinterKnobs {
    /// Takes the paper out, or puts it in.
    pub fn paper_out(&self, out: bool) {
        self.0.with(|p| p.set_paper_rows(if out { Some(0) } else { None }));
    }

    /// The paper ends after so many rows more.
    pub fn paper_out_after(&self, rows: usize) {
        self.0.with(|p| p.set_paper_rows(Some(rows)));
    }

    /// The roll is near its end, or new.
    pub fn near_end(&self, near: bool) {
        self.0.with(|p| p.near_end = near);
    }

    /// Opens or closes the cover.
    pub fn cover_open(&self, open: bool) {
        self.0.with(|p| p.cover_open = open);
    }

    /// Jams the cutter at once, or frees it.
    pub fn jam(&self, jammed: bool) {
        self.0.with(|p| p.jammed = jammed);
    }

    /// The cutter will jam at the next cut.
    pub fn jam_at_next_cut(&self) {
        self.0.with(|p| p.jam_at_cut = true);
    }

    /// The printer stops answering, or answers again; it prints all the same.
    pub fn silent(&self, silent: bool) {
        self.0.with(|p| p.silent = silent);
    }

    /// Prints this many rows a second; `None` prints at once.
    pub fn slow(&self, rows_per_second: Option<u32>) {
        self.0.with(|p| p.set_speed(rows_per_second));
    }

    /// The printer takes bytes and answers real-time status, but prints nothing until it is released.
    pub fn hold(&self, held: bool) {
        self.0.with(|p| p.held = held);
    }

    /// The printer takes so many more bytes of slips and then nothing from its line, not even a question; on a pty
    /// and on TCP, where bytes come one by one.
    pub fn stop_reading_after(&self, bytes: usize) {
        self.0.with(|p| p.reads_left = Some(bytes));
    }

    /// The printer reads its line again.
    pub fn read_again(&self) {
        self.0.with(|p| p.reads_left = None);
    }

    /// A printer that lies: the fence is answered as soon as its bytes arrive.
    pub fn answer_fence_early(&self, early: bool) {
        self.0.with(|p| p.fence_early = early);
    }

    /// A printer that pushes its status at each change, as some do from the factory.
    pub fn automatic_status(&self, pushes: bool) {
        self.0.with(|p| p.automatic_status = pushes);
    }

    /// Pulls the cable.
    pub fn unplug(&self) {
        self.0.set_plugged(false);
    }

    /// The cable is pulled after so many more printed rows.
    pub fn unplug_after(&self, rows: usize) {
        self.0.with(|p| p.unplug_after(rows));
    }

    /// Puts the cable in again.
    pub fn replug(&self) {
        self.0.set_plugged(true);
    }

    /// Whether the cable is in.
    pub fn is_plugged(&self) -> bool {
        self.0.is_plugged()
    }

    /// Slips that were cut and lie in the tray, oldest first.
    pub fn slips(&self) -> Vec<Bitmap> {
        self.0.with(|p| p.slips().to_vec())
    }

    /// How many slips lie in the tray.
    pub fn slip_count(&self) -> usize {
        self.0.with(|p| p.slips().len())
    }

    /// Paper that came out and is not cut.
    pub fn uncut(&self) -> Bitmap {
        self.0.with(|p| p.uncut().clone())
    }

    /// Takes all slips out of the tray.
    pub fn take_slips(&self) -> Vec<Bitmap> {
        self.0.with(Printer::take_slips)
    }

    /// The port does not know the printer class's requests, as with much cheap firmware.
    pub fn mute_port(&self, mute: bool) {
        self.0.with(|p| p.mute_port = mute);
    }

    /// Bytes that have come to the printer in all.
    pub fn bytes_taken(&self) -> usize {
        self.0.with(|p| p.bytes_taken)
    }

    /// Bytes that wait to be printed.
    pub fn waiting_bytes(&self) -> usize {
        self.0.with(|p| p.waiting_bytes())
    }

    /// Commands that were not understood so far: 0 as long as driver and simulator speak alike.
    pub fn unknown_commands(&self) -> usize {
        self.0.with(|p| p.unknown_commands())
    }

    /// Waits until the paper is as wanted; `false` when it was not within `limit`.
    pub fn wait_for_slips(&self, count: usize, limit: Duration) -> bool {
        self.0.wait_until(limit, |p| p.slips().len() >= count)
    }

    /// Waits until bytes wait to be printed; `false` when none did within `limit`.
    pub fn wait_for_waiting_bytes(&self, limit: Duration) -> bool {
        self.0.wait_until(limit, |p| p.waiting_bytes() > 0)
    }
}
