//! After an unclean end: a submission is safe, and whoever puts the same card down may have its slip printed.
//! Offered on the idle page for a while; the store knows whose card it was.

use super::event::{CardEvent, Stored};
use super::{Effect, Session, delays, front};
use crate::journeys::Journey;

/// A submission kept safe through an unclean end.
#[derive(Debug)]
pub(super) struct Recovered {
    pub(super) time: String,
    pub(super) number: String,
    offered_s: u32,
    /// The citizen asked for its slip: the card is awaited.
    pub(super) asked: bool,
}

impl Recovered {
    /// Just found.
    pub(super) fn offered(time: String, number: String) -> Self {
        Self { time, number, offered_s: 0, asked: false }
    }
}

impl Session {
    pub(super) fn ask_recovery(&mut self) -> Vec<Effect> {
        match &mut self.recovered {
            Some(recovered) => {
                recovered.asked = true;
                vec![Effect::ReadCard]
            }
            None => Vec::new(),
        }
    }

    pub(super) fn recovery_second(&mut self) {
        if let Some(recovered) = &mut self.recovered {
            recovered.offered_s += 1;
            if recovered.offered_s >= delays::RECOVERED_S {
                self.recovered = None;
            }
        }
    }

    pub(super) fn recovery_card(&mut self, card: CardEvent) -> Vec<Effect> {
        let CardEvent::Read(card) = card else { return Vec::new() };
        if let Some(recovered) = &mut self.recovered {
            recovered.asked = false;
        }
        vec![Effect::StopReading, Effect::RecoverSlip(card)]
    }

    pub(super) fn recovered_slip(&mut self, found: Option<Stored>) -> Vec<Effect> {
        let Some(stored) = found else {
            return self.open(Journey::message(front::not_this_card(&self.around)));
        };
        self.recovered = None;
        self.open(Journey::recovered(stored))
    }
}
