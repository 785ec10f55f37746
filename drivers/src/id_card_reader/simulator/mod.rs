//! A simulated SAM-V reader that speaks SDT byte for byte, and the knobs to put cards down and to break it.
//! Reachable in memory, on a USB bus in memory, or on a pty, where every byte takes its 10 bits of 115,200 baud and
//! nothing else.

mod model;
mod plain_card;

pub use model::{Fault, Sam};
pub use plain_card::{PlainCard, PlainCardError, SimulatedCard};

use super::{SdtHidConnector, SdtReader, SdtUsbConnector, sdt_words::Status};
use crate::UsbAddress;
use crate::simulation::{Bench, MemoryBus, MemoryConnector, MemoryReports, PtyPort, TcpPort};
use crate::uri::EndpointStyle;
use std::{io, sync::Arc, time::Duration};

/// Rate of the simulated line.
pub const BAUD: u32 = 115_200;

/// What a hand can do to the simulated reader.
#[derive(Clone)]
pub struct ReaderKnobs(Arc<Bench<Sam>>);

/// A simulated reader that is on no wire yet, and the knobs.
pub fn bench() -> (Arc<Bench<Sam>>, ReaderKnobs) {
    let bench = Bench::new(Sam::default());
    (bench.clone(), ReaderKnobs(bench))
}

/// A driver wired to a simulator in memory, and the knobs.
pub fn in_memory() -> (SdtReader, ReaderKnobs) {
    let (bench, knobs) = bench();
    (SdtReader::new(Box::new(MemoryConnector(bench))), knobs)
}

/// A simulator on a pty: its port (open its path by a `serial:` URI; dropping it ends it) and the knobs.
pub fn on_pty() -> io::Result<(PtyPort<Sam>, ReaderKnobs)> {
    let bench = Bench::new(Sam::default());
    let port = PtyPort::start(bench.clone(), "yimen-id-card-reader", BAUD)?;
    Ok((port, ReaderKnobs(bench)))
}

/// A driver wired to a simulator on a USB bus in memory, and the knobs.
pub fn on_usb(style: EndpointStyle) -> (SdtReader, ReaderKnobs) {
    let bench = Bench::new(Sam::default());
    let bus = Box::new(MemoryBus::reader(bench.clone(), style));
    let address = UsbAddress { vendor: 0x0400, product: 0xC35A, serial: None, port: None };
    (SdtReader::new(Box::new(SdtUsbConnector { bus, address, style: None })), ReaderKnobs(bench))
}

/// A driver wired to a simulator that speaks in HID reports, and the knobs.
pub fn on_hid() -> (SdtReader, ReaderKnobs) {
    let bench = Bench::new(Sam::default());
    let hid = Box::new(MemoryReports(bench.clone()));
    (SdtReader::new(Box::new(SdtHidConnector { hid })), ReaderKnobs(bench))
}

/// A simulator on a loopback TCP port, as a reader behind a serial server: its port and the knobs.
pub fn on_tcp() -> io::Result<(TcpPort<Sam>, ReaderKnobs)> {
    let bench = Bench::new(Sam::default());
    let port = TcpPort::start(bench.clone(), "yimen-id-card-reader")?;
    Ok((port, ReaderKnobs(bench)))
}

impl ReaderKnobs {
    /// Lays a card down, in place of the one that lies there.
    pub fn insert_card(&self, card: SimulatedCard) {
        self.0.with(|sam| sam.card = Some(card));
    }

    /// Takes the card away.
    pub fn lift(&self) {
        self.0.with(|sam| sam.card = None);
    }

    /// The card is taken away when it is selected, before its content is read.
    pub fn lift_mid_read(&self) {
        self.0.with(|sam| sam.lift_at_read = true);
    }

    /// Whether a card lies there.
    pub fn has_card(&self) -> bool {
        self.0.with(|sam| sam.card.is_some())
    }

    /// The reader stops answering, or answers again.
    pub fn silent(&self, silent: bool) {
        self.0.with(|sam| sam.silent = silent);
    }

    /// Bytes of the next answer are mixed up.
    pub fn garble(&self) {
        self.fault(Fault::Garble);
    }

    /// The next answer's check byte is wrong.
    pub fn wrong_checksum(&self) {
        self.fault(Fault::WrongChecksum);
    }

    /// The next answer stops after some bytes.
    pub fn truncate(&self, bytes: usize) {
        self.fault(Fault::Truncate(bytes));
    }

    /// Noise goes before the next answer.
    pub fn noise(&self, bytes: &[u8]) {
        self.fault(Fault::Noise(bytes.to_vec()));
    }

    /// The cable is pulled after some bytes of the next answer.
    pub fn unplug_mid_answer(&self, bytes: usize) {
        self.fault(Fault::Unplug(bytes));
    }

    /// The next fault; the answer it applies to is the first of at least `longer_than` bytes.
    pub fn fault_in_long_answer(&self, fault: Fault, longer_than: usize) {
        self.0.with(|sam| sam.faults.push_back((longer_than, fault)));
    }

    fn fault(&self, fault: Fault) {
        self.fault_in_long_answer(fault, 0);
    }

    /// Every answer waits this long.
    pub fn slow(&self, delay: Duration) {
        self.0.with(|sam| sam.delay = delay);
    }

    /// Pulls the cable.
    pub fn unplug(&self) {
        self.0.set_plugged(false);
    }

    /// Puts the cable in again.
    pub fn replug(&self) {
        self.0.set_plugged(true);
    }

    /// Whether the cable is in.
    pub fn is_plugged(&self) -> bool {
        self.0.is_plugged()
    }

    /// The module is of the first generation: `30 10` is not known.
    pub fn old_module(&self, old: bool) {
        self.0.with(|sam| sam.old_module = old);
    }

    /// Reading a card ends with this status (a damaged card, a foreign one); `None` reads it again.
    pub fn card_status(&self, status: Option<Status>) {
        self.0.with(|sam| sam.card_status = status);
    }

    /// Every request ends with this status (a module that is not authorised); `None` works again.
    pub fn module_status(&self, status: Option<Status>) {
        self.0.with(|sam| sam.module_status = status);
    }

    /// Bytes that went over the line so far: to the reader and from it.
    pub fn bytes_carried(&self) -> (usize, usize) {
        self.0.with(|sam| (sam.bytes_in, sam.bytes_out))
    }

    /// Waits until so many requests have come in all; `false` when they did not within `limit`.
    pub fn wait_for_requests(&self, count: usize, limit: Duration) -> bool {
        self.0.wait_until(limit, |sam| sam.requests >= count)
    }
}
