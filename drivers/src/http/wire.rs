//! The stream below HTTP: a TCP connection that hands over what it can within a limit, so that a device which takes
//! no more bytes can be told from one that broke. Opened by a [`Dial`]; simulators in memory have their own.

use crate::DeviceError;
use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    os::fd::AsRawFd,
    time::Duration,
};

/// Longest time for connecting.
const CONNECT_TIMEOUT_MS: u64 = 3_000;

/// An open stream.
pub trait Wire: Send {
    /// Hands over some of the bytes; `TimedOut` when none could be within `limit`.
    fn write(&mut self, bytes: &[u8], limit: Duration) -> io::Result<usize>;

    /// Hands over what is held back; `TimedOut` when not all could be within `limit`.
    fn flush(&mut self, limit: Duration) -> io::Result<()>;

    /// Reads what is there; `Ok(0)` at the end of the stream, `TimedOut` when nothing came within `limit`.
    fn read(&mut self, buffer: &mut [u8], limit: Duration) -> io::Result<usize>;

    /// Whether an answer, or the end of the stream, can be read at once.
    fn has_input(&mut self) -> bool;
}

/// Opens streams to one device.
pub trait Dial: Send {
    /// A new stream.
    fn dial(&self) -> Result<Box<dyn Wire>, DeviceError>;

    /// What stands in the `Host` field.
    fn authority(&self) -> String;
}

/// A TCP stream that never blocks by itself.
pub struct TcpWire(TcpStream);

impl TcpWire {
    /// Connects to the first address of a host that answers.
    pub fn connect(host: &str, port: u16) -> Result<Self, DeviceError> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in (host, port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, Duration::from_millis(CONNECT_TIMEOUT_MS)) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    stream.set_nonblocking(true)?;
                    return Ok(Self(stream));
                }
                // A host that does not answer is a device that is not there, not one that is silent.
                Err(e) if e.kind() == io::ErrorKind::TimedOut => last = io::ErrorKind::HostUnreachable.into(),
                Err(e) => last = e,
            }
        }
        Err(last.into())
    }

    /// Waits until the stream is ready for `events`.
    fn wait(&self, events: i16, limit: Duration) -> io::Result<()> {
        let mut fds = [libc::pollfd { fd: self.0.as_raw_fd(), events, revents: 0 }];
        let limit = libc::timespec { tv_sec: limit.as_secs() as _, tv_nsec: limit.subsec_nanos() as _ };
        // SAFETY: `fds` holds one valid entry for the length of the call; the signal mask may be null.
        match unsafe { libc::ppoll(fds.as_mut_ptr(), 1, &limit, std::ptr::null()) } {
            0 => Err(io::ErrorKind::TimedOut.into()),
            n if n > 0 => Ok(()),
            _ => match io::Error::last_os_error() {
                e if e.kind() == io::ErrorKind::Interrupted => Ok(()),
                e => Err(e),
            },
        }
    }
}

impl Wire for TcpWire {
    fn write(&mut self, bytes: &[u8], limit: Duration) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            other => return other,
        }
        self.wait(libc::POLLOUT, limit)?;
        as_timeout(self.0.write(bytes))
    }

    fn flush(&mut self, _limit: Duration) -> io::Result<()> {
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8], limit: Duration) -> io::Result<usize> {
        match self.0.read(buffer) {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            other => return other,
        }
        self.wait(libc::POLLIN, limit)?;
        as_timeout(self.0.read(buffer))
    }

    fn has_input(&mut self) -> bool {
        self.wait(libc::POLLIN, Duration::ZERO).is_ok()
    }
}

fn as_timeout(result: io::Result<usize>) -> io::Result<usize> {
    match result {
        Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
            Err(io::ErrorKind::TimedOut.into())
        }
        other => other,
    }
}
