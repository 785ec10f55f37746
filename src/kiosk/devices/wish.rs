//! What is wanted of a device, as its thread waits for it: one value under a lock, and a knock when the device may
//! have come back, so that nobody waits out a back-off before a device that is plugged in again.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The wish; shared by the thread and those who wish.
pub(super) struct Wish<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    wanted: T,
    knocked: bool,
}

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Woken {
    /// Something else is wanted.
    Wish,
    /// The device may have come, gone or changed.
    Knock,
    /// The time is over.
    Time,
}

impl<T: Copy + PartialEq> Wish<T> {
    pub(super) fn new(wanted: T) -> Self {
        Self { state: Mutex::new(State { wanted, knocked: false }), changed: Condvar::new() }
    }

    /// This is wanted from now on.
    pub(super) fn set(&self, wanted: T) {
        self.lock().wanted = wanted;
        self.changed.notify_all();
    }

    pub(super) fn now(&self) -> T {
        self.lock().wanted
    }

    /// The device may have come, gone or changed: look at it now.
    pub(super) fn knock(&self) {
        self.lock().knocked = true;
        self.changed.notify_all();
    }

    /// Waits until something else than `was` is wanted, somebody knocks, or the time is over.
    pub(super) fn wait(&self, was: T, limit: Duration) -> Woken {
        let idle = |state: &mut State<T>| state.wanted == was && !state.knocked;
        let (mut state, _) =
            self.changed.wait_timeout_while(self.lock(), limit, idle).unwrap_or_else(PoisonError::into_inner);
        match (std::mem::take(&mut state.knocked), state.wanted == was) {
            (_, false) => Woken::Wish,
            (true, true) => Woken::Knock,
            (false, true) => Woken::Time,
        }
    }

    /// The wish is fulfilled and `then` is wanted, unless it changed meanwhile.
    pub(super) fn fulfilled(&self, was: T, then: T) {
        let mut state = self.lock();
        if state.wanted == was {
            state.wanted = then;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A device's thread that does what is wished. Dropping it wishes the end and waits for it.
pub(super) struct Servant<T: Copy + PartialEq> {
    wish: Arc<Wish<T>>,
    /// The wish that ends the thread.
    end: T,
    thread: Option<JoinHandle<()>>,
}

impl<T: Copy + PartialEq + Send + 'static> Servant<T> {
    /// Starts `work` on a thread of its own; it must return when `end` is wanted.
    pub(super) fn start(name: &str, wish: Arc<Wish<T>>, end: T, work: impl FnOnce() + Send + 'static) -> Self {
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(work).ok();
        Self { wish, end, thread }
    }

    /// This is wanted from now on.
    pub(super) fn want(&self, wanted: T) {
        self.wish.set(wanted);
    }

    /// To be called when the device may have come or gone.
    pub(super) fn knocker(&self) -> impl Fn() + Send + 'static {
        let wish = self.wish.clone();
        move || wish.knock()
    }
}

impl<T: Copy + PartialEq> Drop for Servant<T> {
    fn drop(&mut self) {
        self.wish.set(self.end);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_knock_ends_a_wait_once_and_a_changed_wish_counts_before_it() {
        let wish = Wish::new(1);
        wish.knock();
        assert_eq!(wish.wait(1, LONG), Woken::Knock);
        assert_eq!(wish.wait(1, Duration::ZERO), Woken::Time);
        wish.knock();
        wish.set(2);
        assert_eq!(wish.wait(1, LONG), Woken::Wish);
        wish.fulfilled(1, 0);
        assert_eq!(wish.now(), 2, "what was wanted meanwhile stays");
    }
}
