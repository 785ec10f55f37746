//! SDT over HID reports (2B8B:2721): a frame is cut into reports of 64 bytes both ways, the last one filled up with
//! zeros. Written after the public description; no such reader was met, so this is unverified.

use crate::transport::{Connector, HidConnector, Transport};
use crate::{DeviceError, DeviceErrorKind};
use std::{io, time::Duration};
use zeroize::Zeroizing;

/// Bytes of a report, without its number.
const REPORT_BYTES: usize = 64;

/// Opens a reader that speaks in reports.
pub struct SdtHidConnector {
    /// Finds its HID interface.
    pub hid: Box<dyn HidConnector>,
}

struct Reports {
    inner: Box<dyn Transport>,
    /// A report that was not read to its end.
    rest: Zeroizing<Vec<u8>>,
}

impl Connector for SdtHidConnector {
    fn open(&self, _baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        let device = self.hid.devices()?.into_iter().next();
        let device = device.ok_or_else(|| DeviceError::new(DeviceErrorKind::NotFound))?;
        let mut inner = (device.open)()?;
        inner.discard_input()?;
        Ok(Box::new(Reports { inner, rest: Zeroizing::new(Vec::with_capacity(REPORT_BYTES)) }))
    }
}

impl Transport for Reports {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        for piece in bytes.chunks(REPORT_BYTES) {
            // hidraw wants the report's number first: 0 where a device has only one kind.
            let mut report = Zeroizing::new([0; REPORT_BYTES + 1]);
            report[1..=piece.len()].copy_from_slice(piece);
            self.inner.write_all(report.as_slice())?;
        }
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        if self.rest.is_empty() {
            let mut report = Zeroizing::new([0; REPORT_BYTES]);
            let n = self.inner.read(report.as_mut_slice(), timeout)?;
            self.rest.extend_from_slice(&report[..n]);
        }
        let n = buffer.len().min(self.rest.len());
        for (place, byte) in buffer.iter_mut().zip(self.rest.drain(..n)) {
            *place = byte;
        }
        Ok(n)
    }

    fn discard_input(&mut self) -> io::Result<()> {
        self.rest.clear();
        self.inner.discard_input()
    }
}
