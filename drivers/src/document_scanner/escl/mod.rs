//! Driver for scanners that speak eSCL over HTTP or TLS (Mopria eSCL 2.x): a job is posted, its pages are fetched
//! until there are no more, and it is deleted. What is read and written stands in `words.rs`, without I/O.

mod job;
pub mod words;
pub mod xml;

use super::{DocumentScanner, PageFormat, ScanFailure, ScanJob, ScanSettings, ScannerCapabilities, ScannerStatus};
use crate::http::{Dial, Exchange, HttpClient, HttpFailure, Patience, Quiet, Response};
use crate::uri::HttpAddress;
use crate::{DeviceError, DeviceErrorKind, Stop};
use std::time::Duration;

/// Most bytes of a document of XML, and of a page: A4 in colour at 600 dpi, hardly compressed.
const XML_BYTES_MAX: usize = 512 * 1024;
const PAGE_BYTES_MAX: usize = 160 << 20;

/// How long the driver waits for what.
#[derive(Clone, Copy, Debug)]
pub struct EsclTimings {
    /// For the answer to a question.
    pub answer_ms: u64,
    /// Between two looks at a scanner that says that it is not ready (503). Canon's and HP's feeders take some
    /// seconds to draw a sheet, and say so only this way.
    pub ready_look_ms: u64,
    /// Looks before it is given up.
    pub ready_looks: u32,
    /// Without a byte of a page that has been asked for; lamps warm up.
    pub page_ms: u64,
    /// How often a request to stop is looked for meanwhile.
    pub stop_look_ms: u64,
}

impl Default for EsclTimings {
    fn default() -> Self {
        Self { answer_ms: 5_000, ready_look_ms: 1_000, ready_looks: 40, page_ms: 60_000, stop_look_ms: 100 }
    }
}

/// The driver.
pub struct EsclScanner {
    client: HttpClient,
    base: String,
    timings: EsclTimings,
    /// Asked once after each error.
    known: Option<ScannerCapabilities>,
}

impl EsclScanner {
    /// A scanner at an address; nothing is opened yet.
    pub fn new(address: &HttpAddress) -> Self {
        Self::over(Box::new(address.clone()), &address.path)
    }

    /// A scanner behind something that opens streams, with the path of its eSCL resource.
    pub fn over(dial: Box<dyn Dial>, base: &str) -> Self {
        let base = base.trim_end_matches('/').to_owned();
        Self { client: HttpClient::new(dial), base, timings: EsclTimings::default(), known: None }
    }

    /// With other times than the usual ones.
    pub fn with_timings(mut self, timings: EsclTimings) -> Self {
        self.timings = timings;
        self
    }

    fn ask(&mut self, method: &str, target: &str, body: &[u8]) -> Result<Response, DeviceError> {
        let mut patience = Quiet { answer: Duration::from_millis(self.timings.answer_ms) };
        let result = self.exchange((method, target), body, XML_BYTES_MAX, &mut patience);
        result.map_err(|failure| match failure {
            HttpFailure::Device(error) => error,
            HttpFailure::Document(error) => error.into(),
            HttpFailure::Stopped => DeviceError::new(DeviceErrorKind::Silent),
        })
    }

    fn exchange(
        &mut self,
        (method, target): (&str, &str),
        body: &[u8],
        answer_max: usize,
        patience: &mut dyn Patience,
    ) -> Result<Response, HttpFailure> {
        let content_type = (method == "POST").then_some("text/xml");
        let result =
            self.client.exchange(Exchange { method, target, content_type, body, answer_max }, None, patience).0;
        if result.is_err() {
            self.known = None;
        }
        result
    }

    fn wrong_model(&mut self, why: &str) -> DeviceError {
        self.client.close();
        self.known = None;
        because(DeviceErrorKind::WrongModel, why)
    }

    /// An answer that cannot be read: the connection and what is known of the scanner are let go.
    fn nonsense(&mut self, why: xml::BadXml) -> DeviceError {
        self.client.close();
        self.known = None;
        because(DeviceErrorKind::Garbled, why)
    }

    /// An XML document of the scanner.
    fn document(&mut self, name: &str) -> Result<Response, DeviceError> {
        let response = self.ask("GET", &format!("{}/{name}", self.base), &[])?;
        let first = response.body.iter().find(|byte| !byte.is_ascii_whitespace());
        match response.status {
            // 0xEF begins a byte order mark. A web page is XML too, sometimes.
            200 if matches!(first, Some(b'<' | 0xEF)) && !response.head.field("content-type").is_some_and(is_html) => {
                Ok(response)
            }
            200 => Err(self.wrong_model("it answers HTTP, but no eSCL")),
            401 | 403 => Err(DeviceError::new(DeviceErrorKind::AccessDenied)),
            404 => Err(because(DeviceErrorKind::Misconfigured, "no scanner at this path: correct the URI's path")),
            503 => Err(DeviceError::new(DeviceErrorKind::InUse)),
            other => Err(because(DeviceErrorKind::WrongModel, format!("HTTP status {other} to an eSCL question"))),
        }
    }

    fn known(&mut self) -> Result<ScannerCapabilities, DeviceError> {
        if let Some(known) = &self.known {
            return Ok(known.clone());
        }
        let known = self.capabilities()?;
        self.known = Some(known.clone());
        Ok(known)
    }

    /// The format to ask for; what is not offered is said by its name.
    fn fits(&mut self, settings: &ScanSettings) -> Result<PageFormat, ScanFailure> {
        let known = self.known()?;
        let source = known.source(settings.source).ok_or(ScanFailure::Unsupported("InputSource"))?;
        let region = settings.region;
        let lacks = [
            ("XResolution", !source.resolutions_dpi.contains(&settings.resolution_dpi)),
            ("ColorMode", !source.colors.contains(&settings.color)),
            ("Duplex", settings.duplex && !known.duplex),
            // A sheet that is a little larger than the glass is scanned as far as the glass goes.
            ("ScanRegion", region.width == 0 || region.height == 0),
            ("ScanRegion", region.x >= source.width_max || region.y >= source.height_max),
        ];
        if let Some((name, _)) = lacks.into_iter().find(|(_, lacks)| *lacks) {
            return Err(ScanFailure::Unsupported(name));
        }
        let formats = [settings.format, PageFormat::Jpeg, PageFormat::Pdf, PageFormat::Png];
        let format = formats.into_iter().find(|format| source.formats.contains(format));
        format.ok_or(ScanFailure::Unsupported("DocumentFormat"))
    }
}

impl DocumentScanner for EsclScanner {
    fn capabilities(&mut self) -> Result<ScannerCapabilities, DeviceError> {
        let response = self.document("ScannerCapabilities")?;
        let known = words::read_capabilities(&response.body).map_err(|e| self.nonsense(e))?;
        match (&known.platen, &known.feeder) {
            (None, None) => Err(self.wrong_model("it has neither glass nor feeder")),
            _ => Ok(known),
        }
    }

    fn status(&mut self) -> Result<ScannerStatus, DeviceError> {
        let response = self.document("ScannerStatus")?;
        words::read_status(&response.body).map_err(|e| self.nonsense(e))
    }

    fn scan(&mut self, settings: &ScanSettings, stop: &Stop) -> Result<Box<dyn ScanJob + '_>, ScanFailure> {
        let format = self.fits(settings)?;
        let known = self.known()?;
        let mut settings = settings.clone();
        if let Some(source) = known.source(settings.source) {
            settings.region.width = settings.region.width.min(source.width_max - settings.region.x);
            settings.region.height = settings.region.height.min(source.height_max - settings.region.y);
        }
        let job = job::begin(self, &settings, format, stop)?;
        Ok(Box::new(job))
    }
}

fn is_html(content_type: &str) -> bool {
    content_type.to_ascii_lowercase().contains("html")
}

fn because(kind: DeviceErrorKind, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> DeviceError {
    DeviceError::because(kind, why)
}
