//! A printer of the USB printer class that this program drives itself: a pair of bulk pipes, and status and
//! device id on the control pipe.

use super::{ClassRequest, InterfaceShape, PipePair, UsbBus};
use crate::transport::{
    Connector, Transport,
    printer_port::{DEVICE_ID_BYTES_MAX, DeviceId, PortStatus, PrinterPort},
};
use crate::{DeviceError, DeviceErrorKind, UsbAddress};
use std::{io, time::Duration};

/// Class of printers.
const PRINTER_CLASS: u8 = 0x07;
const GET_DEVICE_ID: u8 = 0;
const GET_PORT_STATUS: u8 = 1;
/// For an answer on the control pipe, which works while the printer prints.
const CONTROL_TIMEOUT_MS: u64 = 1_000;

/// Opens a printer on USB.
pub struct UsbPrinterConnector {
    /// The bus.
    pub bus: Box<dyn UsbBus>,
    /// Which device.
    pub address: UsbAddress,
}

struct UsbPrinter {
    pipes: PipePair,
    shape: InterfaceShape,
}

impl Connector for UsbPrinterConnector {
    fn open(&self, _baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        let usb = self.bus.open(&self.address, printer_interface)?;
        let shape = usb.shape().clone();
        let (Some(input), Some(output)) = (shape.bulk_in.first(), shape.bulk_out.first()) else {
            return Err(DeviceError::because(DeviceErrorKind::WrongModel, "the printer cannot answer on USB"));
        };
        Ok(Box::new(UsbPrinter { pipes: PipePair::new(usb, *input, *output)?, shape }))
    }
}

/// The setting with both directions; the first one of older printers only takes and cannot answer.
fn printer_interface(shapes: &[InterfaceShape]) -> Option<&InterfaceShape> {
    shapes.iter().find(|s| s.class == PRINTER_CLASS && !s.bulk_in.is_empty() && !s.bulk_out.is_empty())
}

impl Transport for UsbPrinter {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.pipes.write_all(bytes)
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        self.pipes.read(buffer, timeout)
    }

    fn discard_input(&mut self) -> io::Result<()> {
        self.pipes.discard_input()
    }

    fn printer_port(&mut self) -> Option<&mut dyn PrinterPort> {
        Some(self)
    }
}

impl PrinterPort for UsbPrinter {
    fn status(&mut self) -> io::Result<PortStatus> {
        let request = ClassRequest { request: GET_PORT_STATUS, index: u16::from(self.shape.number) };
        let mut status = [0; 1];
        match self.pipes.control_read(request, &mut status, Duration::from_millis(CONTROL_TIMEOUT_MS))? {
            0 => Err(io::ErrorKind::InvalidData.into()),
            _ => Ok(PortStatus(status[0])),
        }
    }

    fn device_id(&mut self) -> io::Result<DeviceId> {
        // Here the index holds the interface in its high byte and the setting in its low one.
        let index = u16::from_be_bytes([self.shape.number, self.shape.setting]);
        let request = ClassRequest { request: GET_DEVICE_ID, index };
        let mut id = [0; DEVICE_ID_BYTES_MAX];
        let n = self.pipes.control_read(request, &mut id, Duration::from_millis(CONTROL_TIMEOUT_MS))?;
        Ok(DeviceId::parse(&id[..n.min(id.len())]))
    }
}
