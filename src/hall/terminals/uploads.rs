//! The terminal's side of files from phones: opens a one-time session with its own key, waits for arrivals, fetches
//! sealed bytes, says that it has them. Where the hall has no public name and certificate nothing is offered.
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use wire::api::{UploadRequest, UploadSession, UploadState};
use wire::ids::UploadId;

use super::access::{Terminal, Wish, admit};
use super::refusal::Refusal;
use crate::server::{Core, Peer};
use crate::uploads::{LIMITS, Owner, Refused};

/// The longest wait that a terminal may ask for.
const LONGEST_WAIT_S: u64 = 30;
const BUSY_RETRY_S: u32 = 10;

/// `POST /v1/uploads`; a repeat with the same id and key is the same session.
pub(super) async fn open(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    request: Result<Json<UploadRequest>, JsonRejection>,
) -> Result<(StatusCode, Json<UploadSession>), Refusal> {
    let owner = owner(admit(&core, &peer, Wish::Anything).await?);
    let Json(request) = request?;
    let address = core.public_url().ok_or(Refusal::NOT_OFFERED)?;
    let opened = core.uploads.open(&request, owner, core.clock.now_ms());
    let (token, left_ms) = opened.map_err(|refused| match refused {
        Refused::Taken => Refusal::malformed("this upload_id belongs to another session"),
        _ => Refusal::busy(BUSY_RETRY_S),
    })?;
    let session = UploadSession {
        upload_id: request.upload_id,
        url: format!("{address}/u/{token}"),
        closes_in_ms: left_ms.unsigned_abs(),
        limits: LIMITS,
    };
    Ok((StatusCode::CREATED, Json(session)))
}

/// What the terminal knows, and how long to wait for more.
#[derive(Deserialize)]
pub(super) struct Known {
    #[serde(default)]
    after: u32,
    #[serde(default)]
    wait: u64,
}

/// `GET /v1/uploads/{id}?after=&wait=`
pub(super) async fn state(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    Path(upload_id): Path<UploadId>,
    Query(known): Query<Known>,
) -> Result<Json<UploadState>, Refusal> {
    let owner = owner(admit(&core, &peer, Wish::Anything).await?);
    let mut changed = core.uploads.subscribe();
    let until = tokio::time::Instant::now() + Duration::from_secs(known.wait.min(LONGEST_WAIT_S));
    let first = core.uploads.state(upload_id, &owner, core.clock.now_ms());
    let mut now = first.clone();
    while now == first && now.open && now.arrived <= known.after {
        if tokio::time::timeout_at(until, changed.changed()).await.is_err() {
            break;
        }
        now = core.uploads.state(upload_id, &owner, core.clock.now_ms());
    }
    Ok(Json(now))
}

/// `GET /v1/uploads/{id}/files/{n}`
pub(super) async fn fetch(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    Path(place): Path<(UploadId, u32)>,
) -> Result<Response, Refusal> {
    let owner = owner(admit(&core, &peer, Wish::Anything).await?);
    let pieces = core.uploads.fetch(place, &owner, core.clock.now_ms()).ok_or(Refusal::NOTHING_FOUND)?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], Body::new(pieces)).into_response())
}

/// `DELETE /v1/uploads/{id}/files/{n}`
pub(super) async fn taken(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    Path(place): Path<(UploadId, u32)>,
) -> Result<StatusCode, Refusal> {
    let owner = owner(admit(&core, &peer, Wish::Anything).await?);
    core.uploads.taken(place, &owner);
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /v1/uploads/{id}`
pub(super) async fn close(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    Path(upload_id): Path<UploadId>,
) -> Result<StatusCode, Refusal> {
    let owner = owner(admit(&core, &peer, Wish::Anything).await?);
    core.uploads.close(upload_id, &owner);
    Ok(StatusCode::NO_CONTENT)
}

fn owner(terminal: Terminal) -> Owner {
    Owner { terminal_no: terminal.terminal_no, installation_id: terminal.installation_id }
}
