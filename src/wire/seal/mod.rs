//! Sealing a submission to the hall's key (protocol, section 2): HPKE (RFC 9180) base mode, DHKEM(X25519,
//! HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Sealed once, never again: every hash is over the sealed bytes.
//! The context is made early; `seal` then does only the AEAD's work. Nothing here reads a clock or a file.

mod cipher;
mod header;
mod open;
mod part0;
mod upload;

pub use header::{Clock, ClockQuality, Header, PartSize};
pub use open::{Opener, verify_envelope};
pub use part0::{Card, Consent, Part0, PartEntry, Sign};
pub use upload::{FileHead, FilePlace, FileSealer, SealedFile, open_file};

use crate::ids::{KeyId, Sha256};
use crate::signed::message;
use ed25519_dalek::{Signer as _, SigningKey};
use hpke::inout::InOutBuf;
use hpke::kem::{Kem as KemTrait, X25519HkdfSha256};
use hpke::{Deserializable as _, OpModeS, Serializable as _};
use sha2::Digest as _;
use zeroize::Zeroizing;

/// Suite 1.
pub const SUITE: u16 = 1;
/// Plaintext bytes of a full chunk; sealed it is 1 MiB.
pub const CHUNK_PLAIN: usize = 1_048_560;
/// Sealed bytes of a full chunk.
pub const CHUNK_SEALED: usize = CHUNK_PLAIN + TAG;
/// Bytes that the AEAD adds.
pub const TAG: usize = 16;
/// From here on a chunk is worth memory of its own made beforehand.
const LARGE: usize = 64 * 1024;
/// Bound to every context.
const INFO: &[u8] = b"yimen/submission/1";

type Kem = X25519HkdfSha256;
type Kdf = hpke::kdf::HkdfSha256;
type Aead = cipher::Aes256Gcm;

/// Why something cannot be sealed or opened. Says nothing of what is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key is no X25519 public or secret key.
    #[error("the sealing key is not usable")]
    Key,
    /// The AEAD refused: wrong key, changed bytes, wrong order.
    #[error("the envelope does not open")]
    Aead,
    /// The header is no header of suite 1.
    #[error("the header is not understood")]
    Header,
    /// Chunks are missing, too many, or of the wrong length.
    #[error("the parts do not fit the header")]
    Parts,
    /// The terminal's signature does not fit.
    #[error("the terminal's signature does not fit")]
    Signature,
}

/// One HPKE context, for one submission.
pub struct SealContext {
    key_id: KeyId,
    enc: Vec<u8>,
    context: hpke::aead::AeadCtxS<Aead, Kdf, Kem>,
    /// Memory for the first large chunk, which the machine has given already.
    room: Vec<u8>,
}

/// A sealed chunk.
pub struct Chunk {
    /// Part, from 0.
    pub part: u32,
    /// Index within the part, from 0.
    pub index: u32,
    /// Sealed bytes.
    pub bytes: Vec<u8>,
    /// Their hash.
    pub sha256: Sha256,
}

/// A submission that is sealed and not hashed yet: with a large page, hashing takes longer than sealing.
pub struct Unhashed {
    /// The header's exact bytes.
    pub header: Vec<u8>,
    /// All chunks, in order of part and index.
    pub chunks: Vec<UnhashedChunk>,
}

/// A sealed chunk of at most 1 MiB, not hashed yet.
#[derive(Clone)]
pub struct UnhashedChunk {
    /// Part, from 0.
    pub part: u32,
    /// Index within the part, from 0.
    pub index: u32,
    /// Sealed bytes.
    pub bytes: Vec<u8>,
}

/// A sealed submission.
pub struct Sealed {
    /// The header's exact bytes.
    pub header: Vec<u8>,
    /// All chunks, in order of part and index.
    pub chunks: Vec<Chunk>,
    /// What is signed and compared.
    pub body_sha256: Sha256,
}

impl SealContext {
    /// Does the key agreement with the hall's X25519 key, and asks the machine for the memory of one chunk.
    ///
    /// # Errors
    /// When the key is not usable.
    pub fn new(key_id: KeyId, public: &[u8; 32]) -> Result<Self, SealError> {
        let public = <Kem as KemTrait>::PublicKey::from_bytes(public).map_err(|_| SealError::Key)?;
        let (enc, context) =
            hpke::setup_sender::<Aead, Kdf, Kem>(&OpModeS::Base, &public, INFO).map_err(|_| SealError::Key)?;
        // Not zeros, which would only be promised until they are written.
        Ok(Self { key_id, enc: enc.to_bytes().to_vec(), context, room: vec![1; CHUNK_SEALED] })
    }

    /// The hall's key that it seals to.
    #[must_use]
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// Seals the parts (part 0 first) under this header; `enc`, `key_id` and `parts` of the header are filled in.
    ///
    /// # Errors
    /// When the AEAD fails or there are too many parts.
    pub fn seal(self, header: Header, parts: &[impl AsRef<[u8]>]) -> Result<Sealed, SealError> {
        Ok(self.seal_unhashed(header, parts)?.hashed())
    }

    /// As [`Self::seal`], for who hashes beside something else.
    ///
    /// # Errors
    /// When the AEAD fails or there are too many parts.
    pub fn seal_unhashed(mut self, mut header: Header, parts: &[impl AsRef<[u8]>]) -> Result<Unhashed, SealError> {
        header.suite = SUITE;
        header.key_id = self.key_id.clone();
        header.set_enc(&self.enc);
        header.parts = parts
            .iter()
            .map(|part| part.as_ref().len() as u64)
            .map(|bytes| PartSize { bytes, chunks: chunk_count(bytes) })
            .collect();
        let header = serde_json::to_vec(&header).map_err(|_| SealError::Header)?;
        let header_sha256 = Sha256::of(&header);
        let mut chunks = Vec::new();
        for (part, bytes) in parts.iter().enumerate() {
            let (part, bytes) = (u32::try_from(part).map_err(|_| SealError::Parts)?, bytes.as_ref());
            let last = chunk_count(bytes.len() as u64) - 1;
            for index in 0..=last {
                let from = index as usize * CHUNK_PLAIN;
                let plain = &bytes[from..bytes.len().min(from + CHUNK_PLAIN)];
                let sealed = self.seal_chunk(plain, &aad(&header_sha256, part, index, index == last))?;
                chunks.push(UnhashedChunk { part, index, bytes: sealed });
            }
        }
        Ok(Unhashed { header, chunks })
    }

    fn seal_chunk(&mut self, plain: &[u8], aad: &[u8]) -> Result<Vec<u8>, SealError> {
        let bytes = plain.len();
        let mut sealed = if bytes < LARGE { Vec::new() } else { std::mem::take(&mut self.room) };
        sealed.resize(bytes + TAG, 0);
        let (text, tag) = sealed.split_at_mut(bytes);
        let buffer = InOutBuf::new(plain, text).map_err(|_| SealError::Aead)?;
        self.context.seal_inout_detached(buffer, aad).map_err(|_| SealError::Aead)?.write_exact(tag);
        Ok(sealed)
    }
}

impl Unhashed {
    fn hashed(self) -> Sealed {
        let chunks = self.chunks.into_iter().map(|UnhashedChunk { part, index, bytes }| Chunk {
            part,
            index,
            sha256: Sha256::of(&bytes),
            bytes,
        });
        let chunks: Vec<Chunk> = chunks.collect();
        let body_sha256 = body_sha256(&self.header, chunks.iter().map(|chunk| &chunk.sha256));
        Sealed { header: self.header, chunks, body_sha256 }
    }
}

/// `SHA-256(u32 BE header length ‖ header ‖ chunk hashes in order)`.
pub fn body_sha256<'a>(header: &[u8], chunks: impl Iterator<Item = &'a Sha256>) -> Sha256 {
    let mut hash = sha2::Sha256::new();
    hash.update((header.len() as u32).to_be_bytes());
    hash.update(header);
    for chunk in chunks {
        hash.update(chunk.0);
    }
    Sha256(hash.finalize().into())
}

/// Signs an envelope's hash with the terminal's enrolment key.
#[must_use]
pub fn sign_envelope(body_sha256: &Sha256, key: &SigningKey) -> [u8; 64] {
    key.sign(&message("envelope", &body_sha256.0)).to_bytes()
}

/// Chunks of a part: an empty part is one empty chunk.
#[must_use]
pub fn chunk_count(bytes: u64) -> u32 {
    u32::try_from(chunks_of(bytes)).unwrap_or(u32::MAX)
}

fn chunks_of(bytes: u64) -> u64 {
    bytes.div_ceil(CHUNK_PLAIN as u64).max(1)
}

/// `SHA-256(header) ‖ part u32 BE ‖ chunk u32 BE ‖ last u8`.
fn aad(header: &Sha256, part: u32, chunk: u32, last: bool) -> [u8; 41] {
    let mut aad = [0; 41];
    aad[..32].copy_from_slice(&header.0);
    aad[32..36].copy_from_slice(&part.to_be_bytes());
    aad[36..40].copy_from_slice(&chunk.to_be_bytes());
    aad[40] = u8::from(last);
    aad
}

/// An X25519 pair for the hall (secret, public) from 32 random bytes.
#[must_use]
pub fn x25519_pair(random: &[u8; 32]) -> (Zeroizing<[u8; 32]>, [u8; 32]) {
    let (secret, public) = Kem::derive_keypair(random);
    let mut secret_bytes = Zeroizing::new([0; 32]);
    secret_bytes.copy_from_slice(&secret.to_bytes());
    let mut public_bytes = [0; 32];
    public_bytes.copy_from_slice(&public.to_bytes());
    (secret_bytes, public_bytes)
}

#[cfg(test)]
mod tests;
