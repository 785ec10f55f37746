//! Looking a case up at the hall: what is wanted, what it says, and when the scanner is wanted. Nothing of it is
//! kept: it lives as long as the page that shows it.

use super::{CodeReaders, Effect, Place, Session};
use jiff::civil::Date;
use wire::api::CaseState;

/// What came of a look-up.
#[derive(Debug)]
pub enum LookupEvent {
    /// Found: newest first.
    Found(Vec<TrackedCase>),
    /// Not.
    NotFound(LookupProblem),
}

/// Why nothing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupProblem {
    /// There is no such case.
    NoMatch,
    /// Too many wrong codes from this terminal.
    Locked,
    /// The hall does not answer.
    NoAnswer,
}

/// One case, its times in the hall's local days.
#[derive(Clone, PartialEq, Eq)]
pub struct TrackedCase {
    /// 提交编号.
    pub number: String,
    /// Item.
    pub item_id: String,
    /// What the item was called when it was submitted.
    pub item_name: String,
    /// Who handles it.
    pub dept_name: String,
    /// 提交.
    pub submitted: Date,
    /// Where it stands.
    pub state: CaseState,
    /// Since when.
    pub since: Date,
    /// What the hall wrote.
    pub notice: String,
    /// By when the hall must have decided, and whether that is an estimate.
    pub due: Option<(Date, bool)>,
    /// Documents that wait: title and pick-up code.
    pub documents: Vec<(String, String)>,
}

impl std::fmt::Debug for TrackedCase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TrackedCase({}, {:?})", self.item_id, self.state)
    }
}

impl Session {
    /// Whether a code before the scanner means something on this page.
    pub(super) fn wants_code(&self) -> bool {
        self.around.can.code_readers == CodeReaders::Work
            && matches!(&self.place, Place::Journey(journey) if journey.wants_code(&self.around))
    }

    /// Wants the scanner where a code means something, and lets go of it elsewhere.
    pub(super) fn watch_codes(&mut self, effects: &mut Vec<Effect>) {
        let wants = self.wants_code();
        if wants != self.scanning {
            effects.push(Effect::Scan(wants));
        }
        self.scanning = wants;
    }
}
