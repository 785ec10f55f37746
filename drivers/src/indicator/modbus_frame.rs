//! Frames of Modbus-RTU (Modbus over Serial Line 1.02; Application Protocol 1.1b3, section 6): unit, function, data,
//! CRC. Only what lights and switches need: read coils (01), read discrete inputs (02), write one coil (05), write
//! coils (0F). Does no I/O and keeps no time.

/// Highest number of coils or inputs that one request asks for here; boards have 4 to 32.
pub const BITS_MAX: u16 = 256;
/// Longest frame of the standard.
pub const FRAME_BYTES_MAX: usize = 256;
/// Set in the function of an answer that is an exception.
const EXCEPTION: u8 = 0x80;
const COIL_ON: u16 = 0xFF00;

/// What is asked of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// 01: how coils stand.
    ReadCoils {
        /// First coil, from 0.
        first: u16,
        /// How many.
        count: u16,
    },
    /// 02: how discrete inputs stand.
    ReadInputs {
        /// First input, from 0.
        first: u16,
        /// How many.
        count: u16,
    },
    /// 05: sets one coil.
    WriteCoil {
        /// Which, from 0.
        coil: u16,
        /// How.
        on: bool,
    },
    /// 0F: sets coils in a row.
    WriteCoils {
        /// First coil, from 0.
        first: u16,
        /// How each of them, at most [`BITS_MAX`].
        on: Vec<bool>,
    },
}

/// What a unit answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// How coils or inputs stand.
    Bits(Vec<bool>),
    /// Done as asked.
    Done,
    /// Not done.
    Exception(Exception),
}

/// Why a unit does not do what it is asked (Application Protocol 1.1b3, section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exception {
    /// 01.
    #[error("illegal function")]
    IllegalFunction,
    /// 02.
    #[error("illegal data address")]
    IllegalAddress,
    /// 03.
    #[error("illegal data value")]
    IllegalValue,
    /// 04.
    #[error("server device failure")]
    DeviceFailure,
    /// 05.
    #[error("acknowledged, still at work")]
    Acknowledge,
    /// 06.
    #[error("server device busy")]
    Busy,
    /// 08.
    #[error("memory parity error")]
    MemoryParity,
    /// 0A.
    #[error("gateway path unavailable")]
    GatewayPath,
    /// 0B.
    #[error("the device behind the gateway does not answer")]
    GatewayTarget,
    /// Any other.
    #[error("exception {0:02x}")]
    Other(u8),
}

/// Why bytes are no answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The CRC is wrong.
    #[error("the answer's CRC is wrong")]
    Crc,
    /// Another unit answers.
    #[error("unit {0} answers instead")]
    Unit(u8),
    /// It answers another question.
    #[error("the answer belongs to another question")]
    Mismatch,
    /// It stopped midway.
    #[error("the answer stopped midway")]
    Truncated,
}

/// CRC-16/MODBUS: polynomial 0x8005 reflected, from 0xFFFF; sent low byte first.
pub fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |c, _| if c & 1 == 0 { c >> 1 } else { (c >> 1) ^ 0xA001 })
    })
}

/// A frame with its CRC.
pub fn seal(mut frame: Vec<u8>) -> Vec<u8> {
    let check = crc(&frame).to_le_bytes();
    frame.extend_from_slice(&check);
    frame
}

/// Bits as bytes hold them, the first in the lowest place.
pub fn pack(bits: &[bool]) -> Vec<u8> {
    bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |sum, bit| sum << 1 | u8::from(*bit))).collect()
}

fn unpack(bytes: &[u8], count: usize) -> Vec<bool> {
    (0..count).map(|n| bytes.get(n / 8).is_some_and(|byte| byte & (1 << (n % 8)) != 0)).collect()
}

impl Request {
    /// Its function code.
    pub fn function(&self) -> u8 {
        match self {
            Self::ReadCoils { .. } => 0x01,
            Self::ReadInputs { .. } => 0x02,
            Self::WriteCoil { .. } => 0x05,
            Self::WriteCoils { .. } => 0x0F,
        }
    }

    /// The frame to a unit.
    pub fn frame(&self, unit: u8) -> Vec<u8> {
        let (first, second) = match self {
            Self::ReadCoils { first, count } | Self::ReadInputs { first, count } => (*first, *count),
            Self::WriteCoil { coil, on } => (*coil, if *on { COIL_ON } else { 0 }),
            Self::WriteCoils { first, on } => (*first, on.len() as u16),
        };
        let mut frame = vec![unit, self.function()];
        frame.extend_from_slice(&first.to_be_bytes());
        frame.extend_from_slice(&second.to_be_bytes());
        if let Self::WriteCoils { on, .. } = self {
            let bytes = pack(on);
            frame.push(bytes.len() as u8);
            frame.extend_from_slice(&bytes);
        }
        seal(frame)
    }

    /// The request in a whole frame, with the unit that is meant; `None` for what is none.
    pub fn parse(frame: &[u8]) -> Option<(u8, Self)> {
        let (body, check) = frame.split_last_chunk()?;
        let [unit, function, a, b, c, d, rest @ ..] = body else { return None };
        let (first, second) = (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]));
        if crc(body).to_le_bytes() != *check {
            return None;
        }
        let request = match (function, second, rest) {
            (0x01, 1..=BITS_MAX, []) => Self::ReadCoils { first, count: second },
            (0x02, 1..=BITS_MAX, []) => Self::ReadInputs { first, count: second },
            (0x05, COIL_ON | 0, []) => Self::WriteCoil { coil: first, on: second == COIL_ON },
            (0x0F, 1..=BITS_MAX, [length, bits @ ..])
                if bits.len() == usize::from(*length) && bits.len() == usize::from(second).div_ceil(8) =>
            {
                Self::WriteCoils { first, on: unpack(bits, usize::from(second)) }
            }
            _ => return None,
        };
        Some((*unit, request))
    }

    /// How long the answer that begins with these bytes is in all; `None` while that cannot be said.
    pub fn answer_length(&self, start: &[u8]) -> Option<usize> {
        let [_, function, ..] = start else { return None };
        Some(match self {
            _ if function & EXCEPTION != 0 => 5,
            Self::ReadCoils { count, .. } | Self::ReadInputs { count, .. } => 5 + usize::from(*count).div_ceil(8),
            Self::WriteCoil { .. } | Self::WriteCoils { .. } => 8,
        })
    }

    /// The answer in a whole frame from this unit.
    pub fn read_answer(&self, unit: u8, frame: &[u8]) -> Result<Answer, FrameError> {
        let (body, check) = frame.split_last_chunk().ok_or(FrameError::Truncated)?;
        let [from, function, rest @ ..] = body else { return Err(FrameError::Truncated) };
        if crc(body).to_le_bytes() != *check {
            return Err(FrameError::Crc);
        }
        if *from != unit {
            return Err(FrameError::Unit(*from));
        }
        if *function == self.function() | EXCEPTION {
            let [code] = rest else { return Err(FrameError::Mismatch) };
            return Ok(Answer::Exception((*code).into()));
        }
        if *function != self.function() {
            return Err(FrameError::Mismatch);
        }
        match self {
            Self::ReadCoils { count, .. } | Self::ReadInputs { count, .. } => match rest {
                [length, bits @ ..]
                    if usize::from(*length) == bits.len() && bits.len() == usize::from(*count).div_ceil(8) =>
                {
                    Ok(Answer::Bits(unpack(bits, usize::from(*count))))
                }
                _ => Err(FrameError::Mismatch),
            },
            // Both writes are answered with the first six bytes of what was asked.
            Self::WriteCoil { .. } | Self::WriteCoils { .. } if self.frame(unit).starts_with(body) => Ok(Answer::Done),
            Self::WriteCoil { .. } | Self::WriteCoils { .. } => Err(FrameError::Mismatch),
        }
    }
}

impl From<u8> for Exception {
    fn from(code: u8) -> Self {
        match code {
            0x01 => Self::IllegalFunction,
            0x02 => Self::IllegalAddress,
            0x03 => Self::IllegalValue,
            0x04 => Self::DeviceFailure,
            0x05 => Self::Acknowledge,
            0x06 => Self::Busy,
            0x08 => Self::MemoryParity,
            0x0A => Self::GatewayPath,
            0x0B => Self::GatewayTarget,
            other => Self::Other(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_those_of_the_standard() {
        // Coil 173 on unit 17 (Application Protocol 1.1b3, section 6.5; the CRC as on a serial line).
        let on = Request::WriteCoil { coil: 0x00AC, on: true };
        assert_eq!(on.frame(0x11), [0x11, 0x05, 0x00, 0xAC, 0xFF, 0x00, 0x4E, 0x8B]);
        let read = Request::ReadInputs { first: 0x00C4, count: 0x16 };
        assert_eq!(read.frame(0x11), [0x11, 0x02, 0x00, 0xC4, 0x00, 0x16, 0xBA, 0xA9]);
        let row = [true, false, true, true, false, false, true, true, true, false];
        let write = Request::WriteCoils { first: 0x0013, on: row.to_vec() };
        assert_eq!(write.frame(0x11), [0x11, 0x0F, 0x00, 0x13, 0x00, 0x0A, 0x02, 0xCD, 0x01, 0xBF, 0x0B]);
        for request in [on, read, write] {
            assert_eq!(Request::parse(&request.frame(7)), Some((7, request)));
        }
        assert_eq!(crc(b"123456789"), 0x4B37);
    }

    #[test]
    fn an_answer_is_read_only_for_its_own_question() {
        let read = Request::ReadInputs { first: 0, count: 10 };
        let answer = seal(vec![1, 2, 2, 0b0000_0101, 0b10]);
        assert_eq!(read.answer_length(&answer[..2]), Some(answer.len()));
        let Ok(Answer::Bits(bits)) = read.read_answer(1, &answer) else { panic!("no bits") };
        assert_eq!(bits, [true, false, true, false, false, false, false, false, false, true]);
        assert_eq!(read.read_answer(2, &answer), Err(FrameError::Unit(1)));
        assert_eq!(read.read_answer(1, &answer[..6]), Err(FrameError::Crc));
        assert_eq!(read.read_answer(1, &[]), Err(FrameError::Truncated));
        let coils = Request::ReadCoils { first: 0, count: 10 };
        assert_eq!(coils.read_answer(1, &answer), Err(FrameError::Mismatch));
        let short = seal(vec![1, 2, 1, 5]);
        assert_eq!(read.read_answer(1, &short), Err(FrameError::Mismatch));
        let write = Request::WriteCoil { coil: 3, on: true };
        assert_eq!(write.read_answer(1, &write.frame(1)), Ok(Answer::Done));
        let other = Request::WriteCoil { coil: 4, on: true };
        assert_eq!(write.read_answer(1, &other.frame(1)), Err(FrameError::Mismatch));
    }

    #[test]
    fn exceptions_are_told_apart() {
        let write = Request::WriteCoil { coil: 99, on: true };
        let answer = seal(vec![1, 0x85, 0x02]);
        assert_eq!(write.answer_length(&answer), Some(5));
        assert_eq!(write.read_answer(1, &answer), Ok(Answer::Exception(Exception::IllegalAddress)));
        assert_eq!(Exception::from(0x77), Exception::Other(0x77));
    }
}
