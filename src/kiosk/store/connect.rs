//! How the database is opened: pragmas, migrations, first row. `synchronous=FULL` is what makes a COMMIT
//! survive a power cut; `secure_delete` with an emptied log is what makes an erasure one.

use std::{path::PathBuf, sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};

use super::{Moment, StoreError, moment, plain::Connection};

/// Tells the time; handed in, so that tests and the dock can jump it.
pub type Now = Arc<dyn Fn() -> Moment + Send + Sync>;

/// Where the data lies and how the store tells the time.
#[derive(Clone)]
pub struct Options {
    pub(super) folder: PathBuf,
    pub(super) now: Now,
    seam: Seam,
}

/// What only the crash test changes: the file system under SQLite, and the mutant of its tests.
#[derive(Clone, Debug)]
pub struct Seam {
    /// Name of a registered SQLite VFS.
    pub vfs: Option<String>,
    pub synchronous: SqliteSynchronous,
}

static MIGRATIONS: Migrator = sqlx::migrate!("src/kiosk/store/migrations");

/// The log is emptied after the slip, while nobody waits; a COMMIT does it only beyond 64 MiB.
const LOG_PAGES: &str = "16384";
/// How long a statement waits for another connection before it is busy. Ours do not hold locks longer.
const BUSY_TIMEOUT: Duration = Duration::from_millis(500);

impl Options {
    /// The store in `folder`, with the machine's own clock.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), now: Arc::new(Moment::of_this_machine), seam: Seam::default() }
    }

    /// With another clock.
    pub fn with_now(mut self, now: Now) -> Self {
        self.now = now;
        self
    }

    /// With another file system under SQLite.
    pub fn with_seam(mut self, seam: Seam) -> Self {
        self.seam = seam;
        self
    }
}

impl Default for Seam {
    fn default() -> Self {
        Self { vfs: None, synchronous: SqliteSynchronous::Full }
    }
}

pub(super) async fn writer(options: &Options) -> Result<Connection, StoreError> {
    // Used from two threads, sqlx's and the one that writes a submission.
    let options = connect_options(options).create_if_missing(true).serialized(true);
    Ok(Connection::of(options.connect().await?).await?)
}

pub(super) async fn reader(options: &Options) -> Result<SqliteConnection, StoreError> {
    Ok(connect_options(options).pragma("query_only", "ON").connect().await?)
}

fn connect_options(options: &Options) -> SqliteConnectOptions {
    let connect = SqliteConnectOptions::new()
        .filename(options.folder.join("kiosk.db"))
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(options.seam.synchronous)
        .foreign_keys(true)
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .pragma("trusted_schema", "OFF")
        .pragma("wal_autocheckpoint", LOG_PAGES)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging();
    match &options.seam.vfs {
        Some(vfs) => connect.vfs(vfs.clone()),
        None => connect,
    }
}

pub(super) async fn migrate(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    match MIGRATIONS.run(&mut *conn).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) | MigrateError::VersionMismatch(_)) => {
            Err(StoreError::WrittenByNewer)
        }
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => Err(error.into()),
        Err(other) => Err(StoreError::Sql(sqlx::Error::Migrate(Box::new(other)))),
    }
}

/// At each start, before anything is written: some 50 ms for 180 MB of waiting submissions.
pub(super) async fn quick_check(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let found: Vec<String> = sqlx::query_scalar("pragma quick_check(1)").fetch_all(conn).await?;
    if found.iter().all(|line| line == "ok") {
        return Ok(());
    }
    Err(StoreError::damaged())
}

/// The id of this data folder, made at its first start.
pub(super) async fn installation_id(conn: &mut SqliteConnection) -> Result<String, StoreError> {
    let id = sqlx::query_scalar!("select installation_id from installation").fetch_optional(&mut *conn).await?;
    if let Some(id) = id {
        return Ok(id);
    }
    let id = moment::random_uuid().unwrap_or_else(uuid::Uuid::now_v7).hyphenated().to_string();
    sqlx::query!("insert into installation (id, installation_id) values (1, ?)", id).execute(conn).await?;
    Ok(id)
}
