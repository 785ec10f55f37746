//! Jobs in the printer: how one stands, ending it, and which are ours (Get-Job-Attributes, Cancel-Job, Get-Jobs).
//! A number alone is never trusted: after a power cut the printer counts anew, and the number is somebody else's.

use super::message::{Attribute, Group, Message, Value, group};
use super::words::{operation, status as code};
use super::{IppPrinter, add, succeeded};
use crate::document_printer::{JobId, JobReport, JobState};
use crate::{DeviceError, DeviceErrorKind};

/// What is asked of a job.
const ASKED: &[&str] = &[
    "job-id",
    "job-name",
    "job-state",
    "job-state-reasons",
    "job-impressions",
    "job-impressions-completed",
    "job-media-sheets-completed",
];
/// Some printers cut names; a name that is cut shorter than this is somebody else's.
const NAME_BYTES_MIN: usize = 20;

pub(super) fn job(printer: &mut IppPrinter, id: &JobId) -> Result<JobReport, DeviceError> {
    let mut request = job_request(printer, operation::GET_JOB_ATTRIBUTES, id.number);
    add(&mut request, Attribute::set("requested-attributes", ASKED.iter().map(Value::keyword)));
    let answer = printer.ask(request)?;
    if matches!(answer.code, code::NOT_FOUND | code::GONE) {
        return Ok(JobReport::unknown());
    }
    let answer = succeeded(answer)?;
    let job = answer.group(group::JOB);
    Ok(job.filter(|job| is_named(job, &id.name)).map_or_else(JobReport::unknown, read_job))
}

pub(super) fn cancel(printer: &mut IppPrinter, id: &JobId) -> Result<JobReport, DeviceError> {
    let report = job(printer, id)?;
    if report.state.has_ended() {
        return Ok(report);
    }
    let request = job_request(printer, operation::CANCEL_JOB, id.number);
    let answer = printer.ask(request)?;
    if !matches!(answer.code, code::NOT_POSSIBLE | code::NOT_FOUND | code::GONE) {
        succeeded(answer)?;
    }
    job(printer, id)
}

/// Our user's jobs, `completed` or `not-completed`.
pub(super) fn jobs(printer: &mut IppPrinter, which: &str) -> Result<Vec<JobId>, DeviceError> {
    let mut request = printer.request(operation::GET_JOBS);
    add(&mut request, Attribute::one("which-jobs", Value::keyword(which)));
    add(&mut request, Attribute::one("my-jobs", Value::Boolean(true)));
    let asked = ["job-id", "job-name", "job-state", "job-originating-user-name"];
    add(&mut request, Attribute::set("requested-attributes", asked.iter().map(Value::keyword)));
    let answer = succeeded(printer.ask(request)?)?;
    let jobs = answer.groups.iter().filter(|found| found.tag == group::JOB);
    // Not every printer heeds my-jobs and which-jobs.
    let ours = jobs.filter(|job| job.text("job-originating-user-name").is_none_or(|user| user == printer.user));
    let wanted = ours.filter(|job| which == "completed" || !read_job(job).state.has_ended());
    let id = |job: &Group| {
        let number = job.integer("job-id").and_then(|number| u32::try_from(number).ok())?;
        Some(JobId { number, name: job.text("job-name").unwrap_or_default().to_owned() })
    };
    Ok(wanted.filter_map(id).collect())
}

/// Our user's job of a name, whether it has ended or not. The id holds the whole name, however the printer cut it.
pub(super) fn find(printer: &mut IppPrinter, name: &str) -> Result<Option<JobId>, DeviceError> {
    let named = |jobs: Vec<JobId>| {
        let job = jobs.into_iter().find(|job| is_said_for(&job.name, name))?;
        Some(JobId { name: name.to_owned(), ..job })
    };
    if let Some(job) = named(jobs(printer, "not-completed")?) {
        return Ok(Some(job));
    }
    match jobs(printer, "completed") {
        Ok(ended) => Ok(named(ended)),
        // Not every printer tells of jobs that have ended.
        Err(error) if error.kind == DeviceErrorKind::Software => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a job's attributes; does no I/O.
pub fn read_job(job: &Group) -> JobReport {
    let count = |name: &str| job.integer(name).and_then(|n| u32::try_from(n).ok());
    JobReport {
        state: match job.integer("job-state") {
            Some(3) => JobState::Pending,
            Some(4) => JobState::Held,
            Some(5) => JobState::Processing,
            Some(6) => JobState::Stopped,
            Some(7) => JobState::Canceled,
            Some(8) => JobState::Aborted,
            Some(9) => JobState::Completed,
            _ => JobState::Unknown,
        },
        reasons: job.texts("job-state-reasons").filter(|reason| *reason != "none").map(str::to_owned).collect(),
        impressions_completed: count("job-impressions-completed"),
        sheets_completed: count("job-media-sheets-completed"),
        impressions: count("job-impressions"),
    }
}

fn job_request(printer: &mut IppPrinter, operation: u16, number: u32) -> Message {
    let mut request = printer.request(operation);
    add(&mut request, Attribute::one("job-id", Value::Integer(i32::try_from(number).unwrap_or(i32::MAX))));
    request
}

fn is_named(job: &Group, name: &str) -> bool {
    job.text("job-name").is_none_or(|said| is_said_for(said, name))
}

/// Whether a printer that says this name means ours, whole or cut.
fn is_said_for(said: &str, name: &str) -> bool {
    said == name || (said.len() >= NAME_BYTES_MIN && name.starts_with(said))
}
