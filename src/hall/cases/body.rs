//! Opening a sealed body in memory, chunk by chunk. What it yields is a citizen's data: overwritten when dropped,
//! never logged. Nothing of it is written anywhere.
use std::fmt;

use wire::seal::{Opener, Part0, SealError};
use wire::signed::KeyUse;
use zeroize::Zeroizing;

use crate::disk::Bodies;
use crate::keys::KeyRing;
use crate::submissions::Envelope;

/// An opened submission.
pub struct Opened {
    pub part0: Part0,
    /// Parts 1…: attachments and the signature.
    pub attachments: Vec<Zeroizing<Vec<u8>>>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Opened({} attachments)", self.attachments.len())
    }
}

/// Why a body does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The chunk with this hash is gone or damaged.
    #[error("a stored chunk cannot be read")]
    Chunk(Vec<u8>),
    #[error("the hall does not hold the sealing key")]
    Key,
    #[error(transparent)]
    Sealed(#[from] SealError),
    #[error("the opened part 0 is not understood")]
    Contents,
}

/// Opens all parts of a stored envelope.
pub(crate) fn open_body(bodies: &Bodies, keys: &KeyRing, envelope: &Envelope) -> Result<Opened, OpenError> {
    let key = keys.find(KeyUse::Sealing, &envelope.key_id).ok_or(OpenError::Key)?;
    let mut opener = Opener::new(key.secret(), &envelope.header)?;
    let mut parts = Vec::with_capacity(envelope.parts.len());
    for chunks in &envelope.parts {
        let mut plain = Zeroizing::new(Vec::new());
        for sha256 in chunks {
            let sealed = bodies.get_mended(sha256).map_err(|_| OpenError::Chunk(sha256.to_vec()))?;
            plain.extend_from_slice(&opener.chunk(&sealed)?);
        }
        parts.push(plain);
    }
    if parts.len() != opener.header().parts.len() || parts.is_empty() {
        return Err(SealError::Parts.into());
    }
    let first = parts.remove(0);
    let part0 = serde_json::from_slice(&first).map_err(|_| OpenError::Contents)?;
    Ok(Opened { part0, attachments: parts })
}
