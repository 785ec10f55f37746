//! A child process that the terminal holds: it ends when it is too slow, when it is cancelled, or when it is let go.

use std::process::{Child, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// Stops documents that are being read or drawn. Clones stop the same ones.
#[derive(Clone, Default)]
pub struct Cancel {
    shared: Arc<Mutex<Cancelled>>,
}

#[derive(Default)]
struct Cancelled {
    yes: bool,
    children: Vec<Weak<Shared>>,
}

impl Cancel {
    /// Nothing to stop yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Kills the workers at once; calls that wait for them return.
    pub fn cancel(&self) {
        let mut cancelled = lock(&self.shared);
        cancelled.yes = true;
        for child in cancelled.children.drain(..).filter_map(|child| child.upgrade()) {
            child.kill();
        }
    }

    /// Whether it was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        lock(&self.shared).yes
    }

    fn hold(&self, child: &Arc<Shared>) {
        let mut cancelled = lock(&self.shared);
        cancelled.children.retain(|child| child.strong_count() > 0);
        cancelled.children.push(Arc::downgrade(child));
        if cancelled.yes {
            child.kill();
        }
    }
}

/// Holds a child until it is dropped, which kills it.
pub(super) struct Leash {
    shared: Arc<Shared>,
}

struct Shared {
    child: Mutex<Child>,
    watch: Mutex<Watch>,
    changed: Condvar,
}

#[derive(Default)]
struct Watch {
    deadline: Option<Instant>,
    let_go: bool,
    too_slow: bool,
}

/// A lock whose holder panicked still holds whole values here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Leash {
    /// Takes a child and begins to watch it.
    pub(super) fn new(child: Child, cancel: &Cancel) -> std::io::Result<Self> {
        let shared = Arc::new(Shared { child: Mutex::new(child), watch: Mutex::default(), changed: Condvar::new() });
        cancel.hold(&shared);
        let leash = Self { shared: shared.clone() };
        std::thread::Builder::new().name("document watchdog".to_owned()).spawn(move || shared.watch())?;
        Ok(leash)
    }

    /// From now on the child has this long, until [`Leash::at_ease`].
    pub(super) fn within(&self, time: Duration) {
        lock(&self.shared.watch).deadline = Some(Instant::now() + time);
        self.shared.changed.notify_all();
    }

    /// The child has answered; no clock runs.
    pub(super) fn at_ease(&self) {
        lock(&self.shared.watch).deadline = None;
        self.shared.changed.notify_all();
    }

    /// Whether it was killed for being slow.
    pub(super) fn was_too_slow(&self) -> bool {
        lock(&self.shared.watch).too_slow
    }

    /// How it ended; kills it if it has not.
    pub(super) fn end(&self) -> Option<ExitStatus> {
        let mut child = lock(&self.shared.child);
        // A child that has closed its pipe is about to end by itself, and its own word says more than our kill.
        for _ in 0..ENDING_LOOKS {
            if let Ok(Some(status)) = child.try_wait() {
                return Some(status);
            }
            std::thread::sleep(ENDING_LOOK);
        }
        let _ = child.kill();
        child.wait().ok()
    }

    /// The process, as long as it is held.
    pub(super) fn id(&self) -> u32 {
        lock(&self.shared.child).id()
    }
}

/// How often, and how far apart, an ending child is looked at before it is killed.
const ENDING_LOOKS: u32 = 50;
const ENDING_LOOK: Duration = Duration::from_millis(2);

impl Drop for Leash {
    fn drop(&mut self) {
        lock(&self.shared.watch).let_go = true;
        self.shared.changed.notify_all();
        self.shared.kill();
        let _ = lock(&self.shared.child).wait();
    }
}

impl Shared {
    fn kill(&self) {
        // Fails only where it has ended already.
        let _ = lock(&self.child).kill();
    }

    /// The watchdog's life.
    fn watch(&self) {
        let mut watch = lock(&self.watch);
        while !watch.let_go {
            let now = Instant::now();
            let deadline = watch.deadline;
            watch = match deadline {
                None => self.changed.wait(watch).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) if deadline > now => {
                    self.changed.wait_timeout(watch, deadline - now).unwrap_or_else(PoisonError::into_inner).0
                }
                Some(_) => {
                    watch.too_slow = true;
                    watch.deadline = None;
                    drop(watch);
                    self.kill();
                    lock(&self.watch)
                }
            };
        }
    }
}
