//! A USB printer behind the kernel's `usblp`: the node is found by what the printer is, bytes go through it, and
//! `ioctl` asks for status and device id. Closing the node takes back what the printer has not taken, so nothing
//! of a job that was given up is printed later.

use super::{
    Connector, Transport, nonblocking,
    printer_port::{DEVICE_ID_BYTES_MAX, DeviceId, PortStatus, PrinterPort},
    sysfs::{NodeClass, Sysfs},
};
use crate::{DeviceError, DeviceErrorKind, UsbAddress};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read},
    os::{
        fd::{AsFd, AsRawFd},
        unix::fs::OpenOptionsExt,
    },
    time::{Duration, Instant},
};

/// Longest time in which the printer takes nothing of what is handed to it.
const WRITE_TIMEOUT_MS: u64 = 5_000;
/// Between two looks at a printer that answers with empty packets.
const EMPTY_PACKET_PAUSE_MS: u64 = 5;
/// `LPGETSTATUS` of linux/lp.h.
const LPGETSTATUS: libc::c_ulong = 0x060B;
/// `LPIOC_GET_DEVICE_ID(len)` of usblp.c: `_IOC(_IOC_READ, 'P', 1, len)`.
const GET_DEVICE_ID: libc::c_ulong = (2 << 30) | ((DEVICE_ID_BYTES_MAX as libc::c_ulong) << 16) | (0x50 << 8) | 1;

/// Opens a printer through `usblp`.
pub struct UsblpConnector {
    /// Which printer.
    pub address: UsbAddress,
    /// Where nodes are looked for.
    pub sysfs: Sysfs,
}

struct Usblp(File);

impl Connector for UsblpConnector {
    fn open(&self, _baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        let nodes = self.sysfs.find(NodeClass::UsbPrinter, &self.address)?;
        let node = nodes.first().ok_or_else(|| DeviceError::new(DeviceErrorKind::NotFound))?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC)
            .open(&node.path)?;
        let mut port = Usblp(file);
        port.discard_input()?;
        Ok(Box::new(port))
    }
}

impl Transport for Usblp {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        nonblocking::write_all(&mut self.0, bytes, Duration::from_millis(WRITE_TIMEOUT_MS))
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let end = Instant::now() + timeout;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.0.read(buffer) {
                Ok(0) if left.is_zero() => return Err(io::ErrorKind::TimedOut.into()),
                Ok(0) => std::thread::sleep(Duration::from_millis(EMPTY_PACKET_PAUSE_MS).min(left)),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                    if left.is_zero() || !nonblocking::wait(self.0.as_fd(), libc::POLLIN, left)? {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }

    fn discard_input(&mut self) -> io::Result<()> {
        let mut waste = [0; 512];
        loop {
            match self.0.read(&mut waste) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(e) => return Err(e),
            }
        }
    }

    fn printer_port(&mut self) -> Option<&mut dyn PrinterPort> {
        Some(self)
    }
}

impl PrinterPort for Usblp {
    fn status(&mut self) -> io::Result<PortStatus> {
        let mut status: libc::c_int = 0;
        // SAFETY: the kernel writes one int to the address.
        match unsafe { libc::ioctl(self.0.as_raw_fd(), LPGETSTATUS as _, &mut status) } {
            0 => Ok(PortStatus(status as u8)),
            _ => Err(io::Error::last_os_error()),
        }
    }

    fn device_id(&mut self) -> io::Result<DeviceId> {
        let mut id = [0u8; DEVICE_ID_BYTES_MAX];
        // SAFETY: the kernel writes at most as many bytes as the request's number says, which is the buffer's length.
        match unsafe { libc::ioctl(self.0.as_raw_fd(), GET_DEVICE_ID as _, id.as_mut_ptr()) } {
            n if n >= 0 => Ok(DeviceId::parse(&id)),
            _ => Err(io::Error::last_os_error()),
        }
    }
}
