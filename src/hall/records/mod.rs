//! Certificates and records that a terminal prints for the person who stands there (rules 7.4): asked of a source at
//! that moment, never kept or cached; assurance L2, so without a second factor nothing is given. What is kept is that
//! it was issued, so that anybody who holds the paper can have it verified.
mod demo;
mod issue;
mod verify;

use wire::api::RecordSheet;
use wire::catalogue::Item;
use wire::form::Answers;

pub(crate) use demo::DemoRecords;
pub(crate) use issue::{Asked, Refused, issue};
pub(crate) use verify::{Code, Verified, verify};

/// Characters of a verification code.
pub(crate) const CODE_CHARS: usize = 12;

/// Where a department's records come from. Asked on a thread that may block; must answer from the live register.
pub(crate) trait RecordSource: Send + Sync {
    /// Whether it has records for this item.
    fn offers(&self, item_id: &str) -> bool;

    /// What is on record of a person; a person without records has a sheet that says so.
    fn look_up(&self, question: &Question<'_>) -> Result<RecordSheet, SourceError>;
}

/// What is asked of a source.
pub(crate) struct Question<'a> {
    pub(crate) item: &'a Item,
    pub(crate) id_no: &'a str,
    pub(crate) name: &'a str,
    /// Of the item's form: which months, which kind.
    pub(crate) answers: &'a Answers,
}

/// Why a source gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SourceError {
    #[error("the register holds nobody with this number and name")]
    Unknown,
    #[error("the register does not answer")]
    #[cfg_attr(not(test), allow(dead_code, reason = "the demo's register always answers"))]
    Unavailable,
}
