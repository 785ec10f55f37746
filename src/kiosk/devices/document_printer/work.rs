//! The loop of the document printer's thread: one order at a time, from the hand-over to its settlement.
//!
//! ```text
//!  Print ──submit──▶ Following ──report says ended──▶ Settled
//!             │          │ end wanted: cancel, again until the report says ended
//!             └─not sent─┴──▶ Settled            silent for a minute: Unheard is told, following goes on
//!                                                nothing of it sent, not found: looked for some seconds more
//! ```

use super::{Command, Following, News, OpenJob, Pace, PaperJob, Standing, Told};
use crate::devices::{DeviceClass, Health};
use crate::session::{Event, Pages, PaperTrouble, PrintStage};
use drivers::DeviceError;
use drivers::document_printer::{
    DocumentPrinter as Driver, JobId, JobReport, JobState, Submission, SubmitFailure, SubmitOutcome, Trouble,
};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};

/// Tries in vain after which the citizen is told that it is not certain what came out: a minute at the usual pace.
const UNHEARD_TRIES: u32 = 30;
/// Looks for an order of which nothing is with the printer before "not found" is its end: a slow printer may still be
/// making the job; at the usual pace four seconds, in which nobody else may print.
const LATE_LOOKS: u32 = 10;

/// An order with the printer.
struct Current {
    job_no: u64,
    order: Option<u32>,
    /// None: sent, but its number is not known; it is looked for by its name.
    id: Option<JobId>,
    name: String,
    following: Following,
    ending: bool,
    by_citizen: bool,
    /// Questions without an answer since the last one that had one.
    silent: u32,
    unheard_told: bool,
    /// Looks that did not find it.
    looks_in_vain: u32,
    last_trouble: Option<PaperTrouble>,
}

/// The thread's state.
pub(super) struct Work {
    driver: Box<dyn Driver>,
    pace: Pace,
    health: Health,
    standing: Arc<Mutex<Standing>>,
    tell: Box<dyn Fn(Event) + Send>,
    told: Box<dyn Fn(Told) + Send>,
    current: Option<Current>,
    /// Orders of an earlier run, one after the other.
    open: Vec<OpenJob>,
}

impl Work {
    pub(super) fn new(
        (driver, pace): (Box<dyn Driver>, Pace),
        health: Health,
        standing: Arc<Mutex<Standing>>,
        tell: Box<dyn Fn(Event) + Send>,
        told: Box<dyn Fn(Told) + Send>,
    ) -> Self {
        Self { driver, pace, health, standing, tell, told, current: None, open: Vec::new() }
    }

    pub(super) fn run(mut self, queue: &Receiver<Command>) {
        self.ask_capabilities();
        self.ask_status();
        loop {
            let wait = match &self.current {
                Some(current) if current.silent > 0 => self.pace.retry,
                Some(_) => self.pace.follow,
                None => self.pace.status,
            };
            match queue.recv_timeout(wait) {
                Ok(Command::Print(job)) => self.print(*job),
                Ok(Command::Settle(job)) => {
                    self.open.push(job);
                    self.next_open();
                }
                Ok(Command::End { order, session_over }) => self.want_end(order, session_over),
                Ok(Command::Quit) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    if self.current.is_none() {
                        self.ask_status();
                    }
                }
            }
            if self.current.is_some() {
                self.follow();
            }
        }
    }

    fn print(&mut self, job: PaperJob) {
        let pages = u32::try_from(job.page_starts.len()).unwrap_or(u32::MAX);
        let none = |why| News::Settled { pages: Pages { not_printed: pages, ..Pages::default() }, why: Some(why) };
        let told = |news| Told { job_no: job.job_no, order: job.order, news };
        if self.current.is_some() || !self.open.is_empty() {
            return (self.told)(told(none(PaperTrouble::Busy)));
        }
        if job.stop.is_requested() {
            return (self.told)(told(none(PaperTrouble::ByCitizen)));
        }
        let mut document: &[u8] = &job.document;
        let submission = Submission {
            ticket: &job.ticket,
            length: Some(job.document.len() as u64),
            document: &mut document,
            stop: &job.stop,
            progress: None,
        };
        match self.driver.submit(submission) {
            SubmitOutcome::NotSent(failure) => {
                let why = self.failure(&failure);
                (self.told)(told(none(why)));
            }
            SubmitOutcome::Accepted(id) => {
                (self.told)(told(News::Accepted(id.number)));
                self.current = Some(Current::of(&job, Some(id), pages));
            }
            SubmitOutcome::NotCertain { job: id, document_bytes, failure } => {
                let begun = job.page_starts.iter().filter(|start| **start < document_bytes).count();
                if let Some(id) = &id {
                    (self.told)(told(News::Accepted(id.number)));
                }
                let mut current = Current::of(&job, id, u32::try_from(begun).unwrap_or(pages));
                current.last_trouble = Some(self.failure(&failure));
                // What is half there must not come out later.
                current.ending = true;
                (self.told)(told(News::Ending));
                if begun == 0 {
                    // No page can come out: the citizen need not wait until an empty job is found and ended.
                    (self.told)(told(News::Unheard(current.following.unheard())));
                    current.unheard_told = true;
                    current.order = None;
                }
                self.current = Some(current);
            }
        }
        if job.stop.is_requested()
            && let Some(order) = job.order
        {
            self.want_end(order, false);
        }
        self.publish();
    }

    /// The next order of an earlier run, which is ended and settled.
    fn next_open(&mut self) {
        if self.current.is_some() || self.open.is_empty() {
            return;
        }
        let job = self.open.remove(0);
        let id = job.number.map(|number| JobId { number, name: job.name.clone() });
        self.current = Some(Current {
            job_no: job.job_no,
            order: None,
            id,
            name: job.name,
            following: Following::new(job.ordered, job.two_sided, job.ordered, job.printed),
            ending: true,
            by_citizen: false,
            silent: 0,
            unheard_told: true,
            looks_in_vain: 0,
            last_trouble: Some(PaperTrouble::NoAnswer),
        });
        self.publish();
    }

    fn want_end(&mut self, order: u32, session_over: bool) {
        let Some(current) = self.current.as_mut().filter(|current| current.order == Some(order)) else { return };
        current.by_citizen = true;
        if session_over {
            current.order = None;
        }
        if !current.ending {
            current.ending = true;
            let told = Told { job_no: current.job_no, order: current.order, news: News::Ending };
            (self.told)(told);
        }
        self.publish();
    }

    /// One question after the order that is with the printer.
    fn follow(&mut self) {
        let Some(mut current) = self.current.take() else { return };
        match self.report(&mut current) {
            Ok(report) => {
                current.silent = 0;
                if current.is_looked_for_again() {
                    self.current = Some(current);
                } else {
                    self.heard(current, &report);
                }
            }
            Err(error) => {
                self.health.ill(DeviceClass::DocumentPrinter, &error);
                self.unheard(current);
            }
        }
    }

    fn report(&mut self, current: &mut Current) -> Result<JobReport, DeviceError> {
        if current.id.is_none() {
            // It may have ended meanwhile: then the printer still knows how.
            current.id = self.driver.find_job(&current.name)?;
            if let Some(id) = &current.id {
                (self.told)(Told { job_no: current.job_no, order: current.order, news: News::Accepted(id.number) });
            }
        }
        match &current.id {
            Some(id) if current.ending => self.driver.cancel(id),
            Some(id) => self.driver.job(id),
            None => Ok(JobReport::unknown()),
        }
    }

    fn heard(&mut self, mut current: Current, report: &JobReport) {
        let stopped = report.state == JobState::Stopped;
        let trouble = if stopped || report.state == JobState::Processing { self.trouble() } else { None };
        current.following.take(report, trouble);
        let said = trouble.map(said);
        if said.is_some() {
            current.last_trouble = said;
        }
        if let Some(pages) = current.following.settled(report) {
            let whole = pages.not_printed == 0 && pages.not_certain == 0;
            let fallback = if report.state == JobState::Aborted { PaperTrouble::Fault } else { PaperTrouble::NoAnswer };
            let why = match (whole, current.by_citizen) {
                (true, _) => None,
                (false, true) => Some(PaperTrouble::ByCitizen),
                (false, false) => Some(current.last_trouble.unwrap_or(fallback)),
            };
            (self.told)(Told { job_no: current.job_no, order: current.order, news: News::Settled { pages, why } });
            self.next_open();
            self.ask_status();
            return;
        }
        let stage = match (report.state, said) {
            _ if current.ending => PrintStage::Stopping,
            (JobState::Pending | JobState::Held, _) => PrintStage::Waiting,
            (_, Some(trouble)) => PrintStage::Stopped(trouble),
            (JobState::Stopped, None) => PrintStage::Stopped(PaperTrouble::Fault),
            _ => PrintStage::Running,
        };
        let news = News::Progress { printed: current.following.printed(), stage };
        (self.told)(Told { job_no: current.job_no, order: current.order, news });
        self.current = Some(current);
        self.publish();
    }

    fn unheard(&mut self, mut current: Current) {
        current.silent = current.silent.saturating_add(1);
        let news = if current.silent < UNHEARD_TRIES {
            let stage = PrintStage::Stopped(PaperTrouble::NoAnswer);
            Some(News::Progress { printed: current.following.printed(), stage })
        } else if current.unheard_told {
            None
        } else {
            current.unheard_told = true;
            current.ending = true;
            Some(News::Unheard(current.following.unheard()))
        };
        if let Some(news) = news {
            (self.told)(Told { job_no: current.job_no, order: current.order, news });
        }
        if current.unheard_told {
            current.order = None;
        }
        self.current = Some(current);
        self.publish();
    }

    /// What keeps the printer from going on, as it says itself.
    fn trouble(&mut self) -> Option<Trouble> {
        self.driver.status().ok().and_then(|status| status.trouble)
    }

    fn failure(&mut self, failure: &SubmitFailure) -> PaperTrouble {
        match failure {
            SubmitFailure::Refused(_) | SubmitFailure::Document(_) => PaperTrouble::Refused,
            SubmitFailure::Busy => PaperTrouble::Busy,
            SubmitFailure::Trouble(trouble) => said(*trouble),
            SubmitFailure::Stopped => PaperTrouble::ByCitizen,
            SubmitFailure::Device(error) => {
                self.health.ill(DeviceClass::DocumentPrinter, error);
                PaperTrouble::NoAnswer
            }
        }
    }

    fn ask_capabilities(&mut self) {
        let said = self.driver.capabilities();
        if let Ok(capabilities) = said {
            self.lock().capabilities = Some(capabilities);
        }
    }

    fn ask_status(&mut self) {
        let ready = match self.driver.status() {
            Ok(status) => match status.trouble {
                Some(trouble) => {
                    self.health.wants(DeviceClass::DocumentPrinter, trouble.word());
                    false
                }
                None => {
                    self.health.well(DeviceClass::DocumentPrinter);
                    true
                }
            },
            Err(error) => {
                self.health.ill(DeviceClass::DocumentPrinter, &error);
                false
            }
        };
        // A printer that was not there at the start, or was exchanged, has not said yet what it can do.
        let unknown = {
            let standing = self.lock();
            standing.capabilities.is_none() || !standing.ready
        };
        if ready && unknown {
            self.ask_capabilities();
        }
        self.lock().ready = ready;
        self.publish();
    }

    /// What others see changed.
    fn publish(&mut self) {
        let finishing = !self.open.is_empty() || self.current.as_ref().is_some_and(|c| c.order.is_none());
        self.lock().finishing = finishing;
        (self.tell)(Event::Health);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Current {
    fn of(job: &PaperJob, id: Option<JobId>, handed_over: u32) -> Self {
        let ordered = u32::try_from(job.page_starts.len()).unwrap_or(u32::MAX);
        Self {
            job_no: job.job_no,
            order: job.order,
            id,
            name: job.ticket.name.clone(),
            following: Following::new(ordered, job.two_sided, handed_over, 0),
            ending: false,
            by_citizen: false,
            silent: 0,
            unheard_told: false,
            looks_in_vain: 0,
            last_trouble: None,
        }
    }

    /// Whether an order that was not found is looked for once more: the citizen knows already that no page of it can
    /// come out, but its empty job, made late, would wait at the printer for good.
    fn is_looked_for_again(&mut self) -> bool {
        let again =
            self.id.is_none() && self.unheard_told && self.following.has_nothing() && self.looks_in_vain < LATE_LOOKS;
        self.looks_in_vain += u32::from(again);
        again
    }
}

fn said(trouble: Trouble) -> PaperTrouble {
    match trouble {
        Trouble::PaperOut | Trouble::TrayMissing => PaperTrouble::PaperOut,
        Trouble::Jammed | Trouble::OutputFull => PaperTrouble::Jammed,
        Trouble::CoverOpen => PaperTrouble::CoverOpen,
        Trouble::TonerOut => PaperTrouble::TonerOut,
        Trouble::Paused => PaperTrouble::NoAnswer,
        Trouble::Fault => PaperTrouble::Fault,
    }
}
