//! A submission as it comes to the store: sealed, and hashed and signed only on the way into the database, since
//! hashing a large page takes as long as writing it.

use wire::ids::Sha256;
use wire::seal::{Header, SealError, Sealed, Unhashed, UnhashedChunk, body_sha256};

use super::SealedRecovery;

/// A sealed submission: all that is ever written of it.
pub struct SealedSubmission {
    /// 提交编号.
    pub number: String,
    pub item_id: String,
    /// The hall's sealing key.
    pub key_id: String,
    pub submitted_at_ms: i64,
    /// Exact bytes of the header.
    pub header: Vec<u8>,
    /// In order of part and index.
    pub chunks: Vec<UnhashedChunk>,
    pub signing: Signing,
    /// For a crash before the slip; none where no card was read.
    pub recovery: Option<SealedRecovery>,
}

/// The terminal's signature over the body's hash: there already, or to be made when all is hashed.
pub enum Signing {
    Done(Vec<u8>),
    Due(Box<Signer>),
}

/// Signs the hash of a body.
pub type Signer = dyn FnOnce(&Sha256) -> [u8; 64] + Send + Sync;

/// What the rows need beside the sealed bytes.
pub(super) struct Hashed {
    pub(super) body_sha256: Vec<u8>,
    /// Hex, in order.
    pub(super) chunk_sha256: String,
    pub(super) signature: Vec<u8>,
}

impl SealedSubmission {
    /// From what `wire` sealed and its signature, without a recovery row yet.
    pub fn of(sealed: Sealed, signature: [u8; 64]) -> Result<Self, SealError> {
        let chunks = sealed.chunks.into_iter();
        let chunks = chunks.map(|chunk| UnhashedChunk { part: chunk.part, index: chunk.index, bytes: chunk.bytes });
        let unhashed = Unhashed { header: sealed.header, chunks: chunks.collect() };
        Self::unsigned(unhashed, Signing::Done(signature.to_vec()))
    }

    /// From what `wire` sealed, to be hashed and signed on the way, without a recovery row yet.
    pub fn unsigned(sealed: Unhashed, signing: Signing) -> Result<Self, SealError> {
        let header = Header::parse(&sealed.header)?;
        Ok(Self {
            number: header.number.to_string(),
            item_id: header.item_id,
            key_id: header.key_id.to_string(),
            submitted_at_ms: header.submitted_at_ms,
            header: sealed.header,
            chunks: sealed.chunks,
            signing,
            recovery: None,
        })
    }
}

impl Signing {
    pub(super) fn done(self, header: &[u8], chunks: &[UnhashedChunk]) -> Hashed {
        let hashes: Vec<Sha256> = chunks.iter().map(|chunk| Sha256::of(&chunk.bytes)).collect();
        let body = body_sha256(header, hashes.iter());
        let signature = match self {
            Self::Done(signature) => signature,
            Self::Due(sign) => sign(&body).to_vec(),
        };
        Hashed { body_sha256: body.0.to_vec(), chunk_sha256: hashes.iter().map(Sha256::to_string).collect(), signature }
    }
}

impl Default for Signing {
    fn default() -> Self {
        Self::Done(Vec::new())
    }
}
