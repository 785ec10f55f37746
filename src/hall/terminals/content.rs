//! The content that terminals show: a signed manifest and the blobs that it names.
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use wire::ids::Sha256;
use wire::signed::{KeyUse, Manifest, Signed};

use super::access::{Wish, admit};
use super::refusal::Refusal;
use crate::keys::unhex;
use crate::server::{Core, Peer};

/// `GET /v1/manifest`
pub(super) async fn manifest(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
) -> Result<Json<Signed<Manifest>>, Refusal> {
    admit(&core, &peer, Wish::Anything).await?;
    let version = core.contents.current();
    let keys = core.keys();
    let key = keys.newest(KeyUse::Content)?;
    let manifest = Manifest {
        hall_id: core.hall_id,
        content_seq: version.content_seq.unsigned_abs(),
        content_version: version.loaded.catalogue.content_version.clone(),
        catalogue: Sha256(version.sha256),
        bytes: version.body.len() as u64,
        published_at_ms: version.published_ms,
        key_id: key.id()?,
    };
    Ok(Json(Signed::sign(&manifest, &key.signing())?))
}

/// `GET /v1/blobs/{sha256}`
pub(super) async fn blob(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    admit(&core, &peer, Wish::Anything).await?;
    let mut sha256 = [0; 32];
    if !unhex(&name, &mut sha256) {
        return Err(Refusal::NOT_FOUND);
    }
    let version = core.contents.current();
    if version.sha256 == sha256 {
        return Ok(bytes(version.body.clone()));
    }
    let wanted = sha256.as_slice();
    let row = sqlx::query!("select body from content where sha256 = ? limit 1", wanted)
        .fetch_optional(core.db.read())
        .await?;
    row.map(|row| bytes(row.body)).ok_or(Refusal::NOT_FOUND)
}

fn bytes(body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/octet-stream")], body).into_response()
}
