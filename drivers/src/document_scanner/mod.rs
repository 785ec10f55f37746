//! Document scanners: settings go in, pages come out one after the other as the device encodes them.
//! A small blocking trait with plain types in eSCL's words (Mopria eSCL). Pages stay in memory and are overwritten
//! when they are dropped; nothing is written to a file that has a name.

pub mod escl;
mod page;
pub mod scanimage;
mod settings;
pub mod simulator;

pub use escl::{EsclScanner, EsclTimings};
pub use page::ScannedPage;
pub use scanimage::{ScanimageScanner, ScanimageTimings};
pub use settings::{
    PageFormat, Region, ScanColor, ScanSettings, ScanSource, ScannerCapabilities, SourceCapabilities, UNITS_PER_INCH,
};

use crate::{DeviceError, DeviceErrorKind, DeviceState, DeviceUri, ErrorAction, Place, Stop};

/// A scanner of documents. Every call blocks with a timeout.
pub trait DocumentScanner: Send {
    /// What it can do; asked anew each time.
    fn capabilities(&mut self) -> Result<ScannerCapabilities, DeviceError>;

    /// How it stands.
    fn status(&mut self) -> Result<ScannerStatus, DeviceError>;

    /// Begins a scan. Dropping what is returned cancels what is left of it.
    fn scan(&mut self, settings: &ScanSettings, stop: &Stop) -> Result<Box<dyn ScanJob + '_>, ScanFailure>;
}

/// A scan in progress; dropping it tells the scanner to end it.
pub trait ScanJob: Send {
    /// The next page; `None` when there are no more. The glass gives one page.
    fn next_page(&mut self) -> Result<Option<ScannedPage>, ScanFailure>;

    /// Ends the scan and says whether the scanner was told.
    fn cancel(self: Box<Self>) -> Result<(), DeviceError>;
}

/// How a scanner stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannerStatus {
    /// `Idle`, and not at work for somebody else.
    pub idle: bool,
    /// What keeps it from scanning, if anything.
    pub trouble: Option<ScanTrouble>,
    /// Whether paper lies in the feeder; `None` where there is no feeder or it does not say.
    pub feeder_loaded: Option<bool>,
}

impl ScannerStatus {
    /// In the words of the supervisor.
    pub fn device_state(&self) -> DeviceState {
        match self.trouble {
            None if self.idle => DeviceState::Online,
            None => DeviceState::Busy,
            Some(ScanTrouble::Fault) => DeviceState::HardwareError,
            Some(_) => DeviceState::UserError,
        }
    }
}

/// What keeps a scanner from scanning, as it says itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ScanTrouble {
    /// `ScannerAdfJam`, `SANE_STATUS_JAMMED`.
    #[error("paper is stuck in the feeder")]
    Jammed,
    /// `ScannerAdfEmpty`, `SANE_STATUS_NO_DOCS`.
    #[error("the feeder is empty")]
    FeederEmpty,
    /// `ScannerAdfHatchOpen` and the like, `SANE_STATUS_COVER_OPEN`.
    #[error("a cover is open")]
    CoverOpen,
    /// The scanner says that it is broken.
    #[error("the scanner reports a fault")]
    Fault,
}

impl ScanTrouble {
    /// A word that stays, for the hall's page.
    pub fn word(self) -> &'static str {
        match self {
            Self::Jammed => "jammed",
            Self::FeederEmpty => "feeder_empty",
            Self::CoverOpen => "cover_open",
            Self::Fault => "fault",
        }
    }

    /// Who must act (XFS4IoT).
    pub fn action(self) -> ErrorAction {
        match self {
            Self::Fault => ErrorAction::Maintenance,
            _ => ErrorAction::Clear,
        }
    }
}

/// Why no page came.
#[derive(Debug, thiserror::Error)]
pub enum ScanFailure {
    /// The scanner says what is wrong.
    #[error(transparent)]
    Trouble(#[from] ScanTrouble),
    /// It works for somebody else, or stayed unready longer than our patience.
    #[error("the scanner is busy")]
    Busy,
    /// It does not offer what was asked; the name is eSCL's.
    #[error("the scanner does not offer this {0}")]
    Unsupported(&'static str),
    /// [`Stop`] was requested.
    #[error("stopped by request")]
    Stopped,
    /// The scanner is not there, does not answer, or talks nonsense.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

/// The scanner for a URI; it is opened on first use.
pub fn open(uri: &DeviceUri) -> Result<Box<dyn DocumentScanner>, DeviceError> {
    match &uri.place {
        Place::Escl(address) => Ok(Box::new(EsclScanner::new(address))),
        Place::Sane(device) => Ok(Box::new(ScanimageScanner::new(device))),
        _ => Err(DeviceError::because(
            DeviceErrorKind::Misconfigured,
            "a document scanner is written escl://, escls:// or sane:DEVICE",
        )),
    }
}
