//! Driver for document printers that speak IPP over HTTP or TLS (RFC 8010, RFC 8011, PWG 5100.14): one question and
//! one answer at a time. Straight to the printer: a CUPS queue between says untruths about progress.
//! What is decided about a submission stands in `submit.rs`, what is read from answers in files without I/O.

mod capabilities;
mod jobs;
pub mod message;
mod status;
mod submit;
pub mod words;

pub use capabilities::read_capabilities;
pub use jobs::read_job;
pub use status::read_status;

use super::{DocumentPrinter, DocumentPrinterStatus, JobId, JobReport, JobTicket, PrinterCapabilities, Refusal};
use super::{Submission, SubmitOutcome};
use crate::http::{Dial, Exchange, HttpClient, HttpFailure, Outgoing, Patience, Quiet, Response};
use crate::uri::HttpAddress;
use crate::{DeviceError, DeviceErrorKind};
use message::{Attribute, Group, Message, Value, group, tag};
use std::time::Duration;
use words::{operation, status as code, status_keyword};

/// Most bytes of an answer: a printer's whole list of media is some 300 KiB.
const ANSWER_BYTES_MAX: usize = 2 << 20;

/// How long the driver waits for what.
#[derive(Clone, Copy, Debug)]
pub struct IppTimings {
    /// For the answer to a question.
    pub answer_ms: u64,
    /// Between two looks at a printer that takes no more bytes or does not answer yet.
    pub still_look_ms: u64,
    /// For bytes that it does not take, or an answer that does not come, while it reports no trouble of its own.
    pub still_ms: u64,
    /// Between two looks at a busy printer.
    pub busy_look_ms: u64,
    /// Looks at a busy printer before it is given up.
    pub busy_looks: u32,
}

impl Default for IppTimings {
    fn default() -> Self {
        Self { answer_ms: 8_000, still_look_ms: 1_000, still_ms: 60_000, busy_look_ms: 500, busy_looks: 60 }
    }
}

/// The driver.
pub struct IppPrinter {
    client: HttpClient,
    /// Asks the printer how it stands while a document is on its way.
    observer: Option<HttpClient>,
    target: String,
    printer_uri: String,
    user: String,
    timings: IppTimings,
    request_id: u32,
    version: (u8, u8),
    /// Asked once after each error.
    known: Option<Known>,
}

/// What the driver must know of a printer before it sends a job.
#[derive(Clone)]
struct Known {
    /// Whether it has Create-Job and Send-Document.
    creates_jobs: bool,
    /// `job-creation-attributes-supported`; empty where it does not say.
    attributes: Vec<String>,
}

impl Known {
    fn takes(&self, name: &str) -> bool {
        self.attributes.is_empty() || self.attributes.iter().any(|known| known == name)
    }
}

/// An error that carries where it came from.
type Answer = Result<Message, HttpFailure>;

impl IppPrinter {
    /// A printer at an address; nothing is opened yet. `user` becomes `requesting-user-name`: the terminal's own
    /// name, by which its jobs are found again.
    pub fn new(address: &HttpAddress, user: &str) -> Self {
        let dials = (Box::new(address.clone()), Box::new(address.clone()));
        Self::over(dials.0, dials.1, &address.path, user).with_scheme(address.tls)
    }

    pub(crate) fn over(dial: Box<dyn Dial>, second: Box<dyn Dial>, target: &str, user: &str) -> Self {
        let client = HttpClient::new(dial);
        let printer_uri = format!("ipp://{}{target}", client.authority());
        Self {
            client,
            observer: Some(HttpClient::new(second)),
            target: target.to_owned(),
            printer_uri,
            user: user.to_owned(),
            timings: IppTimings::default(),
            request_id: 0,
            version: (2, 0),
            known: None,
        }
    }

    fn with_scheme(mut self, tls: bool) -> Self {
        if tls {
            self.printer_uri = self.printer_uri.replacen("ipp:", "ipps:", 1);
        }
        self
    }

    /// With other times than the usual ones.
    pub fn with_timings(mut self, timings: IppTimings) -> Self {
        self.timings = timings;
        self
    }

    /// A request with what each has (RFC 8011 §4.1.4): charset, language, printer, user.
    fn request(&mut self, operation: u16) -> Message {
        self.request_id = self.request_id.wrapping_add(1).max(1);
        let text = |tag, text: &str| Value::Text(tag, text.to_owned());
        let attributes = vec![
            Attribute::one("attributes-charset", text(tag::CHARSET, "utf-8")),
            Attribute::one("attributes-natural-language", text(tag::LANGUAGE, "en")),
            Attribute::one("printer-uri", text(tag::URI, &self.printer_uri)),
            Attribute::one("requesting-user-name", Value::name(&self.user)),
        ];
        Message::new(self.version, operation, self.request_id).with(group::OPERATION, attributes)
    }

    /// One question without a document; asked once more in IPP 1.1 where the printer knows no 2.0.
    fn ask(&mut self, request: Message) -> Result<Message, DeviceError> {
        let mut patience = Quiet { answer: Duration::from_millis(self.timings.answer_ms) };
        let answer = self.send(&request, None, &mut patience).0.map_err(device_error);
        match answer {
            Ok(answer) if answer.code == code::VERSION_NOT_SUPPORTED && self.version != (1, 1) => {
                self.version = (1, 1);
                self.ask(Message { version: (1, 1), ..request })
            }
            Ok(answer) => Ok(answer),
            Err(error) => {
                self.known = None;
                Err(error)
            }
        }
    }

    /// A request, with a document where there is one; says how many bytes of it went out.
    fn send(
        &mut self,
        request: &Message,
        document: Option<Outgoing<'_>>,
        patience: &mut dyn Patience,
    ) -> (Answer, u64) {
        let body = request.encode();
        let exchange = Exchange {
            method: "POST",
            target: &self.target,
            content_type: Some("application/ipp"),
            body: &body,
            answer_max: ANSWER_BYTES_MAX,
        };
        let (response, document_bytes) = self.client.exchange(exchange, document, patience);
        let answer = response.and_then(|response| Ok(read_answer(&response, request.request_id)?));
        if answer.is_err() {
            self.client.close();
        }
        (answer, document_bytes)
    }

    fn printer_attributes(&mut self, names: &[&str]) -> Result<Group, DeviceError> {
        let mut request = self.request(operation::GET_PRINTER_ATTRIBUTES);
        add(&mut request, Attribute::set("requested-attributes", names.iter().map(Value::keyword)));
        let mut answer = succeeded(self.ask(request)?)?;
        let at = answer.groups.iter().position(|found| found.tag == group::PRINTER);
        at.map(|at| answer.groups.swap_remove(at)).ok_or_else(|| wrong_model("it says nothing of a printer"))
    }

    fn status_request(&mut self) -> Message {
        let mut request = self.request(operation::GET_PRINTER_ATTRIBUTES);
        add(&mut request, Attribute::set("requested-attributes", status::ASKED.iter().map(Value::keyword)));
        request
    }

    fn known(&mut self) -> Result<Known, DeviceError> {
        if let Some(known) = &self.known {
            return Ok(known.clone());
        }
        let printer = self.printer_attributes(&["operations-supported", "job-creation-attributes-supported"])?;
        let operations = printer.values("operations-supported");
        let has = |operation: u16| operations.contains(&Value::Enum(i32::from(operation)));
        let known = Known {
            creates_jobs: has(operation::CREATE_JOB) && has(operation::SEND_DOCUMENT),
            attributes: printer.texts("job-creation-attributes-supported").map(str::to_owned).collect(),
        };
        self.known = Some(known.clone());
        Ok(known)
    }

    /// A request that makes or tries a job: name, and the template attributes that the printer knows at all.
    /// What it knows and cannot honour it must refuse (`ipp-attribute-fidelity`), not ignore.
    fn ticket_request(&mut self, operation: u16, ticket: &JobTicket, known: &Known) -> Message {
        let mut request = self.request(operation);
        add(&mut request, Attribute::one("job-name", Value::name(&ticket.name)));
        add(&mut request, Attribute::one("ipp-attribute-fidelity", Value::Boolean(true)));
        if operation != words::operation::CREATE_JOB {
            add(&mut request, document_format(ticket));
        }
        let mut attributes = template(ticket);
        attributes.retain(|attribute| known.takes(&attribute.name));
        request.groups.push(Group { tag: group::JOB, attributes });
        request
    }
}

impl DocumentPrinter for IppPrinter {
    fn capabilities(&mut self) -> Result<PrinterCapabilities, DeviceError> {
        let printer = self.printer_attributes(capabilities::ASKED)?;
        let capabilities = read_capabilities(&printer);
        if capabilities.formats.is_empty() {
            self.client.close();
            return Err(wrong_model("it takes neither PDF nor JPEG nor PWG raster"));
        }
        Ok(capabilities)
    }

    fn status(&mut self) -> Result<DocumentPrinterStatus, DeviceError> {
        Ok(read_status(&self.printer_attributes(status::ASKED)?))
    }

    fn validate(&mut self, ticket: &JobTicket) -> Result<Option<Refusal>, DeviceError> {
        let known = self.known()?;
        let request = self.ticket_request(operation::VALIDATE_JOB, ticket, &known);
        let answer = self.ask(request)?;
        Ok(refusal(&answer))
    }

    fn submit(&mut self, submission: Submission<'_>) -> SubmitOutcome {
        submit::submit(self, submission)
    }

    fn job(&mut self, id: &JobId) -> Result<JobReport, DeviceError> {
        jobs::job(self, id)
    }

    fn cancel(&mut self, id: &JobId) -> Result<JobReport, DeviceError> {
        jobs::cancel(self, id)
    }

    fn active_jobs(&mut self) -> Result<Vec<JobId>, DeviceError> {
        jobs::jobs(self, "not-completed")
    }

    fn find_job(&mut self, name: &str) -> Result<Option<JobId>, DeviceError> {
        jobs::find(self, name)
    }
}

/// How a printer stands, over a connection of its own; `None` when it does not say.
fn ask_status(
    observer: &mut HttpClient,
    target: &str,
    request: &Message,
    timings: IppTimings,
) -> Option<DocumentPrinterStatus> {
    let exchange = Exchange {
        method: "POST",
        target,
        content_type: Some("application/ipp"),
        body: &request.encode(),
        answer_max: ANSWER_BYTES_MAX,
    };
    let mut patience = Quiet { answer: Duration::from_millis(timings.answer_ms) };
    let response = observer.exchange(exchange, None, &mut patience).0;
    observer.close();
    let response = response.ok()?;
    let answer = read_answer(&response, request.request_id).ok()?;
    answer.group(group::PRINTER).map(read_status)
}

/// Adds an operation attribute.
fn add(request: &mut Message, attribute: Attribute) {
    if let Some(operation) = request.groups.iter_mut().find(|found| found.tag == group::OPERATION) {
        operation.attributes.push(attribute);
    }
}

fn document_format(ticket: &JobTicket) -> Attribute {
    Attribute::one("document-format", Value::Text(tag::MIME, ticket.format.mime().to_owned()))
}

/// A ticket's job template attributes.
fn template(ticket: &JobTicket) -> Vec<Attribute> {
    let mut attributes = vec![
        Attribute::one("media", Value::keyword(&ticket.media)),
        Attribute::one("sides", Value::keyword(ticket.sides.keyword())),
        Attribute::one("print-color-mode", Value::keyword(ticket.color.keyword())),
    ];
    if ticket.copies > 1 {
        attributes.push(Attribute::one("copies", Value::Integer(i32::try_from(ticket.copies).unwrap_or(i32::MAX))));
    }
    // Raster is dots: it has no other size than its own.
    if ticket.format != super::DocumentFormat::PwgRaster {
        attributes.push(Attribute::one("print-scaling", Value::keyword(ticket.scaling.keyword())));
    }
    if !ticket.page_ranges.is_empty() {
        let bound = |page: &u32| i32::try_from(*page).unwrap_or(i32::MAX);
        let ranges = ticket.page_ranges.iter().map(|range| Value::Range(bound(range.start()), bound(range.end())));
        attributes.push(Attribute::set("page-ranges", ranges));
    }
    attributes
}

/// From HTTP to IPP: what a status means for the device, and whether it is IPP at all.
fn read_answer(response: &Response, request_id: u32) -> Result<Message, DeviceError> {
    match response.status {
        200 => {}
        401 | 403 => return Err(DeviceError::new(DeviceErrorKind::AccessDenied)),
        404 => return Err(because(DeviceErrorKind::Misconfigured, "no printer at this path: correct the URI's path")),
        426 => return Err(because(DeviceErrorKind::Misconfigured, "the printer wants TLS: write ipps")),
        503 => return Err(DeviceError::new(DeviceErrorKind::InUse)),
        other => return Err(wrong_model(&format!("HTTP status {other} to an IPP request"))),
    }
    let kind = response.head.field("content-type").unwrap_or_default();
    if !kind.trim_start().to_ascii_lowercase().starts_with("application/ipp") {
        return Err(wrong_model("it answers HTTP, but no IPP"));
    }
    let (message, _) = Message::decode(&response.body).map_err(|e| because(DeviceErrorKind::Garbled, e))?;
    if message.request_id != request_id {
        return Err(because(DeviceErrorKind::Garbled, "an answer to another request"));
    }
    Ok(message)
}

/// The refusal in an answer, if it is one.
fn refusal(answer: &Message) -> Option<Refusal> {
    (answer.code >= code::CLIENT_ERROR).then(|| Refusal {
        status: status_keyword(answer.code),
        unsupported: answer
            .group(group::UNSUPPORTED)
            .map(|found| found.attributes.iter().map(|attribute| attribute.name.clone()).collect())
            .unwrap_or_default(),
    })
}

/// An answer that must not be a refusal.
fn succeeded(answer: Message) -> Result<Message, DeviceError> {
    match refusal(&answer) {
        None => Ok(answer),
        Some(refusal) => {
            let kind = match answer.code {
                0x0401..=0x0403 => DeviceErrorKind::AccessDenied,
                0x0502 | 0x0505 | code::BUSY => DeviceErrorKind::InUse,
                0x0504 => DeviceErrorKind::Hardware,
                _ => DeviceErrorKind::Software,
            };
            Err(because(kind, refusal))
        }
    }
}

fn device_error(failure: HttpFailure) -> DeviceError {
    match failure {
        HttpFailure::Device(error) => error,
        HttpFailure::Document(error) => error.into(),
        HttpFailure::Stopped => DeviceError::new(DeviceErrorKind::Silent),
    }
}

fn wrong_model(why: &str) -> DeviceError {
    because(DeviceErrorKind::WrongModel, why)
}

fn because(kind: DeviceErrorKind, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> DeviceError {
    DeviceError::because(kind, why)
}
