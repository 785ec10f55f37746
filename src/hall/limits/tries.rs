//! Wrong tries at a short secret: five lock their source for half an hour, never the thing that was tried
//! (protocol v1, section 4). Right ones do not wipe the count, or an own case would open all others. A try is counted
//! before anything is looked at: who asks many times at once gets no more looks than who asks one by one.
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::SOURCES_MAX;

const TRIES: u32 = 5;
const LOCK_MS: i64 = 30 * 60 * 1000;
/// Until a source that asks too much at once has its answers: one look takes some milliseconds.
const ANSWERS_S: u32 = 2;

/// Counts of all sources.
#[derive(Default)]
pub(crate) struct Tries {
    by_source: Mutex<HashMap<String, Wrong>>,
}

#[derive(Default)]
struct Wrong {
    count: u32,
    last_ms: i64,
    /// Tries that are being looked at.
    pending: u32,
}

/// The source must wait this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    pub(crate) seconds: u32,
}

/// One try, counted while it is looked at. Only who is told that it was wrong has lost one: a phone that lost its
/// network meanwhile learnt nothing, and must not lock out all who share its address.
#[must_use = "it counts only while it is looked at"]
pub(crate) struct Try<'a> {
    tries: &'a Tries,
    source: String,
    now_ms: i64,
    was_wrong: bool,
}

impl Tries {
    /// Counts a try of the source, unless it has none left.
    pub(crate) fn begin(&self, source: &str, now_ms: i64) -> Result<Try<'_>, Wait> {
        let mut by_source = self.lock();
        if by_source.len() >= SOURCES_MAX {
            by_source.retain(|_, wrong| wrong.pending > 0 || wrong.holds(now_ms));
        }
        let wrong = by_source.entry(source.to_owned()).or_default();
        wrong.forget_old(now_ms);
        if wrong.count >= TRIES {
            let left_ms = (wrong.last_ms + LOCK_MS - now_ms).clamp(1, LOCK_MS);
            return Err(Wait { seconds: u32::try_from(left_ms / 1000 + 1).unwrap_or(1) });
        }
        if wrong.count + wrong.pending >= TRIES {
            return Err(Wait { seconds: ANSWERS_S });
        }
        wrong.pending += 1;
        Ok(Try { tries: self, source: source.to_owned(), now_ms, was_wrong: false })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Wrong>> {
        self.by_source.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Try<'_> {
    /// It was wrong; how many are left.
    pub(crate) fn wrong(mut self) -> u32 {
        self.was_wrong = true;
        let (tries, source) = (self.tries, self.source.clone());
        drop(self);
        TRIES.saturating_sub(tries.lock().get(&source).map_or(0, |wrong| wrong.count + wrong.pending))
    }
}

impl Drop for Try<'_> {
    fn drop(&mut self) {
        let mut by_source = self.tries.lock();
        let Some(wrong) = by_source.get_mut(&self.source) else { return };
        wrong.pending = wrong.pending.saturating_sub(1);
        if self.was_wrong {
            wrong.forget_old(self.now_ms);
            (wrong.count, wrong.last_ms) = (wrong.count.saturating_add(1), self.now_ms);
        } else if wrong.count == 0 && wrong.pending == 0 {
            by_source.remove(&self.source);
        }
    }
}

impl Wrong {
    /// Half an hour after the last one it is forgotten; a clock that was set back forgets it, too.
    fn holds(&self, now_ms: i64) -> bool {
        (0..LOCK_MS).contains(&(now_ms - self.last_ms))
    }

    fn forget_old(&mut self, now_ms: i64) {
        if !self.holds(now_ms) {
            self.count = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(tries: &Tries, source: &str, now_ms: i64) -> Option<u32> {
        match tries.begin(source, now_ms) {
            Ok(_) => None,
            Err(wait) => Some(wait.seconds),
        }
    }

    fn wrong(tries: &Tries, source: &str, now_ms: i64) -> Option<u32> {
        tries.begin(source, now_ms).ok().map(Try::wrong)
    }

    #[test]
    fn five_wrong_tries_lock_one_source_for_half_an_hour() {
        let tries = Tries::default();
        let left: Vec<_> = (0..6).map(|_| wrong(&tries, "a", 0)).collect();
        assert_eq!(left, [Some(4), Some(3), Some(2), Some(1), Some(0), None]);
        assert_eq!(wait(&tries, "a", 60_000), Some(1741));
        assert_eq!(wait(&tries, "b", 60_000), None);
        assert_eq!(wait(&tries, "a", LOCK_MS), None);
        assert_eq!(wrong(&tries, "a", LOCK_MS), Some(4));
    }

    #[test]
    fn of_twenty_tries_at_once_five_are_looked_at() {
        let tries = Tries::default();
        let begun: Vec<_> = (0..20).filter_map(|_| tries.begin("a", 0).ok()).collect();
        assert_eq!(begun.len(), 5);
        assert_eq!(wait(&tries, "a", 0), Some(ANSWERS_S), "no half hour for who was not wrong yet");
        assert_eq!(wait(&tries, "b", 0), None);
        drop(begun);
        assert_eq!(wait(&tries, "a", 0), None, "nobody was told anything");
    }

    #[test]
    fn a_right_try_costs_nothing_and_forgives_nothing() {
        let tries = Tries::default();
        assert_eq!(wrong(&tries, "a", 0), Some(4));
        assert!((0..20).all(|_| wait(&tries, "a", 0).is_none()));
        assert_eq!(wrong(&tries, "a", 0), Some(3));
        assert_eq!(wait(&tries, "b", 0), None);
        assert_eq!(tries.lock().len(), 1, "who was never wrong is not remembered");
    }
}
