//! Driver for receipt printers that speak ESC/POS. Status first; then the slip as raster bands (`GS v 0`), the
//! cut, and a fence (`GS r 1`) behind it, which the printer answers only after all that stands before it.
//! What was sent and is not known to be printed is cleared from the printer, so that it never comes out later, and
//! what of it came out is cut off before the next slip.

use super::{
    Bitmap, Fence, PrintFailure, PrintOutcome, PrinterStatus, RealTimeStatus, ReceiptPrinter, Trouble,
    escpos_status::{AUTOMATIC_REST_BYTES, StatusByte},
};
use crate::quirk::receipt_printer::STATUS_MS;
use crate::transport::{Connector, Transport};
use crate::{DeviceError, DeviceErrorKind, PaperSupply};
use std::{
    io,
    time::{Duration, Instant},
};
use zeroize::Zeroizing;

/// Rows of one raster band: small enough for a 4 KiB buffer, the smallest in the field (48 rows of 72 bytes).
const BAND_ROWS: usize = 48;
/// White rows that are worth a band of their own, one byte wide.
const BLANK_ROWS_MIN: usize = 8;
/// Rate of serial printers where the URI names none.
const BAUD: u32 = 115_200;

const INITIALISE: &[u8] = &[0x1B, 0x40];
const ALIGN_LEFT: &[u8] = &[0x1B, 0x61, 0x00];
/// `GS a 0`: no automatic status, which some printers have switched on when they leave the factory.
const NO_AUTOMATIC_STATUS: &[u8] = &[0x1D, 0x61, 0x00];
/// Feeds the last row past the cutter and cuts, leaving one point.
const FEED_AND_CUT: &[u8] = &[0x1D, 0x56, 0x42, 0x10];
const FENCE: &[u8] = &[0x1D, 0x72, 0x01];
/// `DLE DC4 8`: clears all buffers at once, even while offline.
const CLEAR_BUFFERS: &[u8] = &[0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08];
/// The answer to it (Epson command reference, DLE DC4 fn 8).
const CLEARED: [u8; 3] = [0x37, 0x25, 0x00];

/// How long the driver waits for what.
#[derive(Clone, Copy, Debug)]
pub struct EscPosTimings {
    /// For a real-time status byte, and for all else that a printer at rest answers at once.
    pub status_ms: u64,
    /// For the fence, between two looks at the status.
    pub fence_look_ms: u64,
    /// For the fence in all: a slip of 300 mm at the slowest printers' 50 mm/s, and as much again.
    pub fence_ms: u64,
}

impl Default for EscPosTimings {
    fn default() -> Self {
        Self { status_ms: STATUS_MS, fence_look_ms: 250, fence_ms: 12_000 }
    }
}

/// The driver.
pub struct EscPosPrinter {
    connector: Box<dyn Connector>,
    timings: EscPosTimings,
    link: Option<Box<dyn Transport>>,
    rest: Rest,
}

/// What the printer may have of an earlier slip: bytes that it holds, and paper that stands uncut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// Nothing: the last slip was printed.
    Nothing,
    /// Not known: this program has sent none yet, and may have been killed before while one was on the line.
    Unknown,
    /// Some of it: a slip was begun and is not certain.
    Begun,
}

impl EscPosPrinter {
    /// A printer behind a connector; nothing is opened yet.
    pub fn new(connector: Box<dyn Connector>) -> Self {
        Self { connector, timings: EscPosTimings::default(), link: None, rest: Rest::Unknown }
    }

    /// With other times than the usual ones.
    pub fn with_timings(mut self, timings: EscPosTimings) -> Self {
        self.timings = timings;
        self
    }

    fn connect(&mut self) -> Result<Box<dyn Transport>, DeviceError> {
        match self.link.take() {
            Some(link) => Ok(link),
            None => self.connector.open(BAUD),
        }
    }

    /// The port is asked first: a printer that is out of paper may take no byte at all, and what it did take
    /// would come out when there is paper again.
    fn ask_status(&self, link: &mut dyn Transport) -> Result<PrinterStatus, DeviceError> {
        if says_paper_empty(link)? {
            return Ok(PrinterStatus { paper: PaperSupply::Out, trouble: Some(Trouble::PaperOut) });
        }
        link.discard_input()?;
        let mut answers = [0; 3];
        for (answer, n) in answers.iter_mut().zip([1, 2, 4]) {
            link.write_all(&[0x10, 0x04, n])?;
            *answer = self.await_real_time(link)?;
        }
        let [printer, offline, paper] = answers;
        let mut status = RealTimeStatus { printer, offline, paper }.read();
        if status.trouble == Some(Trouble::Jammed) {
            link.write_all(&[0x10, 0x04, 3])?;
            // Bit places of DLE EOT 3 are unverified: 0x20 is read as "cannot be recovered".
            if self.await_real_time(link)? & 0x20 != 0 {
                status.trouble = Some(Trouble::Fault);
            }
        }
        Ok(status)
    }

    /// Asks before a slip is sent. What a printer that can print may still hold of the slip before is cleared then:
    /// half a picture would take the beginning of this one for its other half. What of it came out is cut off: the
    /// next citizen's slip shall not hang on it.
    fn make_ready(&mut self, link: &mut dyn Transport) -> Result<PrinterStatus, DeviceError> {
        let status = self.ask_status(link)?;
        if self.rest == Rest::Nothing || status.trouble.is_some() {
            return Ok(status);
        }
        if self.rest == Rest::Unknown && !self.has_worked_off(link)? {
            self.rest = Rest::Begun;
        }
        link.write_all(CLEAR_BUFFERS)?;
        self.await_cleared(link)?;
        let status = self.ask_status(link)?;
        if status.trouble.is_none() {
            if self.rest == Rest::Begun {
                link.write_all(&[INITIALISE, FEED_AND_CUT].concat())?;
            }
            self.rest = Rest::Nothing;
        }
        Ok(status)
    }

    /// Whether the printer has done all that was sent to it before: inside half a picture it takes the fence for a
    /// part of it, and while it prints it does not come to it at once. Exactly between two pictures it answers as if it
    /// were at rest.
    fn has_worked_off(&self, link: &mut dyn Transport) -> Result<bool, DeviceError> {
        let end = Instant::now() + Duration::from_millis(self.timings.status_ms);
        link.write_all(FENCE)?;
        loop {
            match next_byte(link, end)? {
                Some(StatusByte::Fence(_)) => return Ok(true),
                Some(_) => {}
                None => return Ok(false),
            }
        }
    }

    /// Waits for the answer: what is sent before it may be lost, and its bytes look like a fence. Printers that do
    /// not know the order give none.
    fn await_cleared(&self, link: &mut dyn Transport) -> Result<(), DeviceError> {
        let end = Instant::now() + Duration::from_millis(self.timings.status_ms);
        let mut seen = 0;
        while seen < CLEARED.len() && Instant::now() < end {
            let Some(byte) = raw_byte(link, end)? else { break };
            seen = if byte == CLEARED[seen] { seen + 1 } else { 0 };
        }
        Ok(())
    }

    fn await_real_time(&self, link: &mut dyn Transport) -> Result<u8, DeviceError> {
        let end = Instant::now() + Duration::from_millis(self.timings.status_ms);
        loop {
            match next_byte(link, end)? {
                Some(StatusByte::RealTime(byte)) => return Ok(byte),
                Some(_) => {}
                None => return Err(DeviceError::new(DeviceErrorKind::Silent)),
            }
        }
    }

    /// Waits for the fence and looks at `DLE EOT 2` and `4` in turn meanwhile, which printers answer even while
    /// they print. One question at a time: on a slow line it stands behind the slip itself.
    fn await_fence(&self, link: &mut dyn Transport) -> Result<Fence, PrintFailure> {
        let end = Instant::now() + Duration::from_millis(self.timings.fence_ms);
        let mut status = RealTimeStatus { printer: 0x12, offline: 0x12, paper: 0x12 };
        let (mut next, mut asked) = (2, false);
        loop {
            let look = Instant::now() + Duration::from_millis(self.timings.fence_look_ms);
            match next_byte(link, look.min(end))? {
                Some(StatusByte::Fence(fence)) => {
                    // An answer still under way must not be taken for the answer to a later question.
                    if asked {
                        self.await_real_time(link)?;
                    }
                    return Ok(fence);
                }
                Some(StatusByte::RealTime(byte)) if asked => {
                    *(if next == 2 { &mut status.offline } else { &mut status.paper }) = byte;
                    next = if next == 2 { 4 } else { 2 };
                    if let Some(trouble) = status.read().trouble {
                        return Err(trouble.into());
                    }
                    // The second of the pair follows at once.
                    asked = next == 4 && ask_real_time(link, next)?;
                }
                Some(_) => {}
                None if Instant::now() >= end => return Err(DeviceError::new(DeviceErrorKind::Silent).into()),
                None if says_paper_empty(link)? => return Err(Trouble::PaperOut.into()),
                None if !asked => asked = ask_real_time(link, next)?,
                None => {}
            }
        }
    }

    /// From the moment at which the first row was sent: anything but a fence with a clean status is not certain.
    fn send(&self, link: &mut dyn Transport, slip: &Bitmap) -> Result<(), PrintFailure> {
        if let Err(error) = link.write_all(&job(slip)) {
            let is_stopped = error.kind() == io::ErrorKind::TimedOut && says_paper_empty(link)?;
            return Err(if is_stopped { Trouble::PaperOut.into() } else { DeviceError::from(error).into() });
        }
        let fence = self.await_fence(link)?;
        if fence.paper_out() {
            return Err(Trouble::PaperOut.into());
        }
        match self.ask_status(link)?.trouble {
            Some(trouble) => Err(trouble.into()),
            None => Ok(()),
        }
    }
}

/// Whether the port says so; a port that does not know the question says nothing.
fn says_paper_empty(link: &mut dyn Transport) -> Result<bool, DeviceError> {
    let Some(port) = link.printer_port() else { return Ok(false) };
    match port.status() {
        Ok(status) => Ok(status.is_paper_empty()),
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Err(e.into()),
        Err(_) => Ok(false),
    }
}

fn ask_real_time(link: &mut dyn Transport, n: u8) -> Result<bool, DeviceError> {
    link.write_all(&[0x10, 0x04, n])?;
    Ok(true)
}

/// The next byte before `end`, told by kind; `None` when none came. An automatic status is taken as a whole:
/// its last three bytes look like a fence.
fn next_byte(link: &mut dyn Transport, end: Instant) -> Result<Option<StatusByte>, DeviceError> {
    let Some(byte) = raw_byte(link, end)? else { return Ok(None) };
    let kind = StatusByte::from(byte);
    if kind == StatusByte::AutomaticHead {
        for _ in 0..AUTOMATIC_REST_BYTES {
            raw_byte(link, end)?;
        }
    }
    Ok(Some(kind))
}

fn raw_byte(link: &mut dyn Transport, end: Instant) -> Result<Option<u8>, DeviceError> {
    let mut byte = [0];
    match link.read(&mut byte, end.saturating_duration_since(Instant::now())) {
        Ok(_) => Ok(Some(byte[0])),
        Err(e) if e.kind() == io::ErrorKind::TimedOut => Ok(None),
        Err(e) => Err(e.into()),
    }
}

impl ReceiptPrinter for EscPosPrinter {
    fn status(&mut self) -> Result<PrinterStatus, DeviceError> {
        let mut link = self.connect()?;
        let status = self.ask_status(link.as_mut())?;
        self.link = Some(link);
        Ok(status)
    }

    fn print(&mut self, slip: &Bitmap) -> PrintOutcome {
        let mut link = match self.connect() {
            Ok(link) => link,
            Err(error) => return PrintOutcome::NotPrinted(error.into()),
        };
        match self.make_ready(link.as_mut()) {
            Ok(PrinterStatus { trouble: None, .. }) => {}
            Ok(PrinterStatus { trouble: Some(trouble), .. }) => {
                self.link = Some(link);
                return PrintOutcome::NotPrinted(trouble.into());
            }
            Err(error) => return PrintOutcome::NotPrinted(error.into()),
        }
        match self.send(link.as_mut(), slip) {
            Ok(()) => {
                self.link = Some(link);
                PrintOutcome::Printed
            }
            Err(failure) => {
                let _ = link.write_all(CLEAR_BUFFERS);
                self.rest = Rest::Begun;
                PrintOutcome::NotCertain(failure)
            }
        }
    }
}

/// All bytes of a slip: initialise, bands, cut, fence.
fn job(slip: &Bitmap) -> Zeroizing<Vec<u8>> {
    let height = slip.height();
    let mut job = Zeroizing::new(Vec::with_capacity(slip.row_bytes() * height + 8 * height + 64));
    job.extend_from_slice(INITIALISE);
    job.extend_from_slice(NO_AUTOMATIC_STATUS);
    job.extend_from_slice(ALIGN_LEFT);
    let mut y = 0;
    while y < height {
        let blank = (y..height).take_while(|r| used_bytes(slip, *r) == 0).count();
        let rows = if blank >= BLANK_ROWS_MIN { blank.min(255) } else { inked_rows(slip, y) };
        push_band(&mut job, slip, y..y + rows);
        y += rows;
    }
    job.extend_from_slice(FEED_AND_CUT);
    job.extend_from_slice(FENCE);
    job
}

/// Rows from `y` to the next stretch of white, at most a band.
fn inked_rows(slip: &Bitmap, y: usize) -> usize {
    let end = slip.height().min(y + BAND_ROWS);
    let is_gap = |from: usize| (from..slip.height().min(from + BLANK_ROWS_MIN)).all(|r| used_bytes(slip, r) == 0);
    (y + 1..end).find(|r| is_gap(*r)).unwrap_or(end) - y
}

fn used_bytes(slip: &Bitmap, y: usize) -> usize {
    slip.row(y).iter().rposition(|b| *b != 0).map_or(0, |last| last + 1)
}

/// `GS v 0` with only the bytes up to the rightmost dot.
fn push_band(job: &mut Vec<u8>, slip: &Bitmap, rows: std::ops::Range<usize>) {
    let width = rows.clone().map(|y| used_bytes(slip, y)).max().unwrap_or(0).max(1);
    let height = rows.len();
    job.extend_from_slice(&[
        0x1D,
        0x76,
        0x30,
        0x00,
        width as u8,
        (width >> 8) as u8,
        height as u8,
        (height >> 8) as u8,
    ]);
    let start = job.len();
    for y in rows {
        job.extend_from_slice(&slip.row(y)[..width]);
    }
    hide_real_time_commands(&mut job[start..]);
}

/// Printers take `DLE EOT`, `DLE ENQ` and `DLE DC4` out of the stream even inside a picture (seen with old
/// firmware): one dot more makes the DLE another byte.
fn hide_real_time_commands(data: &mut [u8]) {
    for i in 1..data.len() {
        if data[i - 1] == 0x10 && matches!(data[i], 0x04 | 0x05 | 0x14) {
            data[i - 1] = 0x18;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_real_time_command_is_left_inside_a_picture() {
        let mut slip = Bitmap::new(576, 0);
        for second in [0x04, 0x05, 0x14] {
            slip.push_row(&[0x10, second, 0x01, 0x10]);
            slip.push_row(&[second, 0x02, 0, 0]);
        }
        let job = job(&slip);
        let is_command = |w: &[u8]| w[0] == 0x10 && matches!(w[1], 0x04 | 0x05 | 0x14);
        assert!(!job.windows(2).any(is_command));
    }

    #[test]
    fn white_rows_cost_one_byte_each() {
        let mut slip = Bitmap::new(576, 200);
        slip.set(575, 0);
        assert!(job(&slip).len() < 72 + 199 + 40);
    }
}
