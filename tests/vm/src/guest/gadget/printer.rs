//! A receipt printer on `usb_f_printer`: the simulated mechanism behind the character device of the gadget.

use super::{Identity, Port};
use crate::report::eventually;
use anyhow::Result;
use drivers::{
    receipt_printer::simulator::{self, PrinterKnobs},
    simulation::MemoryConnector,
    transport::{Connector, Transport},
};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::{fd::AsRawFd, unix::fs::OpenOptionsExt},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use usb_gadget::function::printer::Printer;

/// `GADGET_SET_PRINTER_STATUS`, `_IOWR('g', 0x22, unsigned char)`; the argument is the status itself.
const SET_STATUS: libc::c_ulong = (3 << 30) | (1 << 16) | ((b'g' as libc::c_ulong) << 8) | 0x22;
const SELECTED: u8 = 0x10;
const NOT_ERROR: u8 = 0x08;
const PAPER_EMPTY: u8 = 0x20;

/// The gadget.
pub struct PrinterGadget {
    /// The mechanism.
    pub knobs: PrinterKnobs,
    /// While set, nothing is taken from the bus, as of a printer whose buffer is full.
    pub takes_nothing: Arc<AtomicBool>,
    node: File,
    port: Port,
}

impl PrinterGadget {
    /// Makes it and plugs it into a port.
    pub fn plug(number: usize) -> Result<Self> {
        let mut builder = Printer::builder();
        builder.pnp_string = Some("MFG:Yimen;MDL:Gadget 80;CMD:ESC/POS;CLS:PRINTER;".to_owned());
        let (_, function) = builder.build();
        let port = Port::plug(number, &Identity { vendor: 0x0416, product: 0x5011, serial: "SLIP" }, function)?;
        // The node can be opened once the host has configured the device.
        let node = eventually("/dev/g_printer0", || {
            let mut options = OpenOptions::new();
            Ok(options.read(true).write(true).custom_flags(libc::O_NONBLOCK).open("/dev/g_printer0")?)
        })?;
        let (bench, knobs) = simulator::bench();
        let gadget = Self { knobs, takes_nothing: Arc::default(), node: node.try_clone()?, port };
        gadget.say_status(NOT_ERROR | SELECTED)?;
        let (wire, takes_nothing) = (MemoryConnector(bench).open(0)?, gadget.takes_nothing.clone());
        std::thread::spawn(move || run(wire, node, &takes_nothing));
        Ok(gadget)
    }

    /// Takes the paper out, or puts it in.
    pub fn paper_out(&self, out: bool) -> Result<()> {
        self.knobs.paper_out(out);
        self.say_status(if out { SELECTED | PAPER_EMPTY } else { NOT_ERROR | SELECTED })
    }

    /// Pulls the cable.
    pub fn unplug(&self) -> Result<()> {
        self.port.unplug()
    }

    /// Puts it in again.
    pub fn replug(&self) -> Result<()> {
        self.port.replug()
    }

    fn say_status(&self, status: u8) -> Result<()> {
        // SAFETY: the argument is passed by value.
        let result = unsafe { libc::ioctl(self.node.as_raw_fd(), SET_STATUS, libc::c_ulong::from(status)) };
        anyhow::ensure!(result >= 0, "printer status: {}", io::Error::last_os_error());
        Ok(())
    }
}

/// Carries bytes between the bus and the mechanism.
fn run(mut wire: Box<dyn Transport>, mut node: File, takes_nothing: &AtomicBool) {
    let mut buffer = [0; 4096];
    loop {
        if takes_nothing.load(Ordering::Acquire) {
            std::thread::sleep(Duration::from_millis(10));
            continue;
        }
        let taken = match node.read(&mut buffer) {
            Ok(n) => n,
            Err(_) => 0,
        };
        let _ = wire.write_all(&buffer[..taken]);
        let wait = if taken == 0 { Duration::from_millis(5) } else { Duration::ZERO };
        if let Ok(n) = wire.read(&mut buffer, wait) {
            let _ = node.write_all(&buffer[..n]);
        }
    }
}
