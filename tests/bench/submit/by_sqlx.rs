//! The yardstick once more through sqlx, which runs SQLite on a thread of its own and copies what is bound: what the
//! library costs, so that it is seen beside what the store adds.

use std::time::{Duration, Instant};

use kiosk::store::SealedSubmission;
use sqlx::{
    ConnectOptions, Connection,
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};
use tokio::runtime::Runtime;

pub struct BySqlx {
    runtime: Runtime,
    connection: Option<SqliteConnection>,
    _folder: tempfile::TempDir,
}

impl BySqlx {
    pub fn new(folder: tempfile::TempDir) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("raw.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON")
            .pragma("wal_autocheckpoint", "16384")
            .disable_statement_logging();
        let connection = runtime.block_on(async {
            let mut connection = options.connect().await.unwrap();
            let tables = "create table raw (bytes blob not null); create table other (n integer not null);
                insert into other values (0)";
            sqlx::raw_sql(tables).execute(&mut connection).await.unwrap();
            connection
        });
        Self { runtime, connection: Some(connection), _folder: folder }
    }

    /// Commits all bytes of the submission to a log that is begun.
    pub fn time_commit(&mut self, sealed: &SealedSubmission) -> Duration {
        let mut bytes = [sealed.header.as_slice(), &[7; 64]].concat();
        sealed.chunks.iter().for_each(|chunk| bytes.extend(&chunk.bytes));
        let connection = self.connection.as_mut().unwrap();
        self.runtime.block_on(async {
            sqlx::query("update other set n = n + 1").execute(&mut *connection).await.unwrap();
            let start = Instant::now();
            sqlx::query("insert into raw (bytes) values (?)").bind(bytes).execute(&mut *connection).await.unwrap();
            let time = start.elapsed();
            sqlx::query("pragma wal_checkpoint(truncate)").execute(connection).await.unwrap();
            time
        })
    }
}

impl Drop for BySqlx {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            let _ = self.runtime.block_on(connection.close());
        }
    }
}
