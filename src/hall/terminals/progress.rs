//! Where a case stands, for the citizen at a terminal: by the card on its reader, by what stands on the slip, by the
//! slip's code. Wrong codes lock this terminal's look-up by number for half an hour; the card goes on working.
use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::{Extension, Json};
use wire::api::{ProgressAnswer, ProgressRequest};

use super::access::{Wish, admit};
use super::refusal::Refusal;
use crate::audit;
use crate::cases::progress::{self, Refused, Typed};
use crate::server::{Core, Peer};

/// `POST /v1/progress`
pub(super) async fn look_up(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    request: Result<Json<ProgressRequest>, JsonRejection>,
) -> Result<Json<ProgressAnswer>, Refusal> {
    let terminal = admit(&core, &peer, Wish::Anything).await?;
    let Json(request) = request?;
    let cases = match &request {
        ProgressRequest::Card { id_no } => progress::by_card(&core, id_no).await?,
        ProgressRequest::Token { token } => {
            vec![progress::by_token(&core, token).await?.ok_or(Refusal::NOTHING_FOUND)?]
        }
        ProgressRequest::Number { last9, query_code } => {
            let typed = Typed::parse(last9, query_code).ok_or(Refusal::NOTHING_FOUND)?;
            let source = audit::terminal(&terminal.terminal_no);
            progress::by_number(&core, &source, &typed).await.map_err(|refused| match refused {
                Refused::Locked(wait) => Refusal::locked(wait.seconds),
                Refused::Wrong { .. } => Refusal::NOTHING_FOUND,
                Refused::Failed => Refusal::UNAVAILABLE,
            })?
        }
    };
    Ok(Json(ProgressAnswer { cases }))
}
