//! An ID-card reader that speaks in HID reports of 64 bytes, after the public description of 2B8B:2721.

use super::{Identity, Port};
use anyhow::{Context, Result};
use drivers::{
    id_card_reader::simulator::{self, ReaderKnobs},
    simulation::MemoryConnector,
    transport::{Connector, Transport},
};
use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    time::Duration,
};
use usb_gadget::function::hid::Hid;

const REPORT_BYTES: usize = 64;
/// One report of 64 bytes each way, on a page of the maker's own.
const DESCRIPTOR: &[u8] = &[
    0x06, 0x00, 0xFF, 0x09, 0x01, 0xA1, 0x01, 0x09, 0x02, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, 0x95, 0x40, 0x81,
    0x02, 0x09, 0x03, 0x75, 0x08, 0x95, 0x40, 0x91, 0x02, 0xC0,
];

/// The gadget.
pub struct HidReaderGadget {
    /// What lies on it, and how it fails.
    pub knobs: ReaderKnobs,
    /// Its cable.
    pub port: Port,
    _hid: Hid,
}

impl HidReaderGadget {
    /// Makes it and plugs it into a port.
    pub fn plug(number: usize) -> Result<Self> {
        let mut builder = Hid::builder();
        (builder.report_len, builder.report_desc) = (REPORT_BYTES as u8, DESCRIPTOR.to_vec());
        let (hid, function) = builder.build();
        let port = Port::plug(number, &Identity { vendor: 0x2B8B, product: 0x2721, serial: "HID" }, function)?;
        let node = hid.device_path().context("no node of the reader")?;
        let node = OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open(node)?;
        let (bench, knobs) = simulator::bench();
        let wire = MemoryConnector(bench).open(0)?;
        std::thread::spawn(move || run(wire, node));
        Ok(Self { knobs, port, _hid: hid })
    }
}

/// Carries reports between the bus and the SAM, as many as an answer needs.
fn run(mut wire: Box<dyn Transport>, mut node: File) {
    let mut answer = [0; 4096];
    loop {
        let mut report = [0; REPORT_BYTES];
        if let Ok(n) = node.read(&mut report) {
            let _ = wire.write_all(&report[..n]);
        }
        let Ok(n) = wire.read(&mut answer, Duration::from_millis(5)) else { continue };
        for piece in answer[..n].chunks(REPORT_BYTES) {
            let mut report = [0; REPORT_BYTES];
            report[..piece.len()].copy_from_slice(piece);
            // The endpoint takes one report at a time; while the cable is out it takes none.
            for _ in 0..200 {
                match node.write(&report) {
                    Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    _ => break,
                }
            }
        }
    }
}
