//! An ID-card reader with the exact endpoints of the field (81, 85, 02, 06) at full speed: a usbip server in this
//! process, imported by `vhci_hcd`. It cannot make its host wait, so it answers with empty packets.

use super::{card, fails, reader, reads};
use crate::report::{Report, eventually};
use anyhow::{Context, Result, ensure};
use drivers::{
    DeviceErrorKind::{NotFound, Unplugged},
    id_card_reader::simulator::{self, ReaderKnobs},
    simulation::MemoryConnector,
    transport::{Connector, Transport},
};
use std::{
    any::Any,
    io::{self, Read, Write},
    os::{fd::AsRawFd, unix::net::UnixStream},
    sync::{Arc, Mutex},
    time::Duration,
};
use usbip::{SetupPacket, UsbDevice, UsbEndpoint, UsbInterface, UsbInterfaceHandler, UsbIpServer};

const VHCI: &str = "/sys/devices/platform/vhci_hcd.0";
const HEAD_BYTES: usize = 7;
/// `usb_device_speed` of the kernel.
const FULL_SPEED: u32 = 2;
/// Bus and device number in one word, as the server's device says them.
const DEVICE_ID: u32 = 0;

pub fn run(report: &mut Report) {
    let (bench, knobs) = simulator::bench();
    let Some(wire) = report.made("a usbip reader is made", MemoryConnector(bench).open(0).map_err(Into::into)) else {
        return;
    };
    let sam = Arc::new(Mutex::new(
        Box::new(SamHandler { wire, request: Vec::new(), head_left: 0 }) as Box<dyn UsbInterfaceHandler + Send>
    ));
    report.case("rusb, usbip, endpoints 81 85 02 06 at full speed: read, detached, attached, read", || {
        attached_and_back(&sam, &knobs)
    });
}

fn attached_and_back(sam: &Arc<Mutex<Box<dyn UsbInterfaceHandler + Send>>>, knobs: &ReaderKnobs) -> Result<()> {
    knobs.insert_card(card());
    let mut reader = reader("usb://0400:C35A?serial=USBIP")?;
    attach(sam.clone())?;
    eventually("a card", || reads(reader.as_mut()))?;
    std::fs::write(format!("{VHCI}/detach"), "0").context("detach")?;
    fails(reader.as_mut(), &[Unplugged, NotFound])?;
    eventually("the device is gone", || fails(reader.as_mut(), &[NotFound]))?;
    eventually("the port is free", || attach(sam.clone()))?;
    eventually("a card", || reads(reader.as_mut()))
}

/// Serves the device on one end of a socket pair and gives the other end to the kernel.
fn attach(sam: Arc<Mutex<Box<dyn UsbInterfaceHandler + Send>>>) -> Result<()> {
    let (ours, theirs) = UnixStream::pair()?;
    theirs.set_nonblocking(true)?;
    std::thread::spawn(move || -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        runtime.block_on(async {
            let server = Arc::new(UsbIpServer::new_simulated(vec![device(sam)]));
            let mut socket = tokio::net::UnixStream::from_std(theirs)?;
            usbip::handler(&mut socket, server).await
        })?;
        Ok(())
    });
    import(&ours)?;
    let order = format!("0 {} {DEVICE_ID} {FULL_SPEED}", ours.as_raw_fd());
    std::fs::write(format!("{VHCI}/attach"), order).context("attach")
}

/// `OP_REQ_IMPORT` of the usbip protocol; the device's description that comes back is not needed.
fn import(mut socket: &UnixStream) -> Result<()> {
    let mut request = vec![0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0];
    let mut bus_id = b"0-0-0".to_vec();
    bus_id.resize(32, 0);
    request.extend(bus_id);
    socket.write_all(&request)?;
    let mut reply = [0; 8 + 312];
    socket.read_exact(&mut reply)?;
    ensure!(reply[4..8] == [0; 4], "the server refuses the import");
    Ok(())
}

fn device(sam: Arc<Mutex<Box<dyn UsbInterfaceHandler + Send>>>) -> UsbDevice {
    let endpoint = |address| UsbEndpoint { address, attributes: 2, max_packet_size: 64, interval: 0 };
    let endpoints = [0x81, 0x85, 0x02, 0x06].map(endpoint).to_vec();
    let mut device = UsbDevice::new(0).with_interface(0xFF, 0, 0, Some("SAM"), endpoints, sam);
    (device.vendor_id, device.product_id, device.speed) = (0x0400, 0xC35A, FULL_SPEED);
    device.set_serial_number("USBIP");
    device
}

/// The firmware: four pipes before the simulated SAM.
struct SamHandler {
    wire: Box<dyn Transport>,
    request: Vec<u8>,
    head_left: usize,
}

impl std::fmt::Debug for SamHandler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SamHandler")
    }
}

impl UsbInterfaceHandler for SamHandler {
    fn get_class_specific_descriptor(&self) -> Vec<u8> {
        Vec::new()
    }

    fn handle_urb(
        &mut self,
        _interface: &UsbInterface,
        endpoint: UsbEndpoint,
        length: u32,
        _setup: SetupPacket,
        bytes: &[u8],
    ) -> io::Result<Vec<u8>> {
        match endpoint.address {
            0x02 => self.request = bytes.to_vec(),
            0x06 => {
                self.request.extend_from_slice(bytes);
                self.wire.write_all(&std::mem::take(&mut self.request))?;
                self.head_left = HEAD_BYTES;
            }
            0x81 if self.head_left > 0 => {
                let head = self.take(self.head_left)?;
                self.head_left -= head.len();
                return Ok(head);
            }
            0x85 if self.head_left == 0 => return self.take(length as usize),
            _ => {}
        }
        Ok(Vec::new())
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

impl SamHandler {
    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        match self.wire.read(&mut bytes, Duration::ZERO) {
            Ok(n) => bytes.truncate(n),
            Err(e) if e.kind() == io::ErrorKind::TimedOut => bytes.clear(),
            Err(e) => return Err(e),
        }
        Ok(bytes)
    }
}
