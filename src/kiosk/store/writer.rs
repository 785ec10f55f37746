//! The one writer. A transaction takes the connection out of its slot and brings it back only after a
//! clean end; whatever ends otherwise (an error, a future that was dropped) closes the connection, which
//! rolls back, and the next transaction opens a new one.

use std::sync::atomic::Ordering;

use sqlx::sqlite::SqliteConnection;
use tokio::sync::OwnedMutexGuard;

use super::{
    AuditEvent, AuditHead, NextNumbers, Store, StoreError,
    audit::{self, AuditEntry},
    connect,
    plain::Connection,
    submit,
};

/// The writing connection, with what a transaction would else have to read first.
pub(super) struct WriterState {
    pub(super) conn: Connection,
    pub(super) head: AuditHead,
    pub(super) numbers: NextNumbers,
}

/// The writer's lock; nothing is begun yet.
pub(super) struct Held {
    store: Store,
    slot: OwnedMutexGuard<Option<WriterState>>,
    pub(super) state: WriterState,
}

/// A transaction of the writer.
pub(super) struct Tx {
    held: Held,
    head: AuditHead,
    numbers: NextNumbers,
    /// Written with the COMMIT.
    entries: Vec<AuditEntry>,
}

impl Store {
    /// Takes the writer, with nothing begun.
    pub(super) async fn writer(&self) -> Result<Held, StoreError> {
        let mut slot = self.inner.writer.clone().lock_owned().await;
        let state = match slot.take() {
            Some(state) => state,
            None if self.inner.closed.load(Ordering::Acquire) => return Err(StoreError::Closed),
            None => self.new_writer().await?,
        };
        Ok(Held { store: self.clone(), slot, state })
    }

    /// Takes the writer and begins.
    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        self.writer().await?.begin().await
    }

    async fn new_writer(&self) -> Result<WriterState, StoreError> {
        let mut conn = connect::writer(&self.inner.options).await?;
        if self.inner.commit_failed.load(Ordering::Acquire) {
            // Frames of the failed COMMIT may lie in the log without having reached the disk. Emptying it
            // writes what counts to the database with an fsync of its own and removes the rest, so that no
            // later crash can bring back what was reported as not stored.
            self.truncate(&mut conn).await?;
            self.inner.commit_failed.store(false, Ordering::Release);
        }
        WriterState::load(conn).await
    }
}

impl WriterState {
    pub(super) async fn load(mut conn: Connection) -> Result<Self, StoreError> {
        let head = audit::head(&mut conn).await?;
        let numbers = submit::next_numbers(&mut conn).await?;
        Ok(Self { conn, head, numbers })
    }
}

impl Held {
    pub(super) async fn begin(mut self) -> Result<Tx, StoreError> {
        sqlx::query("begin immediate").execute(&mut *self.state.conn).await?;
        let (head, numbers) = (self.state.head, self.state.numbers);
        Ok(Tx { held: self, head, numbers, entries: Vec::new() })
    }

    /// Nothing was committed: what is open is rolled back with the connection.
    pub(super) async fn close(self) {
        self.state.conn.close_quietly().await;
    }

    /// It is not certain whether something was committed; the writer settles that before its next use.
    pub(super) fn may_be_committed(&self) {
        self.store.inner.commit_failed.store(true, Ordering::Release);
    }

    /// As [`Self::close`], where that is not certain.
    pub(super) async fn close_after_commit(self) {
        self.may_be_committed();
        self.close().await;
    }

    /// Gives the writer back unused.
    pub(super) fn put_back(mut self) {
        *self.slot = Some(self.state);
    }
}

impl Tx {
    pub(super) fn conn(&mut self) -> &mut SqliteConnection {
        &mut self.held.state.conn
    }

    /// What the next submission gets once this transaction is committed.
    pub(super) fn set_numbers(&mut self, numbers: NextNumbers) {
        self.numbers = numbers;
    }

    /// Puts an audit entry into this transaction.
    pub(super) fn audit(&mut self, event: AuditEvent) {
        let entry = AuditEntry::next(&self.head, self.held.store.now(), &event);
        self.head = entry.head();
        self.entries.push(entry);
    }

    /// Commits. After an error it is not certain whether it did; the writer settles that before its next use.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        let Self { mut held, head, numbers, entries } = self;
        match audit::commit_with(&mut held.state.conn, entries).await {
            Ok(()) => {
                (held.state.head, held.state.numbers) = (head, numbers);
                held.put_back();
                Ok(())
            }
            Err(error) => {
                held.close_after_commit().await;
                Err(error)
            }
        }
    }

    /// Ends without a change, where there is nothing to do.
    pub(super) async fn roll_back(self) -> Result<(), StoreError> {
        let mut held = self.held;
        sqlx::query("rollback").execute(&mut *held.state.conn).await?;
        held.put_back();
        Ok(())
    }
}
