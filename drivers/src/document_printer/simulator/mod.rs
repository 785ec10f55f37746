//! A simulated document printer that speaks IPP byte for byte and shows each side of paper that came out, and the
//! knobs to take its paper, jam it, switch it off and break its line. In memory without a clock, or on a loopback port.

mod answer;
mod printer;

pub use printer::{Impression, Make, Pace, Printer, ReceivedDocument};

use super::IppPrinter;
use crate::simulation::{HttpBench, HttpPort, LineFaults, MemoryDial};
use std::{io, sync::Arc};

/// What a hand can do to the simulated printer, and what it sees of its paper.
#[derive(Clone)]
pub struct DocumentPrinterKnobs(Arc<HttpBench<Printer>>);

/// A driver wired to a simulator in memory, and the knobs. Sides come out on command only.
pub fn in_memory(make: Make) -> (IppPrinter, DocumentPrinterKnobs) {
    let knobs = DocumentPrinterKnobs(HttpBench::new(Printer::new(make)));
    (knobs.driver("yimen-terminal"), knobs)
}

/// A simulator on a loopback port (`ipp://127.0.0.1:PORT/ipp/print`; `ipps` with a server's settings).
pub fn on_tcp(
    make: Make,
    tls: Option<Arc<rustls::ServerConfig>>,
) -> io::Result<(HttpPort<Printer>, DocumentPrinterKnobs)> {
    let bench = HttpBench::new(Printer::new(make));
    Ok((HttpPort::start(bench.clone(), "yimen-document-printer", tls)?, DocumentPrinterKnobs(bench)))
}

impl DocumentPrinterKnobs {
    /// One more driver wired to the same simulator in memory, as after a restart of the terminal.
    pub fn driver(&self, user: &str) -> IppPrinter {
        let dial = || Box::new(MemoryDial(self.0.clone()));
        IppPrinter::over(dial(), dial(), "/ipp/print", user)
    }

    /// When sides of paper come out.
    pub fn pace(&self, pace: Pace) {
        self.0.with(|p| p.pace = pace);
    }

    /// Lets so many more sides come out, if nothing stops them; says how many did.
    pub fn print(&self, sides: u32) -> u32 {
        self.0.with(|p| p.print(sides))
    }

    /// So many sheets lie in the tray; `None` is a full one.
    pub fn paper(&self, sheets: Option<u32>) {
        self.change(|p| p.paper = sheets);
    }

    /// Takes the paper out, or puts it in.
    pub fn paper_out(&self, out: bool) {
        self.paper(out.then_some(0));
    }

    /// Jams the paper, or frees it.
    pub fn jam(&self, jammed: bool) {
        self.change(|p| p.jammed = jammed);
    }

    /// The paper jams after so many more sides.
    pub fn jam_after(&self, sides: u32) {
        self.0.with(|p| p.jam_after = Some(sides));
    }

    /// Opens or closes the cover.
    pub fn cover_open(&self, open: bool) {
        self.change(|p| p.cover_open = open);
    }

    /// Toner left.
    pub fn toner_percent(&self, percent: u8) {
        self.change(|p| p.toner_percent = percent);
    }

    /// Works for somebody else and takes no job.
    pub fn busy(&self, busy: bool) {
        self.0.with(|p| p.busy = busy);
    }

    /// Somebody paused it at its panel.
    pub fn paused(&self, paused: bool) {
        self.change(|p| p.paused = paused);
    }

    /// The printer aborts the next job after so many sides.
    pub fn abort_after(&self, sides: u32) {
        self.0.with(|p| p.abort_after = Some(sides));
    }

    /// The next Create-Job is not answered, and its job is there only after so many more requests.
    pub fn next_job_late_by(&self, requests: u32) {
        self.0.with(|p| p.next_job_late_by = Some(requests));
    }

    /// Another kind of device answers at the address.
    pub fn wrong_model(&self, wrong: bool) {
        self.0.with(|p| p.wrong_model = wrong);
    }

    /// Documents count as so many pages, whatever they hold; `None` counts them.
    pub fn pages_each(&self, pages: Option<u32>) {
        self.0.with(|p| p.pages_each = pages);
    }

    /// What is wrong with the line: silence, garbling, cuts after a number of bytes, a stall.
    pub fn line(&self, change: impl FnOnce(&mut LineFaults)) {
        self.0.with_faults(change);
    }

    /// The connection breaks after so many more bytes of requests.
    pub fn drop_after(&self, bytes: u64) {
        self.line(|faults| faults.cut_after_received = Some(bytes));
    }

    /// Connections that drivers in the same process hold open.
    pub fn connections(&self) -> usize {
        self.0.connections()
    }

    /// Pulls the cable, or puts it in.
    pub fn unplug(&self, unplugged: bool) {
        self.line(|faults| faults.unplugged = unplugged);
    }

    /// Switched off and on again.
    pub fn power_cycle(&self) {
        self.0.break_connections();
        self.change(Printer::power_cycle);
    }

    /// Sides of paper that came out, oldest first.
    pub fn came_out(&self) -> Vec<Impression> {
        self.0.with(|p| p.came_out.clone())
    }

    /// Documents as they came, oldest first.
    pub fn documents(&self) -> Vec<ReceivedDocument> {
        self.0.with(|p| p.documents.clone())
    }

    /// Jobs that have not ended.
    pub fn jobs_waiting(&self) -> usize {
        self.0.with(|p| p.jobs.iter().filter(|job| !job.state.has_ended()).count())
    }

    /// Requests that were answered.
    pub fn requests(&self) -> u64 {
        self.0.with(|p| p.requests)
    }

    /// Forgets what came out and what was received.
    pub fn clear_tray(&self) {
        self.0.with(|p| (p.came_out.clear(), p.documents.clear()));
    }

    fn change(&self, change: impl FnOnce(&mut Printer)) {
        self.0.with(|p| {
            change(p);
            p.settle();
            if p.pace == Pace::AtOnce {
                p.print(u32::MAX);
            }
        });
    }
}
