//! How each device stands, for the screen (what needs a lost device hides) and for the hall, whose page tells the
//! technician. Words are the drivers' stable ones, never a text of the operating system.

use drivers::{DeviceError, DeviceState, ErrorAction};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Class of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeviceClass {
    /// ID-card reader.
    IdCardReader,
    /// Receipt printer.
    ReceiptPrinter,
    /// Document printer.
    DocumentPrinter,
    /// Document scanner.
    DocumentScanner,
    /// Barcode reader.
    BarcodeReader,
    /// Camera.
    Camera,
    /// Lights at the slots.
    Indicator,
    /// The door of the terminal's inside, whose switch is on the board of the lights.
    CabinetDoor,
    /// A citizen's stick in its slot.
    Stick,
}

/// What is wrong with a device, in XFS4IoT's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What is wrong: a stable word.
    pub word: &'static str,
    /// How the device stands.
    pub state: DeviceState,
    /// Who must act.
    pub action: ErrorAction,
}

/// Health of all devices, shared by their threads.
#[derive(Clone, Default)]
pub struct Health {
    /// Devices that were heard of; none is well.
    heard: Arc<Mutex<BTreeMap<DeviceClass, Option<Trouble>>>>,
}

impl DeviceClass {
    /// As the hall is told it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::IdCardReader => "id_card_reader",
            Self::ReceiptPrinter => "receipt_printer",
            Self::DocumentPrinter => "document_printer",
            Self::DocumentScanner => "document_scanner",
            Self::BarcodeReader => "barcode_reader",
            Self::Camera => "camera",
            Self::Indicator => "indicator",
            Self::CabinetDoor => "cabinet_door",
            Self::Stick => "usb_stick",
        }
    }
}

impl Health {
    /// The device works; returns whether that is news.
    pub fn well(&self, class: DeviceClass) -> bool {
        self.set(class, None)
    }

    /// The device does not; returns whether that is news.
    pub fn ill(&self, class: DeviceClass, error: &DeviceError) -> bool {
        self.set(class, Some(Trouble { word: error.kind.word(), state: error.state(), action: error.action() }))
    }

    /// The device says itself what it wants (paper, cover); returns whether that is news.
    pub fn wants(&self, class: DeviceClass, what: &'static str) -> bool {
        let (state, action) = match what {
            "fault" => (DeviceState::HardwareError, ErrorAction::Maintenance),
            "offline" => (DeviceState::Offline, ErrorAction::Reset),
            _ => (DeviceState::UserError, ErrorAction::Clear),
        };
        self.set(class, Some(Trouble { word: what, state, action }))
    }

    /// Whether it works, as last heard; a device not yet heard of is taken to work.
    #[must_use]
    pub fn is_well(&self, class: DeviceClass) -> bool {
        self.trouble(class).is_none()
    }

    /// Whether it is not there.
    #[must_use]
    pub fn is_lost(&self, class: DeviceClass) -> bool {
        self.trouble(class).is_some_and(|trouble| trouble.state == DeviceState::NoDevice)
    }

    /// What is wrong with it, as last heard.
    #[must_use]
    pub fn trouble(&self, class: DeviceClass) -> Option<Trouble> {
        self.lock().get(&class).copied().flatten()
    }

    /// Devices in trouble and what is wrong with each, in words that stay.
    #[must_use]
    pub fn troubles(&self) -> BTreeMap<String, String> {
        let heard = self.lock();
        let ill = heard.iter().filter_map(|(class, trouble)| trouble.map(|trouble| (class, trouble.word)));
        ill.map(|(class, word)| (class.name().to_owned(), word.to_owned())).collect()
    }

    /// Whether that is news; news is logged once, with who must act.
    fn set(&self, class: DeviceClass, trouble: Option<Trouble>) -> bool {
        let news = self.lock().insert(class, trouble).flatten() != trouble;
        match trouble {
            Some(Trouble { word, state, action }) if news => {
                tracing::warn!(device = class.name(), word, ?state, ?action, "device.trouble");
            }
            None if news => tracing::info!(device = class.name(), "device.well"),
            _ => {}
        }
        news
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<DeviceClass, Option<Trouble>>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drivers::DeviceErrorKind;

    #[test]
    fn what_is_wrong_is_told_by_class_until_it_is_over() {
        let health = Health::default();
        assert!(health.troubles().is_empty(), "a device not yet heard of is in no trouble");
        assert!(health.wants(DeviceClass::ReceiptPrinter, "paper_out"));
        assert!(!health.wants(DeviceClass::ReceiptPrinter, "paper_out"), "no news");
        health.ill(DeviceClass::IdCardReader, &DeviceError::new(DeviceErrorKind::Silent));
        let told: Vec<_> = health.troubles().into_iter().collect();
        let pair = |class: &str, word: &str| (class.to_owned(), word.to_owned());
        assert_eq!(told, [pair("id_card_reader", "silent"), pair("receipt_printer", "paper_out")]);
        assert!(!health.is_lost(DeviceClass::IdCardReader) && !health.is_lost(DeviceClass::ReceiptPrinter));
        health.ill(DeviceClass::IdCardReader, &DeviceError::new(DeviceErrorKind::Unplugged));
        assert!(health.is_lost(DeviceClass::IdCardReader));
        let action = |class| health.trouble(class).map(|trouble| trouble.action);
        assert_eq!(action(DeviceClass::IdCardReader), Some(ErrorAction::Reset));
        assert_eq!(action(DeviceClass::ReceiptPrinter), Some(ErrorAction::Clear));
        health.well(DeviceClass::ReceiptPrinter);
        assert!(health.is_well(DeviceClass::ReceiptPrinter) && health.troubles().len() == 1);
    }
}
