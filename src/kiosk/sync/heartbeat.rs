//! The heartbeat: how the terminal stands, and what the hall says of its epoch, its watermark, its keys and its
//! content. Only what it signed is acted on, and nothing is let go in an epoch that was not reconciled, or while the
//! hall asks for it again.

use super::engine::Engine;
use super::faults::Source;
use super::trouble::Trouble;
use super::{SyncEvent, backoff};
use crate::store::{Counts, Erased, StoreError, SubmissionState};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;
use wire::api::{AGAIN_MAX, HeartbeatAnswer, HeartbeatRequest, path};
use wire::ids::{Sha256, SubmissionId};
use wire::signed::{KeyList, KeyUse, SafeThrough, Signed};

/// Between heartbeats, unless the hall says otherwise within these bounds.
const EVERY: Duration = Duration::from_secs(30);
const EVERY_S: std::ops::RangeInclusive<u32> = 5..=600;
/// Lost submissions that one heartbeat names; the list is an alarm, not an archive.
const LOST_MAX: usize = 1_000;

impl Engine {
    /// One heartbeat and all that follows from its answer.
    pub(super) async fn heartbeat(&mut self) -> Result<(), Trouble> {
        self.heartbeat_at = Instant::now() + backoff::around(EVERY, backoff::random());
        let request = self.state().await?;
        let session = self.session()?;
        let answer: HeartbeatAnswer = match session.link.post(path::HEARTBEAT, &request).await {
            Ok(answer) => answer,
            Err(error) => {
                let trouble = Trouble::from(error);
                // A hall that cannot answer this may still take submissions.
                return if trouble.is_of_one_request() {
                    tracing::warn!(code = trouble.code(), "sync.no_heartbeat");
                    Ok(())
                } else {
                    Err(trouble)
                };
            }
        };
        self.certificate_was_used().await?;
        if let Some(list) = &answer.key_list {
            self.take_keys(list).await?;
        }
        let safe = self.session()?.member.safe_through(&answer.safe_through)?;
        if safe.hall_epoch != self.session()?.member.hall_epoch {
            self.reconcile(safe.hall_epoch).await?;
        }
        let wanted: Vec<String> = answer.send.iter().map(SubmissionId::to_string).collect();
        self.release(&safe, &wanted).await?;
        self.asked_again(wanted);
        let day = self.clock.local().date.to_string();
        let erased = self.store.heartbeat_day(&day).await?;
        self.look_at_log(erased).await;
        let seconds = answer.next_s.clamp(*EVERY_S.start(), *EVERY_S.end());
        self.heartbeat_at = Instant::now() + Duration::from_secs(u64::from(seconds));
        self.online(answer.staff_listens, answer.public_url.clone()).await;
        self.look_for_content(answer.content_seq).await
    }

    async fn state(&mut self) -> Result<HeartbeatRequest, Trouble> {
        let (now, counts) = (self.store.now(), self.store.counts().await?);
        let lost = if counts.lost == 0 { Vec::new() } else { self.store.submissions(SubmissionState::Lost).await? };
        let envelopes_by_key = self.envelopes_by_key().await?;
        let (content_seq, content_sha256) = self.content_shown().await?;
        let mut troubles = self.gate.troubles();
        troubles.extend(self.faults.troubles());
        let member = &self.session()?.member;
        Ok(HeartbeatRequest {
            installation_id: member.installation_id,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            reconciled_epoch: member.hall_epoch,
            now_ms: now.at_ms,
            boot_id: now.boot_id,
            mono_ms: now.mono_ms,
            content_seq,
            content_sha256,
            counts: by_state(&counts),
            envelopes_by_key,
            list_seq: member.keys.list_seq,
            troubles,
            lost: lost.iter().take(LOST_MAX).filter_map(|lost| lost.submission_id.parse().ok()).collect(),
        })
    }

    /// How many envelopes are sealed to each of the hall's keys. One that cannot be read may be sealed to any: the hall
    /// destroys no key meanwhile, and the rest of the heartbeat does not wait for it.
    async fn envelopes_by_key(&mut self) -> Result<BTreeMap<String, u64>, Trouble> {
        match self.store.envelopes_by_key().await {
            Ok(counted) => {
                self.fault_over(&Source::Count);
                Ok(counted.into_iter().collect())
            }
            Err(error) => {
                self.fault(Source::Count, error.code()).await;
                let keys = &self.session()?.member.keys.keys;
                let sealing = keys.iter().filter(|key| key.usage == KeyUse::Sealing);
                Ok(sealing.map(|key| (key.key_id.to_string(), 1)).collect())
            }
        }
    }

    /// Takes a key list that is news.
    async fn take_keys(&mut self, signed: &Signed<KeyList>) -> Result<(), Trouble> {
        let Some(new) = self.session()?.member.newer_keys(signed)? else { return Ok(()) };
        let (list_seq, keys) = (new.list.list_seq, new.list.keys.len());
        self.store.set_key_list(new.stored, new.of_new_epoch).await?;
        tracing::info!(list_seq, keys, "sync.key_list");
        self.reload().await
    }

    /// An answer that names as many as it may, all of which are here, may have left out some that are here, too. Where
    /// one is here no more, all older ones were let go with it.
    async fn may_want_more(&self, wanted: &[String]) -> bool {
        if wanted.len() < AGAIN_MAX {
            return false;
        }
        for submission_id in wanted {
            if matches!(self.store.envelope(submission_id).await, Ok(None)) {
                return false;
            }
        }
        true
    }

    /// Lets go what the watermark covers. What the same answer asks for again stays: the hall lost it after the
    /// watermark had passed it, and ours may be the last copy.
    async fn release(&mut self, safe: &SafeThrough, wanted: &[String]) -> Result<(), Trouble> {
        if self.may_want_more(wanted).await {
            return Ok(());
        }
        match self.store.release(&safe.hall_epoch.to_string(), safe.server_seq, wanted).await {
            Ok(erased) => {
                if erased.count > 0 {
                    tracing::info!(count = erased.count, safe_through = safe.server_seq, "sync.released");
                    self.tell(SyncEvent::Released { count: erased.count }).await;
                }
                self.look_at_log(erased).await;
                Ok(())
            }
            // Another epoch than the one just reconciled: the next heartbeat asks again.
            Err(StoreError::NotReconciled) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// What was erased must leave the log, too.
    async fn look_at_log(&mut self, erased: Erased) {
        if erased.log_emptied || self.store.empty_log().await.is_ok() {
            self.fault_over(&Source::Log);
        } else {
            self.fault(Source::Log, "log_not_emptied").await;
        }
    }

    /// Publication and hash of the catalogue that is shown.
    async fn content_shown(&mut self) -> Result<(u64, Sha256), Trouble> {
        if let Some(shown) = self.shown_content {
            return Ok(shown);
        }
        let active = self.store.active_content().await?;
        let shown =
            active.map_or((0, Sha256::of(b"")), |content| (content.content_seq, Sha256::of(&content.catalogue)));
        self.shown_content = Some(shown);
        Ok(shown)
    }
}

fn by_state(counts: &Counts) -> BTreeMap<String, u64> {
    let all = [
        (SubmissionState::Stored, counts.stored),
        (SubmissionState::Receipted, counts.receipted),
        (SubmissionState::Released, counts.released),
        (SubmissionState::Quarantined, counts.quarantined),
        (SubmissionState::Lost, counts.lost),
    ];
    all.into_iter().map(|(state, count)| (state.name().to_owned(), count)).collect()
}
