//! The behaviour of a simulated HID-POS scanner: its report descriptor, and codes cut into input reports.

use crate::barcode_reader::HidPosReader;
use crate::simulation::{Bench, MemoryConnector, Model};
use crate::transport::{Connector, HidConnector, HidDevice};
use crate::{DeviceError, DeviceErrorKind};
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

/// Report 2: byte count, symbology identifier, 56 bytes of data, one bit "goes on" (as Honeywell lays it out).
pub const COUNTED_DESCRIPTOR: &[u8] = &[
    0x05, 0x8C, 0x09, 0x02, 0xA1, 0x01, 0x85, 0x02, 0x09, 0x12, 0xA1, 0x02, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08,
    0x95, 0x01, 0x05, 0x01, 0x09, 0x3B, 0x81, 0x02, 0x05, 0x8C, 0x95, 0x03, 0x09, 0xFB, 0x09, 0xFC, 0x09, 0xFD, 0x81,
    0x02, 0x95, 0x38, 0x09, 0xFE, 0x82, 0x02, 0x01, 0x25, 0x01, 0x75, 0x01, 0x95, 0x01, 0x09, 0xFF, 0x81, 0x02, 0x75,
    0x07, 0x81, 0x03, 0xC0, 0xC0,
];
/// One report without a number: 63 bytes of data, filled with zeros, and one byte "goes on".
pub const ZERO_FILLED_DESCRIPTOR: &[u8] = &[
    0x05, 0x8C, 0x09, 0x02, 0xA1, 0x01, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, 0x95, 0x3F, 0x09, 0xFE, 0x81, 0x02,
    0x95, 0x01, 0x09, 0xFF, 0x81, 0x02, 0xC0,
];
/// A boot keyboard: eight bits of modifiers, a reserved byte, six keys.
pub const KEYBOARD_DESCRIPTOR: &[u8] = &[
    0x05, 0x01, 0x09, 0x06, 0xA1, 0x01, 0x05, 0x07, 0x19, 0xE0, 0x29, 0xE7, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95,
    0x08, 0x81, 0x02, 0x95, 0x01, 0x75, 0x08, 0x81, 0x01, 0x95, 0x06, 0x75, 0x08, 0x15, 0x00, 0x25, 0x65, 0x05, 0x07,
    0x19, 0x00, 0x29, 0x65, 0x81, 0x00, 0xC0,
];
/// Bytes of data in one report.
const COUNTED_DATA: usize = 56;
const ZERO_FILLED_DATA: usize = 63;

/// A fault of the next code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFault {
    /// The first report announces more than it can hold, or is cut short.
    Garble,
    /// Only so many reports come of it.
    Truncate(usize),
    /// The cable is pulled after so many reports.
    Unplug(usize),
}

/// A simulated scanner.
pub struct PosScanner {
    descriptor: &'static [u8],
    delay: Duration,
    fault: Option<ReportFault>,
    waiting: VecDeque<(Instant, Vec<u8>)>,
    output: VecDeque<u8>,
    pull_cable: bool,
}

impl PosScanner {
    fn show(&mut self, code: &[u8], now: Instant) {
        let size = if self.descriptor == COUNTED_DESCRIPTOR { COUNTED_DATA } else { ZERO_FILLED_DATA };
        let last = code.len().div_ceil(size).saturating_sub(1);
        let mut reports: Vec<Vec<u8>> = code
            .chunks(size)
            .enumerate()
            .map(|(n, piece)| {
                let mut report = match self.descriptor == COUNTED_DESCRIPTOR {
                    true => vec![2, piece.len() as u8, b']', b'Q', b'1'],
                    false => Vec::new(),
                };
                report.extend_from_slice(piece);
                report.resize(report.len() + size - piece.len(), 0);
                report.push(u8::from(n < last));
                report
            })
            .collect();
        match self.fault.take() {
            None => {}
            Some(ReportFault::Garble) if self.descriptor == COUNTED_DESCRIPTOR => reports[0][1] = 0xFF,
            Some(ReportFault::Garble) => reports[0].truncate(9),
            Some(ReportFault::Truncate(n)) => reports.truncate(n),
            Some(ReportFault::Unplug(n)) => {
                reports.truncate(n);
                self.pull_cable = true;
            }
        }
        self.waiting.extend(reports.into_iter().map(|report| (now + self.delay, report)));
    }
}

impl Model for PosScanner {
    /// Takes no output reports.
    fn receive(&mut self, _bytes: &[u8], _now: Instant) {}

    /// One report at a time, as hidraw gives them.
    fn advance(&mut self, now: Instant) -> Option<Instant> {
        let due = self.waiting.front().is_some_and(|(at, _)| *at <= now);
        if due
            && self.output.is_empty()
            && let Some((_, report)) = self.waiting.pop_front()
        {
            self.output.extend(report);
        }
        self.waiting.front().map(|(at, _)| *at)
    }

    fn output(&mut self) -> &mut VecDeque<u8> {
        &mut self.output
    }

    fn pulls_cable(&mut self) -> bool {
        self.waiting.is_empty() && std::mem::take(&mut self.pull_cable)
    }
}

/// Finds the simulated scanner, as long as its cable is in.
pub struct PosConnector(Arc<Bench<PosScanner>>);

impl HidConnector for PosConnector {
    fn devices(&self) -> Result<Vec<HidDevice>, DeviceError> {
        if !self.0.is_plugged() {
            return Err(DeviceError::new(DeviceErrorKind::NotFound));
        }
        let (bench, descriptor) = (self.0.clone(), self.0.with(|scanner| scanner.descriptor.to_vec()));
        Ok(vec![HidDevice { descriptor, open: Box::new(move || MemoryConnector(bench).open(0)) }])
    }
}

/// What a hand can do to the simulated scanner.
#[derive(Clone)]
pub struct PosKnobs(Arc<Bench<PosScanner>>);

/// A driver wired to a simulated scanner in memory, and the knobs.
pub fn hid_pos_in_memory() -> (HidPosReader, PosKnobs) {
    let (connector, knobs) = hid_pos_bench();
    (HidPosReader::new(Box::new(connector)), knobs)
}

/// A simulated scanner that nobody has opened yet, and the knobs.
pub fn hid_pos_bench() -> (PosConnector, PosKnobs) {
    let bench = Bench::new(PosScanner {
        descriptor: COUNTED_DESCRIPTOR,
        delay: Duration::ZERO,
        fault: None,
        waiting: VecDeque::new(),
        output: VecDeque::new(),
        pull_cable: false,
    });
    (PosConnector(bench.clone()), PosKnobs(bench))
}

impl PosKnobs {
    /// Shows a code; it is read once.
    pub fn show(&self, code: &[u8]) {
        self.0.with(|scanner| scanner.show(code, Instant::now()));
    }

    /// It is a device of this descriptor from now on.
    pub fn describe(&self, descriptor: &'static [u8]) {
        self.0.with(|scanner| scanner.descriptor = descriptor);
    }

    /// Every code waits this long.
    pub fn slow(&self, delay: Duration) {
        self.0.with(|scanner| scanner.delay = delay);
    }

    /// A fault of the next code.
    pub fn spoil_code(&self, fault: ReportFault) {
        self.0.with(|scanner| scanner.fault = Some(fault));
    }

    /// Pulls the cable.
    pub fn unplug(&self) {
        self.0.set_plugged(false);
    }

    /// Puts the cable in again.
    pub fn replug(&self) {
        self.0.set_plugged(true);
    }
}
