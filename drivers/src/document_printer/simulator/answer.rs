//! The simulated printer's side of IPP: requests in, answers out, as bytes (RFC 8011 §4). The same codec as the
//! driver's; independent clients (`ipptool`) keep it honest in the tests.

use super::printer::{Job, Printer};
use crate::document_printer::ipp::message::{Attribute, Group, Message, Value, group, tag};
use crate::document_printer::ipp::words::{operation, status};
use crate::document_printer::{A4, DocumentFormat, JobState, PrinterState, Sides};
use crate::http::message::Head;
use crate::simulation::{HttpAnswer, HttpService};

/// Paper of the simulated printer: name, width, height, 1/100 mm.
const MEDIA: &[(&str, i32, i32)] =
    &[(A4, 21_000, 29_700), ("iso_a5_148x210mm", 14_800, 21_000), ("iso_a3_297x420mm", 29_700, 42_000)];
/// Margins, 1/100 mm, as most lasers keep them.
const MARGIN: i32 = 423;

impl HttpService for Printer {
    fn answer(&mut self, head: &Head, body: &[u8]) -> HttpAnswer {
        self.requests += 1;
        self.go_on_with_late_job();
        if self.wrong_model {
            return HttpAnswer::new(200, "text/html", b"<html>It works!</html>".to_vec());
        }
        if head.word(0) != "POST" || head.word(1) != "/ipp/print" {
            return HttpAnswer::bare(404);
        }
        let Ok((request, at)) = Message::decode(body) else { return HttpAnswer::bare(400) };
        let answer = self.answer_ipp(&request, &body[at..]);
        HttpAnswer::new(200, "application/ipp", answer.encode())
    }

    fn keeps_answer(&mut self) -> bool {
        std::mem::take(&mut self.keeps_answer)
    }

    fn broke(&mut self, _head: &Head, body: &[u8]) {
        let Ok((request, at)) = Message::decode(body) else { return };
        let document = &body[at..];
        let Some(operation) = request.group(group::OPERATION) else { return };
        let format = format_of(operation);
        match request.code {
            operation::PRINT_JOB if !document.is_empty() && !self.is_busy() => {
                let number = self.add(new_job(&request));
                self.take_document(number, format, document, false);
            }
            operation::SEND_DOCUMENT => {
                if let Some(number) = job_number(operation) {
                    self.take_document(number, format, document, false);
                }
            }
            _ => {}
        }
    }
}

impl Printer {
    fn answer_ipp(&mut self, request: &Message, document: &[u8]) -> Message {
        let Some(operation) = request.group(group::OPERATION) else { return answer(request, status::BAD_REQUEST) };
        if request.version.0 > 2 {
            return answer(request, status::VERSION_NOT_SUPPORTED);
        }
        match request.code {
            operation::GET_PRINTER_ATTRIBUTES => {
                self.looked_at();
                let asked: Vec<&str> = operation.texts("requested-attributes").collect();
                answer(request, status::OK).with(group::PRINTER, wanted(self.attributes(), &asked))
            }
            operation::VALIDATE_JOB => self.refuses(request).unwrap_or_else(|| answer(request, status::OK)),
            operation::CREATE_JOB if !self.make.creates_jobs => answer(request, status::OPERATION_NOT_SUPPORTED),
            operation::CREATE_JOB | operation::PRINT_JOB if self.is_busy() => answer(request, status::BUSY),
            operation::CREATE_JOB => self.refuses(request).unwrap_or_else(|| self.create_job(request)),
            operation::PRINT_JOB => self.refuses(request).unwrap_or_else(|| {
                let number = self.add(new_job(request));
                self.take_document(number, format_of(operation), document, true);
                self.with_job(answer(request, status::OK), number)
            }),
            _ => self.answer_about_job(request, operation, document),
        }
    }

    fn create_job(&mut self, request: &Message) -> Message {
        if let Some(requests) = self.next_job_late_by.take() {
            self.begin_late(new_job(request), requests);
            return answer(request, status::OK);
        }
        let number = self.add(new_job(request));
        self.with_job(answer(request, status::OK), number)
    }

    fn answer_about_job(&mut self, request: &Message, operation: &Group, document: &[u8]) -> Message {
        if request.code == operation::GET_JOBS {
            return self.jobs_answer(request, operation);
        }
        let number = job_number(operation).filter(|number| self.job(*number).is_some());
        let Some(number) = number else { return answer(request, status::NOT_FOUND) };
        match request.code {
            operation::SEND_DOCUMENT => {
                let waits = self.job(number).is_some_and(|job| job.state == JobState::Held);
                if !waits {
                    return answer(request, status::NOT_POSSIBLE);
                }
                if format_of(operation).is_none_or(|format| !self.make.formats.contains(&format)) {
                    return answer(request, status::FORMAT_NOT_SUPPORTED);
                }
                self.take_document(number, format_of(operation), document, true);
                self.with_job(answer(request, status::OK), number)
            }
            operation::CANCEL_JOB if self.cancel(number) => answer(request, status::OK),
            operation::CANCEL_JOB => answer(request, status::NOT_POSSIBLE),
            operation::GET_JOB_ATTRIBUTES => {
                self.looked_at();
                self.with_job(answer(request, status::OK), number)
            }
            _ => answer(request, status::OPERATION_NOT_SUPPORTED),
        }
    }

    fn jobs_answer(&mut self, request: &Message, operation: &Group) -> Message {
        let completed = operation.text("which-jobs") == Some("completed");
        let mine = matches!(operation.first("my-jobs"), Some(Value::Boolean(true)));
        let user = operation.text("requesting-user-name").unwrap_or_default();
        let jobs = self.jobs.iter().filter(|job| job.state.has_ended() == completed && (!mine || job.user == user));
        let groups: Vec<_> = jobs.map(|job| self.job_attributes(job)).collect();
        groups.into_iter().fold(answer(request, status::OK), |all, job| all.with(group::JOB, job))
    }

    fn with_job(&self, answer: Message, number: u32) -> Message {
        let job = self.jobs.iter().find(|job| job.number == number);
        match job {
            Some(job) => answer.with(group::JOB, self.job_attributes(job)),
            None => answer,
        }
    }

    fn job_attributes(&self, job: &Job) -> Vec<Attribute> {
        let state = match job.state {
            JobState::Pending => 3,
            JobState::Held => 4,
            JobState::Processing | JobState::Unknown => 5,
            JobState::Stopped => 6,
            JobState::Canceled => 7,
            JobState::Aborted => 8,
            JobState::Completed => 9,
        };
        let integer = |name: &str, number: u32| Attribute::one(name, Value::Integer(number as i32));
        let done = self.said_done(job);
        vec![
            integer("job-id", job.number),
            Attribute::one("job-uri", uri(&format!("/jobs/{}", job.number))),
            Attribute::one("job-name", Value::name(self.said_name(job))),
            Attribute::one("job-originating-user-name", Value::name(&job.user)),
            Attribute::one("job-state", Value::Enum(state)),
            Attribute::set("job-state-reasons", job.reasons.iter().map(Value::keyword)),
            integer("job-impressions", job.impressions),
            integer("job-impressions-completed", done),
            integer("job-media-sheets-completed", job.sheets(done)),
        ]
    }

    /// What it refuses of a request that makes or tries a job.
    fn refuses(&self, request: &Message) -> Option<Message> {
        let operation = request.group(group::OPERATION)?;
        let format = operation.text("document-format");
        if format.is_some() && format_of(operation).is_none_or(|format| !self.make.formats.contains(&format)) {
            return Some(answer(request, status::FORMAT_NOT_SUPPORTED));
        }
        if self.paused {
            return Some(answer(request, status::NOT_ACCEPTING));
        }
        let job = request.group(group::JOB)?;
        let known = |attribute: &&Attribute| match (attribute.name.as_str(), attribute.values.first()) {
            ("media", Some(Value::Text(_, name))) => MEDIA.iter().any(|(known, ..)| known == name),
            ("sides", Some(Value::Text(_, sides))) => self.make.duplex || sides == Sides::OneSided.keyword(),
            ("print-color-mode", Some(Value::Text(_, mode))) => self.make.color || mode == "monochrome",
            ("copies", Some(Value::Integer(copies))) => (1..=99).contains(copies),
            ("print-scaling" | "page-ranges", _) => true,
            _ => false,
        };
        let unknown: Vec<Attribute> = job.attributes.iter().filter(|attribute| !known(attribute)).cloned().collect();
        (!unknown.is_empty()).then(|| answer(request, status::VALUES_NOT_SUPPORTED).with(group::UNSUPPORTED, unknown))
    }

    fn attributes(&self) -> Vec<Attribute> {
        let state = match self.state() {
            PrinterState::Idle => 3,
            PrinterState::Processing => 4,
            PrinterState::Stopped => 5,
        };
        let sheets = self.paper.unwrap_or(250);
        let octets = |text: String| Value::Other(tag::OCTETS, text.into_bytes());
        let waiting = self.jobs.iter().filter(|job| !job.state.has_ended()).count();
        let mut all = vec![
            Attribute::one("printer-state", Value::Enum(state)),
            Attribute::set("printer-state-reasons", self.reasons().iter().map(Value::keyword)),
            Attribute::one("printer-is-accepting-jobs", Value::Boolean(!self.paused)),
            Attribute::one("queued-job-count", Value::Integer(waiting as i32)),
            Attribute::one(
                "printer-supply",
                octets(format!(
                    "index=1;class=supplyThatIsConsumed;type=toner;unit=percent;maxcapacity=100;level={};\
                     colorantname=black;",
                    self.toner_percent
                )),
            ),
            Attribute::one(
                "printer-input-tray",
                octets(format!(
                    "type=sheetFeedAutoRemovableTray;mediafeed=29700;mediaxfeed=21000;maxcapacity=250;\
                     level={sheets};status=0;name=main;"
                )),
            ),
        ];
        all.extend(self.abilities());
        all
    }

    fn abilities(&self) -> Vec<Attribute> {
        let keywords = |name: &str, all: &[&str]| Attribute::set(name, all.iter().map(Value::keyword));
        let creates: &[u16] = &[operation::CREATE_JOB, operation::SEND_DOCUMENT];
        let always: &[u16] = &[
            operation::PRINT_JOB,
            operation::VALIDATE_JOB,
            operation::CANCEL_JOB,
            operation::GET_JOB_ATTRIBUTES,
            operation::GET_JOBS,
            operation::GET_PRINTER_ATTRIBUTES,
        ];
        let operations = always.iter().chain(if self.make.creates_jobs { creates } else { &[] });
        let sides = Sides::ALL.iter().filter(|sides| self.make.duplex || **sides == Sides::OneSided);
        let types: &[&str] = if self.make.color { &["sgray_8", "srgb_8"] } else { &["sgray_8"] };
        let raster = [Value::Resolution(300, 300, 3), Value::Resolution(600, 600, 3)];
        let margin = |edge: &str| Attribute::one(&format!("media-{edge}-margin-supported"), Value::Integer(MARGIN));
        let mut all = vec![
            Attribute::one("printer-make-and-model", Value::Text(tag::TEXT, "Yimen Simulated Printer".to_owned())),
            Attribute::one(
                "printer-uuid",
                Value::Text(tag::URI, "urn:uuid:00000000-0000-4000-8000-000000000631".to_owned()),
            ),
            Attribute::one("printer-uri-supported", uri("/ipp/print")),
            Attribute::set("ipp-versions-supported", ["1.1", "2.0"].iter().map(Value::keyword)),
            Attribute::set("operations-supported", operations.map(|number| Value::Enum(i32::from(*number)))),
            Attribute::set(
                "document-format-supported",
                self.make.formats.iter().map(|format| Value::Text(tag::MIME, format.mime().to_owned())),
            ),
            Attribute::one("color-supported", Value::Boolean(self.make.color)),
            Attribute::set("sides-supported", sides.map(|sides| Value::keyword(sides.keyword()))),
            Attribute::one("copies-supported", Value::Range(1, 99)),
            Attribute::one("page-ranges-supported", Value::Boolean(true)),
            keywords("media-supported", &MEDIA.iter().map(|(name, ..)| *name).collect::<Vec<_>>()),
            keywords("media-default", &[A4]),
            keywords("media-ready", if self.paper == Some(0) { &[] } else { &[A4] }),
            Attribute::set("media-col-database", MEDIA.iter().map(media_col)),
            Attribute::one("printer-resolution-supported", Value::Resolution(600, 600, 3)),
            Attribute::set("pwg-raster-document-resolution-supported", raster),
            keywords("pwg-raster-document-type-supported", types),
            keywords("pwg-raster-document-sheet-back", &["normal"]),
            Attribute::one("pages-per-minute", Value::Integer(30)),
            keywords(
                "job-creation-attributes-supported",
                &["media", "sides", "print-color-mode", "copies", "print-scaling", "page-ranges"],
            ),
        ];
        all.extend(["top", "bottom", "left", "right"].map(margin));
        all.retain(|attribute| !attribute.values.is_empty());
        all
    }
}

fn media_col((_, width, height): &(&str, i32, i32)) -> Value {
    let size = vec![
        Attribute::one("x-dimension", Value::Integer(*width)),
        Attribute::one("y-dimension", Value::Integer(*height)),
    ];
    let mut members = vec![Attribute::one("media-size", Value::Collection(size))];
    let margin = |edge: &str| Attribute::one(&format!("media-{edge}-margin"), Value::Integer(MARGIN));
    members.extend(["top", "bottom", "left", "right"].map(margin));
    Value::Collection(members)
}

fn uri(path: &str) -> Value {
    Value::Text(tag::URI, format!("ipp://localhost{path}"))
}

fn answer(request: &Message, code: u16) -> Message {
    let operation = vec![
        Attribute::one("attributes-charset", Value::Text(tag::CHARSET, "utf-8".to_owned())),
        Attribute::one("attributes-natural-language", Value::Text(tag::LANGUAGE, "en".to_owned())),
    ];
    Message::new(request.version, code, request.request_id).with(group::OPERATION, operation)
}

/// Those that were asked for by name; all where nothing or `all` was asked.
fn wanted(mut all: Vec<Attribute>, asked: &[&str]) -> Vec<Attribute> {
    let everything = asked.is_empty() || asked.contains(&"all");
    let named = |name: &str| asked.contains(&name);
    all.retain(|attribute| named(&attribute.name) || (everything && attribute.name != "media-col-database"));
    all
}

fn job_number(operation: &Group) -> Option<u32> {
    let from_uri = || operation.text("job-uri")?.rsplit('/').next()?.parse().ok();
    operation.integer("job-id").and_then(|number| u32::try_from(number).ok()).or_else(from_uri)
}

fn format_of(operation: &Group) -> Option<DocumentFormat> {
    let said = operation.text("document-format")?;
    DocumentFormat::ALL.into_iter().find(|format| format.mime() == said)
}

fn new_job(request: &Message) -> Job {
    let operation = request.group(group::OPERATION);
    let text = |name: &str| operation.and_then(|group| group.text(name)).unwrap_or_default();
    let template = request.group(group::JOB);
    let copies = template.and_then(|group| group.integer("copies")).and_then(|n| u32::try_from(n).ok()).unwrap_or(1);
    let said = template.and_then(|group| group.text("sides"));
    let sides = Sides::ALL.into_iter().find(|sides| Some(sides.keyword()) == said).unwrap_or(Sides::OneSided);
    Job::new(text("job-name"), text("requesting-user-name"), copies.max(1), sides)
}
