//! The one writer. A transaction takes the connection out of its slot and brings it back only after a
//! clean end; whatever ends otherwise (an error, a future that was dropped) closes the connection, which
//! rolls back, and the next transaction opens a new one.

use std::sync::atomic::Ordering;

use sqlx::sqlite::SqliteConnection;
use tokio::sync::MutexGuard;

use super::{
    AuditEvent, AuditHead, NextNumbers, Store, StoreError,
    audit::{self, AuditEntry},
    close_quietly, connect,
    submit::{self, NumberedChunk},
};

/// The writing connection, with what a transaction would else have to read first.
pub(super) struct WriterState {
    pub(super) conn: SqliteConnection,
    pub(super) head: AuditHead,
    pub(super) numbers: NextNumbers,
}

/// The writer's lock; nothing is begun yet.
pub(super) struct Held<'s> {
    store: &'s Store,
    slot: MutexGuard<'s, Option<WriterState>>,
    pub(super) state: WriterState,
}

/// A transaction of the writer.
pub(super) struct Tx<'s> {
    held: Held<'s>,
    head: AuditHead,
    numbers: NextNumbers,
    /// Written with the COMMIT.
    entries: Vec<AuditEntry>,
    /// The same.
    last_chunk: Option<NumberedChunk>,
}

impl Store {
    /// Takes the writer, with nothing begun.
    pub(super) async fn writer(&self) -> Result<Held<'_>, StoreError> {
        let mut slot = self.inner.writer.lock().await;
        let state = match slot.take() {
            Some(state) => state,
            None if self.inner.closed.load(Ordering::Acquire) => return Err(StoreError::Closed),
            None => self.new_writer().await?,
        };
        Ok(Held { store: self, slot, state })
    }

    /// Takes the writer and begins.
    pub(super) async fn begin(&self) -> Result<Tx<'_>, StoreError> {
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
    pub(super) async fn load(mut conn: SqliteConnection) -> Result<Self, StoreError> {
        let head = audit::head(&mut conn).await?;
        let numbers = submit::next_numbers(&mut conn).await?;
        Ok(Self { conn, head, numbers })
    }
}

impl<'s> Held<'s> {
    pub(super) async fn begin(mut self) -> Result<Tx<'s>, StoreError> {
        sqlx::query("begin immediate").execute(&mut self.state.conn).await?;
        Ok(self.begun())
    }

    /// For who begins by a statement of his own.
    pub(super) fn begun(self) -> Tx<'s> {
        let (head, numbers) = (self.state.head, self.state.numbers);
        Tx { held: self, head, numbers, entries: Vec::new(), last_chunk: None }
    }

    /// Gives the writer back unused.
    pub(super) fn put_back(mut self) {
        *self.slot = Some(self.state);
    }
}

impl Tx<'_> {
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

    /// Leaves a chunk to be written with the COMMIT.
    pub(super) fn put_with_commit(&mut self, chunk: NumberedChunk) {
        self.last_chunk = Some(chunk);
    }

    /// Commits. After an error it is not certain whether it did; the writer settles that before its next use.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        let Self { held: Held { store, mut slot, mut state }, head, numbers, entries, last_chunk } = self;
        let done = match last_chunk {
            Some(chunk) => submit::commit_with(&mut state.conn, chunk, entries).await,
            None => audit::commit_with(&mut state.conn, entries).await,
        };
        match done {
            Ok(()) => {
                *slot = Some(WriterState { conn: state.conn, head, numbers });
                Ok(())
            }
            Err(error) => {
                store.inner.commit_failed.store(true, Ordering::Release);
                close_quietly(state.conn).await;
                Err(error)
            }
        }
    }

    /// Ends without a change, where there is nothing to do.
    pub(super) async fn roll_back(self) -> Result<(), StoreError> {
        let mut held = self.held;
        sqlx::query("rollback").execute(&mut held.state.conn).await?;
        held.put_back();
        Ok(())
    }
}
