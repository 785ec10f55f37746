//! Receipt printers: a whole slip goes out as a picture, and "printed" is said only when the printer itself
//! answered after the cut. A small blocking trait, one driver (ESC/POS) and its simulator.

mod bitmap;
mod escpos;
mod escpos_status;
pub mod simulator;

pub use bitmap::Bitmap;
pub use escpos::{EscPosPrinter, EscPosTimings};
pub use escpos_status::{Fence, RealTimeStatus};

use crate::transport::{
    self, Connector, UsblpConnector,
    sysfs::Sysfs,
    usb::{LibUsb, UsbPrinterConnector},
};
use crate::{DeviceError, DeviceState, DeviceUri, ErrorAction, PaperSupply, Place};

/// Dots across 80 mm paper at 203 dpi.
pub const PAPER_DOTS: usize = 576;

/// A printer of slips.
pub trait ReceiptPrinter: Send {
    /// Asks how the printer stands.
    fn status(&mut self) -> Result<PrinterStatus, DeviceError>;

    /// Prints and cuts one slip. Never tried twice by itself.
    fn print(&mut self, slip: &Bitmap) -> PrintOutcome;
}

/// How a printer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrinterStatus {
    /// Paper.
    pub paper: PaperSupply,
    /// What keeps it from printing now, if anything.
    pub trouble: Option<Trouble>,
}

impl PrinterStatus {
    /// In the words of the supervisor.
    pub fn state(&self) -> DeviceState {
        match self.trouble {
            None => DeviceState::Online,
            Some(Trouble::Fault) => DeviceState::HardwareError,
            Some(Trouble::Offline) => DeviceState::Offline,
            Some(_) => DeviceState::UserError,
        }
    }
}

/// What keeps a printer from printing, as it says itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No paper.
    #[error("out of paper")]
    PaperOut,
    /// The cover is open.
    #[error("the cover is open")]
    CoverOpen,
    /// Paper or cutter is stuck; gone when somebody freed it.
    #[error("paper or cutter is stuck")]
    Jammed,
    /// A fault that no hand at the terminal can clear.
    #[error("the printer reports a fault")]
    Fault,
    /// Offline without saying why.
    #[error("the printer is offline")]
    Offline,
}

impl Trouble {
    /// A stable word for logs and for the hall.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::PaperOut => "paper_out",
            Self::CoverOpen => "cover_open",
            Self::Jammed => "jammed",
            Self::Fault => "fault",
            Self::Offline => "offline",
        }
    }

    /// Who must act (XFS4IoT).
    pub fn action(self) -> ErrorAction {
        match self {
            Self::PaperOut | Self::CoverOpen | Self::Jammed => ErrorAction::Clear,
            Self::Fault => ErrorAction::Maintenance,
            Self::Offline => ErrorAction::Reset,
        }
    }
}

/// What became of a slip.
#[derive(Debug)]
pub enum PrintOutcome {
    /// It came out and was cut; the printer said so after the cut.
    Printed,
    /// Nothing of it was sent, so nothing came out.
    NotPrinted(PrintFailure),
    /// It may have come out, whole or in part: somebody must look.
    NotCertain(PrintFailure),
}

/// Why a slip is not known to be printed.
#[derive(Debug, thiserror::Error)]
pub enum PrintFailure {
    /// The printer says what is wrong.
    #[error(transparent)]
    Trouble(#[from] Trouble),
    /// The printer is not there, does not answer, or talks nonsense.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

/// The printer for a URI; it is opened on first use.
pub fn open(uri: &DeviceUri) -> Result<Box<dyn ReceiptPrinter>, DeviceError> {
    Ok(Box::new(EscPosPrinter::new(connector(uri)?)))
}

/// How the printer of a URI is reached.
pub fn connector(uri: &DeviceUri) -> Result<Box<dyn Connector>, DeviceError> {
    match &uri.place {
        Place::Usb(address) => Ok(Box::new(UsbPrinterConnector { bus: Box::new(LibUsb), address: address.clone() })),
        Place::UsbPrinter(address) => {
            Ok(Box::new(UsblpConnector { address: address.clone(), sysfs: Sysfs::default() }))
        }
        _ => transport::connector(uri),
    }
}
