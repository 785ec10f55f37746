//! The document printer and the document scanner of the demo: simulators on loopback ports that speak the devices'
//! own protocols, or the configured ones, or none.

use crate::config::Config;
use drivers::document_printer::{self, DocumentPrinter, simulator as printer_simulator};
use drivers::document_scanner::{self, DocumentScanner, simulator as scanner_simulator};
use drivers::simulation::HttpPort;
use printer_simulator::{DocumentPrinterKnobs, Make, Pace};
use scanner_simulator::ScannerKnobs;

use super::WorldError;

/// What `simulator:` stands for in a device's address.
const SIMULATOR: &str = "simulator:";

/// The ports; they end with it.
pub(super) struct PaperDevices {
    printer: HttpPort<printer_simulator::Printer>,
    scanner: HttpPort<scanner_simulator::Scanner>,
}

impl PaperDevices {
    pub(super) fn start() -> std::io::Result<(Self, DocumentPrinterKnobs, ScannerKnobs)> {
        let (printer, printer_knobs) = printer_simulator::on_tcp(Make::default(), None)?;
        // A page with each look: the screen shows that it takes its time.
        printer_knobs.pace(Pace::EachLook);
        let (scanner, scanner_knobs) = scanner_simulator::on_tcp(None)?;
        Ok((Self { printer, scanner }, printer_knobs, scanner_knobs))
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
}
