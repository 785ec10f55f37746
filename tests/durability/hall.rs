//! The hall's side of the loop, over the hall's own schema and in the order of its routes: the manifest,
//! each chunk into a file of its own and then into the database, and one transaction that makes the case
//! and its receipt. Two mutants: the receipt goes out before the COMMIT, and a repeat makes a second case.

use std::path::{Path, PathBuf};

use kiosk::store::{Envelope, Held, Receipt, Reconciled};
use sha2::{Digest, Sha256};
use sqlx::{
    ConnectOptions, Connection,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};

use crate::crash_vfs::Disk;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HallKind {
    Sound,
    AcknowledgesBeforeCommit,
    DoesNotDeduplicate,
}

pub struct Hall {
    conn: SqliteConnection,
    kind: HallKind,
    folder: PathBuf,
    /// None on the machine's own disk.
    disk: Option<Disk>,
}

/// A failure of the hall's disk or database.
pub type HallFailure = Box<dyn std::error::Error>;

impl Hall {
    pub async fn open(folder: &Path, disk: Option<&Disk>, kind: HallKind) -> Result<Self, HallFailure> {
        let mut options = SqliteConnectOptions::new()
            .filename(folder.join("hall.sqlite"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .disable_statement_logging();
        if let Some(disk) = disk {
            options = options.vfs(disk.name().to_owned());
        }
        let mut conn = options.connect().await?;
        let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/hall/migrations");
        Migrator::new(migrations).await?.run(&mut conn).await?;
        sqlx::query(
            "insert into hall (id, hall_id, hall_epoch, next_server_seq, next_case_serial, list_seq, safe_through)
             values (1, 'hall', 'e1', 1, 1, 1, 0) on conflict do nothing",
        )
        .execute(&mut conn)
        .await?;
        Ok(Self { conn, kind, folder: folder.to_owned(), disk: disk.cloned() })
    }

    /// Takes a submission and its chunks; the same one again gets the same receipt.
    pub async fn receive(&mut self, envelope: &Envelope, chunks: &[Vec<u8>]) -> Result<Receipt, HallFailure> {
        let id = self.id_of(envelope).await?;
        self.announce(&id, envelope).await?;
        for (info, bytes) in envelope.chunks.iter().zip(chunks) {
            self.put_chunk(&id, (info.part, info.index), bytes).await?;
        }
        self.finish(&id, envelope).await
    }

    /// After the terminal has the receipt: where the mutant commits.
    pub async fn receipt_arrived(&mut self) -> Result<(), HallFailure> {
        if self.kind == HallKind::AcknowledgesBeforeCommit {
            sqlx::query("commit").execute(&mut self.conn).await?;
        }
        Ok(())
    }

    /// What a verified second medium would hold: all that is committed.
    pub async fn safe_through(&mut self) -> Result<(String, u64), HallFailure> {
        let found: (String, i64) = sqlx::query_as(
            "select hall_epoch, coalesce((select max(server_seq) from receipt r where r.hall_epoch = h.hall_epoch), 0)
             from hall h",
        )
        .fetch_one(&mut self.conn)
        .await?;
        Ok((found.0, found.1.unsigned_abs()))
    }

    /// A new epoch, as after a restore: new receipts for what is held, a list of what is not.
    pub async fn reconcile(&mut self, epoch: &str, list: &[Held]) -> Result<Reconciled, HallFailure> {
        sqlx::query("begin immediate").execute(&mut self.conn).await?;
        sqlx::query("update hall set hall_epoch = ?, next_server_seq = next_server_seq + 10000")
            .bind(epoch)
            .execute(&mut self.conn)
            .await?;
        let mut answer = Reconciled { hall_epoch: epoch.to_owned(), ..Reconciled::default() };
        for line in list {
            let received: Option<Option<i64>> =
                sqlx::query_scalar("select received_ms from submission where submission_id = ?")
                    .bind(&line.submission_id)
                    .fetch_optional(&mut self.conn)
                    .await?;
            if received.flatten().is_some() {
                let receipt = self.receipt(&line.submission_id).await?;
                answer.held.push((line.submission_id.clone(), receipt));
            } else {
                answer.send.push(line.submission_id.clone());
            }
        }
        sqlx::query("commit").execute(&mut self.conn).await?;
        Ok(answer)
    }

    /// The bodies of all cases of a submission, read from their files; empty where a file is not whole.
    pub async fn cases(&mut self, submission_id: &str) -> Result<Vec<Vec<u8>>, HallFailure> {
        let cases: Vec<String> = sqlx::query_scalar("select submission_id from case_file where submission_id like ?")
            .bind(format!("{submission_id}%"))
            .fetch_all(&mut self.conn)
            .await?;
        let mut bodies = Vec::new();
        for id in cases {
            let hashes: Vec<Vec<u8>> =
                sqlx::query_scalar("select sha256 from chunk where submission_id = ? order by part, n")
                    .bind(&id)
                    .fetch_all(&mut self.conn)
                    .await?;
            let chunks = hashes.iter().map(|hash| {
                let bytes = std::fs::read(self.path(hash)).ok()?;
                (Sha256::digest(&bytes).as_slice() == hash).then_some(bytes)
            });
            bodies.push(chunks.collect::<Option<Vec<_>>>().unwrap_or_default().concat());
        }
        Ok(bodies)
    }

    pub async fn close(self) {
        let _ = self.conn.close().await;
    }

    /// The mutant takes every upload of a received submission for a new one.
    async fn id_of(&mut self, envelope: &Envelope) -> sqlx::Result<String> {
        let id = &envelope.submission_id;
        if self.kind != HallKind::DoesNotDeduplicate {
            return Ok(id.clone());
        }
        let received: i64 = sqlx::query_scalar("select count(*) from case_file where submission_id like ?")
            .bind(format!("{id}%"))
            .fetch_one(&mut self.conn)
            .await?;
        Ok(if received == 0 { id.clone() } else { format!("{id}/{received}") })
    }

    async fn announce(&mut self, id: &str, envelope: &Envelope) -> sqlx::Result<()> {
        sqlx::query("begin immediate").execute(&mut self.conn).await?;
        sqlx::query(
            "insert into submission (submission_id, terminal_no, installation_id, kiosk_seq, number, body_sha256, header,
                signature, key_id, begun_ms)
             values (?, '007', 'installation', ?, ?, ?, ?, ?, 'key-1', 1) on conflict (submission_id) do nothing",
        )
        .bind(id)
        .bind(envelope.kiosk_seq.cast_signed())
        .bind(&envelope.number)
        .bind(&envelope.body_sha256)
        .bind(&envelope.header)
        .bind(&envelope.signature)
        .execute(&mut self.conn)
        .await?;
        for chunk in &envelope.chunks {
            sqlx::query(
                "insert into chunk (submission_id, part, n, sha256, present) values (?, ?, ?, ?, 0) on conflict do nothing",
            )
            .bind(id)
            .bind(chunk.part)
            .bind(chunk.index)
            .bind(&chunk.sha256)
            .execute(&mut self.conn)
            .await?;
        }
        sqlx::query("commit").execute(&mut self.conn).await?;
        Ok(())
    }

    async fn put_chunk(&mut self, id: &str, place: (u32, u32), bytes: &[u8]) -> Result<(), HallFailure> {
        let path = self.path(&Sha256::digest(bytes));
        match &self.disk {
            Some(disk) => disk.write_file_durably(&path.to_string_lossy(), bytes),
            None => std::fs::write(path, bytes)?,
        }
        sqlx::query("update chunk set present = 1 where submission_id = ? and part = ? and n = ?")
            .bind(id)
            .bind(place.0)
            .bind(place.1)
            .execute(&mut self.conn)
            .await?;
        Ok(())
    }

    async fn finish(&mut self, id: &str, envelope: &Envelope) -> Result<Receipt, HallFailure> {
        sqlx::query("begin immediate").execute(&mut self.conn).await?;
        let news = sqlx::query("update submission set received_ms = 2 where submission_id = ? and received_ms is null")
            .bind(id)
            .execute(&mut self.conn)
            .await?;
        if news.rows_affected() == 1 {
            sqlx::query(
                "insert into case_file (submission_id, number, terminal_no, item_id, item_version, form_id, form_version,
                    content_seq, state, reasons, submitted_ms, clock_quality, clock_start_ms, clock_start_by, received_ms)
                 values (?, ?, '007', 'item-1', 1, 'form-1', 1, 1, 'received', '[]', 1, 'trusted', 1, 'submitted', 2)",
            )
            .bind(id)
            .bind(&envelope.number)
            .execute(&mut self.conn)
            .await?;
        }
        let receipt = self.receipt(id).await?;
        if self.kind != HallKind::AcknowledgesBeforeCommit {
            sqlx::query("commit").execute(&mut self.conn).await?;
        }
        Ok(receipt)
    }

    /// The receipt of this epoch: the stored one, or a new one with the next server_seq.
    async fn receipt(&mut self, id: &str) -> Result<Receipt, HallFailure> {
        let (epoch, next): (String, i64) =
            sqlx::query_as("select hall_epoch, next_server_seq from hall").fetch_one(&mut self.conn).await?;
        let found: Option<i64> =
            sqlx::query_scalar("select server_seq from receipt where submission_id = ? and hall_epoch = ?")
                .bind(id)
                .bind(&epoch)
                .fetch_optional(&mut self.conn)
                .await?;
        let (body, signature) = (vec![b'r'; 300], vec![b's'; 64]);
        if found.is_none() {
            sqlx::query("update hall set next_server_seq = next_server_seq + 1").execute(&mut self.conn).await?;
            sqlx::query(
                "insert into receipt (submission_id, hall_epoch, server_seq, body, sig) values (?, ?, ?, ?, ?)",
            )
            .bind(id)
            .bind(&epoch)
            .bind(next)
            .bind(&body)
            .bind(&signature)
            .execute(&mut self.conn)
            .await?;
        }
        Ok(Receipt { hall_epoch: epoch, server_seq: found.unwrap_or(next).unsigned_abs(), body, signature })
    }

    fn path(&self, sha256: &[u8]) -> PathBuf {
        let name: String = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(name)
    }
}
