//! Driver for readers of the HID-POS kind (usage page 0x8C) on hidraw: bytes of codes in reports, Chinese
//! included, that no keyboard layout spoils. Where the fields lie is read from the device's report descriptor.

use super::{
    BarcodeReader, CODE_BYTES_MAX, Scan,
    code_wire::{Code, CodeDecoder, DecodeError, LastWait, Word, next_word},
    hid_descriptor::ScannerReports,
};
use crate::transport::{HidConnector, HidDevice, Transport};
use crate::{DeviceError, DeviceErrorKind};
use std::time::{Duration, Instant};
use zeroize::{Zeroize, Zeroizing};

/// Longest quiet between two reports of one code; they follow each other by some milliseconds.
const NEXT_REPORT_MS: u64 = 500;

/// Collects input reports until they make a code. Each piece of bytes is one report, as hidraw gives them.
pub struct ReportDecoder {
    reports: ScannerReports,
    code: Zeroizing<Vec<u8>>,
    symbology: Option<[u8; 3]>,
    is_midway: bool,
}

impl ReportDecoder {
    /// For the reports of a descriptor.
    pub fn new(reports: ScannerReports) -> Self {
        let code = Zeroizing::new(Vec::with_capacity(CODE_BYTES_MAX + 1_024));
        Self { reports, code, symbology: None, is_midway: false }
    }
}

impl CodeDecoder for ReportDecoder {
    fn push(&mut self, bytes: &[u8]) -> Result<Option<Word>, DecodeError> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let piece = match self.reports.read(bytes) {
            Ok(Some(piece)) => piece,
            Ok(None) => return Ok(None),
            Err(_) => {
                self.clear();
                return Err(DecodeError::Length);
            }
        };
        if self.code.len() + piece.data.len() > CODE_BYTES_MAX {
            self.clear();
            return Err(DecodeError::TooLong);
        }
        if !self.is_midway {
            self.symbology = piece.symbology;
        }
        self.code.extend_from_slice(piece.data);
        self.is_midway = piece.continued;
        if self.is_midway || self.code.is_empty() {
            return Ok(None);
        }
        let code = Code::new(self.code.to_vec());
        self.code.zeroize();
        Ok(Some(Word::Code(code)))
    }

    fn patience(&self) -> Option<Duration> {
        self.is_midway.then(|| Duration::from_millis(NEXT_REPORT_MS))
    }

    fn quiet(&mut self) -> Result<Option<Word>, DecodeError> {
        self.clear();
        Err(DecodeError::Truncated)
    }

    fn clear(&mut self) {
        self.code.zeroize();
        self.is_midway = false;
    }

    fn read_bytes(&self) -> usize {
        self.reports.report_bytes_max()
    }
}

/// The driver.
pub struct HidPosReader {
    connector: Box<dyn HidConnector>,
    open: Option<(Box<dyn Transport>, ReportDecoder)>,
    last_wait: LastWait,
}

impl HidPosReader {
    /// A reader behind a connector; nothing is opened yet.
    pub fn new(connector: Box<dyn HidConnector>) -> Self {
        Self { connector, open: None, last_wait: LastWait::default() }
    }

    /// Opens the first of the device's HID interfaces that carries codes.
    fn connect(&mut self) -> Result<(Box<dyn Transport>, ReportDecoder), DeviceError> {
        if let Some(open) = self.open.take() {
            return Ok(open);
        }
        let mut why = DeviceError::new(DeviceErrorKind::NotFound);
        for HidDevice { descriptor, open } in self.connector.devices()? {
            match ScannerReports::parse(&descriptor) {
                Ok(reports) => return Ok((open()?, ReportDecoder::new(reports))),
                Err(error) => why = DeviceError::because(DeviceErrorKind::WrongModel, error),
            }
        }
        Err(why)
    }
}

impl BarcodeReader for HidPosReader {
    fn scan(&mut self, timeout: Duration) -> Result<Option<Scan>, DeviceError> {
        let end = Instant::now() + timeout;
        let (mut link, mut decoder) = self.connect()?;
        self.last_wait.begin(link.as_mut(), &mut decoder)?;
        let word = next_word(link.as_mut(), &mut decoder, end)?;
        let symbology = decoder.symbology;
        self.open = Some((link, decoder));
        self.last_wait.end();
        Ok(match word {
            Some(Word::Code(code)) => Some(Scan::new(code).with_symbology(symbology)),
            Some(Word::Acknowledged) | None => None,
        })
    }

    /// Opens it and reads its report descriptor.
    fn self_test(&mut self) -> Result<(), DeviceError> {
        let (mut link, mut decoder) = self.connect()?;
        self.last_wait.look(link.as_mut(), &mut decoder)?;
        self.open = Some((link, decoder));
        Ok(())
    }
}
