//! Talks to one device by its URI and prints what it says.
//!   probe card URI [--record FILE]   self-test, then one card (personal values are masked)
//!   probe printer URI                status, then a test slip
//! A recording holds what the card holds: use demonstration cards only.

use drivers::{
    DeviceUri,
    id_card_reader::{IdCard, IdCardReader, SdtReader},
    receipt_printer::{self, Bitmap, PAPER_DOTS},
    transport::{self, recording::RecordTo},
};
use std::{error::Error, path::PathBuf, time::Duration};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["card", uri] => card(&uri.parse()?, None),
        ["card", uri, "--record", file] => card(&uri.parse()?, Some(file.into())),
        ["printer", uri] => printer(&uri.parse()?),
        _ => Err("usage: probe card URI [--record FILE] | probe printer URI".into()),
    }
}

fn card(uri: &DeviceUri, record: Option<PathBuf>) -> Result<(), Box<dyn Error>> {
    let inner = transport::connector(uri)?;
    let mut reader = match record {
        Some(file) => SdtReader::new(Box::new(RecordTo { inner, file })),
        None => SdtReader::new(inner),
    };
    println!("module {}", reader.self_test()?.sam_id);
    println!("put a card down (30 s)");
    match reader.read_card(Duration::from_secs(30))? {
        Some(card) => show(&card),
        None => println!("no card came"),
    }
    Ok(())
}

fn show(card: &IdCard) {
    let first: String = card.name.text.chars().take(1).collect();
    println!("kind {:?}", card.kind());
    println!("name {first}… ({} units)", card.name.raw.len());
    println!("unmapped characters {}, name may be cut {}", card.name.has_unmapped, card.name.may_be_cut);
    println!("number of {} characters", card.number.len());
    println!("photo of {} bytes", card.photo.bytes().len());
}

fn printer(uri: &DeviceUri) -> Result<(), Box<dyn Error>> {
    let mut printer = receipt_printer::open(uri)?;
    println!("{:?}", printer.status()?);
    let mut slip = Bitmap::new(PAPER_DOTS, 160);
    for y in 0..160 {
        for x in (0..PAPER_DOTS).filter(|x| (x / 16 + y / 16) % 2 == 0 || *x < 4 || *x >= PAPER_DOTS - 4) {
            slip.set(x, y);
        }
    }
    println!("{:?}", printer.print(&slip));
    Ok(())
}
