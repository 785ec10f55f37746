//! The wire to a simulator in the same process: no thread, no file, no pacing.

use super::{Bench, Model};
use crate::transport::{Connector, Transport};
use crate::{DeviceError, DeviceErrorKind};
use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

/// Opens the wire to a [`Bench`].
pub struct MemoryConnector<M>(pub Arc<Bench<M>>);

struct Memory<M>(Arc<Bench<M>>);

impl<M: Model> Connector for MemoryConnector<M> {
    fn open(&self, _baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        if self.0.is_plugged() {
            Ok(Box::new(Memory(self.0.clone())))
        } else {
            Err(DeviceError::new(DeviceErrorKind::NotFound))
        }
    }
}

impl<M: Model> Transport for Memory<M> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.0.lock();
        if !state.plugged {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let now = Instant::now();
        state.model.receive(bytes, now);
        state.model.advance(now);
        drop(state);
        self.0.notify_waiting();
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let end = Instant::now() + timeout;
        let mut state = self.0.lock();
        loop {
            if !state.plugged {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            let now = Instant::now();
            let due = state.model.advance(now);
            let output = state.model.output();
            let n = output.len().min(buffer.len());
            for (place, byte) in buffer.iter_mut().zip(output.drain(..n)) {
                *place = byte;
            }
            if state.model.output().is_empty() && state.model.pulls_cable() {
                state.plugged = false;
            }
            if n > 0 {
                return Ok(n);
            }
            if now >= end {
                return Err(io::ErrorKind::TimedOut.into());
            }
            let until = due.map_or(end, |d| d.min(end));
            state = self.0.wait(state, until.saturating_duration_since(now));
        }
    }

    fn discard_input(&mut self) -> io::Result<()> {
        self.0.lock().model.output().clear();
        Ok(())
    }
}
