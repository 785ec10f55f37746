//! Recording of a dialogue as text lines, and its replay in lockstep. `> hex` went to the device, `< hex`
//! came back, `! timeout` is a wait in vain, `! gone` a wire that broke, `#` a remark. A recording holds what the
//! card or code holds: record only demonstration cards. A recording that cannot be written never breaks the device.

use super::{Connector, Transport, printer_port::PrinterPort};
use crate::DeviceError;
use std::{
    collections::VecDeque,
    fmt::Write as _,
    fs::File,
    io::{self, Write},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Passes everything through and writes it down.
pub struct Recorder<W> {
    inner: Box<dyn Transport>,
    log: W,
}

impl<W: Write + Send> Recorder<W> {
    /// Records what goes over `inner`.
    pub fn new(inner: Box<dyn Transport>, log: W) -> Self {
        Self { inner, log }
    }

    fn note(&mut self, mark: char, bytes: &[u8]) {
        let mut line = String::with_capacity(2 * bytes.len() + 3);
        line.push(mark);
        line.push(' ');
        for byte in bytes {
            let _ = write!(line, "{byte:02x}");
        }
        self.write_down(&line);
    }

    fn note_error(&mut self, error: &io::Error) {
        self.write_down(if error.kind() == io::ErrorKind::TimedOut { "! timeout" } else { "! gone" });
    }

    fn write_down(&mut self, line: &str) {
        let _ = writeln!(self.log, "{line}");
        let _ = self.log.flush();
    }
}

impl<W: Write + Send> Transport for Recorder<W> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.note('>', bytes);
        self.inner.write_all(bytes).inspect_err(|error| self.note_error(error))
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let result = self.inner.read(buffer, timeout);
        match &result {
            Ok(n) => self.note('<', &buffer[..*n]),
            Err(error) => self.note_error(error),
        }
        result
    }

    fn discard_input(&mut self) -> io::Result<()> {
        self.inner.discard_input()
    }

    /// What the port says is not recorded.
    fn printer_port(&mut self) -> Option<&mut dyn PrinterPort> {
        self.inner.printer_port()
    }
}

/// Opens wires that are recorded, each behind the last one in the same file.
pub struct RecordTo {
    /// What is recorded.
    pub inner: Box<dyn Connector>,
    /// Where to; a file that cannot be opened is no reason not to work.
    pub file: PathBuf,
}

impl Connector for RecordTo {
    fn open(&self, baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        let wire = self.inner.open(baud)?;
        Ok(match File::options().create(true).append(true).open(&self.file) {
            Ok(log) => Box::new(Recorder::new(wire, log)),
            Err(_) => wire,
        })
    }

    fn rate_is_open(&self) -> bool {
        self.inner.rate_is_open()
    }
}

/// Plays the device's part of a recording and insists that the driver plays its own.
pub struct Replay {
    lines: VecDeque<(usize, Line)>,
}

enum Line {
    Sent(Vec<u8>),
    Came(Vec<u8>),
    Timeout,
    Gone,
}

/// Where and how a driver left a recorded dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeftDialogue {
    /// It wrote something else.
    #[error("line {line} of the recording: byte {byte} that was written differs")]
    Differs {
        /// Line of the recording, from 1.
        line: usize,
        /// Byte of that line, from 1.
        byte: usize,
    },
    /// It wrote where the device had something to say.
    #[error("line {line} of the recording: written before the device had spoken")]
    TooEarly {
        /// Line of the recording, from 1.
        line: usize,
    },
    /// It wrote on where the recording ends.
    #[error("written after the end of the recording")]
    TooMuch,
}

impl Replay {
    /// Reads a recording; a line that is not understood is an error that names it.
    pub fn parse(text: &str) -> io::Result<Self> {
        let is_line = |line: &&str| !line.is_empty() && !line.starts_with('#');
        let mut lines = VecDeque::new();
        for (number, line) in (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| is_line(line)) {
            let parsed = match line.split_once(' ') {
                Some((">", hex)) => from_hex(hex).map(Line::Sent),
                Some(("<", hex)) => from_hex(hex).map(Line::Came),
                Some(("!", "timeout")) => Some(Line::Timeout),
                Some(("!", "gone")) => Some(Line::Gone),
                _ => None,
            };
            let bad = || io::Error::new(io::ErrorKind::InvalidData, format!("line {number} is no line of a recording"));
            lines.push_back((number, parsed.ok_or_else(bad)?));
        }
        Ok(Self { lines })
    }

    /// Whether everything was played.
    pub fn is_finished(&self) -> bool {
        self.lines.is_empty()
    }
}

fn from_hex(hex: &str) -> Option<Vec<u8>> {
    if !hex.len().is_multiple_of(2) || !hex.is_ascii() {
        return None;
    }
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).ok()).collect()
}

impl Transport for Replay {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (line, expected) = match self.lines.front_mut() {
                Some((line, Line::Sent(expected))) => (*line, expected),
                // A wait that the driver now makes shorter is no other dialogue.
                Some((_, Line::Timeout)) => {
                    self.lines.pop_front();
                    continue;
                }
                Some((line, Line::Came(_) | Line::Gone)) => {
                    return Err(io::Error::other(LeftDialogue::TooEarly { line: *line }));
                }
                None => return Err(io::Error::other(LeftDialogue::TooMuch)),
            };
            let n = expected.len().min(rest.len());
            if let Some(at) = (0..n).find(|at| expected[*at] != rest[*at]) {
                return Err(io::Error::other(LeftDialogue::Differs { line, byte: at + 1 }));
            }
            expected.drain(..n);
            rest = &rest[n..];
            if expected.is_empty() {
                self.lines.pop_front();
            }
        }
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8], _timeout: Duration) -> io::Result<usize> {
        match self.lines.front_mut() {
            Some((_, Line::Came(bytes))) => {
                let n = bytes.len().min(buffer.len());
                buffer[..n].copy_from_slice(&bytes[..n]);
                bytes.drain(..n);
                if bytes.is_empty() {
                    self.lines.pop_front();
                }
                Ok(n)
            }
            Some((_, Line::Timeout)) => {
                self.lines.pop_front();
                Err(io::ErrorKind::TimedOut.into())
            }
            Some((_, Line::Gone)) => {
                self.lines.pop_front();
                Err(io::ErrorKind::BrokenPipe.into())
            }
            // Nothing was recorded here: the device stays silent until the driver goes on.
            Some((_, Line::Sent(_))) => Err(io::ErrorKind::TimedOut.into()),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn discard_input(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A device that is a recording: each opening goes on where the last one stopped. Clones share the recording.
#[derive(Clone)]
pub struct Playback(Arc<Mutex<Replay>>);

impl Playback {
    /// Reads a recording.
    pub fn parse(text: &str) -> io::Result<Self> {
        Ok(Self(Arc::new(Mutex::new(Replay::parse(text)?))))
    }

    /// Whether everything was played.
    pub fn is_finished(&self) -> bool {
        self.replay().is_finished()
    }

    fn replay(&self) -> MutexGuard<'_, Replay> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connector for Playback {
    fn open(&self, _baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        Ok(Box::new(self.clone()))
    }
}

impl Transport for Playback {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.replay().write_all(bytes)
    }
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        self.replay().read(buffer, timeout)
    }
    fn discard_input(&mut self) -> io::Result<()> {
        self.replay().discard_input()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_that_leaves_the_dialogue_is_told_where() {
        let mut replay = Replay::parse("# remark\n> 0102\n> 03\n< 04\n! timeout\n> 05\n").unwrap();
        let left = |error: io::Error| *error.get_ref().unwrap().downcast_ref::<LeftDialogue>().unwrap();
        assert_eq!(left(replay.write_all(&[1, 9]).unwrap_err()), LeftDialogue::Differs { line: 2, byte: 2 });
        replay.write_all(&[1, 2, 3]).unwrap();
        assert_eq!(left(replay.write_all(&[5]).unwrap_err()), LeftDialogue::TooEarly { line: 4 });
        assert_eq!(replay.read(&mut [0; 9], Duration::ZERO).unwrap(), 1);
        replay.write_all(&[5]).unwrap();
        assert!(replay.is_finished());
        assert_eq!(left(replay.write_all(&[5]).unwrap_err()), LeftDialogue::TooMuch);
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        let error = Replay::parse("> 00\n> 0g\n").err().unwrap();
        assert!(error.to_string().contains("line 2"));
    }
}
