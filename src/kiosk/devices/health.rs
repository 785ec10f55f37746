//! How each device stands, for the screen (what needs a lost device hides) and the technician.

use drivers::{DeviceError, ErrorAction};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Class of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeviceClass {
    /// ID-card reader.
    IdCardReader,
    /// Receipt printer.
    ReceiptPrinter,
}

/// One device's last word; `None` is well.
type Word = Option<(String, Option<ErrorAction>)>;

/// Health of all devices, shared by their threads.
#[derive(Clone, Default)]
pub struct Health {
    words: Arc<Mutex<BTreeMap<DeviceClass, Word>>>,
}

impl Health {
    /// The device works.
    pub fn well(&self, class: DeviceClass) -> bool {
        self.set(class, None)
    }

    /// The device does not; returns whether that is news.
    pub fn ill(&self, class: DeviceClass, error: &DeviceError) -> bool {
        self.set(class, Some((error.to_string(), Some(error.action()))))
    }

    /// A person must do a simple thing at the device (paper, cover).
    pub fn wants(&self, class: DeviceClass, what: &str) -> bool {
        self.set(class, Some((what.to_owned(), Some(ErrorAction::Clear))))
    }

    /// Whether it works, as last heard; a device not yet heard of is taken to work.
    #[must_use]
    pub fn is_well(&self, class: DeviceClass) -> bool {
        self.lock().get(&class).is_none_or(Option::is_none)
    }

    /// What is wrong with it and who must act.
    #[must_use]
    pub fn word(&self, class: DeviceClass) -> Word {
        self.lock().get(&class).cloned().flatten()
    }

    fn set(&self, class: DeviceClass, word: Word) -> bool {
        let mut words = self.lock();
        let was_well = words.get(&class).is_none_or(Option::is_none);
        let is_well = word.is_none();
        words.insert(class, word);
        was_well != is_well
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<DeviceClass, Word>> {
        self.words.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
