//! Asks a document printer what it can do and how it stands, and whether it would take a page of A4. Prints nothing.

use crate::{Order, Outcome};
use drivers::document_printer::{JobTicket, open};

pub fn probe(order: &Order) -> Outcome {
    let mut printer = open(&order.uri, "yimen-probe")?;
    let can = printer.capabilities()?;
    println!("{can:#?}");
    println!("{:#?}", printer.status()?);
    for format in can.formats {
        let ticket = JobTicket::a4("yimen-probe-validate", format);
        match printer.validate(&ticket)? {
            None => println!("{}: would be taken", format.mime()),
            Some(refusal) => println!("{}: {refusal}", format.mime()),
        }
    }
    println!("our jobs: {:?}", printer.active_jobs()?);
    Ok(())
}
