//! How long a thread leaves a device in trouble alone: twice as long each time, up to a limit. A device that comes
//! back is looked at at once (see the supervisor).

use super::wish::Woken;
use std::time::Duration;

/// First wait after trouble.
const FIRST: Duration = Duration::from_millis(500);
/// Longest wait after trouble.
const LONGEST: Duration = Duration::from_secs(15);

/// The next wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct BackOff(Duration);

impl Default for BackOff {
    fn default() -> Self {
        Self(FIRST)
    }
}

impl BackOff {
    pub(super) fn next_wait(self) -> Duration {
        self.0
    }

    /// It was waited in vain.
    pub(super) fn longer(&mut self) {
        self.0 = (self.0 * 2).min(LONGEST);
    }

    /// A wait ended like this: a device that may have come back is given a fresh start, and another wish says nothing
    /// of the device.
    pub(super) fn waited(&mut self, woken: Woken) {
        match woken {
            Woken::Knock => *self = Self::default(),
            Woken::Time => self.longer(),
            Woken::Wish => {}
        }
    }
}
