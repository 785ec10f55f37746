//! The receipt printer's thread: prints what is ordered, one job after the other, and asks for the state
//! while idle. What came of a job is the printer's own word, never ours.

use super::{DeviceClass, Health};
use crate::session::{Event, PrintProblem, PrintResult};
use drivers::receipt_printer::{Bitmap, PrintFailure, PrintOutcome, ReceiptPrinter, Trouble};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Between two questions for the state of an idle printer.
const STATUS_EVERY: Duration = Duration::from_secs(3);
/// Jobs that may wait; a citizen has at most one.
const JOBS_MAX: usize = 4;

/// One slip to print.
pub struct PrintJob {
    /// Order number of the session.
    pub order: u32,
    /// Number in the print ledger; ended with the outcome.
    pub slip_no: Option<u64>,
    /// The slip.
    pub bitmap: Bitmap,
}

/// A finished job, for the ledger and the session.
#[derive(Debug)]
pub struct Ended {
    /// Number in the ledger.
    pub slip_no: Option<u64>,
    /// Order number of the session.
    pub order: u32,
    /// What came of it.
    pub result: PrintResult,
}

/// What the thread is told.
enum Order {
    Print(PrintJob),
    /// Look how the printer stands.
    Look,
}

/// The thread and its queue.
pub struct Printer {
    jobs: Option<SyncSender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Printer {
    /// Starts the thread. `tell` is called from it and must not block; `ended` may wait until the end of the job
    /// is taken.
    pub fn start(
        printer: Box<dyn ReceiptPrinter>,
        health: Health,
        tell: impl Fn(Event) + Send + 'static,
        ended: impl Fn(Ended) + Send + 'static,
    ) -> Self {
        let (jobs, queue) = sync_channel(JOBS_MAX);
        let work = Work { printer, health, tell: Box::new(tell), ended: Box::new(ended) };
        let thread =
            std::thread::Builder::new().name("receipt-printer".to_owned()).spawn(move || work.run(&queue)).ok();
        Self { jobs: Some(jobs), thread }
    }

    /// Takes no more jobs; the thread ends after those that it has.
    pub fn end(&mut self) -> Option<JoinHandle<()>> {
        drop(self.jobs.take());
        self.thread.take()
    }

    /// Queues a slip; a full queue or a dead thread is answered at once as not printed.
    pub fn print(&self, job: PrintJob) -> Result<(), Ended> {
        let (order, slip_no) = (job.order, job.slip_no);
        let refused = || Ended { slip_no, order, result: PrintResult::NotPrinted(PrintProblem::NoAnswer) };
        self.jobs.as_ref().ok_or_else(refused)?.try_send(Order::Print(job)).map_err(|_| refused())
    }

    /// To be called when the printer may have come or gone. Keeps the thread from ending as long as it lives.
    pub fn knocker(&self) -> impl Fn() + Send + 'static {
        let jobs = self.jobs.clone();
        move || {
            // A full queue is a printer that is being used, and heard of that way.
            let _ = jobs.as_ref().map(|jobs| jobs.try_send(Order::Look));
        }
    }
}

impl Drop for Printer {
    fn drop(&mut self) {
        if let Some(thread) = self.end() {
            let _ = thread.join();
        }
    }
}

struct Work {
    printer: Box<dyn ReceiptPrinter>,
    health: Health,
    tell: Box<dyn Fn(Event) + Send>,
    ended: Box<dyn Fn(Ended) + Send>,
}

impl Work {
    fn run(mut self, queue: &Receiver<Order>) {
        self.ask();
        loop {
            match queue.recv_timeout(STATUS_EVERY) {
                Ok(Order::Print(job)) => {
                    let result = self.print(&job);
                    (self.ended)(Ended { slip_no: job.slip_no, order: job.order, result });
                    self.ask();
                }
                Ok(Order::Look) | Err(RecvTimeoutError::Timeout) => self.ask(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn ask(&mut self) {
        let news = match self.printer.status() {
            Ok(status) => match status.trouble {
                Some(trouble) => self.health.wants(DeviceClass::ReceiptPrinter, trouble.word()),
                None => self.health.well(DeviceClass::ReceiptPrinter),
            },
            Err(error) => self.health.ill(DeviceClass::ReceiptPrinter, &error),
        };
        if news {
            (self.tell)(Event::Health);
        }
    }

    fn print(&mut self, job: &PrintJob) -> PrintResult {
        match self.printer.print(&job.bitmap) {
            PrintOutcome::Printed => PrintResult::Printed,
            PrintOutcome::NotCertain(_) => PrintResult::NotCertain,
            PrintOutcome::NotPrinted(failure) => PrintResult::NotPrinted(match failure {
                PrintFailure::Trouble(Trouble::PaperOut) => PrintProblem::PaperOut,
                PrintFailure::Trouble(Trouble::CoverOpen) => PrintProblem::CoverOpen,
                PrintFailure::Trouble(Trouble::Jammed) => PrintProblem::Jammed,
                PrintFailure::Trouble(Trouble::Fault | Trouble::Offline) | PrintFailure::Device(_) => {
                    PrintProblem::NoAnswer
                }
            }),
        }
    }
}
