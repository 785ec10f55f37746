//! The end of a session: asked where a form is open, said goodbye to where something was left behind, and
//! everything forgotten.

use super::idle::{Hold, Idle};
use super::{Effect, Place, Session, Sound, delays};
use crate::journeys::Left;
use crate::view::Language;

impl Session {
    pub(super) fn leave(&mut self) -> Vec<Effect> {
        if matches!(&self.place, Place::Journey(journey) if journey.hands_over()) {
            return Vec::new();
        }
        if self.filling() {
            self.leave_asked = true;
            return Vec::new();
        }
        self.end()
    }

    /// Ends the session: says goodbye where something was left behind, else straight to idle.
    pub(super) fn end(&mut self) -> Vec<Effect> {
        self.leave_asked = false;
        let mut effects = self.close_call();
        effects.extend(self.close_journey());
        self.place = Place::Idle;
        let mut left = std::mem::take(&mut self.left);
        if self.guest.take().is_some() {
            left.card = true;
            left.cards += 1;
        }
        effects.push(Effect::StopReading);
        // Where a card is invited next, it is asked for anew.
        self.watching = false;
        effects.push(Effect::Forget);
        if left.nothing() {
            effects.extend(self.back_to_idle());
        } else {
            let seconds = if self.around.elder { delays::FAREWELL_ELDER_S } else { delays::FAREWELL_S };
            self.place = Place::Farewell { left, seconds };
            self.idle = Idle::fresh();
            effects.push(Effect::Sound(Sound::TakeIt));
        }
        effects
    }

    /// Closes the journey, if one is open: what it leaves behind is kept for the farewell.
    pub(super) fn close_journey(&mut self) -> Vec<Effect> {
        let Place::Journey(journey) = std::mem::replace(&mut self.place, Place::Home) else { return Vec::new() };
        let held = self.guest.as_ref().is_some_and(|card| journey.holds_card(&card.number));
        let (mut left, effects) = journey.finish();
        // The guest's own card is counted with the guest.
        left.cards -= usize::from(held);
        self.left = std::mem::take(&mut self.left).and(left);
        effects
    }

    /// Nobody begins anything: what somebody left changed on the idle page (language, type size, an open call) goes.
    pub(super) fn idle_second(&mut self) -> Vec<Effect> {
        let changed = self.around.language != Language::Zh || self.around.elder || self.call.is_some();
        if !changed {
            return Vec::new();
        }
        let limit_s = if self.around.elder { delays::IDLE_ELDER_S } else { delays::IDLE_S };
        let hold = if self.call.is_some() { Hold::Help } else { Hold::None };
        self.idle = self.idle.second(limit_s, hold);
        if matches!(self.idle, Idle::Counting { .. }) { Vec::new() } else { self.back_to_idle() }
    }

    pub(super) fn back_to_idle(&mut self) -> Vec<Effect> {
        self.place = Place::Idle;
        self.idle = Idle::fresh();
        self.leave_asked = false;
        self.around.language = Language::Zh;
        self.around.elder = false;
        self.around.large_type_offered = false;
        self.around.pages_spent = 0;
        self.around.pages_left_today = None;
        self.guest = None;
        self.left = Left::default();
        self.close_call()
    }
}
