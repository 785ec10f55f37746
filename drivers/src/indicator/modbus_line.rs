//! A Modbus-RTU client on a serial line, or on a TCP stream that carries the same frames: one request at a time,
//! quiet before each, one repetition (all requests here may be repeated). Opens its wire on first use and drops it
//! on the first error.

use super::modbus_frame::{Answer, Exception, FRAME_BYTES_MAX, FrameError, Request};
use crate::transport::{Connector, Transport};
use crate::{DeviceError, DeviceErrorKind};
use std::{
    io,
    time::{Duration, Instant},
};

/// Rate of relay boards from the factory, where the URI names none.
const BAUD: u32 = 9_600;
/// Times that a request is sent: lines of 24 V relays are noisy.
const ATTEMPTS: u32 = 2;

/// How long the client waits for what.
#[derive(Clone, Copy, Debug)]
pub struct ModbusTimings {
    /// For a whole answer: 37 bytes at most, 39 ms at 9,600 baud, and the board's own time.
    pub answer_ms: u64,
    /// Quiet before a request: 3.5 characters, 4 ms at 9,600 baud (Serial Line 1.02, section 2.5.1.1).
    pub quiet_ms: u64,
    /// Longest wait for that quiet.
    pub quiet_max_ms: u64,
}

impl Default for ModbusTimings {
    fn default() -> Self {
        Self { answer_ms: 500, quiet_ms: 4, quiet_max_ms: 200 }
    }
}

/// The client of one unit.
pub struct ModbusLine {
    connector: Box<dyn Connector>,
    unit: u8,
    timings: ModbusTimings,
    link: Option<Box<dyn Transport>>,
}

impl ModbusLine {
    /// A unit (1 to 247) behind a connector; nothing is opened yet.
    pub fn new(connector: Box<dyn Connector>, unit: u8) -> Self {
        Self { connector, unit, timings: ModbusTimings::default(), link: None }
    }

    /// With other times than the usual ones.
    pub fn with_timings(mut self, timings: ModbusTimings) -> Self {
        self.timings = timings;
        self
    }

    /// Whether the wire is open: after it was not, the unit may have been without power.
    pub fn is_open(&self) -> bool {
        self.link.is_some()
    }

    /// Asks, and gives the bits of the answer (none for a write).
    pub fn ask(&mut self, request: &Request) -> Result<Vec<bool>, DeviceError> {
        let mut link = match self.link.take() {
            Some(link) => link,
            None => self.connector.open(BAUD)?,
        };
        let mut attempt = 1;
        let answer = loop {
            match self.exchange(link.as_mut(), request) {
                Err(error) if attempt < ATTEMPTS && repeats(&error) => attempt += 1,
                result => break result?,
            }
        };
        // The unit speaks, so its wire is well even where it refuses.
        self.link = Some(link);
        match answer {
            Answer::Bits(bits) => Ok(bits),
            Answer::Done => Ok(Vec::new()),
            Answer::Exception(exception) => Err(exception.into()),
        }
    }

    fn exchange(&self, link: &mut dyn Transport, request: &Request) -> Result<Answer, DeviceError> {
        self.await_quiet(link)?;
        link.write_all(&request.frame(self.unit))?;
        let end = Instant::now() + Duration::from_millis(self.timings.answer_ms);
        let (mut buffer, mut came) = ([0; FRAME_BYTES_MAX], 0);
        let garbled = |error: FrameError| DeviceError::because(DeviceErrorKind::Garbled, error);
        loop {
            let room = request.answer_length(&buffer[..came]).unwrap_or(2);
            if came >= room {
                return request.read_answer(self.unit, &buffer[..room]).map_err(garbled);
            }
            match link.read(&mut buffer[came..room], end.saturating_duration_since(Instant::now())) {
                Ok(n) => came += n,
                Err(e) if e.kind() == io::ErrorKind::TimedOut && came > 0 => {
                    return Err(garbled(FrameError::Truncated));
                }
                Err(e) => return Err(e.into()),
            }
        }
    }

    /// Throws away what is left of an earlier answer and waits until the line is free.
    fn await_quiet(&self, link: &mut dyn Transport) -> Result<(), DeviceError> {
        let end = Instant::now() + Duration::from_millis(self.timings.quiet_max_ms);
        let mut waste = [0; FRAME_BYTES_MAX];
        while Instant::now() < end {
            match link.read(&mut waste, Duration::from_millis(self.timings.quiet_ms)) {
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::TimedOut => return Ok(()),
                Err(e) => return Err(e.into()),
            }
        }
        Err(DeviceError::because(DeviceErrorKind::Garbled, "the line is never quiet"))
    }
}

fn repeats(error: &DeviceError) -> bool {
    matches!(error.kind, DeviceErrorKind::Silent | DeviceErrorKind::Garbled)
}

impl From<Exception> for DeviceError {
    fn from(exception: Exception) -> Self {
        let kind = match exception {
            Exception::IllegalFunction => DeviceErrorKind::WrongModel,
            Exception::IllegalAddress => DeviceErrorKind::Misconfigured,
            Exception::IllegalValue | Exception::Other(_) => DeviceErrorKind::Software,
            Exception::DeviceFailure | Exception::MemoryParity => DeviceErrorKind::Hardware,
            Exception::GatewayPath => DeviceErrorKind::NotFound,
            Exception::Acknowledge | Exception::Busy | Exception::GatewayTarget => DeviceErrorKind::Silent,
        };
        Self::because(kind, exception)
    }
}
