//! Renewal of the terminal's certificate: at a third of its life left, with a new key each time, and only after two
//! time answers a day apart agree with the clock in between, so that a hall or terminal with a wrong clock cannot
//! burn through certificates. An expired certificate may still ask for a new one.

use super::certificate;
use super::enrol::{EnrolFailure, pending_key};
use super::link::Link;
use super::member::Member;
use super::time::ProvedTime;
use crate::store::Store;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wire::api::{RenewAnswer, RenewRequest, path};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// What a machine's oscillator may lose or gain in a day, and more.
const DRIFT_MS: i64 = 60 * 1000;

/// Time answers that agree with each other, and how long they span.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClockWitness {
    first: Option<ProvedTime>,
    agreed_for_ms: i64,
}

impl ClockWitness {
    /// Takes one more answer; one that does not agree begins the count anew.
    pub fn saw(&mut self, answer: ProvedTime) {
        let Some(first) = self.first else {
            self.first = Some(answer);
            return;
        };
        let (by_hall, by_us) = (answer.now_ms - first.now_ms, answer.mono_ms - first.mono_ms);
        if (by_hall - by_us).abs() > DRIFT_MS + by_us / 1000 {
            *self = Self { first: Some(answer), agreed_for_ms: 0 };
        } else {
            self.agreed_for_ms = by_us;
        }
    }

    /// Two answers a day apart agree.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        self.agreed_for_ms >= DAY_MS
    }
}

/// Whether a certificate has a third of its life left, or less.
#[must_use]
pub fn is_due(certificate: &[u8], now_ms: i64) -> bool {
    let Ok((from_ms, until_ms)) = certificate::validity_ms(certificate) else { return false };
    until_ms.saturating_sub(now_ms) < until_ms.saturating_sub(from_ms) / 3
}

/// Asks for a new certificate and stores it; the old key stays valid until the new one was used.
///
/// # Errors
/// When the hall is not reached or refuses, or the store does.
pub async fn renew(store: &Store, link: &mut Link, member: &Member) -> Result<(), EnrolFailure> {
    let (private_key, csr) = pending_key(store).await?;
    let answer: RenewAnswer = link.post(path::RENEW, &RenewRequest { csr: STANDARD.encode(&csr) }).await?;
    let new = STANDARD.decode(&answer.certificate).map_err(|_| EnrolFailure::Answer)?;
    let ours = certificate::is_for(&new, &private_key).map_err(|_| EnrolFailure::Answer)?;
    if !ours || new == member.certificate {
        return Err(EnrolFailure::Answer);
    }
    Ok(store.renewed(&new).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(now_ms: i64, mono_ms: i64) -> ProvedTime {
        ProvedTime { now_ms, mono_ms }
    }

    #[test]
    fn two_answers_a_day_apart_make_sure() {
        let mut witness = ClockWitness::default();
        witness.saw(at(1_000_000, 0));
        witness.saw(at(1_000_000 + DAY_MS / 2, DAY_MS / 2));
        assert!(!witness.is_sure());
        witness.saw(at(1_000_000 + DAY_MS + 900, DAY_MS));
        assert!(witness.is_sure());
    }

    #[test]
    fn a_jump_between_two_answers_begins_anew() {
        let mut witness = ClockWitness::default();
        witness.saw(at(0, 0));
        witness.saw(at(70 * 365 * DAY_MS, DAY_MS));
        assert!(!witness.is_sure());
        witness.saw(at(70 * 365 * DAY_MS + DAY_MS, 2 * DAY_MS));
        assert!(witness.is_sure());
    }
}
