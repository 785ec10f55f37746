//! What the terminal keeps: identity, counters, the outbox with its sealed bytes, receipts, the print
//! ledger, content and the audit log, in one SQLite database. The only place with SQL and pragmas.
//! One transaction per change of state; a submission counts as stored only after its COMMIT reached the
//! disk. It holds nothing readable of a citizen: drafts live in memory, submissions come here sealed.
//!
//! ```text
//! draft (memory) ──submit──▶ stored ──receipt──▶ receipted ──safe_through──▶ released ──90 days──▶ gone
//!                              │ ▲                   │                          │
//!                 id_conflict, │ │ requeue           │ hall restored: send      │ hall restored, no copy
//!                 malformed    ▼ │                   ▼                          ▼
//!                          quarantined             stored                     lost (alarm)
//! ```

mod audit;
mod clock;
mod connect;
mod content;
mod custody;
mod enrolment;
mod error;
mod lock;
mod moment;
mod outbox;
mod plain;
mod print_job;
mod print_quota;
mod reconcile;
mod recovery;
mod room;
mod rows;
mod sealed;
mod slip;
mod submit;
#[cfg(test)]
mod tests;
mod wal;
mod writer;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sqlx::{Connection, sqlite::SqliteConnection};
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

pub use audit::{AuditEntry, AuditEvent, AuditHead};
pub use connect::{Now, Options, Seam};
pub use content::Content;
pub use custody::Erased;
pub use enrolment::{Enrolment, Hall, Identity, KeyState, SignedKeyList, TerminalKey};
pub use error::{OLDEST_SQLITE, Remedy, StoreError};
pub use lock::make_private_folder;
pub(crate) use moment::random_uuid;
pub use moment::{Moment, boot_id, mono_ms};
pub use outbox::{ChunkInfo, Counts, Due, Envelope, Receipt, Settled, Submission, SubmissionState};
pub use print_job::{NewPrintJob, OpenPrintJob, PageCounts, PrintKind, PrintTotals};
pub use print_quota::QuotaDue;
pub use reconcile::{Held, Reconciled, Reconciliation};
pub use recovery::{Recovered, RecoveryError, RecoveryKey, RecoveryNotice, RecoverySecret, SealedRecovery};
pub use room::ROOM_TO_START_BYTES;
pub use sealed::{SealedSubmission, Signer, Signing};
pub use slip::SlipOutcome;
pub use submit::{NextNumbers, Stored, SubmitError};

use lock::FolderLock;
use writer::WriterState;

/// The open data folder. Clones share it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    options: Options,
    installation_id: String,
    clean_start: bool,
    /// None while a transaction has it, and after one did not bring it back.
    writer: Arc<Mutex<Option<WriterState>>>,
    /// None once closed.
    reader: Mutex<Option<SqliteConnection>>,
    closed: AtomicBool,
    /// A COMMIT failed: the log may hold frames that no fsync covered.
    commit_failed: AtomicBool,
    /// The submission that was tried last: only of that one it can be uncertain whether it is stored.
    tried: std::sync::Mutex<String>,
    /// Something was erased and the log could not be emptied since.
    log_owed: AtomicBool,
    /// Last: the folder is free again when the connections are gone.
    _lock: FolderLock,
}

impl Store {
    /// Opens the data folder, or makes it. Says what a person can do where that fails.
    pub async fn open(options: Options) -> Result<Self, StoreError> {
        let folder = options.folder.clone();
        Self::open_here(options).await.map_err(|error| error.in_folder(&folder))
    }

    /// Random, made at the first start of this folder.
    pub fn installation_id(&self) -> &str {
        &self.inner.installation_id
    }

    /// Whether the last run closed the store; if not, the recovery page may have something to show.
    pub fn clean_start(&self) -> bool {
        self.inner.clean_start
    }

    /// The time by the clock that the store was opened with.
    pub fn now(&self) -> Moment {
        (self.inner.options.now)()
    }

    /// Says in the log that the end was meant, empties it and closes both connections. All later calls,
    /// also of clones, end in [`StoreError::Closed`].
    pub async fn close(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.audit(AuditEvent::Stopped {});
        tx.commit().await?;
        let emptied = self.empty_log().await;
        let mut slot = self.inner.writer.lock().await;
        self.inner.closed.store(true, Ordering::Release);
        if let Some(reader) = self.inner.reader.lock().await.take() {
            // Its errors tell nothing that is not known already.
            let _ = reader.close().await;
        }
        if let Some(writer) = slot.take() {
            writer.conn.close_quietly().await;
        }
        emptied
    }

    async fn open_here(options: Options) -> Result<Self, StoreError> {
        let lock = FolderLock::acquire(&options.folder)?;
        let mut conn = connect::writer(&options).await?;
        error::refuse_old_sqlite(&mut conn).await?;
        connect::quick_check(&mut conn).await?;
        connect::migrate(&mut conn).await?;
        lock.sync_folder(&options.folder)?;
        let clean_start = audit::ended_cleanly(&mut conn).await?;
        let state = WriterState::load(conn).await?;
        // The reader is there before the first write: as long as it is, the log is never recovered anew,
        // so that a failed COMMIT cannot come back by a re-opened writer alone.
        let reader = connect::reader(&options).await?;
        let inner = Inner {
            installation_id: String::new(),
            options,
            clean_start,
            writer: Arc::new(Mutex::new(Some(state))),
            reader: Mutex::new(Some(reader)),
            closed: AtomicBool::new(false),
            commit_failed: AtomicBool::new(false),
            tried: std::sync::Mutex::default(),
            log_owed: AtomicBool::new(false),
            _lock: lock,
        };
        let mut store = Self { inner: Arc::new(inner) };
        let installation_id = store.start(clean_start).await?;
        if let Some(inner) = Arc::get_mut(&mut store.inner) {
            inner.installation_id = installation_id;
        }
        Ok(store)
    }

    /// The first transaction of a run; what the last one left open is settled here.
    async fn start(&self, clean: bool) -> Result<String, StoreError> {
        let mut tx = self.begin().await?;
        let id = connect::installation_id(tx.conn()).await?;
        slip::settle_after_restart(tx.conn()).await?;
        print_job::settle_after_restart(tx.conn()).await?;
        recovery::arm_after_restart(tx.conn()).await?;
        tx.audit(AuditEvent::Started { clean });
        tx.commit().await?;
        // An erasure before the end may not have reached the log.
        match self.empty_log().await {
            Ok(()) | Err(StoreError::LogNotEmptied) => Ok(id),
            Err(error) => Err(error),
        }
    }

    /// The reading connection. No read transaction outlives the guard: rows are always fetched whole.
    async fn reader(&self) -> Result<MappedMutexGuard<'_, SqliteConnection>, StoreError> {
        MutexGuard::try_map(self.inner.reader.lock().await, Option::as_mut).map_err(|_| StoreError::Closed)
    }

    fn owe_log(&self, owed: bool) {
        self.inner.log_owed.store(owed, Ordering::Release);
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("installation_id", &self.inner.installation_id).finish_non_exhaustive()
    }
}
