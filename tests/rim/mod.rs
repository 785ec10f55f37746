//! A terminal without screen and devices: the real store and the real sync on one data folder, submitting golden
//! answers as the app does. For tests of what happens between a terminal and its hall.
#![allow(dead_code)]

mod filled;

#[allow(unused_imports)]
pub use filled::{AS_OF, Filled, as_of_morning};

use hall::{Hall, HallConfig, RunningHall};
use kiosk::clock::TerminalClock;
use kiosk::store::{Moment, Options, SealedSubmission, Store, SubmissionState};
use kiosk::sync::{self, HallAccess, SealingMaterial, SyncEvent};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::Receiver;
use wire::ids::SubmissionId;
use wire::number::SubmissionNumber;
use wire::seal::{Clock, Header, SealContext, sign_envelope};

/// A condition that did not come true by then never will.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a waiting test nudges sync, so that it does not wait out its back-off.
const NUDGE: Duration = Duration::from_millis(200);

/// A running terminal.
pub struct Terminal {
    pub store: Store,
    pub handle: sync::Handle,
    pub clock: TerminalClock,
    runtime: Runtime,
    events: Receiver<SyncEvent>,
    seen: Vec<SyncEvent>,
}

/// What was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    pub id: String,
    pub number: String,
    pub submitted_at_ms: i64,
}

impl Terminal {
    /// Starts on a data folder.
    pub fn start(data: &Path, terminal_no: &str, access: HallAccess) -> Self {
        Self::start_with(data, terminal_no, (access, TerminalClock::new(480)))
    }

    /// Starts with a clock of its own.
    pub fn start_with(data: &Path, terminal_no: &str, (access, clock): (HallAccess, TerminalClock)) -> Self {
        std::fs::create_dir_all(data).unwrap();
        Self::start_on(Options::new(data), terminal_no, (access, clock))
    }

    /// Starts on a disk of its own.
    pub fn start_on(options: Options, terminal_no: &str, (access, clock): (HallAccess, TerminalClock)) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (store, (handle, events)) = runtime.block_on(async {
            let store = Store::open(options.with_now(clock.for_store())).await.unwrap();
            let started = sync::start(store.clone(), clock.clone(), access, terminal_no);
            (store, started)
        });
        Self { store, handle, clock, runtime, events, seen: Vec::new() }
    }

    /// Starts, enrols at this hall if it is not yet, and waits until the hall answers.
    pub fn at(data: &Path, terminal_no: &str, hall: &RunningHall) -> Self {
        let mut terminal = Self::start(data, terminal_no, invited(hall, terminal_no));
        terminal.wait_online();
        terminal
    }

    /// Does something on the terminal's runtime.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Waits for an event that was not waited for yet; nudges sync meanwhile.
    pub fn wait_for(&mut self, what: &str, wanted: impl Fn(&SyncEvent) -> bool) -> SyncEvent {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.seen.iter().position(&wanted) {
                return self.seen.remove(at);
            }
            assert!(Instant::now() < until, "{what} did not come; there were {:?}", self.seen);
            let events = &mut self.events;
            match self.runtime.block_on(async { tokio::time::timeout(NUDGE, events.recv()).await }) {
                Ok(Some(event)) => self.seen.push(event),
                Ok(None) => panic!("sync ended before {what}"),
                Err(_) => self.handle.wake(),
            }
        }
    }

    /// The next event, or nothing for a while.
    pub fn next_event(&mut self) -> Option<SyncEvent> {
        let events = &mut self.events;
        let next = self.runtime.block_on(async { tokio::time::timeout(NUDGE, events.recv()).await });
        self.handle.wake();
        next.ok().flatten()
    }

    /// Waits until the condition holds; nudges sync meanwhile and keeps what it says.
    pub fn wait_until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(Instant::now() < until, "{what} did not come true; there were {:?}", self.seen);
            let event = self.next_event();
            self.seen.extend(event);
        }
    }

    /// Waits until it was sent, or tried in vain.
    pub fn wait_try(&mut self, of: &Submitted) {
        self.wait_until("a try", |terminal| {
            let waiting = terminal.block_on(terminal.store.submissions(SubmissionState::Stored)).unwrap();
            waiting.iter().all(|row| row.submission_id != of.id || row.attempts > 0)
        });
    }

    /// Waits until the hall has all that was stored.
    pub fn wait_all_received(&mut self) {
        self.wait_until("an empty outbox", |terminal| terminal.in_state(SubmissionState::Stored).is_empty());
    }

    pub fn wait_online(&mut self) {
        self.wait_for("the hall's answer", |event| matches!(event, SyncEvent::Online { .. }));
    }

    /// Makes sync see that the hall is away: what it does anyway with its next heartbeat.
    pub fn nudge_offline(&mut self) {
        self.handle.cut(true);
        self.wait_for("being offline", |event| matches!(event, SyncEvent::Offline { .. }));
        self.handle.cut(false);
    }

    /// Waits until sync says why it is offline.
    pub fn wait_offline(&mut self, why: &str) {
        self.wait_for(why, |event| matches!(event, SyncEvent::Offline { why: said } if said == why));
    }

    pub fn wait_receipt(&mut self, of: &Submitted) {
        self.wait_for(
            &format!("the receipt of {}", of.number),
            |event| matches!(event, SyncEvent::Receipt { submission_id } if *submission_id == of.id),
        );
    }

    /// Seals and stores, as the app does; sync is woken.
    pub fn submit(&self, filled: &Filled) -> Submitted {
        let material = self.block_on(sync::sealing_material(&self.store)).expect("enrolled");
        let submitted_at_ms = filled.submitted_at_ms.unwrap_or_else(|| self.clock.now_ms());
        let id = filled.submission_id.unwrap_or_else(|| SubmissionId::mint(submitted_at_ms.unsigned_abs(), random()));
        let stored = self.block_on(self.store.submit(&id.to_string(), |numbers| {
            let place = (id, submitted_at_ms, self.store.now());
            let header = header(&material, filled, place, (numbers.kiosk_seq, numbers.serial));
            let context = SealContext::new(material.key_id.clone(), &material.public)?;
            let sealed = context.seal(header, &filled.parts())?;
            let signature = sign_envelope(&sealed.body_sha256, &material.signing);
            SealedSubmission::of(sealed, signature)
        }));
        let stored = stored.unwrap();
        self.handle.wake();
        Submitted { id: id.to_string(), number: stored.number, submitted_at_ms }
    }

    /// Ids of the submissions in a state, by their count.
    pub fn in_state(&self, state: SubmissionState) -> Vec<String> {
        let rows = self.block_on(self.store.submissions(state)).unwrap();
        rows.into_iter().map(|row| row.submission_id).collect()
    }

    /// Ends as the program does.
    pub fn stop(self) {
        self.handle.stop();
        self.runtime.block_on(self.store.close()).unwrap();
    }
}

/// How a new terminal gets to a hall: by the text of its QR code.
pub fn invited(hall: &RunningHall, terminal_no: &str) -> HallAccess {
    HallAccess::configured("", &hall.enrolment_code(terminal_no, "大厅东门").unwrap().qr)
}

/// A demo hall on a folder; makes copies only when told, so that a test decides what is safe.
pub fn hall(data: &Path) -> RunningHall {
    Hall::start(config(data)).unwrap()
}

/// Its settings.
pub fn config(data: &Path) -> HallConfig {
    let mut config = HallConfig::demo(data);
    config.backup.every_seconds = 3_600;
    config
}

/// Their ids, to compare.
pub fn ids<'a>(of: impl IntoIterator<Item = &'a Submitted>) -> Vec<String> {
    of.into_iter().map(|one| one.id.clone()).collect()
}

pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

fn header(
    material: &SealingMaterial,
    filled: &Filled,
    (submission_id, submitted_at_ms, moment): (SubmissionId, i64, Moment),
    (kiosk_seq, serial): (u64, u64),
) -> Header {
    let item = filled.item();
    // As if submitted at another time: before the terminal was started again, or its running time would contradict that.
    let boot_id = filled.submitted_at_ms.map_or(moment.boot_id, |_| uuid::Uuid::nil());
    Header {
        suite: wire::seal::SUITE,
        hall_id: material.hall_id,
        terminal_no: material.terminal_no.clone(),
        installation_id: material.installation_id,
        kiosk_seq,
        submission_id,
        number: SubmissionNumber::mint("411681", filled::AS_OF, &material.terminal_no, serial).unwrap(),
        item_id: item.item_id.clone(),
        task_version: item.task_version,
        form_id: item.form.form_id.clone(),
        form_version: item.form.version,
        content_seq: 1,
        calendar_version: filled::catalogue().calendar.version().to_owned(),
        submitted_at_ms,
        clock: Clock { quality: material.quality(&moment), boot_id, mono_ms: moment.mono_ms },
        key_id: material.key_id.clone(),
        enc: String::new(),
        parts: Vec::new(),
        certificate: Header::certificate_text(&material.certificate),
    }
}
