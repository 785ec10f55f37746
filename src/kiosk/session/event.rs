//! Everything that can happen to a session, grouped by who says it. Raw device status and wire messages
//! become one of these in the rim (`devices`, `app`); the session never sees bytes, clocks or errors of I/O.

use super::card::HeldCard;
use crate::view::{Action, Picture};
use jiff::civil::{Date, Time};
use wire::catalogue::Text;
use zeroize::Zeroizing;

/// One thing that happened.
#[derive(Debug)]
pub enum Event {
    /// The citizen touched the screen.
    Action(Action),
    /// A second passed; the hall's local date and time now.
    Second(Moment),
    /// The ID-card reader.
    Card(CardEvent),
    /// A staff card was read: its number.
    StaffCard(String),
    /// A page of a material was taken, or could not be.
    Captured(Captured),
    /// A print order ended.
    Printed {
        /// The order it answers.
        order: u32,
        /// What came of it.
        result: PrintResult,
    },
    /// The store answered a submission.
    Store(StoreEvent),
    /// The hall, through sync.
    Hall(HallEvent),
    /// Documents, the scanner and the document printer.
    Paper(super::PaperEvent),
    /// A reader of codes read one.
    Scanned(ScannedCode),
    /// A case was looked up.
    Lookup(super::LookupEvent),
    /// What the terminal can do now.
    Capabilities(Capabilities),
    /// A device's health may have changed; the app turns it into `Capabilities`.
    Health,
    /// New content was activated; used from the next journey on.
    Content(std::sync::Arc<crate::content::Content>),
}

/// Text of a code that was held before the scanner; empty where it is none. Overwritten when dropped.
pub struct ScannedCode(Zeroizing<String>);

impl ScannedCode {
    /// A code's text.
    #[must_use]
    pub fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ScannedCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ScannedCode({} bytes)", self.0.len())
    }
}

/// The hall's local time, by the terminal's clock (trusted or not; the store knows which).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Local date.
    pub date: Date,
    /// Local time of day.
    pub time: Time,
}

/// What the ID-card reader says.
#[derive(Debug)]
pub enum CardEvent {
    /// A card lies there and is being read.
    Reading,
    /// It was read whole.
    Read(Box<HeldCard>),
    /// It was lifted before it was read whole.
    LiftedTooEarly,
    /// It lies there but cannot be read. Said once, until it was lifted or a card is asked for anew.
    Unreadable,
    /// What lies there is not the card that is asked for. Said once, as above.
    Wrong(WrongCard),
    /// The reader does not answer.
    ReaderFault,
    /// It answers again.
    ReaderWell,
}

impl CardEvent {
    /// Somebody did something, so that the idle clock begins anew; the reader's own troubles are nobody's doing.
    #[must_use]
    pub fn is_act(&self) -> bool {
        matches!(self, Self::Reading | Self::Read(_) | Self::LiftedTooEarly)
    }
}

/// Why the reader itself knows that a card is not the one that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongCard {
    /// It is no identity card.
    NotAnIdCard,
    /// It was read in an earlier session and has lain there since: it may be somebody else's.
    LeftBehind,
}

/// A page of a material.
#[derive(Debug)]
pub struct Captured {
    /// The material it was asked for.
    pub order_num: u32,
    /// The page: encoded image as it will be submitted, its media type, and a small picture for the screen.
    pub page: Option<(Zeroizing<Vec<u8>>, &'static str, Picture)>,
}

/// What came of a print order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrintResult {
    /// The printer itself said so after the cut.
    Printed,
    /// Nothing came out; why.
    NotPrinted(PrintProblem),
    /// It was in the printer when the printer stopped answering.
    NotCertain,
}

/// Why nothing came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintProblem {
    /// Paper is out.
    PaperOut,
    /// Cover open.
    CoverOpen,
    /// Cutter or paper jam.
    Jammed,
    /// The printer does not answer.
    NoAnswer,
}

/// What the store says.
#[derive(Debug)]
pub enum StoreEvent {
    /// The data folder cannot be used: what a technician can do about it.
    NotOpened(Text),
    /// Committed: it is safe on this terminal.
    Stored(Stored),
    /// It was not stored; nothing of it remains.
    NotStored(StoreProblem),
    /// After an unclean end: a submission is safe (time of day, large group of its number).
    Recovered(Option<(String, String)>),
    /// The slip of a recovered submission was asked for with a card: found (numbers) or not this card's.
    RecoveredSlip(Option<Box<crate::journeys::RecoveredSlip>>),
}

/// A stored submission, as far as the citizen sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Id, as text.
    pub submission_id: String,
    /// 提交编号, whole.
    pub number: String,
    /// Six digits.
    pub query_code: String,
    /// Hex of 128 bits, for the slip's QR.
    pub lookup_token: String,
}

/// Why a submission was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreProblem {
    /// No room.
    DiskFull,
    /// It may be stored all the same. Another try finds it then and makes no second one.
    NotCertain,
    /// Anything else; retrying may help.
    Failed,
    /// This terminal is not enrolled with a hall yet.
    NotEnrolled,
}

/// What sync says about the hall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HallEvent {
    /// The hall answers.
    Online {
        /// Somebody listens for staff calls.
        staff_listens: bool,
        /// Where citizens' phones reach it, if they can.
        public_url: Option<String>,
    },
    /// The hall cannot be reached.
    Offline,
    /// The hall's signed receipt for this submission was verified and stored.
    Receipt {
        /// Id, as text.
        submission_id: String,
    },
    /// Somebody comes.
    CallAnswered {
        /// Who, as the hall says it.
        who: String,
        /// In about how many minutes.
        minutes: u32,
    },
    /// The call reached nobody, or was closed without an answer.
    CallFailed,
}

/// What works now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// ID-card reader.
    pub card_reader: bool,
    /// Receipt printer: answers, and has paper.
    pub receipt_printer: bool,
    /// Pages of materials can be taken.
    pub capture: bool,
    /// A staff card can be read.
    pub staff_card: bool,
    /// Barcode reader and camera.
    pub code_readers: CodeReaders,
    /// Submissions can be stored.
    pub store: bool,
    /// Printing and copying of documents.
    pub paper: super::PaperCan,
}

/// Whether codes can be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CodeReaders {
    /// This terminal has neither barcode reader nor camera.
    #[default]
    None,
    /// None of them works now.
    Lost,
    /// One of them works.
    Work,
}

impl Default for Capabilities {
    /// Everything works, until a device says otherwise.
    fn default() -> Self {
        Self {
            card_reader: true,
            receipt_printer: true,
            capture: true,
            staff_card: true,
            code_readers: CodeReaders::Work,
            store: true,
            paper: super::PaperCan::default(),
        }
    }
}
