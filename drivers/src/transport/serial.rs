//! Serial ports and ptys through `serialport`: 8N1, no flow control, opened exclusively.
//! Ptys have no modem lines ("not a typewriter"), so lines are optional and their errors ignored.

use super::{
    Connector, Transport,
    sysfs::{NodeClass, Sysfs},
};
use crate::{DeviceError, DeviceErrorKind, UsbAddress};
use serialport::{ClearBuffer, SerialPort};
use std::{
    io::{self, Read, Write},
    path::PathBuf,
    time::Duration,
};

/// Longest time for handing a request or a band of a slip over to the port.
const WRITE_TIMEOUT_MS: u64 = 5_000;

/// Opens a serial port by its path.
pub struct SerialConnector {
    /// Path of the port, best below `/dev/serial/by-id`.
    pub path: PathBuf,
    /// Fixed rate; `None` when the driver looks for it.
    pub baud: Option<u32>,
    /// Raise DTR and RTS.
    pub modem_lines: bool,
}

/// Opens the serial port of a USB device (CDC-ACM or a converter chip), whatever it is called this time.
pub struct UsbSerialConnector {
    /// Which device; of several ports of one device the first is taken.
    pub address: UsbAddress,
    /// Fixed rate; `None` when the driver looks for it.
    pub baud: Option<u32>,
    /// Raise DTR and RTS.
    pub modem_lines: bool,
    /// Where nodes are looked for.
    pub sysfs: Sysfs,
}

struct Serial(Box<dyn SerialPort>);

impl Connector for SerialConnector {
    fn open(&self, baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        // The crate reports both "nothing there" and "held by another program" as NoDevice.
        self.path.metadata()?;
        let mut port = serialport::new(self.path.to_string_lossy(), self.baud.unwrap_or(baud))
            .timeout(Duration::from_millis(WRITE_TIMEOUT_MS))
            .open()
            .map_err(open_error)?;
        if self.modem_lines {
            let _ = port.write_data_terminal_ready(true);
            let _ = port.write_request_to_send(true);
        }
        port.clear(ClearBuffer::All).map_err(io::Error::from)?;
        Ok(Box::new(Serial(port)))
    }

    fn rate_is_open(&self) -> bool {
        self.baud.is_none()
    }
}

impl Connector for UsbSerialConnector {
    fn open(&self, baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        let nodes = self.sysfs.find(NodeClass::Tty, &self.address)?;
        let node = nodes.into_iter().next().ok_or_else(|| DeviceError::new(DeviceErrorKind::NotFound))?;
        SerialConnector { path: node.path, baud: self.baud, modem_lines: self.modem_lines }.open(baud)
    }

    fn rate_is_open(&self) -> bool {
        self.baud.is_none()
    }
}

fn open_error(error: serialport::Error) -> DeviceError {
    match error.kind {
        serialport::ErrorKind::NoDevice => DeviceError::because(DeviceErrorKind::InUse, error),
        serialport::ErrorKind::InvalidInput => DeviceError::because(DeviceErrorKind::Misconfigured, error),
        _ => io::Error::from(error).into(),
    }
}

impl Transport for Serial {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.set_timeout(Duration::from_millis(WRITE_TIMEOUT_MS))?;
        self.0.write_all(bytes)
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        self.0.set_timeout(timeout)?;
        match self.0.read(buffer) {
            Ok(0) => Err(io::ErrorKind::BrokenPipe.into()),
            other => other,
        }
    }

    fn discard_input(&mut self) -> io::Result<()> {
        Ok(self.0.clear(ClearBuffer::Input)?)
    }
}
