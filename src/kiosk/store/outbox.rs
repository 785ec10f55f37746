//! The outbox as sync sees it: what is due, its sealed bytes, and how each attempt ended. Only a receipt
//! that the caller verified ends sending; nothing waits on anything else's failure.

use wire::ids::Sha256;

use super::{AuditEvent, Store, StoreError};

/// A wait that the clock made longer than any back-off gives is not believed (1970, 2099).
const LONGEST_WAIT_MS: i64 = 60 * 60 * 1000;
/// Chunks of one submission that have numbers, 1 MiB each.
pub(super) const CHUNKS_MAX: i64 = 1 << 20;

/// Where a submission stands; the chart is at the head of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubmissionState {
    Stored,
    Receipted,
    Released,
    Quarantined,
    Lost,
}

/// A submission whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub submission_id: String,
    pub kiosk_seq: u64,
    pub attempts: u32,
}

/// What a `PUT` of the submission needs; chunk bytes are read one by one.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    pub submission_id: String,
    pub kiosk_seq: u64,
    pub number: String,
    pub header: Vec<u8>,
    pub signature: Vec<u8>,
    pub body_sha256: Vec<u8>,
    /// In order of part and chunk.
    pub chunks: Vec<ChunkInfo>,
    /// The last receipt, where a restored hall asked for the submission again.
    pub old_receipt: Option<Receipt>,
}

/// One sealed chunk, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkInfo {
    pub part: u32,
    pub index: u32,
    pub bytes: u64,
    pub sha256: Vec<u8>,
}

/// A receipt that was verified: what is looked up by, and the exact signed bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub hall_epoch: String,
    pub server_seq: u64,
    pub body: Vec<u8>,
    pub signature: Vec<u8>,
}

/// Whether a receipt was news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    Now,
    Already,
}

/// A row for the technician's page and the heartbeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    pub submission_id: String,
    pub kiosk_seq: u64,
    pub number: String,
    pub state: SubmissionState,
    pub attempts: u32,
    pub last_error: Option<String>,
}

/// How many submissions stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub stored: u64,
    pub receipted: u64,
    pub released: u64,
    pub quarantined: u64,
    pub lost: u64,
}

impl Store {
    /// Submissions whose turn it is, those never tried first, then the oldest.
    pub async fn due(&self, now_ms: i64, limit: i64) -> Result<Vec<Due>, StoreError> {
        let mut conn = self.reader().await?;
        let far = now_ms.saturating_add(LONGEST_WAIT_MS);
        let rows = sqlx::query!(
            "select submission_id, kiosk_seq, attempts from submission
             where state = 'stored' and (next_attempt_ms <= ? or next_attempt_ms > ?)
             order by attempts > 0, kiosk_seq limit ?",
            now_ms,
            far,
            limit
        )
        .fetch_all(&mut *conn)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| Due {
                submission_id: row.submission_id,
                kiosk_seq: row.kiosk_seq.unsigned_abs(),
                attempts: small(row.attempts),
            })
            .collect())
    }

    /// When the next submission is due; none if nothing waits.
    pub async fn next_due_ms(&self) -> Result<Option<i64>, StoreError> {
        let mut conn = self.reader().await?;
        Ok(sqlx::query_scalar!(
            "select next_attempt_ms from submission where state = 'stored' order by next_attempt_ms limit 1"
        )
        .fetch_optional(&mut *conn)
        .await?)
    }

    /// Header, signature, chunk list; none once released. An error if a chunk is missing.
    pub async fn envelope(&self, submission_id: &str) -> Result<Option<Envelope>, StoreError> {
        let mut conn = self.reader().await?;
        let row = sqlx::query!(
            "select s.kiosk_seq, s.number, s.body_sha256, e.header, e.signature, e.chunk_sha256
             from submission s join envelope e on e.kiosk_seq = s.kiosk_seq where s.submission_id = ?",
            submission_id
        )
        .fetch_optional(&mut *conn)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (first, last) = chunk_numbers(row.kiosk_seq);
        let chunks = sqlx::query!(
            r#"select part, chunk, length(bytes) as "bytes!: i64" from chunk
               where chunk_no between ? and ? order by chunk_no"#,
            first,
            last
        )
        .fetch_all(&mut *conn)
        .await?;
        let hashes = hashes_of(&row.chunk_sha256)?;
        if hashes.len() != chunks.len() {
            return Err(StoreError::damaged());
        }
        let old_receipt = newest_receipt(&mut conn, row.kiosk_seq).await?;
        Ok(Some(Envelope {
            submission_id: submission_id.to_owned(),
            kiosk_seq: row.kiosk_seq.unsigned_abs(),
            number: row.number,
            header: row.header,
            signature: row.signature,
            body_sha256: row.body_sha256,
            chunks: chunks
                .into_iter()
                .zip(hashes)
                .map(|(row, sha256)| ChunkInfo {
                    part: small(row.part),
                    index: small(row.chunk),
                    bytes: row.bytes.unsigned_abs(),
                    sha256,
                })
                .collect(),
            old_receipt,
        }))
    }

    /// The sealed bytes of one chunk.
    pub async fn chunk(&self, submission_id: &str, part: u32, index: u32) -> Result<Vec<u8>, StoreError> {
        let mut conn = self.reader().await?;
        let kiosk_seq = sqlx::query_scalar!("select kiosk_seq from submission where submission_id = ?", submission_id)
            .fetch_optional(&mut *conn)
            .await?
            .ok_or(StoreError::Unknown)?;
        let (first, last) = chunk_numbers(kiosk_seq);
        sqlx::query_scalar!(
            "select bytes from chunk where chunk_no between ? and ? and part = ? and chunk = ?",
            first,
            last,
            part,
            index
        )
        .fetch_optional(&mut *conn)
        .await?
        .ok_or(StoreError::Unknown)
    }

    /// An attempt that did not end in a receipt: `code` is a stable one, never text from the network.
    pub async fn attempt_failed(
        &self,
        submission_id: &str,
        code: &str,
        next_attempt_ms: i64,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query!(
            "update submission set attempts = attempts + 1, last_error = ?, next_attempt_ms = ?
             where submission_id = ? and state = 'stored'",
            code,
            next_attempt_ms,
            submission_id
        )
        .execute(tx.conn())
        .await?;
        tx.commit().await
    }

    /// Stores a verified receipt: sending ends, custody does not.
    pub async fn receipted(&self, submission_id: &str, receipt: Receipt) -> Result<Settled, StoreError> {
        let mut tx = self.begin().await?;
        let row = sqlx::query!("select kiosk_seq, state from submission where submission_id = ?", submission_id)
            .fetch_optional(tx.conn())
            .await?
            .ok_or(StoreError::Unknown)?;
        let (hall_epoch, server_seq) = (receipt.hall_epoch.clone(), receipt.server_seq);
        let new = insert_receipt(tx.conn(), row.kiosk_seq, receipt).await?;
        if !new && row.state == "receipted" {
            tx.roll_back().await?;
            return Ok(Settled::Already);
        }
        sqlx::query!(
            "update submission set state = 'receipted', last_error = null
             where submission_id = ? and state in ('stored', 'quarantined')",
            submission_id
        )
        .execute(tx.conn())
        .await?;
        let kiosk_seq = row.kiosk_seq.unsigned_abs();
        tx.audit(AuditEvent::Receipted { kiosk_seq, hall_epoch, server_seq });
        tx.commit().await?;
        Ok(Settled::Now)
    }

    /// Permanently refused (`id_conflict`, `malformed`): kept, shown, blocks nothing.
    pub async fn quarantine(&self, submission_id: &str, code: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let kiosk_seq = sqlx::query_scalar!(
            "update submission set state = 'quarantined', attempts = attempts + 1, last_error = ?
             where submission_id = ? and state = 'stored' returning kiosk_seq",
            code,
            submission_id
        )
        .fetch_optional(tx.conn())
        .await?;
        let Some(kiosk_seq) = kiosk_seq else {
            return tx.roll_back().await;
        };
        let (kiosk_seq, code) = (kiosk_seq.unsigned_abs(), code.to_owned());
        tx.audit(AuditEvent::Quarantined { kiosk_seq, code });
        tx.commit().await
    }

    /// A technician lets a quarantined submission try again.
    pub async fn requeue(&self, submission_id: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let kiosk_seq = sqlx::query_scalar!(
            "update submission set state = 'stored', next_attempt_ms = 0
             where submission_id = ? and state = 'quarantined' returning kiosk_seq",
            submission_id
        )
        .fetch_optional(tx.conn())
        .await?;
        let Some(kiosk_seq) = kiosk_seq else {
            return tx.roll_back().await;
        };
        tx.audit(AuditEvent::Requeued { kiosk_seq: kiosk_seq.unsigned_abs() });
        tx.commit().await
    }

    /// All rows in `state`, oldest first.
    pub async fn submissions(&self, state: SubmissionState) -> Result<Vec<Submission>, StoreError> {
        let mut conn = self.reader().await?;
        let name = state.name();
        let rows = sqlx::query!(
            "select submission_id, kiosk_seq, number, attempts, last_error from submission
             where state = ? order by kiosk_seq",
            name
        )
        .fetch_all(&mut *conn)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| Submission {
                submission_id: row.submission_id,
                kiosk_seq: row.kiosk_seq.unsigned_abs(),
                number: row.number,
                state,
                attempts: small(row.attempts),
                last_error: row.last_error,
            })
            .collect())
    }

    /// How many stand where.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let mut conn = self.reader().await?;
        let rows = sqlx::query!(r#"select state, count(*) as "n!: i64" from submission group by state"#)
            .fetch_all(&mut *conn)
            .await?;
        let mut counts = Counts::default();
        for row in rows {
            let n = row.n.unsigned_abs();
            match row.state.as_str() {
                "stored" => counts.stored = n,
                "receipted" => counts.receipted = n,
                "released" => counts.released = n,
                "quarantined" => counts.quarantined = n,
                _ => counts.lost = n,
            }
        }
        Ok(counts)
    }

    /// How many envelopes are still sealed to each of the hall's keys: it may destroy a key at 0 everywhere.
    pub async fn envelopes_by_key(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let mut conn = self.reader().await?;
        let rows = sqlx::query!(r#"select key_id, count(*) as "n!: i64" from envelope group by key_id"#)
            .fetch_all(&mut *conn)
            .await?;
        Ok(rows.into_iter().map(|row| (row.key_id, row.n.unsigned_abs())).collect())
    }
}

impl SubmissionState {
    /// As in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Receipted => "receipted",
            Self::Released => "released",
            Self::Quarantined => "quarantined",
            Self::Lost => "lost",
        }
    }
}

/// From hex, 64 digits each.
fn hashes_of(digits: &str) -> Result<Vec<Vec<u8>>, StoreError> {
    let hash = |digits| std::str::from_utf8(digits).ok()?.parse::<Sha256>().ok();
    let hashes = digits.as_bytes().chunks(64).map(|digits| Some(hash(digits)?.0.to_vec()));
    hashes.collect::<Option<_>>().ok_or_else(StoreError::damaged)
}

/// First and last number that the chunks of a submission can have.
pub(super) fn chunk_numbers(kiosk_seq: i64) -> (i64, i64) {
    let first = kiosk_seq.saturating_mul(CHUNKS_MAX);
    (first, first.saturating_add(CHUNKS_MAX - 1))
}

/// Inserts a receipt; false if this epoch's is there already.
pub(super) async fn insert_receipt(
    conn: &mut sqlx::SqliteConnection,
    kiosk_seq: i64,
    receipt: Receipt,
) -> Result<bool, StoreError> {
    let Receipt { hall_epoch, server_seq, body, signature } = receipt;
    let server_seq = server_seq.cast_signed();
    let done = sqlx::query!(
        "insert into receipt (kiosk_seq, hall_epoch, server_seq, body, signature, stored_no)
         values (?, ?, ?, ?, ?, (select coalesce(max(stored_no), 0) + 1 from receipt))
         on conflict (kiosk_seq, hall_epoch) do nothing",
        kiosk_seq,
        hall_epoch,
        server_seq,
        body,
        signature
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn newest_receipt(
    conn: &mut sqlx::SqliteConnection,
    kiosk_seq: i64,
) -> Result<Option<Receipt>, StoreError> {
    let row = sqlx::query!(
        "select hall_epoch, server_seq, body, signature from receipt
         where kiosk_seq = ? order by stored_no desc limit 1",
        kiosk_seq
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Receipt {
        hall_epoch: row.hall_epoch,
        server_seq: row.server_seq.unsigned_abs(),
        body: row.body,
        signature: row.signature,
    }))
}

fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
