//! The behaviour of the simulated SAM: requests in, answers out, and the faults that were asked for.

use super::SimulatedCard;
use crate::id_card_reader::{
    sdt_frame::{Deframer, FrameError},
    sdt_words::{Answer, Request, Status},
};
use crate::simulation::Model;
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// A fault of one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Every byte is turned over.
    Garble,
    /// The check byte is wrong.
    WrongChecksum,
    /// The announced length is one too large.
    WrongLength,
    /// The answer stops after so many bytes.
    Truncate(usize),
    /// These bytes go before it.
    Noise(Vec<u8>),
    /// The cable is pulled after so many bytes.
    Unplug(usize),
    /// This many bytes of the preamble are missing.
    ShortPreamble(usize),
}

/// A simulated SAM with what lies on it.
pub struct Sam {
    pub(super) card: Option<SimulatedCard>,
    pub(super) lift_at_read: bool,
    pub(super) silent: bool,
    pub(super) delay: Duration,
    pub(super) faults: VecDeque<(usize, Fault)>,
    pub(super) old_module: bool,
    pub(super) card_status: Option<Status>,
    pub(super) module_status: Option<Status>,
    pub(super) bytes_in: usize,
    pub(super) bytes_out: usize,
    pub(super) requests: usize,
    stage: Stage,
    deframer: Deframer,
    waiting: VecDeque<(Instant, Vec<u8>)>,
    output: VecDeque<u8>,
    pull_cable: bool,
}

/// How far the dialogue about the card is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Nothing,
    Found,
    Selected,
}

impl Default for Sam {
    fn default() -> Self {
        Self {
            card: None,
            lift_at_read: false,
            silent: false,
            delay: Duration::ZERO,
            faults: VecDeque::new(),
            old_module: false,
            card_status: None,
            module_status: None,
            bytes_in: 0,
            bytes_out: 0,
            requests: 0,
            stage: Stage::Nothing,
            deframer: Deframer::for_requests(),
            waiting: VecDeque::new(),
            output: VecDeque::new(),
            pull_cable: false,
        }
    }
}

/// The number that the simulated module prints.
const SAM_ID: [u8; 16] = [5, 0, 1, 0, 0xB6, 0x8C, 0x34, 0x01, 0x11, 0x22, 0x33, 0x00, 0x44, 0x55, 0x66, 0x77];

impl Sam {
    fn answer(&mut self, body: &[u8]) -> Vec<u8> {
        let Some(request) = Request::from_body(body) else {
            return Answer::frame(Status::CommandError, &[]).to_vec();
        };
        if let Some(status) = self.module_status {
            return Answer::frame(status, &[]).to_vec();
        }
        let frame = match request {
            Request::ResetSam | Request::SamStatus | Request::SetRate(_) => Answer::frame(Status::Ok, &[]),
            Request::SamId => Answer::frame(Status::Ok, &SAM_ID),
            Request::FindCard => self.find(),
            Request::SelectCard => self.select(),
            Request::ReadBase => self.read(false),
            Request::ReadBaseAndFingerprints if self.old_module => Answer::frame(Status::CommandError, &[]),
            Request::ReadBaseAndFingerprints => self.read(true),
            Request::ReadAppendedAddress | Request::ReadCardBodyNumber => Answer::frame(Status::NoSuchContent, &[]),
        };
        frame.to_vec()
    }

    fn find(&mut self) -> zeroize::Zeroizing<Vec<u8>> {
        if self.card.is_some() {
            self.stage = Stage::Found;
            Answer::frame(Status::CardFound, &[0; 4])
        } else {
            self.stage = Stage::Nothing;
            Answer::frame(Status::NoCard, &[])
        }
    }

    fn select(&mut self) -> zeroize::Zeroizing<Vec<u8>> {
        if self.card.is_some() && self.stage != Stage::Nothing {
            self.stage = Stage::Selected;
            Answer::frame(Status::Ok, &[0; 8])
        } else {
            Answer::frame(Status::SelectFailed, &[])
        }
    }

    fn read(&mut self, fingerprints: bool) -> zeroize::Zeroizing<Vec<u8>> {
        if std::mem::take(&mut self.lift_at_read) {
            self.card = None;
        }
        if let Some(status) = self.card_status {
            return Answer::frame(status, &[]);
        }
        match &self.card {
            Some(card) if self.stage == Stage::Selected => Answer::frame(Status::Ok, &card.content(fingerprints)),
            _ => Answer::frame(Status::ReadFailed, &[]),
        }
    }

    fn spoil(&mut self, frame: &mut Vec<u8>) {
        let Some(index) = self.faults.iter().position(|(longer_than, _)| frame.len() > *longer_than) else { return };
        let Some((_, fault)) = self.faults.remove(index) else { return };
        let last = frame.len() - 1;
        match fault {
            Fault::Garble => frame.iter_mut().for_each(|b| *b = !*b),
            Fault::WrongChecksum => frame[last] ^= 0x01,
            Fault::WrongLength => frame[6] = frame[6].wrapping_add(1),
            Fault::Truncate(n) => frame.truncate(n),
            Fault::Noise(bytes) => {
                frame.splice(0..0, bytes);
            }
            Fault::Unplug(n) => {
                frame.truncate(n);
                self.pull_cable = true;
            }
            Fault::ShortPreamble(n) => {
                frame.drain(..n.min(last));
            }
        }
    }
}

impl Model for Sam {
    fn receive(&mut self, bytes: &[u8], now: Instant) {
        self.bytes_in += bytes.len();
        for byte in bytes {
            let mut frame = match self.deframer.push(&[*byte]) {
                Ok(Some(body)) => {
                    self.requests += 1;
                    self.answer(&body)
                }
                Err(FrameError::Checksum) => Answer::frame(Status::ChecksumError, &[]).to_vec(),
                Err(FrameError::Length(_)) => Answer::frame(Status::LengthError, &[]).to_vec(),
                Ok(None) | Err(FrameError::Noise | FrameError::Truncated) => continue,
            };
            if self.silent {
                continue;
            }
            self.spoil(&mut frame);
            self.waiting.push_back((now + self.delay, frame));
        }
    }

    fn advance(&mut self, now: Instant) -> Option<Instant> {
        while self.waiting.front().is_some_and(|(at, _)| *at <= now) {
            if let Some((_, frame)) = self.waiting.pop_front() {
                self.bytes_out += frame.len();
                self.output.extend(zeroize::Zeroizing::new(frame).iter());
            }
        }
        self.waiting.front().map(|(at, _)| *at)
    }

    fn output(&mut self) -> &mut VecDeque<u8> {
        &mut self.output
    }

    fn pulls_cable(&mut self) -> bool {
        self.waiting.is_empty() && std::mem::take(&mut self.pull_cable)
    }
}
