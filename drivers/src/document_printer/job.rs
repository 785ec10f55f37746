//! What became of a document: the outcome of handing it over, and the job in the printer afterwards
//! (RFC 8011 §5.3). The words keep apart what is known from what is not.

use super::Trouble;
use crate::DeviceError;
use std::io;

/// A job in the printer. Numbers begin anew when a printer is switched off, so the name belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JobId {
    /// `job-id`.
    pub number: u32,
    /// `job-name`, from the ticket.
    pub name: String,
}

/// What became of a submission.
#[derive(Debug)]
pub enum SubmitOutcome {
    /// The printer has no page of it and will print none; no job of it waits there.
    NotSent(SubmitFailure),
    /// The printer has all of it and gave it a number.
    Accepted(JobId),
    /// No answer came: what went out of the document may come out. The job is still to be ended at the printer, even
    /// an empty one, which would wait there for good. A slow printer may make it only after this was said: one that
    /// is not found is looked for again.
    NotCertain {
        /// The job, where its number is known; else it is [found](super::DocumentPrinter::find_job) by its name.
        job: Option<JobId>,
        /// Bytes of the document handed over, at most: pages that begin beyond them cannot come out.
        document_bytes: u64,
        /// What went wrong.
        failure: SubmitFailure,
    },
}

/// Why a document is not with the printer.
#[derive(Debug, thiserror::Error)]
pub enum SubmitFailure {
    /// The printer refuses.
    #[error(transparent)]
    Refused(Refusal),
    /// The printer stayed busy with other jobs longer than our patience.
    #[error("the printer is busy with another job")]
    Busy,
    /// It says what is wrong.
    #[error(transparent)]
    Trouble(Trouble),
    /// [`Stop`](crate::Stop) was requested.
    #[error("stopped by request")]
    Stopped,
    /// The document could not be read to its end.
    #[error("the document could not be read")]
    Document(#[source] io::Error),
    /// The printer is not there, does not answer, or talks nonsense.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

/// A refusal in IPP's words (RFC 8011 appendix B).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the printer refuses: {status}{}", unsupported_in_words(.unsupported))]
pub struct Refusal {
    /// `client-error-attributes-or-values-not-supported` and the like.
    pub status: &'static str,
    /// Names of the attributes that it does not support, as far as it says.
    pub unsupported: Vec<String>,
}

fn unsupported_in_words(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

/// How a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobReport {
    /// `job-state`.
    pub state: JobState,
    /// `job-state-reasons`, without `none`.
    pub reasons: Vec<String>,
    /// `job-impressions-completed`: sides of paper that came out; `None` where the printer does not say.
    pub impressions_completed: Option<u32>,
    /// `job-media-sheets-completed`: sheets that came out.
    pub sheets_completed: Option<u32>,
    /// `job-impressions`: sides in all, as far as the printer knows.
    pub impressions: Option<u32>,
}

impl JobReport {
    /// The printer knows no such job.
    pub fn unknown() -> Self {
        let (state, reasons) = (JobState::Unknown, Vec::new());
        Self { state, reasons, impressions_completed: None, sheets_completed: None, impressions: None }
    }
}

/// `job-state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobState {
    /// `pending`.
    Pending,
    /// `pending-held`.
    Held,
    /// `processing`.
    Processing,
    /// `processing-stopped`: waits for paper or a hand.
    Stopped,
    /// `canceled`.
    Canceled,
    /// `aborted` by the printer.
    Aborted,
    /// `completed`.
    Completed,
    /// The printer knows no such job any more: switched off, or forgotten. Says nothing of its pages.
    Unknown,
}

impl JobState {
    /// Whether no more pages of it will come out.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Canceled | Self::Aborted | Self::Completed | Self::Unknown)
    }
}
