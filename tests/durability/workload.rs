//! What the terminal does while the power may go: it starts, enrols, stores submissions of several sizes,
//! prints slips, sends, lets payloads go under the watermark, reconciles with a restored hall. What a
//! citizen was told ("acked") goes into the disk's log as a mark.

use std::{future::Future, path::Path, sync::LazyLock};

use kiosk::store::{
    Enrolment, NextNumbers, Options, RecoveryKey, RecoverySecret, SealedSubmission, Seam, SignedKeyList, SlipOutcome,
    Store, StoreError, boot_id,
};
use sqlx::sqlite::SqliteSynchronous;
use wire::{
    ids::Sha256,
    number::SubmissionNumber,
    seal::{Clock, ClockQuality, Header, SUITE, SealContext, sign_envelope},
};

use crate::{
    crash_vfs::{Disk, Seed},
    enrolled::{ENROLLED, ITEM, TERMINAL, decoded},
    filled::{AS_OF, Filled, as_of_morning},
    hall_side::{Hall, HallKind},
};

/// The hall's epoch after its restore.
const RESTORED: &str = "5b1f0a52-3c57-4f6f-9a53-6a2b1f5f7c02";

/// What is run: the product, or one of its mutants.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub submissions: usize,
    pub synchronous: SqliteSynchronous,
    pub attachment_as_file: bool,
    pub acknowledged_before_commit: bool,
    pub hall: HallKind,
}

/// One terminal and its hall on one disk.
pub struct Machines<'d> {
    pub plan: Plan,
    pub disk: &'d Disk,
    pub kiosk: &'d Path,
    pub hall: &'d Path,
}

/// A thing that failed for good.
pub type Failure = Box<dyn std::error::Error>;

impl Plan {
    pub const SOUND: Self = Self {
        submissions: 6,
        synchronous: SqliteSynchronous::Full,
        attachment_as_file: false,
        acknowledged_before_commit: false,
        hall: HallKind::Sound,
    };
}

impl Machines<'_> {
    pub async fn run(&self) -> Result<(), Failure> {
        let (store, mut hall) = self.open().await?;
        again(|| store.set_pending_key(&[1; 48], &[2; 200])).await?;
        again(|| store.enrolled(enrolment())).await?;
        let key = RecoveryKey::derive("11010119900307002X")?;
        for index in 0..self.plan.submissions {
            let (id, day) = (id(index), format!("day {index}"));
            // The review page may have been there long enough, or not.
            if index % 2 == 0 {
                let _ = store.make_ready().await;
            }
            self.submit(&store, index, &key).await;
            self.slip(&store, index).await?;
            if index % 3 == 1 {
                again(|| store.attempt_failed(&id, "unreachable", 0)).await?;
            }
            // Every fourth waits for the next round.
            if index % 4 != 3 {
                deliver(&store, &mut hall).await?;
            }
            if index % 3 == 2 {
                let (epoch, through) = hall.safe_through().await?;
                let _ = again(|| store.release(&epoch, through, &[])).await?;
                let _ = again(|| store.heartbeat_day(&day)).await?;
            }
            if index == self.plan.submissions / 2 {
                hall = hall.restored(RESTORED).await?;
                let answer = hall.reconcile(&store.held().await?).await?;
                again(|| store.reconciled(answer.clone())).await?;
            }
        }
        deliver(&store, &mut hall).await?;
        // An error of the disk here leaves an unclean end, which the next start looks into.
        let _ = store.close().await;
        hall.close().await;
        Ok(())
    }

    /// What follows a power cut: both start and the terminal sends.
    pub async fn start_again(&self) -> Result<(), Failure> {
        let (store, mut hall) = self.open().await?;
        deliver(&store, &mut hall).await?;
        store.close().await?;
        hall.close().await;
        Ok(())
    }

    async fn open(&self) -> Result<(Store, Hall), Failure> {
        let seam = Seam { vfs: Some(self.disk.name().to_owned()), synchronous: self.plan.synchronous };
        let store = again(|| Store::open(Options::new(self.kiosk).with_seam(seam.clone()))).await?;
        let hall = Hall::open(self.hall, Some(self.disk), self.plan.hall).await?;
        Ok((store, hall))
    }

    /// As the screen does it: the same submission again if it was not stored; said only when it is.
    async fn submit(&self, store: &Store, index: usize, key: &RecoveryKey) {
        if self.plan.acknowledged_before_commit {
            self.disk.mark(format!("acked {index}"));
        }
        if self.plan.attachment_as_file {
            let path = self.kiosk.join(format!("attachment-{index}"));
            self.disk.write_file(&path.to_string_lossy(), &attachment(index), false);
        }
        for _ in 0..3 {
            let seal = |numbers| {
                let mut sealed = sealed(&self.plan, index, numbers)?;
                let secret = RecoverySecret {
                    number: sealed.number.clone(),
                    query_code: "123456".into(),
                    lookup_token: "t".into(),
                };
                sealed.recovery = Some(key.seal(&id(index), "00001-6", &secret)?);
                Ok::<_, Failure>(sealed)
            };
            if store.submit(&id(index), seal).await.is_ok() {
                self.disk.mark(format!("acked {index}"));
                return;
            }
        }
    }

    async fn slip(&self, store: &Store, index: usize) -> Result<(), Failure> {
        let id = id(index);
        let slip_no = again(|| store.slip_asked(Some(&id))).await?;
        let outcome = if index % 5 == 4 { SlipOutcome::NotPrinted } else { SlipOutcome::Printed };
        Ok(again(|| store.slip_ended(slip_no, outcome)).await?)
    }
}

/// Sends all that is due, as sync does.
pub async fn deliver(store: &Store, hall: &mut Hall) -> Result<(), Failure> {
    for due in store.due(i64::MAX, 1000).await? {
        let Some(envelope) = store.envelope(&due.submission_id).await? else { continue };
        let receipt = hall.receive(&envelope, store).await?;
        again(|| store.receipted(&due.submission_id, receipt.clone())).await?;
        hall.receipt_arrived();
    }
    Ok(())
}

pub fn id(index: usize) -> String {
    format!("019ab000-0000-7000-8000-{index:012x}")
}

pub fn index_of(id: &str) -> Option<usize> {
    usize::from_str_radix(id.rsplit('-').next()?, 16).ok()
}

/// A submission as it is sealed for the first time; the mutant keeps its attachment elsewhere.
fn sealed(plan: &Plan, index: usize, numbers: NextNumbers) -> Result<SealedSubmission, Failure> {
    let (key_id, public) = &ENROLLED.sealing;
    let number = SubmissionNumber::mint("411681", AS_OF, &TERMINAL.parse()?, numbers.serial)?;
    let filled = filled(index, plan.attachment_as_file);
    let item = filled.item();
    let header = Header {
        suite: SUITE,
        hall_id: ENROLLED.answer.hall_id,
        terminal_no: TERMINAL.parse()?,
        installation_id: ENROLLED.installation,
        kiosk_seq: numbers.kiosk_seq,
        submission_id: id(index).parse()?,
        number,
        item_id: filled.item_id.clone(),
        task_version: item.task_version,
        form_id: item.form.form_id.clone(),
        form_version: item.form.version,
        content_seq: 1,
        calendar_version: "1".into(),
        submitted_at_ms: as_of_morning().as_millisecond(),
        clock: Clock { quality: ClockQuality::Trusted, boot_id: boot_id(), mono_ms: 1 },
        key_id: key_id.clone(),
        enc: String::new(),
        parts: Vec::new(),
        certificate: Header::certificate_text(&ENROLLED.certificate),
    };
    let sealed = SealContext::new(key_id.clone(), public)?.seal(header, &filled.parts())?;
    let signature = sign_envelope(&sealed.body_sha256, &ENROLLED.signing);
    Ok(SealedSubmission::of(sealed, signature)?)
}

/// What the citizen of this submission filled in: the golden answers, and a page of his own.
pub fn filled(index: usize, attachment_as_file: bool) -> Filled {
    static GOLDEN: LazyLock<Filled> = LazyLock::new(|| Filled::golden(ITEM));
    let mut filled = GOLDEN.clone();
    // Without a code the hall leaves out its slow hash, which would be most of what a crash point takes.
    filled.part0.query_code.clear();
    filled.part0.lookup_token = format!("{index:032x}");
    filled.attachments = if attachment_as_file { Vec::new() } else { vec![attachment(index)] };
    filled.part0.parts.truncate(filled.attachments.len());
    for (entry, bytes) in filled.part0.parts.iter_mut().zip(&filled.attachments) {
        entry.sha256 = Sha256::of(bytes);
    }
    filled
}

/// Sizes from nothing to many pages.
pub fn attachment(index: usize) -> Vec<u8> {
    noise(index + 2_000, [0, 300, 9_000, 70_000, 1, 25_000][index % 6])
}

fn noise(seed: usize, bytes: usize) -> Vec<u8> {
    let mut seed = Seed::new(seed as u64);
    (0..bytes).map(|_| seed.next() as u8).collect()
}

fn enrolment() -> Enrolment {
    let answer = &ENROLLED.answer;
    let (body, signature) = answer.key_list.parts().unwrap();
    Enrolment {
        terminal_no: TERMINAL.into(),
        hall_id: answer.hall_id.to_string(),
        address: "127.0.0.1:1".into(),
        ca: decoded(&answer.ca),
        root_key: answer.root_key.0.to_vec(),
        hall_epoch: answer.hall_epoch.to_string(),
        certificate: ENROLLED.certificate.clone(),
        key_list: SignedKeyList { list_seq: 1, body, signature },
        next_serial: 12,
        limits: "{}".into(),
    }
}

/// The disk may report one error; the program tries again as its loops do.
async fn again<T, F: Future<Output = Result<T, StoreError>>>(mut what: impl FnMut() -> F) -> Result<T, StoreError> {
    let mut tries = 0;
    loop {
        match what().await {
            Err(_) if tries < 3 => tries += 1,
            result => return result,
        }
    }
}
