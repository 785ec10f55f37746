//! Opening an envelope at the hall, chunk by chunk in strict order, and checking the terminal's signature.

use super::{Aead, Header, INFO, Kdf, Kem, KemTrait, SealError, aad};
use crate::ids::Sha256;
use crate::signed::message;
use ed25519_dalek::{Signature, VerifyingKey};
use hpke::{Deserializable as _, OpModeR};
use zeroize::Zeroizing;

/// Opens the chunks of one envelope, first to last.
pub struct Opener {
    header_sha256: Sha256,
    header: Header,
    context: hpke::aead::AeadCtxR<Aead, Kdf, Kem>,
    part: u32,
    index: u32,
}

impl Opener {
    /// For an envelope with these exact header bytes.
    ///
    /// # Errors
    /// When the header is not understood or the key is no X25519 secret key.
    pub fn new(secret: &[u8; 32], header_bytes: &[u8]) -> Result<Self, SealError> {
        let header = Header::parse(header_bytes)?;
        let secret = <Kem as KemTrait>::PrivateKey::from_bytes(secret).map_err(|_| SealError::Key)?;
        let enc = <Kem as KemTrait>::EncappedKey::from_bytes(&header.enc_bytes()?).map_err(|_| SealError::Header)?;
        let context =
            hpke::setup_receiver::<Aead, Kdf, Kem>(&OpModeR::Base, &secret, &enc, INFO).map_err(|_| SealError::Aead)?;
        Ok(Self { header_sha256: Sha256::of(header_bytes), header, context, part: 0, index: 0 })
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Opens the next chunk in order.
    ///
    /// # Errors
    /// When there is none left, it has the wrong length, or it does not open.
    pub fn chunk(&mut self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let wanted = self.header.sealed_len(self.part, self.index).ok_or(SealError::Parts)?;
        let size = self.header.parts.get(self.part as usize).ok_or(SealError::Parts)?;
        if sealed.len() != wanted {
            return Err(SealError::Parts);
        }
        let last = self.index + 1 == size.chunks;
        let aad = aad(&self.header_sha256, self.part, self.index, last);
        let plain = self.context.open(sealed, &aad).map_err(|_| SealError::Aead)?;
        (self.part, self.index) = if last { (self.part + 1, 0) } else { (self.part, self.index + 1) };
        Ok(Zeroizing::new(plain))
    }

    /// Opens all chunks; the parts, part 0 first.
    ///
    /// # Errors
    /// When a chunk is missing, too many, of the wrong length or does not open.
    pub fn all<'c>(mut self, chunks: impl Iterator<Item = &'c [u8]>) -> Result<Vec<Zeroizing<Vec<u8>>>, SealError> {
        let mut parts: Vec<Zeroizing<Vec<u8>>> = Vec::new();
        for sealed in chunks {
            let part = self.part as usize;
            let plain = self.chunk(sealed)?;
            if part == parts.len() {
                parts.push(plain);
            } else if let Some(open) = parts.last_mut() {
                open.extend_from_slice(&plain);
            }
        }
        if self.part as usize == self.header.parts.len() { Ok(parts) } else { Err(SealError::Parts) }
    }
}

/// Checks the terminal's signature over an envelope's hash.
///
/// # Errors
/// When the key or the signature does not fit.
pub fn verify_envelope(body_sha256: &Sha256, signature: &[u8], public: &[u8; 32]) -> Result<(), SealError> {
    let key = VerifyingKey::from_bytes(public).map_err(|_| SealError::Signature)?;
    let signature = Signature::from_slice(signature).map_err(|_| SealError::Signature)?;
    key.verify_strict(&message("envelope", &body_sha256.0), &signature).map_err(|_| SealError::Signature)
}
