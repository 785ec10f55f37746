//! What the hall signs (protocol, section 3): receipts, the watermark `safe_through`, time answers and the list
//! of its keys. Each travels as base64 of its exact JSON bytes and an ed25519 signature over
//! `"yimen/<kind>/1\0" ‖ bytes`, so that one kind can never be taken for another.

use crate::ids::{HallEpoch, HallId, InstallationId, KeyId, Sha256, SubmissionId, TerminalNo};
use crate::number::SubmissionNumber;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

/// Signature suite of this version.
pub const SUITE: u16 = 1;

/// A kind of signed thing.
pub trait Kind: Serialize + DeserializeOwned {
    /// Domain separation.
    const DOMAIN: &'static str;
}

/// Signed bytes of a `T`. Nothing of it can be read before [`Signed::verify`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed<T> {
    /// Base64 of the exact bytes.
    pub body: String,
    /// Base64 of the signature.
    pub sig: String,
    #[serde(skip)]
    kind: PhantomData<T>,
}

/// Why a signed thing is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignedError {
    /// Not base64, or not of the right length.
    #[error("the signed bytes are damaged")]
    Encoding,
    /// Not signed by this key.
    #[error("the signature does not fit")]
    Signature,
    /// Signed, but not what it should be.
    #[error("the signed bytes are not understood")]
    Contents,
}

impl<T: Kind> Signed<T> {
    /// Signs a thing.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which a thing of this protocol always can.
    pub fn sign(thing: &T, key: &SigningKey) -> Result<Self, SignedError> {
        let bytes = serde_json::to_vec(thing).map_err(|_| SignedError::Contents)?;
        let signature = key.sign(&message(T::DOMAIN, &bytes));
        Ok(Self::from_parts(&bytes, &signature.to_bytes()))
    }

    /// From stored bytes and signature.
    #[must_use]
    pub fn from_parts(body: &[u8], sig: &[u8]) -> Self {
        Self { body: STANDARD.encode(body), sig: STANDARD.encode(sig), kind: PhantomData }
    }

    /// The exact bytes and the signature, for storing. Not verified.
    ///
    /// # Errors
    /// When they are not base64.
    pub fn parts(&self) -> Result<(Vec<u8>, Vec<u8>), SignedError> {
        let decode = |text: &str| STANDARD.decode(text).map_err(|_| SignedError::Encoding);
        Ok((decode(&self.body)?, decode(&self.sig)?))
    }

    /// The thing, if this key signed it.
    ///
    /// # Errors
    /// When it is damaged or was not signed by this key.
    pub fn verify(&self, key: &VerifyingKey) -> Result<T, SignedError> {
        let (body, sig) = self.parts()?;
        let sig = Signature::from_slice(&sig).map_err(|_| SignedError::Encoding)?;
        key.verify_strict(&message(T::DOMAIN, &body), &sig).map_err(|_| SignedError::Signature)?;
        serde_json::from_slice(&body).map_err(|_| SignedError::Contents)
    }

    /// What it says of itself, unbelieved: to learn which key to verify with.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn unverified(&self) -> Result<T, SignedError> {
        serde_json::from_slice(&self.parts()?.0).map_err(|_| SignedError::Contents)
    }
}

/// `"yimen/<kind>/1\0" ‖ bytes`.
#[must_use]
pub fn message(domain: &str, bytes: &[u8]) -> Vec<u8> {
    let mut message = format!("yimen/{domain}/1\0").into_bytes();
    message.extend_from_slice(bytes);
    message
}

/// The hall has the submission: the only success of sending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Suite.
    pub suite: u16,
    /// The hall.
    pub hall_id: HallId,
    /// Its epoch.
    pub hall_epoch: HallEpoch,
    /// The terminal's place.
    pub terminal_no: TerminalNo,
    /// Its data folder.
    pub installation_id: InstallationId,
    /// Its count.
    pub kiosk_seq: u64,
    /// The submission.
    pub submission_id: SubmissionId,
    /// Its number.
    pub number: SubmissionNumber,
    /// Hash of what was received.
    pub body_sha256: Sha256,
    /// The hall's count, given in the finishing transaction.
    pub server_seq: u64,
    /// When the hall first had it, ms since 1970.
    pub received_at_ms: i64,
    /// Key that signs it.
    pub key_id: KeyId,
}

/// Up to which `server_seq` verified copies exist on a second medium.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SafeThrough {
    /// The hall.
    pub hall_id: HallId,
    /// The epoch in which it counts.
    pub hall_epoch: HallEpoch,
    /// The greatest safe one; 0 is none.
    pub server_seq: u64,
    /// Key that signs it.
    pub key_id: KeyId,
}

/// The hall's time, in answer to a fresh nonce.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeAnswer {
    /// The hall.
    pub hall_id: HallId,
    /// The nonce, as asked.
    pub nonce: String,
    /// Ms since 1970.
    pub now_ms: i64,
    /// Key that signs it.
    pub key_id: KeyId,
}

/// The hall's keys, signed by its root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyList {
    /// The hall.
    pub hall_id: HallId,
    /// The epoch in which `list_seq` counts.
    pub hall_epoch: HallEpoch,
    /// Rises with every change; a lower one in the same epoch is ignored.
    pub list_seq: u64,
    /// Oldest first.
    pub keys: Vec<HallKey>,
}

/// One of the hall's keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HallKey {
    /// Name.
    pub key_id: KeyId,
    /// What for.
    #[serde(rename = "use")]
    pub usage: KeyUse,
    /// Public half: X25519 for sealing, ed25519 otherwise; hex.
    pub public: Sha256Hex,
    /// Advice: a terminal that knows no newer key goes on with this one.
    pub not_after_ms: i64,
}

/// 32 public bytes, as hex.
pub type Sha256Hex = Sha256;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyUse {
    /// Sealing submissions.
    Sealing,
    /// Signing receipts.
    Receipt,
    /// Signing `safe_through`.
    Watermark,
    /// Signing time answers.
    Time,
    /// Signing content manifests.
    Content,
}

impl KeyList {
    /// The newest key for a use.
    #[must_use]
    pub fn newest(&self, usage: KeyUse) -> Option<&HallKey> {
        self.keys.iter().rev().find(|key| key.usage == usage)
    }

    /// The verifying key of that name and use.
    #[must_use]
    pub fn verifying(&self, usage: KeyUse, key_id: &KeyId) -> Option<VerifyingKey> {
        let key = self.keys.iter().find(|key| key.usage == usage && key.key_id == *key_id)?;
        VerifyingKey::from_bytes(&key.public.0).ok()
    }
}

impl Kind for Receipt {
    const DOMAIN: &'static str = "receipt";
}

impl Kind for SafeThrough {
    const DOMAIN: &'static str = "safe";
}

impl Kind for TimeAnswer {
    const DOMAIN: &'static str = "time";
}

impl Kind for KeyList {
    const DOMAIN: &'static str = "keys";
}

/// What the hall shows: one catalogue, by hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The hall.
    pub hall_id: HallId,
    /// Rises with every publication; a lower one is ignored.
    pub content_seq: u64,
    /// The catalogue's version.
    pub content_version: String,
    /// Hash of the catalogue's bytes.
    pub catalogue: Sha256,
    /// Their length.
    pub bytes: u64,
    /// When it was published.
    pub published_at_ms: i64,
    /// Key that signs it.
    pub key_id: KeyId,
}

impl Kind for Manifest {
    const DOMAIN: &'static str = "manifest";
}

#[cfg(test)]
mod tests;
