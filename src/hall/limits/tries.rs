//! Wrong tries at a short secret: five lock their source for half an hour, never the thing that was tried
//! (protocol v1, section 4). Right ones do not wipe the count, or an own case would open all others.
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::SOURCES_MAX;

const TRIES: u32 = 5;
const LOCK_MS: i64 = 30 * 60 * 1000;

/// Counts of all sources.
#[derive(Default)]
pub(crate) struct Tries {
    by_source: Mutex<HashMap<String, Wrong>>,
}

struct Wrong {
    count: u32,
    last_ms: i64,
}

/// The source must wait this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    pub(crate) seconds: u32,
}

impl Tries {
    /// Whether the source may try.
    pub(crate) fn may(&self, source: &str, now_ms: i64) -> Result<(), Wait> {
        let by_source = self.by_source.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(wrong) = by_source.get(source).filter(|wrong| wrong.holds(now_ms)) else { return Ok(()) };
        if wrong.count < TRIES {
            return Ok(());
        }
        let left_ms = (wrong.last_ms + LOCK_MS - now_ms).clamp(1, LOCK_MS);
        Err(Wait { seconds: u32::try_from(left_ms / 1000 + 1).unwrap_or(1) })
    }

    /// Counts a wrong try; how many are left.
    pub(crate) fn wrong(&self, source: &str, now_ms: i64) -> u32 {
        let mut by_source = self.by_source.lock().unwrap_or_else(PoisonError::into_inner);
        if by_source.len() >= SOURCES_MAX {
            by_source.retain(|_, wrong| wrong.holds(now_ms));
        }
        let wrong = by_source.entry(source.to_owned()).or_insert(Wrong { count: 0, last_ms: now_ms });
        if !wrong.holds(now_ms) {
            wrong.count = 0;
        }
        (wrong.count, wrong.last_ms) = (wrong.count.saturating_add(1), now_ms);
        TRIES.saturating_sub(wrong.count)
    }
}

impl Wrong {
    /// Half an hour after the last one it is forgotten; a clock that was set back forgets it, too.
    fn holds(&self, now_ms: i64) -> bool {
        (0..LOCK_MS).contains(&(now_ms - self.last_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_wrong_tries_lock_one_source_for_half_an_hour() {
        let tries = Tries::default();
        assert_eq!((0..5).map(|_| tries.wrong("a", 0)).collect::<Vec<_>>(), [4, 3, 2, 1, 0]);
        assert_eq!(tries.may("a", 60_000), Err(Wait { seconds: 1741 }));
        assert_eq!(tries.may("b", 60_000), Ok(()));
        assert_eq!(tries.may("a", LOCK_MS), Ok(()));
        assert_eq!(tries.wrong("a", LOCK_MS), 4);
    }
}
