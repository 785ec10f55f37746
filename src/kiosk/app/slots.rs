//! Readers of codes and the lights at the slots: opened as configured, asked what works, and the threads at which the
//! supervisor may knock. Opening tries nothing yet: a device that is absent now is no error.

use super::Inlet;
use super::effects::teller;
use super::papers::Papers;
use crate::config::Devices;
use crate::devices::{CodeDevice, CodeReader, DeviceClass, Health, Indicator, Post, Printer, Reader, Supervisor};
use crate::session::{CodeReaders, Lights};
use drivers::barcode_reader;
use drivers::indicator::{self, Indicators};
use drivers::{DeviceError, DeviceUri, UriError};

/// A configured device cannot be used: which, and why.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// Its address.
    #[error("devices.{key}: {source}")]
    Uri {
        /// Key of the configuration.
        key: &'static str,
        /// Why.
        source: UriError,
    },
    /// The device.
    #[error("devices.{key}: {source}")]
    Device {
        /// Key of the configuration.
        key: &'static str,
        /// Why.
        source: DeviceError,
    },
}

/// The configured barcode reader and camera.
///
/// # Errors
/// When an address cannot be used.
pub fn code_readers(devices: &Devices) -> Result<Vec<CodeDevice>, NotOpened> {
    let mut readers = Vec::new();
    for (class, text) in [(DeviceClass::BarcodeReader, &devices.barcode_reader), (DeviceClass::Camera, &devices.camera)]
    {
        let key = class.name();
        if let Some(uri) = uri(key, text)? {
            let reader = barcode_reader::open(&uri).map_err(|source| NotOpened::Device { key, source })?;
            readers.push((class, reader));
        }
    }
    Ok(readers)
}

/// The configured lights and door switch.
///
/// # Errors
/// When the address cannot be used.
pub fn indicator(devices: &Devices) -> Result<Option<Box<dyn Indicators>>, NotOpened> {
    let key = DeviceClass::Indicator.name();
    let Some(uri) = uri(key, &devices.indicator)? else { return Ok(None) };
    let board = indicator::open(&uri, devices.wiring.for_board());
    board.map(Some).map_err(|source| NotOpened::Device { key, source })
}

/// Where each configured device is.
///
/// # Errors
/// When an address cannot be used.
pub fn places(devices: &Devices) -> Result<Vec<(DeviceClass, DeviceUri)>, NotOpened> {
    let mut places = Vec::new();
    for (class, text) in [
        (DeviceClass::IdCardReader, &devices.id_card_reader),
        (DeviceClass::ReceiptPrinter, &devices.receipt_printer),
        (DeviceClass::DocumentPrinter, &devices.document_printer),
        (DeviceClass::DocumentScanner, &devices.document_scanner),
        (DeviceClass::BarcodeReader, &devices.barcode_reader),
        (DeviceClass::Camera, &devices.camera),
        (DeviceClass::Indicator, &devices.indicator),
    ] {
        places.extend(uri(class.name(), text)?.map(|uri| (class, uri)));
    }
    // Its key is not the name that the hall is told.
    places.extend(uri("stick", &devices.stick)?.map(|uri| (DeviceClass::Stick, uri)));
    Ok(places)
}

fn uri(key: &'static str, text: &str) -> Result<Option<DeviceUri>, NotOpened> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|source| NotOpened::Uri { key, source })
}

/// The threads of the readers of codes and of the lights.
pub(super) struct Slots {
    readers: Vec<(DeviceClass, CodeReader)>,
    indicator: Option<Indicator>,
}

impl Slots {
    pub(super) fn start(
        readers: Vec<CodeDevice>,
        board: Option<Box<dyn Indicators>>,
        health: &Health,
        inlet: &Inlet,
    ) -> Self {
        let started = readers
            .into_iter()
            .map(|(class, reader)| (class, CodeReader::start(class, reader, health.clone(), teller(inlet))));
        Self {
            readers: started.collect(),
            indicator: board.map(|board| Indicator::start(board, health.clone(), teller(inlet))),
        }
    }

    /// Whether codes are wanted from now on.
    pub(super) fn read_codes(&self, wanted: bool) {
        self.readers.iter().for_each(|(_, reader)| reader.want(wanted));
    }

    /// These lights shine from now on.
    pub(super) fn light(&self, lights: Lights) {
        if let Some(indicator) = &self.indicator {
            indicator.show(lights);
        }
    }

    /// Whether codes can be read now.
    pub(super) fn can(&self, health: &Health) -> CodeReaders {
        let mut readers = self.readers.iter();
        match (readers.len(), readers.any(|(class, _)| health.is_well(*class))) {
            (0, _) => CodeReaders::None,
            (_, true) => CodeReaders::Work,
            (_, false) => CodeReaders::Lost,
        }
    }
}

/// Where the supervisor may knock.
pub(super) struct Doors<'a> {
    pub(super) reader: &'a Reader,
    pub(super) printer: &'a Printer,
    pub(super) slots: &'a Slots,
    pub(super) papers: &'a Papers,
}

impl Doors<'_> {
    /// A supervisor of the devices at these places.
    pub(super) fn supervised(&self, places: &[(DeviceClass, DeviceUri)], health: &Health) -> Supervisor {
        let posts = places.iter().filter_map(|(class, uri)| self.post(*class, uri));
        Supervisor::start(posts.collect(), health.clone())
    }

    /// What the supervisor is to know of a device; `None` for one in the network that asks by itself, and for the door,
    /// which is on the board of the lights.
    fn post(&self, class: DeviceClass, uri: &DeviceUri) -> Option<Post> {
        Some(match class {
            DeviceClass::IdCardReader => Post::new(class, uri, self.reader.knocker()),
            DeviceClass::ReceiptPrinter => Post::new(class, uri, self.printer.knocker()),
            DeviceClass::DocumentScanner => Post::new(class, uri, self.papers.knocker()),
            DeviceClass::Indicator => Post::new(class, uri, self.slots.indicator.as_ref()?.knocker()),
            DeviceClass::BarcodeReader | DeviceClass::Camera => {
                let (_, reader) = self.slots.readers.iter().find(|(own, _)| *own == class)?;
                Post::new(class, uri, reader.knocker())
            }
            DeviceClass::Stick => Post::new(class, uri, self.papers.stick_knocker()?),
            DeviceClass::DocumentPrinter | DeviceClass::CabinetDoor => return None,
        })
    }
}
