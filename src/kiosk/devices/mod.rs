//! The devices' side of the rim: one thread a device, what each says turned into session events, health kept
//! for the screen. Drops and re-opens are the drivers'; back-off, plugging in and out, and who may be told are here.
//! Knows no store, no hall and no screen.

mod back_off;
mod card;
mod code_reader;
mod document_printer;
mod health;
mod indicator;
mod printer;
mod reader;
mod supervisor;
mod wish;

use back_off::BackOff;

pub use card::held;
pub use code_reader::{CodeDevice, CodeReader};
pub use document_printer::{DocumentPrinter, Following, News, OpenJob, Pace, PaperJob, Standing, Told};
pub use health::{DeviceClass, Health, Trouble};
pub use indicator::Indicator;
pub use printer::{Ended, PrintJob, Printer};
pub use reader::{Reader, Want};
pub use supervisor::{Post, Supervisor};
