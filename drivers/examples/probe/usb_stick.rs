//! Says whether a stick is plugged in and may be opened; reads nothing of it.

use crate::{Order, Outcome};
use drivers::usb_stick;
use std::io::{Seek, SeekFrom};

pub fn probe(order: &Order) -> Outcome {
    let Some(stick) = usb_stick::open(&order.uri)?.look() else {
        println!("no stick is plugged in");
        return Ok(());
    };
    let bytes = stick.open()?.seek(SeekFrom::End(0))?;
    println!("a stick of {} MB is plugged in and may be read", bytes / 1_000_000);
    Ok(())
}
