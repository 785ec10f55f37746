//! The cases, one file a device.

pub mod barcode;
pub mod camera;
pub mod id_card_reader;
pub mod receipt_printer;
pub mod stick;
pub mod uart;
pub mod udev;
pub mod usbip;

use anyhow::{Result, ensure};
use drivers::{
    DeviceErrorKind,
    id_card_reader::{IdCardReader, open, simulator::SimulatedCard},
};
use std::time::Duration;

/// Number of the card that is laid down.
pub const CARD_NUMBER: &str = "110100199003070015";

/// The card.
pub fn card() -> SimulatedCard {
    SimulatedCard::from_text(*include_bytes!("../../../../../drivers/tests/sdt/text_A.bin"))
}

/// The shipped driver for a URI.
pub fn reader(uri: &str) -> Result<Box<dyn IdCardReader>> {
    Ok(open(&uri.parse()?)?)
}

/// Reads the card that lies there.
pub fn reads(reader: &mut dyn IdCardReader) -> Result<()> {
    let card = reader.read_card(Duration::from_secs(2))?.ok_or_else(|| anyhow::anyhow!("no card was found"))?;
    ensure!(card.number.as_str() == CARD_NUMBER, "another number than the card's");
    ensure!(card.photo.bytes().len() == 1_024, "a photo of {} bytes", card.photo.bytes().len());
    Ok(())
}

/// The next read fails in one of these ways.
pub fn fails(reader: &mut dyn IdCardReader, kinds: &[DeviceErrorKind]) -> Result<()> {
    match reader.read_card(Duration::ZERO) {
        Err(error) if error.device_kind().is_some_and(|kind| kinds.contains(&kind)) => Ok(()),
        Err(error) => anyhow::bail!("{kinds:?} expected, came {:?}", error.device_kind()),
        Ok(_) => anyhow::bail!("{kinds:?} expected, and it read on"),
    }
}
