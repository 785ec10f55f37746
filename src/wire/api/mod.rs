//! The messages of protocol v1 (protocol, section 6): one type for each request and answer, and the problems that
//! a hall answers with. JSON, unknown keys refused, sizes bounded before they are read.

mod documents;
mod problem;
mod progress;
mod quota;
mod records;
mod uploads;

pub use documents::{PickupAnswer, PickupRequest};
pub use problem::{Problem, ProblemCode};
pub use progress::{CaseProgress, CaseState, ProgressAnswer, ProgressRequest, WaitingDocument};
pub use quota::{QuotaAnswer, QuotaReserve, QuotaSettle};
pub use records::{RecordAnswer, RecordCard, RecordRequest, RecordSheet, SecondFactor};
pub use uploads::{UploadLimits, UploadRequest, UploadSession, UploadState, UploadedFile};

use crate::ids::{CallId, HallEpoch, HallId, InstallationId, Sha256, SubmissionId, TerminalNo};
use crate::signed::{KeyList, Manifest, Receipt, SafeThrough, Signed, TimeAnswer};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Version of the protocol, first segment of every path.
pub const VERSION: &str = "v1";
/// Largest JSON body of any request or answer but content, in bytes.
pub const JSON_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Submissions that one answer to a heartbeat asks for again, at most, the newest first.
pub const AGAIN_MAX: usize = 100;
/// Largest catalogue, in bytes.
pub const CATALOGUE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Paths.
pub mod path {
    use crate::ids::{CallId, Sha256, SubmissionId, UploadId};
    use uuid::Uuid;

    /// `GET`: who this hall is, readable before enrolment.
    pub const HALL: &str = "/v1/hall";
    /// `POST`.
    pub const ENROL: &str = "/v1/enrol";
    /// `POST`.
    pub const RENEW: &str = "/v1/renew";
    /// `GET ?nonce=`.
    pub const TIME: &str = "/v1/time";
    /// `POST`.
    pub const RECONCILE: &str = "/v1/reconcile";
    /// `POST`.
    pub const HEARTBEAT: &str = "/v1/heartbeat";
    /// `GET`.
    pub const MANIFEST: &str = "/v1/manifest";
    /// `POST`.
    pub const CALLS: &str = "/v1/calls";
    /// `POST`.
    pub const PROGRESS: &str = "/v1/progress";
    /// `POST`.
    pub const UPLOADS: &str = "/v1/uploads";
    /// `POST`.
    pub const PICKUPS: &str = "/v1/pickups";
    /// `POST`.
    pub const RECORDS: &str = "/v1/records";
    /// `POST`.
    pub const QUOTA_RESERVE: &str = "/v1/quota/reserve";
    /// `POST`.
    pub const QUOTA_SETTLE: &str = "/v1/quota/settle";

    /// `PUT`, `GET`.
    #[must_use]
    pub fn submission(id: &SubmissionId) -> String {
        format!("/v1/submissions/{id}")
    }

    /// `PUT`.
    #[must_use]
    pub fn chunk(id: &SubmissionId, part: u32, index: u32) -> String {
        format!("/v1/submissions/{id}/parts/{part}/chunks/{index}")
    }

    /// `POST`.
    #[must_use]
    pub fn finish(id: &SubmissionId) -> String {
        format!("/v1/submissions/{id}/finish")
    }

    /// `GET`.
    #[must_use]
    pub fn blob(sha256: &Sha256) -> String {
        format!("/v1/blobs/{sha256}")
    }

    /// `GET ?wait=`.
    #[must_use]
    pub fn call(id: &CallId) -> String {
        format!("/v1/calls/{id}")
    }

    /// `POST`: the citizen ended the call.
    #[must_use]
    pub fn close_call(id: &CallId) -> String {
        format!("/v1/calls/{id}/close")
    }

    /// `GET ?after=&wait=`; `DELETE` closes the session.
    #[must_use]
    pub fn upload(id: &UploadId) -> String {
        format!("/v1/uploads/{id}")
    }

    /// `GET`: the sealed bytes; `DELETE`: fetched, the hall drops them.
    #[must_use]
    pub fn uploaded_file(id: &UploadId, file_no: u32) -> String {
        format!("/v1/uploads/{id}/files/{file_no}")
    }

    /// `GET`, once.
    #[must_use]
    pub fn pickup(ticket: &Uuid) -> String {
        format!("/v1/pickups/{ticket}")
    }
}

/// Answer of `GET /v1/hall`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HallInfo {
    /// The hall.
    pub hall_id: HallId,
}

/// Request of `POST /v1/enrol`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// Place that it wants to stand at.
    pub terminal_no: TerminalNo,
    /// Its data folder.
    pub installation_id: InstallationId,
    /// Base64 of the CSR, DER.
    pub csr: String,
    /// Base64 of the terminal's proof.
    pub mac: String,
}

/// Answer of `POST /v1/enrol`: exact bytes and the hall's proof over them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolResponse {
    /// Base64 of an [`EnrolAnswer`]'s JSON.
    pub answer: String,
    /// Base64 of the hall's proof.
    pub mac: String,
}

/// What enrolment gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolAnswer {
    /// The hall, pinned.
    pub hall_id: HallId,
    /// Its epoch.
    pub hall_epoch: HallEpoch,
    /// Base64 of the CA, DER, pinned.
    pub ca: String,
    /// The hall's root key (ed25519, hex), pinned: it signs the key list.
    pub root_key: Sha256,
    /// Base64 of the terminal's certificate, DER.
    pub certificate: String,
    /// The hall's keys.
    pub key_list: Signed<KeyList>,
    /// Serial of the next submission number: goes on over installations.
    pub next_serial: u64,
    /// Limits that hold for what is sealed from now on.
    pub limits: Limits,
}

/// Limits, stated at enrolment; never applied to what was sealed under older ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Plaintext bytes of one part.
    pub part_bytes_max: u64,
    /// Plaintext bytes of one submission.
    pub submission_bytes_max: u64,
    /// Parts of one submission.
    pub parts_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { part_bytes_max: 32 << 20, submission_bytes_max: 256 << 20, parts_max: 128 }
    }
}

/// Request of `POST /v1/renew`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenewRequest {
    /// Base64 of the new CSR, DER.
    pub csr: String,
}

/// Answer of `POST /v1/renew`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenewAnswer {
    /// Base64 of the new certificate, DER.
    pub certificate: String,
}

/// Request of `PUT /v1/submissions/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmissionManifest {
    /// Base64 of the header's exact bytes.
    pub header: String,
    /// Base64 of the terminal's signature over the body's hash.
    pub signature: String,
    /// Hashes of all chunks, in order of part and index.
    pub chunks: Vec<Sha256>,
    /// The receipt of an earlier epoch, where the hall asked for it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_receipt: Option<Signed<Receipt>>,
}

/// Where a submission stands at the hall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SubmissionState {
    /// These chunks are still to be sent.
    Missing(Vec<ChunkRef>),
    /// It is there.
    Receipt(Signed<Receipt>),
}

/// One chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChunkRef {
    /// Part, from 0.
    pub part: u32,
    /// Index, from 0.
    pub index: u32,
}

/// Request of `POST /v1/reconcile`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReconcileRequest {
    /// All that the terminal holds, and all tombstones.
    pub entries: Vec<ReconcileEntry>,
}

/// One submission of a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReconcileEntry {
    /// Data folder.
    pub installation_id: InstallationId,
    /// Count there.
    pub kiosk_seq: u64,
    /// The submission.
    pub submission_id: SubmissionId,
    /// Hash of its sealed bytes.
    pub body_sha256: Sha256,
    /// Whether the terminal still has the sealed bytes.
    pub has_payload: bool,
    /// Its receipt, if it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Signed<Receipt>>,
}

/// Answer of `POST /v1/reconcile`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReconcileAnswer {
    /// The epoch of the answer.
    pub hall_epoch: HallEpoch,
    /// New receipts for what the hall has.
    pub held: Vec<Signed<Receipt>>,
    /// What the terminal is to send again.
    pub send: Vec<SubmissionId>,
}

/// Request of `POST /v1/heartbeat`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeartbeatRequest {
    /// Data folder.
    pub installation_id: InstallationId,
    /// Version of the program.
    pub program: String,
    /// Epoch in which the terminal last reconciled.
    pub reconciled_epoch: HallEpoch,
    /// The terminal's time, ms since 1970.
    pub now_ms: i64,
    /// Which boot of the machine.
    pub boot_id: Uuid,
    /// Running time of that boot.
    pub mono_ms: i64,
    /// Publication that is shown, proved by its hash.
    pub content_seq: u64,
    /// Hash of the catalogue shown.
    pub content_sha256: Sha256,
    /// Submissions by state (`stored`, `receipted`, `quarantined`, `released`, `lost`).
    pub counts: BTreeMap<String, u64>,
    /// Envelopes held, and exported ones without a receipt, by sealing key, so that no key is destroyed too early.
    pub envelopes_by_key: BTreeMap<String, u64>,
    /// Sequence of the key list that it knows.
    pub list_seq: u64,
    /// Devices in trouble: class and what is wrong.
    pub troubles: BTreeMap<String, String>,
    /// Submissions that the hall lost for good, by the terminal's proof.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<SubmissionId>,
}

/// Answer of `POST /v1/heartbeat`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeartbeatAnswer {
    /// The hall's epoch; a new one means: reconcile.
    pub hall_epoch: HallEpoch,
    /// Watermark.
    pub safe_through: Signed<SafeThrough>,
    /// The key list, where the terminal's is older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_list: Option<Signed<KeyList>>,
    /// Newest publication.
    pub content_seq: u64,
    /// Somebody listens for staff calls.
    pub staff_listens: bool,
    /// Received submissions of which the hall has lost bytes since: the terminal sends what it still holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub send: Vec<SubmissionId>,
    /// `https://…` of the hall's public pages, where it has a public name and certificate: slips lead there, and
    /// phones may upload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Next heartbeat in this many seconds; the hall's way of spreading its terminals.
    pub next_s: u32,
}

/// Answer of `GET /v1/time`.
pub type TimeResponse = Signed<TimeAnswer>;

/// Answer of `GET /v1/manifest`.
pub type ManifestResponse = Signed<Manifest>;

/// Request of `POST /v1/calls`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallRequest {
    /// Minted by the terminal; a repeat is the same call.
    pub call_id: CallId,
    /// Page and service, nothing personal.
    pub step: String,
}

/// Answer of `POST /v1/calls` and `GET /v1/calls/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallStatus {
    /// The call.
    pub call_id: CallId,
    /// How it stands.
    pub state: CallState,
}

/// How a call stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", deny_unknown_fields)]
pub enum CallState {
    /// Nobody has answered yet.
    Open,
    /// Somebody comes.
    Answered {
        /// Who.
        who: String,
        /// In about how many minutes.
        minutes: u32,
    },
    /// Over.
    Closed,
}

#[cfg(test)]
mod tests;
