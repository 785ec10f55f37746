//! What a session wants of paper and what it is told about it. Documents themselves stay in the rim, which
//! drops them with [`super::Effect::Forget`]; the session knows their numbers, page counts and small pictures.

use crate::view::{FileName, Picture};
use wire::api::PickupRequest;
use wire::catalogue::Text;
use wire::form::Answers;
use zeroize::Zeroizing;

/// A document that the rim holds for this session.
pub type DocNo = u32;

/// One thing wanted.
#[derive(Debug)]
pub enum PaperWant {
    /// A one-time link for the citizen's phone.
    OfferUpload,
    /// The link is not wanted any more.
    EndUpload,
    /// What lies in a folder of the stick; answered with `Stick`.
    ListStick {
        /// Its number; 0 is the first folder.
        folder: u32,
    },
    /// Fetch this file of the stick; answered with `Arrived` or `Stick`.
    TakeFromStick {
        /// Its number in the list.
        entry: u32,
    },
    /// The stick is not wanted any more.
    LeaveStick,
    /// Fetch the document that the hall issued under this code to this person.
    PickUp(PickupRequest),
    /// Fetch a record of the person who stands there; answered with `Arrived` or `NotFetched`.
    FetchRecord(Box<RecordWish>),
    /// Whose free pages of the day are spent from now on in this session (rules 8.7); answered with `LeftToday`
    /// where the hall counts.
    CountFor(Zeroizing<String>),
    /// Look at a document: `Opened` or `Refused`, then a `Thumbnail` a page.
    Open {
        /// Which.
        doc: DocNo,
    },
    /// Scan onto this document; answered with `Scanned` or `ScanFailed`.
    Scan {
        /// Which; a new number begins a document.
        doc: DocNo,
        /// What lies on the glass.
        what: ScanWhat,
    },
    /// Take so many pages of a scanned document as pages of this material; answered with `Event::Captured` a page.
    TakeScans {
        /// Which.
        doc: DocNo,
        /// `order_num` of the material.
        order_num: u32,
        /// Pages at most.
        pages: u32,
    },
    /// Lay a copy out anew: thumbnails follow.
    LayOut {
        /// Which.
        doc: DocNo,
        /// How.
        look: CopyLook,
    },
    /// Print; answered with `Printing` and one `PrintEnded`.
    Print(PagesOrder),
    /// Stop this order.
    StopPrinting {
        /// Number of the order.
        order: u32,
    },
    /// Forget one document.
    Drop {
        /// Which.
        doc: DocNo,
    },
}

/// A record that is asked for.
pub struct RecordWish {
    /// Which item.
    pub item_id: String,
    /// Number of the card.
    pub id_no: Zeroizing<String>,
    /// Name on the card.
    pub name: Zeroizing<String>,
    /// The staff card that looked at the person.
    pub staff_no: String,
    /// Answers of the item's form.
    pub answers: Answers,
}

/// What lies on the glass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanWhat {
    /// A page.
    Page,
    /// All pages in the feeder.
    Feeder,
    /// The front of a card.
    CardFront,
    /// Its back; both stand on one page at true size.
    CardBack,
}

/// How a copy looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopyLook {
    /// −2 darker to 2 lighter.
    pub brightness: i32,
    /// 仅限…使用 across it; empty is none.
    pub purpose: String,
}

/// Pages to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagesOrder {
    /// Number of the order.
    pub order: u32,
    /// Which document.
    pub doc: DocNo,
    /// What kind, for the ledger.
    pub kind: PaperKind,
    /// Its pages, from 1.
    pub pages: Vec<u32>,
    /// Copies of each.
    pub copies: u32,
    /// On both sides.
    pub two_sided: bool,
    /// In colour.
    pub colour: bool,
    /// Fitted to A4 instead of true size.
    pub fit: bool,
}

/// Kinds of printing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperKind {
    /// A citizen's own file.
    Print,
    /// A copy.
    Copy,
    /// A certificate or record.
    Record,
}

/// One thing told.
#[derive(Debug)]
pub enum PaperEvent {
    /// The link for the phone.
    UploadOffered {
        /// Whole link with its secret.
        link: Zeroizing<String>,
        /// Bytes of the largest file that is taken.
        file_bytes_max: u64,
    },
    /// There is no link: hall unreachable or without a public name.
    UploadNotOffered,
    /// The stick was asked, or came or went by itself.
    Stick(StickNews),
    /// A file has come.
    Arrived {
        /// Its number from now on.
        doc: DocNo,
        /// Its own name.
        name: FileName,
        /// Which way.
        from: CameFrom,
    },
    /// A document could not be fetched.
    NotFetched(Text),
    /// The hall does not know the staff card that should have looked at the person.
    StaffCardRefused,
    /// A document was looked at.
    Opened {
        /// Which.
        doc: DocNo,
        /// Pages.
        pages: u32,
        /// Whether all pages are A4, so that fitting makes no difference.
        all_a4: bool,
    },
    /// A document cannot be printed.
    Refused {
        /// Which.
        doc: DocNo,
        /// Why and what to do.
        why: Text,
    },
    /// A page's small picture; may come again, sharper.
    Thumbnail {
        /// Which document.
        doc: DocNo,
        /// From 1.
        page: u32,
        /// The picture.
        picture: Picture,
    },
    /// Something was scanned onto a document.
    Scanned {
        /// Which document.
        doc: DocNo,
        /// Small pictures of what is new.
        pages: Vec<Picture>,
    },
    /// Nothing was scanned.
    ScanFailed(ScanProblem),
    /// Pages left today for whom they are counted, by the hall's word.
    LeftToday(u32),
    /// How far an order is.
    Printing {
        /// Which.
        order: u32,
        /// Pages that came out, by the printer's word.
        printed: u32,
        /// What is happening.
        stage: PrintStage,
    },
    /// An order ended; `settled` is false while the printer does not answer, and the ledger stays open.
    PrintEnded {
        /// Which.
        order: u32,
        /// Page by page.
        counts: Pages,
        /// Why not all came out.
        why: Option<PaperTrouble>,
        /// Whether the printer itself said so.
        settled: bool,
    },
}

/// Which way a file came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameFrom {
    /// Through the hall: from a phone, by its pick-up code, or as a record.
    Hall,
    /// From the stick.
    Stick,
}

/// What is told of the stick.
#[derive(Debug)]
pub enum StickNews {
    /// There is none.
    Empty,
    /// One was plugged in.
    PluggedIn,
    /// It was pulled out.
    PulledOut,
    /// What can be printed in a folder, and the folders in it.
    Folder {
        /// The folder that was asked for.
        folder: u32,
        /// Its rows.
        rows: Vec<StickRow>,
        /// There is more.
        cut: bool,
    },
    /// It cannot be read: why, and what to do.
    Unreadable(Text),
    /// The file that was asked for was not read: why.
    NotTaken(Text),
}

/// A row of a list.
#[derive(Clone, Debug)]
pub struct StickRow {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub name: FileName,
    /// What it is.
    pub kind: StickRowKind,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StickRowKind {
    /// A folder.
    Folder,
    /// A file that can be taken.
    File,
    /// A file that is too large.
    TooLarge,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintStage {
    /// Pages are made ready: so many are.
    Preparing {
        /// Made ready.
        ready: u32,
    },
    /// The printer has it and has not begun.
    Waiting,
    /// Pages come.
    Running,
    /// The printer stopped and wants something.
    Stopped(PaperTrouble),
    /// Its end was asked for.
    Stopping,
}

/// What became of the pages of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// Came out.
    pub printed: u32,
    /// Did not, for certain.
    pub not_printed: u32,
    /// Were in the printer when it failed.
    pub not_certain: u32,
}

/// What keeps a document printer from printing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperTrouble {
    /// No paper.
    PaperOut,
    /// Paper is stuck.
    Jammed,
    /// A cover is open.
    CoverOpen,
    /// No toner.
    TonerOut,
    /// It does not answer.
    NoAnswer,
    /// It refuses the document.
    Refused,
    /// It is broken.
    Fault,
    /// The citizen stopped it.
    ByCitizen,
    /// An earlier order is not at its end yet.
    Busy,
    /// The day's free pages do not last for the order.
    DayUsed,
}

/// Why nothing was scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanProblem {
    /// Nothing lies there.
    Nothing,
    /// The feeder is stuck.
    Jammed,
    /// The lid is open.
    CoverOpen,
    /// It does not answer.
    NoAnswer,
}

/// What the document printer can do now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaperCan {
    /// It answers, has paper, and no earlier order is open.
    pub print: bool,
    /// An order of an earlier session is not at its end yet.
    pub finishing: bool,
    /// In colour.
    pub colour: bool,
    /// On both sides.
    pub two_sided: bool,
    /// The scanner works.
    pub scan: bool,
    /// It has a feeder.
    pub feeder: bool,
    /// The hall takes files from phones.
    pub upload: bool,
    /// A stick can be read here.
    pub stick: bool,
}

impl std::fmt::Debug for RecordWish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RecordWish({})", self.item_id)
    }
}

impl PaperCan {
    /// Whether this terminal prints documents at all: the printer works, or will again when it has finished.
    #[must_use]
    pub fn any(self) -> bool {
        self.print || self.finishing
    }
}

impl PaperEvent {
    /// Whether something came of it, so that the idle clock begins anew.
    #[must_use]
    pub fn moves_on(&self) -> bool {
        matches!(
            self,
            Self::Arrived { .. }
                | Self::Opened { .. }
                | Self::Scanned { .. }
                | Self::PrintEnded { .. }
                | Self::Stick(StickNews::PluggedIn | StickNews::Folder { .. })
        )
    }
}

impl Pages {
    /// Pages in all.
    #[must_use]
    pub fn sum(self) -> u32 {
        self.printed + self.not_printed + self.not_certain
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            printed: self.printed + other.printed,
            not_printed: self.not_printed + other.not_printed,
            not_certain: self.not_certain + other.not_certain,
        }
    }
}
