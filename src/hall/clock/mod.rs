//! The hall's clock as a value: the machine's own, or one that a test or a rehearsal sets.
//! Offices keep Beijing time (UTC+8, no daylight saving); no time-zone database is needed.
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

/// Where the hall takes "now" from.
#[derive(Clone, Default)]
pub struct Clock {
    shift_ms: Arc<AtomicI64>,
    moved: Arc<Notify>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// The machine's clock, moved by this much; `set_shift` moves it again.
    pub fn shifted(shift: SignedDuration) -> Self {
        let clock = Self::default();
        clock.set_shift(shift);
        clock
    }

    /// Moves this clock and all its clones.
    pub fn set_shift(&self, shift: SignedDuration) {
        let ms = i64::try_from(shift.as_millis()).unwrap_or(0);
        self.shift_ms.store(ms, Ordering::SeqCst);
        self.moved.notify_waiters();
    }

    /// Waits until it is moved: what was due later may be due now.
    pub(crate) async fn moved(&self) {
        self.moved.notified().await;
    }

    /// Now, to the millisecond.
    pub fn now(&self) -> Timestamp {
        from_ms(self.now_ms())
    }

    /// Now in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        Timestamp::now().as_millisecond().saturating_add(self.shift_ms.load(Ordering::SeqCst))
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Clock({} ms)", self.shift_ms.load(Ordering::SeqCst))
    }
}

/// What a clock that is kept right goes back by, now and then.
const SET_BACK_MS: i64 = 60_000;

/// Whether a stamp lies after now: it was made while the clock was ahead. What it lets hold would hold for as long as
/// the clock was wrong, decades perhaps; it counts as expired.
pub(crate) fn is_ahead(stamp_ms: i64, now_ms: i64) -> bool {
    stamp_ms > latest_stamp(now_ms)
}

/// The latest stamp that can have been made by now.
pub(crate) fn latest_stamp(now_ms: i64) -> i64 {
    now_ms.saturating_add(SET_BACK_MS)
}

/// A stored time; one that no calendar holds becomes 1970.
pub(crate) fn from_ms(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The office day of a moment.
pub(crate) fn office_date(at: Timestamp) -> Date {
    at.to_zoned(office_zone()).date()
}

/// The office's clock on the wall at a moment.
pub(crate) fn office_time(at: Timestamp) -> DateTime {
    at.to_zoned(office_zone()).datetime()
}

/// "2026-11-24 10:42" in office time.
pub(crate) fn office_minute(ms: i64) -> String {
    from_ms(ms).to_zoned(office_zone()).strftime("%Y-%m-%d %H:%M").to_string()
}

fn office_zone() -> TimeZone {
    TimeZone::fixed(Offset::constant(8))
}
