//! The seam between protocols and wires: a [`Transport`] carries bytes, a [`Connector`] opens one.
//! Drivers drop the transport on the first error and open a new one on next use.

mod node;
mod nonblocking;
pub mod printer_port;
pub mod recording;
mod serial;
pub mod sysfs;
mod tcp;
pub mod usb;
mod usblp;

pub use node::{HidConnector, HidDevice, HidrawConnector, KeyboardConnector};
pub use serial::{SerialConnector, UsbSerialConnector};
pub use tcp::TcpConnector;
pub use usblp::UsblpConnector;

use crate::{DeviceError, DeviceErrorKind, DeviceUri, Place};
use printer_port::PrinterPort;
use std::{io, time::Duration};
use sysfs::Sysfs;

/// A wire that is open.
pub trait Transport: Send {
    /// Hands all bytes over.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Reads what is there, waiting for the first byte at most `timeout`: `TimedOut` when nothing came,
    /// another error when the wire broke, never `Ok(0)`.
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize>;

    /// Throws away what came in and was not read.
    fn discard_input(&mut self) -> io::Result<()>;

    /// What the port itself says of a printer behind it; `None` where it says nothing.
    fn printer_port(&mut self) -> Option<&mut dyn PrinterPort> {
        None
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        (**self).write_all(bytes)
    }
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        (**self).read(buffer, timeout)
    }
    fn discard_input(&mut self) -> io::Result<()> {
        (**self).discard_input()
    }
    fn printer_port(&mut self) -> Option<&mut dyn PrinterPort> {
        (**self).printer_port()
    }
}

/// Opens a transport, again and again: after an error the device may be back at another node.
pub trait Connector: Send {
    /// Opens the wire; `baud` is the rate for serial lines that leave it to the driver.
    fn open(&self, baud: u32) -> Result<Box<dyn Transport>, DeviceError>;

    /// Whether the rate is not fixed, so that a driver may try several.
    fn rate_is_open(&self) -> bool {
        false
    }
}

/// The connector for a URI.
pub fn connector(uri: &DeviceUri) -> Result<Box<dyn Connector>, DeviceError> {
    match &uri.place {
        Place::Serial(path) => {
            Ok(Box::new(SerialConnector { path: path.clone(), baud: uri.baud, modem_lines: uri.modem_lines }))
        }
        Place::SerialUsb(address) => Ok(Box::new(UsbSerialConnector {
            address: address.clone(),
            baud: uri.baud,
            modem_lines: uri.modem_lines,
            sysfs: Sysfs::default(),
        })),
        Place::Keyboard(address) => {
            Ok(Box::new(KeyboardConnector { address: address.clone(), sysfs: Sysfs::default() }))
        }
        Place::Tcp(host, port) => Ok(Box::new(TcpConnector { host: host.clone(), port: *port })),
        Place::Simulator => Err(DeviceError::because(
            DeviceErrorKind::Misconfigured,
            "a simulator is started by the program, not opened by its URI",
        )),
        _ => Err(DeviceError::because(
            DeviceErrorKind::Misconfigured,
            format!("{uri} carries no plain bytes, as this device needs them; use serial, tcp or usb"),
        )),
    }
}
