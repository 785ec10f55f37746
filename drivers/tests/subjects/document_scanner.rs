//! An eSCL scanner on its line, with one sheet in its feeder for each job.

use super::{Fault, Outcome, Phase, Subject};
use drivers::{
    DeviceState, ErrorAction, Stop,
    document_scanner::{
        DocumentScanner, EsclScanner, EsclTimings, PageFormat, Region, ScanFailure, ScanSettings, ScanSource,
        ScanTrouble,
        simulator::{Picture, ScannerKnobs, in_memory},
    },
};

const HASTY: EsclTimings =
    EsclTimings { answer_ms: 30, ready_look_ms: 0, ready_looks: 8, page_ms: 40, stop_look_ms: 5 };
/// Bytes of answers after which the cable is pulled: within the page.
const MIDWAY_BYTES: u64 = 20_000;

struct Scanner {
    driver: EsclScanner,
    knobs: ScannerKnobs,
    is_fed: bool,
}

pub fn escl() -> Box<dyn Subject> {
    let (driver, knobs) = in_memory();
    knobs.feed(vec![sheet()]);
    Box::new(Scanner { driver: driver.with_timings(HASTY), knobs, is_fed: true })
}

/// A sheet that cannot be pressed much.
fn sheet() -> Picture {
    let dots = (0..300 * 200 * 3_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    Picture::new(300, 200, 100, dots)
}

fn settings() -> ScanSettings {
    let region = Region { x: 0, y: 0, width: 900, height: 600 };
    let source = ScanSource::Feeder;
    ScanSettings { source, region, resolution_dpi: 100, format: PageFormat::Png, ..ScanSettings::a4_platen() }
}

fn of_trouble(trouble: ScanTrouble) -> Outcome {
    let state = if trouble == ScanTrouble::Fault { DeviceState::HardwareError } else { DeviceState::UserError };
    Outcome { state, action: Some(trouble.action()), said: format!("{trouble:?}") }
}

fn scan(driver: &mut EsclScanner) -> Result<usize, ScanFailure> {
    let mut job = driver.scan(&settings(), &Stop::new())?;
    let mut pages = 0;
    while job.next_page()?.is_some() {
        pages += 1;
    }
    Ok(pages)
}

impl Subject for Scanner {
    fn name(&self) -> &'static str {
        "Document scanner, eSCL"
    }

    fn ask(&mut self) -> Outcome {
        match self.driver.status() {
            Ok(status) => match status.trouble {
                None => Outcome::fine(if status.feeder_loaded == Some(false) { "feeder empty" } else { "idle" }),
                Some(trouble) => of_trouble(trouble),
            },
            Err(error) => Outcome::from(&error),
        }
    }

    fn work(&mut self) -> Outcome {
        if self.is_fed {
            self.knobs.feed(vec![sheet()]);
        }
        match scan(&mut self.driver) {
            Ok(1) => Outcome::fine("page scanned"),
            Ok(pages) => panic!("{pages} pages of one sheet"),
            Err(ScanFailure::Trouble(trouble)) => of_trouble(trouble),
            Err(ScanFailure::Device(error)) => Outcome::from(&error),
            Err(other) => {
                Outcome { state: DeviceState::Busy, action: Some(ErrorAction::Reset), said: other.to_string() }
            }
        }
    }

    fn strike(&mut self, fault: Fault, phase: Phase) -> Result<(), &'static str> {
        match (fault, phase) {
            (Fault::Absent, _) | (Fault::Unplugged, Phase::Idle) => self.knobs.unplug(true),
            (Fault::Unplugged, Phase::Busy) => self.knobs.drop_after(MIDWAY_BYTES),
            (Fault::Silent, _) => self.knobs.line(|line| line.silent = true),
            (Fault::Garbled, _) => self.knobs.line(|line| line.garbled_answers = 1),
            (Fault::Slow, Phase::Idle) => {
                return Err("in memory an answer comes whole; document_scanner.rs has a slow line");
            }
            (Fault::Slow, Phase::Busy) => self.knobs.not_ready(3),
            (Fault::OutOfSupply, _) => {
                self.is_fed = false;
                self.knobs.feed(Vec::new());
            }
            (Fault::Jammed, Phase::Idle) => self.knobs.jam(true),
            (Fault::Jammed, Phase::Busy) => self.knobs.jam_after(0),
            (Fault::WrongModel, _) => self.knobs.wrong_model(true),
        }
        Ok(())
    }

    fn mend(&mut self, fault: Fault) -> &'static str {
        self.is_fed = true;
        self.knobs.unplug(false);
        self.knobs.line(|line| *line = Default::default());
        self.knobs.jam(false);
        self.knobs.wrong_model(false);
        match fault {
            Fault::Absent | Fault::Unplugged => "plugged in",
            Fault::OutOfSupply => "sheet put in",
            Fault::Jammed => "jam freed",
            Fault::WrongModel => "the right device at the address",
            _ => "nothing, it ended by itself",
        }
    }
}
