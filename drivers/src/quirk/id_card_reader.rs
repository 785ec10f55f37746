//! ID-card readers: what single modules do otherwise than the SDT protocol says.

use super::{Evidence, Match, Quirk};
use crate::id_card_reader::sdt_words::{Request, Status};

/// What the driver does otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReaderQuirk {
    /// Asks for this instead, once the request was answered so.
    AskInstead {
        /// What was asked.
        asked: Request,
        /// What came.
        answered: Status,
        /// What is asked from then on.
        instead: Request,
    },
    /// Takes a frame for one although so many bytes of its preamble are missing.
    BearLostPreamble(usize),
}

/// Bytes of a preamble that may be missing.
pub const LOST_PREAMBLE_BYTES: usize = 1;

/// All of them.
pub const READERS: &[Quirk<ReaderQuirk>] = &[
    Quirk {
        device: Match::Answer("21 to 30 10"),
        change: ReaderQuirk::AskInstead {
            asked: Request::ReadBaseAndFingerprints,
            answered: Status::CommandError,
            instead: Request::ReadBase,
        },
        story: "Modules of the first generation (0501) were made before cards had fingerprints and do not know \
                30 10; they are asked for text and photo alone.",
        source: "SAM_V protocol, status list; clients in public that fall back to 30 01",
        evidence: Evidence::Documented,
    },
    Quirk {
        device: Match::Every,
        change: ReaderQuirk::BearLostPreamble(LOST_PREAMBLE_BYTES),
        story: "Readers in the field drop or add one AA of the preamble, USB bridges above all; clients look for \
                AA AA 96 69 among the first seven bytes.",
        source: "clients in public that search the preamble; text of the SAM_V protocol asks for three AA",
        evidence: Evidence::Documented,
    },
];

/// What is asked instead of a request that was answered so.
pub fn instead(request: Request, status: Status) -> Option<Request> {
    READERS.iter().find_map(|quirk| match quirk.change {
        ReaderQuirk::AskInstead { asked, answered, instead } if (asked, answered) == (request, status) => Some(instead),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_answer_that_is_named_leads_to_another_request() {
        let fingerprints = Request::ReadBaseAndFingerprints;
        assert_eq!(instead(fingerprints, Status::CommandError), Some(Request::ReadBase));
        assert_eq!(instead(fingerprints, Status::ReadFailed), None);
        assert_eq!(instead(Request::ReadBase, Status::CommandError), None);
    }
}
