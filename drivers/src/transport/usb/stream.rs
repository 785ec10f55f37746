//! Streams over bulk pipes: what a transfer brought beyond what was asked is kept for the next read.

use super::{ClassRequest, UsbInterface, drain};
use crate::transport::Transport;
use std::{
    io,
    time::{Duration, Instant},
};
use zeroize::Zeroizing;

/// Longest time in which a device takes nothing of what is handed to it.
const WRITE_TIMEOUT_MS: u64 = 5_000;
/// One transfer in: whole packets at every speed, and longer than the longest SDT answer.
const TRANSFER_BYTES: usize = 4_096;
/// Between two looks at a device that answers with empty packets instead of waiting.
const EMPTY_PACKET_PAUSE_MS: u64 = 2;

/// An IN pipe with what came and was not read yet.
pub struct PipeIn {
    endpoint: u8,
    buffer: Zeroizing<Vec<u8>>,
    unread: std::ops::Range<usize>,
}

impl PipeIn {
    /// The pipe of an endpoint.
    pub fn new(endpoint: u8) -> Self {
        Self { endpoint, buffer: Zeroizing::new(vec![0; TRANSFER_BYTES]), unread: 0..0 }
    }

    /// Reads as a [`Transport`] does: waits at most `timeout` for the first byte.
    pub fn read(&mut self, usb: &mut dyn UsbInterface, out: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let end = Instant::now() + timeout;
        while self.unread.is_empty() {
            let left = end.saturating_duration_since(Instant::now());
            let n = usb.read(self.endpoint, &mut self.buffer, left)?;
            self.unread = 0..n;
            if n == 0 {
                if left.is_zero() {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                std::thread::sleep(Duration::from_millis(EMPTY_PACKET_PAUSE_MS).min(left));
            }
        }
        let n = out.len().min(self.unread.len());
        out[..n].copy_from_slice(&self.buffer[self.unread.start..self.unread.start + n]);
        self.unread.start += n;
        Ok(n)
    }

    /// Forgets what came and was not read.
    pub fn discard(&mut self) {
        self.unread = 0..0;
    }
}

/// Hands all bytes to an OUT endpoint; gives up when nothing of them was taken for a while.
pub fn write_all(usb: &mut dyn UsbInterface, endpoint: u8, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let piece = &bytes[..bytes.len().min(TRANSFER_BYTES)];
        match usb.write(endpoint, piece, Duration::from_millis(WRITE_TIMEOUT_MS)) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => bytes = &bytes[n..],
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// A stream over one pair of pipes.
pub struct PipePair {
    usb: Box<dyn UsbInterface>,
    input: PipeIn,
    output: u8,
}

impl PipePair {
    /// The pair of two endpoints; what an earlier dialogue left on the pipe is thrown away.
    pub fn new(mut usb: Box<dyn UsbInterface>, input: u8, output: u8) -> io::Result<Self> {
        drain(usb.as_mut(), input)?;
        Ok(Self { usb, input: PipeIn::new(input), output })
    }

    /// Asks on the control pipe.
    pub fn control_read(&mut self, request: ClassRequest, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        self.usb.control_read(request, buffer, timeout)
    }
}

impl Transport for PipePair {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        write_all(self.usb.as_mut(), self.output, bytes)
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        self.input.read(self.usb.as_mut(), buffer, timeout)
    }

    fn discard_input(&mut self) -> io::Result<()> {
        self.input.discard();
        Ok(())
    }
}
