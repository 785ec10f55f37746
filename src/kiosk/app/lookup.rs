//! Looking a case up, carried: the session's question to sync, the hall's answer back with its times as local days.
//! An answer that comes when its question is over belongs to somebody who has gone, and is dropped.

use super::App;
use crate::session::{Event, LookupEvent, LookupProblem, TrackedCase};
use crate::sync::NotFetched;
use wire::api::{CaseProgress, ProgressAnswer, ProgressRequest};

/// Which question is open.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    /// Number of the newest question.
    newest: u64,
    open: bool,
}

impl Lookups {
    /// A question is asked; its number.
    fn ask(&mut self) -> u64 {
        self.newest += 1;
        self.open = true;
        self.newest
    }

    /// Whether the answer of this number is awaited; then it is no more.
    fn answered(&mut self, number: u64) -> bool {
        let awaited = self.open && number == self.newest;
        self.open &= !awaited;
        awaited
    }

    /// Nobody waits any more.
    pub(super) fn forget(&mut self) {
        self.open = false;
    }
}

impl App {
    /// Asks the hall; what can be said at once.
    pub(super) fn look_up(&mut self, request: ProgressRequest) -> Option<Event> {
        let number = self.lookups.ask();
        let taken = self.sync.as_ref().is_some_and(|sync| sync.look_up(number, request));
        (!taken).then_some(Event::Lookup(LookupEvent::NotFound(LookupProblem::NoAnswer)))
    }

    /// The hall answered, or does not.
    pub(super) fn looked_up(&mut self, number: u64, answer: Result<ProgressAnswer, NotFetched>) -> Option<Event> {
        if !self.lookups.answered(number) {
            return None;
        }
        Some(Event::Lookup(match answer {
            Ok(answer) => LookupEvent::Found(answer.cases.into_iter().map(|case| self.tracked(case)).collect()),
            Err(why) => LookupEvent::NotFound(match why {
                NotFetched::NoMatch => LookupProblem::NoMatch,
                NotFetched::Locked => LookupProblem::Locked,
                _ => LookupProblem::NoAnswer,
            }),
        }))
    }

    fn tracked(&self, case: CaseProgress) -> TrackedCase {
        let day = |at_ms| self.clock.local_of(at_ms).date;
        TrackedCase {
            number: case.number,
            item_id: case.item_id,
            item_name: case.item_name,
            dept_name: case.dept_name,
            submitted: day(case.submitted_at_ms),
            state: case.state,
            since: day(case.since_ms),
            notice: case.notice,
            due: case.due.map(|due| (due, case.due_estimated)),
            documents: case.documents.into_iter().map(|waiting| (waiting.title, waiting.code)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_once_and_only_for_whoever_still_waits() {
        let mut lookups = Lookups::default();
        let first = lookups.ask();
        let second = lookups.ask();
        assert!(!lookups.answered(first), "another was asked meanwhile");
        assert!(lookups.answered(second) && !lookups.answered(second));
        let third = lookups.ask();
        lookups.forget();
        assert!(!lookups.answered(third), "the session is over");
    }
}
