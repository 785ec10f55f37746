//! The hall's SQLite database: one writer, several readers, WAL with `synchronous=FULL`, foreign keys.
//! The only place with pragmas; queries stand beside the resource that they serve.
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, Transaction};

/// File name of the database inside the data folder.
pub(crate) const FILE_NAME: &str = "hall.sqlite";

/// Enough for console pages beside uploads; a reader never waits for the writer under WAL.
const READERS: u32 = 4;
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// Handles to the open database.
#[derive(Clone)]
pub(crate) struct Db {
    read: SqlitePool,
    write: SqlitePool,
}

impl Db {
    /// Opens or makes the database and brings it to the newest schema; `vfs` is another file system under SQLite.
    pub(crate) async fn open(file: &Path, vfs: Option<&str>) -> Result<Self, sqlx::Error> {
        let mut options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        if let Some(vfs) = vfs {
            options = options.vfs(vfs.to_owned());
        }
        let write = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        MIGRATIONS.run(&write).await?;
        let read = SqlitePoolOptions::new().max_connections(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { read, write })
    }

    /// For queries that change nothing.
    pub(crate) fn read(&self) -> &SqlitePool {
        &self.read
    }

    /// A write transaction that holds the write lock from its first statement.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        match self.write.begin_with("BEGIN IMMEDIATE").await {
            // SQLite rolls back by itself on a full disk; sqlx, told that there is nothing to roll back, counts the
            // transaction as open for ever. Only a new connection helps.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                self.write.acquire().await?.close().await?;
                self.write.begin_with("BEGIN IMMEDIATE").await
            }
            begun => begun,
        }
    }

    /// Copies the whole database into a new file, consistently.
    pub(crate) async fn copy_to(&self, file: &Path) -> Result<(), sqlx::Error> {
        let target = file.to_string_lossy().into_owned();
        sqlx::query("vacuum into ?").bind(target).execute(&self.write).await?;
        Ok(())
    }

    /// Brings all of the log into the file, which is then whole by itself and may be moved.
    pub(crate) async fn empty_log(&self) -> Result<(), sqlx::Error> {
        sqlx::query("pragma wal_checkpoint(truncate)").execute(&self.write).await?;
        Ok(())
    }

    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

/// Opens a copy for reading only, without making or changing any file beside it.
pub(crate) async fn open_copy(file: &Path) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true).immutable(true);
    SqlitePoolOptions::new().max_connections(1).connect_with(options).await
}

/// Whether SQLite finds nothing damaged in the whole file.
pub(crate) async fn is_whole(database: &SqlitePool) -> Result<bool, sqlx::Error> {
    let found: String = sqlx::query_scalar("pragma integrity_check").fetch_one(database).await?;
    Ok(found == "ok")
}
