//! Sealing a file from a phone to a terminal session's X25519 key: the suite of submissions, streamed, so that the
//! hall holds one plain chunk at a time. `enc (32) ‖ u32 BE length of the sealed head ‖ sealed head ‖ chunks`.
//! The head (JSON) carries name and media type; chunks hold [`CHUNK_PLAIN`] bytes each but the last, which may be empty.

use super::{Aead, CHUNK_PLAIN, CHUNK_SEALED, Kdf, Kem, KemTrait, SealError};
use crate::ids::UploadId;
use hpke::{Deserializable as _, OpModeR, OpModeS, Serializable as _};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

const INFO: &[u8] = b"yimen/upload/1";
const ENC: usize = 32;
/// A file name and a media type; nothing longer comes from a browser.
const HEAD_PLAIN_MAX: usize = 4096;

/// What a phone says of its file. Neither is believed: the type is found in the content.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, zeroize::Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct FileHead {
    /// File name without folders; may be empty.
    pub name: String,
    /// Media type as the phone names it; may be empty.
    pub media: String,
}

/// Which file of which session: bound to every chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilePlace {
    /// The session.
    pub upload_id: UploadId,
    /// From 1.
    pub file_no: u32,
}

/// Seals one file as it arrives.
pub struct FileSealer {
    context: hpke::aead::AeadCtxS<Aead, Kdf, Kem>,
    place: FilePlace,
    plain: Zeroizing<Vec<u8>>,
    index: u32,
    bytes: u64,
    sealed: Vec<Vec<u8>>,
}

/// A sealed file.
pub struct SealedFile {
    /// Plaintext bytes.
    pub bytes: u64,
    /// Sealed pieces; put together they are the file's sealed form.
    pub pieces: Vec<Vec<u8>>,
}

impl FileSealer {
    /// Agrees on a key with the session's public one.
    ///
    /// # Errors
    /// When the key is not usable or the head is too long.
    pub fn new(public: &[u8; 32], place: FilePlace, head: &FileHead) -> Result<Self, SealError> {
        let public = <Kem as KemTrait>::PublicKey::from_bytes(public).map_err(|_| SealError::Key)?;
        let (enc, mut context) =
            hpke::setup_sender::<Aead, Kdf, Kem>(&OpModeS::Base, &public, INFO).map_err(|_| SealError::Key)?;
        let head = Zeroizing::new(serde_json::to_vec(head).map_err(|_| SealError::Header)?);
        if head.len() > HEAD_PLAIN_MAX {
            return Err(SealError::Header);
        }
        let sealed_head = context.seal(&head, &aad(place, 0, false)).map_err(|_| SealError::Aead)?;
        let mut first = enc.to_bytes().to_vec();
        first.extend_from_slice(&(sealed_head.len() as u32).to_be_bytes());
        first.extend_from_slice(&sealed_head);
        let plain = Zeroizing::new(Vec::with_capacity(CHUNK_PLAIN));
        Ok(Self { context, place, plain, index: 1, bytes: 0, sealed: vec![first] })
    }

    /// Takes the next bytes; returns how many sealed bytes the file has by now.
    ///
    /// # Errors
    /// When the AEAD fails.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), SealError> {
        self.bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            // A full chunk waits for the byte after it: only then it is known not to be the last.
            if self.plain.len() == CHUNK_PLAIN {
                self.seal_chunk(false)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK_PLAIN - self.plain.len()));
            self.plain.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When the AEAD fails.
    pub fn finish(mut self) -> Result<SealedFile, SealError> {
        self.seal_chunk(true)?;
        Ok(SealedFile { bytes: self.bytes, pieces: std::mem::take(&mut self.sealed) })
    }

    fn seal_chunk(&mut self, last: bool) -> Result<(), SealError> {
        let aad = aad(self.place, self.index, last);
        let sealed = self.context.seal(&self.plain, &aad).map_err(|_| SealError::Aead)?;
        self.sealed.push(sealed);
        // The buffer is used again: its bytes must not outlive their chunk beyond the next one's length.
        self.plain.as_mut_slice().zeroize();
        self.plain.clear();
        self.index += 1;
        Ok(())
    }
}

impl SealedFile {
    /// Sealed bytes of all pieces.
    #[must_use]
    pub fn sealed_bytes(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.len() as u64).sum()
    }
}

/// Opens a sealed file with the session's secret key.
///
/// # Errors
/// When it was cut, changed, or sealed for another session, file or key.
pub fn open_file(
    secret: &[u8; 32],
    place: FilePlace,
    sealed: &[u8],
) -> Result<(FileHead, Zeroizing<Vec<u8>>), SealError> {
    let secret = <Kem as KemTrait>::PrivateKey::from_bytes(secret).map_err(|_| SealError::Key)?;
    let (enc, rest) = sealed.split_at_checked(ENC).ok_or(SealError::Parts)?;
    let (length, rest) = rest.split_first_chunk::<4>().ok_or(SealError::Parts)?;
    let (head, mut rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or(SealError::Parts)?;
    let enc = <Kem as KemTrait>::EncappedKey::from_bytes(enc).map_err(|_| SealError::Header)?;
    let mut context =
        hpke::setup_receiver::<Aead, Kdf, Kem>(&OpModeR::Base, &secret, &enc, INFO).map_err(|_| SealError::Aead)?;
    let head = Zeroizing::new(context.open(head, &aad(place, 0, false)).map_err(|_| SealError::Aead)?);
    let head = serde_json::from_slice(&head).map_err(|_| SealError::Header)?;
    let mut plain = Zeroizing::new(Vec::with_capacity(rest.len()));
    let mut index = 1;
    loop {
        let (chunk, later) = rest.split_at(rest.len().min(CHUNK_SEALED));
        let last = later.is_empty();
        let opened = Zeroizing::new(context.open(chunk, &aad(place, index, last)).map_err(|_| SealError::Aead)?);
        plain.extend_from_slice(&opened);
        if last {
            return Ok((head, plain));
        }
        (rest, index) = (later, index + 1);
    }
}

/// `upload_id (16) ‖ file_no u32 BE ‖ chunk u32 BE (0 is the head) ‖ last u8`.
fn aad(place: FilePlace, chunk: u32, last: bool) -> [u8; 25] {
    let mut aad = [0; 25];
    aad[..16].copy_from_slice(place.upload_id.0.as_bytes());
    aad[16..20].copy_from_slice(&place.file_no.to_be_bytes());
    aad[20..24].copy_from_slice(&chunk.to_be_bytes());
    aad[24] = u8::from(last);
    aad
}

#[cfg(test)]
mod tests {
    use super::super::x25519_pair;
    use super::*;

    fn place(file_no: u32) -> FilePlace {
        FilePlace { upload_id: "0190f000-0000-4000-8000-000000000001".parse().unwrap(), file_no }
    }

    fn sealed(bytes: &[u8], step: usize) -> ([u8; 32], Vec<u8>) {
        let (secret, public) = x25519_pair(&[7; 32]);
        let head = FileHead { name: "照片.jpg".into(), media: "image/jpeg".into() };
        let mut sealer = FileSealer::new(&public, place(1), &head).unwrap();
        for piece in bytes.chunks(step) {
            sealer.push(piece).unwrap();
        }
        let file = sealer.finish().unwrap();
        assert_eq!(file.bytes, bytes.len() as u64);
        (*secret, file.pieces.concat())
    }

    #[test]
    fn a_file_of_any_length_comes_back_whole() {
        for length in [0, 1, CHUNK_PLAIN - 1, CHUNK_PLAIN, CHUNK_PLAIN + 1, 2 * CHUNK_PLAIN] {
            let bytes: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            let (secret, sealed) = sealed(&bytes, 65_537);
            let (head, plain) = open_file(&secret, place(1), &sealed).unwrap();
            assert_eq!((head.name.as_str(), plain.as_slice() == bytes.as_slice()), ("照片.jpg", true), "{length}");
        }
    }

    #[test]
    fn a_cut_or_changed_file_and_another_place_do_not_open() {
        let (secret, sealed) = sealed(&vec![5; CHUNK_PLAIN + 9], 4096);
        // Cut exactly between two chunks: only `last` tells.
        let cut = &sealed[..sealed.len() - 9 - super::super::TAG];
        assert!(open_file(&secret, place(1), cut).is_err());
        assert!(open_file(&secret, place(2), &sealed).is_err());
        assert!(open_file(&[9; 32], place(1), &sealed).is_err());
        for at in [0, 33, 40, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open_file(&secret, place(1), &changed).is_err(), "{at}");
        }
        for length in 0..64 {
            assert!(open_file(&secret, place(1), &sealed[..length]).is_err());
        }
    }
}
