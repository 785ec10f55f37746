//! The time that one picture may take, counted as processor time of the calling thread: a busy machine reads later,
//! not worse, and a budget bounds work. Asked between rows, finders, attempts, and the ways of reading a grid.

use std::time::Duration;

/// Ends when the thread has worked for its budget.
#[derive(Clone, Copy)]
pub struct Clock {
    end: Duration,
}

impl Clock {
    pub fn of(budget: Duration) -> Self {
        Self { end: worked().saturating_add(budget) }
    }

    pub fn is_over(&self) -> bool {
        worked() >= self.end
    }

    /// Whether so much is left.
    pub fn has(&self, time: Duration) -> bool {
        worked() + time < self.end
    }
}

/// Processor time of this thread until now.
fn worked() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a timespec that outlives the call; a clock of the calling thread always exists.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
