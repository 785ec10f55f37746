//! Why the hall was not asked or not heard, and what follows from it: try again, stop the link until somebody
//! acts, or put one submission aside. Holds no body and no address, so that it can be logged.

use std::io;
use std::time::Duration;
use wire::api::ProblemCode;

/// What went wrong between terminal and hall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// No network, or nobody there.
    #[error("the hall cannot be reached ({0})")]
    Unreachable(io::ErrorKind),
    /// It took too long.
    #[error("the hall did not answer in time")]
    Timeout,
    /// Somebody else answers at its address.
    #[error("what answers at the hall's address is not this terminal's hall")]
    NotOurHall,
    /// It did not take our certificate.
    #[error("the hall does not take this terminal's certificate")]
    CertificateRefused,
    /// The connection broke in the middle.
    #[error("the connection broke")]
    Broken,
    /// The answer is longer than any of this protocol.
    #[error("the answer is too long")]
    TooLarge,
    /// Not an answer of our protocol: a captive portal, a proxy, another server.
    #[error("an answer ({status}) that is not the hall's")]
    Foreign {
        /// HTTP status.
        status: u16,
        /// As it says.
        retry_after: Option<Duration>,
    },
    /// The hall says why not.
    #[error("the hall refused ({status} {code:?})")]
    Problem {
        /// Stable code.
        code: ProblemCode,
        /// HTTP status.
        status: u16,
        /// The slot that it gives.
        retry_after: Option<Duration>,
    },
    /// Signed, but not by a key of our hall, or about something else.
    #[error("what the hall signed does not hold")]
    NotBelieved,
    /// The request could not be written.
    #[error("the request could not be written")]
    Request,
}

/// What follows for the one who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// Ask again later; only this request is concerned if the hall itself answered.
    Retry,
    /// Nothing goes until somebody acts: shown, tried again now and then, no submission blamed.
    LinkStops,
    /// This submission can never be taken as it is: quarantine.
    Permanent,
}

impl LinkError {
    /// What follows.
    #[must_use]
    pub fn follows(&self) -> Follows {
        match self {
            Self::Problem { code, .. } if code.is_permanent() => Follows::Permanent,
            Self::Problem { code, .. } if code.stops_the_link() => Follows::LinkStops,
            Self::Problem { status, .. } | Self::Foreign { status, .. } if may_pass(*status) => Follows::Retry,
            Self::Problem { status: 401 | 403 | 404, .. } => Follows::LinkStops,
            Self::Problem { .. } | Self::Unreachable(_) | Self::Timeout | Self::Broken | Self::Request => {
                Follows::Retry
            }
            Self::Foreign { .. } | Self::TooLarge | Self::NotOurHall | Self::CertificateRefused | Self::NotBelieved => {
                Follows::LinkStops
            }
        }
    }

    /// Whether the hall itself answered, so that other requests may go well.
    #[must_use]
    pub fn is_the_halls(&self) -> bool {
        matches!(self, Self::Problem { .. })
    }

    /// The slot that was given.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Problem { retry_after, .. } | Self::Foreign { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Stable code for logs, the store and the technician's page.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Timeout => "timeout",
            Self::NotOurHall => "not_our_hall",
            Self::CertificateRefused => "certificate_refused",
            Self::Broken => "broken",
            Self::TooLarge => "answer_too_large",
            Self::Foreign { .. } => "foreign_answer",
            Self::NotBelieved => "not_believed",
            Self::Request => "request",
            Self::Problem { code, .. } => code.name(),
        }
    }

    /// From hyper: what the TLS layer below it says counts more than what hyper makes of it.
    #[must_use]
    pub fn of(error: &hyper::Error) -> Self {
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            if let Some(io) = cause.downcast_ref::<io::Error>() {
                return Self::of_handshake(io);
            }
            source = cause.source();
        }
        Self::Broken
    }

    /// From a handshake, or a connection that broke.
    #[must_use]
    pub fn of_handshake(error: &io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::AlertReceived(_)) => Self::CertificateRefused,
            Some(_) => Self::NotOurHall,
            None => Self::Broken,
        }
    }
}

/// Statuses that a proxy may answer while the hall is away.
fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(code: ProblemCode) -> LinkError {
        LinkError::Problem { code, status: code.status(), retry_after: None }
    }

    #[test]
    fn only_a_conflict_and_a_malformed_request_put_a_submission_aside() {
        for code in [ProblemCode::IdConflict, ProblemCode::Malformed] {
            assert_eq!(problem(code).follows(), Follows::Permanent);
        }
        for code in [ProblemCode::Denied, ProblemCode::NoCertificate, ProblemCode::NotFound, ProblemCode::NotAuthentic]
        {
            assert_eq!(problem(code).follows(), Follows::LinkStops, "{code:?}");
        }
        for code in [ProblemCode::Busy, ProblemCode::UnknownSealingKey, ProblemCode::Internal, ProblemCode::NoManifest]
        {
            assert_eq!(problem(code).follows(), Follows::Retry, "{code:?}");
        }
    }

    #[test]
    fn a_foreign_answer_stops_the_link_unless_its_status_may_pass() {
        let foreign = |status| LinkError::Foreign { status, retry_after: None }.follows();
        for status in [200, 201, 302, 400, 401, 403, 404, 409] {
            assert_eq!(foreign(status), Follows::LinkStops, "{status}");
        }
        for status in [408, 425, 429, 500, 502, 503] {
            assert_eq!(foreign(status), Follows::Retry, "{status}");
        }
    }
}
