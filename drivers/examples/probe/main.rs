//! Talks to one device by its URI and prints what it says: `probe CLASS URI [--record FILE]`; without arguments it
//! lists the classes and the forms of a URI. `probe hotplug` says what comes and goes.
//! A recording holds what the card or code holds: use demonstration cards only.

mod barcode_reader;
mod document_printer;
mod document_scanner;
mod hotplug;
mod id_card_reader;
mod indicator;
mod receipt_printer;
mod usb_stick;

use drivers::{
    DeviceError, DeviceUri,
    transport::{Connector, recording::RecordTo},
    uri::SCHEMES,
};
use std::{error::Error, path::PathBuf};

type Outcome = Result<(), Box<dyn Error>>;

/// A class: its name, what is asked of it, and how.
type Class = (&'static str, &'static str, fn(&Order) -> Outcome);

const CLASSES: &[Class] = &[
    ("id-card-reader", "self-test, then one card (personal values are masked)", id_card_reader::probe),
    (
        "barcode-reader",
        "self-test, then codes for 30 s (only their length and encoding are said)",
        barcode_reader::probe,
    ),
    ("receipt-printer", "what the port and the printer say, then a test slip", receipt_printer::probe),
    ("document-printer", "what it can do, how it stands, what it would take; prints nothing", document_printer::probe),
    ("document-scanner", "what it can do, how it stands, then a page (only its size is said)", document_scanner::probe),
    ("usb-stick", "whether one is plugged in and can be opened; nothing of it is read", usb_stick::probe),
    ("indicator", "self-test, the cabinet's door, then each light for a second", indicator::probe),
];

/// What is to be probed.
struct Order {
    uri: DeviceUri,
    record: Option<PathBuf>,
}

impl Order {
    /// The connector, with its dialogue written down where that is wanted.
    fn recorded(&self, inner: Result<Box<dyn Connector>, DeviceError>) -> Result<Box<dyn Connector>, DeviceError> {
        let inner = inner?;
        Ok(match &self.record {
            Some(file) => Box::new(RecordTo { inner, file: file.clone() }),
            None => inner,
        })
    }
}

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (class, order) = match words.as_slice() {
        ["hotplug"] => return hotplug::probe(),
        [class, uri] => (*class, Order { uri: uri.parse()?, record: None }),
        [class, uri, "--record", file] => (*class, Order { uri: uri.parse()?, record: Some(file.into()) }),
        _ => return Err(usage().into()),
    };
    let (_, _, probe) = CLASSES.iter().find(|(name, _, _)| *name == class).ok_or_else(usage)?;
    match probe(&order) {
        Err(error) => Err(whole(error.as_ref()).into()),
        Ok(()) => Ok(()),
    }
}

fn usage() -> String {
    let mut text = "usage: probe CLASS URI [--record FILE] | probe hotplug\n\nclasses:\n".to_owned();
    for (name, what, _) in CLASSES {
        text += &format!("  {name:<16} {what}\n");
    }
    text += "\nURIs:\n";
    for (_, form) in SCHEMES {
        text += &format!("  {form}\n");
    }
    text
}

/// An error with all that lies behind it.
fn whole(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut behind = error.source();
    while let Some(source) = behind {
        text += &format!(": {source}");
        behind = source.source();
    }
    text
}
