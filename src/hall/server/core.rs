//! What all requests share: database, keys, CA, sealed bodies, published content, clock.
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::{Mutex, Notify, Semaphore, watch};
use wire::ids::{HallEpoch, HallId};
use wire::signed::KeyUse;

use crate::clock::{Clock, is_ahead};
use crate::config::{HallConfig, with_port};
use crate::content::Contents;
use crate::db::Db;
use crate::disk::Bodies;
use crate::documents::Pickups;
use crate::keys::{KeyError, KeyRing, Vault};
use crate::limits::{Rate, Tries};
use crate::public::Face;
use crate::quota::Quota;
use crate::records::RecordSource;
use crate::terminals::Slots;
use crate::tls::{Authority, LeafSource};
use crate::uploads::Uploads;

/// Pages ask again every 20 s; one that does not is closed or asleep.
const LISTENING_MS: i64 = 45_000;

/// The running hall, as its request handlers see it.
pub(crate) struct Core {
    pub(crate) config: HallConfig,
    /// Where the terminals' listener really is.
    pub(crate) terminals_at: SocketAddr,
    /// The public pages, if the settings have them on.
    pub(crate) public: Option<Face>,
    pub(crate) clock: Clock,
    pub(crate) db: Db,
    pub(crate) hall_id: HallId,
    /// Changes only by a restore, which happens while the hall is down.
    pub(crate) epoch: HallEpoch,
    pub(crate) authority: Arc<Authority>,
    pub(crate) leaf: Arc<LeafSource>,
    pub(crate) bodies: Bodies,
    pub(crate) contents: Contents,
    pub(crate) slots: Slots,
    pub(crate) vault: Vault,
    pub(super) keys: RwLock<Arc<KeyRing>>,
    /// One change of the keys at a time.
    pub(crate) rotating: Mutex<()>,
    /// Rings when a staff call was opened, answered or closed.
    pub(crate) calls_changed: watch::Sender<u64>,
    /// When a page for calls last asked for changes.
    pub(crate) staff_listened_ms: AtomicI64,
    /// Rings when something came that no second copy holds yet.
    pub(crate) backup_wanted: Notify,
    /// Requests of each phone.
    pub(crate) public_rate: Rate,
    /// Files from phones that wait for their terminal.
    pub(crate) uploads: Arc<Uploads>,
    /// Tickets for documents to pick up.
    pub(crate) pickups: Pickups,
    /// Today's free pages.
    pub(crate) quota: Quota,
    /// The departments' registers, where the hall has any.
    pub(crate) records: Option<Arc<dyn RecordSource>>,
    /// Wrong tries at query codes and the like.
    pub(crate) tries: Tries,
    /// Argon2 takes much memory: two at once.
    pub(crate) password_turns: Semaphore,
}

impl Core {
    /// The private keys as they are now.
    pub(crate) fn keys(&self) -> Arc<KeyRing> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds a key of a use: escrow and copies first, then the list that terminals are told.
    pub(crate) async fn rotate(&self, usage: KeyUse) -> Result<String, RotateError> {
        // Two at once would each save a file without the other's key.
        let _turn = self.rotating.lock().await;
        let now = self.clock.now_ms();
        let ring = self.keys().with_new_key(usage, now)?;
        self.vault.save(&ring).await?;
        let key_id = ring.newest(usage)?.key_id.clone();
        crate::keys::publish(&self.db, &ring, now).await?;
        self.replace_keys(ring);
        Ok(key_id)
    }

    /// From now on these are the keys; they are in the vault already.
    pub(crate) fn replace_keys(&self, ring: KeyRing) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }

    /// Somebody has a page open that rings when a call comes.
    pub(crate) fn staff_listens(&self) -> bool {
        let last = self.staff_listened_ms.load(Ordering::Relaxed);
        let now = self.clock.now_ms();
        now.saturating_sub(last) < LISTENING_MS && !is_ahead(last, now)
    }

    /// Where terminals reach the hall, as a code's picture says it.
    pub(crate) fn terminal_address(&self) -> String {
        match self.config.terminals.advertise.as_str() {
            "" => self.terminals_at.to_string(),
            host => with_port(host, self.terminals_at.port()),
        }
    }

    /// Where phones reach the hall, while they can.
    pub(crate) fn public_url(&self) -> Option<&str> {
        self.public.as_ref().and_then(Face::url)
    }

    pub(crate) fn console_is_tls(&self) -> bool {
        !self.config.console.listen.ip().is_loopback()
    }
}

/// Why a key could not be added.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the database refused the new key: {0}")]
    Database(#[from] sqlx::Error),
}
