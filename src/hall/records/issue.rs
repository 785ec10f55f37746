//! Issues a record: second factor checked, form answers validated, source asked, the issue written down with its
//! verification code and audited, and only then given out.
use std::sync::Arc;
use std::time::Duration;

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::json;
use wire::api::{RecordAnswer, RecordRequest, RecordSheet, SecondFactor};
use wire::catalogue::{Assurance, Item, Mode};

use super::verify::{Code, seal_name};
use super::{Question, SourceError};
use crate::audit;
use crate::cases::id_hmac;
use crate::clock::office_date;
use crate::content::Version;
use crate::server::Core;

/// Certificates can be verified for three months (the items' `result.validity`).
const VALID_MONTHS: i32 = 3;
/// A register that needs longer does not answer, for a person who waits.
const SOURCE_LIMIT: Duration = Duration::from_secs(10);

/// Who asks.
pub(crate) struct Asked<'a> {
    pub(crate) terminal_no: &'a str,
    pub(crate) request: &'a RecordRequest,
}

/// Why nothing is given.
#[derive(Debug)]
pub(crate) enum Refused {
    NotOffered,
    SecondFactor,
    /// The register has nobody of this number and name.
    NoMatch,
    /// The form's answers do not hold.
    Answers,
    /// The same request id came for another person or item.
    OtherRequest,
    Unavailable,
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// Issues it. A repeat of the request asks the register again and keeps the code and the day of the first time.
pub(crate) async fn issue(core: &Arc<Core>, asked: Asked<'_>) -> Result<RecordAnswer, Refused> {
    let request = asked.request;
    let version = Arc::clone(core.contents.current());
    let item =
        version.item(&request.item_id).filter(|item| item.kiosk.mode == Mode::Print).ok_or(Refused::NotOffered)?;
    let staff = second_factor(core, item, &request.second_factor).await?;
    let sheet = asked_of_source(core, &version, request).await?;
    let request_id = request.request_id.to_string();
    let code = Code::of_request(&core.keys(), &request_id).ok_or(Refused::Unavailable)?;
    let today = office_date(core.clock.now());
    let paper = Paper {
        request_id: &request_id,
        title: &item.result.result_name,
        issuer: core.contents.department_name(&item.dept_id).unwrap_or(&core.config.name),
        code: &code,
        staff: &staff,
        valid_through: today.checked_add(VALID_MONTHS.months()).unwrap_or(today),
    };
    let (issued_at_ms, valid_through) = write_down(core, &asked, &paper).await?;
    core.backup_wanted.notify_one();
    Ok(RecordAnswer {
        title: paper.title.to_owned(),
        title_en: item.result.result_name_en.clone(),
        issuer: paper.issuer.to_owned(),
        sheet,
        issued_at_ms,
        valid_through,
        verification_url: core.public_url().map(|address| format!("{address}/v/{}", code.plain())),
        verification_code: code.grouped(),
    })
}

/// What is issued, without what it states.
struct Paper<'a> {
    request_id: &'a str,
    title: &'a str,
    issuer: &'a str,
    code: &'a Code,
    staff: &'a str,
    valid_through: Date,
}

/// The issue and its audit entry; when it was first issued and until when it holds.
async fn write_down(core: &Core, asked: &Asked<'_>, paper: &Paper<'_>) -> Result<(i64, Date), Refused> {
    let (request, keys, now) = (asked.request, core.keys(), core.clock.now_ms());
    let id_hmac = id_hmac(&keys, &request.card.id_no).ok_or(Refused::Unavailable)?;
    let code_hmac = paper.code.hmac(&keys).ok_or(Refused::Unavailable)?;
    let name = wire::mask::name(&request.card.name);
    let masked = seal_name(&keys, paper.code, &name).ok_or(Refused::Unavailable)?;
    let last_day = paper.valid_through.to_string();
    let mut tx = core.db.begin().await?;
    let done = sqlx::query!(
        "insert into issued_record (request_id, code_hmac, item_id, title, issuer, masked_name, issued_ms, valid_through,
            terminal_no, second_factor, id_hmac)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (request_id) do nothing",
        paper.request_id,
        code_hmac,
        request.item_id,
        paper.title,
        paper.issuer,
        masked,
        now,
        last_day,
        asked.terminal_no,
        paper.staff,
        id_hmac
    )
    .execute(&mut *tx)
    .await?;
    let row = sqlx::query!(
        "select item_id, id_hmac, issued_ms, valid_through from issued_record where request_id = ?",
        paper.request_id
    )
    .fetch_one(&mut *tx)
    .await?;
    if row.item_id != request.item_id || row.id_hmac != id_hmac {
        return Err(Refused::OtherRequest);
    }
    let event = if done.rows_affected() > 0 { "record.issued" } else { "record.issued_again" };
    let actor = audit::terminal(&asked.terminal_no);
    let fields = json!({ "request": paper.request_id, "item": request.item_id, "second_factor": paper.staff });
    audit::write(&mut tx, audit::Entry { actor: &actor, event, fields, at_ms: now }).await?;
    tx.commit().await?;
    Ok((row.issued_ms, row.valid_through.parse().unwrap_or(paper.valid_through)))
}

/// The login of the member of the staff who looked at the person; nothing else is enough for a person's records.
async fn second_factor(core: &Core, item: &Item, factor: &SecondFactor) -> Result<String, Refused> {
    if item.kiosk.assurance < Assurance::L2 {
        return Err(Refused::NotOffered);
    }
    let SecondFactor::StaffCard { staff_no } = factor else { return Err(Refused::SecondFactor) };
    let row = sqlx::query!(
        "select login from account where staff_no = ? and role in ('guide', 'clerk') and staff_no <> ''",
        staff_no
    )
    .fetch_optional(core.db.read())
    .await?;
    row.map(|row| row.login).ok_or(Refused::SecondFactor)
}

async fn asked_of_source(
    core: &Arc<Core>,
    version: &Arc<Version>,
    request: &RecordRequest,
) -> Result<RecordSheet, Refused> {
    let source = core.records.clone().filter(|source| source.offers(&request.item_id)).ok_or(Refused::NotOffered)?;
    let known = |item: &Item| request.answers.iter().all(|(key, _)| item.form.field(key).is_some());
    if !version.item(&request.item_id).is_some_and(known) {
        return Err(Refused::Answers);
    }
    let (version, request) = (Arc::clone(version), request.clone());
    let asking = tokio::task::spawn_blocking(move || {
        let item = version.item(&request.item_id).ok_or(SourceError::Unavailable)?;
        let (id_no, name) = (request.card.id_no.as_str(), request.card.name.as_str());
        source.look_up(&Question { item, id_no, name, answers: &request.answers })
    });
    match tokio::time::timeout(SOURCE_LIMIT, asking).await {
        Ok(Ok(Ok(sheet))) => Ok(sheet),
        Ok(Ok(Err(SourceError::Unknown))) => Err(Refused::NoMatch),
        _ => Err(Refused::Unavailable),
    }
}
