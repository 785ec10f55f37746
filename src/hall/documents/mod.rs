//! Documents that a clerk issued on a case: sealed at rest like bodies, fetched at a terminal with the pick-up code and
//! the person's card, live and audited. The code follows from the document's id under a key outside the database.
mod pickup;
mod sealed;

use std::sync::Arc;

use serde_json::json;
use sha2::{Digest, Sha256};
use wire::api::WaitingDocument;

pub(crate) use pickup::{Pickups, Refused, fetch, show};

use crate::audit;
use crate::keys::{KeyRing, random_uuid};
use crate::server::Core;

/// A few hundred scanned pages are no document to pick up.
pub(crate) const BYTES_MAX: usize = 20 << 20;
pub(crate) const TITLE_LIMIT: usize = 60;
/// A code is good for half a year; who comes later asks at the window.
pub(crate) const LIFE_MS: i64 = 183 * 24 * 3600 * 1000;
const CODE_CHARS: usize = 8;
const PDF: &str = "application/pdf";

/// A document to issue.
pub(crate) struct NewDocument {
    pub(crate) case_id: i64,
    pub(crate) title: String,
    pub(crate) bytes: zeroize::Zeroizing<Vec<u8>>,
}

/// Why a document is not issued.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IssueError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Key(#[from] crate::keys::KeyError),
    #[error("the sealed document cannot be stored: {0}")]
    Io(#[from] std::io::Error),
    #[error("the hall is stopping")]
    Stopped,
}

/// Whether the bytes are a PDF: what a terminal can print as it is.
pub(crate) fn is_pdf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"%PDF-")
}

/// Seals and stores a document; nothing of it is on disk in plain.
pub(crate) async fn issue(core: &Arc<Core>, actor: &str, new: NewDocument) -> Result<(), IssueError> {
    let document_id = random_uuid()?.to_string();
    let (working, id) = (Arc::clone(core), document_id.clone());
    let (bytes, plain_sha256) =
        (i64::try_from(new.bytes.len()).unwrap_or(i64::MAX), Sha256::digest(&*new.bytes).to_vec());
    let sealed = tokio::task::spawn_blocking(move || {
        let keys = working.keys();
        let sealed = sealed::seal(&keys, &id, &new.bytes)?;
        let sha256 = Sha256::digest(&sealed.body).to_vec();
        working.bodies.put(&sha256, &sealed.body)?;
        Ok::<_, IssueError>((sealed.key_id, sealed.enc, sha256))
    })
    .await
    .map_err(|_| IssueError::Stopped)??;
    let (key_id, enc, sealed_sha256) = sealed;
    let keys = core.keys();
    let code_hmac =
        code_of(&keys, &document_id).and_then(|code| code_hmac(&keys, &code)).ok_or(crate::keys::KeyError::Contents)?;
    let now = core.clock.now_ms();
    let mut tx = core.db.begin().await?;
    sqlx::query!(
        "insert into issued_document (document_id, case_id, title, media, bytes, sha256, key_id, enc, sealed_sha256,
            code_hmac, issued_ms, issued_by) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        document_id,
        new.case_id,
        new.title,
        PDF,
        bytes,
        plain_sha256,
        key_id,
        enc,
        sealed_sha256,
        code_hmac,
        now,
        actor
    )
    .execute(&mut *tx)
    .await?;
    let fields = json!({ "case": new.case_id, "document": document_id, "title": new.title });
    audit::write(&mut tx, audit::Entry { actor, event: "document.issued", fields, at_ms: now }).await?;
    tx.commit().await?;
    core.backup_wanted.notify_one();
    Ok(())
}

/// Documents of a case that wait, oldest first.
pub(crate) async fn waiting(core: &Core, case_id: i64) -> Result<Vec<WaitingDocument>, sqlx::Error> {
    let oldest = core.clock.now_ms() - LIFE_MS;
    let rows = sqlx::query!(
        "select document_id, title, issued_ms from issued_document where case_id = ? and issued_ms > ? order by issued_ms",
        case_id,
        oldest
    )
    .fetch_all(core.db.read())
    .await?;
    let keys = core.keys();
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let code = code_of(&keys, &row.document_id)?;
            let grouped = format!("{}-{}", code.get(..4)?, code.get(4..)?);
            Some(WaitingDocument { title: row.title, code: grouped, issued_at_ms: row.issued_ms })
        })
        .collect())
}

/// Eight plain characters.
fn code_of(keys: &KeyRing, document_id: &str) -> Option<String> {
    keys.code(b"yimen/pickup code/1", document_id, CODE_CHARS)
}

fn code_hmac(keys: &KeyRing, code: &str) -> Option<Vec<u8>> {
    keys.keyed(b"yimen/pickup/1", code).map(|hmac| hmac.to_vec())
}
