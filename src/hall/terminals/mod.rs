//! The terminals' listener: protocol v1 over mutual TLS, one file per resource. Every handler admits the
//! certificate first; bodies are bounded before they are buffered.
mod access;
mod calls;
mod codes;
mod content;
mod enrol;
mod heartbeat;
mod pickups;
mod progress;
mod quota;
mod reconcile;
mod records;
mod refusal;
mod renew;
mod slots;
mod submissions;
mod time;
mod uploads;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post, put};
use wire::api::{JSON_BYTES_MAX, path};
use wire::seal::CHUNK_SEALED;

pub(crate) use access::remember;
pub use codes::EnrolmentCode;
pub(crate) use codes::new_code;
pub(crate) use heartbeat::counted;
use refusal::Refusal;
pub(crate) use slots::Slots;

use crate::server::Core;

/// All routes of protocol v1.
pub(crate) fn router(core: Arc<Core>) -> Router {
    let chunks = Router::new()
        .route("/v1/submissions/{id}/parts/{part}/chunks/{index}", put(submissions::chunk))
        .layer(DefaultBodyLimit::max(CHUNK_SEALED));
    Router::new()
        .route(path::HALL, get(enrol::hall))
        .route(path::ENROL, post(enrol::enrol))
        .route(path::RENEW, post(renew::renew))
        .route(path::TIME, get(time::time))
        .route("/v1/submissions/{id}", put(submissions::announce).get(submissions::state))
        .route("/v1/submissions/{id}/finish", post(submissions::finish))
        .route(path::RECONCILE, post(reconcile::reconcile))
        .route(path::HEARTBEAT, post(heartbeat::heartbeat))
        .route(path::MANIFEST, get(content::manifest))
        .route("/v1/blobs/{sha256}", get(content::blob))
        .route(path::CALLS, post(calls::open))
        .route("/v1/calls/{id}", get(calls::ask))
        .route("/v1/calls/{id}/close", post(calls::close))
        .route(path::PROGRESS, post(progress::look_up))
        .route(path::PICKUPS, post(pickups::show))
        .route("/v1/pickups/{ticket}", get(pickups::fetch))
        .route(path::RECORDS, post(records::ask))
        .route(path::QUOTA_RESERVE, post(quota::reserve))
        .route(path::QUOTA_SETTLE, post(quota::settle))
        .route(path::UPLOADS, post(uploads::open))
        .route("/v1/uploads/{id}", get(uploads::state).delete(uploads::close))
        .route("/v1/uploads/{id}/files/{n}", get(uploads::fetch).delete(uploads::taken))
        .layer(DefaultBodyLimit::max(JSON_BYTES_MAX))
        .merge(chunks)
        .fallback(|| async { Refusal::NOT_FOUND })
        .with_state(core)
}
