//! Asks a document scanner what it can do and how it stands, then scans one page of A4; only its size is said.

use crate::{Order, Outcome};
use drivers::{
    Stop,
    document_scanner::{ScanSettings, ScanSource, open},
};

pub fn probe(order: &Order) -> Outcome {
    let mut scanner = open(&order.uri)?;
    let can = scanner.capabilities()?;
    println!("{can:#?}");
    println!("{:?}", scanner.status()?);
    let source = if can.platen.is_some() { ScanSource::Platen } else { ScanSource::Feeder };
    let settings = ScanSettings { source, ..ScanSettings::a4_platen() };
    match scanner.scan(&settings, &Stop::new())?.next_page()? {
        Some(page) => println!("a page, {}, {} bytes", page.format, page.bytes.len()),
        None => println!("no page"),
    }
    Ok(())
}
