//! The hall's side of the loop: one transaction that makes a case and its receipt, unique by submission.
//! Two mutants: the receipt goes out before the COMMIT, and a repeat makes a second case.

use std::path::Path;

use kiosk::store::{Envelope, Held, Receipt, Reconciled};
use sqlx::{
    ConnectOptions, Connection, Row,
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HallKind {
    Sound,
    AcknowledgesBeforeCommit,
    DoesNotDeduplicate,
}

pub struct Hall {
    conn: SqliteConnection,
    kind: HallKind,
}

const SCHEMA: &str = "
create table if not exists epoch (id integer primary key check (id = 1), name text not null) strict;
insert into epoch values (1, 'e1') on conflict do nothing;
create table if not exists cases (
    server_seq integer not null primary key,
    submission_id text not null,
    body_sha256 blob not null,
    body blob not null
) strict;";
const UNIQUE: &str = "create unique index if not exists one_case on cases (submission_id)";

impl Hall {
    pub async fn open(folder: &Path, vfs: Option<&str>, kind: HallKind) -> sqlx::Result<Self> {
        let mut options = SqliteConnectOptions::new()
            .filename(folder.join("hall.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .disable_statement_logging();
        if let Some(vfs) = vfs {
            options = options.vfs(vfs.to_owned());
        }
        let mut conn = options.connect().await?;
        sqlx::raw_sql(SCHEMA).execute(&mut conn).await?;
        if kind != HallKind::DoesNotDeduplicate {
            sqlx::raw_sql(UNIQUE).execute(&mut conn).await?;
        }
        Ok(Self { conn, kind })
    }

    /// Takes a complete upload; the same one again gets the same receipt.
    pub async fn finish(&mut self, envelope: &Envelope, body: &[u8]) -> sqlx::Result<Receipt> {
        sqlx::query("begin immediate").execute(&mut self.conn).await?;
        let found = match self.kind {
            HallKind::DoesNotDeduplicate => None,
            _ => self.server_seq(&envelope.submission_id).await?,
        };
        let server_seq = match found {
            Some(server_seq) => server_seq,
            None => self.insert(envelope, body).await?,
        };
        let receipt = self.receipt(server_seq).await?;
        if self.kind != HallKind::AcknowledgesBeforeCommit {
            sqlx::query("commit").execute(&mut self.conn).await?;
        }
        Ok(receipt)
    }

    /// After the terminal has the receipt: where the mutant commits.
    pub async fn receipt_arrived(&mut self) -> sqlx::Result<()> {
        if self.kind == HallKind::AcknowledgesBeforeCommit {
            sqlx::query("commit").execute(&mut self.conn).await?;
        }
        Ok(())
    }

    /// What a verified second medium would hold: all that is committed.
    pub async fn safe_through(&mut self) -> sqlx::Result<(String, u64)> {
        let row = sqlx::query("select (select name from epoch), coalesce(max(server_seq), 0) from cases")
            .fetch_one(&mut self.conn)
            .await?;
        Ok((row.get(0), row.get::<i64, _>(1).unsigned_abs()))
    }

    /// A new epoch, as after a restore: new receipts for what is held, a list of what is not.
    pub async fn reconcile(&mut self, epoch: &str, list: &[Held]) -> sqlx::Result<Reconciled> {
        sqlx::query("begin immediate").execute(&mut self.conn).await?;
        sqlx::query("update epoch set name = ?").bind(epoch).execute(&mut self.conn).await?;
        let mut answer = Reconciled { hall_epoch: epoch.to_owned(), ..Reconciled::default() };
        for line in list {
            match self.server_seq(&line.submission_id).await? {
                Some(server_seq) => {
                    let receipt = self.receipt(server_seq).await?;
                    answer.held.push((line.submission_id.clone(), receipt));
                }
                None => answer.send.push(line.submission_id.clone()),
            }
        }
        sqlx::query("commit").execute(&mut self.conn).await?;
        Ok(answer)
    }

    /// The bodies of all cases of a submission.
    pub async fn cases(&mut self, submission_id: &str) -> sqlx::Result<Vec<Vec<u8>>> {
        sqlx::query_scalar("select body from cases where submission_id = ?")
            .bind(submission_id)
            .fetch_all(&mut self.conn)
            .await
    }

    pub async fn close(self) {
        let _ = self.conn.close().await;
    }

    async fn server_seq(&mut self, submission_id: &str) -> sqlx::Result<Option<i64>> {
        sqlx::query_scalar("select server_seq from cases where submission_id = ? limit 1")
            .bind(submission_id)
            .fetch_optional(&mut self.conn)
            .await
    }

    async fn insert(&mut self, envelope: &Envelope, body: &[u8]) -> sqlx::Result<i64> {
        let done = sqlx::query("insert into cases (submission_id, body_sha256, body) values (?, ?, ?)")
            .bind(&envelope.submission_id)
            .bind(&envelope.body_sha256)
            .bind(body)
            .execute(&mut self.conn)
            .await?;
        Ok(done.last_insert_rowid())
    }

    async fn receipt(&mut self, server_seq: i64) -> sqlx::Result<Receipt> {
        let hall_epoch: String = sqlx::query_scalar("select name from epoch").fetch_one(&mut self.conn).await?;
        Ok(Receipt {
            hall_epoch,
            server_seq: server_seq.unsigned_abs(),
            body: vec![b'r'; 300],
            signature: vec![b's'; 64],
        })
    }
}
