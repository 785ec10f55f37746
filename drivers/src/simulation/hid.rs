//! A simulated HID device in memory: whole reports of 64 bytes, each preceded by its number on the way out and
//! filled up with zeros on the way in, as a `hidraw` node carries them.

use super::{Bench, MemoryConnector, Model};
use crate::DeviceError;
use crate::transport::{Connector, HidConnector, HidDevice, Transport};
use std::{io, sync::Arc, time::Duration};

/// Bytes of a report.
const REPORT_BYTES: usize = 64;

/// Finds the one interface of a [`Bench`].
pub struct MemoryReports<M>(pub Arc<Bench<M>>);

struct Reports<M> {
    bench: Arc<Bench<M>>,
    wire: Box<dyn Transport>,
}

impl<M: Model> HidConnector for MemoryReports<M> {
    fn devices(&self) -> Result<Vec<HidDevice>, DeviceError> {
        let wire = MemoryConnector(self.0.clone()).open(0)?;
        let reports = Reports { bench: self.0.clone(), wire };
        let open = Box::new(|| Ok(Box::new(reports) as Box<dyn Transport>));
        Ok(vec![HidDevice { descriptor: Vec::new(), open }])
    }
}

impl<M: Model> Transport for Reports<M> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match bytes.split_first() {
            Some((0, report)) if report.len() == REPORT_BYTES => self.wire.write_all(report),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let report = buffer.get_mut(..REPORT_BYTES).ok_or(io::ErrorKind::InvalidInput)?;
        let n = self.wire.read(report, timeout)?;
        // A report comes whole or not at all.
        if n < REPORT_BYTES && !self.bench.is_plugged() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        report[n..].fill(0);
        Ok(REPORT_BYTES)
    }

    fn discard_input(&mut self) -> io::Result<()> {
        self.wire.discard_input()
    }
}
