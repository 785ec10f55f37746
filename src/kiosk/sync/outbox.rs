//! Sending what is due: manifest, the chunks that the hall lacks, finish. Only a receipt that was verified is
//! success; only a conflict or a malformed request puts a submission aside; everything else is tried again, each
//! submission in its own time.

use super::SyncEvent;
use super::backoff;
use super::engine::{Engine, Session};
use super::faults::Source;
use super::link::{Link, REQUEST_TIMEOUT, Send};
use super::link_error::LinkError;
use super::member::{Sent, for_store};
use super::trouble::Trouble;
use crate::store::{Due, Envelope, Receipt, Store, StoreError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use std::time::Duration;
use tokio::time::Instant;
use wire::api::{SubmissionManifest, SubmissionState, path};
use wire::ids::{HallEpoch, Sha256, SubmissionId};
use wire::signed::Signed;

/// Submissions that are read at a time.
const BATCH: i64 = 16;
/// How often the hall may ask for chunks of one submission in one try.
const ROUNDS: u32 = 3;
/// The shortest wait of a submission that did not get through.
const PAUSE_MIN: Duration = Duration::from_millis(250);
/// With a heartbeat in between, a long outbox is let go while it is sent.
const HEARTBEAT_AFTER: u32 = 8;

impl Engine {
    /// Sends what is due. True if a heartbeat is to be made and this be called again.
    pub(super) async fn push(&mut self) -> Result<bool, Trouble> {
        let mut receipts = 0;
        loop {
            let due = self.store.due(self.clock.now_ms(), BATCH).await?;
            if due.is_empty() {
                break;
            }
            for one in due {
                receipts += u32::from(self.send_one(&one).await?);
                if Instant::now() >= self.heartbeat_at || receipts >= HEARTBEAT_AFTER {
                    self.heartbeat_at = Instant::now();
                    return Ok(true);
                }
            }
        }
        if receipts > 0 {
            self.heartbeat_at = Instant::now();
        }
        Ok(receipts > 0)
    }

    /// One submission; whether it got its receipt.
    async fn send_one(&mut self, due: &Due) -> Result<bool, Trouble> {
        // A line that cannot be opened is not the submission's fault.
        self.session()?.link.hall().await?;
        let store = self.store.clone();
        let sent = match envelope(&store, &due.submission_id).await {
            Ok(Some(envelope)) => upload(&store, self.session()?, &envelope).await,
            Ok(None) => Err(Trouble::Unreadable(StoreError::Unknown)),
            Err(trouble) => Err(trouble),
        };
        match sent {
            Ok(receipt) => {
                let server_seq = receipt.server_seq;
                self.store.receipted(&due.submission_id, receipt).await?;
                tracing::info!(submission_id = due.submission_id, server_seq, "sync.receipt");
                self.fault_over(&Source::Submission(due.submission_id.clone()));
                self.tell(SyncEvent::Receipt { submission_id: due.submission_id.clone() }).await;
                Ok(true)
            }
            Err(trouble) => self.not_sent(due, trouble).await.map(|()| false),
        }
    }

    async fn not_sent(&mut self, due: &Due, trouble: Trouble) -> Result<(), Trouble> {
        let (submission_id, code) = (due.submission_id.as_str(), trouble.code());
        if trouble.is_ours() {
            return Err(trouble);
        }
        tracing::warn!(submission_id, code, attempts = due.attempts, "sync.not_sent");
        if trouble.is_permanent() {
            self.store.quarantine(submission_id, code).await?;
            self.fault_over(&Source::Submission(due.submission_id.clone()));
            let submission_id = submission_id.to_owned();
            self.tell(SyncEvent::Quarantined { submission_id, code: code.to_owned() }).await;
            return Ok(());
        }
        let wait = pause(&trouble, due.attempts.saturating_add(1));
        let next_ms = self.clock.now_ms().saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
        self.store.attempt_failed(submission_id, code, next_ms).await?;
        if matches!(trouble, Trouble::Unreadable(_)) {
            self.fault(Source::Submission(due.submission_id.clone()), code).await;
        }
        if trouble.asks_to_reconcile() {
            self.heartbeat_at = Instant::now();
        }
        if trouble.is_of_one_request() { Ok(()) } else { Err(trouble) }
    }
}

/// How long one submission waits after so many failures in a row.
pub(super) fn pause(trouble: &Trouble, failures: u32) -> Duration {
    trouble.slot().unwrap_or_else(|| backoff::wait(failures, backoff::random())).max(PAUSE_MIN)
}

/// What is stored of one submission. Whatever is wrong with it holds up no other.
pub(super) async fn envelope(store: &Store, submission_id: &str) -> Result<Option<Envelope>, Trouble> {
    store.envelope(submission_id).await.map_err(Trouble::Unreadable)
}

/// Brings one envelope to the hall; its verified receipt.
pub(super) async fn upload(store: &Store, session: &mut Session, envelope: &Envelope) -> Result<Receipt, Trouble> {
    let Session { member, link } = session;
    let id: SubmissionId = envelope.submission_id.parse().map_err(|_| damaged())?;
    let body_sha256 = hash(&envelope.body_sha256).map_err(|_| damaged())?;
    let manifest = manifest(envelope, &member.hall_epoch)?;
    let mut state: SubmissionState =
        link.ask(Method::PUT, &path::submission(&id), Send::Json(&manifest), REQUEST_TIMEOUT).await?;
    for _ in 0..=ROUNDS {
        match state {
            SubmissionState::Receipt(signed) => {
                let sent = Sent {
                    submission_id: &id,
                    number: &envelope.number,
                    kiosk_seq: envelope.kiosk_seq,
                    body_sha256: &body_sha256,
                };
                let receipt = member.receipt(&signed, &sent)?;
                if receipt.hall_epoch != member.hall_epoch {
                    // The hall was restored meanwhile, or an old receipt was played back: the heartbeat tells.
                    return Err(LinkError::NotBelieved.into());
                }
                return Ok(for_store(&receipt, &signed)?);
            }
            SubmissionState::Missing(missing) => {
                for chunk in missing {
                    send_chunk(store, link, envelope, (&id, chunk.part, chunk.index)).await?;
                }
            }
        }
        state = link.ask(Method::POST, &path::finish(&id), Send::<()>::Nothing, REQUEST_TIMEOUT).await?;
    }
    Err(Trouble::Incomplete)
}

async fn send_chunk(
    store: &Store,
    link: &mut Link,
    envelope: &Envelope,
    (id, part, index): (&SubmissionId, u32, u32),
) -> Result<(), Trouble> {
    let Some(chunk) = envelope.chunks.iter().find(|chunk| (chunk.part, chunk.index) == (part, index)) else {
        return Err(Trouble::Incomplete);
    };
    let bytes = store.chunk(&envelope.submission_id, part, index).await.map_err(Trouble::Unreadable)?;
    // The hall would say of it that it is malformed, for good.
    if Sha256::of(&bytes).0 != *chunk.sha256 {
        return Err(damaged());
    }
    link.put_bytes(&path::chunk(id, part, index), bytes).await?;
    Ok(())
}

fn manifest(envelope: &Envelope, epoch: &HallEpoch) -> Result<SubmissionManifest, Trouble> {
    let chunks = envelope.chunks.iter().map(|chunk| hash(&chunk.sha256)).collect::<Result<_, _>>();
    let chunks = chunks.map_err(|_| damaged())?;
    // A receipt of an earlier epoch proves when the hall first had it.
    let old = envelope.old_receipt.as_ref().filter(|receipt| receipt.hall_epoch != epoch.to_string());
    Ok(SubmissionManifest {
        header: STANDARD.encode(&envelope.header),
        signature: STANDARD.encode(&envelope.signature),
        chunks,
        old_receipt: old.map(|receipt| Signed::from_parts(&receipt.body, &receipt.signature)),
    })
}

fn damaged() -> Trouble {
    Trouble::Unreadable(StoreError::damaged())
}

/// A stored hash.
pub(super) fn hash(bytes: &[u8]) -> Result<Sha256, Trouble> {
    bytes.try_into().map(Sha256).map_err(|_| Trouble::Identity)
}
