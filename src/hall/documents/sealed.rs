//! A document at rest: HPKE (RFC 9180) to the hall's sealing key, bound to the document's id. Opened in memory only.
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use wire::signed::KeyUse;
use zeroize::Zeroizing;

use crate::keys::{KeyError, KeyRing};

const INFO: &[u8] = b"yimen/document/1";

/// A sealed document.
pub(super) struct Sealed {
    pub(super) key_id: String,
    pub(super) enc: Vec<u8>,
    pub(super) body: Vec<u8>,
}

/// Seals to the newest key.
pub(super) fn seal(keys: &KeyRing, document_id: &str, plain: &[u8]) -> Result<Sealed, KeyError> {
    let key = keys.newest(KeyUse::Sealing)?;
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&key.public()?).map_err(|_| KeyError::Contents)?;
    let (enc, body) = hpke::single_shot_seal::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        INFO,
        plain,
        document_id.as_bytes(),
    )
    .map_err(|_| KeyError::Contents)?;
    Ok(Sealed { key_id: key.key_id.clone(), enc: enc.to_bytes().to_vec(), body })
}

/// `None` when the key is gone or the bytes are not what was sealed.
pub(super) fn open(keys: &KeyRing, document_id: &str, sealed: &Sealed) -> Option<Zeroizing<Vec<u8>>> {
    let key = keys.find(KeyUse::Sealing, &sealed.key_id)?;
    let secret = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(key.secret()).ok()?;
    let enc = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&sealed.enc).ok()?;
    hpke::single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret,
        &enc,
        INFO,
        &sealed.body,
        document_id.as_bytes(),
    )
    .ok()
    .map(Zeroizing::new)
}
