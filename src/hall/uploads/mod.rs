//! Files on their way from a phone to a terminal: sealed as they arrive to the key of the terminal's session, held in
//! memory only, dropped once fetched, at the session's end, or after ten minutes. Nothing here is ever written down.
mod file;
mod room;
mod session;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use wire::api::{UploadLimits, UploadRequest, UploadState};
use wire::ids::UploadId;

pub(crate) use file::{Incoming, Pieces};
pub(crate) use room::Room;
pub(crate) use session::{Owner, Refused};
use session::{Session, Stored};

use crate::keys::hex;
use crate::server::{Core, stopped};

/// A session and all its files end after this.
pub(crate) const LIFE_MS: i64 = 10 * 60 * 1000;
/// What one session takes. A photo of a phone has 3 to 12 MB, a scanned contract seldom more than 20.
pub(crate) const LIMITS: UploadLimits =
    UploadLimits { files_max: 20, file_bytes_max: 30 << 20, session_bytes_max: 100 << 20 };
/// Files of one session that arrive at the same moment.
const ARRIVING_MAX: u32 = 3;
/// One for each terminal of a large hall, and as many that were left behind.
const SESSIONS_MAX: usize = 200;
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// What a link is known by: chance, and the key to which what comes through it is sealed.
fn link_token(random: &[u8; 16], request: &UploadRequest) -> String {
    format!("{}.{}", hex(random), request.link_ending())
}

/// All sessions.
pub(crate) struct Uploads {
    sessions: Mutex<HashMap<UploadId, Session>>,
    room: Arc<Room>,
    changed: watch::Sender<u64>,
}

/// The page's view of an open session.
pub(crate) struct Seen {
    pub(crate) terminal_no: String,
}

impl Uploads {
    pub(crate) fn new(memory_bytes: u64) -> Self {
        Self { sessions: Mutex::default(), room: Room::new(memory_bytes), changed: watch::Sender::new(0) }
    }

    /// Opens a session, or finds the one that this terminal opened with the same id and key. Returns the link's token
    /// and how long it stays open. Another open session of the same data folder ends.
    pub(crate) fn open(&self, request: &UploadRequest, owner: Owner, now_ms: i64) -> Result<(String, i64), Refused> {
        let (upload_id, public_key) = (request.upload_id, request.public_key.0);
        let mut sessions = self.lock();
        if let Some(known) = sessions.get(&upload_id) {
            let same = known.owner == owner && known.public_key == public_key && known.is_open(now_ms);
            return if same { Ok((known.token.clone(), known.left_ms(now_ms))) } else { Err(Refused::Taken) };
        }
        sessions.retain(|_, session| session.is_open(now_ms) && session.owner != owner);
        if sessions.len() >= SESSIONS_MAX {
            return Err(Refused::Full);
        }
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|_| Refused::Full)?;
        let session = Session::new((link_token(&random, request), public_key), owner, now_ms);
        let answer = (session.token.clone(), session.left_ms(now_ms));
        sessions.insert(upload_id, session);
        drop(sessions);
        self.rang();
        Ok(answer)
    }

    /// The session that a link leads to; remembers that a phone came.
    pub(crate) fn seen(&self, token: &str, now_ms: i64) -> Option<Seen> {
        let mut sessions = self.lock();
        let (_, session) = by_token(&mut sessions, token, now_ms)?;
        let seen = Seen { terminal_no: session.owner.terminal_no.clone() };
        let first = !std::mem::replace(&mut session.phone_seen, true);
        drop(sessions);
        if first {
            self.rang();
        }
        Some(seen)
    }

    /// Begins a file; [`Refused::Closed`] of a link that is over.
    pub(crate) fn begin(self: &Arc<Self>, token: &str, now_ms: i64) -> Result<Incoming, Refused> {
        let mut sessions = self.lock();
        let (upload_id, session) = by_token(&mut sessions, token, now_ms).ok_or(Refused::Closed)?;
        let file_no = session.begin()?;
        let public_key = session.public_key;
        drop(sessions);
        self.rang();
        Ok(Incoming::new(Arc::clone(self), (upload_id, file_no), public_key))
    }

    /// How a session stands, for its terminal. One that nobody knows is not open.
    pub(crate) fn state(&self, upload_id: UploadId, owner: &Owner, now_ms: i64) -> UploadState {
        match self.lock().get(&upload_id).filter(|session| session.owner == *owner && session.is_open(now_ms)) {
            Some(session) => session.state(),
            None => UploadState { open: false, phone_seen: false, arriving: 0, arrived: 0, files: Vec::new() },
        }
    }

    /// The sealed bytes of a file.
    pub(crate) fn fetch(&self, place: (UploadId, u32), owner: &Owner, now_ms: i64) -> Option<Pieces> {
        let sessions = self.lock();
        let session = sessions.get(&place.0).filter(|session| session.owner == *owner && session.is_open(now_ms))?;
        session.files.get(&place.1).map(Stored::pieces)
    }

    /// The terminal has it: dropped.
    pub(crate) fn taken(&self, (upload_id, file_no): (UploadId, u32), owner: &Owner) {
        if let Some(session) = self.lock().get_mut(&upload_id).filter(|session| session.owner == *owner) {
            session.files.remove(&file_no);
        }
        self.rang();
    }

    /// The session is over: the link is dead, everything dropped.
    pub(crate) fn close(&self, upload_id: UploadId, owner: &Owner) {
        let mut sessions = self.lock();
        if sessions.get(&upload_id).is_some_and(|session| session.owner == *owner) {
            sessions.remove(&upload_id);
        }
        drop(sessions);
        self.rang();
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Bytes of waiting and arriving files in memory.
    pub(crate) fn held_bytes(&self) -> u64 {
        self.room.used()
    }

    fn sweep(&self, now_ms: i64) {
        let mut sessions = self.lock();
        let before = sessions.len();
        sessions.retain(|_, session| session.is_open(now_ms));
        let gone = sessions.len() < before;
        drop(sessions);
        if gone {
            self.rang();
        }
    }

    /// A file arrived whole; false if its session ended meanwhile.
    fn store(&self, (upload_id, file_no): (UploadId, u32), stored: Stored) -> bool {
        let mut sessions = self.lock();
        let Some(session) = sessions.get_mut(&upload_id) else { return false };
        session.arrived += 1;
        session.files.insert(file_no, stored);
        true
    }

    /// A file is not on its way any more, for better or worse.
    fn ended(&self, (upload_id, bytes): (UploadId, u64)) {
        if let Some(session) = self.lock().get_mut(&upload_id) {
            session.arriving = session.arriving.saturating_sub(1);
            session.arriving_bytes = session.arriving_bytes.saturating_sub(bytes);
        }
        self.rang();
    }

    /// Counts bytes on their way; an error when the session has enough or is over.
    fn grow(&self, upload_id: UploadId, bytes: u64) -> Result<(), Refused> {
        let mut sessions = self.lock();
        let session = sessions.get_mut(&upload_id).ok_or(Refused::Closed)?;
        if session.held_bytes() + bytes > LIMITS.session_bytes_max {
            return Err(Refused::SessionFull);
        }
        session.arriving_bytes += bytes;
        Ok(())
    }

    fn rang(&self) {
        self.changed.send_modify(|mark| *mark = mark.wrapping_add(1));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UploadId, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops what is over, until the hall stops.
pub(crate) async fn keep_clean(core: Arc<Core>, mut stop: watch::Receiver<bool>) {
    loop {
        core.uploads.sweep(core.clock.now_ms());
        tokio::select! {
            () = tokio::time::sleep(SWEEP_EVERY) => {}
            () = core.clock.moved() => {}
            () = stopped(&mut stop) => return,
        }
    }
}

fn by_token<'a>(
    sessions: &'a mut HashMap<UploadId, Session>,
    token: &str,
    now_ms: i64,
) -> Option<(UploadId, &'a mut Session)> {
    use subtle::ConstantTimeEq as _;
    let fits = |session: &Session| bool::from(session.token.as_bytes().ct_eq(token.as_bytes()));
    let (upload_id, session) = sessions.iter_mut().find(|(_, session)| session.is_open(now_ms) && fits(session))?;
    Some((*upload_id, session))
}
