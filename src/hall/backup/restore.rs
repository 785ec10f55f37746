//! A hall out of its second medium and the recovery key: keys from the escrow, the newest copy that reads back,
//! its chunks. It starts a new epoch, so that every terminal reconciles and sends again what is missing.
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::json;
use sqlx::{Sqlite, Transaction};
use zeroize::Zeroizing;

use super::{BODIES_FOLDER, generations, medium};
use crate::alarm::{self, Alarm, Kind};
use crate::audit;
use crate::config::HallConfig;
use crate::db::{self, Db};
use crate::disk::{self, Bodies};
use crate::keys::{self, ESCROW_FILE, HallKey, KEY_FILE, KeyError, KeyRing, RECOVERY_FILE, Secret};
use crate::server;

/// Numbers that a lost hall may have given after its last backup are skipped.
const SKIPPED_NUMBERS: i64 = 10_000;
/// The database until it is whole; SQLite's files beside it begin with the same name.
const UNFINISHED: &str = "restoring.sqlite";

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// The copy that was taken.
    pub generation: PathBuf,
    pub hall_epoch: String,
    /// Received submissions in it.
    pub submissions: u64,
    /// Chunks that the second medium does not hold; terminals that still have them send them again.
    pub missing_chunks: u64,
}

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error("the data folder {} already holds a hall; restore into an empty one", .0.display())]
    NotEmpty(PathBuf),
    #[error(
        "the data folder {} holds keys (keys.json) that the escrow lacks, or another hall's: move them to a safe place \
         and restore again", .0.display()
    )]
    OtherKeys(PathBuf),
    #[error("no copy of this hall's database in {} reads back", .0.display())]
    NoCopy(PathBuf),
    #[error("no second medium is configured (backup.second_medium)")]
    NoMedium,
    #[error("the recovery key {} cannot be read: 64 hex digits are expected", .0.display())]
    Recovery(PathBuf),
    #[error("restoring failed: {0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the restored database cannot be used: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Hall(Box<server::HallError>),
}

/// Restores into the configured data folder. `recovery` is the file with the recovery key's secret half.
pub async fn restore(config: &HallConfig, recovery: &Path) -> Result<Restored, RestoreError> {
    let second = config.second_medium().ok_or(RestoreError::NoMedium)?;
    let data = &config.data;
    if data.join(db::FILE_NAME).exists() {
        return Err(RestoreError::NotEmpty(data.clone()));
    }
    let text = fs::read_to_string(recovery).map_err(|_| RestoreError::Recovery(recovery.to_owned()))?;
    let secret = Secret::from_hex(text.trim()).ok_or_else(|| RestoreError::Recovery(recovery.to_owned()))?;
    let sealed = fs::read(second.join(ESCROW_FILE))?;
    let plain = keys::open_escrow(&secret, &sealed)?;
    // Parsed before anything is written: a wrong key must leave nothing behind.
    let ring = KeyRing::parse(&plain)?;
    let _lock = server::lock(data).map_err(|error| RestoreError::Hall(Box::new(error)))?;
    if !covers(&ring, data)? {
        return Err(RestoreError::OtherKeys(data.clone()));
    }
    let (generation, bytes) = newest_copy(&second, &ring.hall_id()?.to_string()).await?;
    disk::write(&data.join(KEY_FILE), &plain)?;
    disk::write(&data.join(ESCROW_FILE), &sealed)?;
    if config.demo.enabled {
        disk::write(&data.join(RECOVERY_FILE), secret.to_hex().as_bytes())?;
    }
    let unfinished = data.join(UNFINISHED);
    clear(data)?;
    disk::write(&unfinished, &bytes)?;
    let restored = begin_epoch(config, &second, &unfinished, generation).await?;
    // The name that a hall looks for comes last: a restore that was cut short can simply be done again.
    fs::rename(&unfinished, data.join(db::FILE_NAME))?;
    disk::sync_folder(data)?;
    Ok(restored)
}

/// Whether the escrow has all keys that the data folder still holds: those of a restore that was cut short, or what
/// is left where only the database was lost.
fn covers(escrow: &KeyRing, data: &Path) -> Result<bool, RestoreError> {
    let here = match fs::read(data.join(KEY_FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        read => KeyRing::parse(&Zeroizing::new(read?)),
    };
    // What is no key file any more has nothing to lose.
    let Ok(here) = here else { return Ok(true) };
    let known = |key: &HallKey| escrow.find(key.usage, &key.key_id).is_some();
    Ok(here.hall_id()? == escrow.hall_id()? && here.keys().iter().all(known))
}

/// Removes what a restore left that was cut short: SQLite would take the log of the last one for that of the new file.
fn clear(data: &Path) -> io::Result<()> {
    for left in ["", "-wal", "-shm", "-journal"] {
        disk::remove(&data.join(format!("{UNFINISHED}{left}")))?;
    }
    disk::sync_folder(data)
}

async fn begin_epoch(
    config: &HallConfig,
    second: &Path,
    file: &Path,
    generation: PathBuf,
) -> Result<Restored, RestoreError> {
    let db = Db::open(file, None).await?;
    let (epoch, now) = (server::new_epoch()?, config.clock.now_ms());
    let mut tx = db.begin().await?;
    sqlx::query!(
        "update hall set hall_epoch = ?, safe_through = 0, list_seq = list_seq + 1,
            next_server_seq = next_server_seq + ?2, next_case_serial = next_case_serial + ?2 where id = 1",
        epoch,
        SKIPPED_NUMBERS
    )
    .execute(&mut *tx)
    .await?;
    publish_again(&mut tx, now).await?;
    sqlx::query!("delete from console_session").execute(&mut *tx).await?;
    // What terminals said of old keys before the loss does not hold for what they send again.
    sqlx::query!("delete from key_report").execute(&mut *tx).await?;
    let fields = json!({ "epoch": epoch });
    audit::write(&mut tx, audit::Entry { actor: "hall", event: "hall.restored", fields, at_ms: now }).await?;
    tx.commit().await?;
    let missing_chunks = copy_chunks(&db, (second, &config.data), now).await?;
    let row = sqlx::query!("select count(*) as \"count!: i64\" from submission where received_ms is not null")
        .fetch_one(db.read())
        .await?;
    db.empty_log().await?;
    db.close().await;
    Ok(Restored { generation, hall_epoch: epoch, submissions: row.count.unsigned_abs(), missing_chunks })
}

/// The content once more, behind the numbers that may have been given: terminals never go back to a lower one.
async fn publish_again(tx: &mut Transaction<'_, Sqlite>, now_ms: i64) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into content (content_seq, content_version, sha256, body, published_ms)
         select content_seq + ?, content_version, sha256, body, ? from content order by content_seq desc limit 1",
        SKIPPED_NUMBERS,
        now_ms
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn copy_chunks(db: &Db, (second, data): (&Path, &Path), now_ms: i64) -> Result<u64, RestoreError> {
    let there = Bodies::open(second.join(BODIES_FOLDER))?;
    let here = Bodies::open(data.join(server::BODIES_FOLDER))?;
    let chunks = sqlx::query!(
        "select sha256 as \"sha256!\" from chunk where present = 1 union select sealed_sha256 from issued_document"
    )
    .fetch_all(db.read())
    .await?;
    let mut missing = Vec::new();
    for row in chunks {
        match there.get(&row.sha256) {
            Ok(bytes) => here.put(&row.sha256, &bytes)?,
            Err(error) => missing.push((row.sha256, error.to_string())),
        }
    }
    let mut tx = db.begin().await?;
    for (sha256, detail) in &missing {
        note_missing(&mut tx, sha256, (detail, now_ms)).await?;
    }
    tx.commit().await?;
    Ok(missing.len() as u64)
}

/// Wanted again, and said for all that lack it: what was received or issued, not what was still on its way.
async fn note_missing(
    tx: &mut Transaction<'_, Sqlite>,
    sha256: &[u8],
    (detail, at_ms): (&str, i64),
) -> Result<(), sqlx::Error> {
    sqlx::query!("update chunk set present = 0 where sha256 = ?", sha256).execute(&mut **tx).await?;
    let subjects = sqlx::query_scalar!(
        "select distinct s.submission_id as \"subject!\" from chunk c join submission s on s.submission_id = c.submission_id
         where c.sha256 = ?1 and s.received_ms is not null
         union select document_id from issued_document where sealed_sha256 = ?1",
        sha256
    )
    .fetch_all(&mut **tx)
    .await?;
    for subject in &subjects {
        alarm::raise_unless_open(tx, Alarm { kind: Kind::BodyDamaged, subject, detail, at_ms }).await?;
    }
    Ok(())
}

/// The newest generation of this hall that reads back whole; an older one if the newest is damaged.
async fn newest_copy(second: &Path, hall_id: &str) -> Result<(PathBuf, Vec<u8>), RestoreError> {
    let files = generations(second)?;
    for file in files.into_iter().rev() {
        if medium::hall_of(&file).await.as_deref() == Some(hall_id) && reads_back(&file).await {
            let bytes = fs::read(&file)?;
            return Ok((file, bytes));
        }
    }
    Err(RestoreError::NoCopy(second.to_owned()))
}

async fn reads_back(file: &Path) -> bool {
    let Ok(copy) = db::open_copy(file).await else { return false };
    let whole = db::is_whole(&copy).await;
    copy.close().await;
    matches!(whole, Ok(true))
}
