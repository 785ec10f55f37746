//! Keyed hashes of what was given out, and codes that follow from an id in the same way: without the key file nobody
//! who holds the database can work them out.
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use wire::crockford;

use super::KeyRing;

impl KeyRing {
    /// Keyed hash of a text; the label keeps what is made for one purpose from serving another.
    pub(crate) fn keyed(&self, label: &[u8], text: &str) -> Option<[u8; 32]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.query_code_key()).ok()?;
        mac.update(label);
        mac.update(&[0]);
        mac.update(text.as_bytes());
        Some(mac.finalize().into_bytes().into())
    }

    /// A code of so many plain characters, 12 at most, that follows from a text.
    pub(crate) fn code(&self, label: &[u8], text: &str, chars: usize) -> Option<String> {
        let bits = self.keyed(label, text)?;
        let bits = u64::from_be_bytes(bits.first_chunk::<8>().copied()?);
        crockford::plain(&crockford::grouped(bits, u32::try_from(chars).ok()?), chars)
    }
}
