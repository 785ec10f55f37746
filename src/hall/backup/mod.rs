//! Copies on a second medium, read back and compared; only what such a copy holds lets terminals erase theirs.
//! A generation is a consistent copy of the database; sealed chunks are shared by all generations.
mod restore;

use std::io;
use std::path::Path;
use std::sync::Arc;

use sqlx::SqlitePool;
use tokio::sync::watch;

pub use restore::{RestoreError, Restored, restore};

use crate::alarm::{self, Alarm, Kind};
use crate::audit;
use crate::db;
use crate::disk::{self, Bodies};
use crate::keys::ESCROW_FILE;
use crate::server::{Core, stopped};

/// Names of generations: `hall-<milliseconds>.sqlite`.
const PREFIX: &str = "hall-";
const SUFFIX: &str = ".sqlite";
/// Folder of the sealed chunks on the second medium.
const BODIES_FOLDER: &str = "bodies";

/// Why there is no new copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("no second medium is configured (backup.second_medium)")]
    NoMedium,
    #[error("the second medium cannot be written or read: {0}")]
    Io(#[from] io::Error),
    #[error("the copy of the database cannot be made or read: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the copy reads back damaged: {0}")]
    Damaged(String),
}

/// Makes copies when something new came, until the hall stops.
pub(crate) async fn keep_going(core: Arc<Core>, mut stop: watch::Receiver<bool>) {
    // What came before the last stop may have no copy yet.
    core.backup_wanted.notify_one();
    loop {
        tokio::select! {
            () = core.backup_wanted.notified() => {}
            () = stopped(&mut stop) => return,
        }
        match run(&core).await {
            Ok(_) | Err(BackupError::NoMedium) => {}
            Err(error) => tracing::error!(%error, "backup failed"),
        }
        tokio::select! {
            () = tokio::time::sleep(core.config.backup_delay()) => {}
            () = stopped(&mut stop) => return,
        }
    }
}

/// One copy, verified; moves the watermark and returns it. A failure is recorded and raises an alarm.
pub(crate) async fn run(core: &Core) -> Result<u64, BackupError> {
    let through = match core.config.second_medium() {
        None if core.config.backup.watermark_is_receipt => newest_seq(core).await?,
        None => return Err(BackupError::NoMedium),
        Some(folder) => {
            let file_name = format!("{PREFIX}{:015}{SUFFIX}", core.clock.now_ms());
            match generation(core, &folder, &file_name).await {
                Ok(through) => through,
                Err(error) => {
                    let _ = std::fs::remove_file(folder.join(&file_name));
                    record_failure(core, &file_name, &error).await?;
                    return Err(error);
                }
            }
        }
    };
    Ok(u64::try_from(through).unwrap_or(0))
}

async fn generation(core: &Core, folder: &Path, file_name: &str) -> Result<i64, BackupError> {
    std::fs::create_dir_all(folder)?;
    let (file, beside) = (folder.join(file_name), folder.join(format!("{file_name}.part")));
    let _ = std::fs::remove_file(&beside);
    core.db.copy_to(&beside).await?;
    std::fs::File::open(&beside)?.sync_all()?;
    std::fs::rename(&beside, &file)?;
    disk::sync_folder(folder)?;
    // From here on only the copy is asked: it must be able to stand alone.
    let copy = db::open_copy(&file).await?;
    let checked = verify(core, &copy, folder).await;
    copy.close().await;
    let through = checked?;
    record(core, file_name, through).await?;
    forget_old(core, folder).await?;
    Ok(through)
}

/// Reads a copy back, brings its chunks along, and says up to which server_seq nothing is missing.
async fn verify(core: &Core, copy: &SqlitePool, folder: &Path) -> Result<i64, BackupError> {
    let integrity: String = sqlx::query_scalar("pragma integrity_check").fetch_one(copy).await?;
    if integrity != "ok" {
        return Err(BackupError::Damaged("integrity check".to_owned()));
    }
    let mut reader = copy.acquire().await?;
    if let Some(seq) = audit::first_break(&mut reader).await? {
        return Err(BackupError::Damaged(format!("audit entry {seq}")));
    }
    drop(reader);
    if std::fs::read(folder.join(ESCROW_FILE)).is_err() {
        return Err(BackupError::Damaged("the escrow of the hall's keys is missing".to_owned()));
    }
    let epoch = core.epoch.to_string();
    let chunks = sqlx::query!(
        "select r.server_seq, c.submission_id, c.sha256 from receipt r join chunk c on c.submission_id = r.submission_id
         where r.hall_epoch = ? order by r.server_seq",
        epoch
    )
    .fetch_all(copy)
    .await?;
    let newest =
        sqlx::query!("select coalesce(max(server_seq), 0) as \"seq!: i64\" from receipt where hall_epoch = ?", epoch)
            .fetch_one(copy)
            .await?;
    let second = Bodies::open(folder.join(BODIES_FOLDER))?;
    for row in chunks {
        if let Err(error) = bring_along(&core.bodies, &second, &row.sha256) {
            damaged(core, &row.submission_id, &error).await?;
            return Ok(row.server_seq - 1);
        }
    }
    Ok(newest.seq)
}

/// Chunks are named by their hash: one that is there was compared when it came.
fn bring_along(here: &Bodies, there: &Bodies, sha256: &[u8]) -> io::Result<()> {
    if there.holds(sha256) {
        return Ok(());
    }
    there.put(sha256, &here.get(sha256)?)?;
    there.get(sha256).map(drop)
}

async fn damaged(core: &Core, submission_id: &str, error: &io::Error) -> Result<(), sqlx::Error> {
    let (detail, at_ms) = (error.to_string(), core.clock.now_ms());
    let mut tx = core.db.begin().await?;
    alarm::raise(&mut tx, Alarm { kind: Kind::BodyDamaged, subject: submission_id, detail: &detail, at_ms }).await?;
    tx.commit().await
}

async fn newest_seq(core: &Core) -> Result<i64, sqlx::Error> {
    let epoch = core.epoch.to_string();
    let mut tx = core.db.begin().await?;
    let row = sqlx::query!(
        "update hall set safe_through = (select coalesce(max(server_seq), 0) from receipt where hall_epoch = ?)
         where id = 1 returning safe_through",
        epoch
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(row.safe_through)
}

async fn record(core: &Core, file_name: &str, through: i64) -> Result<(), sqlx::Error> {
    let (now, epoch) = (core.clock.now_ms(), core.epoch.to_string());
    let mut tx = core.db.begin().await?;
    sqlx::query!(
        "insert into backup_generation (file_name, hall_epoch, through_seq, made_ms, verified_ms) values (?, ?, ?, ?, ?)",
        file_name,
        epoch,
        through,
        now,
        now
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("update hall set safe_through = max(safe_through, ?) where id = 1", through).execute(&mut *tx).await?;
    alarm::settle(&mut tx, Kind::BackupFailed, "second medium", now).await?;
    tx.commit().await
}

async fn record_failure(core: &Core, file_name: &str, error: &BackupError) -> Result<(), sqlx::Error> {
    let (at_ms, epoch, detail) = (core.clock.now_ms(), core.epoch.to_string(), error.to_string());
    let mut tx = core.db.begin().await?;
    sqlx::query!(
        "insert into backup_generation (file_name, hall_epoch, through_seq, made_ms, failure) values (?, ?, 0, ?, ?)",
        file_name,
        epoch,
        at_ms,
        detail
    )
    .execute(&mut *tx)
    .await?;
    alarm::raise(&mut tx, Alarm { kind: Kind::BackupFailed, subject: "second medium", detail: &detail, at_ms }).await?;
    tx.commit().await
}

/// Keeps the newest verified generations.
async fn forget_old(core: &Core, folder: &Path) -> Result<(), BackupError> {
    let keep = i64::try_from(core.config.backup.generations).unwrap_or(2);
    let old = sqlx::query!(
        "select file_name from backup_generation where verified_ms is not null order by generation_id desc
         limit 100 offset ?",
        keep
    )
    .fetch_all(core.db.read())
    .await?;
    for row in old {
        match std::fs::remove_file(folder.join(&row.file_name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}
