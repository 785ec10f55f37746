//! Serial ports and ptys through `serialport`: 8N1, no flow control, opened exclusively, written without blocking.
//! Ptys have no modem lines ("not a typewriter"), so lines are optional and their errors ignored.

use super::{
    Connector, Transport, nonblocking,
    sysfs::{NodeClass, Sysfs},
};
use crate::{DeviceError, DeviceErrorKind, UsbAddress};
use serialport::{ClearBuffer, SerialPort, TTYPort};
use std::{
    fs::File,
    io::{self, Read},
    os::fd::{AsRawFd, BorrowedFd},
    path::PathBuf,
    time::{Duration, Instant},
};

/// Longest time in which the device takes nothing of what is handed to it.
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

struct Serial {
    port: TTYPort,
    /// The same port once more: the crate's own `write` tries only when the port's buffer is nearly empty.
    output: File,
    /// It took nothing in time, so what waits for it is given up.
    is_stuck: bool,
}

impl Connector for SerialConnector {
    fn open(&self, baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        // The crate reports both "nothing there" and "held by another program" as NoDevice.
        self.path.metadata()?;
        let mut port = serialport::new(self.path.to_string_lossy(), self.baud.unwrap_or(baud))
            .open_native()
            .map_err(open_error)?;
        if self.modem_lines {
            let _ = port.write_data_terminal_ready(true);
            let _ = port.write_request_to_send(true);
        }
        port.clear(ClearBuffer::All).map_err(io::Error::from)?;
        Ok(Box::new(Serial::new(port)?))
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

impl Serial {
    /// The crate opens ports that block, and a write to one returns only when all bytes were taken.
    fn new(port: TTYPort) -> io::Result<Self> {
        // SAFETY: `port` owns the descriptor and stays open for the length of the call.
        let output: File = unsafe { BorrowedFd::borrow_raw(port.as_raw_fd()) }.try_clone_to_owned()?.into();
        // SAFETY: both requests take numbers alone; the flags are those of the open file, so of `port` too.
        let is_set = unsafe {
            let flags = libc::fcntl(output.as_raw_fd(), libc::F_GETFL);
            flags >= 0 && libc::fcntl(output.as_raw_fd(), libc::F_SETFL, flags | libc::O_NONBLOCK) >= 0
        };
        if is_set { Ok(Self { port, output, is_stuck: false }) } else { Err(io::Error::last_os_error()) }
    }
}

impl Drop for Serial {
    /// Closing a port waits for what it has not sent, by default up to half a minute.
    fn drop(&mut self) {
        if self.is_stuck {
            let _ = self.port.clear(ClearBuffer::Output);
        }
    }
}

impl Transport for Serial {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let written = nonblocking::write_all(&mut self.output, bytes, Duration::from_millis(WRITE_TIMEOUT_MS));
        if written.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            self.is_stuck = true;
            // Taken late, it would be half a request; and whatever is written now need not wait behind it.
            let _ = self.port.clear(ClearBuffer::Output);
        }
        written
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let end = Instant::now() + timeout;
        loop {
            self.port.set_timeout(end.saturating_duration_since(Instant::now()))?;
            match self.port.read(buffer) {
                Ok(0) => return Err(io::ErrorKind::BrokenPipe.into()),
                // A signal came, or the bytes that were announced are gone.
                Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                    if Instant::now() >= end {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                }
                other => return other,
            }
        }
    }

    fn discard_input(&mut self) -> io::Result<()> {
        Ok(self.port.clear(ClearBuffer::Input)?)
    }
}
