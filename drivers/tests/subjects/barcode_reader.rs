//! The three kinds of barcode readers, each on its wire.

use super::{
    Fault, Outcome, Phase, Subject,
    wire::{Watched, WireKnobs},
};
use drivers::{
    DeviceError,
    barcode_reader::{
        BarcodeReader, HidPosReader, KeyboardWedge, ModuleTimings, Scan, SerialModule,
        simulator::{
            COUNTED_DESCRIPTOR, CodeFault, KEYBOARD_DESCRIPTOR, KeyboardKnobs, ModuleKnobs, PosKnobs, ReportFault,
            hid_pos_bench, keyboard_bench, module_bench,
        },
    },
    quirk::barcode_reader::USUAL,
    simulation::MemoryConnector,
    transport::{Connector, HidConnector},
};
use std::time::Duration;

const CODE: &str = "370100-0017-20260101";
const SHORTLY: Duration = Duration::from_millis(400);
const HASTY: ModuleTimings = ModuleTimings { answer_ms: 100, stop_ms: 30 };
const SAYS_NOTHING: &str = "says nothing when it is asked";
const NO_SUPPLY: &str = "takes no supply";
const NO_MECHANISM: &str = "has no mechanism";

fn watched(inner: impl Connector + 'static) -> (Box<dyn Connector>, WireKnobs) {
    let knobs = WireKnobs::default();
    let inner: Box<dyn Connector> = Box::new(inner);
    (Box::new(Watched { inner, other: None, knobs: knobs.clone() }), knobs)
}

fn scanned(result: Result<Option<Scan>, DeviceError>) -> Outcome {
    match result {
        Ok(Some(scan)) if scan.bytes() == CODE.as_bytes() => Outcome::fine("code read"),
        Ok(Some(_)) => panic!("another code than was shown"),
        Ok(None) => Outcome::fine("no code"),
        Err(error) => Outcome::from(&error),
    }
}

fn asked(result: Result<(), DeviceError>, fine: &str) -> Outcome {
    result.map_or_else(|error| Outcome::from(&error), |()| Outcome::fine(fine))
}

fn hand(fault: Fault) -> &'static str {
    match fault {
        Fault::Absent | Fault::Unplugged => "plugged in",
        Fault::WrongModel => "the right device at the address",
        _ => "nothing, it ended by itself",
    }
}

struct Module {
    driver: SerialModule,
    knobs: ModuleKnobs,
    wire: WireKnobs,
}

pub fn module() -> Box<dyn Subject> {
    let (bench, knobs) = module_bench();
    let (connector, wire) = watched(MemoryConnector(bench));
    knobs.show(CODE.as_bytes());
    Box::new(Module { driver: SerialModule::new(connector, USUAL).with_timings(HASTY), knobs, wire })
}

impl Subject for Module {
    fn name(&self) -> &'static str {
        "Barcode reader, GM65 on a serial line"
    }

    fn ask(&mut self) -> Outcome {
        asked(self.driver.self_test(), "mode told")
    }

    fn work(&mut self) -> Outcome {
        scanned(self.driver.scan(SHORTLY))
    }

    fn strike(&mut self, fault: Fault, phase: Phase) -> Result<(), &'static str> {
        let spoil = |fault| match phase {
            Phase::Idle => self.knobs.spoil_answer(fault),
            Phase::Busy => self.knobs.spoil_code(fault),
        };
        match fault {
            Fault::Absent => self.knobs.unplug(),
            Fault::Silent => self.knobs.silent(true),
            // A code that is turned over is a code all the same (8N1 has no parity): damage shows in its length.
            Fault::Garbled if phase == Phase::Busy => spoil(CodeFault::Truncate(9)),
            Fault::Garbled => spoil(CodeFault::Truncate(5)),
            Fault::Slow => self.knobs.slow(Duration::from_millis(60)),
            Fault::Unplugged => spoil(CodeFault::Unplug(4)),
            Fault::OutOfSupply => return Err(NO_SUPPLY),
            Fault::Jammed => return Err(NO_MECHANISM),
            Fault::WrongModel => self.knobs.other_model(true),
        }
        Ok(())
    }

    fn mend(&mut self, fault: Fault) -> &'static str {
        self.knobs.silent(false);
        self.knobs.other_model(false);
        self.knobs.slow(Duration::ZERO);
        self.knobs.replug();
        hand(fault)
    }

    fn open_wires(&self) -> Option<usize> {
        Some(self.wire.open_wires())
    }
}

struct Wedge {
    driver: KeyboardWedge,
    knobs: KeyboardKnobs,
    wire: WireKnobs,
    /// What is typed at the next work instead of the code.
    spoilt: Option<Fault>,
}

pub fn wedge() -> Box<dyn Subject> {
    let (bench, knobs) = keyboard_bench();
    let (connector, wire) = watched(MemoryConnector(bench));
    Box::new(Wedge { driver: KeyboardWedge::new(connector), knobs, wire, spoilt: None })
}

impl Subject for Wedge {
    fn name(&self) -> &'static str {
        "Barcode reader, HID keyboard wedge"
    }

    fn ask(&mut self) -> Outcome {
        asked(self.driver.self_test(), "held")
    }

    fn work(&mut self) -> Outcome {
        // What was typed before somebody waits is thrown away.
        if let Err(error) = self.driver.scan(Duration::ZERO) {
            return Outcome::from(&error);
        }
        match self.spoilt.take() {
            Some(Fault::Garbled) => self.knobs.show_with_loss(CODE),
            Some(Fault::Unplugged) => {
                self.knobs.unplug_after(9);
                self.knobs.show(CODE);
            }
            _ => self.knobs.show(CODE),
        }
        scanned(self.driver.scan(SHORTLY))
    }

    fn strike(&mut self, fault: Fault, phase: Phase) -> Result<(), &'static str> {
        match (fault, phase) {
            (Fault::Absent, _) => self.knobs.unplug(),
            (Fault::Silent, _) => return Err("looks like one to which nobody shows a code"),
            (Fault::Garbled, Phase::Idle) => return Err(SAYS_NOTHING),
            (Fault::Unplugged, Phase::Idle) => self.knobs.unplug(),
            (Fault::Garbled | Fault::Unplugged, Phase::Busy) => self.spoilt = Some(fault),
            (Fault::Slow, _) => self.knobs.slow(Duration::from_micros(500)),
            (Fault::OutOfSupply, _) => return Err(NO_SUPPLY),
            (Fault::Jammed, _) => return Err(NO_MECHANISM),
            (Fault::WrongModel, _) => {
                return Err("found by VID:PID and keys; what is no evdev node is refused at opening");
            }
        }
        Ok(())
    }

    fn mend(&mut self, fault: Fault) -> &'static str {
        self.knobs.slow(Duration::ZERO);
        self.knobs.replug();
        hand(fault)
    }

    fn open_wires(&self) -> Option<usize> {
        Some(self.wire.open_wires())
    }
}

struct Pos {
    driver: HidPosReader,
    knobs: PosKnobs,
    wire: WireKnobs,
}

pub fn hid_pos() -> Box<dyn Subject> {
    let (connector, knobs) = hid_pos_bench();
    let wire = WireKnobs::default();
    let inner: Box<dyn HidConnector> = Box::new(connector);
    let connector = Watched { inner, other: None, knobs: wire.clone() };
    Box::new(Pos { driver: HidPosReader::new(Box::new(connector)), knobs, wire })
}

impl Subject for Pos {
    fn name(&self) -> &'static str {
        "Barcode reader, HID-POS"
    }

    fn ask(&mut self) -> Outcome {
        asked(self.driver.self_test(), "described")
    }

    fn work(&mut self) -> Outcome {
        if let Err(error) = self.driver.scan(Duration::ZERO) {
            return Outcome::from(&error);
        }
        self.knobs.show(CODE.as_bytes());
        scanned(self.driver.scan(SHORTLY))
    }

    fn strike(&mut self, fault: Fault, phase: Phase) -> Result<(), &'static str> {
        match (fault, phase) {
            (Fault::Absent, _) => self.knobs.unplug(),
            (Fault::Silent, _) => return Err("looks like one to which nobody shows a code"),
            (Fault::Garbled, Phase::Idle) => return Err(SAYS_NOTHING),
            (Fault::Unplugged, Phase::Idle) => self.knobs.unplug(),
            (Fault::Garbled, Phase::Busy) => self.knobs.spoil_code(ReportFault::Garble),
            (Fault::Unplugged, Phase::Busy) => self.knobs.spoil_code(ReportFault::Unplug(0)),
            (Fault::Slow, _) => self.knobs.slow(Duration::from_millis(60)),
            (Fault::OutOfSupply, _) => return Err(NO_SUPPLY),
            (Fault::Jammed, _) => return Err(NO_MECHANISM),
            (Fault::WrongModel, _) => {
                self.knobs.unplug();
                let _ = self.driver.scan(Duration::ZERO);
                self.knobs.describe(KEYBOARD_DESCRIPTOR);
                self.knobs.replug();
            }
        }
        Ok(())
    }

    fn mend(&mut self, fault: Fault) -> &'static str {
        self.knobs.slow(Duration::ZERO);
        self.knobs.describe(COUNTED_DESCRIPTOR);
        self.knobs.replug();
        hand(fault)
    }

    fn open_wires(&self) -> Option<usize> {
        Some(self.wire.open_wires())
    }
}
