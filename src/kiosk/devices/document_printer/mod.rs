//! The document printer's thread: hands one order over, follows it by the printer's own reports, ends it when
//! that is wanted, again and again until the printer says that it ended. Repeats no order, keeps no ledger; the
//! app writes down what is told here, in this order, before the session hears of it.

mod following;
mod work;

pub use following::Following;

use super::Health;
use crate::session::{Event, Pages, PaperTrouble, PrintStage};
use drivers::Stop;
use drivers::document_printer::{DocumentPrinter as Driver, JobTicket, PrinterCapabilities};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use zeroize::Zeroizing;

/// Commands that may wait; there is one order at a time.
const COMMANDS_MAX: usize = 16;

/// An order ready to be handed over.
pub struct PaperJob {
    /// Number of the session's order; none for one that an earlier run left open.
    pub order: Option<u32>,
    /// Number in the ledger.
    pub job_no: u64,
    /// How to print it; its name is the ledger's.
    pub ticket: JobTicket,
    /// The document.
    pub document: Zeroizing<Vec<u8>>,
    /// Offset at which each page begins in the document, rising; of a document that the printer divides itself
    /// (PDF) all are 0.
    pub page_starts: Vec<u64>,
    /// On both sides.
    pub two_sided: bool,
    /// Ends it.
    pub stop: Stop,
}

/// An order that an earlier run left open.
#[derive(Clone, Debug)]
pub struct OpenJob {
    /// Number in the ledger.
    pub job_no: u64,
    /// The ticket's name.
    pub name: String,
    /// `job-id`, where the printer had given one.
    pub number: Option<u32>,
    /// Pages ordered.
    pub ordered: u32,
    /// Pages that had come out.
    pub printed: u32,
    /// On both sides.
    pub two_sided: bool,
}

/// What the thread tells, to be written into the ledger first and said second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Number in the ledger.
    pub job_no: u64,
    /// The session's order, if one waits for it.
    pub order: Option<u32>,
    /// What.
    pub news: News,
}

/// What is told of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The printer gave it this number.
    Accepted(u32),
    /// So many pages came out, and what is happening.
    Progress {
        /// Pages.
        printed: u32,
        /// What is happening.
        stage: PrintStage,
    },
    /// Its end is being asked for.
    Ending,
    /// The printer is not heard of: what is to be said to the citizen; the ledger stays open.
    Unheard(Pages),
    /// Settled for good.
    Settled {
        /// Page by page.
        pages: Pages,
        /// Why not all came out.
        why: Option<PaperTrouble>,
    },
}

/// What is known of the printer, shared with the app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// It answers and nothing keeps it from printing.
    pub ready: bool,
    /// An order whose session is over is not at its end.
    pub finishing: bool,
    /// What it can do, as it last said.
    pub capabilities: Option<PrinterCapabilities>,
}

/// How often the printer is asked.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// After a running order.
    pub follow: Duration,
    /// While idle.
    pub status: Duration,
    /// While it does not answer and an order is open.
    pub retry: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { follow: Duration::from_millis(400), status: Duration::from_secs(5), retry: Duration::from_secs(2) }
    }
}

impl std::fmt::Debug for PaperJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PaperJob({}, {} bytes)", self.job_no, self.document.len())
    }
}

enum Command {
    Print(Box<PaperJob>),
    Settle(OpenJob),
    /// The session that ordered it is over, or the citizen wants it to stop.
    End {
        order: u32,
        session_over: bool,
    },
    Quit,
}

/// The thread and its queue.
pub struct DocumentPrinter {
    commands: SyncSender<Command>,
    standing: Arc<Mutex<Standing>>,
    thread: Option<JoinHandle<()>>,
}

impl DocumentPrinter {
    /// Starts the thread. Orders that an earlier run left open are settled before anything is printed. `tell` and
    /// `told` are called from it; `told` may wait, since nothing of it may be lost.
    pub fn start(
        (driver, pace): (Box<dyn Driver>, Pace),
        open: Vec<OpenJob>,
        health: Health,
        tell: impl Fn(Event) + Send + 'static,
        told: impl Fn(Told) + Send + 'static,
    ) -> Self {
        let (commands, queue) = sync_channel(COMMANDS_MAX.max(open.len() + 1));
        let standing = Arc::new(Mutex::new(Standing { finishing: !open.is_empty(), ..Standing::default() }));
        for job in open {
            let _ = commands.try_send(Command::Settle(job));
        }
        let work = work::Work::new((driver, pace), health, standing.clone(), Box::new(tell), Box::new(told));
        let thread =
            std::thread::Builder::new().name("document-printer".to_owned()).spawn(move || work.run(&queue)).ok();
        Self { commands, standing, thread }
    }

    /// Hands an order to the thread; false where it cannot be taken (the thread is gone or overrun): nothing of
    /// it was sent.
    #[must_use]
    pub fn print(&self, job: PaperJob) -> bool {
        self.commands.try_send(Command::Print(Box::new(job))).is_ok()
    }

    /// Wants the order's end. Its own [`Stop`] must have been requested too, since a hand-over may be in progress.
    pub fn end(&self, order: u32, session_over: bool) {
        let _ = self.commands.try_send(Command::End { order, session_over });
    }

    /// What is known of the printer.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for DocumentPrinter {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Quit);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drivers::document_printer::simulator::{DocumentPrinterKnobs, Make, in_memory};
    use drivers::document_printer::{DocumentFormat, IppTimings};
    use std::sync::mpsc::{Receiver, channel};

    const LONG: Duration = Duration::from_secs(10);
    const PACE: Pace =
        Pace { follow: Duration::from_millis(1), status: Duration::from_secs(5), retry: Duration::from_millis(1) };

    fn started() -> (DocumentPrinter, DocumentPrinterKnobs, Receiver<Told>) {
        let (driver, knobs) = in_memory(Make::default());
        let driver = driver.with_timings(IppTimings { answer_ms: 30, ..IppTimings::default() });
        let (sender, told) = channel();
        let tell = move |news| drop(sender.send(news));
        let printer = DocumentPrinter::start((Box::new(driver), PACE), Vec::new(), Health::default(), |_| {}, tell);
        (printer, knobs, told)
    }

    fn one_page(job_no: u64) -> PaperJob {
        PaperJob {
            order: Some(1),
            job_no,
            ticket: JobTicket::a4(format!("yimen-00112233445566778899aa{job_no:02}"), DocumentFormat::Pdf),
            document: Zeroizing::new(b"%PDF-1.7 /Type /Page".to_vec()),
            page_starts: vec![0],
            two_sided: false,
            stop: Stop::new(),
        }
    }

    /// What is told of an order to its end.
    fn told_of(told: &Receiver<Told>) -> Vec<News> {
        let mut all = Vec::new();
        while !matches!(all.last(), Some(News::Settled { .. })) {
            all.push(told.recv_timeout(LONG).unwrap().news);
        }
        all
    }

    fn none_printed(news: Option<&News>) -> bool {
        let none = Pages { not_printed: 1, ..Pages::default() };
        matches!(news, Some(News::Settled { pages, .. }) if *pages == none)
    }

    #[test]
    fn a_job_that_a_slow_printer_makes_late_is_found_and_ended() {
        let (printer, knobs, told) = started();
        // Two questions a look: it is there at the third.
        knobs.next_job_late_by(6);
        assert!(printer.print(one_page(1)));
        let news = told_of(&told);
        assert!(news.iter().any(|news| matches!(news, News::Unheard(_))), "the citizen waits: {news:?}");
        assert!(news.iter().any(|news| matches!(news, News::Accepted(_))), "it was not found: {news:?}");
        assert!(none_printed(news.last()), "{news:?}");
        assert_eq!((knobs.jobs_waiting(), knobs.print(9)), (0, 0));
    }

    #[test]
    fn a_job_that_is_never_made_does_not_keep_the_printer_for_good() {
        let (printer, knobs, told) = started();
        knobs.next_job_late_by(u32::MAX);
        assert!(printer.print(one_page(1)));
        assert!(none_printed(told_of(&told).last()));
        assert!(printer.print(one_page(2)));
        assert!(matches!(told.recv_timeout(LONG).unwrap().news, News::Accepted(_)));
    }
}
