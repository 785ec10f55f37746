//! Picking up: the code and the card's number show what there is and give a ticket; the ticket fetches the bytes once,
//! for the same terminal, within two minutes. Wrong codes lock the card that tried them for half an hour.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use uuid::Uuid;
use wire::api::{PickupAnswer, PickupRequest};
use wire::crockford;
use wire::ids::Sha256;
use zeroize::Zeroizing;

use super::{CODE_CHARS, LIFE_MS, code_hmac, sealed};
use crate::audit;
use crate::backup;
use crate::cases::id_hmac;
use crate::keys::{hex, random_uuid};
use crate::limits::Wait;
use crate::server::Core;

const TICKET_MS: i64 = 2 * 60 * 1000;
/// A hall has fewer terminals than that.
const TICKETS_MAX: usize = 1000;

/// Tickets that were given and not used yet.
#[derive(Default)]
pub(crate) struct Pickups {
    tickets: Mutex<HashMap<Uuid, Ticket>>,
}

struct Ticket {
    document_id: String,
    terminal_no: String,
    ends_ms: i64,
}

/// Why nothing is given.
#[derive(Debug)]
pub(crate) enum Refused {
    /// No such code, or another person's card: the same answer.
    NoMatch,
    Locked(Wait),
    Busy,
    Unavailable,
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl Pickups {
    fn give(&self, ticket: Ticket, now_ms: i64) -> Option<Uuid> {
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.retain(|_, ticket| now_ms < ticket.ends_ms);
        let id = random_uuid().ok().filter(|_| tickets.len() < TICKETS_MAX)?;
        tickets.insert(id, ticket);
        Some(id)
    }

    fn take(&self, id: Uuid, terminal_no: &str, now_ms: i64) -> Option<String> {
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        if tickets.get(&id)?.terminal_no != terminal_no {
            return None;
        }
        tickets.remove(&id).filter(|ticket| now_ms < ticket.ends_ms).map(|ticket| ticket.document_id)
    }
}

/// Shows what code and card lead to.
pub(crate) async fn show(core: &Core, terminal_no: &str, request: &PickupRequest) -> Result<PickupAnswer, Refused> {
    let (keys, now) = (core.keys(), core.clock.now_ms());
    let person = id_hmac(&keys, &request.id_no).ok_or(Refused::Unavailable)?;
    let source = format!("pickup {}", hex(&person));
    let begun = core.tries.begin(&source, now).map_err(Refused::Locked)?;
    let hmac = crockford::plain(&request.code, CODE_CHARS).and_then(|code| code_hmac(&keys, &code));
    let oldest = now - LIFE_MS;
    let row = sqlx::query!(
        "select d.document_id, d.title, d.media, d.bytes, d.sha256, d.issued_ms, c.number
         from issued_document d join case_file c on c.case_id = d.case_id
         where d.code_hmac = ? and c.id_hmac = ? and d.issued_ms > ?",
        hmac,
        person,
        oldest
    )
    .fetch_optional(core.db.read())
    .await;
    // Right, or the hall failed: neither is a wrong code.
    if matches!(row, Ok(None)) {
        begun.wrong();
    }
    let row = row?.ok_or(Refused::NoMatch)?;
    let ticket = Ticket { document_id: row.document_id, terminal_no: terminal_no.to_owned(), ends_ms: now + TICKET_MS };
    Ok(PickupAnswer {
        ticket: core.pickups.give(ticket, now).ok_or(Refused::Busy)?,
        title: row.title,
        number: row.number,
        media: row.media,
        bytes: row.bytes.unsigned_abs(),
        sha256: Sha256(row.sha256.try_into().map_err(|_| Refused::Unavailable)?),
        issued_at_ms: row.issued_ms,
    })
}

/// The document's bytes, once for each ticket; audited before they leave.
pub(crate) async fn fetch(core: &Arc<Core>, terminal_no: &str, ticket: Uuid) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let now = core.clock.now_ms();
    let document_id = core.pickups.take(ticket, terminal_no, now).ok_or(Refused::NoMatch)?;
    let mut tx = core.db.begin().await?;
    let row = sqlx::query!(
        "update issued_document set fetched_ms = ? where document_id = ? returning case_id, key_id, enc, sealed_sha256",
        now,
        document_id
    )
    .fetch_one(&mut *tx)
    .await?;
    let actor = audit::terminal(terminal_no);
    let fields = json!({ "case": row.case_id, "document": document_id });
    audit::write(&mut tx, audit::Entry { actor: &actor, event: "document.fetched", fields, at_ms: now }).await?;
    tx.commit().await?;
    let stored = backup::read_document(core, &document_id, row.sealed_sha256).await;
    let body = stored.ok().flatten().ok_or(Refused::Unavailable)?;
    let working = Arc::clone(core);
    tokio::task::spawn_blocking(move || {
        let sealed = sealed::Sealed { key_id: row.key_id, enc: row.enc, body };
        sealed::open(&working.keys(), &document_id, &sealed)
    })
    .await
    .ok()
    .flatten()
    .ok_or(Refused::Unavailable)
}
