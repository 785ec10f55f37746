//! Every driver with its simulator, in words that all classes share: ask it, let it work, let a fault strike, mend
//! it. Used by the contract test and by the fault matrix, so that both hold the same objects to their word.
// Each of the two uses its own part.
#![allow(dead_code)]

mod barcode_reader;
mod camera;
mod document_printer;
mod document_scanner;
mod id_card_reader;
mod indicator;
mod receipt_printer;
mod wire;

use drivers::{DeviceError, DeviceState, ErrorAction};
use std::time::{Duration, Instant};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Absent,
    Silent,
    Garbled,
    Slow,
    Unplugged,
    OutOfSupply,
    Jammed,
    WrongModel,
}

/// Whether it strikes while the device only answers questions, or in the middle of its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Idle,
    Busy,
}

/// How the device stands afterwards, as its driver says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub state: DeviceState,
    /// Who must act; nobody where it works.
    pub action: Option<ErrorAction>,
    /// What became of the work, in the driver's words.
    pub said: String,
}

/// A driver with its simulator.
pub trait Subject {
    fn name(&self) -> &'static str;
    /// Asks how it is.
    fn ask(&mut self) -> Outcome;
    /// Does what it is for, once.
    fn work(&mut self) -> Outcome;
    /// Lets a fault strike: now, or in the middle of the next work. An error says why that cannot be.
    fn strike(&mut self, fault: Fault, phase: Phase) -> Result<(), &'static str>;
    /// Takes the fault away and says what somebody does for that.
    fn mend(&mut self, fault: Fault) -> &'static str;
    /// Wires that the driver holds open; `None` where HTTP decides that.
    fn open_wires(&self) -> Option<usize> {
        None
    }
}

pub const FAULTS: [Fault; 8] = [
    Fault::Absent,
    Fault::Silent,
    Fault::Garbled,
    Fault::Slow,
    Fault::Unplugged,
    Fault::OutOfSupply,
    Fault::Jammed,
    Fault::WrongModel,
];
pub const PHASES: [Phase; 2] = [Phase::Idle, Phase::Busy];
const RECOVERY: Duration = Duration::from_secs(10);

/// How each subject is made; a fresh one for each case.
pub const MAKERS: &[fn() -> Box<dyn Subject>] = &[
    id_card_reader::serial,
    id_card_reader::usb_two_pipes,
    id_card_reader::usb_four_pipes,
    id_card_reader::hid,
    receipt_printer::serial,
    receipt_printer::usb,
    barcode_reader::module,
    barcode_reader::wedge,
    barcode_reader::hid_pos,
    camera::camera,
    indicator::board,
    document_printer::ipp,
    document_scanner::escl,
];

impl Outcome {
    /// It works.
    pub fn fine(said: impl Into<String>) -> Self {
        Self { state: DeviceState::Online, action: None, said: said.into() }
    }

    pub fn is_fine(&self) -> bool {
        self.action.is_none()
    }
}

impl From<&DeviceError> for Outcome {
    fn from(error: &DeviceError) -> Self {
        Self { state: error.state(), action: Some(error.action()), said: format!("{:?}", error.kind) }
    }
}

/// The same driver works again within a time, without being made anew.
pub fn works_again(subject: &mut dyn Subject) -> bool {
    let end = Instant::now() + RECOVERY;
    while Instant::now() < end {
        if subject.work().is_fine() {
            return true;
        }
        std::thread::yield_now();
    }
    false
}
