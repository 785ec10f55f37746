//! Submitting: seal under the writer's lock with the next numbers, then one transaction for the sealed
//! bytes, counters, audit entry and recovery row. An error advances nothing. What failed is "not certain"
//! until the row was read back, as the failure may have been the COMMIT's.

use std::{cell::Cell, ops::RangeInclusive, sync::PoisonError};

use sqlx::{
    Encode, Executor, SqlSafeStr, Sqlite, Type,
    encode::IsNull,
    error::BoxDynError,
    sqlite::{SqliteArgumentsBuffer, SqliteConnection, SqliteTypeInfo},
};
use thiserror::Error;
use wire::seal::UnhashedChunk;

use super::{
    AuditEntry, AuditEvent, SealedSubmission, Store, StoreError,
    outbox::{CHUNKS_MAX, chunk_numbers},
    sealed::Hashed,
};

/// What every submission needs prepared.
const STATEMENTS: [&str; 2] = [include_str!("submit.sql"), include_str!("chunks.sql")];
/// Chunks that are written by one statement: part 0, a signature, two pages.
const AT_ONCE: usize = 4;
/// From so many bytes on, hashing them takes longer than a second turn to the connection's thread.
const LARGE: usize = 64 * 1024;

/// What the next submission gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextNumbers {
    /// Gapless per installation.
    pub kiosk_seq: u64,
    /// Part of the submission number; goes on over installations and never steps back.
    pub serial: u64,
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
        let kiosk_seq = numbers.kiosk_seq;
        let event = AuditEvent::SubmissionStored { kiosk_seq, submission_id: submission_id.to_owned() };
        let entry = AuditEntry::next(&held.state.head, self.now(), &event);
        let head = entry.head();
        match insert(&mut held.state.conn, submission_id, numbers, (sealed, entry)).await {
            Ok(next) => {
                (held.state.head, held.state.numbers) = (head, next);
                held.put_back();
                Ok(Stored { kiosk_seq, number, already: false })
            }
            Err(Refused::Twice) => {
                held.close().await;
                self.stored_before(submission_id).await.map_err(SubmitError::NotStored)
            }
            Err(Refused::Store(cause)) => {
                held.close_after_commit().await;
                self.read_back(submission_id, cause).await
            }
        }
    }

    /// Does before the touch what the COMMIT would else wait for, while the citizen reads: the statements are
    /// prepared, and a log that is empty begins, which takes an fsync of its own. Changes nothing that counts.
    pub async fn make_ready(&self) -> Result<(), StoreError> {
        let mut held = self.writer().await?;
        match ready(&mut held.state.conn).await {
            Ok(()) => {
                held.put_back();
                Ok(())
            }
            Err(error) => {
                held.close_after_commit().await;
                Err(error.into())
            }
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

async fn ready(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    for statement in STATEMENTS {
        (&mut *conn).prepare(statement.into_sql_str()).await?;
    }
    sqlx::query!("update installation set readied = 1 - readied").execute(conn).await?;
    Ok(())
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
#[derive(Default)]
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

/// One call for all, since each is two turns between this thread and the connection's own. Of a large submission the
/// chunks go before, while this thread hashes and signs. Returns what the next submission gets.
async fn insert(
    conn: &mut SqliteConnection,
    submission_id: &str,
    numbers: NextNumbers,
    (mut sealed, entry): (SealedSubmission, AuditEntry),
) -> Result<NextNumbers, Refused> {
    let signing = std::mem::take(&mut sealed.signing);
    let chunks = std::mem::take(&mut sealed.chunks);
    let places = places(numbers, chunks.len())?;
    let bytes: usize = chunks.iter().map(|chunk| chunk.bytes.len()).sum();
    if bytes < LARGE && chunks.len() <= AT_ONCE {
        let hashed = signing.done(&sealed.header, &chunks);
        let chunks = places.zip(chunks).map(NumberedChunk::of).collect();
        return whole(conn, submission_id, numbers, (sealed, hashed, chunks, entry)).await;
    }
    let first = places.clone().zip(chunks.iter().take(AT_ONCE).cloned()).map(NumberedChunk::of).collect();
    let header = &sealed.header;
    let (begun, hashed) = tokio::join!(begin_with(&mut *conn, first), async { signing.done(header, &chunks) });
    begun?;
    for chunk in places.zip(chunks).skip(AT_ONCE).map(NumberedChunk::of) {
        put(conn, chunk).await?;
    }
    whole(conn, submission_id, numbers, (sealed, hashed, Vec::new(), entry)).await
}

async fn begin_with(conn: &mut SqliteConnection, chunks: Vec<NumberedChunk>) -> Result<(), sqlx::Error> {
    let ([a, b, c, d], there) = slots(chunks);
    #[rustfmt::skip]
    sqlx::query_file!(
        "src/kiosk/store/chunks.sql",
        a.chunk_no, a.part, a.index, a.bytes, there[0],
        b.chunk_no, b.part, b.index, b.bytes, there[1],
        c.chunk_no, c.part, c.index, c.bytes, there[2],
        d.chunk_no, d.part, d.index, d.bytes, there[3]
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn whole(
    conn: &mut SqliteConnection,
    submission_id: &str,
    numbers: NextNumbers,
    (sealed, hashed, chunks, entry): (SealedSubmission, Hashed, Vec<NumberedChunk>, AuditEntry),
) -> Result<NextNumbers, Refused> {
    let SealedSubmission { number, item_id, key_id, submitted_at_ms, header, recovery, .. } = sealed;
    let Hashed { body_sha256, chunk_sha256, signature } = hashed;
    let next = NextNumbers { kiosk_seq: numbers.kiosk_seq + 1, serial: numbers.serial + 1 };
    let (kiosk_seq, body_sha256) = (numbers.kiosk_seq.cast_signed(), body_sha256.to_vec());
    let (next_seq, next_serial) = (next.kiosk_seq.cast_signed(), next.serial.cast_signed());
    let (header, has_recovery) = (Taken::from(header), recovery.is_some());
    let row = recovery.unwrap_or_default();
    let ([a, b, c, d], there) = slots(chunks);
    let AuditEntry { seq, at_ms, boot_id, mono_ms, event, fields, prev, hash } = entry;
    #[rustfmt::skip]
    sqlx::query_file!(
        "src/kiosk/store/submit.sql",
        kiosk_seq, submission_id, number, body_sha256,
        kiosk_seq, item_id, key_id, submitted_at_ms, header, signature, chunk_sha256,
        kiosk_seq, submitted_at_ms, row.large_group, row.salt, row.nonce, row.sealed, has_recovery,
        kiosk_seq, next_seq, next_serial,
        a.chunk_no, a.part, a.index, a.bytes, there[0],
        b.chunk_no, b.part, b.index, b.bytes, there[1],
        c.chunk_no, c.part, c.index, c.bytes, there[2],
        d.chunk_no, d.part, d.index, d.bytes, there[3],
        seq, at_ms, boot_id, mono_ms, event, fields, prev, hash
    )
    .execute(conn)
    .await?;
    Ok(next)
}

/// A chunk as a row.
#[derive(Default)]
struct NumberedChunk {
    chunk_no: i64,
    part: u32,
    index: u32,
    bytes: Taken,
}

impl NumberedChunk {
    fn of((chunk_no, UnhashedChunk { part, index, bytes }): (i64, UnhashedChunk)) -> Self {
        Self { chunk_no, part, index, bytes: Taken::from(bytes) }
    }
}

/// The numbers of a submission's chunks, if there are enough.
fn places(numbers: NextNumbers, chunks: usize) -> Result<RangeInclusive<i64>, StoreError> {
    let (first, last) = chunk_numbers(numbers.kiosk_seq.cast_signed());
    if chunks == 0 || i64::try_from(chunks).unwrap_or(i64::MAX) > CHUNKS_MAX {
        return Err(StoreError::Unknown);
    }
    Ok(first..=last)
}

/// The places of a statement, and which of them are taken.
fn slots(chunks: Vec<NumberedChunk>) -> ([NumberedChunk; AT_ONCE], [bool; AT_ONCE]) {
    let there = std::array::from_fn(|place| place < chunks.len());
    let mut chunks = chunks.into_iter();
    (std::array::from_fn(|_| chunks.next().unwrap_or_default()), there)
}

async fn put(conn: &mut SqliteConnection, chunk: NumberedChunk) -> Result<(), sqlx::Error> {
    let NumberedChunk { chunk_no, part, index, bytes } = chunk;
    sqlx::query!("insert into chunk (chunk_no, part, chunk, bytes) values (?, ?, ?, ?)", chunk_no, part, index, bytes)
        .execute(conn)
        .await?;
    Ok(())
}
