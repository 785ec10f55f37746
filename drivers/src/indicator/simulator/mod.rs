//! A simulated relay board that speaks Modbus-RTU byte for byte, and the knobs to open its door and to break it.
//! Reachable in memory, on a pty of 9,600 baud and on a loopback TCP port.

mod board;

pub use board::{Board, BoardFault};

use super::{ModbusLine, RelayBoard, Wiring};
use crate::simulation::{Bench, MemoryConnector, PtyPort, TcpPort};
use std::{io, sync::Arc, time::Duration};

/// Rate of the simulated line.
pub const BAUD: u32 = 9_600;

/// What a hand can do to the simulated board, and what it sees of its lights.
#[derive(Clone)]
pub struct BoardKnobs(Arc<Bench<Board>>);

/// A simulated board (unit 1) that is on no wire yet, and the knobs.
pub fn bench() -> (Arc<Bench<Board>>, BoardKnobs) {
    let bench = Bench::new(Board::default());
    (bench.clone(), BoardKnobs(bench))
}

/// A line to a simulated board in memory, and the knobs.
pub fn line_in_memory() -> (ModbusLine, BoardKnobs) {
    let (bench, knobs) = bench();
    (ModbusLine::new(Box::new(MemoryConnector(bench)), 1), knobs)
}

/// A driver wired to a simulated board in memory as usual, and the knobs.
pub fn in_memory() -> (RelayBoard, BoardKnobs) {
    let (line, knobs) = line_in_memory();
    (RelayBoard::new(line, Wiring::default()), knobs)
}

/// A simulated board on a pty of 9,600 baud: its port and the knobs.
pub fn on_pty() -> io::Result<(PtyPort<Board>, BoardKnobs)> {
    let bench = Bench::new(Board::default());
    let port = PtyPort::start(bench.clone(), "yimen-indicator", BAUD)?;
    Ok((port, BoardKnobs(bench)))
}

/// A simulated board behind a serial server on a loopback TCP port: its port and the knobs.
pub fn on_tcp() -> io::Result<(TcpPort<Board>, BoardKnobs)> {
    let bench = Bench::new(Board::default());
    let port = TcpPort::start(bench.clone(), "yimen-indicator")?;
    Ok((port, BoardKnobs(bench)))
}

impl BoardKnobs {
    /// Opens or closes the cabinet's door (input 0; pressed by the closed door).
    pub fn door_open(&self, open: bool) {
        self.0.with(|board| board.inputs[0] = !open);
    }

    /// Which coils are on.
    pub fn coils(&self) -> Vec<bool> {
        self.0.with(|board| board.coils.to_vec())
    }

    /// The board was without power for a moment: all coils are off, and nobody was told.
    pub fn lose_power(&self) {
        self.0.with(|board| board.coils = Default::default());
    }

    /// It stops answering, or answers again.
    pub fn silent(&self, silent: bool) {
        self.0.with(|board| board.is_silent = silent);
    }

    /// It has this number on the line.
    pub fn unit(&self, unit: u8) {
        self.0.with(|board| board.unit = unit);
    }

    /// It answers in the name of another unit.
    pub fn answer_as(&self, unit: u8) {
        self.0.with(|board| board.answers_as = Some(unit));
    }

    /// Every request ends with this exception; `None` works again.
    pub fn exception(&self, code: Option<u8>) {
        self.0.with(|board| board.exception = code);
    }

    /// A fault of so many answers to come.
    pub fn spoil(&self, fault: BoardFault, answers: usize) {
        self.0.with(|board| board.faults.extend(std::iter::repeat_n(fault, answers)));
    }

    /// Every answer waits this long.
    pub fn slow(&self, delay: Duration) {
        self.0.with(|board| board.delay = delay);
    }

    /// Pulls the cable.
    pub fn unplug(&self) {
        self.0.set_plugged(false);
    }

    /// Puts the cable in again.
    pub fn replug(&self) {
        self.0.set_plugged(true);
    }

    /// Requests that were understood so far.
    pub fn requests(&self) -> usize {
        self.0.with(|board| board.requests)
    }
}
