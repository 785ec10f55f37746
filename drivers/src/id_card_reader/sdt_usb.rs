//! SDT over USB. One VID:PID (0400:C35A, 0483:5652) stands for two kinds of firmware, so the descriptors decide:
//! with one pair of bulk endpoints whole frames go over it; with two pairs the first 7 bytes of a frame go over
//! the lowest pair and the rest over the next. The protocol itself is in `sdt.rs` and knows nothing of this.

use crate::transport::usb::{InterfaceShape, PipeIn, PipePair, UsbBus, UsbInterface, drain, write_all};
use crate::transport::{Connector, Transport};
use crate::uri::EndpointStyle;
use crate::{DeviceError, DeviceErrorKind, UsbAddress};
use std::{io, time::Duration};
use zeroize::Zeroizing;

/// Preamble and length of a frame.
const HEAD_BYTES: usize = 7;
/// The end of the preamble; the length follows.
const PREAMBLE_END: [u8; 2] = [0x96, 0x69];
/// Bytes looked through for a head; a reader that sends more without one is not understood anyway.
const HEAD_SEARCH_BYTES: usize = 64;
/// Interface classes that are never the SAM's: printers and storage.
const FOREIGN_CLASSES: [u8; 2] = [0x07, 0x08];

/// Opens a reader on USB.
pub struct SdtUsbConnector {
    /// The bus.
    pub bus: Box<dyn UsbBus>,
    /// Which device.
    pub address: UsbAddress,
    /// How frames lie on its pipes; `None` lets the descriptors say it.
    pub style: Option<EndpointStyle>,
}

impl Connector for SdtUsbConnector {
    fn open(&self, _baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        let usb = self.bus.open(&self.address, interface_of_the_sam)?;
        let (inputs, outputs) = (usb.shape().bulk_in.clone(), usb.shape().bulk_out.clone());
        match (inputs.as_slice(), outputs.as_slice(), self.style) {
            ([head_in, body_in, ..], [head_out, body_out, ..], None | Some(EndpointStyle::FourPipes)) => {
                Ok(Box::new(FourPipes::new(usb, [*head_in, *body_in], [*head_out, *body_out])?))
            }
            ([input, ..], [output, ..], None | Some(EndpointStyle::TwoPipes)) => {
                Ok(Box::new(PipePair::new(usb, *input, *output)?))
            }
            _ => Err(DeviceError::because(
                DeviceErrorKind::WrongModel,
                format!("{} pipes in and {} out", inputs.len(), outputs.len()),
            )),
        }
    }
}

/// The interface with the most pipes among those with both directions.
fn interface_of_the_sam(shapes: &[InterfaceShape]) -> Option<&InterfaceShape> {
    let able = |s: &&InterfaceShape| !s.bulk_in.is_empty() && !s.bulk_out.is_empty();
    let own = shapes.iter().filter(|s| !FOREIGN_CLASSES.contains(&s.class));
    // The first of equals: `max_by_key` would take the last.
    own.filter(able).rev().max_by_key(|s| s.bulk_in.len().min(s.bulk_out.len()))
}

/// Frames whose head and body have pipes of their own.
struct FourPipes {
    usb: Box<dyn UsbInterface>,
    head_in: PipeIn,
    body_in: PipeIn,
    out: [u8; 2],
    /// What came of the head so far.
    head: Zeroizing<Vec<u8>>,
    /// Bytes of the body that are still to come.
    body_left: usize,
    /// Bytes of the request's head that are still to go.
    request_head_left: usize,
}

impl FourPipes {
    fn new(mut usb: Box<dyn UsbInterface>, input: [u8; 2], out: [u8; 2]) -> io::Result<Self> {
        for endpoint in input {
            drain(usb.as_mut(), endpoint)?;
        }
        Ok(Self {
            usb,
            head_in: PipeIn::new(input[0]),
            body_in: PipeIn::new(input[1]),
            out,
            head: Zeroizing::new(Vec::with_capacity(HEAD_SEARCH_BYTES + HEAD_BYTES)),
            body_left: 0,
            request_head_left: HEAD_BYTES,
        })
    }

    /// Takes note of a piece of the head; once its length is there, the body is awaited.
    fn note_head(&mut self, bytes: &[u8]) {
        self.head.extend_from_slice(&bytes[..bytes.len().min(HEAD_SEARCH_BYTES)]);
        let end = self.head.windows(2).position(|w| w == PREAMBLE_END);
        match end.and_then(|at| self.head.get(at + 2..at + 4)) {
            Some(length) => {
                self.body_left = usize::from(u16::from_be_bytes([length[0], length[1]]));
                self.head.clear();
            }
            None if self.head.len() > HEAD_SEARCH_BYTES => self.head.clear(),
            None => {}
        }
    }
}

impl Transport for FourPipes {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (head, body) = bytes.split_at(self.request_head_left.min(bytes.len()));
        write_all(self.usb.as_mut(), self.out[0], head)?;
        write_all(self.usb.as_mut(), self.out[1], body)?;
        self.request_head_left -= head.len();
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        if self.body_left > 0 {
            let wanted = buffer.len().min(self.body_left);
            let n = self.body_in.read(self.usb.as_mut(), &mut buffer[..wanted], timeout)?;
            self.body_left -= n;
            return Ok(n);
        }
        let n = self.head_in.read(self.usb.as_mut(), buffer, timeout)?;
        self.note_head(&buffer[..n]);
        Ok(n)
    }

    /// Each request begins here, so the next bytes out are a head again.
    fn discard_input(&mut self) -> io::Result<()> {
        self.head_in.discard();
        self.body_in.discard();
        self.head.clear();
        self.body_left = 0;
        self.request_head_left = HEAD_BYTES;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(number: u8, class: u8, pipes: usize) -> InterfaceShape {
        let numbers = 1..=pipes as u8;
        InterfaceShape {
            number,
            setting: 0,
            class,
            bulk_in: numbers.clone().map(|n| 0x80 | n).collect(),
            bulk_out: numbers.collect(),
        }
    }

    #[test]
    fn the_interface_with_the_most_pipes_is_the_sams() {
        let number = |shapes: &[InterfaceShape]| interface_of_the_sam(shapes).map(|s| s.number);
        assert_eq!(number(&[shape(0, 3, 0), shape(1, 0xFF, 1), shape(2, 0xFF, 2)]), Some(2));
        assert_eq!(number(&[shape(0, 0xFF, 1), shape(1, 0xFF, 1)]), Some(0));
        assert_eq!(number(&[shape(0, 8, 2), shape(1, 0, 1)]), Some(1));
        assert_eq!(number(&[shape(0, 3, 0), shape(1, 7, 1)]), None);
    }
}
