//! A person's certificates and records for a terminal: live only, with the card and a second factor, audited.
use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::{Extension, Json};
use wire::api::{RecordAnswer, RecordRequest};

use super::access::{Wish, admit};
use super::refusal::Refusal;
use crate::records::{Asked, Refused, issue};
use crate::server::{Core, Peer};

/// `POST /v1/records`
pub(super) async fn ask(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    request: Result<Json<RecordRequest>, JsonRejection>,
) -> Result<Json<RecordAnswer>, Refusal> {
    let terminal = admit(&core, &peer, Wish::Anything).await?;
    let Json(request) = request?;
    let asked = Asked { terminal_no: &terminal.terminal_no, request: &request };
    issue(&core, asked).await.map(Json).map_err(|refused| match refused {
        Refused::NotOffered => Refusal::NOT_OFFERED,
        Refused::SecondFactor => Refusal::SECOND_FACTOR,
        Refused::NoMatch => Refusal::NOTHING_FOUND,
        Refused::Answers => Refusal::malformed("the answers are not of this item's form"),
        Refused::OtherRequest => Refusal::malformed("this request_id belongs to another request"),
        Refused::Unavailable => Refusal::UNAVAILABLE,
        Refused::Database(error) => error.into(),
    })
}
