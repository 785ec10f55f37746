//! Reconciliation after a restore (protocol v1, section 1.3): what the hall still has gets a new receipt, what it
//! lacks is asked for again, and what it provably had and nobody holds any more is an alarm with a list, never silence.
use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::{Extension, Json};
use serde_json::json;
use sqlx::{Sqlite, Transaction};
use wire::api::{ReconcileAnswer, ReconcileEntry, ReconcileRequest};

use super::access::{Terminal, Wish, admit, remember};
use super::refusal::Refusal;
use super::submissions::{parsed, proven, receipt};
use crate::alarm::{self, Alarm, Kind};
use crate::audit;
use crate::server::{Core, Peer};
use crate::submissions::{self as stored, Standing};

/// `POST /v1/reconcile`
pub(super) async fn reconcile(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    request: Result<Json<ReconcileRequest>, JsonRejection>,
) -> Result<Json<ReconcileAnswer>, Refusal> {
    let terminal = admit(&core, &peer, Wish::Anything).await?;
    let Json(request) = request?;
    let mut answer = ReconcileAnswer { hall_epoch: core.epoch, held: Vec::new(), send: Vec::new() };
    let mut lost = 0u64;
    let mut tx = core.db.begin().await?;
    for entry in &request.entries {
        let id = entry.submission_id.to_string();
        match stored::standing(&mut tx, &id, Some(&entry.body_sha256.0)).await? {
            Standing::Received(received_ms) => {
                let envelope = stored::load(&mut tx, &id).await?.ok_or(Refusal::INTERNAL)?;
                let facts = (entry.body_sha256, received_ms);
                answer.held.push(receipt(&core, &mut tx, &parsed(&envelope)?, facts).await?);
            }
            // A conflict is sent, too: the upload refuses it and says so.
            _ if entry.has_payload => answer.send.push(entry.submission_id),
            _ => lost += u64::from(mourn(&core, &mut tx, &terminal, entry).await?),
        }
    }
    note(&core, &mut tx, &terminal, (&answer, lost)).await?;
    tx.commit().await?;
    core.backup_wanted.notify_one();
    Ok(Json(answer))
}

/// The hall once had it, and nobody holds it any more. False if the terminal does not prove that: a tombstone of
/// another hall's receipt, from before the terminal moved here, is none of ours.
async fn mourn(
    core: &Core,
    tx: &mut Transaction<'_, Sqlite>,
    terminal: &Terminal,
    entry: &ReconcileEntry,
) -> Result<bool, sqlx::Error> {
    let proof = entry.receipt.as_ref();
    let Some(proof) = proof.and_then(|receipt| proven(core, receipt, entry.submission_id, entry.body_sha256)) else {
        return Ok(false);
    };
    let subject = entry.submission_id.to_string();
    let detail = format!("{}, terminal {}", proof.number, terminal.terminal_no);
    let at_ms = core.clock.now_ms();
    let alarm = Alarm { kind: Kind::LostAfterRestore, subject: &subject, detail: &detail, at_ms };
    alarm::raise_once(tx, alarm).await?;
    Ok(true)
}

async fn note(
    core: &Core,
    tx: &mut Transaction<'_, Sqlite>,
    terminal: &Terminal,
    (answer, lost): (&ReconcileAnswer, u64),
) -> Result<(), sqlx::Error> {
    let (now, epoch) = (core.clock.now_ms(), core.epoch.to_string());
    remember(tx, (&terminal.terminal_no, &terminal.installation_id), now).await?;
    sqlx::query!(
        "update installation set reconciled_epoch = ? where installation_id = ?",
        epoch,
        terminal.installation_id
    )
    .execute(&mut **tx)
    .await?;
    let actor = audit::terminal(&terminal.terminal_no);
    let fields = json!({ "held": answer.held.len(), "send": answer.send.len(), "lost": lost });
    audit::write(tx, audit::Entry { actor: &actor, event: "terminal.reconciled", fields, at_ms: now }).await
}
