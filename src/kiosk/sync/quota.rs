//! The day's free pages (rules 8.7), on a connection of their own so that a citizen never waits for anything else:
//! what is left is asked, an order's pages are reserved before the first byte leaves, and what became of them is told
//! once the ledger has settled it, again after a restart and until the hall has answered. Both are repeatable.

use super::SyncEvent;
use super::control::{Gate, QuotaOrder, Reserve};
use super::link::Link;
use super::membership::connect;
use super::trouble::Trouble;
use crate::store::{QuotaDue, Store, random_uuid};
use std::time::Duration;
use tokio::sync::mpsc;
use uuid::Uuid;
use wire::api::{QuotaAnswer, QuotaReserve, QuotaSettle, path};
use zeroize::Zeroizing;

/// A citizen waits for the answer; without one only the session's limit holds.
const ANSWER_LIMIT: Duration = Duration::from_secs(4);
/// Between two tries to tell the hall what became of an order.
const AGAIN: Duration = Duration::from_secs(30);

/// What the hall said of an order's pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// They are reserved, all of them.
    Granted,
    /// None of them is: so many are left today.
    Refused {
        /// Pages.
        left: u32,
    },
    /// The hall did not answer in time.
    NoAnswer,
}

/// Serves orders until the program ends.
pub(super) async fn run(
    store: Store,
    gate: Gate,
    mut orders: mpsc::Receiver<QuotaOrder>,
    events: mpsc::Sender<SyncEvent>,
) {
    let desk = Desk { store, gate: gate.clone() };
    let serving = async {
        // The last run may have ended before the hall knew.
        let mut due = !desk.settle_all().await;
        loop {
            let order = tokio::select! {
                order = orders.recv() => order,
                () = tokio::time::sleep(AGAIN), if due => Some(QuotaOrder::Settle),
            };
            let event = match order {
                None => return,
                Some(QuotaOrder::Settle) => {
                    due = !desk.settle_all().await;
                    continue;
                }
                Some(QuotaOrder::Ask { session, id_no }) => {
                    desk.left(&id_no).await.map(|left| SyncEvent::LeftToday { session, left })
                }
                Some(QuotaOrder::Reserve(wish)) => {
                    Some(SyncEvent::Reserved { job_no: wish.job_no, reservation: desk.reserve(&wish).await })
                }
            };
            if let Some(event) = event {
                // Nobody listens any more only when the program ends.
                let _ = events.send(event).await;
            }
        }
    };
    gate.until_stopped(serving).await;
}

struct Desk {
    store: Store,
    gate: Gate,
}

impl Desk {
    async fn ask(&self, job_id: Uuid, id_no: &Zeroizing<String>, pages: u32) -> Option<QuotaAnswer> {
        let asking = async {
            let request = QuotaReserve { job_id, id_no: id_no.to_string(), pages };
            Ok::<_, Trouble>(connect(&self.store, &self.gate).await?.post(path::QUOTA_RESERVE, &request).await?)
        };
        match tokio::time::timeout(ANSWER_LIMIT, asking).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(trouble)) => {
                tracing::info!(code = trouble.code(), "sync.quota_not_asked");
                None
            }
            Err(_) => {
                tracing::info!("sync.quota_not_answered");
                None
            }
        }
    }

    async fn left(&self, id_no: &Zeroizing<String>) -> Option<u32> {
        Some(self.ask(random_uuid()?, id_no, 0).await?.left)
    }

    async fn reserve(&self, wish: &Reserve) -> Reservation {
        match self.ask(wish.job_id, &wish.id_no, wish.pages).await {
            None => Reservation::NoAnswer,
            Some(answer) if answer.granted == wish.pages => Reservation::Granted,
            Some(answer) => Reservation::Refused { left: answer.left },
        }
    }

    /// Tells the hall of all orders that it does not know the end of; whether none is left.
    async fn settle_all(&self) -> bool {
        let due = match self.store.quota_due().await {
            Ok(due) if due.is_empty() => return true,
            Ok(due) => due,
            Err(error) => {
                tracing::error!(code = error.code(), "sync.quota_not_read");
                return false;
            }
        };
        let telling = async {
            let mut link = connect(&self.store, &self.gate).await?;
            for one in due {
                self.settle(&mut link, one).await?;
            }
            Ok::<(), Trouble>(())
        };
        // A citizen's question may wait behind this.
        match tokio::time::timeout(ANSWER_LIMIT, telling).await {
            Ok(Ok(())) => true,
            Ok(Err(trouble)) => {
                tracing::info!(code = trouble.code(), "sync.quota_not_settled");
                false
            }
            Err(_) => {
                tracing::info!("sync.quota_not_answered");
                false
            }
        }
    }

    async fn settle(&self, link: &mut Link, due: QuotaDue) -> Result<(), Trouble> {
        if let Ok(job_id) = due.quota_job.parse() {
            let settle = QuotaSettle {
                job_id,
                printed: due.counts.printed,
                not_printed: due.counts.not_printed,
                not_certain: due.counts.not_certain,
            };
            let _: QuotaAnswer = link.post(path::QUOTA_SETTLE, &settle).await?;
        }
        Ok(self.store.quota_settled(due.job_no).await?)
    }
}
