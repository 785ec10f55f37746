//! The yardstick once more through sqlx, which runs SQLite on a thread of its own and copies what is bound: what the
//! library costs, so that it is seen beside what the store adds.

use std::{
    ffi::CStr,
    time::{Duration, Instant},
};

use kiosk::store::SealedSubmission;
use sqlx::{
    ConnectOptions, Connection,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};
use tokio::runtime::Runtime;

use super::raw::{BEGIN, EMPTY, INSERT, SETUP, all_bytes};

pub struct BySqlx {
    runtime: Runtime,
    connection: Option<SqliteConnection>,
    _folder: tempfile::TempDir,
}

impl BySqlx {
    pub fn new(folder: tempfile::TempDir) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let file = folder.path().join("raw.db");
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true).disable_statement_logging();
        let connection = runtime.block_on(async {
            let mut connection = options.connect().await.unwrap();
            sqlx::raw_sql(sql(SETUP)).execute(&mut connection).await.unwrap();
            connection
        });
        Self { runtime, connection: Some(connection), _folder: folder }
    }

    /// Commits all bytes of the submission to a log that is begun.
    pub fn time_commit(&mut self, sealed: &SealedSubmission) -> Duration {
        let bytes = all_bytes(sealed);
        let connection = self.connection.as_mut().unwrap();
        self.runtime.block_on(async {
            sqlx::query(sql(BEGIN)).execute(&mut *connection).await.unwrap();
            let start = Instant::now();
            sqlx::query(sql(INSERT)).bind(bytes).execute(&mut *connection).await.unwrap();
            let time = start.elapsed();
            sqlx::query(sql(EMPTY)).execute(connection).await.unwrap();
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

fn sql(text: &'static CStr) -> &'static str {
    text.to_str().unwrap()
}
