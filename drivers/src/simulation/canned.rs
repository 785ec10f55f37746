//! A line on which given bytes come, however it is asked, and then nothing: for hostile bytes against a driver.

use crate::DeviceError;
use crate::transport::{Connector, Transport};
use std::{io, time::Duration};

/// The line; each opening begins with the first byte again.
#[derive(Clone, Debug)]
pub struct Canned {
    bytes: Vec<u8>,
    /// Most bytes that one read gives.
    at_once: usize,
}

impl Canned {
    /// All bytes that fit come at once.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, at_once: usize::MAX }
    }

    /// They come one by one.
    pub fn one_by_one(bytes: Vec<u8>) -> Self {
        Self { bytes, at_once: 1 }
    }
}

impl Transport for Canned {
    fn write_all(&mut self, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8], _timeout: Duration) -> io::Result<usize> {
        let n = self.bytes.len().min(buffer.len()).min(self.at_once);
        if n == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        buffer[..n].copy_from_slice(&self.bytes[..n]);
        self.bytes.drain(..n);
        Ok(n)
    }

    fn discard_input(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Connector for Canned {
    fn open(&self, _baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        Ok(Box::new(self.clone()))
    }
}
