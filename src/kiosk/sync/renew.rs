//! Renewal of the terminal's certificate: at a third of its life left, with a new key each time, and only after two
//! time answers a day apart agree with the clock in between, so that a hall or terminal with a wrong clock cannot
//! burn through certificates. An expired certificate may still ask for a new one.

use super::certificate;
use super::enrol::{EnrolFailure, pending_key};
use super::link::Link;
use super::member::Member;
use super::time::{Agreement, ProvedTime};
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
    /// The terminal's clock agreed since an answer of a day or more ago, also across runs of the program.
    clock_agrees: bool,
}

impl ClockWitness {
    /// Takes one more answer and what the terminal's own clock said to it; one that does not agree begins the count
    /// anew.
    pub fn saw(&mut self, answer: ProvedTime, own: Agreement) {
        match own {
            Agreement::Denied => self.clock_agrees = false,
            Agreement::Sure => self.clock_agrees = true,
            Agreement::Open => {}
        }
        let Some(first) = self.first else {
            self.first = Some(answer);
            return;
        };
        let (by_hall, by_us) = (answer.now_ms - first.now_ms, answer.mono_ms - first.mono_ms);
        if (by_hall - by_us).abs() > DRIFT_MS + by_us / 1000 {
            (self.first, self.agreed_for_ms) = (Some(answer), 0);
        } else {
            self.agreed_for_ms = by_us;
        }
    }

    /// Two answers a day apart agree, and the last one with them.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        self.clock_agrees || self.agreed_for_ms >= DAY_MS
    }
}

/// Whether a certificate has a third of its life left, or less; or begins more than a day from now: a hall with a wrong
/// clock gave it, and it would not be due before that clock's time.
#[must_use]
pub fn is_due(certificate: &[u8], now_ms: i64) -> bool {
    let Ok((from_ms, until_ms)) = certificate::validity_ms(certificate) else { return false };
    let is_of_the_future = from_ms > now_ms.saturating_add(DAY_MS);
    is_of_the_future || until_ms.saturating_sub(now_ms) < until_ms.saturating_sub(from_ms) / 3
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

    const YEARS_MS: i64 = 70 * 365 * DAY_MS;

    fn at(now_ms: i64, mono_ms: i64) -> ProvedTime {
        ProvedTime { now_ms, mono_ms }
    }

    #[test]
    fn two_answers_a_day_apart_make_sure() {
        let mut witness = ClockWitness::default();
        witness.saw(at(1_000_000, 0), Agreement::Denied);
        witness.saw(at(1_000_000 + DAY_MS / 2, DAY_MS / 2), Agreement::Open);
        assert!(!witness.is_sure());
        witness.saw(at(1_000_000 + DAY_MS + 900, DAY_MS), Agreement::Open);
        assert!(witness.is_sure());
    }

    #[test]
    fn a_jump_between_two_answers_begins_anew() {
        let mut witness = ClockWitness::default();
        witness.saw(at(0, 0), Agreement::Open);
        witness.saw(at(YEARS_MS, DAY_MS), Agreement::Denied);
        assert!(!witness.is_sure());
        witness.saw(at(YEARS_MS + DAY_MS, 2 * DAY_MS), Agreement::Open);
        assert!(witness.is_sure());
    }

    #[test]
    fn one_wrong_answer_ends_being_sure_and_the_next_right_one_does_not_bring_it_back() {
        for sure_by_the_clock in [Agreement::Sure, Agreement::Open] {
            let mut witness = ClockWitness::default();
            witness.saw(at(0, 0), sure_by_the_clock);
            witness.saw(at(DAY_MS, DAY_MS), sure_by_the_clock);
            assert!(witness.is_sure());
            witness.saw(at(YEARS_MS + DAY_MS, DAY_MS), Agreement::Denied);
            assert!(!witness.is_sure());
            witness.saw(at(DAY_MS + 1_000, DAY_MS + 1_000), Agreement::Denied);
            assert!(!witness.is_sure());
            witness.saw(at(2 * DAY_MS + 1_000, 2 * DAY_MS + 1_000), Agreement::Open);
            assert!(witness.is_sure());
        }
    }
}
