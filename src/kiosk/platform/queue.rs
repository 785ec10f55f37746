//! What other threads ask of the UI thread: jobs, waking up, the end.

use slint::EventLoopError;
use slint::platform::EventLoopProxy;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

type Job = Box<dyn FnOnce() + Send>;

/// The queue of the UI thread; clones share it.
#[derive(Clone, Default)]
pub(super) struct Queue(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    quit: bool,
    woken: bool,
}

/// Makes the event loop turn once more, from any thread.
#[derive(Clone)]
pub struct Waker(Queue);

impl Waker {
    /// Wakes the loop.
    pub fn wake(&self) {
        self.0.lock().woken = true;
        self.0.0.changed.notify_one();
    }
}

impl Queue {
    pub(super) fn waker(&self) -> Waker {
        Waker(self.clone())
    }

    /// Runs what is queued, without holding the lock, so that a job may queue another.
    /// False when the loop shall end; asked once, the next loop begins afresh.
    pub(super) fn run_jobs(&self) -> bool {
        loop {
            let mut state = self.lock();
            if state.quit {
                state.quit = false;
                return false;
            }
            let Some(job) = state.jobs.pop_front() else {
                state.woken = false;
                return true;
            };
            drop(state);
            job();
        }
    }

    /// Waits until something is asked or the time is over; `None` waits for ever.
    pub(super) fn wait(&self, at_most: Option<Duration>) {
        let idle = |state: &mut State| state.jobs.is_empty() && !state.quit && !state.woken;
        let state = self.lock();
        match at_most {
            Some(limit) => drop(self.0.changed.wait_timeout_while(state, limit, idle)),
            None => drop(self.0.changed.wait_while(state, idle)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventLoopProxy for Queue {
    fn quit_event_loop(&self) -> Result<(), EventLoopError> {
        self.lock().quit = true;
        self.0.changed.notify_one();
        Ok(())
    }

    fn invoke_from_event_loop(&self, job: Job) -> Result<(), EventLoopError> {
        self.lock().jobs.push_back(job);
        self.0.changed.notify_one();
        Ok(())
    }
}
