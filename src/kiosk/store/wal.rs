//! Emptying the write-ahead log. `secure_delete` overwrites rows in the database, but their old pages stay
//! in the log until it is truncated, and a truncation beside an open reader only says "busy".

use std::sync::atomic::Ordering;

use sqlx::{Row, sqlite::SqliteConnection};

use super::{Store, StoreError};

/// Each try waits for the busy timeout of the connection.
const TRIES: u32 = 4;

impl Store {
    /// Empties the log. [`StoreError::LogNotEmptied`] is a fault for the technician: another process reads.
    pub async fn empty_log(&self) -> Result<(), StoreError> {
        let mut held = self.writer().await?;
        let emptied = self.truncate(&mut held.state.conn).await;
        held.put_back();
        emptied
    }

    /// Whether erased bytes are still in the log; [`Store::empty_log`] is to be tried again.
    pub fn log_owed(&self) -> bool {
        self.inner.log_owed.load(Ordering::Acquire)
    }

    /// Empties the log after an erasure, which is committed whatever happens here.
    pub(super) async fn empty_log_after_erasing(&self) -> bool {
        self.empty_log().await.inspect_err(|_| self.owe_log(true)).is_ok()
    }

    pub(super) async fn truncate(&self, conn: &mut SqliteConnection) -> Result<(), StoreError> {
        // None of ours reads meanwhile. Order of locks: writer, then reader.
        let _reader = self.inner.reader.lock().await;
        for _ in 0..TRIES {
            let row = sqlx::query("pragma wal_checkpoint(truncate)").fetch_one(&mut *conn).await?;
            let busy: i64 = row.try_get(0)?;
            if busy == 0 {
                self.owe_log(false);
                return Ok(());
            }
        }
        self.owe_log(true);
        Err(StoreError::LogNotEmptied)
    }
}
