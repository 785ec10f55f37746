//! Brings a data folder to the point where a hall can work on it: folder, lock, keys, database, first rows, content.
use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, RwLock};

use tokio::sync::{Mutex, Notify, Semaphore, watch};
use wire::ids::HallEpoch;

use super::HallError;
use super::core::Core;
use crate::config::HallConfig;
use crate::content::Contents;
use crate::db::{self, Db};
use crate::disk::{self, Bodies, Machine};
use crate::documents::Pickups;
use crate::keys::{self, KeyError, KeyRing, Vault};
use crate::limits::{Rate, Tries};
use crate::public::{Face, REQUESTS_BURST, REQUESTS_PER_SECOND};
use crate::quota::Quota;
use crate::records::{DemoRecords, RecordSource};
use crate::terminals::Slots;
use crate::tls::LeafSource;
use crate::uploads::Uploads;
use crate::{audit, backup, console};

/// Only a demo keeps its accounts' password.
pub(crate) const DEMO_PASSWORD_FILE: &str = "console-password";

const DEMO_GUIDE: &str = "guide";
const DEMO_STAFF_CARD: &str = "S001";
const LOCK_FILE: &str = "lock";
/// Folder of the sealed chunks.
pub(crate) const BODIES_FOLDER: &str = "bodies";

/// Keeps a second hall out of the data folder for as long as the file lives.
pub(crate) fn lock(data: &Path) -> Result<File, HallError> {
    let failed = |source| HallError::Folder { path: data.to_owned(), source };
    // Keys and sealed bodies are nobody else's business.
    DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(failed)?;
    let file = File::create(data.join(LOCK_FILE)).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(HallError::InUse(data.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Where the listeners are.
#[derive(Clone, Copy)]
pub(crate) struct Addresses {
    pub(crate) terminals: SocketAddr,
    pub(crate) public: Option<SocketAddr>,
}

/// Everything but the listeners.
pub(crate) async fn prepare(config: HallConfig, at: Addresses) -> Result<Core, HallError> {
    let data = config.data.clone();
    let failed = |source| HallError::Folder { path: data.clone(), source };
    let clock = config.clock.clone();
    let file = data.join(db::FILE_NAME);
    let in_use = has_keys(&data);
    whole(&config, &file, in_use)?;
    let vault = Vault::open(&config)?;
    let ring = KeyRing::open(&vault, clock.now_ms()).await?;
    let authority = Arc::new(ring.authority()?);
    let db = Db::open(&file, config.seam.vfs.as_deref()).await.map_err(|e| HallError::from(e).with_database(&file))?;
    if !in_use {
        first_row(&db, &ring).await?;
        vault.begin()?;
    }
    let epoch = epoch_of(&db, &ring, &data).await?;
    keys::publish(&db, &ring, clock.now_ms()).await?;
    let names = vec![config.terminals.advertise.clone(), config.terminals.listen.ip().to_string()];
    let contents = Contents::open(&db, &config).await?;
    let core = Core {
        hall_id: ring.hall_id()?,
        epoch,
        leaf: LeafSource::new(Arc::clone(&authority), names, clock.clone())?,
        authority,
        bodies: bodies(&config).map_err(failed)?,
        records: registers(&config, &contents),
        contents,
        slots: Slots::new(config.uploads.begin_per_second),
        vault,
        keys: RwLock::new(Arc::new(ring)),
        rotating: Mutex::new(()),
        calls_changed: watch::Sender::new(0),
        staff_listened_ms: AtomicI64::new(i64::MIN / 2),
        backup_wanted: Notify::new(),
        password_turns: Semaphore::new(2),
        terminals_at: at.terminals,
        public: at.public.map(|at| Face::new(&config.public, at)),
        public_rate: Rate::new(REQUESTS_BURST, REQUESTS_PER_SECOND),
        uploads: Arc::new(Uploads::new(config.public.upload_memory_mib.saturating_mul(1 << 20))),
        pickups: Pickups::default(),
        quota: Quota::default(),
        tries: Tries::default(),
        db,
        clock,
        config,
    };
    if core.config.demo.enabled {
        demo_accounts(&core).await?;
    }
    Ok(core)
}

/// The folder of the sealed chunks, on whatever file system.
fn bodies(config: &HallConfig) -> io::Result<Bodies> {
    let files = config.seam.files.clone().unwrap_or_else(|| Arc::new(Machine));
    let copies = config.second_medium().map(|second| second.join(backup::BODIES_FOLDER));
    Ok(Bodies::open_on(files, config.data.join(BODIES_FOLDER))?.with_copies(copies))
}

/// The registers of a demo; a real hall's departments bring their own sources.
fn registers(config: &HallConfig, contents: &Contents) -> Option<Arc<dyn RecordSource>> {
    let demo = DemoRecords::of(contents.current()).filter(|_| config.demo.enabled)?;
    Some(Arc::new(demo))
}

/// A random epoch, as drawn at the first start and at each restore.
pub(crate) fn new_epoch() -> Result<String, KeyError> {
    Ok(keys::random_uuid()?.to_string())
}

/// Whether a data folder is a hall's, which has keys from its first start on.
pub(crate) fn has_keys(data: &Path) -> bool {
    data.join(keys::KEY_FILE).exists()
}

/// Keys and database are there together or not at all: an empty database under old keys, or new keys beside an old
/// database, would be taken for the hall, and its copies would let the good ones go.
fn whole(config: &HallConfig, file: &Path, in_use: bool) -> Result<(), HallError> {
    // Another file system under the database has its own names.
    if config.seam.vfs.is_some() {
        return Ok(());
    }
    match (in_use, file.exists()) {
        (true, false) => Err(HallError::NoDatabase(config.data.clone())),
        (false, true) if !keys::first_start(&config.data) => Err(HallError::NoKeys(config.data.clone())),
        _ => Ok(()),
    }
}

/// A new hall's row; there already where its first start was cut short.
async fn first_row(db: &Db, ring: &KeyRing) -> Result<(), HallError> {
    let hall_id = ring.hall_id()?.to_string();
    let fresh = new_epoch()?;
    let mut tx = db.begin().await?;
    sqlx::query!(
        "insert into hall (id, hall_id, hall_epoch, next_server_seq, next_case_serial, list_seq, safe_through)
         values (1, ?, ?, 1, 1, 0, 0) on conflict do nothing",
        hall_id,
        fresh
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

async fn epoch_of(db: &Db, ring: &KeyRing, data: &Path) -> Result<HallEpoch, HallError> {
    let row = sqlx::query!("select hall_id, hall_epoch from hall where id = 1").fetch_optional(db.read()).await?;
    let row = row.ok_or_else(|| HallError::NoDatabase(data.to_owned()))?;
    if row.hall_id != ring.hall_id()?.to_string() {
        return Err(HallError::Mixed);
    }
    row.hall_epoch.parse().map_err(|_| HallError::Mixed)
}

/// One account of each kind of work, all with one password that lies beside the data: a demo, and said so in red.
async fn demo_accounts(core: &Core) -> Result<(), HallError> {
    let file = core.config.data.join(DEMO_PASSWORD_FILE);
    if file.exists() {
        return Ok(());
    }
    let password = console::random_password().map_err(KeyError::from)?;
    let hash = console::hash_password(&password).map_err(|_| KeyError::Contents)?;
    let mut accounts = vec![
        ("admin".to_owned(), "演示管理员".to_owned(), console::Role::Administrator, None),
        (DEMO_GUIDE.to_owned(), "演示导服".to_owned(), console::Role::Guide, None),
    ];
    for (dept_id, name) in core.contents.departments_with_items() {
        accounts.push((format!("clerk-{dept_id}"), format!("{name}演示人员"), console::Role::Clerk, Some(dept_id)));
    }
    let mut tx = core.db.begin().await?;
    for (login, name, role, dept_id) in accounts {
        // The card that the demo's dock holds to the reader.
        let staff_no = Some(DEMO_STAFF_CARD.to_owned()).filter(|_| login == DEMO_GUIDE);
        let account = console::NewAccount { login, name, role, dept_id, staff_no, password_hash: hash.clone() };
        // A restored demo has its accounts, but not the file with their password.
        if !console::create_account(&mut tx, &account).await? {
            console::set_password(&mut tx, &account.login, &account.password_hash).await?;
        }
    }
    let entry = audit::Entry {
        actor: "hall",
        event: "account.demo",
        fields: serde_json::json!({}),
        at_ms: core.clock.now_ms(),
    };
    audit::write(&mut tx, entry).await?;
    tx.commit().await?;
    disk::write(&file, password.as_bytes()).map_err(|source| HallError::Folder { path: file.clone(), source })
}
