//! After an unclean end: a submission is safe, and whoever puts the same card down may have its slip printed.
//! Offered on the idle page for a while; the store knows whose card it was.

use super::{Effect, Place, Session, delays};
use crate::journeys::Journey;

/// A submission kept safe through an unclean end.
#[derive(Debug)]
pub(super) struct Recovered {
    pub(super) time: String,
    pub(super) number: String,
    offered_s: u32,
}

impl Recovered {
    /// Just found.
    pub(super) fn offered(time: String, number: String) -> Self {
        Self { time, number, offered_s: 0 }
    }
}

impl Session {
    pub(super) fn ask_recovery(&mut self) -> Vec<Effect> {
        match (&self.place, &self.recovered) {
            (Place::Idle, Some(recovered)) => self.open(Journey::reclaim(recovered.number.clone())),
            _ => Vec::new(),
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
}
