//! An IPP printer on its line, with a job of two sides.

use super::{Fault, Outcome, Phase, Subject};
use drivers::{
    DeviceState, ErrorAction, Stop,
    document_printer::{
        DocumentFormat, DocumentPrinter, IppPrinter, IppTimings, JobId, JobState, JobTicket, Sides, Submission,
        SubmitFailure, SubmitOutcome, Trouble,
        pwg::{ColorSpace, Raster, RasterFormat, RasterPage},
        simulator::{DocumentPrinterKnobs, Make, Pace, in_memory},
    },
};
use std::io::Read;
use zeroize::Zeroizing;

/// Short times, so that what never comes is soon given up.
const HASTY: IppTimings = IppTimings { answer_ms: 30, still_look_ms: 5, still_ms: 20, busy_look_ms: 0, busy_looks: 5 };
/// Looks at a job until it must have ended.
const LOOKS_MAX: usize = 50;
/// Bytes of a request after which the cable is pulled: within the document.
const MIDWAY_BYTES: u64 = 20_000;

struct Printer {
    driver: IppPrinter,
    knobs: DocumentPrinterKnobs,
    number: u32,
}

pub fn ipp() -> Box<dyn Subject> {
    let (driver, knobs) = in_memory(Make::default());
    knobs.pace(Pace::AtOnce);
    Box::new(Printer { driver: driver.with_timings(HASTY), knobs, number: 0 })
}

/// Two sides that cannot be pressed much.
fn document() -> Vec<u8> {
    let format = RasterFormat {
        dpi: 300,
        sides: Sides::OneSided,
        media: drivers::document_printer::A4.into(),
        sheet_back: Default::default(),
        total_pages: 2,
    };
    let page = |number: u32| {
        let dots = (0..200 * 300_u32).map(|at| (at.wrapping_mul(number + 7) >> 3) as u8).collect();
        Ok(RasterPage { width: 200, height: 300, color: ColorSpace::Gray, dots: Zeroizing::new(dots) })
    };
    let mut bytes = Vec::new();
    let read = Raster::new(format, (0..2).map(page)).read_to_end(&mut bytes);
    assert!(read.is_ok() && bytes.len() as u64 > 2 * MIDWAY_BYTES);
    bytes
}

fn of_trouble(trouble: Trouble, state: DeviceState, said: &str) -> Outcome {
    Outcome { state, action: Some(trouble.action()), said: format!("{said}{trouble:?}") }
}

impl Printer {
    fn failed(&mut self, failure: SubmitFailure, said: &str) -> Outcome {
        match failure {
            SubmitFailure::Trouble(trouble) => {
                let state = self.ask().state;
                of_trouble(trouble, state, said)
            }
            SubmitFailure::Device(error) => {
                let outcome = Outcome::from(&error);
                Outcome { said: format!("{said}{}", outcome.said), ..outcome }
            }
            other => {
                Outcome { state: DeviceState::Busy, action: Some(ErrorAction::Reset), said: format!("{said}{other}") }
            }
        }
    }

    /// Looks at the job until it has ended or the printer says why it does not go on; ends it then.
    fn follow(&mut self, id: &JobId) -> Outcome {
        for _ in 0..LOOKS_MAX {
            match self.driver.job(id) {
                Err(error) => {
                    let outcome = Outcome::from(&error);
                    return Outcome { said: format!("accepted, then {}", outcome.said), ..outcome };
                }
                Ok(report) if report.state == JobState::Completed => return Outcome::fine("printed"),
                Ok(report) if report.state.has_ended() => {
                    let said = format!("{:?}", report.state);
                    return Outcome { state: DeviceState::Online, action: Some(ErrorAction::Reset), said };
                }
                Ok(report) if report.state == JobState::Stopped => {
                    let sides = report.impressions_completed.unwrap_or_default();
                    let outcome = self.ask();
                    let said = format!("{sides} of 2 sides, then {}", outcome.said);
                    let _ = self.driver.cancel(id);
                    return Outcome { said, ..outcome };
                }
                Ok(_) => {}
            }
        }
        Outcome { state: DeviceState::Busy, action: Some(ErrorAction::Reset), said: "never ends".into() }
    }
}

impl Subject for Printer {
    fn name(&self) -> &'static str {
        "Document printer, IPP"
    }

    fn ask(&mut self) -> Outcome {
        match self.driver.status() {
            Ok(status) => match status.trouble {
                None => Outcome::fine("idle"),
                Some(trouble) => of_trouble(trouble, status.device_state(), ""),
            },
            Err(error) => Outcome::from(&error),
        }
    }

    fn work(&mut self) -> Outcome {
        self.number += 1;
        let ticket = JobTicket::a4(format!("job-{}", self.number), DocumentFormat::PwgRaster);
        let (bytes, stop) = (document(), Stop::new());
        let length = Some(bytes.len() as u64);
        let submission =
            Submission { ticket: &ticket, document: &mut bytes.as_slice(), length, stop: &stop, progress: None };
        match self.driver.submit(submission) {
            SubmitOutcome::Accepted(id) => self.follow(&id),
            SubmitOutcome::NotSent(failure) => self.failed(failure, "not sent: "),
            SubmitOutcome::NotCertain { failure, .. } => self.failed(failure, "not certain: "),
        }
    }

    fn strike(&mut self, fault: Fault, phase: Phase) -> Result<(), &'static str> {
        match (fault, phase) {
            (Fault::Absent, _) | (Fault::Unplugged, Phase::Idle) => self.knobs.unplug(true),
            (Fault::Unplugged, Phase::Busy) => self.knobs.drop_after(MIDWAY_BYTES),
            (Fault::Silent, _) => self.knobs.line(|line| line.silent = true),
            (Fault::Garbled, _) => self.knobs.line(|line| line.garbled_answers = 1),
            (Fault::Slow, Phase::Idle) => {
                return Err("in memory an answer comes whole; document_printer.rs has a slow line");
            }
            (Fault::Slow, Phase::Busy) => self.knobs.pace(Pace::EachLook),
            (Fault::OutOfSupply, Phase::Idle) => self.knobs.paper_out(true),
            (Fault::OutOfSupply, Phase::Busy) => self.knobs.paper(Some(1)),
            (Fault::Jammed, Phase::Idle) => self.knobs.jam(true),
            (Fault::Jammed, Phase::Busy) => self.knobs.jam_after(1),
            (Fault::WrongModel, _) => self.knobs.wrong_model(true),
        }
        Ok(())
    }

    fn mend(&mut self, fault: Fault) -> &'static str {
        self.knobs.unplug(false);
        self.knobs.line(|line| *line = Default::default());
        self.knobs.pace(Pace::AtOnce);
        self.knobs.jam(false);
        self.knobs.paper_out(false);
        self.knobs.wrong_model(false);
        match fault {
            Fault::Absent | Fault::Unplugged => "plugged in",
            Fault::OutOfSupply => "paper put in",
            Fault::Jammed => "jam freed",
            Fault::WrongModel => "the right device at the address",
            _ => "nothing, it ended by itself",
        }
    }
}
