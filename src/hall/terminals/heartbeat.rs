//! Heartbeats: what a terminal says of itself, answered with the epoch, the watermark and the key list.
use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::{Extension, Json};
use serde_json::{Value, json};
use sqlx::{Sqlite, Transaction};
use wire::api::{AGAIN_MAX, HeartbeatAnswer, HeartbeatRequest};
use wire::ids::Sha256;
use wire::signed::{HallKey, KeyList, KeyUse, SafeThrough, Signed};

use super::access::{Terminal, Wish, admit, remember};
use super::refusal::Refusal;
use crate::alarm::{self, Alarm, Kind};
use crate::audit;
use crate::keys::retire;
use crate::server::{Core, Peer};
use crate::submissions;

/// Every 30 s, spread by this much to either side.
const EVERY_S: u32 = 30;
const JITTER_S: u32 = 5;

/// `POST /v1/heartbeat`
pub(super) async fn heartbeat(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    request: Result<Json<HeartbeatRequest>, JsonRejection>,
) -> Result<Json<HeartbeatAnswer>, Refusal> {
    let terminal = admit(&core, &peer, Wish::Anything).await?;
    let Json(request) = request?;
    let mut tx = core.db.begin().await?;
    note(&core, &mut tx, &terminal, &request).await?;
    let row = sqlx::query!("select safe_through, list_seq from hall where id = 1").fetch_one(&mut *tx).await?;
    let knows_newest = request.list_seq == row.list_seq.unsigned_abs() && request.reconciled_epoch == core.epoch;
    let report = (terminal.installation_id.as_str(), knows_newest, core.clock.now_ms());
    let envelopes = |key_id: &str| request.envelopes_by_key.get(key_id).copied().unwrap_or(0);
    retire::note(&mut tx, &core.keys(), report, envelopes).await?;
    let older = request.list_seq < row.list_seq.unsigned_abs() || request.reconciled_epoch != core.epoch;
    let key_list = if older { Some(key_list(&core, &mut tx).await?) } else { None };
    let again = submissions::damaged(&mut tx, &terminal.installation_id, AGAIN_MAX as i64).await?;
    tx.commit().await?;
    let keys = core.keys();
    let key = keys.newest(KeyUse::Watermark)?;
    let safe_through = SafeThrough {
        hall_id: core.hall_id,
        hall_epoch: core.epoch,
        server_seq: row.safe_through.unsigned_abs(),
        key_id: key.id()?,
    };
    let spread = getrandom::u32().unwrap_or(JITTER_S) % (2 * JITTER_S + 1);
    Ok(Json(HeartbeatAnswer {
        hall_epoch: core.epoch,
        safe_through: Signed::sign(&safe_through, &key.signing())?,
        key_list,
        content_seq: core.contents.current().content_seq.unsigned_abs(),
        staff_listens: core.staff_listens(),
        send: again.iter().filter_map(|id| id.parse().ok()).collect(),
        public_url: core.public_url().map(str::to_owned),
        next_s: EVERY_S - JITTER_S + spread,
    }))
}

/// The hall's keys as terminals are told them, signed by the root.
pub(super) async fn key_list(core: &Core, tx: &mut Transaction<'_, Sqlite>) -> Result<Signed<KeyList>, Refusal> {
    let row = sqlx::query!("select list_seq from hall where id = 1").fetch_one(&mut **tx).await?;
    let ring = core.keys();
    let mut keys = Vec::with_capacity(ring.keys().len());
    for key in ring.keys() {
        let public = Sha256(key.public()?);
        keys.push(HallKey { key_id: key.id()?, usage: key.usage, public, not_after_ms: key.not_after_ms });
    }
    let list = KeyList { hall_id: core.hall_id, hall_epoch: core.epoch, list_seq: row.list_seq.unsigned_abs(), keys };
    Ok(Signed::sign(&list, &ring.root())?)
}

async fn note(
    core: &Core,
    tx: &mut Transaction<'_, Sqlite>,
    terminal: &Terminal,
    request: &HeartbeatRequest,
) -> Result<(), sqlx::Error> {
    let now = core.clock.now_ms();
    remember(tx, (&terminal.terminal_no, &terminal.installation_id), now).await?;
    note_quarantine(tx, terminal, (request, now)).await?;
    let state = json!({
        "program": request.program,
        "counts": request.counts,
        "envelopes_by_key": request.envelopes_by_key,
        "content_seq": request.content_seq,
        "content_sha256": request.content_sha256,
        "troubles": request.troubles,
    })
    .to_string();
    sqlx::query!(
        "update installation set last_seen_ms = ?, state = ? where installation_id = ?",
        now,
        state,
        terminal.installation_id
    )
    .execute(&mut **tx)
    .await?;
    let boot = request.boot_id.to_string();
    sqlx::query!(
        "insert into boot_clock (installation_id, boot_id, mono_ms, hall_ms) values (?, ?, ?, ?)
         on conflict do update set mono_ms = excluded.mono_ms, hall_ms = excluded.hall_ms",
        terminal.installation_id,
        boot,
        request.mono_ms,
        now
    )
    .execute(&mut **tx)
    .await?;
    // What it says is lost proves nothing here: what the hall once had got its alarm at the reconciliation.
    Ok(())
}

/// How many submissions a terminal holds in a state (`of`), by what its last heartbeat left in `installation.state`.
pub(crate) fn counted(state: Option<&str>, of: &str) -> Option<u64> {
    let told = serde_json::from_str::<Value>(state?).ok()?;
    told.get("counts")?.get(of)?.as_u64()
}

/// What the hall refused for good does not move by itself: said when it becomes more than the last heartbeat told, so
/// that it does not come back after a person closed it, and no longer when nothing is left of it.
async fn note_quarantine(
    tx: &mut Transaction<'_, Sqlite>,
    terminal: &Terminal,
    (request, now): (&HeartbeatRequest, i64),
) -> Result<(), sqlx::Error> {
    let subject = terminal.installation_id.as_str();
    let count = request.counts.get("quarantined").copied().unwrap_or(0);
    if count == 0 {
        return alarm::settle(tx, Kind::Quarantined, subject, now).await;
    }
    let row = sqlx::query!("select state from installation where installation_id = ?", subject)
        .fetch_optional(&mut **tx)
        .await?;
    let told = row.and_then(|row| counted(row.state.as_deref(), "quarantined")).unwrap_or(0);
    if count <= told {
        return Ok(());
    }
    // A conflict of ids had its alarm when it was refused; those of other terminals are not among these.
    let (kind, who) = (Kind::IdConflict.key(), audit::terminal(&terminal.terminal_no));
    let conflicts = sqlx::query!(
        "select count(distinct subject) as \"count!: i64\" from alarm where kind = ? and detail = ?",
        kind,
        who
    )
    .fetch_one(&mut **tx)
    .await?;
    if count > conflicts.count.unsigned_abs() {
        let detail = format!("{who}: {count}");
        alarm::raise(tx, Alarm { kind: Kind::Quarantined, subject, detail: &detail, at_ms: now }).await?;
    }
    Ok(())
}
