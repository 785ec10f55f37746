//! How each device stands, for the screen (what needs a lost device hides) and for the hall, whose page tells the
//! technician. Words are the drivers' stable ones, never a text of the operating system.

use drivers::DeviceError;
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
    /// A citizen's stick in its slot.
    Stick,
}

/// What is wrong with a device; `None` is well.
type Word = Option<&'static str>;

/// Health of all devices, shared by their threads.
#[derive(Clone, Default)]
pub struct Health {
    words: Arc<Mutex<BTreeMap<DeviceClass, Word>>>,
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
        self.set(class, Some(error.kind.word()))
    }

    /// The device says itself what it wants (paper, cover); returns whether that is news.
    pub fn wants(&self, class: DeviceClass, what: &'static str) -> bool {
        self.set(class, Some(what))
    }

    /// Whether it works, as last heard; a device not yet heard of is taken to work.
    #[must_use]
    pub fn is_well(&self, class: DeviceClass) -> bool {
        self.lock().get(&class).is_none_or(Option::is_none)
    }

    /// Devices in trouble and what is wrong with each, in words that stay.
    #[must_use]
    pub fn troubles(&self) -> BTreeMap<String, String> {
        let words = self.lock();
        let ill = words.iter().filter_map(|(class, word)| word.map(|word| (class, word)));
        ill.map(|(class, word)| (class.name().to_owned(), word.to_owned())).collect()
    }

    fn set(&self, class: DeviceClass, word: Word) -> bool {
        self.lock().insert(class, word).flatten() != word
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<DeviceClass, Word>> {
        self.words.lock().unwrap_or_else(PoisonError::into_inner)
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
        health.well(DeviceClass::ReceiptPrinter);
        assert!(health.is_well(DeviceClass::ReceiptPrinter) && health.troubles().len() == 1);
    }
}
