//! Why a terminal's request is not done: problem+json with a stable code (protocol v1, section 6).
//! The text is for the technician and never holds a citizen's data.
use axum::Json;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use wire::api::{Problem, ProblemCode};

/// A refusal.
#[derive(Debug)]
pub(crate) struct Refusal {
    code: ProblemCode,
    title: &'static str,
    retry_after_s: Option<u32>,
}

impl Refusal {
    pub(crate) const NO_CERTIFICATE: Self =
        Self::new(ProblemCode::NoCertificate, "a certificate of this hall is needed");
    pub(crate) const DENIED: Self = Self::new(ProblemCode::Denied, "this terminal was taken out of service");
    pub(crate) const REPLACED: Self = Self::new(ProblemCode::Denied, "a newer certificate of this terminal is in use");
    pub(crate) const EXPIRED: Self =
        Self::new(ProblemCode::Denied, "the certificate has ended; only renew and time are open");
    pub(crate) const UNCONFIRMED: Self =
        Self::new(ProblemCode::Unconfirmed, "an administrator must confirm this certificate");
    pub(crate) const CODE_REFUSED: Self =
        Self::new(ProblemCode::EnrolmentRefused, "the enrolment code is wrong, used or has ended");
    pub(crate) const NOT_AUTHENTIC: Self =
        Self::new(ProblemCode::NotAuthentic, "the envelope is not signed by a terminal of this hall");
    pub(crate) const WRONG_HALL: Self =
        Self::new(ProblemCode::NotAuthentic, "the submission was sealed for another hall");
    pub(crate) const NOT_FOUND: Self = Self::new(ProblemCode::NotFound, "there is nothing here");
    pub(crate) const SECOND_FACTOR: Self =
        Self::new(ProblemCode::SecondFactor, "a member of the staff must look at the person and use the staff card");
    pub(crate) const NOT_OFFERED: Self = Self::new(ProblemCode::NotOffered, "this hall does not offer that");
    /// Nothing to be found by what a person typed or showed. 200 with an empty list would be the same as "no cases".
    pub(crate) const NOTHING_FOUND: Self = Self::new(ProblemCode::NoMatch, "nothing is found by that");
    pub(crate) const NO_MANIFEST: Self = Self::new(ProblemCode::NoManifest, "send the manifest first");
    pub(crate) const CHUNK_HASH: Self = Self::new(ProblemCode::ChunkHash, "the chunk is not what its hash says");
    pub(crate) const TOO_LARGE: Self = Self::new(ProblemCode::TooLarge, "the body is too large");
    pub(crate) const ID_CONFLICT: Self =
        Self::new(ProblemCode::IdConflict, "the same submission id came with another body");
    pub(crate) const KEY_UNKNOWN: Self =
        Self::new(ProblemCode::UnknownSealingKey, "the hall does not hold this sealing key; keep the submission");
    pub(crate) const UNAVAILABLE: Self = Self::new(ProblemCode::Unavailable, "the hall cannot store now; try again");
    pub(crate) const INTERNAL: Self = Self::new(ProblemCode::Internal, "the hall failed; try again");

    /// What can never become right by repeating it.
    pub(crate) const fn malformed(title: &'static str) -> Self {
        Self::new(ProblemCode::Malformed, title)
    }

    /// Too many wrong tries from this terminal.
    pub(crate) const fn locked(retry_after_s: u32) -> Self {
        let mut refusal = Self::new(ProblemCode::Locked, "too many wrong tries; later again");
        refusal.retry_after_s = Some(retry_after_s);
        refusal
    }

    /// Come back in so many seconds: the terminal's own slot.
    pub(crate) const fn busy(retry_after_s: u32) -> Self {
        let mut refusal = Self::new(ProblemCode::Busy, "many submissions at once; come back at your slot");
        refusal.retry_after_s = Some(retry_after_s);
        refusal
    }

    const fn new(code: ProblemCode, title: &'static str) -> Self {
        Self { code, title, retry_after_s: None }
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(%error, "query failed");
        Self::UNAVAILABLE
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        tracing::error!(%error, "storage failed");
        Self::UNAVAILABLE
    }
}

impl From<crate::keys::KeyError> for Refusal {
    fn from(error: crate::keys::KeyError) -> Self {
        tracing::error!(%error, "key failed");
        Self::INTERNAL
    }
}

impl From<wire::signed::SignedError> for Refusal {
    fn from(error: wire::signed::SignedError) -> Self {
        tracing::error!(%error, "signing failed");
        Self::INTERNAL
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::TOO_LARGE;
        }
        Self::malformed("the request is not of this protocol")
    }
}

impl From<BytesRejection> for Refusal {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE { Self::TOO_LARGE } else { Self::UNAVAILABLE }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let problem = Problem::new(self.code, self.title);
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
