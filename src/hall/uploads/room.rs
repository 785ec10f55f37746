//! The memory that all waiting files share: taken as bytes arrive, given back when a file is dropped.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// So many bytes, and how many are in use.
pub(crate) struct Room {
    most: u64,
    used: AtomicU64,
}

/// Some of the room, given back at its end.
pub(crate) struct Share {
    room: Arc<Room>,
    bytes: u64,
}

impl Room {
    pub(super) fn new(most: u64) -> Arc<Self> {
        Arc::new(Self { most, used: AtomicU64::new(0) })
    }

    pub(crate) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    pub(super) fn share(self: &Arc<Self>) -> Share {
        Share { room: Arc::clone(self), bytes: 0 }
    }
}

impl Share {
    /// Takes more; false if there is no room.
    pub(super) fn grow(&mut self, bytes: u64) -> bool {
        let fits = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= self.room.most);
        let taken = self.room.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok();
        self.bytes += if taken { bytes } else { 0 };
        taken
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.room.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_makes_room_again() {
        let room = Room::new(10);
        let (mut one, mut other) = (room.share(), room.share());
        assert!(one.grow(6) && other.grow(4) && !one.grow(1));
        drop(other);
        assert!(one.grow(4));
        drop(one);
        assert_eq!(room.used(), 0);
    }
}
