//! Spreads a herd: so many submissions may begin each second, a terminal above that gets its own later second.
use std::sync::{Mutex, PoisonError};

/// What a burst may reserve ahead; a later one waits no longer than this and asks again.
const FARTHEST_S: i64 = 3600;

/// Seconds with how many beginnings they still take.
pub(crate) struct Slots {
    per_second: u32,
    /// The second that is being filled, and how many it already has.
    filling: Mutex<(i64, u32)>,
    /// The last second that was promised to somebody, and to how many.
    promised: Mutex<(i64, u32)>,
}

impl Slots {
    pub(crate) fn new(per_second: u32) -> Self {
        Self { per_second: per_second.max(1), filling: Mutex::new((0, 0)), promised: Mutex::new((0, 0)) }
    }

    /// Takes a place in this second, or says in how many seconds to come back.
    pub(crate) fn take(&self, now_s: i64) -> Result<(), u32> {
        let mut filling = self.filling.lock().unwrap_or_else(PoisonError::into_inner);
        if filling.0 != now_s {
            *filling = (now_s, 0);
        }
        if filling.1 < self.per_second {
            filling.1 += 1;
            return Ok(());
        }
        drop(filling);
        Err(self.promise(now_s))
    }

    fn promise(&self, now_s: i64) -> u32 {
        let mut promised = self.promised.lock().unwrap_or_else(PoisonError::into_inner);
        if promised.0 <= now_s || promised.0 > now_s + FARTHEST_S {
            *promised = (now_s + 1, 0);
        } else if promised.1 >= self.per_second {
            *promised = (promised.0 + 1, 0);
        }
        promised.1 += 1;
        u32::try_from(promised.0 - now_s).unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_herd_is_spread_over_the_following_seconds() {
        let slots = Slots::new(2);
        let answers: Vec<_> = (0..7).map(|_| slots.take(100)).collect();
        assert_eq!(answers, [Ok(()), Ok(()), Err(1), Err(1), Err(2), Err(2), Err(3)]);
        assert_eq!(slots.take(101), Ok(()));
    }
}
