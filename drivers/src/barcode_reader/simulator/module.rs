//! The behaviour of a simulated GM65: commands in, acknowledgements and codes out, and the faults asked for.

use super::BAUD;
use crate::barcode_reader::{SerialModule, framing::COUNTED_HEAD, gm65};
use crate::quirk::barcode_reader::{ModuleFamily, USUAL};
use crate::simulation::{Bench, MemoryConnector, Model, PtyPort};
use std::{
    collections::VecDeque,
    io,
    sync::Arc,
    time::{Duration, Instant},
};
use zeroize::Zeroizing;

/// How long the module looks for a code after it was told to (factory setting).
const SINGLE_READ_MS: u64 = 5_000;
/// Mode flags that the module reports: lights on, triggered by command.
const MODE_FLAGS: u8 = 0xD5;

/// A fault of what the module says next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeFault {
    /// Every byte is turned over.
    Garble,
    /// It stops after so many bytes.
    Truncate(usize),
    /// The cable is pulled after so many bytes.
    Unplug(usize),
    /// So many bytes more than a code can have.
    Flood(usize),
}

/// A simulated module.
pub struct Module {
    shown: Option<Zeroizing<Vec<u8>>>,
    is_continuous: bool,
    is_silent: bool,
    is_other_model: bool,
    is_counted: bool,
    acknowledges_last: bool,
    ending: &'static [u8],
    delay: Duration,
    answer_faults: VecDeque<CodeFault>,
    code_faults: VecDeque<CodeFault>,
    reads_until: Option<Instant>,
    commands: usize,
    input: Vec<u8>,
    waiting: VecDeque<(Instant, Vec<u8>)>,
    output: VecDeque<u8>,
    pull_cable: bool,
}

impl Default for Module {
    fn default() -> Self {
        Self {
            shown: None,
            is_continuous: false,
            is_silent: false,
            is_other_model: false,
            is_counted: false,
            acknowledges_last: false,
            ending: b"\r\n",
            delay: Duration::ZERO,
            answer_faults: VecDeque::new(),
            code_faults: VecDeque::new(),
            reads_until: None,
            commands: 0,
            input: Vec::new(),
            waiting: VecDeque::new(),
            output: VecDeque::new(),
            pull_cable: false,
        }
    }
}

impl Module {
    fn is_reading(&self, now: Instant) -> bool {
        self.is_continuous || self.reads_until.is_some_and(|until| now < until)
    }

    fn carry_out(&mut self, command: gm65::Command, now: Instant) {
        self.commands += 1;
        let answer = match command {
            gm65::Command::Write { address: 2, value } => {
                let until = now + Duration::from_millis(SINGLE_READ_MS);
                self.reads_until = (value & 1 != 0).then_some(until);
                gm65::ACKNOWLEDGEMENT.to_vec()
            }
            gm65::Command::Write { .. } => gm65::ACKNOWLEDGEMENT.to_vec(),
            gm65::Command::Read { count, .. } => gm65::answer(&vec![MODE_FLAGS; usize::from(count)]),
        };
        let answer = if self.is_other_model { b"?\r\n".to_vec() } else { answer };
        if self.acknowledges_last {
            self.look(now);
        }
        let fault = self.answer_faults.pop_front();
        self.say(answer, fault, now);
        self.look(now);
    }

    /// Reads what lies before the window, if it is told to.
    fn look(&mut self, now: Instant) {
        let (true, Some(code)) = (self.is_reading(now), &self.shown) else { return };
        let mut bytes = Vec::with_capacity(code.len() + 8);
        if self.is_counted {
            bytes.push(COUNTED_HEAD);
            bytes.extend_from_slice(&(code.len() as u16).to_be_bytes());
        }
        bytes.extend_from_slice(code);
        bytes.extend_from_slice(if self.is_counted { b"" } else { self.ending });
        self.reads_until = None;
        if self.is_continuous {
            self.shown = None;
        }
        let fault = self.code_faults.pop_front();
        self.say(bytes, fault, now + self.delay);
    }

    fn say(&mut self, mut bytes: Vec<u8>, fault: Option<CodeFault>, at: Instant) {
        if self.is_silent {
            return;
        }
        match fault {
            None => {}
            Some(CodeFault::Garble) => bytes.iter_mut().for_each(|b| *b = !*b),
            Some(CodeFault::Truncate(n)) => bytes.truncate(n),
            Some(CodeFault::Unplug(n)) => {
                bytes.truncate(n);
                self.pull_cable = true;
            }
            Some(CodeFault::Flood(n)) => bytes.splice(0..0, std::iter::repeat_n(b'#', n)).for_each(drop),
        }
        self.waiting.push_back((at, bytes));
    }
}

impl Model for Module {
    fn receive(&mut self, bytes: &[u8], now: Instant) {
        for byte in bytes {
            self.input.push(*byte);
            if let Some((command, _)) = gm65::Command::parse(&self.input) {
                self.input.clear();
                self.carry_out(command, now);
            } else if self.input.len() >= gm65::START.len() {
                // No command begins here: look for one a byte further on.
                self.input.remove(0);
            }
        }
    }

    fn advance(&mut self, now: Instant) -> Option<Instant> {
        while self.waiting.front().is_some_and(|(at, _)| *at <= now) {
            if let Some((_, bytes)) = self.waiting.pop_front() {
                self.output.extend(Zeroizing::new(bytes).iter());
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

/// What a hand can do to the simulated module.
#[derive(Clone)]
pub struct ModuleKnobs(Arc<Bench<Module>>);

/// A driver wired to a simulated GM65 in memory, and the knobs.
pub fn module_in_memory() -> (SerialModule, ModuleKnobs) {
    module_of_family(USUAL)
}

/// The same with the words of another family; the simulated module speaks GM65 only.
pub fn module_of_family(family: &ModuleFamily) -> (SerialModule, ModuleKnobs) {
    let (bench, knobs) = module_bench();
    (SerialModule::new(Box::new(MemoryConnector(bench)), family), knobs)
}

/// A simulated GM65 that is on no wire yet, and the knobs.
pub fn module_bench() -> (Arc<Bench<Module>>, ModuleKnobs) {
    let bench = Bench::new(Module::default());
    (bench.clone(), ModuleKnobs(bench))
}

/// A simulated GM65 on a pty of 9,600 baud: its port and the knobs.
pub fn module_on_pty() -> io::Result<(PtyPort<Module>, ModuleKnobs)> {
    let bench = Bench::new(Module::default());
    let port = PtyPort::start(bench.clone(), "yimen-barcode-reader", BAUD)?;
    Ok((port, ModuleKnobs(bench)))
}

impl ModuleKnobs {
    /// Holds a code before the window; a module in continuous mode reads it at once, and once.
    pub fn show(&self, code: &[u8]) {
        self.0.with(|module| {
            module.shown = Some(Zeroizing::new(code.to_vec()));
            module.look(Instant::now());
        });
    }

    /// Takes the code away.
    pub fn take_away(&self) {
        self.0.with(|module| module.shown = None);
    }

    /// The module reads whatever is shown, without being told.
    pub fn continuous(&self, continuous: bool) {
        self.0.with(|module| module.is_continuous = continuous);
    }

    /// What it sends behind each code.
    pub fn ending(&self, ending: &'static [u8]) {
        self.0.with(|module| module.ending = ending);
    }

    /// It sends a length before each code instead.
    pub fn counted(&self, counted: bool) {
        self.0.with(|module| module.is_counted = counted);
    }

    /// It acknowledges behind the code that it has read meanwhile.
    pub fn acknowledge_last(&self, last: bool) {
        self.0.with(|module| module.acknowledges_last = last);
    }

    /// It stops answering, or answers again.
    pub fn silent(&self, silent: bool) {
        self.0.with(|module| module.is_silent = silent);
    }

    /// Another device stands at this port and answers `?`.
    pub fn other_model(&self, other: bool) {
        self.0.with(|module| module.is_other_model = other);
    }

    /// Every code waits this long before it is sent.
    pub fn slow(&self, delay: Duration) {
        self.0.with(|module| module.delay = delay);
    }

    /// A fault of the next acknowledgement or answer.
    pub fn spoil_answer(&self, fault: CodeFault) {
        self.0.with(|module| module.answer_faults.push_back(fault));
    }

    /// A fault of the next code.
    pub fn spoil_code(&self, fault: CodeFault) {
        self.0.with(|module| module.code_faults.push_back(fault));
    }

    /// Pulls the cable.
    pub fn unplug(&self) {
        self.0.set_plugged(false);
    }

    /// Puts the cable in again.
    pub fn replug(&self) {
        self.0.set_plugged(true);
    }

    /// Whether the cable is in.
    pub fn is_plugged(&self) -> bool {
        self.0.is_plugged()
    }

    /// Whether its light is on.
    pub fn is_reading(&self) -> bool {
        self.0.with(|module| module.is_reading(Instant::now()))
    }

    /// Waits until so many commands have come in all; `false` when they did not within `limit`.
    pub fn wait_for_commands(&self, count: usize, limit: Duration) -> bool {
        self.0.wait_until(limit, |module| module.commands >= count)
    }
}
