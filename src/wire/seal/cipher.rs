//! AES-256-GCM (RFC 9180, section 7.3) for HPKE by ring, which this program holds for TLS: with a megabyte it takes a
//! fifth of the time that `hpke`'s own choice takes. Only the glue between the two crates; ring does not overwrite
//! its keys, so that is done here.

use aead::consts::{U12, U16, U32};
use aead::{AeadCore, AeadInOut, Key, KeyInit, KeySizeUser, Nonce, Tag, TagPosition, inout::InOutBuf};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, UnboundKey};
use std::mem::MaybeUninit;

/// The AEAD of suite 1.
pub struct Aes256Gcm;

impl hpke::aead::Aead for Aes256Gcm {
    type AeadImpl = RingKey;
    const AEAD_ID: u16 = 0x0002;
}

/// A key with its schedule, overwritten when dropped; none would be one that ring refuses, which it does with no key
/// of the right length.
pub struct RingKey(Box<MaybeUninit<Option<LessSafeKey>>>);

impl RingKey {
    fn of(key: Option<LessSafeKey>) -> Self {
        Self(Box::new(MaybeUninit::new(key)))
    }

    fn get(&self) -> Option<&LessSafeKey> {
        // SAFETY: written in `of`, and overwritten only by `drop`.
        unsafe { self.0.assume_init_ref() }.as_ref()
    }

    fn key(&self) -> aead::Result<&LessSafeKey> {
        self.get().ok_or(aead::Error)
    }
}

impl Drop for RingKey {
    fn drop(&mut self) {
        const { assert!(!std::mem::needs_drop::<Option<LessSafeKey>>()) };
        // SAFETY: the bytes are ours alone, any bytes are a `MaybeUninit`, and what was in them has nothing to drop.
        unsafe { zeroize::zeroize_flat_type(&raw mut *self.0) };
    }
}

impl Clone for RingKey {
    fn clone(&self) -> Self {
        Self::of(self.get().cloned())
    }
}

impl KeySizeUser for RingKey {
    type KeySize = U32;
}

impl KeyInit for RingKey {
    fn new(key: &Key<Self>) -> Self {
        Self::of(UnboundKey::new(&AES_256_GCM, key).ok().map(LessSafeKey::new))
    }
}

impl AeadCore for RingKey {
    type NonceSize = U12;
    type TagSize = U16;
    const TAG_POSITION: TagPosition = TagPosition::Postfix;
}

impl AeadInOut for RingKey {
    fn encrypt_inout_detached(
        &self,
        nonce: &Nonce<Self>,
        aad: &[u8],
        buffer: InOutBuf<'_, '_, u8>,
    ) -> aead::Result<Tag<Self>> {
        let text = buffer.into_out_with_copied_in();
        let nonce = ring::aead::Nonce::assume_unique_for_key((*nonce).into());
        let tag = self.key()?.seal_in_place_separate_tag(nonce, Aad::from(aad), text).map_err(|_| aead::Error)?;
        Tag::<Self>::try_from(tag.as_ref()).map_err(|_| aead::Error)
    }

    fn decrypt_inout_detached(
        &self,
        nonce: &Nonce<Self>,
        aad: &[u8],
        buffer: InOutBuf<'_, '_, u8>,
        tag: &Tag<Self>,
    ) -> aead::Result<()> {
        let text = buffer.into_out_with_copied_in();
        let nonce = ring::aead::Nonce::assume_unique_for_key((*nonce).into());
        let tag = ring::aead::Tag::try_from(tag.as_slice()).map_err(|_| aead::Error)?;
        let opened = self.key()?.open_in_place_separate_tag(nonce, Aad::from(aad), tag, text, 0..);
        opened.map(|_| ()).map_err(|_| aead::Error)
    }
}
