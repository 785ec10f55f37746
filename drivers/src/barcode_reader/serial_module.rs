//! Driver for reader modules on a serial line, also one that is USB's CDC-ACM. Which commands a module takes is
//! data (`quirk::barcode_reader`). A module that acknowledges is held to it: without acknowledgement nothing that
//! came counts as a code. Opens its wire on first use and drops it on the first error.

use super::{
    BarcodeReader, DecodeError, Framer, Scan,
    code_wire::{Code, CodeDecoder, LastWait, Word, next_word},
    gm65,
};
use crate::quirk::barcode_reader::{ModuleFamily, Trigger};
use crate::transport::{Connector, Transport};
use crate::{DeviceError, DeviceErrorKind};
use std::{
    io,
    time::{Duration, Instant},
};
use zeroize::Zeroizing;

/// How long the driver waits for what.
#[derive(Clone, Copy, Debug)]
pub struct ModuleTimings {
    /// For an acknowledgement or an answer: 7 bytes, 7 ms at 9,600 baud, and the module's own time.
    pub answer_ms: u64,
    /// For the acknowledgement of giving up; a code that was read at the last moment may come meanwhile.
    pub stop_ms: u64,
}

impl Default for ModuleTimings {
    fn default() -> Self {
        Self { answer_ms: 500, stop_ms: 150 }
    }
}

/// The driver.
pub struct SerialModule {
    connector: Box<dyn Connector>,
    family: ModuleFamily,
    timings: ModuleTimings,
    framer: Framer,
    link: Option<Box<dyn Transport>>,
    last_wait: LastWait,
}

impl SerialModule {
    /// A module of a family behind a connector; nothing is opened yet.
    pub fn new(connector: Box<dyn Connector>, family: &ModuleFamily) -> Self {
        Self {
            connector,
            family: *family,
            timings: ModuleTimings::default(),
            framer: Framer::new(family.framing),
            link: None,
            last_wait: LastWait::default(),
        }
    }

    /// With other times than the usual ones.
    pub fn with_timings(mut self, timings: ModuleTimings) -> Self {
        self.timings = timings;
        self
    }

    fn connect(&mut self) -> Result<Box<dyn Transport>, DeviceError> {
        match self.link.take() {
            Some(link) => Ok(link),
            None => {
                self.framer.clear();
                self.connector.open(self.family.baud)
            }
        }
    }

    fn read(&mut self, link: &mut dyn Transport, end: Instant) -> Result<Option<Code>, DeviceError> {
        self.last_wait.begin(link, &mut self.framer)?;
        let Some(trigger) = self.family.trigger else { return self.next_code(link, end) };
        loop {
            let window = Instant::now() + Duration::from_millis(trigger.window_ms);
            if let Some(code) = self.read_triggered(link, &trigger, window.min(end))? {
                return Ok(Some(code));
            }
            if Instant::now() >= end {
                return self.stop(link, &trigger);
            }
        }
    }

    fn next_code(&mut self, link: &mut dyn Transport, end: Instant) -> Result<Option<Code>, DeviceError> {
        loop {
            match next_word(link, &mut self.framer, end)? {
                Some(Word::Code(code)) => return Ok(Some(code)),
                Some(Word::Acknowledged) => {}
                None => return Ok(None),
            }
        }
    }

    fn read_triggered(
        &mut self,
        link: &mut dyn Transport,
        trigger: &Trigger,
        end: Instant,
    ) -> Result<Option<Code>, DeviceError> {
        link.write_all(trigger.start)?;
        let acknowledged_by = Instant::now() + Duration::from_millis(self.timings.answer_ms);
        let (mut is_acknowledged, mut code) = (!trigger.is_acknowledged, None);
        loop {
            match next_word(link, &mut self.framer, if is_acknowledged { end } else { acknowledged_by })? {
                Some(Word::Acknowledged) => is_acknowledged = true,
                Some(Word::Code(c)) => code = Some(c),
                None if is_acknowledged => return Ok(code),
                None if code.is_some() => return Err(self.not_acknowledged(link)),
                None => return Err(DeviceError::new(DeviceErrorKind::Silent)),
            }
            if is_acknowledged && code.is_some() {
                return Ok(code);
            }
        }
    }

    /// Something came and it was no acknowledgement: damage, or another device.
    fn not_acknowledged(&self, link: &mut dyn Transport) -> DeviceError {
        match self.family.question.map(|question| self.ask(link, question)) {
            Some(Err(error)) if error.kind == DeviceErrorKind::WrongModel => error,
            _ => DecodeError::NotAcknowledged.into(),
        }
    }

    /// Puts the module's light out; a code that it read meanwhile is taken.
    fn stop(&mut self, link: &mut dyn Transport, trigger: &Trigger) -> Result<Option<Code>, DeviceError> {
        link.write_all(trigger.stop)?;
        if !trigger.is_acknowledged {
            return Ok(None);
        }
        let end = Instant::now() + Duration::from_millis(self.timings.stop_ms);
        match next_word(link, &mut self.framer, end)? {
            Some(Word::Code(code)) => Ok(Some(code)),
            Some(Word::Acknowledged) | None => Ok(None),
        }
    }

    /// Asks what a module of this family must answer.
    fn ask(&self, link: &mut dyn Transport, question: &[u8]) -> Result<(), DeviceError> {
        link.discard_input()?;
        link.write_all(question)?;
        let end = Instant::now() + Duration::from_millis(self.timings.answer_ms);
        let mut came = Zeroizing::new(Vec::with_capacity(super::CODE_BYTES_MAX));
        let mut buffer = Zeroizing::new([0; 256]);
        while came.len() + buffer.len() <= super::CODE_BYTES_MAX {
            match link.read(buffer.as_mut_slice(), end.saturating_duration_since(Instant::now())) {
                Ok(n) => came.extend_from_slice(&buffer[..n]),
                Err(e) if e.kind() == io::ErrorKind::TimedOut => break,
                Err(e) => return Err(e.into()),
            }
            if gm65::find_answer(&came).is_some() {
                return Ok(());
            }
        }
        let is_answer = came.windows(2).any(|w| w == gm65::ANSWER_HEAD);
        Err(DeviceError::new(match came.len() {
            0 => DeviceErrorKind::Silent,
            _ if is_answer => DeviceErrorKind::Garbled,
            _ => DeviceErrorKind::WrongModel,
        }))
    }
}

impl BarcodeReader for SerialModule {
    fn scan(&mut self, timeout: Duration) -> Result<Option<Scan>, DeviceError> {
        let end = Instant::now() + timeout;
        let mut link = self.connect()?;
        let code = self.read(link.as_mut(), end)?;
        self.link = Some(link);
        self.last_wait.end();
        Ok(code.map(|code| Scan::new(code).with_encoding(self.family.encoding)))
    }

    fn self_test(&mut self) -> Result<(), DeviceError> {
        let mut link = self.connect()?;
        match self.family.question {
            Some(question) => self.ask(link.as_mut(), question)?,
            None => self.last_wait.look(link.as_mut(), &mut self.framer)?,
        }
        self.link = Some(link);
        Ok(())
    }
}
