//! The behaviour of a simulated relay board: frames are told from each other by quiet on the line, as the standard
//! wants it; coils and inputs; exceptions and faults.

use crate::indicator::modbus_frame::{Request, pack, seal};
use crate::simulation::Model;
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Quiet that ends a frame: 3.5 characters at 9,600 baud, as Modbus over Serial Line 1.02 wants it.
const FRAME_QUIET: Duration = Duration::from_micros(3_646);
/// Coils and inputs of the board.
const COILS: usize = 8;
const INPUTS: usize = 4;
/// Longest request: 0F with all coils.
const REQUEST_BYTES_MAX: usize = 64;

/// A fault of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoardFault {
    /// Every byte is turned over.
    Garble,
    /// One bit is turned over, so that the CRC is wrong.
    WrongCrc,
    /// It stops after so many bytes.
    Truncate(usize),
    /// It never comes.
    Lose,
    /// The cable is pulled after so many bytes.
    Unplug(usize),
}

/// A simulated board.
pub struct Board {
    pub(super) unit: u8,
    pub(super) answers_as: Option<u8>,
    pub(super) coils: [bool; COILS],
    pub(super) inputs: [bool; INPUTS],
    pub(super) exception: Option<u8>,
    pub(super) is_silent: bool,
    pub(super) delay: Duration,
    pub(super) faults: VecDeque<BoardFault>,
    pub(super) requests: usize,
    input: Vec<u8>,
    last_byte: Option<Instant>,
    waiting: VecDeque<(Instant, Vec<u8>)>,
    output: VecDeque<u8>,
    pull_cable: bool,
}

impl Default for Board {
    fn default() -> Self {
        Self {
            unit: 1,
            answers_as: None,
            coils: [false; COILS],
            inputs: [true, false, false, false],
            exception: None,
            is_silent: false,
            delay: Duration::ZERO,
            faults: VecDeque::new(),
            requests: 0,
            input: Vec::new(),
            last_byte: None,
            waiting: VecDeque::new(),
            output: VecDeque::new(),
            pull_cable: false,
        }
    }
}

impl Board {
    fn carry_out(&mut self, request: &Request) -> Result<Vec<u8>, u8> {
        const ILLEGAL_ADDRESS: u8 = 2;
        let within = |first: u16, count: usize, all: usize| {
            let end = usize::from(first) + count;
            if end <= all { Ok(usize::from(first)..end) } else { Err(ILLEGAL_ADDRESS) }
        };
        if let Some(code) = self.exception {
            return Err(code);
        }
        let answer_bits = |bits: &[bool]| {
            let bytes = pack(bits);
            [vec![bytes.len() as u8], bytes].concat()
        };
        match request {
            Request::ReadCoils { first, count } => {
                Ok(answer_bits(&self.coils[within(*first, usize::from(*count), COILS)?]))
            }
            Request::ReadInputs { first, count } => {
                Ok(answer_bits(&self.inputs[within(*first, usize::from(*count), INPUTS)?]))
            }
            Request::WriteCoil { coil, on } => {
                self.coils[within(*coil, 1, COILS)?].fill(*on);
                Ok(request.frame(0)[2..6].to_vec())
            }
            Request::WriteCoils { first, on } => {
                self.coils[within(*first, on.len(), COILS)?].copy_from_slice(on);
                Ok(request.frame(0)[2..6].to_vec())
            }
        }
    }

    fn end_frame(&mut self, now: Instant) {
        let frame = std::mem::take(&mut self.input);
        self.last_byte = None;
        let Some((unit, request)) = Request::parse(&frame) else { return };
        if unit != self.unit {
            return;
        }
        self.requests += 1;
        let from = self.answers_as.unwrap_or(unit);
        let mut answer = match self.carry_out(&request) {
            Ok(data) => seal([vec![from, request.function()], data].concat()),
            Err(code) => seal(vec![from, request.function() | 0x80, code]),
        };
        match self.faults.pop_front() {
            _ if self.is_silent => return,
            None => {}
            Some(BoardFault::Garble) => answer.iter_mut().for_each(|b| *b = !*b),
            Some(BoardFault::WrongCrc) => answer[0..1].iter_mut().for_each(|b| *b ^= 0x80),
            Some(BoardFault::Truncate(n)) => answer.truncate(n),
            Some(BoardFault::Lose) => return,
            Some(BoardFault::Unplug(n)) => {
                answer.truncate(n);
                self.pull_cable = true;
            }
        }
        self.waiting.push_back((now + self.delay, answer));
    }
}

impl Model for Board {
    fn receive(&mut self, bytes: &[u8], now: Instant) {
        if self.last_byte.is_some_and(|at| now >= at + FRAME_QUIET) {
            self.end_frame(now);
        }
        let room = REQUEST_BYTES_MAX - self.input.len().min(REQUEST_BYTES_MAX);
        self.input.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.last_byte = Some(now);
    }

    fn advance(&mut self, now: Instant) -> Option<Instant> {
        let frame_end = self.last_byte.map(|at| at + FRAME_QUIET);
        if frame_end.is_some_and(|at| at <= now) {
            self.end_frame(now);
        }
        while self.waiting.front().is_some_and(|(at, _)| *at <= now) {
            if let Some((_, answer)) = self.waiting.pop_front() {
                self.output.extend(answer);
            }
        }
        let frame_end = self.last_byte.map(|at| at + FRAME_QUIET);
        [frame_end, self.waiting.front().map(|(at, _)| *at)].into_iter().flatten().min()
    }

    fn output(&mut self) -> &mut VecDeque<u8> {
        &mut self.output
    }

    fn pulls_cable(&mut self) -> bool {
        self.waiting.is_empty() && std::mem::take(&mut self.pull_cable)
    }
}
