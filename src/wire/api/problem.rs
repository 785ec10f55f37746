//! What a hall answers when it does not do what was asked: `application/problem+json` (RFC 9457) with a stable
//! `code`. A body without our code is not the hall's (a captive portal, a proxy): it stops the link, never an item.

use serde::{Deserialize, Serialize};

/// A problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable code.
    pub code: ProblemCode,
    /// HTTP status, again.
    pub status: u16,
    /// For the technician.
    pub title: String,
    /// What to do; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// Stable codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// 409: this `submission_id` is there with another body.
    IdConflict,
    /// 400: the request is not of this protocol.
    Malformed,
    /// 403: the envelope's signature or certificate does not hold.
    NotAuthentic,
    /// 403: this certificate may not do that.
    Denied,
    /// 403: certificate of our authority, key unknown: an administrator confirms it.
    Unconfirmed,
    /// 401: no or a wrong client certificate.
    NoCertificate,
    /// 403: wrong, used or expired enrolment code, or too many tries.
    EnrolmentRefused,
    /// 404: no such thing here.
    NotFound,
    /// 409: chunks before the manifest.
    NoManifest,
    /// 422: the chunk is not what its hash says.
    ChunkHash,
    /// 413: larger than stated at enrolment.
    TooLarge,
    /// 503: sealed to a key that the hall does not have; an alarm is raised.
    UnknownSealingKey,
    /// 429 or 503: later; `Retry-After` says when.
    Busy,
    /// 503: the hall's disk is full or its database does not answer.
    Unavailable,
    /// 500.
    Internal,
    /// 409: the terminal must reconcile first.
    Reconcile,
    /// 404: this hall does not offer that (no public name and certificate, no such record source).
    NotOffered,
    /// 422: nothing is found by what a person typed or showed.
    NoMatch,
    /// 403: without a second factor nothing of a person's records is given.
    SecondFactor,
    /// 429: too many wrong tries from here; `Retry-After` says when.
    Locked,
    /// A code of a newer hall.
    #[serde(other)]
    Unknown,
}

impl ProblemCode {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::IdConflict,
        Self::Malformed,
        Self::NotAuthentic,
        Self::Denied,
        Self::Unconfirmed,
        Self::NoCertificate,
        Self::EnrolmentRefused,
        Self::NotFound,
        Self::NoManifest,
        Self::ChunkHash,
        Self::TooLarge,
        Self::UnknownSealingKey,
        Self::Busy,
        Self::Unavailable,
        Self::Internal,
        Self::Reconcile,
        Self::NotOffered,
        Self::NoMatch,
        Self::SecondFactor,
        Self::Locked,
        Self::Unknown,
    ];

    /// As it stands on the wire, for logs and stores.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::IdConflict => "id_conflict",
            Self::Malformed => "malformed",
            Self::NotAuthentic => "not_authentic",
            Self::Denied => "denied",
            Self::Unconfirmed => "unconfirmed",
            Self::NoCertificate => "no_certificate",
            Self::EnrolmentRefused => "enrolment_refused",
            Self::NotFound => "not_found",
            Self::NoManifest => "no_manifest",
            Self::ChunkHash => "chunk_hash",
            Self::TooLarge => "too_large",
            Self::UnknownSealingKey => "unknown_sealing_key",
            Self::Busy => "busy",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
            Self::Reconcile => "reconcile",
            Self::NotOffered => "not_offered",
            Self::NoMatch => "no_match",
            Self::SecondFactor => "second_factor",
            Self::Locked => "locked",
            Self::Unknown => "unknown",
        }
    }

    /// Whether sending the same submission again can never help: it goes to quarantine, seen by a person.
    #[must_use]
    pub fn is_permanent(self) -> bool {
        matches!(self, Self::IdConflict | Self::Malformed)
    }

    /// Whether the link as a whole stops, until somebody acts.
    #[must_use]
    pub fn stops_the_link(self) -> bool {
        matches!(self, Self::NoCertificate | Self::Denied | Self::Unconfirmed | Self::NotFound)
    }

    /// HTTP status that belongs to it.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::NoCertificate => 401,
            Self::NotAuthentic | Self::Denied | Self::Unconfirmed | Self::EnrolmentRefused | Self::SecondFactor => 403,
            Self::NotFound | Self::NotOffered => 404,
            Self::IdConflict | Self::NoManifest | Self::Reconcile => 409,
            Self::TooLarge => 413,
            Self::ChunkHash | Self::NoMatch => 422,
            Self::Locked => 429,
            Self::UnknownSealingKey | Self::Busy | Self::Unavailable => 503,
            Self::Internal | Self::Unknown => 500,
        }
    }
}

impl Problem {
    /// A problem with its code's status.
    #[must_use]
    pub fn new(code: ProblemCode, title: &str) -> Self {
        Self { code, status: code.status(), title: title.to_owned(), detail: String::new() }
    }
}
