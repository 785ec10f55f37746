//! Recording of a dialogue as text lines, and its replay in lockstep. `> hex` went to the device, `< hex`
//! came back, `! timeout` is a wait in vain, `#` a remark. A recording holds what the card holds: record only
//! demonstration cards. A recording that cannot be written never breaks the device.

use super::Transport;
use std::{
    collections::VecDeque,
    fmt::Write as _,
    io::{self, Write},
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
        let _ = writeln!(self.log, "{line}");
        let _ = self.log.flush();
    }
}

impl<W: Write + Send> Transport for Recorder<W> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.note('>', bytes);
        self.inner.write_all(bytes)
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let result = self.inner.read(buffer, timeout);
        match &result {
            Ok(n) => self.note('<', &buffer[..*n]),
            Err(e) if e.kind() == io::ErrorKind::TimedOut => {
                let _ = writeln!(self.log, "! timeout");
            }
            Err(_) => {}
        }
        result
    }

    fn discard_input(&mut self) -> io::Result<()> {
        self.inner.discard_input()
    }
}

/// Plays the device's part of a recording and insists that the driver plays its own.
pub struct Replay {
    lines: VecDeque<Line>,
}

enum Line {
    Sent(Vec<u8>),
    Came(Vec<u8>),
    Timeout,
}

impl Replay {
    /// Reads a recording; a line that is not understood is an error.
    pub fn parse(text: &str) -> io::Result<Self> {
        let mut lines = VecDeque::new();
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            lines.push_back(match line.split_once(' ') {
                Some((">", hex)) => Line::Sent(from_hex(hex)?),
                Some(("<", hex)) => Line::Came(from_hex(hex)?),
                Some(("!", "timeout")) => Line::Timeout,
                _ => return Err(io::Error::new(io::ErrorKind::InvalidData, "a recording's line is not understood")),
            });
        }
        Ok(Self { lines })
    }

    /// Whether everything was played.
    pub fn is_finished(&self) -> bool {
        self.lines.is_empty()
    }
}

fn from_hex(hex: &str) -> io::Result<Vec<u8>> {
    let bad = || io::Error::new(io::ErrorKind::InvalidData, "a recording's bytes are not hex");
    if !hex.len().is_multiple_of(2) || !hex.is_ascii() {
        return Err(bad());
    }
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).map_err(|_| bad())).collect()
}

impl Transport for Replay {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.lines.front_mut() {
                Some(Line::Sent(expected)) if rest.starts_with(expected) => {
                    rest = &rest[expected.len()..];
                    self.lines.pop_front();
                }
                Some(Line::Sent(expected)) if expected.starts_with(rest) => {
                    expected.drain(..rest.len());
                    rest = &[];
                }
                _ => return Err(io::Error::other("the driver leaves the recorded dialogue")),
            }
        }
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8], _timeout: Duration) -> io::Result<usize> {
        match self.lines.front_mut() {
            Some(Line::Came(bytes)) => {
                let n = bytes.len().min(buffer.len());
                buffer[..n].copy_from_slice(&bytes[..n]);
                bytes.drain(..n);
                if bytes.is_empty() {
                    self.lines.pop_front();
                }
                Ok(n)
            }
            Some(Line::Timeout) => {
                self.lines.pop_front();
                Err(io::ErrorKind::TimedOut.into())
            }
            // Nothing was recorded here: the device stays silent until the driver goes on.
            Some(Line::Sent(_)) => Err(io::ErrorKind::TimedOut.into()),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn discard_input(&mut self) -> io::Result<()> {
        Ok(())
    }
}
