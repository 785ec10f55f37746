//! Barcode readers: a GM65 module as CDC-ACM serial port, and a keyboard wedge.

use super::{Identity, Port};
use anyhow::{Context, Result, anyhow};
use drivers::{
    barcode_reader::simulator::{self, ModuleKnobs},
    simulation::MemoryConnector,
    transport::{Connector, Transport},
};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::{fd::AsRawFd, unix::fs::OpenOptionsExt},
    path::PathBuf,
    time::Duration,
};
use usb_gadget::function::{
    hid::Hid,
    serial::{Serial, SerialClass},
};

/// A serial module.
pub struct ModuleGadget {
    /// What is held before it, and how it fails.
    pub knobs: ModuleKnobs,
    /// Its cable.
    pub port: Port,
    _serial: Serial,
}

impl ModuleGadget {
    /// Makes it and plugs it into a port.
    pub fn plug(number: usize) -> Result<Self> {
        let (serial, function) = Serial::new(SerialClass::Acm);
        let port = Port::plug(number, &Identity { vendor: 0x0525, product: 0xA4A7, serial: "GM65" }, function)?;
        let (bench, knobs) = simulator::module_bench();
        let (wire, tty) = (MemoryConnector(bench).open(0)?, serial.tty()?);
        std::thread::spawn(move || run(wire, &tty));
        Ok(Self { knobs, port, _serial: serial })
    }
}

/// Carries bytes between the bus and the module; the terminal hangs up when the cable is pulled.
fn run(mut wire: Box<dyn Transport>, tty: &PathBuf) {
    let mut buffer = [0; 1024];
    loop {
        let Ok(mut port) = open_raw(tty) else {
            std::thread::sleep(Duration::from_millis(20));
            continue;
        };
        loop {
            match port.read(&mut buffer) {
                Ok(n) if n > 0 => {
                    let _ = wire.write_all(&buffer[..n]);
                }
                Ok(_) => break,
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => break,
            }
            if let Ok(n) = wire.read(&mut buffer, Duration::from_millis(5))
                && port.write_all(&buffer[..n]).is_err()
            {
                break;
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn open_raw(tty: &PathBuf) -> io::Result<File> {
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = OpenOptions::new().read(true).write(true).custom_flags(flags).open(tty)?;
    // SAFETY: zeroes are a valid termios, and both calls get a valid pointer to it.
    unsafe {
        let mut settings: libc::termios = std::mem::zeroed();
        if libc::tcgetattr(file.as_raw_fd(), &mut settings) == 0 {
            libc::cfmakeraw(&mut settings);
            settings.c_cc[libc::VMIN] = 1;
            libc::tcsetattr(file.as_raw_fd(), libc::TCSANOW, &settings);
        }
    }
    Ok(file)
}

/// A keyboard wedge.
pub struct WedgeGadget {
    /// Its cable.
    pub port: Port,
    node: File,
    _hid: Hid,
}

/// A boot keyboard (HID 1.11, appendix B.1).
const KEYBOARD: &[u8] = &[
    0x05, 0x01, 0x09, 0x06, 0xA1, 0x01, 0x05, 0x07, 0x19, 0xE0, 0x29, 0xE7, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95,
    0x08, 0x81, 0x02, 0x95, 0x01, 0x75, 0x08, 0x81, 0x03, 0x95, 0x05, 0x75, 0x01, 0x05, 0x08, 0x19, 0x01, 0x29, 0x05,
    0x91, 0x02, 0x95, 0x01, 0x75, 0x03, 0x91, 0x03, 0x95, 0x06, 0x75, 0x08, 0x15, 0x00, 0x25, 0x65, 0x05, 0x07, 0x19,
    0x00, 0x29, 0x65, 0x81, 0x00, 0xC0,
];
const LEFT_SHIFT: u8 = 0x02;
const ENTER: u8 = 0x28;

impl WedgeGadget {
    /// Makes it and plugs it into a port.
    pub fn plug(number: usize) -> Result<Self> {
        let mut builder = Hid::builder();
        (builder.protocol, builder.sub_class, builder.report_len) = (1, 1, 8);
        builder.report_desc = KEYBOARD.to_vec();
        let (hid, function) = builder.build();
        let port = Port::plug(number, &Identity { vendor: 0x1EAB, product: 0x0022, serial: "WEDGE" }, function)?;
        let node = hid.device_path().context("no node of the keyboard")?;
        let node = OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open(node)?;
        Ok(Self { port, node, _hid: hid })
    }

    /// Types a code and enter.
    pub fn types(&mut self, code: &str) -> Result<()> {
        for character in code.chars().map(Some).chain([None]) {
            let (modifier, key) = match character {
                Some(c) => usage(c).ok_or_else(|| anyhow!("no key for {c:?}"))?,
                None => (0, ENTER),
            };
            self.report([modifier, 0, key, 0, 0, 0, 0, 0])?;
            self.report([0; 8])?;
        }
        Ok(())
    }

    fn report(&mut self, report: [u8; 8]) -> Result<()> {
        crate::report::eventually("a report is taken", || Ok(self.node.write_all(&report)?))
    }
}

/// Modifier and usage of a character on the keyboard's page.
fn usage(character: char) -> Option<(u8, u8)> {
    Some(match character {
        'a'..='z' => (0, 0x04 + (character as u8 - b'a')),
        'A'..='Z' => (LEFT_SHIFT, 0x04 + (character as u8 - b'A')),
        '1'..='9' => (0, 0x1E + (character as u8 - b'1')),
        '0' => (0, 0x27),
        '-' => (0, 0x2D),
        _ => return None,
    })
}
