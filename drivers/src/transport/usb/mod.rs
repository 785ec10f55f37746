//! USB devices that this program drives itself, endpoint by endpoint. [`UsbBus`] finds a device and claims one of
//! its interfaces, [`UsbInterface`] moves packets; libusb implements both, and so does the simulated bus.
//! Nothing here knows what the bytes mean.

mod libusb;
mod printer_class;
mod stream;

pub use libusb::LibUsb;
pub use printer_class::UsbPrinterConnector;
pub use stream::{PipeIn, PipePair, write_all};

use crate::{DeviceError, UsbAddress};
use std::{io, time::Duration};

/// Quiet on a pipe after which nothing is left on it of an earlier dialogue.
const STALE_QUIET_MS: u64 = 20;
/// Bytes of an earlier dialogue that are thrown away at most; a device that has more never stops talking.
const STALE_BYTES_MAX: usize = 64 * 1024;

/// Finds devices.
pub trait UsbBus: Send {
    /// Opens the device, takes it from a kernel driver if one has it, and claims the interface that `choose` picks.
    /// `NotFound` when it is not plugged in, `WrongModel` when it has no such interface. What was taken from a
    /// kernel driver goes back to it when the interface is dropped.
    fn open(&self, address: &UsbAddress, choose: Choose) -> Result<Box<dyn UsbInterface>, DeviceError>;
}

/// Picks the interface to claim by its descriptors.
pub type Choose = fn(&[InterfaceShape]) -> Option<&InterfaceShape>;

/// A claimed interface; dropping it gives it back.
pub trait UsbInterface: Send {
    /// Its descriptors.
    fn shape(&self) -> &InterfaceShape;

    /// Hands bytes to an OUT endpoint and says how many were taken: `TimedOut` when none were.
    fn write(&mut self, endpoint: u8, bytes: &[u8], timeout: Duration) -> io::Result<usize>;

    /// One transfer from an IN endpoint; `Ok(0)` is an empty packet, `TimedOut` means that nothing came.
    /// `buffer` must hold whole packets: a multiple of 512.
    fn read(&mut self, endpoint: u8, buffer: &mut [u8], timeout: Duration) -> io::Result<usize>;

    /// A class request to an interface that is answered on the control pipe.
    fn control_read(&mut self, request: ClassRequest, buffer: &mut [u8], timeout: Duration) -> io::Result<usize>;
}

/// A request of a device class, from device to host, to an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassRequest {
    /// `bRequest`.
    pub request: u8,
    /// `wIndex`: the interface, and with some requests its setting.
    pub index: u16,
}

/// What the descriptors say of one alternate setting of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceShape {
    /// `bInterfaceNumber`.
    pub number: u8,
    /// `bAlternateSetting`.
    pub setting: u8,
    /// `bInterfaceClass`; 7 is printers, 0xFF the maker's own.
    pub class: u8,
    /// Addresses of bulk IN endpoints, lowest number first.
    pub bulk_in: Vec<u8>,
    /// Addresses of bulk OUT endpoints, lowest number first.
    pub bulk_out: Vec<u8>,
}

/// Reads away what an earlier dialogue left on a pipe.
pub fn drain(usb: &mut dyn UsbInterface, endpoint: u8) -> io::Result<()> {
    let mut waste = zeroize::Zeroizing::new([0; 4096]);
    let mut left = STALE_BYTES_MAX;
    while left > 0 {
        match usb.read(endpoint, waste.as_mut_slice(), Duration::from_millis(STALE_QUIET_MS)) {
            Ok(0) => break,
            Ok(n) => left = left.saturating_sub(n),
            Err(e) if e.kind() == io::ErrorKind::TimedOut => break,
            Err(e) => return Err(e),
        }
    }
    Ok(())
}
