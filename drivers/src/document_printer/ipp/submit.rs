//! Handing a document over, so that it is always known what may come out. Where the printer can, the job is made
//! first (Create-Job) and has its number before a byte of the document leaves (Send-Document); else Print-Job.
//! Nothing is sent twice: only a refusal that left no job behind is tried again.
//!
//! ```text
//! status ─trouble─▶ NotSent
//!   │ busy: look again, bounded
//! Create-Job ─refused─▶ NotSent
//!   ├─ broke ─▶ look for it by name, cancel ─gone─▶ NotSent, else NotCertain with no byte
//!   ├─ no answer in time ─▶ the same, and one that is not there may still be made: NotCertain with no byte
//!   │ number
//! Send-Document ─success─▶ Accepted
//!   ├─ broke before the document's first byte ─▶ cancel ─ended─▶ NotSent, else NotCertain with no byte
//!   ├─ refused, stopped, document unreadable ─▶ cancel, ask ─ended, 0 impressions─▶ NotSent, else NotCertain
//!   └─ broke later ─▶ NotCertain with the number
//! ```

use super::message::{Attribute, Message, Value};
use super::words::{operation, status as code};
use super::{Answer, IppPrinter, Known, add, document_format, jobs, read_answer, refusal};
use crate::document_printer::{
    DocumentPrinter, DocumentPrinterStatus, JobId, JobReport, JobState, Submission, SubmitFailure, SubmitOutcome,
    SubmitProgress, ipp::IppTimings,
};
use crate::http::{HttpClient, HttpFailure, Outgoing, Patience, Response};
use crate::{DeviceError, DeviceErrorKind, Stop};
use std::time::Duration;

type Progress<'a> = Option<&'a mut dyn FnMut(SubmitProgress)>;

pub(super) fn submit(printer: &mut IppPrinter, mut submission: Submission<'_>) -> SubmitOutcome {
    let known = match prepare(printer, &submission) {
        Ok(known) => known,
        Err(failure) => return SubmitOutcome::NotSent(failure),
    };
    if known.creates_jobs {
        match create(printer, &mut submission, &known) {
            Ok(id) => send_document(printer, submission, id),
            Err(SubmitFailure::Device(error)) => take_back(printer, &submission.ticket.name, error),
            Err(failure) => SubmitOutcome::NotSent(failure),
        }
    } else {
        print_job(printer, submission, &known)
    }
}

fn prepare(printer: &mut IppPrinter, submission: &Submission<'_>) -> Result<Known, SubmitFailure> {
    goes_on(submission.stop)?;
    let known = printer.known()?;
    match printer.status()?.trouble {
        Some(trouble) => Err(SubmitFailure::Trouble(trouble)),
        None => Ok(known),
    }
}

fn goes_on(stop: &Stop) -> Result<(), SubmitFailure> {
    if stop.is_requested() { Err(SubmitFailure::Stopped) } else { Ok(()) }
}

/// Makes the job, with patience while the printer works for somebody else.
fn create(printer: &mut IppPrinter, submission: &mut Submission<'_>, known: &Known) -> Result<JobId, SubmitFailure> {
    for _ in 0..printer.timings.busy_looks {
        let request = printer.ticket_request(operation::CREATE_JOB, submission.ticket, known);
        let answer = printer.ask(request)?;
        if answer.code != code::BUSY {
            return accepted(&answer, &submission.ticket.name);
        }
        wait_while_busy(printer, submission)?;
    }
    Err(SubmitFailure::Busy)
}

/// One look at a busy printer; the time between two looks passes only while it says that it works.
fn wait_while_busy(printer: &mut IppPrinter, submission: &mut Submission<'_>) -> Result<(), SubmitFailure> {
    std::thread::sleep(Duration::from_millis(printer.timings.busy_look_ms));
    goes_on(submission.stop)?;
    let status = printer.status()?;
    if let Some(trouble) = status.trouble {
        return Err(SubmitFailure::Trouble(trouble));
    }
    if let Some(progress) = &mut submission.progress {
        progress(SubmitProgress::Waiting(status));
    }
    Ok(())
}

fn accepted(answer: &Message, name: &str) -> Result<JobId, SubmitFailure> {
    if let Some(refusal) = refusal(answer) {
        return Err(SubmitFailure::Refused(refusal));
    }
    let number = answer.groups.iter().find_map(|group| group.integer("job-id"));
    match number.and_then(|number| u32::try_from(number).ok()) {
        Some(number) => Ok(JobId { number, name: name.to_owned() }),
        None => Err(DeviceError::because(DeviceErrorKind::Garbled, "a job without a number").into()),
    }
}

/// Create-Job's answer did not come: a job without a document prints nothing, but where it was made it waits at the
/// printer for good, and some printers then take no other. One that only did not answer in time may still be making
/// it: that it is not there yet is not the end.
fn take_back(printer: &mut IppPrinter, name: &str, error: DeviceError) -> SubmitOutcome {
    let may_come_late = error.is_silence();
    let failure = SubmitFailure::Device(error);
    match jobs::find(printer, name) {
        Ok(Some(id)) => end_empty(printer, id, failure),
        Ok(None) if !may_come_late => SubmitOutcome::NotSent(failure),
        Ok(None) | Err(_) => SubmitOutcome::NotCertain { job: None, document_bytes: 0, failure },
    }
}

/// Ends a job that has nothing of its document.
fn end_empty(printer: &mut IppPrinter, id: JobId, failure: SubmitFailure) -> SubmitOutcome {
    match jobs::cancel(printer, &id) {
        Ok(report) if report.state.has_ended() => SubmitOutcome::NotSent(failure),
        _ => SubmitOutcome::NotCertain { job: Some(id), document_bytes: 0, failure },
    }
}

fn send_document(printer: &mut IppPrinter, submission: Submission<'_>, id: JobId) -> SubmitOutcome {
    let mut request = printer.request(operation::SEND_DOCUMENT);
    add(&mut request, Attribute::one("job-id", Value::Integer(i32::try_from(id.number).unwrap_or(i32::MAX))));
    add(&mut request, Attribute::one("last-document", Value::Boolean(true)));
    add(&mut request, document_format(submission.ticket));
    let (answer, document_bytes) = send(printer, &request, submission);
    let failure = match answer {
        Ok(answer) => match refusal(&answer) {
            None => return SubmitOutcome::Accepted(id),
            Some(refusal) => SubmitFailure::Refused(refusal),
        },
        Err(failure) => failure_of(failure),
    };
    // A broken wire is left to the caller, who repeats the cancel; all else is ended here at once.
    let wire_broke = matches!(failure, SubmitFailure::Device(_));
    if document_bytes == 0 {
        return end_empty(printer, id, failure);
    }
    if !wire_broke && jobs::cancel(printer, &id).is_ok_and(|report| nothing_came_out(&report)) {
        return SubmitOutcome::NotSent(failure);
    }
    SubmitOutcome::NotCertain { job: Some(id), document_bytes, failure }
}

/// The printer itself says that the job has ended and no side of paper was printed.
fn nothing_came_out(report: &JobReport) -> bool {
    matches!(report.state, JobState::Canceled | JobState::Aborted) && report.impressions_completed == Some(0)
}

/// For printers that know no Create-Job. A refusal leaves no job behind (RFC 8011 §4.2.1.2).
fn print_job(printer: &mut IppPrinter, mut submission: Submission<'_>, known: &Known) -> SubmitOutcome {
    let name = submission.ticket.name.clone();
    for _ in 0..printer.timings.busy_looks {
        let request = printer.ticket_request(operation::PRINT_JOB, submission.ticket, known);
        let again = Submission {
            ticket: submission.ticket,
            document: &mut *submission.document,
            length: submission.length,
            stop: submission.stop,
            progress: submission.progress.as_mut().map(|progress| &mut **progress as &mut dyn FnMut(SubmitProgress)),
        };
        let (answer, document_bytes) = send(printer, &request, again);
        let failure = match answer.map(|answer| (answer.code, accepted(&answer, &name))) {
            Ok((_, Ok(id))) => return SubmitOutcome::Accepted(id),
            // What was read of the document cannot be read again.
            Ok((code::BUSY, _)) if document_bytes > 0 => return SubmitOutcome::NotSent(SubmitFailure::Busy),
            Ok((code::BUSY, _)) => match wait_while_busy(printer, &mut submission) {
                Ok(()) => continue,
                Err(failure) => return SubmitOutcome::NotSent(failure),
            },
            Ok((_, Err(failure @ SubmitFailure::Refused(_)))) => return SubmitOutcome::NotSent(failure),
            Ok((_, Err(failure))) => failure,
            Err(failure) => failure_of(failure),
        };
        if document_bytes == 0 {
            return SubmitOutcome::NotSent(failure);
        }
        return SubmitOutcome::NotCertain { job: jobs::find(printer, &name).ok().flatten(), document_bytes, failure };
    }
    SubmitOutcome::NotSent(SubmitFailure::Busy)
}

fn failure_of(failure: HttpFailure) -> SubmitFailure {
    match failure {
        HttpFailure::Device(error) => SubmitFailure::Device(error),
        HttpFailure::Document(error) => SubmitFailure::Document(error),
        HttpFailure::Stopped => SubmitFailure::Stopped,
    }
}

fn send(printer: &mut IppPrinter, request: &Message, submission: Submission<'_>) -> (Answer, u64) {
    let status_request = printer.status_request();
    let observer = printer.observer.take();
    let mut wait = Wait {
        stop: submission.stop,
        progress: submission.progress,
        timings: printer.timings,
        still_ms: 0,
        request_id: request.request_id,
        observer,
        target: printer.target.clone(),
        status_request,
    };
    let document = Outgoing { source: submission.document, length: submission.length };
    let sent = printer.send(request, Some(document), &mut wait);
    printer.observer = wait.observer;
    sent
}

/// Waits for a printer that takes a document, and looks at it through a second connection when nothing moves.
struct Wait<'a> {
    stop: &'a Stop,
    progress: Progress<'a>,
    timings: IppTimings,
    still_ms: u64,
    request_id: u32,
    observer: Option<HttpClient>,
    target: String,
    status_request: Message,
}

impl Wait<'_> {
    fn tell(&mut self, progress: SubmitProgress) {
        if let Some(listener) = &mut self.progress {
            listener(progress);
        }
    }

    fn goes_on(&self) -> Result<(), HttpFailure> {
        if self.stop.is_requested() { Err(HttpFailure::Stopped) } else { Ok(()) }
    }

    fn look_at_printer(&mut self) -> Option<DocumentPrinterStatus> {
        super::ask_status(self.observer.as_mut()?, &self.target, &self.status_request, self.timings)
    }
}

impl Patience for Wait<'_> {
    fn look(&self) -> Duration {
        Duration::from_millis(self.timings.still_look_ms)
    }

    fn sending(&mut self, document_bytes: u64) -> Result<(), HttpFailure> {
        self.still_ms = 0;
        self.goes_on()?;
        self.tell(SubmitProgress::Sending(document_bytes));
        Ok(())
    }

    /// A printer without paper takes no more bytes and is not gone: it waits for a hand, and so do we, as long as
    /// it says so and nobody stops us.
    fn still(&mut self) -> Result<(), HttpFailure> {
        self.goes_on()?;
        let status = self.look_at_printer();
        let explains_itself = status.as_ref().is_some_and(|status| status.trouble.is_some());
        if let Some(status) = status {
            self.tell(SubmitProgress::Waiting(status));
        }
        self.still_ms = if explains_itself { 0 } else { self.still_ms + self.timings.still_look_ms.max(1) };
        if self.still_ms > self.timings.still_ms {
            return Err(HttpFailure::Device(DeviceError::new(DeviceErrorKind::Silent)));
        }
        Ok(())
    }

    fn wants_rest(&mut self, early: &Response) -> bool {
        read_answer(early, self.request_id).is_ok_and(|answer| refusal(&answer).is_none())
    }
}
