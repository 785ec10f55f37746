//! The behaviour of the simulated scanner behind eSCL: what lies on its glass and in its feeder, one job at a time.

use super::picture::{self, Picture};
use crate::document_scanner::escl::xml::Element;
use crate::document_scanner::{PageFormat, Region, ScanColor};
use crate::http::message::Head;
use crate::simulation::{HttpAnswer, HttpService};
use std::collections::VecDeque;

/// How the scanner names the place of a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LocationForm {
    /// `/eSCL/ScanJobs/1`.
    #[default]
    Path,
    /// With a host that cannot be reached from here, as printers behind two networks do.
    OddHost,
    /// `ScanJobs/1`.
    Relative,
}

/// Greatest size of glass and feeder, 1/300 inch.
const WIDTH_MAX: u32 = 2550;
const HEIGHT_MAX: u32 = 3508;

struct Job {
    number: u32,
    feeder: bool,
    region: Region,
    dpi: u32,
    color: ScanColor,
    format: PageFormat,
    pages: u32,
}

/// A simulated scanner.
pub struct Scanner {
    pub(super) glass: Vec<Picture>,
    pub(super) feeder: VecDeque<Picture>,
    pub(super) jammed: bool,
    /// The feeder jams before so many more sheets.
    pub(super) jam_after: Option<u32>,
    pub(super) cover_open: bool,
    pub(super) busy: bool,
    /// So many more questions for a page are answered 503.
    pub(super) not_ready: u32,
    pub(super) chunked: bool,
    pub(super) location: LocationForm,
    pub(super) wrong_model: bool,
    pub(super) pages_given: u32,
    pub(super) deleted: u32,
    pub(super) page_bytes: u64,
    job: Option<Job>,
    jobs: u32,
}

impl Scanner {
    pub(super) fn new() -> Self {
        Self {
            glass: Vec::new(),
            feeder: VecDeque::new(),
            jammed: false,
            jam_after: None,
            cover_open: false,
            busy: false,
            not_ready: 0,
            chunked: false,
            location: LocationForm::Path,
            wrong_model: false,
            pages_given: 0,
            deleted: 0,
            page_bytes: 0,
            job: None,
            jobs: 0,
        }
    }

    pub(super) fn has_job(&self) -> bool {
        self.job.is_some()
    }

    fn status(&self) -> HttpAnswer {
        let state = if self.busy || self.job.is_some() { "Processing" } else { "Idle" };
        let feeder = match (self.jammed, self.cover_open, self.feeder.is_empty()) {
            (true, ..) => "ScannerAdfJam",
            (_, true, _) => "ScannerAdfHatchOpen",
            (_, _, true) => "ScannerAdfEmpty",
            _ => "ScannerAdfLoaded",
        };
        xml(format!(
            "<scan:ScannerStatus {NAMESPACES}><pwg:Version>2.63</pwg:Version><pwg:State>{state}</pwg:State>\
             <scan:AdfState>{feeder}</scan:AdfState><scan:Jobs/></scan:ScannerStatus>"
        ))
    }

    fn begin(&mut self, body: &[u8]) -> HttpAnswer {
        if self.busy || self.job.is_some() {
            return HttpAnswer::bare(503);
        }
        let Ok(settings) = Element::read(body) else { return HttpAnswer::bare(400) };
        let feeder = settings.text_of("InputSource") == Some("Feeder");
        if (feeder && self.feeder.is_empty()) || self.jammed || self.cover_open {
            return HttpAnswer::bare(409);
        }
        let number = |name: &str, otherwise: u32| settings.number_of(name).unwrap_or(otherwise);
        let wanted = settings.text_of("DocumentFormatExt").or_else(|| settings.text_of("DocumentFormat"));
        self.jobs += 1;
        self.job = Some(Job {
            number: self.jobs,
            feeder,
            region: Region {
                x: number("XOffset", 0),
                y: number("YOffset", 0),
                width: number("Width", WIDTH_MAX).min(WIDTH_MAX),
                height: number("Height", HEIGHT_MAX).min(HEIGHT_MAX),
            },
            dpi: number("XResolution", 300).clamp(75, 600),
            color: if settings.text_of("ColorMode") == Some("Grayscale8") { ScanColor::Gray } else { ScanColor::Color },
            format: if wanted == Some("image/png") { PageFormat::Png } else { PageFormat::Jpeg },
            pages: 0,
        });
        let path = format!("ScanJobs/{}", self.jobs);
        let location = match self.location {
            LocationForm::Path => format!("/eSCL/{path}"),
            LocationForm::OddHost => format!("http://scanner-7f3a.invalid:8080/eSCL/{path}"),
            LocationForm::Relative => path,
        };
        let mut answer = HttpAnswer::bare(201);
        answer.fields.push(("Location", location));
        answer
    }

    fn next_page(&mut self) -> HttpAnswer {
        if self.not_ready > 0 {
            self.not_ready -= 1;
            return HttpAnswer::bare(503);
        }
        let Some(job) = &mut self.job else { return HttpAnswer::bare(404) };
        if job.feeder && self.jam_after == Some(0) {
            (self.jammed, self.jam_after) = (true, None);
        }
        let stops = self.cover_open || (job.feeder && self.jammed);
        let page: Option<Vec<Picture>> = match job.feeder {
            _ if stops => None,
            true => self.feeder.pop_front().map(|sheet| vec![sheet]),
            false => (job.pages == 0).then(|| self.glass.clone()),
        };
        let Some(page) = page else {
            self.job = None;
            return HttpAnswer::bare(404);
        };
        job.pages += 1;
        self.jam_after = self.jam_after.map(|left| left.saturating_sub(1));
        self.pages_given += 1;
        let bytes = picture::scan(&page, job.region, job.dpi, job.color, job.format);
        self.page_bytes += bytes.len() as u64;
        let mut answer = HttpAnswer::new(200, job.format.mime(), bytes);
        answer.chunked = self.chunked;
        answer
    }
}

impl HttpService for Scanner {
    fn answer(&mut self, head: &Head, body: &[u8]) -> HttpAnswer {
        if self.wrong_model {
            return HttpAnswer::new(200, "text/html", b"<html>It works!</html>".to_vec());
        }
        let path = head.word(1);
        let number = path.strip_prefix("/eSCL/ScanJobs/").and_then(|rest| rest.split('/').next()?.parse().ok());
        let is_ours = self.job.as_ref().is_some_and(|job| Some(job.number) == number);
        match (head.word(0), path) {
            ("GET", "/eSCL/ScannerCapabilities") => capabilities(),
            ("GET", "/eSCL/ScannerStatus") => self.status(),
            ("POST", "/eSCL/ScanJobs") => self.begin(body),
            ("GET", path) if path.ends_with("/NextDocument") && is_ours => self.next_page(),
            ("DELETE", _) if is_ours => {
                (self.job, self.deleted) = (None, self.deleted + 1);
                HttpAnswer::bare(200)
            }
            _ => HttpAnswer::bare(404),
        }
    }
}

const NAMESPACES: &str = "xmlns:pwg=\"http://www.pwg.org/schemas/2010/12/sm\" \
                          xmlns:scan=\"http://schemas.hp.com/imaging/escl/2011/05/03\"";

fn xml(body: String) -> HttpAnswer {
    HttpAnswer::new(200, "text/xml", format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}").into_bytes())
}

fn capabilities() -> HttpAnswer {
    let resolutions: String = [75, 100, 150, 200, 300, 600]
        .map(|dpi| {
            format!(
                "<scan:DiscreteResolution><scan:XResolution>{dpi}</scan:XResolution>\
                 <scan:YResolution>{dpi}</scan:YResolution></scan:DiscreteResolution>"
            )
        })
        .concat();
    let caps = format!(
        "<scan:MinWidth>16</scan:MinWidth><scan:MaxWidth>{WIDTH_MAX}</scan:MaxWidth>\
         <scan:MinHeight>16</scan:MinHeight><scan:MaxHeight>{HEIGHT_MAX}</scan:MaxHeight>\
         <scan:MaxScanRegions>1</scan:MaxScanRegions>\
         <scan:SettingProfiles><scan:SettingProfile><scan:ColorModes>\
         <scan:ColorMode>Grayscale8</scan:ColorMode><scan:ColorMode>RGB24</scan:ColorMode></scan:ColorModes>\
         <scan:DocumentFormats><pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat>\
         <pwg:DocumentFormat>image/png</pwg:DocumentFormat>\
         <scan:DocumentFormatExt>image/jpeg</scan:DocumentFormatExt>\
         <scan:DocumentFormatExt>image/png</scan:DocumentFormatExt></scan:DocumentFormats>\
         <scan:SupportedResolutions><scan:DiscreteResolutions>{resolutions}</scan:DiscreteResolutions>\
         </scan:SupportedResolutions></scan:SettingProfile></scan:SettingProfiles>\
         <scan:MaxOpticalXResolution>600</scan:MaxOpticalXResolution>\
         <scan:MaxOpticalYResolution>600</scan:MaxOpticalYResolution>"
    );
    xml(format!(
        "<scan:ScannerCapabilities {NAMESPACES}><pwg:Version>2.63</pwg:Version>\
         <pwg:MakeAndModel>Yimen Simulated Scanner</pwg:MakeAndModel>\
         <pwg:SerialNumber>0</pwg:SerialNumber><scan:UUID>00000000-0000-4000-8000-000000000080</scan:UUID>\
         <scan:Platen><scan:PlatenInputCaps>{caps}</scan:PlatenInputCaps></scan:Platen>\
         <scan:Adf><scan:AdfSimplexInputCaps>{caps}</scan:AdfSimplexInputCaps>\
         <scan:FeederCapacity>50</scan:FeederCapacity>\
         <scan:AdfOptions><scan:AdfOption>DetectPaperLoaded</scan:AdfOption></scan:AdfOptions></scan:Adf>\
         </scan:ScannerCapabilities>"
    ))
}
