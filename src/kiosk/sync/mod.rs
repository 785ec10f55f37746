//! The terminal's side of protocol v1: it enrols, keeps certificate and clock right, sends what the store holds,
//! believes only what its hall signed, lets go under the watermark, reconciles with a restored hall, fetches
//! content and calls staff. Everything that lasts lives in the store; a crash at any point is no special case.
//!
//! ```text
//! store.submit ─wake─▶ manifest ▶ chunks ▶ finish ▶ receipt verified ▶ store.receipted ▶ heartbeat ▶ release
//! ```

mod again;
mod backoff;
mod calls;
mod certificate;
mod control;
mod engine;
mod enrol;
mod faults;
mod heartbeat;
mod identity;
mod link;
mod link_error;
mod lookup;
mod member;
mod membership;
mod network;
mod outbox;
mod paper;
mod published;
mod quota;
mod reconcile;
mod renew;
#[cfg(test)]
mod tests;
mod time;
mod tls;
mod trouble;

pub use control::{Handle, Reserve};
pub use identity::{SealingMaterial, sealing_material};
pub use paper::{Fetched, NotFetched};
pub use quota::Reservation;

use crate::clock::TerminalClock;
use crate::store::Store;
use tokio::sync::mpsc;
use wire::enrol::Invitation;
use wire::ids::Sha256;
use zeroize::Zeroizing;

/// Events that may wait for the app loop.
const EVENTS_MAX: usize = 64;

/// How this terminal reaches its hall.
#[derive(Clone, Default)]
pub struct HallAccess {
    /// `HOST:PORT`; empty is the address of the enrolment, or no hall.
    pub address: String,
    /// Hash of the hall's authority where it is known beforehand (QR form, embedded hall).
    pub authority: Option<Sha256>,
    /// A one-time code, used if this terminal is not enrolled at that hall.
    pub enrolment_code: Option<String>,
}

impl HallAccess {
    /// As configured. The code is the twelve characters as typed, or the whole text of the QR code, which brings
    /// address and authority along; an address that is configured counts before that.
    #[must_use]
    pub fn configured(address: &str, enrolment_code: &str) -> Self {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let Ok(Invitation { address: invited, authority, code, .. }) = enrolment_code.trim().parse() else {
            let address = address.to_owned();
            return Self { address, authority: None, enrolment_code: given(enrolment_code) };
        };
        let address = given(address).unwrap_or(invited);
        Self { address, authority: Some(authority), enrolment_code: given(&code) }
    }
}

/// What sync tells the app loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncEvent {
    /// The hall answers. Sent at first and at each change.
    Online {
        /// Somebody listens for staff calls.
        staff_listens: bool,
        /// Where phones reach the hall, if they can.
        public_url: Option<String>,
    },
    /// It does not. Sent at first and at each change.
    Offline {
        /// A stable code: `unreachable`, `denied`, `foreign_answer`, `not_enrolled` …
        why: String,
    },
    /// The hall has it, by a receipt that was verified and stored.
    Receipt {
        /// Which.
        submission_id: String,
    },
    /// The hall will never take it as it is; kept and shown, blocks nothing.
    Quarantined {
        /// Which.
        submission_id: String,
        /// `id_conflict` or `malformed`.
        code: String,
    },
    /// Sealed bytes were erased under the hall's watermark.
    Released {
        /// Of how many submissions.
        count: u64,
    },
    /// The hall was restored, and what it lacks is sent again.
    Reconciled {
        /// It has these.
        held: u64,
        /// It gets these again.
        send: u64,
        /// Numbers of those that nobody holds any more: an alarm.
        lost: Vec<String>,
    },
    /// Somebody comes.
    CallAnswered {
        /// Who.
        who: String,
        /// In about how many minutes.
        minutes: u32,
    },
    /// The call did not get through.
    CallFailed,
    /// Something about documents, for whoever ordered it.
    Paper {
        /// Number of the citizen's session, as it was ordered with.
        session: u64,
        /// What.
        told: PaperTold,
    },
    /// Free pages left today of whoever asked.
    LeftToday {
        /// Number of the citizen's session.
        session: u64,
        /// Pages.
        left: u32,
    },
    /// What the hall said of an order's pages.
    Reserved {
        /// The order in the ledger.
        job_no: u64,
        /// Reserved or not.
        reservation: Reservation,
    },
    /// A case was looked up, or could not be.
    LookedUp {
        /// Number of the order.
        number: u64,
        /// The hall's answer.
        answer: Result<wire::api::ProgressAnswer, NotFetched>,
    },
    /// New content was verified and stored.
    Content,
    /// This terminal was enrolled; the log has the fingerprint that both screens show.
    Enrolled,
    /// For the technician: a stable code, said once until it is over. The log and the hall are told, too. Sync goes on
    /// trying.
    Fault {
        /// Which.
        code: String,
    },
}

/// What is told of documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaperTold {
    /// The one-time link for a phone, whole.
    UploadOffered {
        /// The link.
        url: Zeroizing<String>,
        /// Bytes of the largest file that is taken.
        file_bytes_max: u64,
    },
    /// There is no link, or it is over.
    UploadNotOffered,
    /// A file was fetched.
    FileArrived(Fetched),
    /// A record was fetched.
    RecordArrived(Box<wire::api::RecordAnswer>),
    /// A document was not fetched.
    NotFetched(NotFetched),
}

/// Starts sync on the current runtime.
#[must_use]
pub fn start(
    store: Store,
    clock: TerminalClock,
    access: HallAccess,
    terminal_no: &str,
) -> (Handle, mpsc::Receiver<SyncEvent>) {
    let (handle, gate, orders) = Handle::new();
    let (events, received) = mpsc::channel(EVENTS_MAX);
    tokio::spawn(calls::run(store.clone(), gate.clone(), orders.calls, events.clone()));
    tokio::spawn(paper::run(store.clone(), gate.clone(), orders.papers, events.clone()));
    tokio::spawn(quota::run(store.clone(), gate.clone(), orders.quota, events.clone()));
    tokio::spawn(lookup::run(store.clone(), gate.clone(), orders.lookups, events.clone()));
    let engine = engine::Engine::new(store, clock, (access, terminal_no), (gate, events));
    tokio::spawn(engine.run());
    (handle, received)
}
