//! Files from a citizen's phone: the terminal asks for a one-time session, shows its link, and fetches what the
//! phone sent, sealed by the hall on arrival to the session's own key (`crate::seal::upload`). A hall without a
//! public name and certificate answers `not_offered`.

use crate::ids::{Sha256, UploadId};
use base64::Engine as _;
use serde::{Deserialize, Serialize};

/// Request of `POST /v1/uploads`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadRequest {
    /// Minted by the terminal, random; a repeat is the same session.
    pub upload_id: UploadId,
    /// The session's X25519 public key, 64 hex digits. Fresh for each session; the secret half never leaves the
    /// terminal's memory.
    pub public_key: Sha256,
}

impl UploadRequest {
    /// How the session's link ends: the public key to which the hall seals what comes through it, so that a link made
    /// for another key leads nowhere. Base64url without padding.
    #[must_use]
    pub fn link_ending(&self) -> String {
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.public_key.0)
    }
}

/// Answer of `POST /v1/uploads`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadSession {
    /// The session.
    pub upload_id: UploadId,
    /// What the terminal's code leads the phone to; ends in [`UploadRequest::link_ending`].
    pub url: String,
    /// When it closes by itself, in ms from now.
    pub closes_in_ms: u64,
    /// What it takes.
    pub limits: UploadLimits,
}

/// What a session takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadLimits {
    /// Files.
    pub files_max: u32,
    /// Bytes of one file.
    pub file_bytes_max: u64,
    /// Bytes of all files that wait to be fetched.
    pub session_bytes_max: u64,
}

/// Answer of `GET /v1/uploads/{id}?after=&wait=`: at once when more files arrived than the caller knows (`after`),
/// or when the session is not open any more, else at the next change or after `wait` seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadState {
    /// False when it was closed or its time is over.
    pub open: bool,
    /// A phone has opened the page.
    pub phone_seen: bool,
    /// Files on their way now.
    pub arriving: u32,
    /// How many files arrived in all; the next `after`.
    pub arrived: u32,
    /// Files that wait to be fetched, oldest first.
    pub files: Vec<UploadedFile>,
}

/// A file that waits. Its name is inside the seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadedFile {
    /// From 1, in order of arrival.
    pub file_no: u32,
    /// Plaintext bytes.
    pub bytes: u64,
    /// Sealed bytes, the length of `GET /v1/uploads/{id}/files/{file_no}`.
    pub sealed_bytes: u64,
}
