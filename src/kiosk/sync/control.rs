//! How the rest of the program steers sync: wake, call, cut, stop. Clones share it; every wait of sync ends when
//! one of them asks for it.

use super::network::Network;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, watch};
use uuid::Uuid;
use wire::api::{PickupRequest, ProgressRequest, RecordRequest};
use zeroize::Zeroizing;

/// Orders that may wait; a citizen cannot touch faster.
const ORDERS_MAX: usize = 16;

/// Steers a running sync. Dropping it does not stop sync; [`Handle::stop`] does.
#[derive(Clone, Debug)]
pub struct Handle {
    gate: Gate,
    calls: mpsc::Sender<CallOrder>,
    papers: mpsc::Sender<(u64, PaperOrder)>,
    quota: mpsc::Sender<QuotaOrder>,
    lookups: mpsc::Sender<LookUp>,
}

/// A case to be looked up.
pub(super) struct LookUp {
    /// Number of the order, so that a late answer is told from the one that is awaited.
    pub(super) number: u64,
    /// What the hall is asked.
    pub(super) request: ProgressRequest,
}

/// What the task of documents is to do; the number of the citizen's session stands beside it and comes back with
/// what is told, so that nothing reaches the next citizen.
pub(super) enum PaperOrder {
    /// A one-time link for a phone.
    Offer,
    /// The link is not wanted any more.
    EndOffer,
    /// A document by its code and the person's card.
    PickUp(PickupRequest),
    /// A record of the person who stands there.
    Record(Box<RecordRequest>),
}

/// What the task of the day's free pages is to do.
pub(super) enum QuotaOrder {
    /// What is left today, for the session of this number.
    Ask { session: u64, id_no: Zeroizing<String> },
    /// Reserve an order's pages.
    Reserve(Reserve),
    /// An order was settled.
    Settle,
}

/// Pages to reserve.
pub struct Reserve {
    /// The order in the ledger.
    pub job_no: u64,
    /// The id under which the hall holds them.
    pub job_id: Uuid,
    /// Number of the card that was read.
    pub id_no: Zeroizing<String>,
    /// How many.
    pub pages: u32,
}

/// Orders of one kind each, as their tasks take them.
pub(super) struct Orders {
    pub(super) calls: mpsc::Receiver<CallOrder>,
    pub(super) papers: mpsc::Receiver<(u64, PaperOrder)>,
    pub(super) quota: mpsc::Receiver<QuotaOrder>,
    pub(super) lookups: mpsc::Receiver<LookUp>,
}

/// What the task of staff calls is to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CallOrder {
    /// Call, from this step.
    Call(String),
    /// The citizen does not need it any more.
    Close,
}

/// Sync's side of the handle.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    /// What the dev dock cuts.
    pub(super) network: Network,
    wake: Arc<Notify>,
    stop: Arc<watch::Sender<bool>>,
    troubles: Arc<watch::Sender<BTreeMap<String, String>>>,
    hall_ended: Arc<AtomicBool>,
}

impl Handle {
    pub(super) fn new() -> (Self, Gate, Orders) {
        let gate = Gate {
            network: Network::new(),
            wake: Arc::new(Notify::new()),
            stop: Arc::new(watch::Sender::new(false)),
            troubles: Arc::new(watch::Sender::default()),
            hall_ended: Arc::default(),
        };
        let (calls, call_orders) = mpsc::channel(ORDERS_MAX);
        let (papers, paper_orders) = mpsc::channel(ORDERS_MAX);
        let (quota, quota_orders) = mpsc::channel(ORDERS_MAX);
        let (lookups, lookup_orders) = mpsc::channel(ORDERS_MAX);
        let orders = Orders { calls: call_orders, papers: paper_orders, quota: quota_orders, lookups: lookup_orders };
        (Self { gate: gate.clone(), calls, papers, quota, lookups }, gate, orders)
    }

    /// A submission was stored: send it now.
    pub fn wake(&self) {
        self.gate.wake.notify_one();
    }

    /// Calls staff from a step of the session: a word of ours, nothing personal.
    pub fn call_staff(&self, step: String) {
        self.order(CallOrder::Call(step));
    }

    /// The call is not needed any more.
    pub fn close_call(&self) {
        self.order(CallOrder::Close);
    }

    /// A one-time link for the citizen's phone; files that come through it are told as they arrive.
    pub fn offer_upload(&self, session: u64) {
        self.order_paper(session, PaperOrder::Offer);
    }

    /// The link is not wanted any more.
    pub fn end_upload(&self, session: u64) {
        self.order_paper(session, PaperOrder::EndOffer);
    }

    /// Fetches a document by its pick-up code and the number of the person's card.
    pub fn pick_up(&self, session: u64, request: PickupRequest) {
        self.order_paper(session, PaperOrder::PickUp(request));
    }

    /// Asks for a record of the person who stands there; never kept, always asked anew.
    pub fn fetch_record(&self, session: u64, request: RecordRequest) {
        self.order_paper(session, PaperOrder::Record(Box::new(request)));
    }

    /// Looks a case up; answered under this number. Whether the order was taken.
    #[must_use]
    pub fn look_up(&self, number: u64, request: ProgressRequest) -> bool {
        self.lookups.try_send(LookUp { number, request }).is_ok()
    }

    fn order_paper(&self, session: u64, order: PaperOrder) {
        if self.papers.try_send((session, order)).is_err() {
            tracing::warn!("sync.paper_dropped");
        }
    }

    /// Asks how many free pages are left today; no answer where the hall does not say.
    pub fn ask_quota(&self, session: u64, id_no: Zeroizing<String>) {
        let _ = self.order_quota(QuotaOrder::Ask { session, id_no });
    }

    /// Reserves an order's pages; answered with `Reserved`. False where it cannot even be asked.
    #[must_use]
    pub fn reserve_pages(&self, wish: Reserve) -> bool {
        self.order_quota(QuotaOrder::Reserve(wish))
    }

    /// The ledger settled an order: the hall is told of it.
    pub fn settle_quota(&self) {
        let _ = self.order_quota(QuotaOrder::Settle);
    }

    fn order_quota(&self, order: QuotaOrder) -> bool {
        let taken = self.quota.try_send(order).is_ok();
        if !taken {
            tracing::warn!("sync.quota_dropped");
        }
        taken
    }

    /// Devices in trouble, class and stable word, for the next heartbeat.
    pub fn set_troubles(&self, troubles: BTreeMap<String, String>) {
        self.gate.troubles.send_replace(troubles);
    }

    /// Cuts the network, or restores it: for the dev dock and tests.
    pub fn cut(&self, cut: bool) {
        self.gate.network.set_up(!cut);
        self.wake();
    }

    /// Ends sync; its event channel closes when it has.
    pub fn stop(&self) {
        self.gate.stop.send_replace(true);
    }

    fn order(&self, order: CallOrder) {
        if self.calls.try_send(order).is_err() {
            tracing::warn!("sync.call_dropped");
        }
    }
}

impl Gate {
    /// Waits until something is to be done: the time is up, something was stored, the network was cut or came back.
    pub(super) async fn pause(&self, wait: Duration) {
        tokio::select! {
            () = self.wake.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }

    /// Does the work until it is done or the program ends.
    pub(super) async fn until_stopped(&self, work: impl Future<Output = ()>) {
        let mut stop = self.stop.subscribe();
        tokio::select! {
            () = work => {}
            // The sender is ours, so that this wait cannot end any other way.
            _ = stop.wait_for(|stopped| *stopped) => {}
        }
    }

    /// The hall's own certificate has ended, or has not: staff cannot be called over it.
    pub(super) fn set_hall_ended(&self, ended: bool) {
        self.hall_ended.store(ended, Ordering::Release);
    }

    pub(super) fn is_hall_ended(&self) -> bool {
        self.hall_ended.load(Ordering::Acquire)
    }

    /// Devices in trouble.
    pub(super) fn troubles(&self) -> BTreeMap<String, String> {
        self.troubles.borrow().clone()
    }
}
