//! Pages of 复印、打文件: how a file comes in, what of it is printed, how far the printer is, what came out.
//! Numbers of pages are true counts from the ledger and the printer, never guesses of the screen.

use super::{Picture, QrCode};
use zeroize::Zeroizing;

/// A file's name: a citizen's word. Overwritten when dropped; said to nobody by `{:?}`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FileName(Zeroizing<String>);

impl std::ops::Deref for FileName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<String> for FileName {
    fn from(name: String) -> Self {
        Self(Zeroizing::new(name))
    }
}

impl From<Zeroizing<String>> for FileName {
    fn from(name: Zeroizing<String>) -> Self {
        Self(name)
    }
}

impl From<&str> for FileName {
    fn from(name: &str) -> Self {
        Self(Zeroizing::new(name.to_owned()))
    }
}

impl std::fmt::Debug for FileName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileName({} characters)", self.chars().count())
    }
}

/// What can be done with paper here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperMenu {
    /// One row each.
    pub ways: Vec<PaperWay>,
    /// "本次还可打印 10 页，免费".
    pub quota: String,
}

/// One way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperWay {
    /// `phone`, `stick`, `code`, `copy`, `card`; chooses the icon too.
    pub id: String,
    /// A verb.
    pub label: String,
    /// One line of what happens.
    pub hint: String,
    /// Why it cannot be used now; empty when it can.
    pub reason: String,
}

/// Sending files from a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The code with the one-time link; none while it is being made.
    pub qr: Option<QrCode>,
    /// Why there is none; empty otherwise.
    pub error: String,
    /// What has come so far.
    pub files: Vec<FileRow>,
    /// What is taken: kinds, size.
    pub note: String,
}

/// Files on a stick, or one fetched by its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// Heading: what it is, or the folder's name.
    pub title: FileName,
    /// What can be printed, and folders.
    pub files: Vec<FileRow>,
    /// What is said above the list; may be empty.
    pub note: String,
    /// Whether 再找一次 is there.
    pub again: bool,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// Id for [`super::Action::OpenRow`].
    pub id: String,
    /// Its own name, shortened in the middle where it is long.
    pub name: FileName,
    /// How it stands.
    pub state: FileState,
}

/// How a file stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    /// Can be opened.
    There,
    /// A folder, which can be gone into.
    Folder,
    /// Being looked at.
    Opening,
    /// So many pages.
    Ready {
        /// Pages.
        pages: u32,
    },
    /// Cannot be printed: why, and what to do.
    Refused(String),
}

/// Choosing what to print.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// Name of the file, or what was copied.
    pub title: FileName,
    /// Its pages.
    pub pages: Vec<PageThumb>,
    /// Copies of each.
    pub copies: u32,
    /// Whether another copy is allowed.
    pub more: bool,
    /// Two-sided; none where the printer cannot or there is one page.
    pub two_sided: Option<bool>,
    /// Colour; none where the printer has none.
    pub colour: Option<bool>,
    /// True: fitted to A4; false: true size. None where it makes no difference.
    pub fit: Option<bool>,
    /// Lightness of a copy, −2 to 2; none for files.
    pub brightness: Option<i32>,
    /// 仅限…使用 across a copy: what it may be limited to; empty for files.
    pub purposes: Vec<super::Choice>,
    /// Pages that this order costs.
    pub cost: u32,
    /// "本次还可打印 10 页".
    pub quota: String,
    /// Why it cannot be printed so; empty when it can.
    pub error: String,
}

/// One page, small.
#[derive(Clone, Debug, PartialEq)]
pub struct PageThumb {
    /// From 1.
    pub number: u32,
    /// The picture; none until it is there.
    pub picture: Option<Picture>,
    /// Will be printed.
    pub chosen: bool,
}

/// The glass of the scanner.
#[derive(Clone, Debug, PartialEq)]
pub struct Scanning {
    /// What is copied: pages, or both sides of a card.
    pub card: bool,
    /// What to do now.
    pub step: ScanStep,
    /// What was scanned so far, small.
    pub pages: Vec<Picture>,
    /// Whether the feeder can be used.
    pub feeder: bool,
    /// What went wrong; empty otherwise.
    pub error: String,
    /// Whether another page may follow.
    pub more: bool,
    /// The pages become a material of an application instead of a copy.
    pub material: bool,
}

/// Where scanning stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanStep {
    /// Lay the page (or the card's front) on the glass.
    Lay,
    /// Turn the card over.
    Turn,
    /// The light moves.
    Scanning,
    /// Something lies there: copy it, or another page.
    Done,
}

/// The printer works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printing {
    /// Pages that came out.
    pub printed: u32,
    /// Pages ordered.
    pub of: u32,
    /// What is happening, in a sentence.
    pub now: String,
    /// What keeps it from going on, and what can be done; empty when it goes on.
    pub trouble: Vec<String>,
    /// Whether 停止打印 is there.
    pub can_stop: bool,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// All ordered pages came out, by the printer's own word.
    pub whole: bool,
    /// "5 页已打印".
    pub title: String,
    /// What else must be said: not printed, not certain, not charged.
    pub lines: Vec<String>,
    /// Whether something else can be printed in this session.
    pub more: bool,
}
