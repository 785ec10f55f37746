//! Documents that the hall issued, fetched with a pick-up code and the person's card: asked, then fetched once.

use crate::ids::Sha256;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Request of `POST /v1/pickups`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct PickupRequest {
    /// Eight Crockford characters, dashes and small letters allowed.
    pub code: String,
    /// Number of the card on the reader: the second key.
    pub id_no: String,
}

/// Answer of `POST /v1/pickups`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PickupAnswer {
    /// Opens `GET /v1/pickups/{ticket}` once, within two minutes, for this terminal.
    pub ticket: Uuid,
    /// What it is.
    pub title: String,
    /// Case it belongs to.
    pub number: String,
    /// Media type.
    pub media: String,
    /// Bytes.
    pub bytes: u64,
    /// Hash of them.
    pub sha256: Sha256,
    /// When it was issued, ms since 1970.
    pub issued_at_ms: i64,
}

impl std::fmt::Debug for PickupRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PickupRequest")
    }
}
