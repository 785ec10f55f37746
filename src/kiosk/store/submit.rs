//! Submitting: seal under the writer's lock with the next numbers, then one transaction for the sealed
//! bytes, counters, audit entry and recovery row. An error advances nothing. A failed COMMIT is "not
//! certain" until the row was read back.

use sqlx::sqlite::SqliteConnection;
use thiserror::Error;
use wire::seal::{Header, SealError, Sealed};

use super::{AuditEvent, SealedRecovery, Store, StoreError, writer::Tx};

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
    /// Seals and stores. `seal` runs under the writer's lock, so that its numbers cannot be given twice;
    /// it is not called if `submission_id` is stored already.
    pub async fn submit<E>(
        &self,
        submission_id: &str,
        seal: impl FnOnce(NextNumbers) -> Result<SealedSubmission, E>,
    ) -> Result<Stored, SubmitError<E>> {
        let mut held = self.writer().await.map_err(SubmitError::NotStored)?;
        let found = find(&mut held.state.conn, submission_id).await.map_err(SubmitError::NotStored)?;
        if let Some(stored) = found {
            held.put_back();
            return Ok(stored);
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
        insert(&mut tx, submission_id, numbers, sealed).await.map_err(SubmitError::NotStored)?;
        match tx.commit().await {
            Ok(()) => Ok(Stored { kiosk_seq: numbers.kiosk_seq, number, already: false }),
            Err(cause) => self.read_back(submission_id, cause).await,
        }
    }

    /// What the next submission would get; for showing, not for sealing.
    pub async fn next_numbers(&self) -> Result<NextNumbers, StoreError> {
        next_numbers(&mut *self.reader().await?).await
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

/// Few statements, as each is a turn of the connection's own thread.
async fn insert(
    tx: &mut Tx<'_>,
    submission_id: &str,
    numbers: NextNumbers,
    sealed: SealedSubmission,
) -> Result<(), StoreError> {
    let SealedSubmission { number, item_id, key_id, submitted_at_ms, header, signature, body_sha256, chunks, recovery } =
        sealed;
    let next = NextNumbers { kiosk_seq: numbers.kiosk_seq + 1, serial: numbers.serial + 1 };
    let (kiosk_seq, body_sha256) = (numbers.kiosk_seq.cast_signed(), body_sha256.to_vec());
    let (next_seq, next_serial) = (next.kiosk_seq.cast_signed(), next.serial.cast_signed());
    let rows = sqlx::query!(
        "begin immediate;
         insert into submission (kiosk_seq, submission_id, number, body_sha256, state) values (?, ?, ?, ?, 'stored');
         insert into envelope (kiosk_seq, item_id, key_id, submitted_at_ms, header, signature)
         values (?, ?, ?, ?, ?, ?);
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
        next_seq,
        next_serial,
        kiosk_seq
    )
    .execute(tx.conn())
    .await?;
    if rows.rows_affected() < 3 {
        return Err(StoreError::Unknown);
    }
    for SealedChunk { part, index, sha256, bytes } in chunks {
        let sha256 = sha256.to_vec();
        sqlx::query!(
            "insert into chunk (kiosk_seq, part, chunk, sha256, bytes) values (?, ?, ?, ?, ?)",
            kiosk_seq,
            part,
            index,
            sha256,
            bytes
        )
        .execute(tx.conn())
        .await?;
    }
    if let Some(row) = recovery {
        row.insert(tx.conn(), kiosk_seq, submitted_at_ms).await?;
    }
    tx.set_numbers(next);
    tx.audit(AuditEvent::SubmissionStored { kiosk_seq: numbers.kiosk_seq, submission_id: submission_id.to_owned() });
    Ok(())
}
