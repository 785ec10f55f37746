//! A word from another thread that a call in progress shall end: a session is over, a citizen touched "cancel".
//! Drivers look at it between two pieces of work and between two questions; nothing is interrupted by force.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Asks a call in progress to end. Clones ask the same call.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Nobody has asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks; cannot be taken back.
    pub fn request(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether somebody asked.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
