//! Staff calls from terminals: opened with a step and no personal data, then asked for with a long poll.
//! "No page listens" is said honestly by the state staying open; the terminal says after 60 s where the desk is.
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::{Extension, extract::rejection::JsonRejection};
use serde::Deserialize;
use wire::api::{CallRequest, CallState, CallStatus};
use wire::ids::CallId;

use super::access::{Wish, admit};
use super::refusal::Refusal;
use crate::server::{Core, Peer};

/// The longest wait that a terminal may ask for.
const LONGEST_WAIT_S: u64 = 30;
/// A step is a word of the session's own, not a sentence.
const STEP_LIMIT: usize = 64;

/// How long to wait for a change.
#[derive(Deserialize)]
pub(super) struct Wait {
    #[serde(default)]
    wait: u64,
}

/// `POST /v1/calls`; a repeat with the same id changes nothing.
pub(super) async fn open(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    request: Result<Json<CallRequest>, JsonRejection>,
) -> Result<(StatusCode, Json<CallStatus>), Refusal> {
    let terminal = admit(&core, &peer, Wish::Anything).await?;
    let Json(request) = request?;
    if request.step.chars().count() > STEP_LIMIT {
        return Err(Refusal::malformed("the step is too long"));
    }
    let (call_id, now) = (request.call_id.to_string(), core.clock.now_ms());
    let mut tx = core.db.begin().await?;
    sqlx::query!(
        "insert into staff_call (call_id, terminal_no, step, opened_ms) values (?, ?, ?, ?) on conflict do nothing",
        call_id,
        terminal.terminal_no,
        request.step,
        now
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    core.calls_changed.send_modify(|mark| *mark += 1);
    Ok((StatusCode::CREATED, Json(status(&core, &terminal.terminal_no, request.call_id).await?)))
}

/// `GET /v1/calls/{id}?wait=20`: answers at once when the call is not open any more, else at the next change.
pub(super) async fn ask(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    Path(call_id): Path<CallId>,
    Query(Wait { wait }): Query<Wait>,
) -> Result<Json<CallStatus>, Refusal> {
    let terminal = admit(&core, &peer, Wish::Anything).await?;
    let mut changed = core.calls_changed.subscribe();
    let until = tokio::time::Instant::now() + Duration::from_secs(wait.min(LONGEST_WAIT_S));
    loop {
        let now = status(&core, &terminal.terminal_no, call_id).await?;
        if now.state != CallState::Open || tokio::time::timeout_at(until, changed.changed()).await.is_err() {
            return Ok(Json(now));
        }
    }
}

/// `POST /v1/calls/{id}/close`: the citizen does not need anybody any more.
pub(super) async fn close(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    Path(call_id): Path<CallId>,
) -> Result<Json<CallStatus>, Refusal> {
    let terminal = admit(&core, &peer, Wish::Anything).await?;
    let (id, now) = (call_id.to_string(), core.clock.now_ms());
    let mut tx = core.db.begin().await?;
    sqlx::query!(
        "update staff_call set closed_ms = ? where call_id = ? and terminal_no = ? and closed_ms is null",
        now,
        id,
        terminal.terminal_no
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    core.calls_changed.send_modify(|mark| *mark += 1);
    Ok(Json(status(&core, &terminal.terminal_no, call_id).await?))
}

async fn status(core: &Core, terminal_no: &str, call_id: CallId) -> Result<CallStatus, Refusal> {
    let id = call_id.to_string();
    let row = sqlx::query!(
        "select answered_by, minutes, closed_ms from staff_call where call_id = ? and terminal_no = ?",
        id,
        terminal_no
    )
    .fetch_optional(core.db.read())
    .await?
    .ok_or(Refusal::NOT_FOUND)?;
    let state = match (row.closed_ms, row.answered_by) {
        (Some(_), _) => CallState::Closed,
        (None, Some(who)) => CallState::Answered {
            who,
            minutes: row.minutes.and_then(|minutes| u32::try_from(minutes).ok()).unwrap_or(0),
        },
        (None, None) => CallState::Open,
    };
    Ok(CallStatus { call_id, state })
}
