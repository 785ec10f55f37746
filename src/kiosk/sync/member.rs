//! The terminal as a member of its hall: typed ids, what it pins and its key, read out of the store and checked
//! again there. Sealing and sync both begin here. Which signed things of the hall hold is decided here, once.

use super::certificate::{self, CertificateError};
use super::link_error::LinkError;
use super::tls::{ClientIdentity, Trust, client_config};
use crate::store::{self, KeyState, SignedKeyList, Store, StoreError};
use ed25519_dalek::{SigningKey, VerifyingKey};
use rustls::ClientConfig;
use std::sync::Arc;
use wire::ids::{HallEpoch, HallId, InstallationId, KeyId, Sha256, SubmissionId, TerminalNo};
use wire::signed::{HallKey, KeyList, KeyUse, Kind, Manifest, Receipt, SUITE, SafeThrough, Signed, TimeAnswer};
use zeroize::Zeroizing;

/// An enrolled terminal and its hall.
#[derive(Clone)]
pub struct Member {
    /// The hall, pinned.
    pub hall_id: HallId,
    /// The epoch that was reconciled last.
    pub hall_epoch: HallEpoch,
    /// `HOST:PORT`.
    pub address: String,
    /// The hall's authority, DER, pinned.
    pub authority: Vec<u8>,
    /// The hall's root key, pinned.
    pub root_key: VerifyingKey,
    /// The hall's keys.
    pub keys: KeyList,
    /// The terminal's place.
    pub terminal_no: TerminalNo,
    /// Its data folder.
    pub installation_id: InstallationId,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    has_previous_key: bool,
    private_key: Zeroizing<Vec<u8>>,
}

/// Why the store does not make a member.
#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something in it is not what it was when it was stored.
    #[error("the stored enrolment cannot be used: enrol this terminal again")]
    Damaged,
}

/// What a receipt must be about.
pub struct Sent<'a> {
    /// The submission.
    pub submission_id: &'a SubmissionId,
    /// Its number.
    pub number: &'a str,
    /// Its count.
    pub kiosk_seq: u64,
    /// Hash of what was sent.
    pub body_sha256: &'a Sha256,
}

impl Member {
    /// The terminal as it is enrolled; `None` before enrolment.
    ///
    /// # Errors
    /// When the store cannot be read, or what it holds of the hall is damaged.
    pub async fn load(store: &Store) -> Result<Option<Self>, MemberError> {
        let identity = store.identity().await?;
        let (Some(hall), Some(terminal_no)) = (identity.hall, identity.terminal_no) else { return Ok(None) };
        let mut keys = store.keys().await?.into_iter();
        let Some(current) = keys.find(|key| key.state == KeyState::Current) else { return Ok(None) };
        let certificate = current.certificate.ok_or(MemberError::Damaged)?;
        let has_previous_key = keys.next().is_some();
        let root_key = root_key(&hall.root_key).ok_or(MemberError::Damaged)?;
        let list = Signed::<KeyList>::from_parts(&hall.key_list.body, &hall.key_list.signature);
        Ok(Some(Self {
            hall_id: parsed(&hall.hall_id)?,
            hall_epoch: parsed(&hall.hall_epoch)?,
            address: hall.address,
            authority: hall.ca,
            keys: list.verify(&root_key).map_err(|_| MemberError::Damaged)?,
            root_key,
            terminal_no: parsed(&terminal_no)?,
            installation_id: parsed(&identity.installation_id)?,
            certificate,
            has_previous_key,
            private_key: current.private_key,
        }))
    }

    /// The key that signs envelopes.
    ///
    /// # Errors
    /// When it is no such key.
    pub fn signing_key(&self) -> Result<SigningKey, CertificateError> {
        certificate::signing_key(&self.private_key)
    }

    /// The hall's key to seal to: the newest, however old.
    #[must_use]
    pub fn sealing_key(&self) -> Option<&HallKey> {
        self.keys.newest(KeyUse::Sealing)
    }

    /// How to speak TLS with the hall.
    ///
    /// # Errors
    /// When certificate or key cannot be used.
    pub fn tls(&self) -> Result<Arc<ClientConfig>, CertificateError> {
        let identity = ClientIdentity { certificate: &self.certificate, private_key: &self.private_key };
        client_config(Trust::Pinned(self.authority.clone()), Some(&identity)).map_err(|_| CertificateError)
    }

    /// Whether a key before the current one is still there.
    #[must_use]
    pub fn has_previous_key(&self) -> bool {
        self.has_previous_key
    }

    /// The receipt, if our hall signed it and it is about what was sent.
    ///
    /// # Errors
    /// [`LinkError::NotBelieved`] otherwise.
    pub fn receipt(&self, signed: &Signed<Receipt>, sent: &Sent<'_>) -> Result<Receipt, LinkError> {
        let receipt = self.believed(signed, KeyUse::Receipt, |receipt: &Receipt| &receipt.key_id)?;
        // The number holds the place of then: the terminal may have got another since.
        let fits = receipt.suite == SUITE
            && receipt.hall_id == self.hall_id
            && receipt.number.large_group().starts_with(receipt.terminal_no.as_str())
            && receipt.installation_id == self.installation_id
            && receipt.submission_id == *sent.submission_id
            && receipt.number.as_str() == sent.number
            && receipt.kiosk_seq == sent.kiosk_seq
            && receipt.body_sha256 == *sent.body_sha256;
        if fits { Ok(receipt) } else { Err(LinkError::NotBelieved) }
    }

    /// The watermark, if our hall signed it.
    ///
    /// # Errors
    /// [`LinkError::NotBelieved`] otherwise.
    pub fn safe_through(&self, signed: &Signed<SafeThrough>) -> Result<SafeThrough, LinkError> {
        let safe = self.believed(signed, KeyUse::Watermark, |safe: &SafeThrough| &safe.key_id)?;
        if safe.hall_id == self.hall_id { Ok(safe) } else { Err(LinkError::NotBelieved) }
    }

    /// The hall's time, if it answers this nonce.
    ///
    /// # Errors
    /// [`LinkError::NotBelieved`] otherwise.
    pub fn time(&self, signed: &Signed<TimeAnswer>, nonce: &str) -> Result<TimeAnswer, LinkError> {
        let answer = self.believed(signed, KeyUse::Time, |answer: &TimeAnswer| &answer.key_id)?;
        if answer.hall_id == self.hall_id && answer.nonce == nonce { Ok(answer) } else { Err(LinkError::NotBelieved) }
    }

    /// What the hall publishes, if it signed it.
    ///
    /// # Errors
    /// [`LinkError::NotBelieved`] otherwise.
    pub fn manifest(&self, signed: &Signed<Manifest>) -> Result<Manifest, LinkError> {
        let manifest = self.believed(signed, KeyUse::Content, |manifest: &Manifest| &manifest.key_id)?;
        if manifest.hall_id == self.hall_id { Ok(manifest) } else { Err(LinkError::NotBelieved) }
    }

    /// A list of the hall's keys, if its root signed it and it is news: a higher `list_seq`, or any of another
    /// epoch. `None` if it is not news.
    ///
    /// # Errors
    /// [`LinkError::NotBelieved`] if it was not signed by the pinned root.
    pub fn newer_keys(&self, signed: &Signed<KeyList>) -> Result<Option<NewKeys>, LinkError> {
        let list = signed.verify(&self.root_key).map_err(|_| LinkError::NotBelieved)?;
        if list.hall_id != self.hall_id {
            return Err(LinkError::NotBelieved);
        }
        let of_new_epoch = list.hall_epoch != self.keys.hall_epoch;
        if !of_new_epoch && list.list_seq <= self.keys.list_seq {
            return Ok(None);
        }
        let (body, signature) = signed.parts().map_err(|_| LinkError::NotBelieved)?;
        let stored = SignedKeyList { list_seq: list.list_seq, body, signature };
        Ok(Some(NewKeys { list, stored, of_new_epoch }))
    }

    fn believed<T: Kind>(
        &self,
        signed: &Signed<T>,
        usage: KeyUse,
        key_id: impl Fn(&T) -> &KeyId,
    ) -> Result<T, LinkError> {
        let claimed = signed.unverified().map_err(|_| LinkError::NotBelieved)?;
        let key = self.keys.verifying(usage, key_id(&claimed)).ok_or(LinkError::NotBelieved)?;
        signed.verify(&key).map_err(|_| LinkError::NotBelieved)
    }
}

/// A list of keys that is news.
pub struct NewKeys {
    /// Verified.
    pub list: KeyList,
    /// For the store.
    pub stored: SignedKeyList,
    /// It may count from lower again.
    pub of_new_epoch: bool,
}

/// A verified receipt, for the store.
///
/// # Errors
/// When it is not base64, which a verified one is.
pub fn for_store(receipt: &Receipt, signed: &Signed<Receipt>) -> Result<store::Receipt, LinkError> {
    let (body, signature) = signed.parts().map_err(|_| LinkError::NotBelieved)?;
    Ok(store::Receipt { hall_epoch: receipt.hall_epoch.to_string(), server_seq: receipt.server_seq, body, signature })
}

pub(super) fn root_key(bytes: &[u8]) -> Option<VerifyingKey> {
    VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()
}

fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, MemberError> {
    text.parse().map_err(|_| MemberError::Damaged)
}
