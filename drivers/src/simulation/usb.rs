//! A simulated USB bus with one device: the drivers' own framing over endpoints runs against it in plain tests.
//! The device's firmware lays the bytes of its model on one pair of pipes, or splits each frame over two pairs.

use super::{Bench, MemoryConnector, Model};
use crate::transport::usb::{Choose, ClassRequest, InterfaceShape, UsbBus, UsbInterface};
use crate::transport::{Connector, Transport};
use crate::uri::EndpointStyle;
use crate::{DeviceError, DeviceErrorKind, UsbAddress};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Bytes of a frame that go over the first pair where a device has two.
const HEAD_BYTES: usize = 7;
/// Transfers must have room for whole packets, or the host controller reports an overflow.
const PACKET_BYTES: usize = 512;

/// A bus with one device.
pub struct MemoryBus<M> {
    bench: Arc<Bench<M>>,
    shape: InterfaceShape,
    claimed: Arc<AtomicBool>,
}

struct Claimed<M> {
    bench: Arc<Bench<M>>,
    wire: Box<dyn Transport>,
    shape: InterfaceShape,
    request_head: Vec<u8>,
    answer_head_left: usize,
    claimed: Arc<AtomicBool>,
}

impl<M> MemoryBus<M> {
    /// A device of the maker's own class with the pipes of a style, at the addresses seen in the field.
    pub fn reader(bench: Arc<Bench<M>>, style: EndpointStyle) -> Self {
        let (bulk_in, bulk_out) = match style {
            EndpointStyle::TwoPipes => (vec![0x81], vec![0x02]),
            EndpointStyle::FourPipes => (vec![0x81, 0x85], vec![0x02, 0x06]),
        };
        Self::new(bench, InterfaceShape { number: 0, setting: 0, class: 0xFF, bulk_in, bulk_out })
    }

    /// A device with one interface.
    pub fn new(bench: Arc<Bench<M>>, shape: InterfaceShape) -> Self {
        Self { bench, shape, claimed: Arc::default() }
    }

    /// Whether a driver holds the interface.
    pub fn watch_claim(&self) -> Arc<AtomicBool> {
        self.claimed.clone()
    }
}

impl<M: Model> UsbBus for MemoryBus<M> {
    fn open(&self, _address: &UsbAddress, choose: Choose) -> Result<Box<dyn UsbInterface>, DeviceError> {
        let wire = MemoryConnector(self.bench.clone()).open(0)?;
        if choose(std::slice::from_ref(&self.shape)).is_none() {
            return Err(DeviceError::new(DeviceErrorKind::WrongModel));
        }
        if self.claimed.swap(true, Ordering::AcqRel) {
            return Err(DeviceError::new(DeviceErrorKind::InUse));
        }
        Ok(Box::new(Claimed {
            bench: self.bench.clone(),
            wire,
            shape: self.shape.clone(),
            request_head: Vec::new(),
            answer_head_left: 0,
            claimed: self.claimed.clone(),
        }))
    }
}

impl<M> Claimed<M> {
    fn is_split(&self) -> bool {
        self.shape.bulk_out.len() > 1
    }
}

impl<M> Drop for Claimed<M> {
    fn drop(&mut self) {
        self.claimed.store(false, Ordering::Release);
    }
}

impl<M: Model> UsbInterface for Claimed<M> {
    fn shape(&self) -> &InterfaceShape {
        &self.shape
    }

    fn write(&mut self, endpoint: u8, bytes: &[u8], _timeout: Duration) -> io::Result<usize> {
        match self.shape.bulk_out.iter().position(|e| *e == endpoint) {
            None => return Err(io::ErrorKind::Unsupported.into()),
            Some(0) if self.is_split() => self.request_head = bytes.to_vec(),
            // A firmware that got no head of 7 bytes does not know what to do with a body.
            Some(_) if self.is_split() && self.request_head.len() != HEAD_BYTES => {}
            Some(_) => {
                self.wire.write_all(&[&std::mem::take(&mut self.request_head)[..], bytes].concat())?;
                self.answer_head_left = HEAD_BYTES;
            }
        }
        Ok(bytes.len())
    }

    fn read(&mut self, endpoint: u8, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        if buffer.is_empty() || !buffer.len().is_multiple_of(PACKET_BYTES) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let n = match self.shape.bulk_in.iter().position(|e| *e == endpoint) {
            None => return Err(io::ErrorKind::Unsupported.into()),
            Some(_) if !self.is_split() => buffer.len(),
            Some(0) => self.answer_head_left,
            Some(_) if self.answer_head_left == 0 => buffer.len(),
            Some(_) => 0,
        };
        let n = self.wire.read(&mut buffer[..n], timeout)?;
        self.answer_head_left = self.answer_head_left.saturating_sub(n);
        Ok(n)
    }

    fn control_read(&mut self, request: ClassRequest, buffer: &mut [u8], _timeout: Duration) -> io::Result<usize> {
        if !self.bench.is_plugged() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let answer = self.bench.with(|model| model.class_request(request));
        // A request that the device does not know ends in a stall.
        let answer = answer.ok_or(io::ErrorKind::ConnectionReset)?;
        let n = answer.len().min(buffer.len());
        buffer[..n].copy_from_slice(&answer[..n]);
        Ok(n)
    }
}
