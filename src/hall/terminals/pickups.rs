//! Documents that the hall issued, for a terminal with the person's card on its reader.
use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use uuid::Uuid;
use wire::api::{PickupAnswer, PickupRequest};

use super::access::{Wish, admit};
use super::refusal::Refusal;
use crate::documents::{self, Refused};
use crate::server::{Core, Peer};

const BUSY_RETRY_S: u32 = 30;

/// `POST /v1/pickups`
pub(super) async fn show(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    request: Result<Json<PickupRequest>, JsonRejection>,
) -> Result<Json<PickupAnswer>, Refusal> {
    let terminal = admit(&core, &peer, Wish::Anything).await?;
    let Json(request) = request?;
    Ok(Json(documents::show(&core, &terminal.terminal_no, &request).await.map_err(refusal)?))
}

/// `GET /v1/pickups/{ticket}`
pub(super) async fn fetch(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    Path(ticket): Path<Uuid>,
) -> Result<Response, Refusal> {
    let terminal = admit(&core, &peer, Wish::Anything).await?;
    let mut bytes = documents::fetch(&core, &terminal.terminal_no, ticket).await.map_err(refusal)?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], std::mem::take(&mut *bytes)).into_response())
}

fn refusal(refused: Refused) -> Refusal {
    match refused {
        Refused::NoMatch => Refusal::NOTHING_FOUND,
        Refused::Locked(wait) => Refusal::locked(wait.seconds),
        Refused::Busy => Refusal::busy(BUSY_RETRY_S),
        Refused::Unavailable => Refusal::UNAVAILABLE,
        Refused::Database(error) => error.into(),
    }
}
