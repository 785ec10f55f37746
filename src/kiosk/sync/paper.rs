//! Documents by way of the hall, on a connection of their own: files from a citizen's phone (sealed to a key that
//! lives in this task's memory only), documents fetched with a pick-up code, and records. What is
//! fetched goes to the app loop and nowhere else; nothing of it is stored or logged.

use super::control::{Gate, PaperOrder};
use super::link::{REQUEST_TIMEOUT, Send};
use super::link_error::LinkError;
use super::membership::connect;
use super::trouble::Trouble;
use super::{PaperTold, SyncEvent};
use crate::store::{Store, random_uuid};
use hyper::Method;
use std::time::Duration;
use tokio::sync::mpsc;
use wire::api::{
    PickupAnswer, PickupRequest, ProblemCode, RecordAnswer, RecordRequest, UploadRequest, UploadSession, UploadState,
    path,
};
use wire::ids::{Sha256, UploadId};
use wire::seal::{FilePlace, open_file, x25519_pair};
use zeroize::Zeroizing;

/// How long the hall may hold an answer back.
const POLL_S: u64 = 20;
/// Tries before a phone's session counts as lost, and the pause between them.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);
/// Largest sealed file that is fetched; the hall's own limit is lower.
const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A file that was fetched. Overwritten when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its own name; may be empty.
    pub name: Zeroizing<String>,
    /// Its bytes.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Fetched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fetched({} bytes)", self.bytes.len())
    }
}

/// Why a document was not fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFetched {
    /// No document for this code and card.
    NoMatch,
    /// Too many wrong codes from this terminal.
    Locked,
    /// The hall wants somebody of the staff to have looked at the person.
    SecondFactor,
    /// This hall has no such record.
    NotOffered,
    /// The hall does not answer.
    NoAnswer,
}

/// Serves orders until the program ends.
pub(super) async fn run(
    store: Store,
    gate: Gate,
    mut orders: mpsc::Receiver<(u64, PaperOrder)>,
    events: mpsc::Sender<SyncEvent>,
) {
    let mut desk = Desk { store, gate: gate.clone(), events, session: 0 };
    let serving = async {
        let mut next = orders.recv().await;
        while let Some((session, order)) = next.take() {
            desk.session = session;
            next = match order {
                PaperOrder::EndOffer => orders.recv().await,
                PaperOrder::Offer => {
                    let offer = random_uuid().map(UploadId);
                    let ended = tokio::select! {
                        () = desk.offer(offer) => orders.recv().await,
                        // Another order ends the offer.
                        order = orders.recv() => order,
                    };
                    if let Some(id) = offer {
                        desk.withdraw(id).await;
                    }
                    ended
                }
                PaperOrder::Record(request) => {
                    let event = match desk.record(&request).await {
                        Ok(record) => PaperTold::RecordArrived(Box::new(record)),
                        Err(why) => PaperTold::NotFetched(why),
                    };
                    desk.tell(event).await;
                    orders.recv().await
                }
                PaperOrder::PickUp(request) => {
                    let event = match desk.pick_up(&request).await {
                        Ok(fetched) => PaperTold::FileArrived(fetched),
                        Err(why) => PaperTold::NotFetched(why),
                    };
                    desk.tell(event).await;
                    orders.recv().await
                }
            };
        }
    };
    gate.until_stopped(serving).await;
}

struct Desk {
    store: Store,
    gate: Gate,
    events: mpsc::Sender<SyncEvent>,
    /// For whom the order is that is served now.
    session: u64,
}

impl Desk {
    async fn tell(&self, told: PaperTold) {
        // Nobody listens any more only when the program ends.
        let _ = self.events.send(SyncEvent::Paper { session: self.session, told }).await;
    }

    /// One session of a phone, until it closes.
    async fn offer(&self, id: Option<UploadId>) {
        let mut seed = Zeroizing::new([0; 32]);
        let pair = match (id, getrandom::fill(&mut *seed)) {
            (Some(id), Ok(())) => Some((id, x25519_pair(&seed))),
            _ => None,
        };
        let Some((upload_id, (secret, public))) = pair else {
            return self.tell(PaperTold::UploadNotOffered).await;
        };
        let mut failures = 0;
        let mut after = None;
        loop {
            match self.serve(upload_id, (&secret, public), &mut after).await {
                Ok(()) => return self.tell(PaperTold::UploadNotOffered).await,
                Err(trouble) => {
                    failures += 1;
                    tracing::info!(code = trouble.code(), failures, "sync.upload_waits");
                    if failures >= TRIES || is_refusal(&trouble) {
                        return self.tell(PaperTold::UploadNotOffered).await;
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Asks for the session (a repeat is the same one), then fetches what arrives. `Ok` when it was closed.
    async fn serve(
        &self,
        upload_id: UploadId,
        (secret, public): (&[u8; 32], [u8; 32]),
        after: &mut Option<u32>,
    ) -> Result<(), Trouble> {
        let mut link = connect(&self.store, &self.gate).await?;
        let request = UploadRequest { upload_id, public_key: Sha256(public) };
        let session: UploadSession = link.post(path::UPLOADS, &request).await?;
        if after.is_none() {
            let url = Zeroizing::new(session.url);
            // What came through a link for another key could not be opened here.
            if !url.ends_with(&request.link_ending()) {
                tracing::warn!("sync.upload_link_of_another_key");
                return Ok(());
            }
            let file_bytes_max = session.limits.file_bytes_max;
            self.tell(PaperTold::UploadOffered { url, file_bytes_max }).await;
        }
        let mut known = after.unwrap_or(0);
        loop {
            let asked = format!("{}?after={known}&wait={POLL_S}", path::upload(&upload_id));
            let wait = REQUEST_TIMEOUT + Duration::from_secs(POLL_S);
            let state: UploadState = link.ask(Method::GET, &asked, Send::<()>::Nothing, wait).await?;
            *after = Some(state.arrived);
            known = state.arrived;
            for file in &state.files {
                let place = path::uploaded_file(&upload_id, file.file_no);
                let sealed = link.blob(&place, FILE_BYTES_MAX).await?;
                let Ok((head, bytes)) = open_file(secret, FilePlace { upload_id, file_no: file.file_no }, &sealed)
                else {
                    // Not sealed to our key: whatever it is, it is nobody's file here.
                    tracing::warn!("sync.upload_not_opened");
                    link.delete(&place).await?;
                    continue;
                };
                let fetched = Fetched { name: Zeroizing::new(head.name.clone()), bytes };
                self.tell(PaperTold::FileArrived(fetched)).await;
                link.delete(&place).await?;
            }
            if !state.open {
                return Ok(());
            }
        }
    }

    /// The session is not wanted any more; the hall would also close it by itself.
    async fn withdraw(&self, id: UploadId) {
        let closing = async {
            let mut link = connect(&self.store, &self.gate).await?;
            Ok::<(), Trouble>(link.delete(&path::upload(&id)).await?)
        };
        if let Err(trouble) = closing.await {
            tracing::info!(code = trouble.code(), "sync.upload_not_closed");
        }
    }

    async fn record(&self, request: &RecordRequest) -> Result<RecordAnswer, NotFetched> {
        let mut link = connect(&self.store, &self.gate).await.map_err(|_| NotFetched::NoAnswer)?;
        link.post(path::RECORDS, request).await.map_err(|error| not_fetched(&error))
    }

    async fn pick_up(&self, request: &PickupRequest) -> Result<Fetched, NotFetched> {
        let mut link = connect(&self.store, &self.gate).await.map_err(|_| NotFetched::NoAnswer)?;
        let answer: PickupAnswer = link.post(path::PICKUPS, request).await.map_err(|error| not_fetched(&error))?;
        let bytes =
            link.blob(&path::pickup(&answer.ticket), FILE_BYTES_MAX).await.map_err(|error| not_fetched(&error))?;
        if Sha256::of(&bytes) != answer.sha256 {
            return Err(NotFetched::NoAnswer);
        }
        Ok(Fetched { name: Zeroizing::new(answer.title), bytes: Zeroizing::new(bytes.to_vec()) })
    }
}

/// The hall says that it never will: asking again is of no use.
fn is_refusal(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Link(LinkError::Problem { code: ProblemCode::NotOffered, .. }))
}

pub(super) fn not_fetched(error: &LinkError) -> NotFetched {
    match error {
        LinkError::Problem { code: ProblemCode::NoMatch, .. } => NotFetched::NoMatch,
        LinkError::Problem { code: ProblemCode::Locked, .. } => NotFetched::Locked,
        LinkError::Problem { code: ProblemCode::SecondFactor, .. } => NotFetched::SecondFactor,
        LinkError::Problem { code: ProblemCode::NotOffered, .. } => NotFetched::NotOffered,
        _ => NotFetched::NoAnswer,
    }
}
