//! The devices' side of the rim: one thread a device, what each says turned into session events, health kept
//! for the screen. Drops and re-opens are the drivers'; back-off and who may be told are here. Knows no store,
//! no hall and no screen.

mod card;
mod document_printer;
mod health;
mod printer;
mod reader;

pub use card::held;
pub use document_printer::{DocumentPrinter, Following, News, OpenJob, Pace, PaperJob, Standing, Told};
pub use health::{DeviceClass, Health};
pub use printer::{Ended, PrintJob, Printer};
pub use reader::{Reader, Want};
