//! Lights at the slots and the switch of the cabinet's door, in the words of XFS4IoT's Lights and Auxiliaries. A
//! small blocking trait, one driver (a relay board over Modbus-RTU) and its simulator.

pub mod modbus_frame;
mod modbus_line;
mod relay_board;
pub mod simulator;

pub use modbus_line::{ModbusLine, ModbusTimings};
pub use relay_board::{RelayBoard, Wiring};

use crate::{DeviceError, DeviceUri, transport};
use std::time::Duration;

/// Lights and the door's switch.
pub trait Indicators: Send {
    /// Sets a light (XFS4IoT `Lights.SetLight`). A light that no wire leads to is no error. What is set stays set:
    /// a board that comes back without power is set again.
    fn set_light(&mut self, light: Light, rate: FlashRate) -> Result<(), DeviceError>;

    /// Carries the flashing on and sets right what the board lost; to be called again after the time that it says.
    fn keep(&mut self) -> Result<Duration, DeviceError>;

    /// How the cabinet's door stands; `None` where no switch is wired.
    fn cabinet_door(&mut self) -> Result<Option<CabinetDoor>, DeviceError>;

    /// Asks the board for its coils and inputs.
    fn self_test(&mut self) -> Result<(), DeviceError>;
}

/// A guide light (XFS4IoT Lights, the property's name beside ours).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Light {
    /// `cardReader`: where the identity card is laid.
    CardReader,
    /// `receiptPrinter`: where slips come out.
    ReceiptPrinter,
    /// `documentPrinter`: where pages come out.
    DocumentPrinter,
    /// `scanner`: the document scanner's glass.
    Scanner,
    /// `barcodeReader`: the window for codes (named by us; the standard has none).
    BarcodeReader,
    /// `statusIndicator`: over the terminal, says that it is in service.
    Status,
}

/// How a light shines (XFS4IoT `flashRate`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FlashRate {
    /// `off`.
    #[default]
    Off,
    /// `slow`: once in two seconds.
    Slow,
    /// `medium`: once a second.
    Medium,
    /// `quick`: twice a second, below what harms people who cannot bear flashing (WCAG 2.3.1: three).
    Quick,
    /// `continuous`.
    Continuous,
}

/// How the cabinet's door stands (XFS4IoT `cabinetDoor`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CabinetDoor {
    /// `closed`.
    Closed,
    /// `open`: somebody is at the inside of the terminal.
    Open,
}

impl Light {
    /// All lights, in the order of the coils of the usual wiring.
    pub const ALL: [Self; 6] = [
        Self::CardReader,
        Self::ReceiptPrinter,
        Self::DocumentPrinter,
        Self::Scanner,
        Self::BarcodeReader,
        Self::Status,
    ];
}

impl FlashRate {
    /// Time from one change to the next; `None` for a light that does not flash.
    pub fn half_period(self) -> Option<Duration> {
        match self {
            Self::Off | Self::Continuous => None,
            Self::Slow => Some(Duration::from_millis(1_000)),
            Self::Medium => Some(Duration::from_millis(500)),
            Self::Quick => Some(Duration::from_millis(250)),
        }
    }
}

/// The lights for a URI (`serial:` or `tcp:`, with `unit=…` where it is not 1); opened on first use.
pub fn open(uri: &DeviceUri, wiring: Wiring) -> Result<Box<dyn Indicators>, DeviceError> {
    let line = ModbusLine::new(transport::connector(uri)?, uri.unit.unwrap_or(1));
    Ok(Box::new(RelayBoard::new(line, wiring)))
}
