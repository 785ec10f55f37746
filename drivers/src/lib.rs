//! The devices of a terminal: one folder per class, one file per protocol, bytes carried by a transport.
//! Every protocol has a simulator that answers its bytes, so that the shipped driver runs in every test.
//! Knows nothing of sessions, forms, databases or screens; all calls block with a timeout.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]
#![warn(missing_docs)]

pub mod barcode_reader;
pub mod camera;
pub mod document_printer;
pub mod document_scanner;
pub mod hotplug;
pub mod http;
pub mod id_card_reader;
pub mod indicator;
pub mod quirk;
pub mod receipt_printer;
pub mod simulation;
pub mod transport;
pub mod uri;
pub mod usb_stick;

mod error;

mod state;
mod stop;

pub use error::{DeviceError, DeviceErrorKind, ErrorAction};
pub use state::{DeviceState, PaperSupply};
pub use stop::Stop;
pub use uri::{DeviceUri, Place, UriError, UsbAddress};
