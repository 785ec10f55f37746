//! A look into a hall's data folder for tests and the demo's dock, beside a running hall or without one.
//! It opens bodies with the folder's own keys, so it is only as secret as the folder.
use std::path::Path;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use crate::cases::open_body;
pub use crate::cases::{OpenError, Opened};
use crate::db;
use crate::disk::Bodies;
use crate::keys::{KEY_FILE, KeyError, KeyRing};
use crate::server::BODIES_FOLDER;
use crate::submissions;

/// One case, as far as it stands outside its sealed body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseSummary {
    pub case_id: i64,
    pub submission_id: String,
    pub number: String,
    pub terminal_no: String,
    pub item_id: String,
    pub dept_id: Option<String>,
    /// A state of `case_file`.
    pub state: String,
    /// Why a clerk must look, and what is marked.
    pub reasons: Vec<String>,
    pub submitted_ms: i64,
    pub received_ms: i64,
    pub accepted_ms: Option<i64>,
    pub clock_start_ms: i64,
    /// `submitted`, `corrected` or `received`.
    pub clock_start_by: String,
    pub duplicate_of: Option<i64>,
}

/// One open alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmSummary {
    /// `key_unknown`, `lost_after_restore`, `id_conflict`, …
    pub kind: String,
    pub subject: String,
    pub detail: String,
    pub times: i64,
}

/// Why a data folder cannot be looked into.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("the folder cannot be read: {0}")]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("there is no such submission")]
    Unknown,
}

/// All cases, oldest first. Blocks; do not call it on an async thread.
pub fn cases(dir: &Path) -> Result<Vec<CaseSummary>, InspectError> {
    reading(dir, async |pool| {
        let rows = sqlx::query!(
            "select case_id as \"case_id!\", submission_id, number, terminal_no, item_id, dept_id, state, reasons, submitted_ms,
                received_ms, accepted_ms, clock_start_ms, clock_start_by, duplicate_of
             from case_file order by case_id"
        )
        .fetch_all(pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| CaseSummary {
                case_id: row.case_id,
                submission_id: row.submission_id,
                number: row.number,
                terminal_no: row.terminal_no,
                item_id: row.item_id,
                dept_id: row.dept_id,
                state: row.state.key().to_owned(),
                reasons: serde_json::from_str(&row.reasons).unwrap_or_default(),
                submitted_ms: row.submitted_ms,
                received_ms: row.received_ms,
                accepted_ms: row.accepted_ms,
                clock_start_ms: row.clock_start_ms,
                clock_start_by: row.clock_start_by,
                duplicate_of: row.duplicate_of,
            })
            .collect())
    })
}

/// Open alarms, oldest first. Blocks.
pub fn alarms(dir: &Path) -> Result<Vec<AlarmSummary>, InspectError> {
    reading(dir, async |pool| {
        Ok(sqlx::query_as!(
            AlarmSummary,
            "select kind, subject, detail, times from alarm where closed_ms is null order by alarm_id"
        )
        .fetch_all(pool)
        .await?)
    })
}

/// Opens the body of a received submission. Blocks.
pub fn open_case(dir: &Path, submission_id: &str) -> Result<Opened, InspectError> {
    let envelope = reading(dir, async |pool| {
        let mut reader = pool.acquire().await?;
        submissions::load(&mut reader, submission_id).await?.ok_or(InspectError::Unknown)
    })?;
    let ring = KeyRing::parse(&std::fs::read(dir.join(KEY_FILE))?)?;
    let bodies = Bodies::open(dir.join(BODIES_FOLDER))?;
    Ok(open_body(&bodies, &ring, &envelope)?)
}

/// The watermark of the folder's current epoch. Blocks.
pub fn safe_through(dir: &Path) -> Result<u64, InspectError> {
    reading(dir, async |pool| {
        let row = sqlx::query!("select safe_through from hall where id = 1").fetch_one(pool).await?;
        Ok(row.safe_through.unsigned_abs())
    })
}

fn reading<T>(dir: &Path, query: impl AsyncFnOnce(&SqlitePool) -> Result<T, InspectError>) -> Result<T, InspectError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(dir.join(db::FILE_NAME)).read_only(true);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        let result = query(&pool).await;
        pool.close().await;
        result
    })
}
