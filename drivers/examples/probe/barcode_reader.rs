//! Asks a barcode reader whether it is well and waits for codes; what they hold is not shown.

use crate::{Order, Outcome};
use drivers::barcode_reader::open;
use std::time::{Duration, Instant};

pub fn probe(order: &Order) -> Outcome {
    if order.record.is_some() {
        return Err("a barcode reader's dialogue is not recorded here".into());
    }
    let mut reader = open(&order.uri)?;
    reader.self_test()?;
    println!("well; hold codes before it (30 s)");
    let end = Instant::now() + Duration::from_secs(30);
    while Instant::now() < end {
        if let Some(scan) = reader.scan(Duration::from_secs(1))? {
            let is_text = if scan.text().is_some() { "text" } else { "no text" };
            println!("a code of {} bytes, {is_text}", scan.bytes().len());
        }
    }
    Ok(())
}
