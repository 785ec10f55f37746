//! The process that reads a citizen's stick: this program again under the documents' limits, with one descriptor, open
//! for reading only, that it did not open itself. Here is the terminal's side, which trusts no byte that comes back.
//! Names are a citizen's: they are overwritten when they are dropped and never logged.

mod listing;
mod message;
mod process;

use super::leash::Cancel;
use super::{STICK_WORKER, Worker, Workers};
use documents::Refusal;
use message::Ask;
use std::fs::File;
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;
use zeroize::Zeroizing;

pub(super) use process::run;

/// How long a folder may take: a slow stick, a few hundred files of which both ends are looked at.
const LIST_WITHIN: Duration = Duration::from_secs(30);
/// How long a file may take: 64 MB from a stick of the first kind, at 1 MB/s.
const TAKE_WITHIN: Duration = Duration::from_secs(90);

/// A stick that a worker holds open. Dropping it ends the worker.
pub struct OpenStick {
    worker: Worker,
}

/// What of a folder can be printed.
#[derive(Clone, Debug)]
pub struct StickFolder {
    /// Folders first, then files, the newest first.
    pub entries: Vec<StickEntry>,
    /// There is more than is listed.
    pub cut: bool,
}

/// A folder, or a file that can be printed by its content.
#[derive(Clone)]
pub struct StickEntry {
    /// By which it is asked for.
    pub id: u32,
    /// As it may be shown.
    pub name: Zeroizing<String>,
    /// What it is.
    pub kind: StickEntryKind,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StickEntryKind {
    /// A folder.
    Folder,
    /// A file that can be taken.
    File,
    /// A file that is larger than the terminal takes.
    TooLarge,
}

/// Why a stick, or a file on it, is not read. Texts say what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StickRefusal {
    /// Pulled out.
    Gone,
    /// NTFS.
    Ntfs,
    /// Encrypted.
    Encrypted,
    /// Any other file system, or none.
    Foreign,
    /// The file system or the file is damaged.
    Damaged,
    /// More than [`documents::BYTES_MAX`].
    TooLarge,
    /// It takes too long.
    TooSlow,
    /// The worker could not be started, or this program may not read the stick.
    NotStarted,
    /// The session is over.
    Cancelled,
}

impl std::fmt::Debug for StickEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StickEntry({}, {:?})", self.id, self.kind)
    }
}

impl Workers {
    /// Hands a stick to a worker of its own, which begins with the first question.
    ///
    /// # Errors
    /// [`StickRefusal::NotStarted`], [`StickRefusal::Cancelled`].
    pub fn open_stick(&self, device: File, cancel: &Cancel) -> Result<OpenStick, StickRefusal> {
        let worker = Worker::start(&self.program, STICK_WORKER, Stdio::from(device), cancel);
        worker.map(|worker| OpenStick { worker }).map_err(of_refusal)
    }
}

impl OpenStick {
    /// What lies in a folder; 0 is the first one.
    ///
    /// # Errors
    /// Why not; the stick may be dead then.
    pub fn list(&mut self, folder: u32) -> Result<StickFolder, StickRefusal> {
        self.ask(&Ask::List(folder), LIST_WITHIN)?;
        let answer = message::receive_folder(&mut self.worker.answers);
        self.answered(answer)
    }

    /// A file's name and bytes.
    ///
    /// # Errors
    /// As above.
    pub fn take(&mut self, file: u32) -> Result<(Zeroizing<String>, Zeroizing<Vec<u8>>), StickRefusal> {
        self.ask(&Ask::Take(file), TAKE_WITHIN)?;
        let answer = message::receive_file(&mut self.worker.answers);
        self.answered(answer)
    }

    /// The worker's process, for tests.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.worker.leash.id()
    }

    fn ask(&mut self, ask: &Ask, within: Duration) -> Result<(), StickRefusal> {
        self.worker.leash.within(within);
        let sent = ask.send(&mut self.worker.requests).and_then(|()| self.worker.requests.flush());
        sent.map_err(|_| of_refusal(self.worker.why_it_ended()))
    }

    fn answered<T>(&mut self, answer: std::io::Result<Result<T, StickRefusal>>) -> Result<T, StickRefusal> {
        let answer = answer.unwrap_or_else(|_| Err(of_refusal(self.worker.why_it_ended())));
        self.worker.leash.at_ease();
        answer
    }
}

/// What the worker's end means for a stick.
fn of_refusal(refusal: Refusal) -> StickRefusal {
    match refusal {
        Refusal::Cancelled => StickRefusal::Cancelled,
        Refusal::TooSlow => StickRefusal::TooSlow,
        Refusal::NotStarted => StickRefusal::NotStarted,
        _ => StickRefusal::Damaged,
    }
}

impl StickRefusal {
    /// For the citizen.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Gone => "U 盘已拔出；插好后可以接着选，已打开的文件不受影响",
            Self::Ntfs => "这个 U 盘是 NTFS 格式，本机读不了；请换 FAT32 或 exFAT 格式的 U 盘",
            Self::Encrypted => "这个 U 盘加了密，本机读不了；请换一个不加密的 U 盘",
            Self::Foreign => "这个 U 盘的格式本机读不了；请换 FAT32 或 exFAT 格式的 U 盘",
            Self::Damaged => "U 盘上的内容有损坏，读不出来；请在电脑上检查",
            Self::TooLarge => "这个文件超过 64 MB，本机打不开",
            Self::TooSlow => "U 盘太久没有回应；请拔下再插一次",
            Self::NotStarted | Self::Cancelled => "暂时不能读 U 盘，请稍后再试",
        }
    }

    /// For a visitor.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::Gone => "The stick was pulled out; put it in to go on. Files already open are not affected",
            Self::Ntfs => "This stick has the format NTFS, which is not read here; use one with FAT32 or exFAT",
            Self::Encrypted => "This stick is encrypted and cannot be read here; use another one",
            Self::Foreign => "This stick's format is not read here; use one with FAT32 or exFAT",
            Self::Damaged => "What lies on the stick is damaged; check it on a computer",
            Self::TooLarge => "This file is larger than 64 MB and cannot be opened here",
            Self::TooSlow => "The stick does not answer; pull it out and put it in again",
            Self::NotStarted | Self::Cancelled => "Sticks cannot be read now; try again later",
        }
    }
}
