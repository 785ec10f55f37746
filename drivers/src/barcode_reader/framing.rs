//! Where a code of a serial module begins and ends. The bytes carry no length: a module is set to end a code
//! with CR, LF or both, or it just falls silent; the GM65's output "with protocol" counts (unverified). The
//! GM65's acknowledgements are taken out wherever they come, even between the bytes of a code.

use super::{
    CODE_BYTES_MAX,
    code_wire::{Code, CodeDecoder, DecodeError, Word},
    gm65,
};
use std::time::Duration;
use zeroize::{Zeroize, Zeroizing};

/// Quiet behind CR or LF that ends a code; a code may have several lines. USB-serial chips hold bytes back for
/// up to 16 ms (FTDI's latency timer).
const LINE_QUIET_MS: u64 = 25;
/// Quiet that ends a code without CR or LF.
const SILENCE_MS: u64 = 100;
/// Quiet in the middle of what must go on.
const MIDWAY_QUIET_MS: u64 = 300;
/// First byte of a counted code: `03`, length in two bytes (high first), the code.
pub(crate) const COUNTED_HEAD: u8 = 0x03;

/// How a module ends its codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// By CR, LF or CRLF; until the first such end was seen, also by silence.
    Lines,
    /// By silence; CR and LF at the end are taken off.
    Silence,
    /// By a length before it.
    Counted,
}

/// Collects bytes until they make a code.
pub struct Framer {
    framing: Framing,
    buffer: Zeroizing<Vec<u8>>,
    /// The module has ended a code by CR or LF: one that just stops was cut off.
    ends_lines: bool,
}

impl Framer {
    /// An empty one.
    pub fn new(framing: Framing) -> Self {
        // Reserved once, so that no copy of a code is left behind in a smaller block.
        let buffer = Zeroizing::new(Vec::with_capacity(2 * CODE_BYTES_MAX));
        Self { framing, buffer, ends_lines: false }
    }

    fn has_line_end(&self) -> bool {
        matches!(self.buffer.last(), Some(b'\r' | b'\n'))
    }

    /// The code of `range`; all else is forgotten.
    fn take(&mut self, range: std::ops::Range<usize>) -> Option<Word> {
        let code = Code::new(self.buffer[range].to_vec());
        self.buffer.zeroize();
        (!code.is_empty()).then_some(Word::Code(code))
    }

    /// Length of the counted code that is announced, once its head is there.
    fn announced(&self) -> Result<Option<usize>, DecodeError> {
        match *self.buffer.as_slice() {
            [] | [COUNTED_HEAD] | [COUNTED_HEAD, _] => Ok(None),
            [COUNTED_HEAD, high, low, ..] => match usize::from(u16::from_be_bytes([high, low])) {
                length @ 1..=CODE_BYTES_MAX => Ok(Some(length)),
                _ => Err(DecodeError::Length),
            },
            _ => Err(DecodeError::Length),
        }
    }
}

impl CodeDecoder for Framer {
    fn push(&mut self, bytes: &[u8]) -> Result<Option<Word>, DecodeError> {
        for chunk in bytes.chunks(CODE_BYTES_MAX / 2) {
            self.buffer.extend_from_slice(chunk);
            if self.buffer.len() > CODE_BYTES_MAX + gm65::ACKNOWLEDGEMENT.len() {
                self.clear();
                return Err(DecodeError::TooLong);
            }
        }
        let acknowledged = self.buffer.windows(gm65::ACKNOWLEDGEMENT.len()).position(|w| w == gm65::ACKNOWLEDGEMENT);
        if let Some(at) = acknowledged {
            self.buffer.drain(at..at + gm65::ACKNOWLEDGEMENT.len());
            return Ok(Some(Word::Acknowledged));
        }
        if self.framing != Framing::Counted {
            return Ok(None);
        }
        match self.announced()? {
            Some(length) if self.buffer.len() >= 3 + length => Ok(self.take(3..3 + length)),
            _ => Ok(None),
        }
    }

    fn patience(&self) -> Option<Duration> {
        let quiet_ms = match self.framing {
            _ if self.buffer.is_empty() => return None,
            Framing::Counted => MIDWAY_QUIET_MS,
            Framing::Silence => SILENCE_MS,
            Framing::Lines if self.has_line_end() => LINE_QUIET_MS,
            Framing::Lines if self.ends_lines => MIDWAY_QUIET_MS,
            Framing::Lines => SILENCE_MS,
        };
        Some(Duration::from_millis(quiet_ms))
    }

    fn quiet(&mut self) -> Result<Option<Word>, DecodeError> {
        let is_line = self.has_line_end();
        let must_end_lines = self.framing == Framing::Lines && self.ends_lines;
        if self.buffer.is_empty() {
            return Ok(None);
        }
        let is_answer_cut_off = self.buffer.starts_with(&gm65::ANSWER_HEAD[..2.min(self.buffer.len())]);
        if self.framing == Framing::Counted || is_answer_cut_off || (must_end_lines && !is_line) {
            self.clear();
            return Err(DecodeError::Truncated);
        }
        let start = self.buffer.iter().position(|b| !matches!(b, b'\r' | b'\n')).unwrap_or(self.buffer.len());
        let without = |tail: u8, end: usize| if end > start && self.buffer[end - 1] == tail { end - 1 } else { end };
        let end = without(b'\r', without(b'\n', self.buffer.len()));
        if end > CODE_BYTES_MAX {
            self.clear();
            return Err(DecodeError::TooLong);
        }
        let word = self.take(start..end);
        self.ends_lines |= is_line && word.is_some();
        Ok(word)
    }

    fn clear(&mut self) {
        self.buffer.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(word: Result<Option<Word>, DecodeError>) -> Result<Option<Vec<u8>>, DecodeError> {
        word.map(|w| match w {
            Some(Word::Code(code)) => Some(code.to_vec()),
            _ => None,
        })
    }

    fn framed(framing: Framing, pieces: &[&[u8]]) -> Result<Option<Vec<u8>>, DecodeError> {
        let mut framer = Framer::new(framing);
        for piece in pieces {
            while framer.push(piece)? == Some(Word::Acknowledged) && framer.push(&[])?.is_some() {}
        }
        code(framer.quiet())
    }

    impl std::fmt::Debug for Word {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(if *self == Word::Acknowledged { "Acknowledged" } else { "Code" })
        }
    }

    #[test]
    fn every_line_end_ends_a_code_and_is_taken_off() {
        for end in ["\r", "\n", "\r\n", ""] {
            let text = format!("A1 排队号{end}");
            assert_eq!(framed(Framing::Lines, &[text.as_bytes()]), Ok(Some("A1 排队号".into())), "{end:?}");
        }
        assert_eq!(framed(Framing::Lines, &[b"one\r\ntwo\r\n"]), Ok(Some(b"one\r\ntwo".to_vec())));
        assert_eq!(framed(Framing::Lines, &[b"\r\n"]), Ok(None));
    }

    #[test]
    fn an_acknowledgement_is_swallowed_wherever_it_comes() {
        let ack = gm65::ACKNOWLEDGEMENT;
        assert_eq!(framed(Framing::Lines, &[&ack, b"A1\r\n"]), Ok(Some(b"A1".to_vec())));
        assert_eq!(framed(Framing::Lines, &[b"A1\r\n", &ack]), Ok(Some(b"A1".to_vec())));
        assert_eq!(framed(Framing::Lines, &[b"A", &ack[..3], &ack[3..], b"1\r"]), Ok(Some(b"A1".to_vec())));
        assert_eq!(framed(Framing::Lines, &[&ack]), Ok(None));
    }

    #[test]
    fn a_code_that_stops_is_damaged_once_the_module_is_known_to_end_its_lines() {
        let mut framer = Framer::new(Framing::Lines);
        framer.push(b"A1\r").unwrap();
        assert_eq!(code(framer.quiet()), Ok(Some(b"A1".to_vec())));
        framer.push(b"A2").unwrap();
        assert_eq!(framer.quiet(), Err(DecodeError::Truncated));
        assert_eq!(framer.patience(), None);
        assert_eq!(framed(Framing::Lines, &[&gm65::ACKNOWLEDGEMENT[..4]]), Err(DecodeError::Truncated));
    }

    #[test]
    fn a_counted_code_ends_where_it_says() {
        let mut framer = Framer::new(Framing::Counted);
        assert_eq!(framer.push(&[3, 0, 3, b'a', b'\r']), Ok(None));
        assert_eq!(code(framer.push(b"b")), Ok(Some(b"a\rb".to_vec())));
        assert_eq!(framer.push(&[3, 0xFF, 0xFF]), Err(DecodeError::Length));
        assert_eq!(Framer::new(Framing::Counted).push(b"plain"), Err(DecodeError::Length));
        assert_eq!(framed(Framing::Counted, &[&[3, 0, 9, 1]]), Err(DecodeError::Truncated));
    }

    #[test]
    fn no_stream_of_bytes_is_kept_without_end() {
        let mut framer = Framer::new(Framing::Lines);
        assert_eq!(framer.push(&[b'x'; 70_000]), Err(DecodeError::TooLong));
        assert_eq!(framer.patience(), None);
    }
}
