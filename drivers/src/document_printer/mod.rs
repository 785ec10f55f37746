//! Document printers: a whole document goes out with its ticket, and each page is known by what the printer says
//! of its job. A small blocking trait with plain types in IPP's words (RFC 8011, PWG 5100.14).
//! Repeats nothing by itself, keeps no ledger.

mod capabilities;
mod ipp;
mod job;
pub mod pwg;
pub mod simulator;
mod status;
mod ticket;

pub use capabilities::{Margins, MediaSize, PrinterCapabilities, RasterCapabilities, SheetBack};
pub use ipp::{IppPrinter, IppTimings, message as ipp_message, read_capabilities, read_job, read_status};
pub use job::{JobId, JobReport, JobState, Refusal, SubmitFailure, SubmitOutcome};
pub use status::{DocumentPrinterStatus, Level, PrinterState, Severity, StateReason, Supply, Tray, Trouble};
pub use ticket::{A4, ColorMode, DocumentFormat, JobTicket, Scaling, Sides};

use crate::{DeviceError, DeviceErrorKind, DeviceUri, Place, Stop};
use std::io::Read;

/// A printer of documents. Every call blocks with a timeout.
pub trait DocumentPrinter: Send {
    /// What it can do; asked anew each time.
    fn capabilities(&mut self) -> Result<PrinterCapabilities, DeviceError>;

    /// How it stands.
    fn status(&mut self) -> Result<DocumentPrinterStatus, DeviceError>;

    /// Asks whether it would take a ticket; nothing is printed. `Ok(None)` when it would.
    fn validate(&mut self, ticket: &JobTicket) -> Result<Option<Refusal>, DeviceError>;

    /// Hands a document over. Waits for a busy printer with bounded patience, and never sends a document twice.
    fn submit(&mut self, submission: Submission<'_>) -> SubmitOutcome;

    /// How a job stands. A job with that number and another name is [`JobState::Unknown`].
    fn job(&mut self, id: &JobId) -> Result<JobReport, DeviceError>;

    /// Asks the printer to end a job and says how it stands then. May be repeated; a job that has ended is no
    /// error. The job has ended only when the report [says so](JobState::has_ended).
    fn cancel(&mut self, id: &JobId) -> Result<JobReport, DeviceError>;

    /// Jobs of this program's user that have not ended, whichever start of the program sent them.
    fn active_jobs(&mut self) -> Result<Vec<JobId>, DeviceError>;

    /// This program's job of a name, whether it has ended or not, as far as the printer remembers it.
    fn find_job(&mut self, name: &str) -> Result<Option<JobId>, DeviceError>;
}

/// A document to hand over.
pub struct Submission<'a> {
    /// How to print it.
    pub ticket: &'a JobTicket,
    /// Its bytes, read once, as they are sent; an error ends the submission.
    pub document: &'a mut dyn Read,
    /// Number of its bytes, where known beforehand.
    pub length: Option<u64>,
    /// Ends it between two pieces.
    pub stop: &'a Stop,
    /// Told how it goes, between two pieces and while the printer lets us wait.
    pub progress: Option<&'a mut dyn FnMut(SubmitProgress)>,
}

/// How a submission goes.
#[derive(Debug)]
pub enum SubmitProgress {
    /// So many bytes of the document are out.
    Sending(u64),
    /// The printer takes no more bytes for now, or works for somebody else; so it says it stands.
    Waiting(DocumentPrinterStatus),
}

/// The printer for a URI; it is opened on first use. `user` is the terminal's name at the printer
/// (`requesting-user-name`), by which its jobs are found again after a restart.
pub fn open(uri: &DeviceUri, user: &str) -> Result<Box<dyn DocumentPrinter>, DeviceError> {
    match &uri.place {
        Place::Ipp(address) => Ok(Box::new(IppPrinter::new(address, user))),
        _ => {
            Err(DeviceError::because(DeviceErrorKind::Misconfigured, "a document printer is written ipp:// or ipps://"))
        }
    }
}
