//! Readers of identity cards: residents, residents of Hong Kong, Macau and Taiwan (J), foreigners (I of 2017,
//! Y of 2023). A small blocking trait, one driver (SDT over SAM-V) and its simulator.
//! What a card holds is zeroized when dropped and never shown by `Debug`.

mod card;
mod card_text;
mod nation;
pub mod private_use;
mod sdt;
pub mod sdt_frame;
mod sdt_hid;
mod sdt_usb;
pub mod sdt_words;
pub mod simulator;

pub use card::{CardDate, CardKind, CardText, Details, IdCard, Photo, Sex, ValidUntil};
pub use card_text::{CardTextError, TEXT_BYTES, parse as parse_text};
pub use nation::Nation;
pub use sdt::{SdtReader, SdtTimings};
pub use sdt_hid::SdtHidConnector;
pub use sdt_usb::SdtUsbConnector;

use crate::transport::{self, Connector, HidrawConnector, usb::LibUsb};
use crate::{DeviceError, DeviceErrorKind, DeviceUri, Place};
use std::time::Duration;

/// A reader of identity cards.
pub trait IdCardReader: Send {
    /// Waits at most `timeout` for a card and reads it; `None` means that no card came, which is no error.
    /// A card that came in time is read to its end. Each call reads anew what lies on the reader.
    fn read_card(&mut self, timeout: Duration) -> Result<Option<IdCard>, ReadError>;

    /// Calls `tell` each time a card was found and its reading begins (XFS4IoT `MediaInserted`), so that the
    /// screen can ask to leave it there. It must not block.
    fn on_card_found(&mut self, tell: Box<dyn FnMut() + Send>);

    /// Asks the reader whether it is well and who it is.
    fn self_test(&mut self) -> Result<ReaderIdentity, DeviceError>;
}

/// Who a reader is; of use to the technician, says nothing of any citizen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderIdentity {
    /// Number of the security module, as printed on it ("05.01-20260101-0000000001-…").
    pub sam_id: String,
}

/// Why there is a card but nothing was read from it.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The card was taken away before it was read.
    #[error("the card was lifted too early")]
    LiftedTooEarly,
    /// The card lies there and cannot be read, tried twice.
    #[error("the card cannot be read: {0}")]
    Unreadable(sdt_words::Status),
    /// It is no identity card, or one of a kind this driver does not know.
    #[error("not an identity card of a known kind")]
    UnsupportedCard,
    /// The reader itself is in trouble.
    #[error("the reader is in trouble")]
    Device(#[from] DeviceError),
}

/// The reader for a URI; it is opened on first use, so a reader that is absent now is no error yet.
pub fn open(uri: &DeviceUri) -> Result<Box<dyn IdCardReader>, DeviceError> {
    let reader = SdtReader::new(connector(uri)?);
    Ok(Box::new(if uri.fingerprints { reader.with_fingerprints() } else { reader }))
}

/// How the reader of a URI is reached.
pub fn connector(uri: &DeviceUri) -> Result<Box<dyn Connector>, DeviceError> {
    match &uri.place {
        Place::Usb(address) => {
            Ok(Box::new(SdtUsbConnector { bus: Box::new(LibUsb), address: address.clone(), style: uri.style }))
        }
        Place::Hid(address) => Ok(Box::new(SdtHidConnector { hid: Box::new(HidrawConnector::new(address.clone())) })),
        _ => transport::connector(uri),
    }
}

/// The kind of device error behind a read error, if it is one.
impl ReadError {
    /// The reader's own trouble, where it is that.
    pub fn device_kind(&self) -> Option<DeviceErrorKind> {
        match self {
            Self::Device(error) => Some(error.kind),
            _ => None,
        }
    }
}
