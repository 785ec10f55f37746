//! Sealed chunks on both media: brought to the second one in batches on a thread of their own, so that the hall serves
//! meanwhile; what this disk lost comes home from whoever holds it, or is wanted again and said.
use std::io;
use std::sync::Arc;

use sqlx::SqlitePool;

use crate::alarm::{self, Alarm, Kind};
use crate::cases::{OpenError, Opened, open_body};
use crate::disk::Bodies;
use crate::server::Core;
use crate::submissions::Envelope;

use super::BackupError;

/// Chunks that one turn on that thread looks at.
const BATCH: usize = 16;

/// A chunk that a copy must hold.
struct Chunk {
    /// The submission or document that it is of.
    subject: String,
    sha256: Vec<u8>,
    /// False for one that this disk is known to lack.
    present: bool,
    server_seq: Option<i64>,
}

/// How a chunk was found.
enum Found {
    /// The second medium has it.
    Copied,
    /// This disk lacked it and has it again.
    Home,
    /// This disk lacks it still.
    Missing,
    /// This disk cannot give it, for this reason.
    Lost(io::Error),
}

/// Brings issued documents along. One that is lost is said once, until it is whole again.
pub(super) async fn bring_documents(core: &Core, copy: &SqlitePool, second: &Bodies) -> Result<(), BackupError> {
    let kind = Kind::BodyDamaged.key();
    let rows = sqlx::query!(
        "select document_id, sealed_sha256, exists (select 1 from alarm a where a.kind = ? and a.subject = document_id
            and a.closed_ms is null) as \"damaged!: bool\" from issued_document",
        kind
    )
    .fetch_all(copy)
    .await?;
    let mut chunks = rows
        .into_iter()
        .map(|row| Chunk {
            subject: row.document_id,
            sha256: row.sealed_sha256,
            present: !row.damaged,
            server_seq: None,
        })
        .peekable();
    while chunks.peek().is_some() {
        for (chunk, found) in look(core, second, chunks.by_ref().take(BATCH).collect()).await? {
            match found {
                Found::Copied | Found::Missing => {}
                Found::Home => settle(core, &chunk.subject).await?,
                Found::Lost(error) => document_lost(core, &chunk.subject, &error).await?,
            }
        }
    }
    Ok(())
}

/// Brings the chunks of what was received along; up to which server_seq nothing is missing.
pub(super) async fn whole_through(core: &Core, copy: &SqlitePool, second: &Bodies) -> Result<i64, BackupError> {
    let epoch = core.epoch.to_string();
    let newest =
        sqlx::query!("select coalesce(max(server_seq), 0) as \"seq!: i64\" from receipt where hall_epoch = ?", epoch)
            .fetch_one(copy)
            .await?;
    // What lies below was let go by its terminal already: waiting for it would only hold up what came after.
    let told = sqlx::query!("select safe_through from hall where id = 1").fetch_one(copy).await?;
    // Chunks of earlier epochs come along, too; they have no number in this one until a terminal asks.
    let rows = sqlx::query!(
        "select r.server_seq as \"server_seq?\", c.submission_id, c.sha256, c.present from chunk c
         join submission s on s.submission_id = c.submission_id and s.received_ms is not null
         left join receipt r on r.submission_id = c.submission_id and r.hall_epoch = ?",
        epoch
    )
    .fetch_all(copy)
    .await?;
    let mut chunks = rows
        .into_iter()
        .map(|row| Chunk {
            subject: row.submission_id,
            sha256: row.sha256,
            present: row.present != 0,
            server_seq: row.server_seq,
        })
        .peekable();
    let mut through = newest.seq;
    while chunks.peek().is_some() {
        for (chunk, found) in look(core, second, chunks.by_ref().take(BATCH).collect()).await? {
            match found {
                Found::Copied => continue,
                // Missing in this copy even if it comes home now: the next one may pass it.
                Found::Home => home(core, &chunk.sha256).await?,
                Found::Missing => {}
                Found::Lost(error) => lost(core, (&chunk.subject, &chunk.sha256), &error).await?,
            }
            if let Some(seq) = chunk.server_seq.filter(|seq| *seq > told.safe_through) {
                through = through.min(seq - 1);
            }
        }
    }
    Ok(through)
}

/// Looks at a batch, on a thread that may wait for disks. An error is the second medium's.
async fn look(core: &Core, second: &Bodies, batch: Vec<Chunk>) -> Result<Vec<(Chunk, Found)>, BackupError> {
    let (here, there) = (core.bodies.clone(), second.clone());
    let looking = tokio::task::spawn_blocking(move || {
        let found = |chunk: Chunk| look_at(&here, &there, &chunk).map(|found| (chunk, found));
        batch.into_iter().map(found).collect::<io::Result<Vec<_>>>()
    });
    Ok(looking.await.map_err(|_| BackupError::Stopped)??)
}

fn look_at(here: &Bodies, there: &Bodies, chunk: &Chunk) -> io::Result<Found> {
    if chunk.present { bring_along(here, there, &chunk.sha256) } else { come_home(here, there, &chunk.sha256) }
}

/// Chunks are named by their hash and get their name once they were read back: one that is there was compared.
fn bring_along(here: &Bodies, there: &Bodies, sha256: &[u8]) -> io::Result<Found> {
    if there.holds(sha256) {
        return Ok(Found::Copied);
    }
    match here.get(sha256) {
        Ok(bytes) => there.put(sha256, &bytes).map(|()| Found::Copied),
        Err(error) => Ok(Found::Lost(error)),
    }
}

/// A missing chunk may be whole after all: this disk failed for a while, or another medium was connected when it was
/// lost. If not, it stays wanted, and its alarm open; a copy that is damaged, too, makes room for what comes again.
fn come_home(here: &Bodies, there: &Bodies, sha256: &[u8]) -> io::Result<Found> {
    if here.get(sha256).is_ok() {
        return Ok(Found::Home);
    }
    match there.get(sha256) {
        Ok(bytes) if here.put(sha256, &bytes).is_ok() => Ok(Found::Home),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => there.forget(sha256).map(|()| Found::Missing),
        _ => Ok(Found::Missing),
    }
}

async fn home(core: &Core, sha256: &[u8]) -> Result<(), sqlx::Error> {
    let mut tx = core.db.begin().await?;
    sqlx::query!("update chunk set present = 1 where sha256 = ?", sha256).execute(&mut *tx).await?;
    tx.commit().await?;
    // The watermark waits for a copy that has it.
    core.backup_wanted.notify_one();
    Ok(())
}

async fn settle(core: &Core, document_id: &str) -> Result<(), sqlx::Error> {
    let mut tx = core.db.begin().await?;
    alarm::settle(&mut tx, Kind::BodyDamaged, document_id, core.clock.now_ms()).await?;
    tx.commit().await?;
    // The other medium may lack it.
    core.backup_wanted.notify_one();
    Ok(())
}

/// A chunk that this disk lost is wanted again: the next heartbeat's answer asks its terminal for it.
async fn lost(core: &Core, (subject, sha256): (&str, &[u8]), error: &io::Error) -> Result<(), BackupError> {
    // A disk that fails to answer may answer later; only what is surely no good makes room.
    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) {
        core.bodies.forget(sha256)?;
    }
    let (detail, at_ms) = (error.to_string(), core.clock.now_ms());
    let mut tx = core.db.begin().await?;
    sqlx::query!("update chunk set present = 0 where sha256 = ?", sha256).execute(&mut *tx).await?;
    alarm::raise(&mut tx, Alarm { kind: Kind::BodyDamaged, subject, detail: &detail, at_ms }).await?;
    tx.commit().await?;
    Ok(())
}

/// Nobody but a clerk has a document: said once, and not again after a person closed it.
async fn document_lost(core: &Core, document_id: &str, error: &io::Error) -> Result<(), sqlx::Error> {
    let (detail, at_ms) = (error.to_string(), core.clock.now_ms());
    let mut tx = core.db.begin().await?;
    let alarm = Alarm { kind: Kind::BodyDamaged, subject: document_id, detail: &detail, at_ms };
    alarm::raise_once(&mut tx, alarm).await?;
    tx.commit().await
}

/// Opens a body as it is stored. A chunk that neither this disk nor the second medium gives is wanted again.
pub(crate) async fn open_stored(
    core: &Arc<Core>,
    envelope: Envelope,
) -> Result<Result<Opened, OpenError>, BackupError> {
    let (working, subject) = (Arc::clone(core), envelope.submission_id.clone());
    let opening = tokio::task::spawn_blocking(move || open_body(&working.bodies, &working.keys(), &envelope));
    let opened = opening.await.map_err(|_| BackupError::Stopped)?;
    if let Err(OpenError::Chunk(sha256)) = &opened {
        let error = core.bodies.get(sha256).err().unwrap_or_else(|| io::ErrorKind::Other.into());
        lost(core, (&subject, sha256), &error).await?;
    }
    Ok(opened)
}

/// The sealed bytes of an issued document; none if neither this disk nor the second medium gives them.
pub(crate) async fn read_document(
    core: &Arc<Core>,
    document_id: &str,
    sha256: Vec<u8>,
) -> Result<Option<Vec<u8>>, BackupError> {
    let bodies = core.bodies.clone();
    let reading = tokio::task::spawn_blocking(move || bodies.get_mended(&sha256));
    match reading.await.map_err(|_| BackupError::Stopped)? {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) => {
            document_lost(core, document_id, &error).await?;
            Ok(None)
        }
    }
}
