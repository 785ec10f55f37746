//! Driver for readers that are a keyboard (HID keyboard wedge): held exclusively as long as the driver lives, so
//! that a code never types into a form, not even one that is shown when nobody asked for it. Keyboards carry no
//! Chinese but by Alt and the number pad; set the reader to CDC-ACM or HID-POS where that matters.

use super::{
    BarcodeReader, KeyDecoder, Scan,
    code_wire::{CodeDecoder, LastWait, Word, next_word},
};
use crate::DeviceError;
use crate::transport::{Connector, Transport};
use std::time::{Duration, Instant};

/// The driver.
pub struct KeyboardWedge {
    connector: Box<dyn Connector>,
    decoder: KeyDecoder,
    link: Option<Box<dyn Transport>>,
    last_wait: LastWait,
}

impl KeyboardWedge {
    /// A keyboard behind a connector; nothing is opened (and so nothing held) before the first use.
    pub fn new(connector: Box<dyn Connector>) -> Self {
        Self { connector, decoder: KeyDecoder::default(), link: None, last_wait: LastWait::default() }
    }

    fn connect(&mut self) -> Result<Box<dyn Transport>, DeviceError> {
        match self.link.take() {
            Some(link) => Ok(link),
            None => {
                // A key that was held when the reader went is not held by the one that came.
                self.decoder = KeyDecoder::default();
                self.connector.open(0)
            }
        }
    }
}

impl BarcodeReader for KeyboardWedge {
    fn scan(&mut self, timeout: Duration) -> Result<Option<Scan>, DeviceError> {
        let end = Instant::now() + timeout;
        let mut link = self.connect()?;
        self.last_wait.begin(link.as_mut(), &mut self.decoder)?;
        let word = match next_word(link.as_mut(), &mut self.decoder, end) {
            // Damage in what was typed is no reason to let the keyboard go.
            Err(error) if error.kind == crate::DeviceErrorKind::Garbled => {
                self.decoder.clear();
                self.link = Some(link);
                return Err(error);
            }
            other => other?,
        };
        self.link = Some(link);
        self.last_wait.end();
        Ok(match word {
            Some(Word::Code(code)) => Some(Scan::new(code)),
            Some(Word::Acknowledged) | None => None,
        })
    }

    /// Takes hold of the keyboard. It cannot be asked anything: one that is broken and one before which nobody
    /// holds a code look alike.
    fn self_test(&mut self) -> Result<(), DeviceError> {
        let mut link = self.connect()?;
        self.last_wait.look(link.as_mut(), &mut self.decoder)?;
        self.link = Some(link);
        Ok(())
    }
}
