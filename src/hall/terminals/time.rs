//! The hall's time, signed, for a fresh nonce: what sets a terminal's clock right, forwards or back.
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::{Extension, Json};
use serde::Deserialize;
use wire::api::TimeResponse;
use wire::signed::{KeyUse, Signed, TimeAnswer};

use super::access::{Wish, admit};
use super::refusal::Refusal;
use crate::server::{Core, Peer};

/// Bounds what is signed for a caller.
const NONCE_LIMIT: usize = 128;

/// The caller's random text.
#[derive(Deserialize)]
pub(super) struct Nonce {
    nonce: String,
}

/// `GET /v1/time?nonce=`
pub(super) async fn time(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    Query(Nonce { nonce }): Query<Nonce>,
) -> Result<Json<TimeResponse>, Refusal> {
    admit(&core, &peer, Wish::RenewOrTime).await?;
    if nonce.len() > NONCE_LIMIT {
        return Err(Refusal::malformed("the nonce is too long"));
    }
    let keys = core.keys();
    let key = keys.newest(KeyUse::Time)?;
    let answer = TimeAnswer { hall_id: core.hall_id, nonce, now_ms: core.clock.now_ms(), key_id: key.id()? };
    Ok(Json(Signed::sign(&answer, &key.signing())?))
}
