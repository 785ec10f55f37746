//! Why a round of sync ended early. Each has a stable code; none holds an address, a body or a citizen's data.

use super::certificate::CertificateError;
use super::enrol::EnrolFailure;
use super::link_error::{Follows, LinkError};
use super::member::MemberError;
use crate::store::StoreError;
use wire::api::ProblemCode;

/// Waiting for a time that can be believed to renew by, or for a new code.
pub(super) const CERTIFICATE_ENDED: &str = "certificate_ended";

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The hall was not reached, refused, or was not believed.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It did not come to an enrolment or renewal.
    #[error(transparent)]
    Enrol(#[from] EnrolFailure),
    /// What the store holds of the enrolment is damaged.
    #[error("the stored enrolment cannot be used: enrol this terminal again")]
    Identity,
    /// Nothing can be done before something else happens.
    #[error("waiting: {0}")]
    Waiting(&'static str),
    /// What is stored of one submission cannot be read, or is not whole.
    #[error("a stored submission cannot be read: {0}")]
    Unreadable(StoreError),
    /// The hall asks for the same chunks again and again.
    #[error("the hall does not keep what it is sent")]
    Incomplete,
}

impl Trouble {
    /// A stable code.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Link(error) | Self::Enrol(EnrolFailure::Link(error)) => error.code(),
            Self::Store(error) | Self::Enrol(EnrolFailure::Store(error)) | Self::Unreadable(error) => error.code(),
            Self::Enrol(EnrolFailure::Code(_)) => "enrolment_proof",
            Self::Enrol(EnrolFailure::Answer) => "enrolment_answer",
            Self::Enrol(EnrolFailure::Key) => "no_randomness",
            Self::Identity => "enrolment_damaged",
            Self::Waiting(what) => what,
            Self::Incomplete => "incomplete",
        }
    }

    /// Whether this machine is at fault, not the way to the hall.
    pub(super) fn is_ours(&self) -> bool {
        matches!(self, Self::Store(_) | Self::Identity | Self::Enrol(EnrolFailure::Store(_) | EnrolFailure::Key))
    }

    /// Whether it concerns one request only, so that another may go well now.
    pub(super) fn is_of_one_request(&self) -> bool {
        match self {
            Self::Link(error) | Self::Enrol(EnrolFailure::Link(error)) => {
                error.is_the_halls() && error.follows() != Follows::LinkStops
            }
            Self::Incomplete | Self::Unreadable(_) => true,
            _ => false,
        }
    }

    /// Whether sending the same submission again can never help.
    pub(super) fn is_permanent(&self) -> bool {
        matches!(self, Self::Link(error) if error.follows() == Follows::Permanent)
    }

    /// Whether a signature or what it is about does not fit.
    pub(super) fn is_not_believed(&self) -> bool {
        matches!(self, Self::Link(LinkError::NotBelieved))
    }

    /// Whether the hall does not take our certificate, or there is nothing to renew it by: a terminal whose clock does
    /// not outlast the night is never sure of the time.
    pub(super) fn turns_away(&self) -> bool {
        use ProblemCode::{Denied, NoCertificate, Unconfirmed};
        matches!(
            self,
            Self::Link(
                LinkError::CertificateRefused | LinkError::Problem { code: Denied | NoCertificate | Unconfirmed, .. }
            ) | Self::Waiting(CERTIFICATE_ENDED)
        )
    }

    /// Whether the hall wants to reconcile first.
    pub(super) fn asks_to_reconcile(&self) -> bool {
        matches!(self, Self::Link(LinkError::Problem { code: ProblemCode::Reconcile, .. }))
    }

    /// The slot that the hall gave.
    pub(super) fn slot(&self) -> Option<std::time::Duration> {
        match self {
            Self::Link(error) | Self::Enrol(EnrolFailure::Link(error)) => error.retry_after(),
            _ => None,
        }
    }
}

impl From<MemberError> for Trouble {
    fn from(error: MemberError) -> Self {
        match error {
            MemberError::Store(error) => Self::Store(error),
            MemberError::Damaged => Self::Identity,
        }
    }
}

impl From<CertificateError> for Trouble {
    fn from(_: CertificateError) -> Self {
        Self::Identity
    }
}
