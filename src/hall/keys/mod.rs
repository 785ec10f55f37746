//! The hall's private keys: root, CA, sealing, receipt, watermark, time and the keys of the keyed hashes.
//! One file in the data folder, its escrow (sealed to the recovery key) beside it and on the second medium;
//! both are written and read back before a key is used first. Keys of old rotations stay: old envelopes must open.
//! New keys are made only in a new folder beside a second medium that holds nothing of a hall.
mod escrow;
mod keyed;
mod publish;
pub(crate) mod retire;
mod secret;

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wire::ids::{HallId, KeyId};
use wire::signed::KeyUse;
use zeroize::{Zeroize as _, Zeroizing};

pub(crate) use escrow::{open as open_escrow, public_of, x25519_pair};
pub(crate) use publish::publish;
pub(crate) use secret::{Secret, hex, unhex};

use crate::backup::medium;
use crate::config::HallConfig;
use crate::disk;
use crate::tls::Authority;

/// File names in the data folder and on the second medium.
pub(crate) const KEY_FILE: &str = "keys.json";
pub(crate) const ESCROW_FILE: &str = "keys.escrow";
/// Keys of a first start that is not done: no hall works with them yet.
const FIRST_FILE: &str = "keys.first";
/// Secret half of the recovery key; only a demo has it here.
pub(crate) const RECOVERY_FILE: &str = "recovery";

/// Only a key added meanwhile, from another process, makes a second try necessary.
const ESCROW_TRIES: usize = 3;

const KEY_LIFE_MS: i64 = 365 * 24 * 3600 * 1000;

/// All uses, in the order in which a new hall makes its keys.
const USES: [KeyUse; 5] = [KeyUse::Sealing, KeyUse::Receipt, KeyUse::Watermark, KeyUse::Time, KeyUse::Content];

/// The word for a use in key names and in the database.
pub(crate) fn word(usage: KeyUse) -> &'static str {
    match usage {
        KeyUse::Sealing => "sealing",
        KeyUse::Receipt => "receipt",
        KeyUse::Watermark => "watermark",
        KeyUse::Time => "time",
        KeyUse::Content => "content",
    }
}

/// One private key of the list.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct HallKey {
    pub(crate) key_id: String,
    #[serde(rename = "use")]
    pub(crate) usage: KeyUse,
    secret: Secret,
    pub(crate) created_ms: i64,
    pub(crate) not_after_ms: i64,
}

impl HallKey {
    fn new(usage: KeyUse, now_ms: i64) -> Result<Self, KeyError> {
        let secret = match usage {
            KeyUse::Sealing => x25519_pair()?.0,
            _ => Secret::random()?,
        };
        let mut key =
            Self { key_id: String::new(), usage, secret, created_ms: now_ms, not_after_ms: now_ms + KEY_LIFE_MS };
        // Named by its public half, so that two halls or two rotations never share a name.
        let public = key.public()?;
        key.key_id = format!("{}-{}", word(usage), hex(public.get(..6).unwrap_or_default()));
        Ok(key)
    }

    /// The public half, 32 bytes.
    pub(crate) fn public(&self) -> Result<[u8; 32], KeyError> {
        match self.usage {
            KeyUse::Sealing => public_of(&self.secret),
            _ => Ok(self.signing().verifying_key().to_bytes()),
        }
    }

    pub(crate) fn id(&self) -> Result<KeyId, KeyError> {
        KeyId::from_str(&self.key_id).map_err(|_| KeyError::Contents)
    }

    pub(crate) fn signing(&self) -> SigningKey {
        SigningKey::from_bytes(self.secret.bytes())
    }

    pub(crate) fn secret(&self) -> &[u8; 32] {
        self.secret.bytes()
    }
}

/// All private keys of one hall.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeyRing {
    hall_id: String,
    root: Secret,
    ca_key: String,
    ca_cert: String,
    keys: Vec<HallKey>,
    id_number: Secret,
    query_code: Secret,
}

impl Drop for KeyRing {
    fn drop(&mut self) {
        self.ca_key.zeroize();
    }
}

/// Where the key file and its copies lie.
#[derive(Clone)]
pub(crate) struct Vault {
    data: PathBuf,
    second: Option<PathBuf>,
    recovery_public: [u8; 32],
}

/// Why the hall's keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the key file or its escrow cannot be written or read: {0}")]
    Io(#[from] io::Error),
    #[error("the machine gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    #[error("the key file is damaged; restore it with the recovery key")]
    Contents,
    #[error("the recovery key is not usable: 64 hex digits, made by `hall recovery-key`")]
    Recovery,
    #[error("the escrow does not open with this recovery key")]
    Escrow,
    #[error(
        "keys.recovery_public is not set: make a recovery key with `hall recovery-key` and keep its secret half off this machine"
    )]
    NoRecovery,
    #[error(
        "the data folder is new, but the second medium {} holds the copies of a hall: bring that hall back with \
         `hall restore --recovery FILE`, or give the new one another second medium (backup.second_medium); nothing on \
         it was changed", .0.display()
    )]
    Lost(PathBuf),
    #[error(
        "the second medium {} holds the copies of another hall: connect this hall's own, or choose another \
         (backup.second_medium); nothing on it was changed", .0.display()
    )]
    Foreign(PathBuf),
    #[error("a certificate cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
}

impl KeyRing {
    /// Reads the keys of a data folder; at the first start makes them and puts them in escrow. They come into use with
    /// [`Vault::begin`]; a first start that was cut short before goes on with the same ones.
    pub(crate) async fn open(vault: &Vault, now_ms: i64) -> Result<Self, KeyError> {
        for name in [KEY_FILE, FIRST_FILE] {
            match std::fs::read(vault.data.join(name)) {
                Ok(bytes) => {
                    let ring = Self::parse(&Zeroizing::new(bytes))?;
                    vault.keep_copies(&ring).await?;
                    return Ok(ring);
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        // The escrow there may be the last copy of the keys of a hall whose disk was lost.
        if let Some(second) = &vault.second
            && medium::is_taken(second)?
        {
            return Err(KeyError::Lost(second.clone()));
        }
        let ring = Self::generate(now_ms)?;
        disk::write(&vault.data.join(FIRST_FILE), &ring.to_json()?)?;
        vault.write_escrow(&ring).await?;
        Ok(ring)
    }

    /// Keys out of a file's or an escrow's plain bytes.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, KeyError> {
        serde_json::from_slice(bytes).map_err(|_| KeyError::Contents)
    }

    pub(crate) fn hall_id(&self) -> Result<HallId, KeyError> {
        HallId::from_str(&self.hall_id).map_err(|_| KeyError::Contents)
    }

    pub(crate) fn root(&self) -> SigningKey {
        SigningKey::from_bytes(self.root.bytes())
    }

    pub(crate) fn authority(&self) -> Result<Authority, KeyError> {
        let decode = |text: &str| BASE64.decode(text).map_err(|_| KeyError::Contents);
        Authority::new(&Zeroizing::new(decode(&self.ca_key)?), decode(&self.ca_cert)?, &self.hall_id)
    }

    /// All keys of the list, oldest first.
    pub(crate) fn keys(&self) -> &[HallKey] {
        &self.keys
    }

    /// The key that signs or seals now.
    pub(crate) fn newest(&self, usage: KeyUse) -> Result<&HallKey, KeyError> {
        self.keys.iter().rev().find(|key| key.usage == usage).ok_or(KeyError::Contents)
    }

    /// A key of any rotation.
    pub(crate) fn find(&self, usage: KeyUse, key_id: &str) -> Option<&HallKey> {
        self.keys.iter().find(|key| key.usage == usage && key.key_id == key_id)
    }

    /// The same keys but this one.
    fn without(&self, key_id: &str) -> Self {
        let mut ring = self.clone();
        ring.keys.retain(|key| key.key_id != key_id);
        ring
    }

    /// Key of the keyed hash of id numbers.
    pub(crate) fn id_number_key(&self) -> &[u8; 32] {
        self.id_number.bytes()
    }

    /// Key of the keyed hash of query codes.
    pub(crate) fn query_code_key(&self) -> &[u8; 32] {
        self.query_code.bytes()
    }

    /// This ring with one more key of a use; nothing is saved yet.
    pub(crate) fn with_new_key(&self, usage: KeyUse, now_ms: i64) -> Result<Self, KeyError> {
        let mut ring = self.clone();
        ring.keys.push(HallKey::new(usage, now_ms)?);
        Ok(ring)
    }

    fn generate(now_ms: i64) -> Result<Self, KeyError> {
        let hall_id = random_uuid()?.to_string();
        let (ca_key, ca_cert) = Authority::generate(&hall_id)?;
        let mut keys = Vec::with_capacity(USES.len());
        for usage in USES {
            keys.push(HallKey::new(usage, now_ms)?);
        }
        Ok(Self {
            hall_id,
            root: Secret::random()?,
            ca_key: BASE64.encode(ca_key.as_slice()),
            ca_cert: BASE64.encode(ca_cert),
            keys,
            id_number: Secret::random()?,
            query_code: Secret::random()?,
        })
    }

    fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        serde_json::to_vec(self).map(Zeroizing::new).map_err(|_| KeyError::Contents)
    }
}

impl Vault {
    /// The vault of a data folder; a demo without a recovery key makes one and keeps it there.
    pub(crate) fn open(config: &HallConfig) -> Result<Self, KeyError> {
        let recovery_public = if config.keys.recovery_public.is_empty() {
            demo_recovery(config)?
        } else {
            let mut public = [0; 32];
            if !unhex(&config.keys.recovery_public, &mut public) {
                return Err(KeyError::Recovery);
            }
            public
        };
        Ok(Self { data: config.data.clone(), second: config.second_medium(), recovery_public })
    }

    /// From now on the keys of a first start are those of a hall that has its database.
    pub(crate) fn begin(&self) -> Result<(), KeyError> {
        match std::fs::rename(self.data.join(FIRST_FILE), self.data.join(KEY_FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            begun => Ok(begun.and_then(|()| disk::sync_folder(&self.data))?),
        }
    }

    /// Writes the key file, its escrow and the copy on the second medium; each is read back.
    /// The escrow goes first: a key must never be in use that only this disk holds.
    pub(crate) async fn save(&self, ring: &KeyRing) -> Result<(), KeyError> {
        self.write_escrow(ring).await?;
        disk::replace(&self.data.join(KEY_FILE), &ring.to_json()?)?;
        Ok(())
    }

    /// Brings the escrow's copies up to date: a second medium may be new, or come back with an escrow of before a key
    /// was added or destroyed. One of another hall is left as it is.
    pub(crate) async fn keep_copies(&self, ring: &KeyRing) -> Result<(), KeyError> {
        let here = self.data.join(ESCROW_FILE);
        if !here.exists() {
            return self.write_escrow(ring).await;
        }
        let Some(folder) = &self.second else { return Ok(()) };
        self.claim(folder, ring).await?;
        let there = folder.join(ESCROW_FILE);
        for _ in 0..ESCROW_TRIES {
            // Both are read anew: nothing older may be left in the place of what came meanwhile.
            let sealed = std::fs::read(&here)?;
            if std::fs::read(&there).is_ok_and(|copy| copy == sealed) {
                return Ok(());
            }
            disk::replace(&there, &sealed)?;
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "the escrow on the second medium does not stay as written")
            .into())
    }

    /// Whoever writes to the second medium asks first whether it is this hall's.
    pub(crate) async fn claim(&self, second: &Path, ring: &KeyRing) -> Result<(), KeyError> {
        std::fs::create_dir_all(second)?;
        let escrow = std::fs::read(self.data.join(ESCROW_FILE)).ok();
        if medium::claim(second, &ring.hall_id, escrow.as_deref()).await? {
            Ok(())
        } else {
            Err(KeyError::Foreign(second.to_owned()))
        }
    }

    async fn write_escrow(&self, ring: &KeyRing) -> Result<(), KeyError> {
        if let Some(second) = &self.second {
            self.claim(second, ring).await?;
        }
        let sealed = escrow::seal(&self.recovery_public, &ring.to_json()?)?;
        for folder in [Some(&self.data), self.second.as_ref()].into_iter().flatten() {
            disk::replace(&folder.join(ESCROW_FILE), &sealed)?;
        }
        Ok(())
    }
}

/// A random id, as a hall and each of its epochs have one.
pub(crate) fn random_uuid() -> Result<Uuid, KeyError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// Whether a first start began in a folder and was cut short.
pub(crate) fn first_start(data: &Path) -> bool {
    data.join(FIRST_FILE).exists()
}

/// The recovery secret that a folder holds; a demo's does, and the console says so in red.
pub(crate) fn recovery_on_disk(data: &Path) -> bool {
    data.join(RECOVERY_FILE).exists()
}

fn demo_recovery(config: &HallConfig) -> Result<[u8; 32], KeyError> {
    if !config.demo.enabled {
        return Err(KeyError::NoRecovery);
    }
    let path = config.data.join(RECOVERY_FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => public_of(&Secret::from_hex(text.trim()).ok_or(KeyError::Recovery)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let (secret, public) = x25519_pair()?;
            disk::write(&path, Zeroizing::new(secret.to_hex()).as_bytes())?;
            Ok(public)
        }
        Err(error) => Err(error.into()),
    }
}
