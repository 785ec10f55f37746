//! The document printer, the document scanner and the stick's slot of the demo: simulators that give the devices' own
//! bytes, or the configured ones, or none.

use crate::config::Config;
use drivers::document_printer::{self, DocumentPrinter, simulator as printer_simulator};
use drivers::document_scanner::{self, DocumentScanner, simulator as scanner_simulator};
use drivers::simulation::HttpPort;
use drivers::usb_stick::{self, StickSlot, simulator as stick_simulator};
use printer_simulator::{DocumentPrinterKnobs, Make, Pace};
use scanner_simulator::ScannerKnobs;
use std::path::Path;
use stick_simulator::StickKnobs;

use super::{SIMULATOR, WorldError};

/// The ports; they end with it.
pub(super) struct PaperDevices {
    printer: HttpPort<printer_simulator::Printer>,
    scanner: HttpPort<scanner_simulator::Scanner>,
    stick: StickSlot,
}

/// The knobs of all.
pub(super) type PaperKnobs = (DocumentPrinterKnobs, ScannerKnobs, StickKnobs);

impl PaperDevices {
    /// `slot` is the folder in which the bytes of a stick lie while it is plugged in.
    pub(super) fn start(slot: &Path) -> Result<(Self, PaperKnobs), WorldError> {
        let printer = printer_simulator::on_tcp(Make::default(), None);
        let (printer, printer_knobs) = printer.map_err(WorldError::simulator("document printer"))?;
        // A page with each look: the screen shows that it takes its time.
        printer_knobs.pace(Pace::EachLook);
        let scanner = scanner_simulator::on_tcp(None);
        let (scanner, scanner_knobs) = scanner.map_err(WorldError::simulator("document scanner"))?;
        let (_, stick_knobs) =
            stick_simulator::in_folder(slot).map_err(|source| WorldError::Data { path: slot.to_owned(), source })?;
        let stick = stick_knobs.slot();
        Ok((Self { printer, scanner, stick }, (printer_knobs, scanner_knobs, stick_knobs)))
    }

    pub(super) fn printer(&self, config: &Config) -> Result<Option<Box<dyn DocumentPrinter>>, WorldError> {
        let uri = match config.devices.document_printer.as_str() {
            "" => return Ok(None),
            SIMULATOR => format!("ipp://{}/ipp/print", self.printer.address()),
            uri => uri.to_owned(),
        };
        let user = format!("yimen-{}", config.terminal.number);
        Ok(Some(document_printer::open(&uri.parse()?, &user)?))
    }

    pub(super) fn scanner(&self, config: &Config) -> Result<Option<Box<dyn DocumentScanner>>, WorldError> {
        let uri = match config.devices.document_scanner.as_str() {
            "" => return Ok(None),
            SIMULATOR => format!("escl://{}/eSCL", self.scanner.address()),
            uri => uri.to_owned(),
        };
        Ok(Some(document_scanner::open(&uri.parse()?)?))
    }

    pub(super) fn stick(&self, config: &Config) -> Result<Option<StickSlot>, WorldError> {
        Ok(match config.devices.stick.as_str() {
            "" => None,
            SIMULATOR => Some(self.stick.clone()),
            uri => Some(usb_stick::open(&uri.parse()?)?),
        })
    }
}
