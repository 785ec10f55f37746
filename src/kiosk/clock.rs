//! The terminal's clock: the machine's at the start, and from there on its running time, so that nobody's hand on the
//! machine's clock moves it. What moves it is what the hall's signed time said and, in the demo, the dock. Shared by
//! store, sync and session, so that there is one time.

use crate::session::Moment;
use crate::store;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// One clock; clones share it.
#[derive(Clone)]
pub struct TerminalClock {
    /// The terminal's time when the machine's running time was 0, in ms since 1970.
    boot_ms: Arc<AtomicI64>,
    machine: store::Now,
    utc_offset_minutes: i32,
}

impl TerminalClock {
    /// Begins at the machine's clock, in a zone of a fixed offset.
    #[must_use]
    pub fn new(utc_offset_minutes: i32) -> Self {
        Self::of(Arc::new(store::Moment::of_this_machine), utc_offset_minutes)
    }

    fn of(machine: store::Now, utc_offset_minutes: i32) -> Self {
        let start = machine();
        let boot_ms = start.at_ms.saturating_sub(start.mono_ms);
        Self { boot_ms: Arc::new(AtomicI64::new(boot_ms)), machine, utc_offset_minutes }
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.now().at_ms
    }

    /// Moves the clock.
    pub fn jump_ms(&self, by_ms: i64) {
        self.boot_ms.fetch_add(by_ms, Ordering::Relaxed);
    }

    /// Sets the clock to a time.
    pub fn set_ms(&self, at_ms: i64) {
        self.boot_ms.store(at_ms.saturating_sub((self.machine)().mono_ms), Ordering::Relaxed);
    }

    /// For the store.
    #[must_use]
    pub fn for_store(&self) -> store::Now {
        let clock = self.clone();
        Arc::new(move || clock.now())
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

    fn now(&self) -> store::Moment {
        let machine = (self.machine)();
        store::Moment { at_ms: self.boot_ms.load(Ordering::Relaxed).saturating_add(machine.mono_ms), ..machine }
    }
}

impl fmt::Debug for TerminalClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TerminalClock").field("now_ms", &self.now_ms()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    const START_MS: i64 = 1_795_485_600_000;
    const YEAR_MS: i64 = 365 * 24 * 60 * 60 * 1000;
    const IN_1970_MS: i64 = 30_000;
    const IN_2099_MS: i64 = 4_090_000_000_000;

    /// A machine whose clock goes as the test says.
    struct Machine(Arc<Mutex<store::Moment>>);

    impl Machine {
        fn started() -> Self {
            let start = store::Moment { at_ms: START_MS, boot_id: uuid::Uuid::nil(), mono_ms: 40_000 };
            Self(Arc::new(Mutex::new(start)))
        }

        fn terminal(&self) -> TerminalClock {
            let moment = self.0.clone();
            TerminalClock::of(Arc::new(move || *moment.lock().unwrap()), 480)
        }

        fn run(&self, ms: i64) {
            let mut moment = self.0.lock().unwrap();
            moment.at_ms += ms;
            moment.mono_ms += ms;
        }

        /// As `date --set` does, or a network time that is wrong.
        fn step_to(&self, at_ms: i64) {
            self.0.lock().unwrap().at_ms = at_ms;
        }
    }

    #[test]
    fn it_begins_at_the_machines_clock() {
        assert_eq!(Machine::started().terminal().now_ms(), START_MS);
    }

    #[test]
    fn a_step_of_the_machines_clock_while_the_terminal_runs_changes_nothing() {
        for wrong_ms in [IN_1970_MS, IN_2099_MS] {
            let machine = Machine::started();
            let clock = machine.terminal();
            machine.run(1_000);
            machine.step_to(wrong_ms);
            assert_eq!(clock.now_ms(), START_MS + 1_000);
            machine.run(2_000);
            assert_eq!(clock.now_ms(), START_MS + 3_000);
            let stored = clock.for_store()();
            assert_eq!((stored.at_ms, stored.mono_ms), (START_MS + 3_000, 43_000));
        }
    }

    #[test]
    fn a_signed_answer_moves_it_either_way_and_it_counts_on_from_there() {
        for answer_ms in [START_MS - YEAR_MS, START_MS + YEAR_MS] {
            let machine = Machine::started();
            let clock = machine.terminal();
            let for_store = clock.for_store();
            machine.run(1_000);
            clock.set_ms(answer_ms);
            assert_eq!(clock.now_ms(), answer_ms);
            machine.step_to(IN_2099_MS);
            machine.run(500);
            assert_eq!((clock.now_ms(), for_store().at_ms), (answer_ms + 500, answer_ms + 500));
        }
    }

    #[test]
    fn the_docks_jump_moves_every_clone_and_leaves_the_running_time_alone() {
        let machine = Machine::started();
        let clock = machine.terminal();
        let for_store = clock.for_store();
        clock.clone().jump_ms(-YEAR_MS);
        clock.jump_ms(60_000);
        machine.run(10);
        let stored = for_store();
        assert_eq!((clock.now_ms(), stored.at_ms), (START_MS - YEAR_MS + 60_010, clock.now_ms()));
        assert_eq!(stored.mono_ms, 40_010);
    }
}
