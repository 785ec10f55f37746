//! An ID-card reader over FunctionFS: the simulated SAM behind two or four bulk pipes.

use super::{Identity, Port};
use anyhow::Result;
use bytes::{Bytes, BytesMut};
use drivers::{
    id_card_reader::simulator::{self, ReaderKnobs},
    simulation::MemoryConnector,
    transport::{Connector, Transport},
    uri::EndpointStyle,
};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use usb_gadget::{
    Class,
    function::custom::{Custom, Endpoint, EndpointDirection, EndpointReceiver, EndpointSender, Interface},
};

/// Bytes of a frame that go over the first pair of four pipes.
const HEAD_BYTES: usize = 7;
/// One packet of the emulated bus.
const PACKET_BYTES: usize = 512;

/// The gadget.
pub struct ReaderGadget {
    /// What lies on it, and how it fails.
    pub knobs: ReaderKnobs,
    port: Arc<Port>,
    pull_at_answer: Arc<AtomicBool>,
    _custom: Custom,
}

/// The pipes, in the order in which they get their numbers.
struct Pipes {
    inputs: Vec<EndpointSender>,
    outputs: Vec<EndpointReceiver>,
}

impl ReaderGadget {
    /// Makes it and plugs it into a port.
    pub fn plug(number: usize, style: EndpointStyle, serial: &'static str) -> Result<Self> {
        let mut interface = Interface::new(Class::vendor_specific(0, 0), "SAM");
        let mut pipes = Pipes { inputs: Vec::new(), outputs: Vec::new() };
        for _ in 0..if style == EndpointStyle::FourPipes { 2 } else { 1 } {
            let (sender, input) = EndpointDirection::device_to_host();
            let (receiver, output) = EndpointDirection::host_to_device();
            interface = interface.with_endpoint(Endpoint::bulk(input)).with_endpoint(Endpoint::bulk(output));
            pipes.inputs.push(sender);
            pipes.outputs.push(receiver);
        }
        let (custom, handle) = Custom::builder().with_interface(interface).build();
        let identity = Identity { vendor: 0x0400, product: 0xC35A, serial };
        let port = Arc::new(Port::plug(number, &identity, handle)?);
        let (bench, knobs) = simulator::bench();
        let pull_at_answer = Arc::new(AtomicBool::new(false));
        let firmware = Firmware {
            wire: MemoryConnector(bench).open(0)?,
            port: port.clone(),
            pull_at_answer: pull_at_answer.clone(),
            pipes,
        };
        std::thread::spawn(move || firmware.run());
        Ok(Self { knobs, port, pull_at_answer, _custom: custom })
    }

    /// Pulls the cable.
    pub fn unplug(&self) -> Result<()> {
        self.port.unplug()
    }

    /// Puts it in again.
    pub fn replug(&self) -> Result<()> {
        self.port.replug()
    }

    /// The cable is pulled in the middle of the next long answer.
    pub fn unplug_mid_answer(&self) {
        self.pull_at_answer.store(true, Ordering::Release);
    }
}

struct Firmware {
    wire: Box<dyn Transport>,
    port: Arc<Port>,
    pull_at_answer: Arc<AtomicBool>,
    pipes: Pipes,
}

impl Firmware {
    fn run(mut self) {
        loop {
            // Nobody is there while the cable is out.
            if self.turn().is_err() {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }

    /// One request and its answer.
    fn turn(&mut self) -> io::Result<()> {
        for output in &mut self.pipes.outputs {
            let bytes = output.recv_and_fetch(BytesMut::with_capacity(PACKET_BYTES))?;
            self.wire.write_all(&bytes)?;
        }
        let mut answer = [0; 4096];
        let n = match self.wire.read(&mut answer, Duration::from_millis(300)) {
            Ok(n) => n,
            // A silent SAM.
            Err(e) if e.kind() == io::ErrorKind::TimedOut => return Ok(()),
            Err(e) => return Err(e),
        };
        let is_long = n > PACKET_BYTES;
        if is_long && self.pull_at_answer.swap(false, Ordering::AcqRel) {
            self.send(&answer[..PACKET_BYTES])?;
            return self.port.unplug().map_err(io::Error::other);
        }
        self.send(&answer[..n])
    }

    fn send(&mut self, answer: &[u8]) -> io::Result<()> {
        let (first, rest) = match self.pipes.inputs.len() {
            1 => (answer, &[][..]),
            _ => answer.split_at(HEAD_BYTES.min(answer.len())),
        };
        for (input, bytes) in self.pipes.inputs.iter_mut().zip([first, rest]) {
            if !bytes.is_empty() {
                input.send_and_flush(Bytes::copy_from_slice(bytes))?;
            }
        }
        Ok(())
    }
}
