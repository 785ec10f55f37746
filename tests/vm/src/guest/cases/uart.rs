//! ID-card readers on real UARTs with modem lines: QEMU's 16550 and its USB adapter (FTDI), a simulated SAM on the
//! host behind each.

use super::{fails, reader, reads};
use crate::report::{Report, eventually, open_descriptors};
use anyhow::{Result, ensure};
use drivers::DeviceErrorKind::{NotFound, Unplugged};
use std::path::Path;

const ADAPTER: &str = "/dev/ttyUSB0";

pub fn run(report: &mut Report) {
    report.case("16550: a card is read with modem lines raised, at a rate that is looked for", || {
        reads(reader("serial:///dev/ttyS1?lines=on")?.as_mut())?;
        reads(reader("serial:///dev/ttyS1?baud=115200&lines=on")?.as_mut())
    });
    report.case("USB adapter: read, unplugged, plugged in at the same node, read", || {
        let mut reader = reader("serial:///dev/ttyUSB0?baud=115200&lines=on")?;
        eventually("a card", || reads(reader.as_mut()))?;
        println!("@ host unplug");
        eventually("the adapter goes", || {
            ensure!(!Path::new(ADAPTER).exists(), "it is still there");
            Ok(())
        })?;
        fails(reader.as_mut(), &[Unplugged, NotFound])?;
        fails(reader.as_mut(), &[NotFound])?;
        ensure!(open_descriptors("ttyUSB") == 0, "a descriptor of the adapter that is gone");
        println!("@ host replug");
        eventually("a card after the replug", || reads(reader.as_mut()))?;
        second_node()
    });
}

fn second_node() -> Result<()> {
    ensure!(!Path::new("/dev/ttyUSB1").exists(), "the adapter got another node");
    Ok(())
}
