//! Cases: what a received submission becomes. `intake` opens, validates and indexes it in memory; the pages list
//! cases and let a clerk open those of his department's items, with a reason, audited. Bodies stay sealed on disk.
mod body;
pub(crate) mod deemed;
pub(crate) mod documents;
mod history;
mod index;
mod intake;
pub(crate) mod list;
pub(crate) mod open;
pub(crate) mod page;
pub(crate) mod progress;
mod state;
pub(crate) mod steps;
mod store;
mod words;

pub(crate) use body::open_body;
pub use body::{OpenError, Opened};
pub(crate) use index::{id_number_spelling, of_id_number as id_hmac};
pub(crate) use intake::{ExamineError, examine};
pub(crate) use state::State;
pub(crate) use store::store;

use crate::console::{PageError, Role, Staff};
use crate::server::Core;

/// One case as the pages need it.
#[derive(Debug)]
pub(crate) struct CaseRow {
    pub(crate) case_id: i64,
    pub(crate) submission_id: String,
    pub(crate) number: String,
    pub(crate) terminal_no: String,
    pub(crate) item_id: String,
    pub(crate) item_version: i64,
    pub(crate) form_version: i64,
    pub(crate) content_seq: i64,
    pub(crate) dept_id: Option<String>,
    pub(crate) state: State,
    pub(crate) reasons: String,
    pub(crate) submitted_ms: i64,
    pub(crate) clock_quality: String,
    pub(crate) clock_start_ms: i64,
    pub(crate) clock_start_by: String,
    pub(crate) received_ms: i64,
    pub(crate) accepted_ms: Option<i64>,
    pub(crate) accepted_by: Option<String>,
    pub(crate) case_no: Option<String>,
    pub(crate) duplicate_of: Option<i64>,
}

impl CaseRow {
    /// Codes of what a clerk must look at.
    pub(crate) fn reasons(&self) -> Vec<String> {
        serde_json::from_str(&self.reasons).unwrap_or_default()
    }

    /// A clerk sees his department's cases; who may see the list at all sees the rest.
    fn must_be_seen_by(&self, staff: &Staff) -> Result<(), PageError> {
        staff.must_see("/cases")?;
        if staff.role != Role::Clerk || self.is_of(staff) { Ok(()) } else { Err(PageError::Forbidden) }
    }

    /// Only a clerk of the item's department may open a case or decide on it.
    fn must_be_work_of(&self, staff: &Staff) -> Result<(), PageError> {
        if staff.role == Role::Clerk && self.is_of(staff) { Ok(()) } else { Err(PageError::Forbidden) }
    }

    fn is_of(&self, staff: &Staff) -> bool {
        self.dept_id.is_some() && self.dept_id == staff.dept_id
    }
}

async fn find(core: &Core, case_id: i64) -> Result<CaseRow, PageError> {
    sqlx::query_as!(
        CaseRow,
        "select case_id as \"case_id!\", submission_id, number, terminal_no, item_id, item_version, form_version, content_seq, dept_id,
            state, reasons, submitted_ms, clock_quality, clock_start_ms, clock_start_by, received_ms, accepted_ms, accepted_by, case_no,
            duplicate_of
         from case_file where case_id = ?",
        case_id
    )
    .fetch_optional(core.db.read())
    .await?
    .ok_or(PageError::NotFound)
}
