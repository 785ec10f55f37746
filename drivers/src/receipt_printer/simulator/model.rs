//! The behaviour of the simulated printer: a buffer that is worked off in order, row by row, a paper roll,
//! and real-time commands that overtake the buffer.

use super::parser::{self, Command};
use crate::receipt_printer::{Bitmap, PAPER_DOTS};
use crate::simulation::Model;
use crate::transport::usb::ClassRequest;
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// A simulated printer.
pub struct Printer {
    pub(super) near_end: bool,
    pub(super) cover_open: bool,
    pub(super) jammed: bool,
    pub(super) jam_at_cut: bool,
    pub(super) silent: bool,
    pub(super) held: bool,
    pub(super) fence_early: bool,
    /// Pushes its status unasked, whatever it was told.
    pub(super) automatic_status: bool,
    pub(super) mute_port: bool,
    pub(super) bytes_taken: usize,
    /// Bytes of slips that it still takes before it stops reading its line; `None` reads on.
    pub(super) reads_left: Option<usize>,
    last_pushed: (bool, bool, bool),
    /// Rows left on the roll; `None` is a full one.
    paper_rows: Option<usize>,
    row_time: Duration,
    mechanism_free: Option<Instant>,
    unplug_after_rows: Option<usize>,
    real_time: Vec<u8>,
    buffer: VecDeque<u8>,
    job: VecDeque<Step>,
    early: usize,
    output: VecDeque<u8>,
    paper: Bitmap,
    slips: Vec<Bitmap>,
    unknown: usize,
}

/// What the mechanism does one after the other.
enum Step {
    Row(Vec<u8>),
    Cut,
    Fence,
}

/// What it says when its buffers are clear.
const CLEARED: [u8; 3] = [0x37, 0x25, 0x00];

impl Default for Printer {
    fn default() -> Self {
        Self {
            near_end: false,
            cover_open: false,
            jammed: false,
            jam_at_cut: false,
            silent: false,
            held: false,
            fence_early: false,
            automatic_status: false,
            mute_port: false,
            bytes_taken: 0,
            reads_left: None,
            last_pushed: (false, false, false),
            paper_rows: None,
            row_time: Duration::ZERO,
            mechanism_free: None,
            unplug_after_rows: None,
            real_time: Vec::new(),
            buffer: VecDeque::new(),
            job: VecDeque::new(),
            early: 0,
            output: VecDeque::new(),
            paper: Bitmap::new(PAPER_DOTS, 0),
            slips: Vec::new(),
            unknown: 0,
        }
    }
}

impl Printer {
    pub(super) fn set_paper_rows(&mut self, rows: Option<usize>) {
        self.paper_rows = rows;
    }

    pub(super) fn set_speed(&mut self, rows_per_second: Option<u32>) {
        self.row_time = rows_per_second.map_or(Duration::ZERO, |r| Duration::from_secs(1) / r.max(1));
    }

    pub(super) fn unplug_after(&mut self, rows: usize) {
        self.unplug_after_rows = Some(rows);
    }

    pub(super) fn slips(&self) -> &[Bitmap] {
        &self.slips
    }

    pub(super) fn take_slips(&mut self) -> Vec<Bitmap> {
        std::mem::take(&mut self.slips)
    }

    pub(super) fn uncut(&self) -> &Bitmap {
        &self.paper
    }

    pub(super) fn waiting_bytes(&self) -> usize {
        self.buffer.len() + self.job.len()
    }

    pub(super) fn unknown_commands(&self) -> usize {
        self.unknown
    }

    fn is_stopped(&self) -> bool {
        self.paper_rows == Some(0) || self.cover_open || self.jammed
    }

    /// Takes real-time commands out of the stream; all else goes to the buffer.
    fn take(&mut self, byte: u8) {
        self.real_time.push(byte);
        match self.real_time.as_slice() {
            [0x10] | [0x10, 0x04 | 0x14] => return,
            [0x10, 0x04, n] => {
                let n = *n;
                self.say_real_time(n);
            }
            [0x10, 0x14, 0x08, rest @ ..] if rest.len() < 7 => return,
            [0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08] => {
                self.buffer.clear();
                self.job.clear();
                CLEARED.into_iter().for_each(|byte| self.say(byte));
            }
            other => {
                self.reads_left = self.reads_left.map(|left| left.saturating_sub(other.len()));
                self.buffer.extend(other);
            }
        }
        self.real_time.clear();
    }

    fn say_real_time(&mut self, n: u8) {
        let paper_out = self.paper_rows == Some(0);
        let bits = match n {
            1 if self.is_stopped() => 0x08,
            2 => (u8::from(self.cover_open) * 0x04) | (u8::from(paper_out) * 0x20) | (u8::from(self.jammed) * 0x40),
            3 => u8::from(self.jammed) * 0x08,
            4 => (u8::from(self.near_end) * 0x0C) | (u8::from(paper_out) * 0x60),
            _ => 0,
        };
        self.say(0x12 | bits);
    }

    /// Four bytes at each change, if the printer does that.
    fn push_automatic_status(&mut self) {
        let now = (self.is_stopped(), self.paper_rows == Some(0), self.near_end);
        if !self.automatic_status || now == self.last_pushed {
            return;
        }
        self.last_pushed = now;
        let (stopped, paper_out, near_end) = now;
        let head = 0x10 | (u8::from(stopped) * 0x08) | (u8::from(self.cover_open) * 0x20);
        for byte in [head, 0, (u8::from(near_end) * 0x03) | (u8::from(paper_out) * 0x0C), 0] {
            self.say(byte);
        }
    }

    fn say(&mut self, byte: u8) {
        if !self.silent {
            self.output.push_back(byte);
        }
    }

    fn say_fence(&mut self) {
        let paper_out = self.paper_rows == Some(0);
        self.say((u8::from(self.near_end) * 0x03) | (u8::from(paper_out) * 0x0C));
    }

    /// Turns whole commands into steps of the mechanism.
    fn parse(&mut self) {
        while let Some(command) = parser::next(&mut self.buffer) {
            match command {
                Command::Raster { width, data } => {
                    self.job.extend(data.chunks(width.max(1)).map(|row| Step::Row(row.to_vec())));
                }
                Command::Cut { feed } => {
                    self.job.extend((0..feed).map(|_| Step::Row(Vec::new())));
                    self.job.push_back(Step::Cut);
                }
                Command::Fence if self.fence_early => self.early += 1,
                Command::Fence => self.job.push_back(Step::Fence),
                Command::Initialise | Command::Setting => {}
                Command::Unknown => self.unknown += 1,
            }
        }
    }

    fn do_step(&mut self, step: Step) {
        match step {
            Step::Row(row) => {
                self.paper.push_row(&row);
                self.paper_rows = self.paper_rows.map(|rows| rows.saturating_sub(1));
                self.unplug_after_rows = self.unplug_after_rows.map(|rows| rows.saturating_sub(1));
            }
            Step::Cut if std::mem::take(&mut self.jam_at_cut) => {
                self.jammed = true;
                self.job.push_front(Step::Cut);
            }
            Step::Cut => {
                let slip = std::mem::replace(&mut self.paper, Bitmap::new(PAPER_DOTS, 0));
                self.slips.push(slip);
            }
            Step::Fence => self.say_fence(),
        }
    }
}

impl Model for Printer {
    fn receive(&mut self, bytes: &[u8], _now: Instant) {
        self.bytes_taken += bytes.len();
        for byte in bytes {
            self.take(*byte);
        }
        self.parse();
    }

    fn advance(&mut self, now: Instant) -> Option<Instant> {
        let due = self.work(now);
        self.push_automatic_status();
        due
    }

    fn output(&mut self) -> &mut VecDeque<u8> {
        &mut self.output
    }

    fn reads(&self) -> bool {
        self.reads_left != Some(0)
    }

    fn pulls_cable(&mut self) -> bool {
        let pulls = self.unplug_after_rows == Some(0);
        if pulls {
            self.unplug_after_rows = None;
        }
        pulls
    }

    /// Device id and port status of the USB printer class.
    fn class_request(&mut self, request: ClassRequest) -> Option<Vec<u8>> {
        let paper_out = self.paper_rows == Some(0);
        match request.request {
            _ if self.mute_port => None,
            0 => {
                let id = b"MFG:Yimen;MDL:Simulated 80;CMD:ESC/POS;CLS:PRINTER;";
                Some([&(id.len() as u16 + 2).to_be_bytes()[..], id].concat())
            }
            1 => Some(vec![0x10 | (u8::from(!self.is_stopped()) * 0x08) | (u8::from(paper_out) * 0x20)]),
            _ => None,
        }
    }
}

impl Printer {
    /// Works off what is due.
    fn work(&mut self, now: Instant) -> Option<Instant> {
        for _ in 0..std::mem::take(&mut self.early) {
            self.say_fence();
        }
        while !self.is_stopped() && !self.held && self.unplug_after_rows != Some(0) {
            let Some(step) = self.job.front() else {
                self.mechanism_free = None;
                return None;
            };
            let takes = if matches!(step, Step::Row(_)) { self.row_time } else { Duration::ZERO };
            let done = *self.mechanism_free.get_or_insert(now) + takes;
            if done > now {
                return Some(done);
            }
            self.mechanism_free = Some(done);
            if let Some(step) = self.job.pop_front() {
                self.do_step(step);
            }
        }
        self.mechanism_free = None;
        None
    }
}
