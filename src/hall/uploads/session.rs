//! One session: whose it is, the key that its files are sealed to, what waits and what is on its way.
use std::collections::BTreeMap;
use std::time::Instant;

use axum::body::Bytes;
use wire::api::{UploadState, UploadedFile};

use super::file::Pieces;
use super::room::Share;
use super::{ARRIVING_MAX, LIFE_MS, LIMITS};

/// The terminal, down to its data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) terminal_no: String,
    pub(crate) installation_id: String,
}

/// Why a file or a session is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The link is over.
    Closed,
    /// The id belongs to another session.
    Taken,
    /// The hall's memory for files is full.
    Full,
    SessionFull,
    TooManyFiles,
    /// Enough are arriving at this moment.
    Busy,
    TooBig,
    /// It did not arrive whole.
    Cut,
}

pub(super) struct Session {
    pub(super) token: String,
    pub(super) public_key: [u8; 32],
    pub(super) owner: Owner,
    opened_ms: i64,
    /// Against a wall clock that is set back.
    opened: Instant,
    pub(super) phone_seen: bool,
    pub(super) arriving: u32,
    pub(super) arriving_bytes: u64,
    pub(super) arrived: u32,
    begun: u32,
    pub(super) files: BTreeMap<u32, Stored>,
}

/// A sealed file that waits.
pub(super) struct Stored {
    pub(super) bytes: u64,
    pub(super) sealed: Vec<Bytes>,
    pub(super) _room: Share,
}

impl Session {
    pub(super) fn new((token, public_key): (String, [u8; 32]), owner: Owner, now_ms: i64) -> Self {
        Self {
            token,
            public_key,
            owner,
            opened_ms: now_ms,
            opened: Instant::now(),
            phone_seen: false,
            arriving: 0,
            arriving_bytes: 0,
            arrived: 0,
            begun: 0,
            files: BTreeMap::new(),
        }
    }

    pub(super) fn is_open(&self, now_ms: i64) -> bool {
        let running = i64::try_from(self.opened.elapsed().as_millis()).unwrap_or(LIFE_MS);
        self.left_ms(now_ms) > 0 && running < LIFE_MS
    }

    pub(super) fn left_ms(&self, now_ms: i64) -> i64 {
        (self.opened_ms + LIFE_MS - now_ms).clamp(0, LIFE_MS)
    }

    /// The number of the next file.
    pub(super) fn begin(&mut self) -> Result<u32, Refused> {
        if self.arriving >= ARRIVING_MAX {
            return Err(Refused::Busy);
        }
        if self.arrived + self.arriving >= LIMITS.files_max {
            return Err(Refused::TooManyFiles);
        }
        (self.arriving, self.begun) = (self.arriving + 1, self.begun + 1);
        Ok(self.begun)
    }

    /// Plaintext bytes that wait or arrive.
    pub(super) fn held_bytes(&self) -> u64 {
        self.arriving_bytes + self.files.values().map(|file| file.bytes).sum::<u64>()
    }

    pub(super) fn state(&self) -> UploadState {
        let files = self.files.iter().map(|(file_no, stored)| UploadedFile {
            file_no: *file_no,
            bytes: stored.bytes,
            sealed_bytes: stored.sealed.iter().map(|piece| piece.len() as u64).sum(),
        });
        UploadState {
            open: true,
            phone_seen: self.phone_seen,
            arriving: self.arriving,
            arrived: self.arrived,
            files: files.collect(),
        }
    }
}

impl Stored {
    /// The bytes to send; they stay until the terminal says that it has them.
    pub(super) fn pieces(&self) -> Pieces {
        Pieces::new(self.sealed.clone())
    }
}
