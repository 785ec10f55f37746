//! The behaviour of a simulated keyboard wedge: codes are typed as the kernel's key events.

use crate::barcode_reader::{
    KeyEvent, KeyboardWedge,
    keyboard_text::{self, SYN_DROPPED_EVENT},
};
use crate::simulation::{Bench, MemoryConnector, Model};
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

/// A simulated wedge.
#[derive(Default)]
pub struct Keyboard {
    key_time: Duration,
    waiting: VecDeque<(Instant, KeyEvent)>,
    output: VecDeque<u8>,
    typed: usize,
    unplug_after: Option<usize>,
    pull_cable: bool,
}

impl Model for Keyboard {
    /// A keyboard takes nothing but its lights.
    fn receive(&mut self, _bytes: &[u8], _now: Instant) {}

    fn advance(&mut self, now: Instant) -> Option<Instant> {
        while self.waiting.front().is_some_and(|(at, _)| *at <= now) {
            let Some((_, event)) = self.waiting.pop_front() else { break };
            if self.unplug_after.is_some_and(|events| self.typed >= events) {
                self.waiting.clear();
                self.unplug_after = None;
                self.pull_cable = true;
                break;
            }
            self.typed += 1;
            self.output.extend(event.to_bytes());
        }
        self.waiting.front().map(|(at, _)| *at)
    }

    fn output(&mut self) -> &mut VecDeque<u8> {
        &mut self.output
    }

    fn pulls_cable(&mut self) -> bool {
        std::mem::take(&mut self.pull_cable)
    }
}

/// What a hand can do to the simulated wedge.
#[derive(Clone)]
pub struct KeyboardKnobs(Arc<Bench<Keyboard>>);

/// A simulated wedge that is on no wire yet, and the knobs.
pub fn keyboard_bench() -> (Arc<Bench<Keyboard>>, KeyboardKnobs) {
    let bench = Bench::new(Keyboard::default());
    (bench.clone(), KeyboardKnobs(bench))
}

/// A driver wired to a simulated wedge in memory, and the knobs.
pub fn keyboard_in_memory() -> (KeyboardWedge, KeyboardKnobs) {
    let (bench, knobs) = keyboard_bench();
    (KeyboardWedge::new(Box::new(MemoryConnector(bench))), knobs)
}

impl KeyboardKnobs {
    /// Shows a code: it is typed, with enter behind it. Characters that have no key are left out, as readers do.
    pub fn show(&self, text: &str) {
        self.type_events(&typed(text));
    }

    /// The reader stops after so many characters, without enter.
    pub fn show_partly(&self, text: &str, characters: usize) {
        let part: String = text.chars().take(characters).collect();
        let mut events = typed(&part);
        events.truncate(events.len() - keyboard_text::ENTER_EVENTS);
        self.type_events(&events);
    }

    /// The kernel's buffer runs over in the middle of a code.
    pub fn show_with_loss(&self, text: &str) {
        let mut events = typed(text);
        events.insert(events.len() / 2, SYN_DROPPED_EVENT);
        self.type_events(&events);
    }

    /// Every key takes this long.
    pub fn slow(&self, key_time: Duration) {
        self.0.with(|keyboard| keyboard.key_time = key_time);
    }

    /// The cable is pulled after so many more events of the next code.
    pub fn unplug_after(&self, events: usize) {
        self.0.with(|keyboard| keyboard.unplug_after = Some(keyboard.typed + events));
    }

    /// Pulls the cable.
    pub fn unplug(&self) {
        self.0.set_plugged(false);
    }

    /// Puts the cable in again.
    pub fn replug(&self) {
        self.0.set_plugged(true);
    }

    fn type_events(&self, events: &[KeyEvent]) {
        let now = Instant::now();
        self.0.with(|keyboard| {
            let time = keyboard.key_time;
            keyboard.waiting.extend(events.iter().zip(0..).map(|(event, n)| (now + time * n, *event)));
        });
    }
}

fn typed(text: &str) -> Vec<KeyEvent> {
    let known: String = text.chars().filter(|c| (' '..='~').contains(c)).collect();
    keyboard_text::type_text(&known).unwrap_or_default()
}
