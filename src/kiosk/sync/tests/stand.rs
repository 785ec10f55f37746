//! A hall and a terminal's store and sync beside each other in one process, over real TLS on loopback.

use crate::clock::TerminalClock;
use crate::store::{Options, SealedSubmission, Store};
use crate::sync::{HallAccess, Handle, SyncEvent, sealing_material, start};
use hall::{Hall, HallConfig, RunningHall};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::mpsc;
use wire::ids::{Sha256, SubmissionId};
use wire::number::SubmissionNumber;
use wire::seal::{Clock, Header, SealContext, SealError, sign_envelope};
use zeroize::Zeroizing;

/// Nothing here takes this long; a test that waits longer has failed.
pub(super) const DEADLINE: Duration = Duration::from_secs(60);

pub(super) struct Stand {
    pub(super) dir: TempDir,
    pub(super) hall: RunningHall,
    pub(super) terminal: Terminal,
}

pub(super) struct Terminal {
    pub(super) store: Store,
    pub(super) clock: TerminalClock,
    pub(super) handle: Handle,
    events: mpsc::Receiver<SyncEvent>,
}

impl Stand {
    /// A hall and a terminal that enrols there.
    pub(super) async fn new() -> Self {
        Self::with_clock(TerminalClock::new(480)).await
    }

    pub(super) async fn with_clock(clock: TerminalClock) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = HallConfig::demo(&dir.path().join("hall"));
        // Copies are made when a test asks for them.
        config.backup.every_seconds = 3_600;
        let hall = Hall::start(config).unwrap();
        let access = access(&hall);
        let terminal = Terminal::start(&dir.path().join("kiosk"), clock, access).await;
        Self { dir, hall, terminal }
    }

    /// A new connection begins with a heartbeat.
    pub(super) async fn heartbeat(&mut self) {
        self.terminal.handle.cut(true);
        self.terminal.until_offline().await;
        self.terminal.handle.cut(false);
        self.terminal.until_online().await;
    }

    pub(super) fn hall_folder(&self) -> std::path::PathBuf {
        self.dir.path().join("hall")
    }
}

/// As the embedded hall gives it.
pub(super) fn access(hall: &RunningHall) -> HallAccess {
    access_of(hall, "007")
}

/// For another place.
pub(super) fn access_of(hall: &RunningHall, terminal_no: &str) -> HallAccess {
    HallAccess {
        address: hall.terminal_addr.to_string(),
        authority: Some(Sha256::of(&hall.ca_der)),
        enrolment_code: Some(hall.enrolment_code(terminal_no, "大厅东门").unwrap().code),
    }
}

impl Terminal {
    pub(super) async fn start(folder: &Path, clock: TerminalClock, access: HallAccess) -> Self {
        Self::start_as("007", folder, (clock, access)).await
    }

    pub(super) async fn start_as(
        terminal_no: &str,
        folder: &Path,
        (clock, access): (TerminalClock, HallAccess),
    ) -> Self {
        let store = Store::open(Options::new(folder).with_now(clock.for_store())).await.unwrap();
        let (handle, events) = start(store.clone(), clock.clone(), access, terminal_no);
        Self { store, clock, handle, events }
    }

    /// Ends as the program does; the folder is free then.
    pub(super) async fn end(mut self) -> TerminalClock {
        self.handle.stop();
        while self.events.recv().await.is_some() {}
        self.store.close().await.unwrap();
        self.clock
    }

    /// Waits for an event and drops those before it.
    pub(super) async fn until(&mut self, wanted: impl Fn(&SyncEvent) -> bool) -> SyncEvent {
        let waiting = async {
            loop {
                let event = self.events.recv().await.expect("sync ended");
                if wanted(&event) {
                    return event;
                }
            }
        };
        tokio::time::timeout(DEADLINE, waiting).await.expect("the event did not come")
    }

    pub(super) async fn until_online(&mut self) {
        self.until(|event| matches!(event, SyncEvent::Online { .. })).await;
    }

    /// The code of the next time offline.
    pub(super) async fn until_offline(&mut self) -> String {
        match self.until(|event| matches!(event, SyncEvent::Offline { .. })).await {
            SyncEvent::Offline { why } => why,
            _ => unreachable!(),
        }
    }

    pub(super) async fn until_receipt(&mut self, id: &SubmissionId) {
        let id = id.to_string();
        self.until(|event| matches!(event, SyncEvent::Receipt { submission_id } if *submission_id == id)).await;
    }

    /// Seals and stores something; sync is woken.
    pub(super) async fn submit(&self, parts: &[Vec<u8>]) -> SubmissionId {
        let material = sealing_material(&self.store).await.expect("enrolled");
        let mut random = [0; 10];
        getrandom::fill(&mut random).unwrap();
        let now = self.store.now();
        let id = SubmissionId::mint(now.at_ms.unsigned_abs(), random);
        let parts: Vec<_> = parts.iter().cloned().map(Zeroizing::new).collect();
        let seal = |numbers: crate::store::NextNumbers| {
            let today = jiff::civil::date(2026, 11, 24);
            let number = SubmissionNumber::mint("411681", today, &material.terminal_no, numbers.serial).unwrap();
            let header = Header {
                suite: wire::seal::SUITE,
                hall_id: material.hall_id,
                terminal_no: material.terminal_no.clone(),
                installation_id: material.installation_id,
                kiosk_seq: numbers.kiosk_seq,
                submission_id: id,
                number,
                item_id: "XC-RSJ-02".into(),
                task_version: 1,
                form_id: "F-RSJ-02".into(),
                form_version: 1,
                content_seq: 1,
                calendar_version: "test".into(),
                submitted_at_ms: now.at_ms,
                clock: Clock { quality: material.quality(&now), boot_id: now.boot_id, mono_ms: now.mono_ms },
                key_id: material.key_id.clone(),
                enc: String::new(),
                parts: Vec::new(),
                certificate: Header::certificate_text(&material.certificate),
            };
            let sealed = SealContext::new(material.key_id.clone(), &material.public)?.seal(header, &parts)?;
            let signature = sign_envelope(&sealed.body_sha256, &material.signing);
            SealedSubmission::of(sealed, signature)
        };
        self.store.submit::<SealError>(&id.to_string(), seal).await.unwrap();
        self.handle.wake();
        id
    }
}
