//! Being a member of the hall: enrolled, with a certificate that lasts and a clock that the hall set right. Nothing
//! here holds submissions up longer than it must.

use super::certificate;
use super::control::Gate;
use super::engine::{Engine, Session};
use super::enrol::{EnrolmentWish, enrol};
use super::faults::Source;
use super::identity::remember_proved;
use super::link::Link;
use super::member::Member;
use super::renew::{is_due, renew};
use super::trouble::{CERTIFICATE_ENDED, Trouble};
use super::{SyncEvent, time};
use crate::store::{Store, StoreError, mono_ms};
use std::time::Duration;
use tokio::time::Instant;
use wire::ids::{Sha256, TerminalNo};
use zeroize::Zeroizing;

/// How often the time is asked for while the hall answers.
const TIME_EVERY: Duration = Duration::from_secs(60 * 60);
/// When something that nothing waits for did not go well.
const AGAIN: Duration = Duration::from_secs(60);
/// A difference below this is the network's, not the clock's.
const CLOCK_STEP_MS: u64 = 3_000;

/// Who we are by the store; a terminal that no hall knows yet waits.
async fn enrolled(store: &Store) -> Result<Member, Trouble> {
    Member::load(store).await?.ok_or(Trouble::Waiting("not_enrolled"))
}

/// A connection of its own, for what may be held back long and must not hold up anything else.
pub(super) async fn connect(store: &Store, gate: &Gate) -> Result<Link, Trouble> {
    let member = enrolled(store).await?;
    Ok(Link::new(&member.address, member.tls()?, gate.network.clone()))
}

impl Engine {
    /// The clock never begins before what the hall proved.
    pub(super) async fn start_clock(&self) -> Result<(), StoreError> {
        if let Some(floor) = self.store.clock_floor_ms().await?
            && self.clock.now_ms() < floor
        {
            tracing::warn!("sync.clock_behind_floor");
            self.clock.set_ms(floor);
        }
        Ok(())
    }

    /// Not enrolled, turned away or with an ended certificate, or the hall that is given is known to be another one.
    pub(super) async fn must_enrol(&self) -> Result<bool, Trouble> {
        if self.is_turned_away && self.access.enrolment_code.is_some() {
            return Ok(true);
        }
        let known = match &self.session {
            Some(session) => Some(Sha256::of(&session.member.authority)),
            None => self.store.identity().await?.hall.map(|hall| Sha256::of(&hall.ca)),
        };
        Ok(match (known, self.access.authority) {
            (None, _) => true,
            (Some(known), Some(given)) => known != given && self.access.enrolment_code.is_some(),
            (Some(_), None) => false,
        })
    }

    pub(super) async fn enrol(&mut self) -> Result<(), Trouble> {
        if self.access.address.is_empty() {
            return Err(Trouble::Waiting("no_hall"));
        }
        let Some(code) = self.access.enrolment_code.clone() else {
            return Err(Trouble::Waiting(self.code_refused.unwrap_or("not_enrolled")));
        };
        let terminal_no: TerminalNo = self.terminal_no.parse().map_err(|_| Trouble::Waiting("terminal_no"))?;
        let authority = self.access.authority;
        let (address, code) = (self.access.address.clone(), Zeroizing::new(code));
        let wish = EnrolmentWish { address, terminal_no, code, authority };
        self.session = None;
        let enrolled = match enrol(&self.store, &self.gate.network, &wish).await {
            Ok(enrolled) => enrolled,
            Err(failure) => {
                let needs_person = failure.needs_person();
                let trouble = Trouble::from(failure);
                if needs_person {
                    self.access.enrolment_code = None;
                    if self.store.identity().await?.hall.is_some() {
                        // The hall that this terminal is enrolled at must be reached where it is.
                        self.access.address.clear();
                    }
                    self.code_refused = Some(trouble.code());
                }
                return Err(trouble);
            }
        };
        tracing::info!(hall_id = %enrolled.hall_id, fingerprint = enrolled.fingerprint, "sync.enrolled");
        // Single use.
        self.access.enrolment_code = None;
        self.is_turned_away = false;
        (self.shown_content, self.unusable_content) = (None, 0);
        self.tell(SyncEvent::Enrolled).await;
        Ok(())
    }

    /// Reads who we are from the store again; the next request opens a new connection.
    pub(super) async fn load(&mut self) -> Result<(), Trouble> {
        let mut member = enrolled(&self.store).await?;
        if !self.access.address.is_empty() && self.access.address != member.address {
            self.store.set_hall_address(&self.access.address).await?;
            member.address.clone_from(&self.access.address);
        }
        let link = Link::new(&member.address, member.tls()?, self.gate.network.clone());
        self.session = Some(Session { member, link });
        Ok(())
    }

    /// Reads who we are again, keeping the connection.
    pub(super) async fn reload(&mut self) -> Result<(), Trouble> {
        let member = enrolled(&self.store).await?;
        if let Some(session) = &mut self.session {
            session.member = member;
        }
        Ok(())
    }

    pub(super) fn session(&mut self) -> Result<&mut Session, Trouble> {
        self.session.as_mut().ok_or(Trouble::Waiting("not_enrolled"))
    }

    /// Asks the time. An answer that is not believed holds nothing else up: its key may be so new that only the
    /// heartbeat brings it.
    pub(super) async fn ask_time(&mut self) -> Result<(), Trouble> {
        self.time_at = Instant::now() + TIME_EVERY;
        let session = self.session()?;
        let proved = match time::ask(&mut session.link, &session.member).await.map_err(Trouble::from) {
            Ok(proved) => proved,
            Err(trouble) if trouble.is_of_one_request() || trouble.is_not_believed() => {
                self.time_at = Instant::now() + AGAIN;
                self.fault(Source::Clock, "no_time").await;
                return Ok(());
            }
            Err(trouble) => return Err(trouble),
        };
        self.fault_over(&Source::Clock);
        let own_ms = self.clock.now_ms();
        let agreement = time::keep(&self.store, proved, own_ms).await?;
        if proved.now_ms.abs_diff(own_ms) > CLOCK_STEP_MS {
            tracing::warn!(by_ms = proved.now_ms.saturating_sub(own_ms), "sync.clock_set");
            self.clock.set_ms(proved.now_ms);
        }
        remember_proved(&self.store, proved);
        self.witness.saw(proved, agreement);
        self.proved = Some(proved);
        Ok(())
    }

    pub(super) async fn renew_if_due(&mut self) -> Result<(), Trouble> {
        let now_ms = self.clock.now_ms();
        let certificate = &self.session()?.member.certificate;
        let ended = certificate::validity_ms(certificate)?.1 < now_ms;
        if !is_due(certificate, now_ms) {
            self.fault_over(&Source::Certificate);
            return Ok(());
        }
        if !ended && Instant::now() < self.renew_at {
            return Ok(());
        }
        if !self.witness.is_sure() {
            // With an ended certificate the hall gives nothing but the time.
            return if ended { Err(Trouble::Waiting(CERTIFICATE_ENDED)) } else { Ok(()) };
        }
        self.renew_at = Instant::now() + AGAIN;
        let store = self.store.clone();
        let session = self.session()?;
        match renew(&store, &mut session.link, &session.member).await.map_err(Trouble::from) {
            Ok(()) => {
                tracing::info!("sync.certificate_renewed");
                self.fault_over(&Source::Certificate);
                self.load().await
            }
            // Weeks are left: nothing else waits for it.
            Err(trouble) if !ended && trouble.is_of_one_request() => {
                self.fault(Source::Certificate, "not_renewed").await;
                Ok(())
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// A hall whose own certificate has ended by the time that it proved itself is asked for nothing but that time
    /// and a renewal. A clock that nobody proved says nothing about a certificate.
    pub(super) async fn hall_certificate_lasts(&mut self) -> Result<(), Trouble> {
        let until_ms = self.session()?.link.hall().await?.leaf_until_ms;
        let now_ms = self.proved.map(|proved| proved.now_ms.saturating_add(mono_ms() - proved.mono_ms));
        let ended = now_ms.is_some_and(|now_ms| until_ms < now_ms);
        self.gate.set_hall_ended(ended);
        if ended { Err(Trouble::Waiting("hall_certificate_ended")) } else { Ok(()) }
    }

    /// The current certificate was taken: the one before is not needed any more.
    pub(super) async fn certificate_was_used(&mut self) -> Result<(), Trouble> {
        if self.session()?.member.has_previous_key() {
            self.store.current_key_was_used().await?;
            self.reload().await?;
        }
        Ok(())
    }
}
