//! Network devices: a plain TCP stream (printers at port 9100, readers behind a serial server).

use super::{Connector, Transport};
use crate::DeviceError;
use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

/// Longest time for connecting and for handing bytes over.
const CONNECT_TIMEOUT_MS: u64 = 3_000;
const WRITE_TIMEOUT_MS: u64 = 5_000;

/// Opens a TCP connection.
pub struct TcpConnector {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
}

struct Tcp(TcpStream);

impl Connector for TcpConnector {
    fn open(&self, _baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in (self.host.as_str(), self.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, Duration::from_millis(CONNECT_TIMEOUT_MS)) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    stream.set_write_timeout(Some(Duration::from_millis(WRITE_TIMEOUT_MS)))?;
                    return Ok(Box::new(Tcp(stream)));
                }
                // A host that does not answer is a device that is not there, not one that is silent.
                Err(e) if e.kind() == io::ErrorKind::TimedOut => last = io::ErrorKind::HostUnreachable.into(),
                Err(e) => last = e,
            }
        }
        Err(last.into())
    }
}

impl Transport for Tcp {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        self.0.set_read_timeout(Some(timeout.max(Duration::from_millis(1))))?;
        match self.0.read(buffer) {
            Ok(0) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Err(io::ErrorKind::TimedOut.into()),
            other => other,
        }
    }

    fn discard_input(&mut self) -> io::Result<()> {
        self.0.set_nonblocking(true)?;
        let mut waste = [0; 256];
        while matches!(self.0.read(&mut waste), Ok(n) if n > 0) {}
        self.0.set_nonblocking(false)
    }
}
