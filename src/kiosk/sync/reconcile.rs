//! Reconciliation with a restored hall (protocol, section 1.3): everything held and every tombstone goes there as a
//! list; the whole answer, verified and complete, goes into one transaction with the new epoch.

use super::SyncEvent;
use super::engine::{Engine, Session};
use super::link_error::LinkError;
use super::member::{Sent, for_store};
use super::outbox::hash;
use super::trouble::Trouble;
use crate::store::{Held, Reconciled};
use std::collections::BTreeMap;
use wire::api::{ReconcileAnswer, ReconcileEntry, ReconcileRequest, path};
use wire::ids::{HallEpoch, SubmissionId};
use wire::signed::Signed;

/// Entries of one request, so that it stays below the bound of a JSON body.
const ENTRIES_MAX: usize = 1_000;

impl Engine {
    /// Reconciles with the hall in its new epoch.
    pub(super) async fn reconcile(&mut self, epoch: HallEpoch) -> Result<(), Trouble> {
        let held = self.store.held().await?;
        tracing::warn!(entries = held.len(), "sync.reconciling");
        let mut whole = Reconciled { hall_epoch: epoch.to_string(), ..Reconciled::default() };
        for some in held.chunks(ENTRIES_MAX) {
            let answered = ask(self.session()?, epoch, some).await?;
            whole.held.extend(answered.held);
            whole.send.extend(answered.send);
        }
        let done = self.store.reconciled(whole).await?;
        // It may have published something else under a number that is shown here.
        (self.content_is_compared, self.unusable_content) = (false, 0);
        // The hall may have what cannot be read here.
        self.faults.forget_submissions();
        self.reload().await?;
        tracing::warn!(held = done.held, send = done.send, lost = done.lost.len(), "sync.reconciled");
        self.tell(SyncEvent::Reconciled { held: done.held, send: done.send, lost: done.lost }).await;
        Ok(())
    }
}

async fn ask(session: &mut Session, epoch: HallEpoch, held: &[Held]) -> Result<Reconciled, Trouble> {
    let installation_id = session.member.installation_id;
    let mut entries = Vec::with_capacity(held.len());
    for one in held {
        entries.push(ReconcileEntry {
            installation_id,
            kiosk_seq: one.kiosk_seq,
            submission_id: parsed(one)?,
            body_sha256: hash(&one.body_sha256)?,
            has_payload: one.has_payload,
            receipt: one.receipt.as_ref().map(|receipt| Signed::from_parts(&receipt.body, &receipt.signature)),
        });
    }
    let answer: ReconcileAnswer = session.link.post(path::RECONCILE, &ReconcileRequest { entries }).await?;
    checked(session, epoch, (held, answer))
}

/// Each entry is either held, with a receipt of the new epoch, or to be sent again. What is in neither list and has
/// no payload here is lost, which the store finds out.
fn checked(
    session: &Session,
    epoch: HallEpoch,
    (held, answer): (&[Held], ReconcileAnswer),
) -> Result<Reconciled, Trouble> {
    if answer.hall_epoch != epoch {
        return Err(LinkError::NotBelieved.into());
    }
    let mut receipts = BTreeMap::new();
    for signed in answer.held {
        let claimed = signed.unverified().map_err(|_| LinkError::NotBelieved)?;
        receipts.insert(claimed.submission_id, signed);
    }
    let mut result = Reconciled { hall_epoch: epoch.to_string(), ..Reconciled::default() };
    for one in held {
        let id = parsed(one)?;
        match receipts.remove(&id) {
            Some(signed) => {
                let body_sha256 = hash(&one.body_sha256)?;
                let (number, kiosk_seq) = (one.number.as_str(), one.kiosk_seq);
                let sent = Sent { submission_id: &id, number, kiosk_seq, body_sha256: &body_sha256 };
                let receipt = session.member.receipt(&signed, &sent)?;
                if receipt.hall_epoch != epoch {
                    return Err(LinkError::NotBelieved.into());
                }
                result.held.push((one.submission_id.clone(), for_store(&receipt, &signed)?));
            }
            None if !one.has_payload || answer.send.contains(&id) => result.send.push(one.submission_id.clone()),
            // Neither held nor wanted: an answer that forgets something is no answer.
            None => return Err(LinkError::NotBelieved.into()),
        }
    }
    Ok(result)
}

fn parsed(held: &Held) -> Result<SubmissionId, Trouble> {
    held.submission_id.parse().map_err(|_| Trouble::Identity)
}
