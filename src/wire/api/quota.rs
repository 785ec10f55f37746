//! Free pages of a person and day (rules 8.7): reserved before a job, settled after it, idempotent by the job's
//! id. The hall counts under a keyed hash whose key lives in memory and dies at closing. Without a card, or
//! offline, the terminal asks nobody and only the session's limit holds.

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Request of `POST /v1/quota/reserve`. With `pages` 0 it only asks what is left.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct QuotaReserve {
    /// The print job, minted by the terminal; a repeat reserves nothing more.
    #[zeroize(skip)]
    pub job_id: Uuid,
    /// Number of the card that was read.
    pub id_no: String,
    /// Pages wanted.
    pub pages: u32,
}

/// Request of `POST /v1/quota/settle`: what became of a job's pages. Only printed ones are charged; a repeat
/// changes nothing, and an unknown job (the day was closed, the hall restarted) is answered all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaSettle {
    /// The job.
    pub job_id: Uuid,
    /// Came out.
    pub printed: u32,
    /// Did not.
    pub not_printed: u32,
    /// Was in the printer when it failed: charged to nobody.
    pub not_certain: u32,
}

/// Answer of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaAnswer {
    /// Pages that are reserved for this job: all that were wanted, or 0.
    pub granted: u32,
    /// Pages left today after that.
    pub left: u32,
    /// Pages of a person and day.
    pub limit: u32,
}

impl std::fmt::Debug for QuotaReserve {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "QuotaReserve({}, {} pages)", self.job_id, self.pages)
    }
}
