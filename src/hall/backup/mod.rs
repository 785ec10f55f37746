//! Copies on a second medium, read back and compared; only what such a copy holds lets terminals erase theirs.
//! A generation is a consistent copy of the database; sealed chunks are shared by all generations.
mod chunks;
pub(crate) mod medium;
mod restore;

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::{Sqlite, SqlitePool, Transaction};
use tokio::sync::watch;

pub(crate) use chunks::{open_stored, read_document};
pub use restore::{RestoreError, Restored, restore};

use crate::alarm::{self, Alarm, Kind};
use crate::audit;
use crate::config::HallConfig;
use crate::db;
use crate::disk::{self, Bodies};
use crate::keys::KeyError;
use crate::server::{Core, stopped};
use crate::submissions::{Standing, standing};

/// Names of generations: `hall-<number>.sqlite`.
const PREFIX: &str = "hall-";
const SUFFIX: &str = ".sqlite";
/// A copy that was not read back yet.
const UNFINISHED: &str = "unfinished.part";
const LOCK_FILE: &str = "backup.lock";
const TURN_PAUSE: Duration = Duration::from_millis(50);
const FAILURE_PAUSE: Duration = Duration::from_secs(30);
/// Folder of the sealed chunks on the second medium.
pub(crate) const BODIES_FOLDER: &str = "bodies";

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
    #[error(
        "the second medium {} is not mounted: it stood on a disk of its own and now stands on that of the data; connect \
         and mount it", .0.display()
    )]
    NotMounted(PathBuf),
    #[error("the hall is stopping")]
    Stopped,
    #[error(transparent)]
    Key(#[from] KeyError),
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
        let mut delay = core.config.backup_delay();
        match run(&core).await {
            Ok(_) | Err(BackupError::NoMedium) => {}
            Err(error) => {
                tracing::error!(%error, "backup failed");
                // The medium may come back without anything new having come.
                core.backup_wanted.notify_one();
                delay = delay.max(FAILURE_PAUSE);
            }
        }
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = stopped(&mut stop) => return,
        }
    }
}

/// Whether the second copy lies on the same disk as the data: it would be lost with it.
pub(crate) fn on_one_disk(config: &HallConfig) -> bool {
    disks(config).is_some_and(|(data, second)| data == second)
}

/// Device numbers of the data folder and the second medium, where both are there.
fn disks(config: &HallConfig) -> Option<(u64, u64)> {
    let device = |folder: &Path| std::fs::metadata(folder).map(|meta| meta.dev()).ok();
    Some((device(&config.data)?, device(&config.second_medium()?)?))
}

/// A medium that once had a disk of its own and now shares that of the data is the empty place where it is mounted.
/// One that always shared it is as safe as it ever was, and so is another folder that the settings name now.
async fn mounted(core: &Core, folder: &Path) -> Result<(), BackupError> {
    let row = sqlx::query!("select second_apart from hall where id = 1").fetch_one(core.db.read()).await?;
    if on_one_disk(&core.config) && row.second_apart.as_deref() == Some(&*folder.to_string_lossy()) {
        return Err(BackupError::NotMounted(folder.to_owned()));
    }
    Ok(())
}

/// Remembers that the second medium has a disk of its own.
async fn note_apart(core: &Core, tx: &mut Transaction<'_, Sqlite>) -> Result<(), sqlx::Error> {
    let apart = disks(&core.config).is_some_and(|(data, second)| data != second);
    let Some(second) = core.config.second_medium().filter(|_| apart) else { return Ok(()) };
    let folder = second.to_string_lossy().into_owned();
    sqlx::query!("update hall set second_apart = ? where id = 1", folder).execute(&mut **tx).await?;
    Ok(())
}

/// One copy, verified; moves the watermark and returns it. A failure is recorded and raises an alarm.
pub(crate) async fn run(core: &Core) -> Result<u64, BackupError> {
    let without_copy = if core.config.backup.watermark_is_receipt { Some(newest_seq(core).await?) } else { None };
    let through = match (core.config.second_medium(), without_copy) {
        (None, Some(through)) => through,
        (None, None) => return Err(BackupError::NoMedium),
        (Some(folder), _) => match generation(core, &folder).await {
            Ok(through) => through.max(without_copy.unwrap_or(0)),
            Err(error) => {
                record_failure(core, &error).await?;
                return Err(error);
            }
        },
    };
    Ok(u64::try_from(through).unwrap_or(0))
}

/// A file gets its final name only after it was read back: every generation in the folder is a verified one.
async fn generation(core: &Core, folder: &Path) -> Result<i64, BackupError> {
    std::fs::create_dir_all(folder)?;
    mounted(core, folder).await?;
    let _turn = turn(folder).await?;
    // The wait may have been long.
    mounted(core, folder).await?;
    core.vault.claim(folder, &core.keys()).await?;
    let beside = folder.join(UNFINISHED);
    disk::remove(&beside)?;
    core.db.copy_to(&beside).await?;
    let written = File::open(&beside)?;
    tokio::task::spawn_blocking(move || written.sync_all()).await.map_err(|_| BackupError::Stopped)??;
    // From here on only the copy is asked: it must be able to stand alone.
    let copy = db::open_copy(&beside).await?;
    let checked = verify(core, &copy, folder).await;
    copy.close().await;
    let through = checked?;
    let file_name = next_name(folder)?;
    std::fs::rename(&beside, folder.join(&file_name))?;
    disk::sync_folder(folder)?;
    record(core, &file_name, through).await?;
    prune(core, folder).await?;
    Ok(through)
}

/// Removes the oldest copies of this hall; one of another hall that a person put beside them stays.
async fn prune(core: &Core, folder: &Path) -> io::Result<()> {
    let (hall_id, mut ours) = (core.hall_id.to_string(), Vec::new());
    for file in generations(folder)?.into_iter().rev() {
        if medium::hall_of(&file).await.is_none_or(|of| of == hall_id) {
            ours.push(file);
        }
    }
    ours.into_iter().skip(core.config.backup.generations).try_for_each(std::fs::remove_file)
}

/// One copy at a time, also beside a command line that makes one.
async fn turn(folder: &Path) -> io::Result<File> {
    let file = File::create(folder.join(LOCK_FILE))?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(TURN_PAUSE).await,
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Generations in a folder, oldest first. They are counted, not dated: a clock may be wrong.
fn generations(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| number_of(file).is_some());
    files.sort_by_key(|file| number_of(file));
    Ok(files)
}

fn next_name(folder: &Path) -> io::Result<String> {
    let newest = generations(folder)?.last().and_then(|file| number_of(file)).unwrap_or(0);
    Ok(format!("{PREFIX}{:08}{SUFFIX}", newest + 1))
}

fn number_of(file: &Path) -> Option<u64> {
    file.file_name()?.to_str()?.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.parse().ok()
}

/// Reads a copy back, brings its chunks along, and says up to which server_seq nothing is missing.
async fn verify(core: &Core, copy: &SqlitePool, folder: &Path) -> Result<i64, BackupError> {
    if !db::is_whole(copy).await? {
        return Err(BackupError::Damaged("integrity check".to_owned()));
    }
    let mut reader = copy.acquire().await?;
    if let Some(seq) = audit::first_break(&mut reader).await? {
        return Err(BackupError::Damaged(format!("audit entry {seq}")));
    }
    drop(reader);
    keep_escrow(core).await?;
    let second = Bodies::open(folder.join(BODIES_FOLDER))?;
    chunks::bring_documents(core, copy, &second).await?;
    chunks::whole_through(core, copy, &second).await
}

/// Without the keys of now the copy could not be opened.
async fn keep_escrow(core: &Core) -> Result<(), KeyError> {
    // Not between a key's way into the vault and into use.
    let _turn = core.rotating.lock().await;
    core.vault.keep_copies(&core.keys()).await
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
    note_apart(core, &mut tx).await?;
    alarm::settle(&mut tx, Kind::BackupFailed, "second medium", now).await?;
    settle_mended(&mut tx, now).await?;
    tx.commit().await
}

/// What is whole again, by its terminal or by another medium, asks nothing of a person any more.
async fn settle_mended(tx: &mut Transaction<'_, Sqlite>, now_ms: i64) -> Result<(), sqlx::Error> {
    let kind = Kind::BodyDamaged.key();
    let open = sqlx::query!("select subject from alarm where kind = ? and closed_ms is null", kind)
        .fetch_all(&mut **tx)
        .await?;
    for row in open {
        if matches!(standing(tx, &row.subject, None).await?, Standing::Received(_)) {
            alarm::settle(tx, Kind::BodyDamaged, &row.subject, now_ms).await?;
        }
    }
    Ok(())
}

async fn record_failure(core: &Core, error: &BackupError) -> Result<(), sqlx::Error> {
    let (at_ms, epoch, detail) = (core.clock.now_ms(), core.epoch.to_string(), error.to_string());
    let mut tx = core.db.begin().await?;
    sqlx::query!(
        "insert into backup_generation (file_name, hall_epoch, through_seq, made_ms, failure) values ('', ?, 0, ?, ?)",
        epoch,
        at_ms,
        detail
    )
    .execute(&mut *tx)
    .await?;
    alarm::raise(&mut tx, Alarm { kind: Kind::BackupFailed, subject: "second medium", detail: &detail, at_ms }).await?;
    tx.commit().await
}
