//! Readers of bar codes and QR codes: a small blocking trait and a driver for each way in which such readers
//! speak: serial modules (also on USB as CDC-ACM), HID keyboard wedges, HID-POS. What a code means is not
//! known here, nor is any code kept.

mod code_wire;
mod framing;
pub mod gm65;
mod hid_descriptor;
mod hid_pos;
mod keyboard_text;
mod keyboard_wedge;
mod scan;
mod serial_module;
pub mod simulator;

pub use code_wire::{CodeDecoder, DecodeError, Word};
pub use framing::{Framer, Framing};
pub use hid_descriptor::{DescriptorError, ScannerReports};
pub use hid_pos::{HidPosReader, ReportDecoder};
pub use keyboard_text::{KeyDecoder, KeyEvent, type_text};
pub use keyboard_wedge::KeyboardWedge;
pub use scan::{PayloadEncoding, Scan};
pub use serial_module::{ModuleTimings, SerialModule};

use crate::quirk::barcode_reader::{MODULES, ModuleFamily, USB_NAMES, USUAL};
use crate::quirk::{Facts, changes};
use crate::transport::HidrawConnector;
use crate::{DeviceError, DeviceErrorKind, DeviceUri, Place, transport};
use std::time::Duration;

/// Longest code that is taken; a QR code holds 2,953 bytes at most (ISO/IEC 18004).
pub const CODE_BYTES_MAX: usize = 4_096;

/// A reader of bar codes.
pub trait BarcodeReader: Send {
    /// Waits at most `timeout` for a code; `None` means that none came, which is no error. A code that began in
    /// time is read to its end. What was shown long before the call is thrown away: it belongs to somebody else.
    fn scan(&mut self, timeout: Duration) -> Result<Option<Scan>, DeviceError>;

    /// Opens the reader and asks, where its protocol has such a question, whether it is well.
    fn self_test(&mut self) -> Result<(), DeviceError>;

    /// No code is wanted for a while: lets go of what is held for reading only, such as a camera's stream. A reader
    /// that types stays held.
    fn rest(&mut self) {}
}

/// The reader for a URI; it is opened on first use, so a reader that is absent now is no error yet.
pub fn open(uri: &DeviceUri) -> Result<Box<dyn BarcodeReader>, DeviceError> {
    if let Place::Hid(address) = &uri.place {
        return Ok(Box::new(HidPosReader::new(Box::new(HidrawConnector::new(address.clone())))));
    }
    if let Place::V4l(camera) = &uri.place {
        return Ok(Box::new(crate::camera::open(camera)));
    }
    let connector = transport::connector(uri)?;
    Ok(match &uri.place {
        Place::Keyboard(_) => Box::new(KeyboardWedge::new(connector)),
        _ => Box::new(SerialModule::new(connector, family(uri)?)),
    })
}

/// The family of a serial module: as configured, else as its USB device is known, else the usual one.
fn family(uri: &DeviceUri) -> Result<&'static ModuleFamily, DeviceError> {
    let usb = match &uri.place {
        Place::SerialUsb(address) => Some((address.vendor, address.product)),
        _ => None,
    };
    let known = || changes(USB_NAMES, &Facts { usb, ..Facts::default() }).next().copied();
    let Some(name) = uri.module.as_deref().or_else(known) else { return Ok(USUAL) };
    changes(MODULES, &Facts { name: Some(name), ..Facts::default() }).next().ok_or_else(|| {
        let names: Vec<&str> = MODULES.iter().map(|quirk| quirk.change.name).collect();
        DeviceError::because(DeviceErrorKind::Misconfigured, format!("module is one of {}", names.join(", ")))
    })
}
