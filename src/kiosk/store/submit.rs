//! Submitting: seal under the writer's lock with the next numbers, then one transaction for the sealed
//! bytes, counters, audit entry and recovery row. An error advances nothing. A failed COMMIT is "not
//! certain" until the row was read back.

use std::{cell::Cell, sync::PoisonError};

use sqlx::{
    Encode, Sqlite, Type,
    encode::IsNull,
    error::BoxDynError,
    sqlite::{SqliteArgumentsBuffer, SqliteConnection, SqliteTypeInfo},
};
use thiserror::Error;
use wire::seal::{Header, SealError, Sealed};

use super::{
    AuditEntry, AuditEvent, SealedRecovery, Store, StoreError,
    outbox::{CHUNKS_MAX, chunk_numbers},
    writer::Tx,
};

/// What the next submission gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextNumbers {
    /// Gapless per installation.
    pub kiosk_seq: u64,
    /// Part of the submission number; goes on over installations and never steps back.
    pub serial: u64,
}

/// A submission, sealed and signed: all that is ever written of it.
pub struct SealedSubmission {
    /// 提交编号.
    pub number: String,
    pub item_id: String,
    /// The hall's sealing key.
    pub key_id: String,
    pub submitted_at_ms: i64,
    /// Exact bytes of the header.
    pub header: Vec<u8>,
    /// The terminal's signature over `body_sha256`.
    pub signature: Vec<u8>,
    pub body_sha256: [u8; 32],
    pub chunks: Vec<SealedChunk>,
    /// For a crash before the slip; none where no card was read.
    pub recovery: Option<SealedRecovery>,
}

/// One sealed chunk of at most 1 MiB.
pub struct SealedChunk {
    pub part: u32,
    pub index: u32,
    pub sha256: [u8; 32],
    pub bytes: Vec<u8>,
}

/// A stored submission: from here on the screen may say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub kiosk_seq: u64,
    pub number: String,
    /// An earlier try had already stored it.
    pub already: bool,
}

/// Why a submission was not stored.
#[derive(Debug, Error)]
pub enum SubmitError<E> {
    #[error("the submission was not sealed")]
    Seal(#[source] E),
    /// Nothing advanced: the same submission may be tried again.
    #[error("the submission is not stored")]
    NotStored(#[source] StoreError),
    /// The disk failed at COMMIT and again at reading back. The same submission_id may be tried again:
    /// it is found if it was stored.
    #[error("it is not certain whether the submission is stored")]
    NotCertain(#[source] StoreError),
}

impl SealedSubmission {
    /// From what `wire` sealed and its signature, without a recovery row yet.
    pub fn of(sealed: Sealed, signature: [u8; 64]) -> Result<Self, SealError> {
        let header = Header::parse(&sealed.header)?;
        let chunks = sealed.chunks.into_iter();
        Ok(Self {
            number: header.number.to_string(),
            item_id: header.item_id,
            key_id: header.key_id.to_string(),
            submitted_at_ms: header.submitted_at_ms,
            header: sealed.header,
            signature: signature.to_vec(),
            body_sha256: sealed.body_sha256.0,
            chunks: chunks
                .map(|chunk| SealedChunk {
                    part: chunk.part,
                    index: chunk.index,
                    sha256: chunk.sha256.0,
                    bytes: chunk.bytes,
                })
                .collect(),
            recovery: None,
        })
    }
}

impl Store {
    /// Seals and stores. `seal` runs under the writer's lock, so that its numbers cannot be given twice. Of the
    /// submission that was tried last it is not called if that is stored already; of an older one, what it seals
    /// is thrown away.
    pub async fn submit<E>(
        &self,
        submission_id: &str,
        seal: impl FnOnce(NextNumbers) -> Result<SealedSubmission, E>,
    ) -> Result<Stored, SubmitError<E>> {
        let mut held = self.writer().await.map_err(SubmitError::NotStored)?;
        if self.was_tried_last(submission_id) {
            let found = find(&mut held.state.conn, submission_id).await.map_err(SubmitError::NotStored)?;
            if let Some(stored) = found {
                held.put_back();
                return Ok(stored);
            }
        }
        let numbers = held.state.numbers;
        let sealed = match seal(numbers) {
            Ok(sealed) => sealed,
            Err(error) => {
                held.put_back();
                return Err(SubmitError::Seal(error));
            }
        };
        let number = sealed.number.clone();
        let mut tx = held.begun();
        match insert(&mut tx, submission_id, numbers, sealed).await {
            Ok(()) => {}
            Err(Refused::Twice) => {
                drop(tx);
                return self.stored_before(submission_id).await.map_err(SubmitError::NotStored);
            }
            Err(Refused::Store(error)) => return Err(SubmitError::NotStored(error)),
        }
        match tx.commit().await {
            Ok(()) => Ok(Stored { kiosk_seq: numbers.kiosk_seq, number, already: false }),
            Err(cause) => self.read_back(submission_id, cause).await,
        }
    }

    /// What the next submission would get; for showing, not for sealing.
    pub async fn next_numbers(&self) -> Result<NextNumbers, StoreError> {
        next_numbers(&mut *self.reader().await?).await
    }

    /// Remembers the id; whether it is the same as the last time.
    fn was_tried_last(&self, submission_id: &str) -> bool {
        let mut tried = self.inner.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let same = *tried == submission_id;
        if !same {
            submission_id.clone_into(&mut tried);
        }
        same
    }

    async fn stored_before(&self, submission_id: &str) -> Result<Stored, StoreError> {
        let mut held = self.writer().await?;
        let found = find(&mut held.state.conn, submission_id).await;
        held.put_back();
        found?.ok_or(StoreError::Unknown)
    }

    async fn read_back<E>(&self, submission_id: &str, cause: StoreError) -> Result<Stored, SubmitError<E>> {
        // Taking the writer empties the log first, with an fsync of its own: what is there then is on the disk.
        match self.writer().await {
            Ok(mut held) => {
                let found = find(&mut held.state.conn, submission_id).await;
                held.put_back();
                match found {
                    Ok(Some(stored)) => Ok(Stored { already: false, ..stored }),
                    Ok(None) => Err(SubmitError::NotStored(cause)),
                    Err(_) => Err(SubmitError::NotCertain(cause)),
                }
            }
            // A full disk fails before the commit frame is whole, and the log cannot be emptied for the same reason.
            Err(StoreError::DiskFull) if matches!(cause, StoreError::DiskFull) => Err(SubmitError::NotStored(cause)),
            Err(_) => Err(SubmitError::NotCertain(cause)),
        }
    }
}

pub(super) async fn next_numbers(conn: &mut SqliteConnection) -> Result<NextNumbers, StoreError> {
    let row = sqlx::query!("select next_kiosk_seq, next_serial from installation").fetch_optional(conn).await?;
    Ok(row.map_or(NextNumbers { kiosk_seq: 1, serial: 1 }, |row| NextNumbers {
        kiosk_seq: row.next_kiosk_seq.unsigned_abs(),
        serial: row.next_serial.unsigned_abs(),
    }))
}

async fn find(conn: &mut SqliteConnection, submission_id: &str) -> Result<Option<Stored>, StoreError> {
    let row = sqlx::query!("select kiosk_seq, number from submission where submission_id = ?", submission_id)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| Stored { kiosk_seq: row.kiosk_seq.unsigned_abs(), number: row.number, already: true }))
}

/// Why rows were not inserted.
enum Refused {
    /// The submission is there already.
    Twice,
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        let twice = error.as_database_error().is_some_and(|error| error.is_unique_violation());
        if twice { Self::Twice } else { Self::Store(error.into()) }
    }
}

/// Bytes that a statement takes over; sqlx would copy what it is only lent.
struct Taken(Cell<Vec<u8>>);

impl Taken {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Cell::new(bytes))
    }
}

impl Type<Sqlite> for Taken {
    fn type_info() -> SqliteTypeInfo {
        <Vec<u8> as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for Taken {
    fn encode_by_ref(&self, arguments: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        self.0.take().encode(arguments)
    }
}

/// As few calls as there can be, since each is two turns between this thread and the connection's own: what is
/// first, one for each chunk but the last, and the last one goes with audit entry and COMMIT.
async fn insert(
    tx: &mut Tx<'_>,
    submission_id: &str,
    numbers: NextNumbers,
    sealed: SealedSubmission,
) -> Result<(), Refused> {
    let SealedSubmission { number, item_id, key_id, submitted_at_ms, header, signature, body_sha256, chunks, recovery } =
        sealed;
    let next = NextNumbers { kiosk_seq: numbers.kiosk_seq + 1, serial: numbers.serial + 1 };
    let (kiosk_seq, body_sha256) = (numbers.kiosk_seq.cast_signed(), body_sha256.to_vec());
    let (next_seq, next_serial) = (next.kiosk_seq.cast_signed(), next.serial.cast_signed());
    let (header, has_recovery) = (Taken::from(header), recovery.is_some());
    let row = recovery.unwrap_or_default();
    let rows = sqlx::query!(
        "begin immediate;
         insert into submission (kiosk_seq, submission_id, number, body_sha256, state) values (?, ?, ?, ?, 'stored');
         insert into envelope (kiosk_seq, item_id, key_id, submitted_at_ms, header, signature)
         values (?, ?, ?, ?, ?, ?);
         insert into recovery (kiosk_seq, saved_at_ms, large_group, salt, nonce, sealed)
         select ?, ?, ?, ?, ?, ? where ?;
         update installation set next_kiosk_seq = ?, next_serial = ? where next_kiosk_seq = ?",
        kiosk_seq,
        submission_id,
        number,
        body_sha256,
        kiosk_seq,
        item_id,
        key_id,
        submitted_at_ms,
        header,
        signature,
        kiosk_seq,
        submitted_at_ms,
        row.large_group,
        row.salt,
        row.nonce,
        row.sealed,
        has_recovery,
        next_seq,
        next_serial,
        kiosk_seq
    )
    .execute(tx.conn())
    .await?;
    // BEGIN repeats the count of the statement before it.
    if rows.rows_affected() < 3 + u64::from(has_recovery) {
        return Err(Refused::Store(StoreError::Unknown));
    }
    let mut chunks = numbered(kiosk_seq, chunks)?;
    let last = chunks.pop();
    for chunk in chunks {
        put(tx.conn(), chunk).await?;
    }
    if let Some(last) = last {
        tx.put_with_commit(last);
    }
    tx.set_numbers(next);
    tx.audit(AuditEvent::SubmissionStored { kiosk_seq: numbers.kiosk_seq, submission_id: submission_id.to_owned() });
    Ok(())
}

/// A chunk as a row.
pub(super) struct NumberedChunk {
    chunk_no: i64,
    part: u32,
    index: u32,
    sha256: Vec<u8>,
    bytes: Taken,
}

fn numbered(kiosk_seq: i64, chunks: Vec<SealedChunk>) -> Result<Vec<NumberedChunk>, StoreError> {
    let (first, last) = chunk_numbers(kiosk_seq);
    if chunks.is_empty() || i64::try_from(chunks.len()).unwrap_or(i64::MAX) > CHUNKS_MAX {
        return Err(StoreError::Unknown);
    }
    Ok((first..=last)
        .zip(chunks)
        .map(|(chunk_no, SealedChunk { part, index, sha256, bytes })| NumberedChunk {
            chunk_no,
            part,
            index,
            sha256: sha256.to_vec(),
            bytes: Taken::from(bytes),
        })
        .collect())
}

async fn put(conn: &mut SqliteConnection, chunk: NumberedChunk) -> Result<(), sqlx::Error> {
    let NumberedChunk { chunk_no, part, index, sha256, bytes } = chunk;
    sqlx::query!(
        "insert into chunk (chunk_no, part, chunk, sha256, bytes) values (?, ?, ?, ?, ?)",
        chunk_no,
        part,
        index,
        sha256,
        bytes
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The last chunk, the submission's audit entry and the COMMIT in one call.
pub(super) async fn commit_with(
    conn: &mut SqliteConnection,
    chunk: NumberedChunk,
    mut entries: Vec<AuditEntry>,
) -> Result<(), StoreError> {
    let entry = entries.pop().ok_or(StoreError::Unknown)?;
    let NumberedChunk { chunk_no, part, index, sha256, bytes } = chunk;
    let AuditEntry { seq, at_ms, boot_id, mono_ms, event, fields, prev, hash } = entry;
    sqlx::query!(
        "insert into chunk (chunk_no, part, chunk, sha256, bytes) values (?, ?, ?, ?, ?);
         insert into audit (seq, at_ms, boot_id, mono_ms, event, fields, prev, hash) values (?, ?, ?, ?, ?, ?, ?, ?);
         commit",
        chunk_no,
        part,
        index,
        sha256,
        bytes,
        seq,
        at_ms,
        boot_id,
        mono_ms,
        event,
        fields,
        prev,
        hash
    )
    .execute(conn)
    .await?;
    Ok(())
}
