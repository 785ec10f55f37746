//! The one task that speaks with the hall, one thing after the other, so that nothing can overtake: enrol, time,
//! renew, heartbeat, reconcile, content, what is due, then what the hall lost. It holds nothing that the store or the
//! hall's next answer does not give again.

use super::again::Wanted;
use super::control::Gate;
use super::faults::{Faults, Source};
use super::link::Link;
use super::link_error::LinkError;
use super::member::Member;
use super::renew::ClockWitness;
use super::time::ProvedTime;
use super::trouble::Trouble;
use super::{HallAccess, SyncEvent, backoff};
use crate::clock::TerminalClock;
use crate::store::Store;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use wire::ids::Sha256;

/// The longest wait before the hall is tried again: when the network is back, nobody waits longer than this.
const LINK_WAIT_MAX: Duration = Duration::from_secs(30);
/// After a fault of this machine.
const FAULT_WAIT: Duration = Duration::from_secs(5);

/// The task's state; a restart loses none of it that matters.
pub(super) struct Engine {
    pub(super) store: Store,
    pub(super) clock: TerminalClock,
    pub(super) gate: Gate,
    pub(super) access: HallAccess,
    pub(super) terminal_no: String,
    events: mpsc::Sender<SyncEvent>,
    pub(super) session: Option<Session>,
    pub(super) heartbeat_at: Instant,
    pub(super) shown_content: Option<(u64, Sha256)>,
    pub(super) unusable_content: u64,
    /// What is shown was compared with what the hall publishes under the same number, in its present epoch.
    pub(super) content_is_compared: bool,
    pub(super) time_at: Instant,
    pub(super) witness: ClockWitness,
    /// The last time answer of this run of the program that was believed.
    pub(super) proved: Option<ProvedTime>,
    failures: u32,
    told: Option<SyncEvent>,
    pub(super) faults: Faults,
    pub(super) wanted: Wanted,
    /// Why the code that was given is not tried again: each try uses one of five up.
    pub(super) code_refused: Option<&'static str>,
    /// The hall does not take our certificate, or it has ended: a new code may help.
    pub(super) is_turned_away: bool,
    pub(super) renew_at: Instant,
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
            content_is_compared: false,
            time_at: now,
            witness: ClockWitness::default(),
            proved: None,
            failures: 0,
            told: None,
            faults: Faults::default(),
            wanted: Wanted::default(),
            code_refused: None,
            is_turned_away: false,
            renew_at: now,
        }
    }

    /// Runs until the program ends.
    pub(super) async fn run(mut self) {
        let gate = self.gate.clone();
        gate.until_stopped(self.go_on()).await;
    }

    async fn go_on(&mut self) {
        if let Err(error) = self.start_clock().await {
            tracing::error!(code = error.code(), "sync.clock_floor");
        }
        let gate = self.gate.clone();
        loop {
            let wait = match self.round().await {
                Ok(wait) => {
                    self.fault_over(&Source::Round);
                    wait
                }
                Err(trouble) => self.failed(trouble).await,
            };
            gate.pause(wait).await;
        }
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
        self.hall_certificate_lasts().await?;
        loop {
            if Instant::now() >= self.heartbeat_at {
                self.heartbeat().await?;
            }
            if !self.push().await? {
                break;
            }
        }
        self.send_again().await;
        self.idle_for().await
    }

    /// Until the next heartbeat or the next submission's turn.
    async fn idle_for(&self) -> Result<Duration, Trouble> {
        let next = self.wanted.next_at().map_or(self.heartbeat_at, |at| at.min(self.heartbeat_at));
        let wait = next.saturating_duration_since(Instant::now());
        let Some(due_ms) = self.store.next_due_ms().await? else { return Ok(wait) };
        let due = Duration::from_millis(due_ms.saturating_sub(self.clock.now_ms()).max(0).unsigned_abs());
        Ok(wait.min(due))
    }

    /// The hall answers.
    pub(super) async fn online(&mut self, staff_listens: bool, public_url: Option<String>) {
        self.failures = 0;
        self.tell_change(SyncEvent::Online { staff_listens, public_url }).await;
    }

    async fn failed(&mut self, trouble: Trouble) -> Duration {
        let code = trouble.code();
        self.failures = self.failures.saturating_add(1);
        if trouble.is_ours() {
            self.fault(Source::Round, code).await;
            return FAULT_WAIT;
        }
        tracing::info!(code, failures = self.failures, "sync.offline");
        // The first thing on a new connection is the time and a heartbeat: an epoch may have changed.
        self.session = None;
        self.is_turned_away = trouble.turns_away();
        self.time_at = Instant::now();
        self.heartbeat_at = Instant::now();
        self.tell_change(SyncEvent::Offline { why: code.to_owned() }).await;
        let wait = backoff::wait(self.failures, backoff::random()).min(LINK_WAIT_MAX);
        trouble.slot().unwrap_or(wait)
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
