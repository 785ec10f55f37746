//! An ESC/POS printer on a wire and on USB. An ID-card reader stands in for the device of another kind.

use super::{
    Fault, Outcome, Phase, Subject,
    wire::{Watched, WireKnobs},
};
use drivers::{
    DeviceState, UsbAddress, id_card_reader,
    receipt_printer::{
        Bitmap, EscPosPrinter, EscPosTimings, PrintFailure, PrintOutcome, ReceiptPrinter, Trouble,
        simulator::{self, PrinterKnobs, bench},
    },
    simulation::{Bench, MemoryBus, MemoryConnector},
    transport::{
        Connector,
        usb::{InterfaceShape, UsbBus, UsbPrinterConnector},
    },
    uri::EndpointStyle,
};
use std::sync::Arc;

const HASTY: EscPosTimings = EscPosTimings { status_ms: 60, fence_look_ms: 10, fence_ms: 200 };
const ROWS: usize = 100;

struct Printer {
    name: &'static str,
    driver: EscPosPrinter,
    knobs: PrinterKnobs,
    wire: WireKnobs,
}

/// A printer behind a connector; `other` leads to the device of another kind.
fn printer(name: &'static str, own: Own, other: Box<dyn Connector>) -> Box<dyn Subject> {
    let (bench, knobs) = bench();
    let wire = WireKnobs::default();
    let connector = Watched { inner: own(bench), other: Some(other), knobs: wire.clone() };
    let driver = EscPosPrinter::new(Box::new(connector)).with_timings(HASTY);
    Box::new(Printer { name, driver, knobs, wire })
}

type Own = fn(Arc<Bench<simulator::Printer>>) -> Box<dyn Connector>;

pub fn serial() -> Box<dyn Subject> {
    let own: Own = |bench| Box::new(MemoryConnector(bench));
    let other = MemoryConnector(id_card_reader::simulator::bench().0);
    printer("Receipt printer, ESC/POS on a serial line", own, Box::new(other))
}

fn on_usb(bus: impl UsbBus + 'static) -> Box<dyn Connector> {
    let address = UsbAddress { vendor: 0x0416, product: 0x5011, serial: None, port: None };
    Box::new(UsbPrinterConnector { bus: Box::new(bus), address })
}

pub fn usb() -> Box<dyn Subject> {
    let own: Own = |bench| {
        let shape = InterfaceShape { number: 0, setting: 0, class: 7, bulk_in: vec![0x82], bulk_out: vec![0x01] };
        on_usb(MemoryBus::new(bench, shape))
    };
    let reader = MemoryBus::reader(id_card_reader::simulator::bench().0, EndpointStyle::TwoPipes);
    printer("Receipt printer, ESC/POS on USB", own, on_usb(reader))
}

fn of_trouble(trouble: Trouble, state: DeviceState, said: &str) -> Outcome {
    Outcome { state, action: Some(trouble.action()), said: format!("{said}{trouble:?}") }
}

impl Printer {
    fn state_now(&mut self) -> DeviceState {
        self.driver.status().map_or_else(|error| error.state(), |status| status.state())
    }

    fn failed(&mut self, failure: PrintFailure, said: &str) -> Outcome {
        match failure {
            PrintFailure::Trouble(trouble) => {
                let state = self.state_now();
                of_trouble(trouble, state, said)
            }
            PrintFailure::Device(error) => {
                let outcome = Outcome::from(&error);
                Outcome { said: format!("{said}{}", outcome.said), ..outcome }
            }
        }
    }
}

impl Subject for Printer {
    fn name(&self) -> &'static str {
        self.name
    }

    fn ask(&mut self) -> Outcome {
        match self.driver.status() {
            Ok(status) => match status.trouble {
                None => Outcome::fine("ready"),
                Some(trouble) => of_trouble(trouble, status.state(), ""),
            },
            Err(error) => Outcome::from(&error),
        }
    }

    fn work(&mut self) -> Outcome {
        let mut slip = Bitmap::new(48, ROWS);
        (0..48).for_each(|x| slip.set(x, x));
        match self.driver.print(&slip) {
            PrintOutcome::Printed => Outcome::fine("printed"),
            PrintOutcome::NotPrinted(failure) => self.failed(failure, "not printed: "),
            PrintOutcome::NotCertain(failure) => self.failed(failure, "not certain: "),
        }
    }

    fn strike(&mut self, fault: Fault, phase: Phase) -> Result<(), &'static str> {
        match (fault, phase) {
            (Fault::Absent, _) => self.knobs.unplug(),
            (Fault::Silent, Phase::Idle) => self.knobs.silent(true),
            // It answers how it is, but not the fence behind the slip.
            (Fault::Silent, Phase::Busy) => self.knobs.hold(true),
            (Fault::Garbled, Phase::Idle) => self.wire.spoil(1),
            // Status is asked with three questions before the slip goes out.
            (Fault::Garbled, Phase::Busy) => self.wire.spoil_after(3, usize::MAX),
            (Fault::Slow, _) => self.knobs.slow(Some(1_000)),
            (Fault::Unplugged, Phase::Idle) => self.knobs.unplug(),
            (Fault::Unplugged, Phase::Busy) => self.knobs.unplug_after(ROWS / 2),
            (Fault::OutOfSupply, Phase::Idle) => self.knobs.paper_out(true),
            (Fault::OutOfSupply, Phase::Busy) => self.knobs.paper_out_after(ROWS / 2),
            (Fault::Jammed, Phase::Idle) => self.knobs.jam(true),
            (Fault::Jammed, Phase::Busy) => self.knobs.jam_at_next_cut(),
            (Fault::WrongModel, _) => {
                self.knobs.unplug();
                let _ = self.driver.status();
                self.wire.lead_elsewhere(true);
            }
        }
        Ok(())
    }

    fn mend(&mut self, fault: Fault) -> &'static str {
        self.knobs.silent(false);
        self.knobs.hold(false);
        self.knobs.slow(None);
        self.knobs.paper_out(false);
        self.knobs.jam(false);
        self.wire.spoil(0);
        self.wire.lead_elsewhere(false);
        self.knobs.replug();
        match fault {
            Fault::Absent | Fault::Unplugged => "plugged in",
            Fault::OutOfSupply => "paper put in",
            Fault::Jammed => "jam freed",
            Fault::WrongModel => "the right device at the address",
            _ => "nothing, it ended by itself",
        }
    }

    fn open_wires(&self) -> Option<usize> {
        Some(self.wire.open_wires())
    }
}
