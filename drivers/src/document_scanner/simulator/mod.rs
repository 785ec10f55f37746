//! A simulated document scanner that speaks eSCL byte for byte; pictures are laid on its glass and into its feeder.
//! In memory without a clock, or on a loopback port, where `sane-airscan` meets it too.

mod picture;
mod scanner;

pub use picture::Picture;
pub use scanner::{LocationForm, Scanner};

use super::EsclScanner;
use crate::simulation::{HttpBench, HttpPort, LineFaults, MemoryDial};
use std::{io, sync::Arc};

/// What a hand can do to the simulated scanner.
#[derive(Clone)]
pub struct ScannerKnobs(Arc<HttpBench<Scanner>>);

/// A driver wired to a simulator in memory, and the knobs.
pub fn in_memory() -> (EsclScanner, ScannerKnobs) {
    let knobs = ScannerKnobs(HttpBench::new(Scanner::new()));
    (EsclScanner::over(Box::new(MemoryDial(knobs.0.clone())), "/eSCL"), knobs)
}

/// A simulator on a loopback port (`escl://127.0.0.1:PORT/eSCL`; `escls` with a server's settings).
pub fn on_tcp(tls: Option<Arc<rustls::ServerConfig>>) -> io::Result<(HttpPort<Scanner>, ScannerKnobs)> {
    let bench = HttpBench::new(Scanner::new());
    Ok((HttpPort::start(bench.clone(), "yimen-document-scanner", tls)?, ScannerKnobs(bench)))
}

impl ScannerKnobs {
    /// What lies on the glass, the last on top.
    pub fn lay(&self, pictures: Vec<Picture>) {
        self.0.with(|s| s.glass = pictures);
    }

    /// What lies in the feeder, in order.
    pub fn feed(&self, sheets: Vec<Picture>) {
        self.0.with(|s| s.feeder = sheets.into());
    }

    /// Sheets left in the feeder.
    pub fn sheets(&self) -> usize {
        self.0.with(|s| s.feeder.len())
    }

    /// Jams the feeder, or frees it.
    pub fn jam(&self, jammed: bool) {
        self.0.with(|s| s.jammed = jammed);
    }

    /// The feeder jams after so many more pages.
    pub fn jam_after(&self, pages: u32) {
        self.0.with(|s| s.jam_after = Some(pages));
    }

    /// Opens or closes the cover.
    pub fn cover_open(&self, open: bool) {
        self.0.with(|s| s.cover_open = open);
    }

    /// Works for somebody else.
    pub fn busy(&self, busy: bool) {
        self.0.with(|s| s.busy = busy);
    }

    /// So many questions for a page are answered 503 first.
    pub fn not_ready(&self, times: u32) {
        self.0.with(|s| s.not_ready = times);
    }

    /// Pages come in chunks, without a length.
    pub fn chunked(&self, chunked: bool) {
        self.0.with(|s| s.chunked = chunked);
    }

    /// How the place of a job is named.
    pub fn location(&self, form: LocationForm) {
        self.0.with(|s| s.location = form);
    }

    /// Another kind of device answers at the address.
    pub fn wrong_model(&self, wrong: bool) {
        self.0.with(|s| s.wrong_model = wrong);
    }

    /// What is wrong with the line: silence, garbling, cuts after a number of bytes, its rate.
    pub fn line(&self, change: impl FnOnce(&mut LineFaults)) {
        self.0.with_faults(change);
    }

    /// The connection breaks after so many more bytes of answers.
    pub fn drop_after(&self, bytes: u64) {
        self.line(|faults| faults.cut_after_sent = Some(bytes));
    }

    /// Connections that drivers in the same process hold open.
    pub fn connections(&self) -> usize {
        self.0.connections()
    }

    /// Pulls the cable, or puts it in.
    pub fn unplug(&self, unplugged: bool) {
        self.line(|faults| faults.unplugged = unplugged);
    }

    /// Pages given out so far.
    pub fn pages_given(&self) -> u32 {
        self.0.with(|s| s.pages_given)
    }

    /// Bytes of the pages given out so far.
    pub fn page_bytes(&self) -> u64 {
        self.0.with(|s| s.page_bytes)
    }

    /// Jobs that were deleted so far.
    pub fn deleted(&self) -> u32 {
        self.0.with(|s| s.deleted)
    }

    /// Whether a job is open.
    pub fn has_job(&self) -> bool {
        self.0.with(|s| s.has_job())
    }
}
