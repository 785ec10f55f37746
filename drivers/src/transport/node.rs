//! Character devices that are read event by event or report by report (evdev, hidraw): opened without blocking,
//! waited for by `poll`. A keyboard is held exclusively (EVIOCGRAB) from opening to closing, so that nothing it
//! types ever reaches a form on the screen. Decodes nothing.

use super::{Connector, Transport};
use crate::transport::sysfs::{Node, NodeClass, Sysfs, read_bytes};
use crate::{DeviceError, DeviceErrorKind, UsbAddress};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::{fd::AsRawFd, unix::fs::OpenOptionsExt},
    path::Path,
    time::{Duration, Instant},
};

/// `EVIOCGRAB` of `linux/input.h`: `_IOW('E', 0x90, int)`.
const EVIOCGRAB: u32 = 0x4004_4590;
/// `EVIOCGVERSION`: `_IOR('E', 0x01, int)`; every evdev node answers it and nothing else does.
const EVIOCGVERSION: u32 = 0x8004_4501;

/// An open character device.
pub(crate) struct NodeWire {
    file: File,
    is_grabbed: bool,
}

/// Opens a keyboard and holds it exclusively.
pub struct KeyboardConnector {
    /// Which one.
    pub address: UsbAddress,
    /// Where nodes are looked for.
    pub sysfs: Sysfs,
}

impl Connector for KeyboardConnector {
    fn open(&self, _baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        let nodes = self.sysfs.find(NodeClass::Keyboard, &self.address)?;
        let node = nodes.first().ok_or_else(|| DeviceError::new(DeviceErrorKind::NotFound))?;
        Ok(Box::new(NodeWire::open(&node.path)?.grab()?))
    }
}

/// A HID interface that was found and is not open yet.
pub struct HidDevice {
    /// Its report descriptor.
    pub descriptor: Vec<u8>,
    /// Opens it.
    pub open: Box<dyn FnOnce() -> Result<Box<dyn Transport>, DeviceError>>,
}

/// Finds the HID interfaces of a device, again and again.
pub trait HidConnector: Send {
    /// All interfaces; a device may be keyboard and scanner at once.
    fn devices(&self) -> Result<Vec<HidDevice>, DeviceError>;
}

/// Finds and opens `/dev/hidraw…`.
pub struct HidrawConnector {
    address: UsbAddress,
    sysfs: Sysfs,
}

impl HidrawConnector {
    /// For a device.
    pub fn new(address: UsbAddress) -> Self {
        Self { address, sysfs: Sysfs::default() }
    }
}

impl HidConnector for HidrawConnector {
    fn devices(&self) -> Result<Vec<HidDevice>, DeviceError> {
        let nodes = self.sysfs.find(NodeClass::Hidraw, &self.address)?;
        let device = |node: Node| {
            let descriptor = read_bytes(&node.device.join("report_descriptor"))?;
            let open = move || Ok(Box::new(NodeWire::open(&node.path)?) as Box<dyn Transport>);
            Ok(HidDevice { descriptor, open: Box::new(open) })
        };
        nodes.into_iter().map(device).collect()
    }
}

impl NodeWire {
    /// Opens a node; one that cannot be written is opened for reading.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let open = |write: bool| {
            OpenOptions::new().read(true).write(write).custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC).open(path)
        };
        let file = match open(true) {
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => open(false)?,
            other => other?,
        };
        Ok(Self { file, is_grabbed: false })
    }

    /// Takes the keyboard for this program alone.
    fn grab(mut self) -> Result<Self, DeviceError> {
        let mut version: libc::c_int = 0;
        // SAFETY: EVIOCGVERSION writes one int to where the pointer shows.
        if unsafe { libc::ioctl(self.file.as_raw_fd(), EVIOCGVERSION as _, &mut version) } < 0 {
            return Err(DeviceError::because(DeviceErrorKind::WrongModel, io::Error::last_os_error()));
        }
        // SAFETY: EVIOCGRAB takes its argument by value.
        if unsafe { libc::ioctl(self.file.as_raw_fd(), EVIOCGRAB as _, 1 as libc::c_int) } < 0 {
            return Err(io::Error::last_os_error().into());
        }
        self.is_grabbed = true;
        Ok(self)
    }

    /// Waits until there is something to read; `false` when there was not.
    fn wait(&self, timeout: Duration) -> io::Result<bool> {
        let end = Instant::now() + timeout;
        loop {
            let mut watched = libc::pollfd { fd: self.file.as_raw_fd(), events: libc::POLLIN, revents: 0 };
            // Rounded up, so that a wait of less than a millisecond does not spin.
            let left_ms = end.saturating_duration_since(Instant::now()).as_micros().div_ceil(1_000);
            // SAFETY: one valid entry, for the length of the call.
            let ready = unsafe { libc::poll(&mut watched, 1, left_ms.min(i32::MAX as u128) as libc::c_int) };
            if ready > 0 {
                // A hang-up too is something to read: the read says what it is.
                return Ok(true);
            }
            let error = io::Error::last_os_error();
            if ready < 0 && error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
            if Instant::now() >= end {
                return Ok(false);
            }
        }
    }
}

impl Drop for NodeWire {
    fn drop(&mut self) {
        if self.is_grabbed {
            // SAFETY: EVIOCGRAB takes its argument by value; a device that is gone answers an error, which is fine.
            unsafe { libc::ioctl(self.file.as_raw_fd(), EVIOCGRAB as _, 0 as libc::c_int) };
        }
    }
}

impl Transport for NodeWire {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        if !self.wait(timeout)? {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match self.file.read(buffer) {
            Ok(0) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                Err(io::ErrorKind::TimedOut.into())
            }
            other => other,
        }
    }

    fn discard_input(&mut self) -> io::Result<()> {
        let mut waste = [0; 1_024];
        while matches!(self.file.read(&mut waste), Ok(n) if n > 0) {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::{fd::OwnedFd, unix::net::UnixStream};

    fn wire() -> (NodeWire, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        (NodeWire { file: File::from(OwnedFd::from(ours)), is_grabbed: false }, theirs)
    }

    #[test]
    fn a_node_is_waited_for_read_and_seen_to_go() {
        let (mut wire, mut device) = wire();
        let mut buffer = [0; 24];
        let nothing = wire.read(&mut buffer, Duration::from_millis(5)).unwrap_err();
        assert_eq!(nothing.kind(), io::ErrorKind::TimedOut);
        device.write_all(b"event").unwrap();
        assert_eq!(wire.read(&mut buffer, Duration::from_secs(5)).unwrap(), 5);
        device.write_all(b"stale").unwrap();
        wire.discard_input().unwrap();
        drop(device);
        let gone = wire.read(&mut buffer, Duration::from_secs(5)).unwrap_err();
        assert_eq!(DeviceError::from(gone).kind, DeviceErrorKind::Unplugged);
    }

    #[test]
    fn what_is_no_keyboard_is_not_taken_for_one() {
        let (wire, _device) = wire();
        assert_eq!(wire.grab().err().map(|e| e.kind), Some(DeviceErrorKind::WrongModel));
    }
}
