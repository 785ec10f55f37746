//! The behaviour of the simulated printer behind IPP: jobs worked off side by side of paper, a tray, conditions that
//! stop it. Holds no clock: a side is printed on command, at each look, or at once.

use crate::document_printer::{DocumentFormat, JobState, PrinterState, Sides, pwg};
use std::collections::VecDeque;

/// When sides of paper come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Only when a knob says so.
    OnCommand,
    /// One with each question for a job or the printer.
    EachLook,
    /// All, as soon as the document is there.
    AtOnce,
}

/// What a printer of this make does.
#[derive(Clone, Debug)]
pub struct Make {
    /// `document-format-supported`.
    pub formats: Vec<DocumentFormat>,
    /// Whether it knows Create-Job and Send-Document.
    pub creates_jobs: bool,
    /// Whether it works on one job only and answers `server-error-busy` meanwhile.
    pub one_job: bool,
    /// Whether it prints the whole pages of a document whose rest never came.
    pub prints_broken_documents: bool,
    /// Whether its jobs go on after it was switched off and on.
    pub keeps_jobs: bool,
    /// Sides that came out and are not yet counted in `job-impressions-completed` while the job goes on.
    pub counts_late_by: u32,
    /// Bytes to which it cuts `job-name`; `None` keeps it whole.
    pub cuts_names_to: Option<usize>,
    /// Whether it knows colour.
    pub color: bool,
    /// Whether it prints on both sides.
    pub duplex: bool,
}

impl Default for Make {
    fn default() -> Self {
        Self {
            formats: DocumentFormat::ALL.to_vec(),
            creates_jobs: true,
            one_job: false,
            prints_broken_documents: false,
            keeps_jobs: false,
            counts_late_by: 0,
            cuts_names_to: None,
            color: true,
            duplex: true,
        }
    }
}

/// One side of paper that came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impression {
    /// `job-name` of its job.
    pub job: String,
    /// Which side of the job, from 1.
    pub number: u32,
}

/// A document as it came.
#[derive(Clone, Debug)]
pub struct ReceivedDocument {
    /// `job-name`.
    pub job: String,
    /// `document-format`.
    pub format: Option<DocumentFormat>,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether all of it came.
    pub whole: bool,
}

/// A job in the printer.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) user: String,
    pub(super) state: JobState,
    pub(super) reasons: Vec<&'static str>,
    pub(super) copies: u32,
    pub(super) sides: Sides,
    pub(super) impressions: u32,
    pub(super) done: u32,
    aborts_at_end: bool,
}

impl Job {
    pub(super) fn new(name: &str, user: &str, copies: u32, sides: Sides) -> Self {
        Self {
            number: 0,
            name: name.to_owned(),
            user: user.to_owned(),
            state: JobState::Held,
            reasons: vec!["job-incoming"],
            copies,
            sides,
            impressions: 0,
            done: 0,
            aborts_at_end: false,
        }
    }

    fn is_ready(&self) -> bool {
        matches!(self.state, JobState::Pending | JobState::Processing | JobState::Stopped)
    }

    /// Sheets of paper for so many sides; each copy begins a new one.
    pub(super) fn sheets(&self, sides: u32) -> u32 {
        if self.sides == Sides::OneSided {
            return sides;
        }
        let pages = (self.impressions / self.copies.max(1)).max(1);
        sides / pages * pages.div_ceil(2) + (sides % pages).div_ceil(2)
    }

    fn end(&mut self, state: JobState, reason: &'static str) {
        (self.state, self.reasons) = (state, vec![reason]);
    }
}

/// A simulated printer.
pub struct Printer {
    pub(super) make: Make,
    pub(super) pace: Pace,
    /// Sheets in the tray; `None` is more than anybody prints.
    pub(super) paper: Option<u32>,
    pub(super) jammed: bool,
    /// The paper jams before so many more sides came out.
    pub(super) jam_after: Option<u32>,
    pub(super) cover_open: bool,
    pub(super) toner_percent: u8,
    pub(super) busy: bool,
    pub(super) paused: bool,
    /// The next job is aborted after so many sides.
    pub(super) abort_after: Option<u32>,
    pub(super) wrong_model: bool,
    /// The next Create-Job is not answered, and its job is there only so many requests later.
    pub(super) next_job_late_by: Option<u32>,
    /// A job that is still being made, and the requests until it is there.
    pub(super) late_job: Option<(Job, u32)>,
    pub(super) keeps_answer: bool,
    pub(super) jobs: VecDeque<Job>,
    pub(super) next_number: u32,
    pub(super) came_out: Vec<Impression>,
    pub(super) documents: Vec<ReceivedDocument>,
    pub(super) pages_each: Option<u32>,
    pub(super) requests: u64,
}

impl Printer {
    pub(super) fn new(make: Make) -> Self {
        Self {
            make,
            pace: Pace::OnCommand,
            paper: None,
            jammed: false,
            jam_after: None,
            cover_open: false,
            toner_percent: 80,
            busy: false,
            paused: false,
            abort_after: None,
            wrong_model: false,
            next_job_late_by: None,
            late_job: None,
            keeps_answer: false,
            jobs: VecDeque::new(),
            next_number: 1,
            came_out: Vec::new(),
            documents: Vec::new(),
            pages_each: None,
            requests: 0,
        }
    }

    pub(super) fn state(&self) -> PrinterState {
        let works = self.jobs.iter().any(Job::is_ready);
        match (self.is_stopped(works), works) {
            (true, _) => PrinterState::Stopped,
            (false, true) => PrinterState::Processing,
            (false, false) => PrinterState::Idle,
        }
    }

    /// Without paper a printer stops only when it wants a sheet.
    fn is_stopped(&self, works: bool) -> bool {
        self.jammed || self.cover_open || self.paused || (works && (self.paper == Some(0) || self.toner_percent == 0))
    }

    /// `printer-state-reasons`, with the ending of the moment.
    pub(super) fn reasons(&self) -> Vec<String> {
        let state = self.state();
        let ending = match state {
            PrinterState::Stopped => "-error",
            PrinterState::Processing => "-warning",
            PrinterState::Idle => "-report",
        };
        let said = [
            (self.paper == Some(0), "media-empty"),
            (self.paper.is_some_and(|sheets| (1..20).contains(&sheets)), "media-low"),
            (self.jammed, "media-jam"),
            (self.cover_open, "cover-open"),
            (self.toner_percent == 0, "toner-empty"),
            ((1..10).contains(&self.toner_percent), "toner-low"),
        ];
        let mut reasons: Vec<String> =
            said.iter().filter(|(is, _)| *is).map(|(_, reason)| format!("{reason}{ending}")).collect();
        if self.paused {
            reasons.push("paused".to_owned());
        }
        if reasons.is_empty() {
            reasons.push("none".to_owned());
        }
        reasons
    }

    /// Whether a new job must wait.
    pub(super) fn is_busy(&self) -> bool {
        self.busy || (self.make.one_job && self.jobs.iter().any(|job| !job.state.has_ended()))
    }

    pub(super) fn job(&mut self, number: u32) -> Option<&mut Job> {
        self.jobs.iter_mut().find(|job| job.number == number)
    }

    pub(super) fn add(&mut self, mut job: Job) -> u32 {
        job.number = self.next_number;
        self.next_number += 1;
        self.jobs.push_back(job);
        self.next_number - 1
    }

    /// Begins a job that is there only so many requests later; nothing is answered meanwhile.
    pub(super) fn begin_late(&mut self, job: Job, requests: u32) {
        self.late_job = Some((job, requests));
        self.keeps_answer = true;
    }

    /// Called with each request.
    pub(super) fn go_on_with_late_job(&mut self) {
        match self.late_job.take() {
            Some((job, 0)) => _ = self.add(job),
            Some((job, requests)) => self.late_job = Some((job, requests - 1)),
            None => {}
        }
    }

    /// `job-name` as this make says it.
    pub(super) fn said_name<'a>(&self, job: &'a Job) -> &'a str {
        self.make.cuts_names_to.and_then(|bytes| job.name.get(..bytes)).unwrap_or(&job.name)
    }

    /// A job's document has come, whole or not.
    pub(super) fn take_document(&mut self, number: u32, format: Option<DocumentFormat>, bytes: &[u8], whole: bool) {
        let pages = self.pages_each.unwrap_or_else(|| pages(format, bytes));
        let (prints_broken, abort_after) = (self.make.prints_broken_documents, self.abort_after.take());
        let Some(job) = self.job(number) else { return };
        let name = job.name.clone();
        job.impressions = pages * job.copies;
        job.reasons = vec!["job-printing"];
        job.state = JobState::Processing;
        if !whole {
            job.impressions = if prints_broken { whole_pages(format, bytes) } else { 0 };
            job.aborts_at_end = true;
        }
        if let Some(after) = abort_after {
            job.impressions = job.impressions.min(after);
            job.aborts_at_end = true;
        }
        self.documents.push(ReceivedDocument { job: name, format, bytes: bytes.to_vec(), whole });
        self.settle();
        if self.pace == Pace::AtOnce {
            self.print(u32::MAX);
        }
    }

    /// Called with each question.
    pub(super) fn looked_at(&mut self) {
        match self.pace {
            Pace::OnCommand => {}
            Pace::EachLook => _ = self.print(1),
            Pace::AtOnce => _ = self.print(u32::MAX),
        }
    }

    /// Lets so many more sides come out, if nothing stops them; says how many did.
    pub(super) fn print(&mut self, sides: u32) -> u32 {
        let mut printed = 0;
        while printed < sides {
            self.settle();
            let works = self.jobs.iter().any(Job::is_ready);
            if self.is_stopped(works) {
                break;
            }
            if self.jam_after == Some(0) && works {
                (self.jammed, self.jam_after) = (true, None);
                break;
            }
            let Some(job) = self.jobs.iter_mut().find(|job| job.is_ready()) else { break };
            let sheets = job.sheets(job.done);
            job.done += 1;
            let new_sheets = job.sheets(job.done) - sheets;
            self.came_out.push(Impression { job: job.name.clone(), number: job.done });
            self.paper = self.paper.map(|left| left.saturating_sub(new_sheets));
            self.jam_after = self.jam_after.map(|left| left.saturating_sub(1));
            printed += 1;
        }
        self.settle();
        printed
    }

    /// Brings the states of jobs up to what is so.
    pub(super) fn settle(&mut self) {
        for job in self.jobs.iter_mut().filter(|job| job.is_ready() && job.done >= job.impressions) {
            match job.aborts_at_end {
                true => job.end(JobState::Aborted, "aborted-by-system"),
                false => job.end(JobState::Completed, "job-completed-successfully"),
            }
        }
        let works = self.jobs.iter().any(Job::is_ready);
        let stopped = self.is_stopped(works);
        let mut first = true;
        for job in self.jobs.iter_mut().filter(|job| job.is_ready()) {
            job.state = match (first, stopped) {
                (true, true) => JobState::Stopped,
                (true, false) => JobState::Processing,
                (false, _) => JobState::Pending,
            };
            first = false;
        }
    }

    pub(super) fn cancel(&mut self, number: u32) -> bool {
        let ended = self.job(number).is_none_or(|job| job.state.has_ended());
        if let Some(job) = self.job(number).filter(|_| !ended) {
            job.end(JobState::Canceled, "job-canceled-by-user");
        }
        self.settle();
        !ended
    }

    /// `job-impressions-completed` as this make says it.
    pub(super) fn said_done(&self, job: &Job) -> u32 {
        if job.state.has_ended() { job.done } else { job.done.saturating_sub(self.make.counts_late_by) }
    }

    /// Switched off and on: numbers begin anew, what was in it is gone or goes on.
    pub(super) fn power_cycle(&mut self) {
        if !self.make.keeps_jobs {
            self.jobs.clear();
            self.next_number = 1;
        }
        self.jobs.retain(|job| !job.state.has_ended() && job.is_ready());
    }
}

/// Pages of a document as a printer counts them.
fn pages(format: Option<DocumentFormat>, bytes: &[u8]) -> u32 {
    match format {
        Some(DocumentFormat::PwgRaster) => pwg::count_pages(bytes).0,
        Some(DocumentFormat::Pdf) => {
            let pages = bytes.windows(11).filter(|w| w.starts_with(b"/Type /Page") || w.starts_with(b"/Type/Page"));
            let nodes = bytes.windows(12).filter(|w| w.starts_with(b"/Type /Pages") || w.starts_with(b"/Type/Pages"));
            (pages.count() - nodes.count().min(1)).max(1) as u32
        }
        _ => 1,
    }
}

/// Pages that are whole in a document whose rest never came.
fn whole_pages(format: Option<DocumentFormat>, bytes: &[u8]) -> u32 {
    match format {
        Some(DocumentFormat::PwgRaster) => pwg::count_pages(bytes).0,
        _ => 0,
    }
}
