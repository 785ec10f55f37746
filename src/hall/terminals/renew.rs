//! Renewal: a new key each time; the old certificate stays valid until the new one was used.
use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::{Extension, Json};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;
use wire::api::{RenewAnswer, RenewRequest};

use super::access::{Wish, admit};
use super::enrol::spki_of;
use super::refusal::Refusal;
use crate::audit;
use crate::server::{Core, Peer};

/// `POST /v1/renew`; the terminal keeps its pending key, so that a repeat asks for the same one.
pub(super) async fn renew(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    request: Result<Json<RenewRequest>, JsonRejection>,
) -> Result<Json<RenewAnswer>, Refusal> {
    let terminal = admit(&core, &peer, Wish::RenewOrTime).await?;
    let Json(request) = request?;
    let csr = BASE64.decode(&request.csr).map_err(|_| Refusal::malformed("the CSR is not base64"))?;
    let now = core.clock.now();
    let names = (terminal.terminal_no.as_str(), terminal.installation_id.as_str());
    let issued = core
        .authority
        .issue_terminal(&csr, names, now)
        .map_err(|_| Refusal::malformed("the CSR is not a signed CSR"))?;
    let spki = spki_of(&issued.der).ok_or(Refusal::INTERNAL)?;
    let at_ms = now.as_millisecond();
    // What an unconfirmed certificate renews waits for the administrator, too.
    let state = if terminal.unconfirmed { "unconfirmed" } else { "issued" };
    let mut tx = core.db.begin().await?;
    let known =
        sqlx::query!("select der from certificate where spki_sha256 = ?", spki).fetch_optional(&mut *tx).await?;
    if let Some(known) = known {
        return Ok(Json(RenewAnswer { certificate: BASE64.encode(known.der) }));
    }
    sqlx::query!(
        "insert into certificate (spki_sha256, terminal_no, installation_id, der, not_after_ms, state, renews, issued_ms)
         values (?, ?, ?, ?, ?, ?, ?, ?)",
        spki,
        terminal.terminal_no,
        terminal.installation_id,
        issued.der,
        issued.not_after_ms,
        state,
        terminal.spki_sha256,
        at_ms
    )
    .execute(&mut *tx)
    .await?;
    let actor = audit::terminal(&terminal.terminal_no);
    let fields = json!({ "spki": crate::keys::hex(&spki) });
    audit::write(&mut tx, audit::Entry { actor: &actor, event: "certificate.renewed", fields, at_ms }).await?;
    tx.commit().await?;
    core.backup_wanted.notify_one();
    Ok(Json(RenewAnswer { certificate: BASE64.encode(issued.der) }))
}
