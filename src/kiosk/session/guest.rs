//! A card put down where no errand was chosen yet: the idle and the first page say that one may, so the reader
//! is wanted there and nowhere else. Whoever it is is greeted; the card serves the application begun next.

use super::event::CardEvent;
use super::{Effect, HeldCard, Place, Session};
use crate::journeys::Journey;

impl Session {
    /// Whether a card put down now starts something; the page says so.
    pub(super) fn invites_card(&self) -> bool {
        let here = match &self.place {
            Place::Idle => !self.around.content.is_none(),
            Place::Home => true,
            Place::Journey(journey) => journey.awaits_guest(),
            Place::Farewell { .. } => false,
        };
        here && self.guest.is_none()
    }

    /// Wants the reader where a card is invited, and lets go of it elsewhere.
    pub(super) fn watch_reader(&mut self, effects: &mut Vec<Effect>) {
        let invites = self.invites_card();
        if invites && !self.watching {
            // A card that the last citizen left there starts nothing.
            effects.push(Effect::ReadAnotherCard);
        } else if !invites && self.watching {
            effects.insert(0, Effect::StopReading);
        }
        self.watching = invites;
    }

    /// What the reader said while a card was invited.
    pub(super) fn guest_card(&mut self, event: CardEvent) -> Vec<Effect> {
        if event.is_act() {
            self.idle = super::Idle::fresh();
        }
        let event = match event {
            CardEvent::Read(card) => return self.greet(card),
            // The reader's own trouble is no news to somebody who did not put a card down.
            CardEvent::ReaderFault | CardEvent::ReaderWell if !matches!(self.place, Place::Journey(_)) => {
                return Vec::new();
            }
            other => other,
        };
        let mut effects = Vec::new();
        if !matches!(self.place, Place::Journey(_)) {
            effects.extend(self.open(Journey::reading_guest()));
        }
        effects.extend(self.journey_event(super::Event::Card(event)));
        effects
    }

    fn greet(&mut self, card: Box<HeldCard>) -> Vec<Effect> {
        let welcome = Journey::welcome(&card, &self.around);
        self.guest = Some(card);
        let mut effects = vec![Effect::Sound(super::Sound::CardRead)];
        effects.extend(self.open(welcome));
        effects
    }

    /// Masked name of whoever put a card down first; empty where nobody did.
    pub(super) fn guest_name(&self) -> String {
        self.guest.as_ref().map(|card| wire::mask::name(&card.name)).unwrap_or_default()
    }
}
