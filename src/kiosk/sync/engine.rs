//! The one task that speaks with the hall, one thing after the other, so that nothing can overtake: enrol, time,
//! renew, heartbeat, reconcile, content, then what is due. It holds nothing that the store does not hold too.

use super::control::Gate;
use super::enrol::{EnrolmentWish, enrol};
use super::identity::remember_proved;
use super::link::Link;
use super::link_error::LinkError;
use super::member::Member;
use super::renew::{ClockWitness, is_due, renew};
use super::trouble::Trouble;
use super::{HallAccess, SyncEvent, backoff, certificate, time};
use crate::app::TerminalClock;
use crate::store::{Store, StoreError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use wire::ids::{Sha256, TerminalNo};
use zeroize::Zeroizing;

/// The longest wait before the hall is tried again: when the network is back, nobody waits longer than this.
const LINK_WAIT_MAX: Duration = Duration::from_secs(30);
/// How often the time is asked for while the hall answers.
const TIME_EVERY: Duration = Duration::from_secs(60 * 60);
/// A difference below this is the network's, not the clock's.
const CLOCK_STEP_MS: u64 = 3_000;
/// After a fault of this machine.
const FAULT_WAIT: Duration = Duration::from_secs(5);

/// The task's state; all of it can be made again from the store.
pub(super) struct Engine {
    pub(super) store: Store,
    pub(super) clock: TerminalClock,
    pub(super) gate: Gate,
    pub(super) access: HallAccess,
    terminal_no: String,
    events: mpsc::Sender<SyncEvent>,
    pub(super) session: Option<Session>,
    pub(super) heartbeat_at: Instant,
    pub(super) shown_content: Option<(u64, Sha256)>,
    pub(super) unusable_content: u64,
    time_at: Instant,
    witness: ClockWitness,
    clock_is_sure: bool,
    failures: u32,
    told: Option<SyncEvent>,
    fault: Option<String>,
    is_faulty: bool,
    /// Why the code that was given is not tried again: each try uses one of five up.
    code_refused: Option<&'static str>,
}

/// Who we are and the connection.
pub(super) struct Session {
    pub(super) member: Member,
    pub(super) link: Link,
}

impl Engine {
    pub(super) fn new(
        store: Store,
        clock: TerminalClock,
        (access, terminal_no): (HallAccess, &str),
        (gate, events): (Gate, mpsc::Sender<SyncEvent>),
    ) -> Self {
        let now = Instant::now();
        Self {
            store,
            clock,
            gate,
            access,
            terminal_no: terminal_no.to_owned(),
            events,
            session: None,
            heartbeat_at: now,
            shown_content: None,
            unusable_content: 0,
            time_at: now,
            witness: ClockWitness::default(),
            clock_is_sure: false,
            failures: 0,
            told: None,
            fault: None,
            is_faulty: false,
            code_refused: None,
        }
    }

    /// Runs until the program ends.
    pub(super) async fn run(mut self) {
        let gate = self.gate.clone();
        tokio::select! {
            () = self.go_on() => {}
            () = gate.stopped() => {}
        }
    }

    async fn go_on(&mut self) {
        if let Err(error) = self.start_clock().await {
            tracing::error!(code = error.code(), "sync.clock_floor");
        }
        let gate = self.gate.clone();
        loop {
            let wait = match self.round().await {
                Ok(wait) => {
                    if !std::mem::take(&mut self.is_faulty) {
                        self.fault = None;
                    }
                    wait
                }
                Err(trouble) => self.failed(trouble).await,
            };
            gate.pause(wait).await;
        }
    }

    /// The clock never begins before what the hall proved.
    async fn start_clock(&self) -> Result<(), StoreError> {
        if let Some(floor) = self.store.clock_floor_ms().await?
            && self.clock.now_ms() < floor
        {
            tracing::warn!("sync.clock_behind_floor");
            self.clock.set_ms(floor);
        }
        Ok(())
    }

    /// Everything that is to be done now; how long nothing is then.
    async fn round(&mut self) -> Result<Duration, Trouble> {
        if !self.gate.network.is_up() {
            return Err(LinkError::Unreachable(std::io::ErrorKind::NetworkDown).into());
        }
        if self.must_enrol().await? {
            self.enrol().await?;
        }
        if self.session.is_none() {
            self.load().await?;
        }
        if Instant::now() >= self.time_at {
            self.ask_time().await?;
        }
        self.renew_if_due().await?;
        loop {
            if Instant::now() >= self.heartbeat_at {
                self.heartbeat().await?;
            }
            if !self.push().await? {
                break;
            }
        }
        self.idle_for().await
    }

    /// Until the next heartbeat or the next submission's turn.
    async fn idle_for(&self) -> Result<Duration, Trouble> {
        let heartbeat = self.heartbeat_at.saturating_duration_since(Instant::now());
        let Some(due_ms) = self.store.next_due_ms().await? else { return Ok(heartbeat) };
        let due = Duration::from_millis(due_ms.saturating_sub(self.clock.now_ms()).max(0).unsigned_abs());
        Ok(heartbeat.min(due))
    }

    /// Not enrolled, or the hall that is given is known to be another one.
    async fn must_enrol(&self) -> Result<bool, Trouble> {
        let known = match &self.session {
            Some(session) => Some(session.member.authority.clone()),
            None => self.store.identity().await?.hall.map(|hall| hall.ca),
        };
        Ok(match (known, &self.access.ca_der) {
            (None, _) => true,
            (Some(known), Some(given)) => known != *given && self.access.enrolment_code.is_some(),
            (Some(_), None) => false,
        })
    }

    async fn enrol(&mut self) -> Result<(), Trouble> {
        if self.access.address.is_empty() {
            return Err(Trouble::Waiting("no_hall"));
        }
        let Some(code) = self.access.enrolment_code.clone() else {
            return Err(Trouble::Waiting(self.code_refused.unwrap_or("not_enrolled")));
        };
        let terminal_no: TerminalNo = self.terminal_no.parse().map_err(|_| Trouble::Waiting("terminal_no"))?;
        let authority = self.access.ca_der.as_deref().map(Sha256::of);
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
                    self.code_refused = Some(trouble.code());
                }
                return Err(trouble);
            }
        };
        tracing::info!(hall_id = %enrolled.hall_id, fingerprint = enrolled.fingerprint, "sync.enrolled");
        self.tell(SyncEvent::Enrolled).await;
        Ok(())
    }

    /// Reads who we are from the store again; the next request opens a new connection.
    pub(super) async fn load(&mut self) -> Result<(), Trouble> {
        let mut member = Member::load(&self.store).await?.ok_or(Trouble::Waiting("not_enrolled"))?;
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
        let member = Member::load(&self.store).await?.ok_or(Trouble::Waiting("not_enrolled"))?;
        if let Some(session) = &mut self.session {
            session.member = member;
        }
        Ok(())
    }

    pub(super) fn session(&mut self) -> Result<&mut Session, Trouble> {
        self.session.as_mut().ok_or(Trouble::Waiting("not_enrolled"))
    }

    async fn ask_time(&mut self) -> Result<(), Trouble> {
        let session = self.session()?;
        let proved = time::ask(&mut session.link, &session.member).await?;
        let own_ms = self.clock.now_ms();
        let agrees = time::keep(&self.store, proved, own_ms).await?;
        let difference = proved.now_ms.abs_diff(own_ms);
        if difference > CLOCK_STEP_MS {
            tracing::warn!(by_ms = proved.now_ms.saturating_sub(own_ms), "sync.clock_set");
            self.clock.set_ms(proved.now_ms);
        }
        remember_proved(&self.store, proved);
        self.witness.saw(proved);
        self.clock_is_sure |= agrees || self.witness.is_sure();
        self.time_at = Instant::now() + TIME_EVERY;
        Ok(())
    }

    async fn renew_if_due(&mut self) -> Result<(), Trouble> {
        let now_ms = self.clock.now_ms();
        let certificate = &self.session()?.member.certificate;
        if !is_due(certificate, now_ms) {
            return Ok(());
        }
        let ended = certificate::validity_ms(certificate)?.1 < now_ms;
        if !self.clock_is_sure {
            // With an ended certificate the hall gives nothing but the time.
            return if ended { Err(Trouble::Waiting("certificate_ended")) } else { Ok(()) };
        }
        let store = self.store.clone();
        let session = self.session()?;
        renew(&store, &mut session.link, &session.member).await?;
        tracing::info!("sync.certificate_renewed");
        self.load().await
    }

    /// The current certificate was taken: the one before is not needed any more.
    pub(super) async fn certificate_was_used(&mut self) -> Result<(), Trouble> {
        if self.session()?.member.has_previous_key() {
            self.store.current_key_was_used().await?;
            self.reload().await?;
        }
        Ok(())
    }

    /// The hall answers.
    pub(super) async fn online(&mut self, staff_listens: bool) {
        self.failures = 0;
        self.tell_change(SyncEvent::Online { staff_listens }).await;
    }

    async fn failed(&mut self, trouble: Trouble) -> Duration {
        let code = trouble.code();
        self.failures = self.failures.saturating_add(1);
        if trouble.is_ours() {
            tracing::error!(code, "sync.fault");
            self.fault(code).await;
            return FAULT_WAIT;
        }
        tracing::info!(code, failures = self.failures, "sync.offline");
        // The first thing on a new connection is the time and a heartbeat: an epoch may have changed.
        self.session = None;
        self.time_at = Instant::now();
        self.heartbeat_at = Instant::now();
        self.tell_change(SyncEvent::Offline { why: code.to_owned() }).await;
        let wait = backoff::wait(self.failures, backoff::random()).min(LINK_WAIT_MAX);
        trouble.slot().unwrap_or(wait)
    }

    /// Says a fault, once until it is over.
    pub(super) async fn fault(&mut self, code: &str) {
        self.is_faulty = true;
        if self.fault.as_deref() != Some(code) {
            self.fault = Some(code.to_owned());
            self.tell(SyncEvent::Fault { code: code.to_owned() }).await;
        }
    }

    pub(super) async fn tell(&self, event: SyncEvent) {
        // Nobody listens any more only when the program ends.
        let _ = self.events.send(event).await;
    }

    async fn tell_change(&mut self, event: SyncEvent) {
        if self.told.as_ref() != Some(&event) {
            self.told = Some(event.clone());
            self.tell(event).await;
        }
    }
}
