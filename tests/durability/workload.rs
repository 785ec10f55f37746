//! What the terminal does while the power may go: it starts, enrols, stores submissions of several sizes,
//! prints slips, sends, lets payloads go under the watermark, reconciles with a restored hall. What a
//! citizen was told ("acked") goes into the disk's log as a mark.

use std::{future::Future, path::Path};

use kiosk::store::{
    Enrolment, NextNumbers, Options, RecoveryKey, RecoverySecret, SealedChunk, SealedSubmission, Seam, SignedKeyList,
    SlipOutcome, Store, StoreError,
};
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteSynchronous;

use crate::{
    crash_vfs::{Disk, Seed},
    hall::{Hall, HallKind},
};

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
        submissions: 12,
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
                let _ = again(|| store.release(&epoch, through)).await?;
                let _ = again(|| store.heartbeat_day(&day)).await?;
            }
            if index == self.plan.submissions / 2 {
                let answer = hall.reconcile("e2", &store.held().await?).await?;
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
            self.disk.write_file_without_fsync(&path.to_string_lossy(), &attachment(index));
        }
        for _ in 0..3 {
            let seal = |numbers| {
                let mut sealed = sealed(index, numbers);
                if self.plan.attachment_as_file {
                    sealed.chunks.truncate(1);
                }
                let secret = RecoverySecret {
                    number: sealed.number.clone(),
                    query_code: "123456".into(),
                    lookup_token: "t".into(),
                };
                sealed.recovery = Some(key.seal(&id(index), "00001-6", &secret)?);
                Ok::<_, kiosk::store::RecoveryError>(sealed)
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
        let mut chunks = Vec::new();
        for chunk in &envelope.chunks {
            chunks.push(store.chunk(&due.submission_id, chunk.part, chunk.index).await?);
        }
        let receipt = hall.receive(&envelope, &chunks).await?;
        again(|| store.receipted(&due.submission_id, receipt.clone())).await?;
        hall.receipt_arrived().await?;
    }
    Ok(())
}

pub fn id(index: usize) -> String {
    format!("019ab000-0000-7000-8000-{index:012}")
}

pub fn index_of(id: &str) -> Option<usize> {
    id.rsplit('-').next()?.parse().ok()
}

/// The submission `index`, the same at each call but for its numbers.
pub fn sealed(index: usize, numbers: NextNumbers) -> SealedSubmission {
    let parts = [noise(index, 2_000 + index * 37), attachment(index)];
    let chunks = parts
        .into_iter()
        .zip(0..)
        .map(|(bytes, part)| SealedChunk { part, index: 0, sha256: Sha256::digest(&bytes).into(), bytes })
        .collect();
    SealedSubmission {
        number: format!("411681-20261123-007-{:05}-6", numbers.serial),
        item_id: "item-1".into(),
        key_id: "key-1".into(),
        submitted_at_ms: 1_700_000_000_000,
        header: noise(index + 1_000, 900),
        signature: vec![7; 64],
        body_sha256: Sha256::digest(id(index)).into(),
        chunks,
        recovery: None,
    }
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
    Enrolment {
        terminal_no: "007".into(),
        hall_id: "hall".into(),
        address: "127.0.0.1:1".into(),
        ca: vec![1; 500],
        root_key: vec![2; 32],
        hall_epoch: "e1".into(),
        certificate: vec![5; 500],
        key_list: SignedKeyList { list_seq: 1, body: vec![1; 400], signature: vec![1; 64] },
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
