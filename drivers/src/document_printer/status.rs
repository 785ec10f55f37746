//! How a document printer stands, as it says itself: `printer-state`, its reasons read by prefix (RFC 8011 §5.4.12,
//! the keywords carry `-report`, `-warning` or `-error` that change with the moment), and its supplies.

use crate::{DeviceState, ErrorAction, PaperSupply};

/// How a document printer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentPrinterStatus {
    /// `printer-state`.
    pub state: PrinterState,
    /// `printer-is-accepting-jobs`.
    pub accepting: bool,
    /// `printer-state-reasons`, without `none`.
    pub reasons: Vec<StateReason>,
    /// Paper, from the reasons.
    pub paper: PaperSupply,
    /// What keeps it from printing now, if anything.
    pub trouble: Option<Trouble>,
    /// Toner and its like (`printer-supply`, or `marker-levels` of CUPS).
    pub supplies: Vec<Supply>,
    /// Trays (`printer-input-tray`).
    pub trays: Vec<Tray>,
    /// `queued-job-count`.
    pub queued_jobs: u32,
}

impl DocumentPrinterStatus {
    /// In the words of the supervisor.
    pub fn device_state(&self) -> DeviceState {
        match self.trouble {
            None if self.state == PrinterState::Processing => DeviceState::Busy,
            None => DeviceState::Online,
            Some(Trouble::Fault) => DeviceState::HardwareError,
            Some(Trouble::Paused) => DeviceState::Offline,
            Some(_) => DeviceState::UserError,
        }
    }

    /// Whether some toner or ink is nearly or wholly used up.
    pub fn supply_is_low(&self) -> bool {
        let said =
            |reason: &StateReason| ["toner-", "marker-supply-"].iter().any(|head| reason.keyword.starts_with(head));
        self.reasons.iter().any(said)
    }
}

/// `printer-state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrinterState {
    /// `idle`.
    Idle,
    /// `processing`.
    Processing,
    /// `stopped`.
    Stopped,
}

/// One of `printer-state-reasons`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateReason {
    /// The keyword without its suffix: `media-empty`.
    pub keyword: String,
    /// What the suffix says.
    pub severity: Severity,
}

/// Suffix of a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// `-report`.
    Report,
    /// `-warning`.
    Warning,
    /// `-error`, or no suffix.
    Error,
}

/// What keeps a document printer from printing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Trouble {
    /// `media-empty`, `media-needed`.
    #[error("out of paper")]
    PaperOut,
    /// `media-jam`.
    #[error("paper is stuck")]
    Jammed,
    /// `cover-open`, `door-open`, `interlock-open`.
    #[error("a cover is open")]
    CoverOpen,
    /// `input-tray-missing`.
    #[error("a tray is not in its place")]
    TrayMissing,
    /// `toner-empty`, `marker-supply-empty` and the like.
    #[error("toner is used up")]
    TonerOut,
    /// `output-area-full`.
    #[error("the output tray is full")]
    OutputFull,
    /// `paused`, `shutdown`, `offline`, or it does not accept jobs.
    #[error("the printer is paused")]
    Paused,
    /// Stopped for a reason that no hand at the terminal can clear, or without a reason.
    #[error("the printer reports a fault")]
    Fault,
}

impl Trouble {
    /// A word that stays, for the hall's page.
    pub fn word(self) -> &'static str {
        match self {
            Self::PaperOut => "paper_out",
            Self::Jammed => "jammed",
            Self::CoverOpen => "cover_open",
            Self::TrayMissing => "tray_missing",
            Self::TonerOut => "toner_out",
            Self::OutputFull => "output_full",
            Self::Paused => "offline",
            Self::Fault => "fault",
        }
    }

    /// Who must act (XFS4IoT).
    pub fn action(self) -> ErrorAction {
        match self {
            Self::Fault => ErrorAction::Maintenance,
            Self::Paused => ErrorAction::Reset,
            _ => ErrorAction::Clear,
        }
    }
}

/// A supply that is used up by printing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supply {
    /// `toner`, `ink`, `opc`, `wasteToner`, … (RFC 3805 `prtMarkerSuppliesType`).
    pub kind: String,
    /// `black`, `cyan`, …; empty where it has none.
    pub colorant: String,
    /// How much is left; of a receptacle, how much room.
    pub level: Level,
}

/// A tray for paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tray {
    /// Name.
    pub name: String,
    /// How much is left.
    pub level: Level,
}

/// A level, as RFC 3805 says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Part of the whole, 0 to 100.
    Percent(u8),
    /// Sheets left in a tray.
    Sheets(u32),
    /// Something is left (-3).
    Some,
    /// The printer does not say.
    Unknown,
}

impl Level {
    /// Whether something is known to be left.
    pub fn is_some_left(self) -> bool {
        match self {
            Self::Percent(left) => left > 0,
            Self::Sheets(left) => left > 0,
            Self::Some => true,
            Self::Unknown => false,
        }
    }
}
