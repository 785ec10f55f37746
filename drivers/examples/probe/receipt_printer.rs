//! Asks a receipt printer's port and the printer itself, then prints a test slip.

use crate::{Order, Outcome};
use drivers::receipt_printer::{Bitmap, EscPosPrinter, PAPER_DOTS, ReceiptPrinter, connector};

pub fn probe(order: &Order) -> Outcome {
    let mut link = order.recorded(connector(&order.uri))?.open(115_200)?;
    match link.printer_port() {
        Some(port) => println!("port: {:?}, {:?}", port.device_id(), port.status()),
        None => println!("the port says nothing of the printer"),
    }
    drop(link);
    let mut printer = EscPosPrinter::new(order.recorded(connector(&order.uri))?);
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
