//! The terminal's clock: the machine's own, moved by what the hall's signed time said and, in the demo, by the
//! dock. Shared by store, sync and session, so that there is one time.

use crate::session::Moment;
use crate::store;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// One clock; clones share it.
#[derive(Clone, Debug)]
pub struct TerminalClock {
    /// Added to the machine's clock, in ms.
    offset_ms: Arc<AtomicI64>,
    utc_offset_minutes: i32,
}

impl TerminalClock {
    /// The machine's clock in a zone of a fixed offset.
    #[must_use]
    pub fn new(utc_offset_minutes: i32) -> Self {
        Self { offset_ms: Arc::new(AtomicI64::new(0)), utc_offset_minutes }
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        store::Moment::of_this_machine().at_ms.saturating_add(self.offset_ms.load(Ordering::Relaxed))
    }

    /// Moves the clock.
    pub fn jump_ms(&self, by_ms: i64) {
        self.offset_ms.fetch_add(by_ms, Ordering::Relaxed);
    }

    /// Sets the clock to a time.
    pub fn set_ms(&self, at_ms: i64) {
        self.offset_ms.store(at_ms.saturating_sub(store::Moment::of_this_machine().at_ms), Ordering::Relaxed);
    }

    /// For the store.
    #[must_use]
    pub fn for_store(&self) -> store::Now {
        let clock = self.clone();
        Arc::new(move || {
            let mut moment = store::Moment::of_this_machine();
            moment.at_ms = clock.now_ms();
            moment
        })
    }

    /// Local date and time.
    #[must_use]
    pub fn local(&self) -> Moment {
        self.local_of(self.now_ms())
    }

    /// Local date and time of a moment.
    #[must_use]
    pub fn local_of(&self, at_ms: i64) -> Moment {
        let zone = Offset::from_seconds(self.utc_offset_minutes * 60).map_or(TimeZone::UTC, TimeZone::fixed);
        let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone);
        Moment { date: at.date(), time: at.time() }
    }
}
