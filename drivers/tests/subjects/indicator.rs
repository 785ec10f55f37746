//! A relay board on its wire.

use super::{
    Fault, Outcome, Phase, Subject,
    wire::{Watched, WireKnobs},
};
use drivers::{
    DeviceError,
    indicator::{
        FlashRate, Indicators, Light, ModbusLine, ModbusTimings, RelayBoard, Wiring,
        simulator::{BoardFault, BoardKnobs, bench},
    },
    simulation::MemoryConnector,
    transport::Connector,
};
use std::time::Duration;

/// A request is sent twice, so a fault that shall be seen strikes twice.
const ATTEMPTS: usize = 2;
const ILLEGAL_FUNCTION: u8 = 0x01;

struct Board {
    driver: RelayBoard,
    knobs: BoardKnobs,
    wire: WireKnobs,
    is_lit: bool,
}

pub fn board() -> Box<dyn Subject> {
    let (bench, knobs) = bench();
    let wire = WireKnobs::default();
    let inner: Box<dyn Connector> = Box::new(MemoryConnector(bench));
    let connector = Watched { inner, other: None, knobs: wire.clone() };
    let line = ModbusLine::new(Box::new(connector), 1)
        .with_timings(ModbusTimings { answer_ms: 60, ..ModbusTimings::default() });
    Box::new(Board { driver: RelayBoard::new(line, Wiring::default()), knobs, wire, is_lit: false })
}

fn outcome(result: Result<(), DeviceError>, fine: &str) -> Outcome {
    result.map_or_else(|error| Outcome::from(&error), |()| Outcome::fine(fine))
}

impl Subject for Board {
    fn name(&self) -> &'static str {
        "Indicators, Modbus-RTU on a serial line"
    }

    fn ask(&mut self) -> Outcome {
        outcome(self.driver.self_test(), "coils and inputs told")
    }

    fn work(&mut self) -> Outcome {
        self.is_lit = !self.is_lit;
        let rate = if self.is_lit { FlashRate::Continuous } else { FlashRate::Off };
        let set = self.driver.set_light(Light::CardReader, rate);
        let outcome = outcome(set, "light set");
        assert!(!outcome.is_fine() || self.knobs.coils()[0] == self.is_lit, "said to be set and is not");
        outcome
    }

    fn strike(&mut self, fault: Fault, _phase: Phase) -> Result<(), &'static str> {
        match fault {
            Fault::Absent => self.knobs.unplug(),
            Fault::Silent => self.knobs.silent(true),
            Fault::Garbled => self.knobs.spoil(BoardFault::Garble, ATTEMPTS),
            Fault::Slow => self.knobs.slow(Duration::from_millis(25)),
            Fault::Unplugged => self.knobs.spoil(BoardFault::Unplug(3), 1),
            Fault::OutOfSupply => return Err("takes no supply"),
            Fault::Jammed => return Err("has no mechanism"),
            Fault::WrongModel => self.knobs.exception(Some(ILLEGAL_FUNCTION)),
        }
        Ok(())
    }

    fn mend(&mut self, fault: Fault) -> &'static str {
        self.knobs.silent(false);
        self.knobs.slow(Duration::ZERO);
        self.knobs.exception(None);
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
