//! A connector between a driver and its simulator that counts open wires, spoils what comes over them, or leads to
//! a device of another kind.

use drivers::{
    DeviceError,
    transport::{Connector, HidConnector, HidDevice, Transport, printer_port::PrinterPort},
};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

/// What a hand can do to the wire.
#[derive(Clone, Default)]
pub struct WireKnobs {
    open: Arc<AtomicUsize>,
    /// Reads that stay whole before those that are spoiled.
    whole: Arc<AtomicUsize>,
    /// Reads that are still to be spoiled.
    spoil: Arc<AtomicUsize>,
    leads_elsewhere: Arc<AtomicBool>,
}

/// The connector.
pub struct Watched<C> {
    pub inner: C,
    /// The device of another kind.
    pub other: Option<Box<dyn Connector>>,
    pub knobs: WireKnobs,
}

struct WatchedWire {
    inner: Box<dyn Transport>,
    knobs: WireKnobs,
}

impl WireKnobs {
    pub fn open_wires(&self) -> usize {
        self.open.load(SeqCst)
    }

    /// Bytes of so many reads are turned over.
    pub fn spoil(&self, reads: usize) {
        self.spoil_after(0, reads);
    }

    /// The same behind so many reads that stay whole.
    pub fn spoil_after(&self, whole: usize, reads: usize) {
        self.whole.store(whole, SeqCst);
        self.spoil.store(reads, SeqCst);
    }

    /// The next wire leads to the device of another kind, or back.
    pub fn lead_elsewhere(&self, elsewhere: bool) {
        self.leads_elsewhere.store(elsewhere, SeqCst);
    }

    fn watch(&self, inner: Box<dyn Transport>) -> Box<dyn Transport> {
        self.open.fetch_add(1, SeqCst);
        Box::new(WatchedWire { inner, knobs: self.clone() })
    }
}

impl Drop for WatchedWire {
    fn drop(&mut self) {
        self.knobs.open.fetch_sub(1, SeqCst);
    }
}

impl Transport for WatchedWire {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.inner.write_all(bytes)
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let n = self.inner.read(buffer, timeout)?;
        let one_less = |count: &AtomicUsize| count.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok();
        if !one_less(&self.knobs.whole) && one_less(&self.knobs.spoil) {
            buffer[..n].iter_mut().for_each(|byte| *byte = !*byte);
        }
        Ok(n)
    }

    fn discard_input(&mut self) -> io::Result<()> {
        self.inner.discard_input()
    }

    fn printer_port(&mut self) -> Option<&mut dyn PrinterPort> {
        self.inner.printer_port()
    }
}

impl Connector for Watched<Box<dyn Connector>> {
    fn open(&self, baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        let elsewhere = self.knobs.leads_elsewhere.load(SeqCst);
        let connector = self.other.as_ref().filter(|_| elsewhere).unwrap_or(&self.inner);
        Ok(self.knobs.watch(connector.open(baud)?))
    }

    fn rate_is_open(&self) -> bool {
        self.inner.rate_is_open()
    }
}

impl HidConnector for Watched<Box<dyn HidConnector>> {
    fn devices(&self) -> Result<Vec<HidDevice>, DeviceError> {
        let watch = |device: HidDevice| {
            let knobs = self.knobs.clone();
            let HidDevice { descriptor, open } = device;
            HidDevice { descriptor, open: Box::new(move || Ok(knobs.watch(open()?))) }
        };
        Ok(self.inner.devices()?.into_iter().map(watch).collect())
    }
}
