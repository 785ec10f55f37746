//! Free pages: asked before a job, settled after it. The hall counts in memory only and forgets at closing.
use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::{Extension, Json};
use wire::api::{QuotaAnswer, QuotaReserve, QuotaSettle};

use super::access::{Wish, admit};
use super::refusal::Refusal;
use crate::clock::office_time;
use crate::quota::Rules;
use crate::server::{Core, Peer};

/// Rules 8.7, where the catalogue names no figure.
const PAGES_A_DAY: u32 = 30;

/// `POST /v1/quota/reserve`
pub(super) async fn reserve(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    request: Result<Json<QuotaReserve>, JsonRejection>,
) -> Result<Json<QuotaAnswer>, Refusal> {
    admit(&core, &peer, Wish::Anything).await?;
    let Json(request) = request?;
    let job = (request.job_id, request.id_no.as_str());
    core.quota.reserve(rules(&core), job, request.pages).map(Json).ok_or(Refusal::UNAVAILABLE)
}

/// `POST /v1/quota/settle`; a job that is not known any more is settled already.
pub(super) async fn settle(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    request: Result<Json<QuotaSettle>, JsonRejection>,
) -> Result<Json<QuotaAnswer>, Refusal> {
    admit(&core, &peer, Wish::Anything).await?;
    let Json(request) = request?;
    let rules = rules(&core);
    let unknown = QuotaAnswer { granted: 0, left: rules.limit, limit: rules.limit };
    Ok(Json(core.quota.settle(rules, request.job_id, request.printed).unwrap_or(unknown)))
}

fn rules(core: &Core) -> Rules {
    let catalogue = &core.contents.current().loaded.catalogue;
    let figure = catalogue.rules.pointer("/print/per_person_day_pages").and_then(serde_json::Value::as_u64);
    Rules {
        limit: figure.and_then(|pages| u32::try_from(pages).ok()).unwrap_or(PAGES_A_DAY),
        now: office_time(core.clock.now()),
        closing: catalogue.hall.hours.closing(),
    }
}
