//! SDT readers on a serial line, on USB in both styles of pipes and in HID reports. A barcode module stands in for the device of
//! another kind on the line, a printer on the bus.

use super::{
    Fault, Outcome, Phase, Subject,
    wire::{Watched, WireKnobs},
};
use drivers::{
    DeviceState, ErrorAction, UsbAddress,
    barcode_reader::simulator::module_bench,
    id_card_reader::{
        IdCardReader, ReadError, SdtHidConnector, SdtReader, SdtTimings, SdtUsbConnector,
        simulator::{Fault as AnswerFault, ReaderKnobs, Sam, SimulatedCard, bench},
    },
    simulation::{Bench, MemoryBus, MemoryConnector, MemoryReports},
    transport::{Connector, usb::InterfaceShape},
    uri::EndpointStyle,
};
use std::{sync::Arc, time::Duration};

/// Answers longer than this carry text and photo.
const LONG_ANSWER: usize = 100;
const HASTY: SdtTimings = SdtTimings {
    find_interval_ms: 5,
    answer_ms: 100,
    read_ms: 150,
    read_fingerprints_ms: 150,
    probe_ms: 60,
    quiet_ms: 2,
    quiet_max_ms: 50,
};

struct Reader {
    name: &'static str,
    driver: SdtReader,
    knobs: ReaderKnobs,
    wire: WireKnobs,
}

/// A reader behind a connector; `other` leads to the device of another kind.
fn reader(name: &'static str, own: Own, other: Box<dyn Connector>) -> Box<dyn Subject> {
    let (bench, knobs) = bench();
    let wire = WireKnobs::default();
    let connector = Watched { inner: own(bench), other: Some(other), knobs: wire.clone() };
    knobs.insert_card(SimulatedCard::from_text(*include_bytes!("../sdt/text_A.bin")));
    Box::new(Reader { name, driver: SdtReader::new(Box::new(connector)).with_timings(HASTY), knobs, wire })
}

type Own = fn(Arc<Bench<Sam>>) -> Box<dyn Connector>;

pub fn serial() -> Box<dyn Subject> {
    let (module, module_knobs) = module_bench();
    module_knobs.continuous(true);
    let own: Own = |bench| Box::new(MemoryConnector(bench));
    reader("ID-card reader, SDT on a serial line", own, Box::new(MemoryConnector(module)))
}

fn on_usb(bus: MemoryBus<Sam>) -> Box<dyn Connector> {
    let address = UsbAddress { vendor: 0x0400, product: 0xC35A, serial: None, port: None };
    Box::new(SdtUsbConnector { bus: Box::new(bus), address, style: None })
}

/// A USB printer that answers to the reader's VID:PID.
fn a_printer() -> Box<dyn Connector> {
    let shape = InterfaceShape { number: 0, setting: 0, class: 7, bulk_in: vec![0x81], bulk_out: vec![0x01] };
    on_usb(MemoryBus::new(bench().0, shape))
}

pub fn usb_two_pipes() -> Box<dyn Subject> {
    let own: Own = |bench| on_usb(MemoryBus::reader(bench, EndpointStyle::TwoPipes));
    reader("ID-card reader, SDT on USB, two pipes", own, a_printer())
}

pub fn usb_four_pipes() -> Box<dyn Subject> {
    let own: Own = |bench| on_usb(MemoryBus::reader(bench, EndpointStyle::FourPipes));
    reader("ID-card reader, SDT on USB, four pipes", own, a_printer())
}

pub fn hid() -> Box<dyn Subject> {
    let own: Own = |bench| Box::new(SdtHidConnector { hid: Box::new(MemoryReports(bench)) });
    let (module, module_knobs) = module_bench();
    module_knobs.continuous(true);
    let other = SdtHidConnector { hid: Box::new(MemoryReports(module)) };
    reader("ID-card reader, SDT in HID reports", own, Box::new(other))
}

impl Subject for Reader {
    fn name(&self) -> &'static str {
        self.name
    }

    fn ask(&mut self) -> Outcome {
        match self.driver.self_test() {
            Ok(_) => Outcome::fine("module named"),
            Err(error) => Outcome::from(&error),
        }
    }

    fn work(&mut self) -> Outcome {
        match self.driver.read_card(Duration::from_millis(50)) {
            Ok(Some(_)) => Outcome::fine("card read"),
            Ok(None) => {
                Outcome { state: DeviceState::Online, action: Some(ErrorAction::Clear), said: "no card".into() }
            }
            Err(ReadError::Device(error)) => Outcome::from(&error),
            Err(error) => {
                Outcome { state: DeviceState::Online, action: Some(ErrorAction::Clear), said: error.to_string() }
            }
        }
    }

    fn strike(&mut self, fault: Fault, phase: Phase) -> Result<(), &'static str> {
        let in_long = |fault| self.knobs.fault_in_long_answer(fault, LONG_ANSWER);
        match (fault, phase) {
            (Fault::Absent, _) => self.knobs.unplug(),
            (Fault::Silent, Phase::Idle) => self.knobs.silent(true),
            (Fault::Silent, Phase::Busy) => in_long(AnswerFault::Truncate(0)),
            (Fault::Garbled, Phase::Idle) => self.knobs.garble(),
            (Fault::Garbled, Phase::Busy) => in_long(AnswerFault::Garble),
            (Fault::Slow, _) => self.knobs.slow(Duration::from_millis(40)),
            (Fault::Unplugged, Phase::Idle) => self.knobs.unplug_mid_answer(5),
            (Fault::Unplugged, Phase::Busy) => in_long(AnswerFault::Unplug(600)),
            (Fault::OutOfSupply, _) => return Err("takes no supply"),
            (Fault::Jammed, _) => return Err("has no mechanism"),
            (Fault::WrongModel, _) => {
                self.knobs.unplug();
                let _ = self.driver.self_test();
                self.wire.lead_elsewhere(true);
            }
        }
        Ok(())
    }

    fn mend(&mut self, fault: Fault) -> &'static str {
        self.knobs.silent(false);
        self.knobs.slow(Duration::ZERO);
        self.wire.lead_elsewhere(false);
        self.knobs.replug();
        match fault {
            Fault::Absent | Fault::Unplugged => "plugged in",
            Fault::WrongModel => "the right device at the address",
            _ => "nothing, it ended by itself",
        }
    }

    fn open_wires(&self) -> Option<usize> {
        Some(self.wire.open_wires())
    }
}
