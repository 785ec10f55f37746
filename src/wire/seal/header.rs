//! The envelope's header: readable by anyone who carries it, so it names no person, file or role. Its exact
//! bytes are kept and hashed; this type only writes and reads them.

use super::SealError;
use crate::ids::{HallId, InstallationId, KeyId, SubmissionId, TerminalNo};
use crate::number::SubmissionNumber;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Largest header that is read: the certificate is its largest part.
pub const HEADER_BYTES_MAX: usize = 16 * 1024;
/// Most parts of one submission.
pub const PARTS_MAX: usize = 256;

/// The header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// 1.
    pub suite: u16,
    /// The hall that it is sealed for.
    pub hall_id: HallId,
    /// Where it was made.
    pub terminal_no: TerminalNo,
    /// In which data folder.
    pub installation_id: InstallationId,
    /// Gapless there.
    pub kiosk_seq: u64,
    /// Its id.
    pub submission_id: SubmissionId,
    /// 提交编号.
    pub number: SubmissionNumber,
    /// Item.
    pub item_id: String,
    /// Version of the item.
    pub task_version: u32,
    /// Form.
    pub form_id: String,
    /// Version of the form.
    pub form_version: u32,
    /// Publication that was shown.
    pub content_seq: u64,
    /// Version of the calendar.
    pub calendar_version: String,
    /// Terminal's time, ms since 1970.
    pub submitted_at_ms: i64,
    /// How far that time is to be believed.
    pub clock: Clock,
    /// The hall's sealing key; filled in by sealing.
    pub key_id: KeyId,
    /// Base64 of HPKE's encapsulated key; filled in by sealing.
    pub enc: String,
    /// Sizes of the parts; filled in by sealing.
    pub parts: Vec<PartSize>,
    /// Base64 of the terminal's certificate (DER).
    pub certificate: String,
}

/// How far a terminal's time is to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Quality.
    pub quality: ClockQuality,
    /// Which boot of the machine.
    pub boot_id: Uuid,
    /// Running time of that boot.
    pub mono_ms: i64,
}

/// Quality of a terminal's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockQuality {
    /// Agrees with a signed time of this boot.
    Trusted,
    /// No signed time in this boot yet; the hall may correct it by `boot_id` and `mono_ms`.
    Correctable,
    /// Known to be wrong.
    Untrusted,
}

/// Size of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartSize {
    /// Plaintext bytes.
    pub bytes: u64,
    /// Chunks.
    pub chunks: u32,
}

impl Header {
    /// Reads a header's exact bytes.
    ///
    /// # Errors
    /// When it is too large, no header, or its sizes contradict each other.
    pub fn parse(bytes: &[u8]) -> Result<Self, SealError> {
        if bytes.len() > HEADER_BYTES_MAX {
            return Err(SealError::Header);
        }
        let header: Self = serde_json::from_slice(bytes).map_err(|_| SealError::Header)?;
        let sizes_fit = header.parts.iter().all(|part| super::chunks_of(part.bytes) == u64::from(part.chunks));
        let counts = (1..=PARTS_MAX).contains(&header.parts.len());
        if header.suite != super::SUITE || !sizes_fit || !counts {
            return Err(SealError::Header);
        }
        Ok(header)
    }

    /// All chunks of all parts.
    #[must_use]
    pub fn chunk_count(&self) -> u64 {
        self.parts.iter().map(|part| u64::from(part.chunks)).sum()
    }

    /// Sealed length of a chunk; `None` if there is no such chunk.
    #[must_use]
    pub fn sealed_len(&self, part: u32, index: u32) -> Option<usize> {
        let size = self.parts.get(part as usize)?;
        if index >= size.chunks {
            return None;
        }
        let plain = if index + 1 < size.chunks {
            super::CHUNK_PLAIN
        } else {
            usize::try_from(size.bytes).ok()? - index as usize * super::CHUNK_PLAIN
        };
        Some(plain + super::TAG)
    }

    /// The terminal's certificate, DER.
    ///
    /// # Errors
    /// When it is not base64.
    pub fn certificate_der(&self) -> Result<Vec<u8>, SealError> {
        STANDARD.decode(&self.certificate).map_err(|_| SealError::Header)
    }

    /// Writes a certificate into the header.
    #[must_use]
    pub fn certificate_text(der: &[u8]) -> String {
        STANDARD.encode(der)
    }

    pub(super) fn set_enc(&mut self, enc: &[u8]) {
        self.enc = STANDARD.encode(enc);
    }

    pub(super) fn enc_bytes(&self) -> Result<Vec<u8>, SealError> {
        STANDARD.decode(&self.enc).map_err(|_| SealError::Header)
    }
}
