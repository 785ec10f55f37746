//! Frames of the SAM-V serial protocol (SDT): preamble, big-endian length, body, XOR check byte.
//! Finds the start again in noise; readers in the field drop or add one `AA` of the preamble.
//! Knows nothing of commands and cards.

use crate::quirk::id_card_reader::LOST_PREAMBLE_BYTES;
use zeroize::Zeroizing;

/// Start of every frame.
pub const PREAMBLE: [u8; 5] = [0xAA, 0xAA, 0xAA, 0x96, 0x69];
/// What must be seen of the preamble.
const SYNC: &[u8] = PREAMBLE.split_at(LOST_PREAMBLE_BYTES).1;
/// Bytes of noise before a frame that are borne; more means that no reader speaks.
const NOISE_BYTES_MAX: usize = 64;
/// Longest body with its check byte: base read with two fingerprints, 2,321 bytes in all.
const ANSWER_LENGTH_MAX: usize = 2_321 - 7;
const REQUEST_LENGTH_MAX: usize = 64;

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// No preamble among many bytes.
    #[error("no frame among the bytes that came")]
    Noise,
    /// The length cannot be right.
    #[error("a frame announces the impossible length {0}")]
    Length(usize),
    /// The check byte is wrong.
    #[error("a frame's check byte is wrong")]
    Checksum,
    /// The frame stopped midway.
    #[error("a frame stopped midway")]
    Truncated,
}

/// The frame around a body (command or status words, then data).
pub fn encode(body: &[u8]) -> Zeroizing<Vec<u8>> {
    let length = (body.len() + 1) as u16;
    let mut frame = Zeroizing::new(Vec::with_capacity(body.len() + 8));
    frame.extend_from_slice(&PREAMBLE);
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(body);
    let check = check(&frame[PREAMBLE.len()..]);
    frame.push(check);
    frame
}

fn check(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |x, b| x ^ b)
}

/// Collects bytes until they make a frame.
pub struct Deframer {
    buffer: Zeroizing<Vec<u8>>,
    noise: usize,
    length_min: usize,
    length_max: usize,
}

impl Deframer {
    /// For answers of a reader.
    pub fn for_answers() -> Self {
        Self::new(4, ANSWER_LENGTH_MAX)
    }

    /// For requests to a reader.
    pub fn for_requests() -> Self {
        Self::new(3, REQUEST_LENGTH_MAX)
    }

    fn new(length_min: usize, length_max: usize) -> Self {
        // Reserved once, so that no copy of a card is left behind in a smaller block.
        let buffer = Zeroizing::new(Vec::with_capacity(8 * 1024));
        Self { buffer, noise: 0, length_min, length_max }
    }

    /// Takes bytes, at most 4,096 at once, and gives the body of the first frame that is whole.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, FrameError> {
        self.buffer.extend_from_slice(bytes);
        self.synchronise()?;
        let Some(head) = self.buffer.get(SYNC.len()..SYNC.len() + 2) else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes([head[0], head[1]]));
        if !(self.length_min..=self.length_max).contains(&length) {
            self.drop_front(SYNC.len());
            return Err(FrameError::Length(length));
        }
        let Some(rest) = self.buffer.get(SYNC.len()..SYNC.len() + 2 + length) else { return Ok(None) };
        let is_right = check(rest) == 0;
        let body = Zeroizing::new(rest[2..length + 1].to_vec());
        if !is_right {
            self.drop_front(SYNC.len());
            return Err(FrameError::Checksum);
        }
        self.drop_front(SYNC.len() + 2 + length);
        self.noise = 0;
        Ok(Some(body))
    }

    /// Whether something came that is not yet a frame.
    pub fn is_midway(&self) -> bool {
        !self.buffer.is_empty() || self.noise > 0
    }

    /// Drops all before the first preamble; keeps what may be its beginning.
    fn synchronise(&mut self) -> Result<(), FrameError> {
        let found = self.buffer.windows(SYNC.len()).position(|w| w == SYNC);
        let start = found.unwrap_or_else(|| {
            let kept = (0..SYNC.len()).rev().find(|n| self.buffer.ends_with(&SYNC[..*n])).unwrap_or(0);
            self.buffer.len() - kept
        });
        self.noise += start;
        self.drop_front(start);
        if self.noise > NOISE_BYTES_MAX {
            self.noise = 0;
            return Err(FrameError::Noise);
        }
        Ok(())
    }

    fn drop_front(&mut self, n: usize) {
        self.buffer.drain(..n);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(bytes: &[u8]) -> Result<Option<Vec<u8>>, FrameError> {
        Deframer::for_answers().push(bytes).map(|b| b.map(|b| b.to_vec()))
    }

    #[test]
    fn a_frame_comes_out_of_single_bytes() {
        let frame = encode(&[0, 0, 0x9F, 0, 0, 0, 0]);
        let mut deframer = Deframer::for_answers();
        for byte in &frame[..frame.len() - 1] {
            assert_eq!(deframer.push(&[*byte]).unwrap(), None);
        }
        assert!(deframer.is_midway());
        let body = deframer.push(&frame[frame.len() - 1..]).unwrap().unwrap();
        assert_eq!(*body, [0, 0, 0x9F, 0, 0, 0, 0]);
        assert!(!deframer.is_midway());
    }

    #[test]
    fn the_start_is_found_with_an_aa_less_an_aa_more_and_after_noise() {
        let frame = encode(&[0, 0, 0x90]);
        assert_eq!(answer(&frame[1..]).unwrap(), Some(vec![0, 0, 0x90]));
        assert_eq!(answer(&[&[0xAA][..], &frame].concat()).unwrap(), Some(vec![0, 0, 0x90]));
        assert_eq!(answer(&[&[0x00, 0xAA, 0x96, 0x13][..], &frame].concat()).unwrap(), Some(vec![0, 0, 0x90]));
        assert_eq!(answer(&frame[2..]).unwrap(), None, "two less is no preamble");
    }

    #[test]
    fn damaged_frames_are_told_apart() {
        let mut frame = encode(&[0, 0, 0x90]).to_vec();
        frame[9] ^= 1;
        assert_eq!(answer(&frame), Err(FrameError::Checksum));
        assert_eq!(answer(&[0xAA, 0xAA, 0xAA, 0x96, 0x69, 0xFF, 0xFF]), Err(FrameError::Length(0xFFFF)));
        assert_eq!(answer(&[0xAA, 0xAA, 0xAA, 0x96, 0x69, 0x00, 0x03]), Err(FrameError::Length(3)));
        assert_eq!(answer(&[0x55; 100]), Err(FrameError::Noise));
    }

    #[test]
    fn after_a_damaged_frame_the_next_one_is_read() {
        let good = encode(&[0, 0, 0x80]);
        let mut bad = encode(&[0, 0, 0x90]).to_vec();
        bad[8] ^= 0x10;
        let mut deframer = Deframer::for_answers();
        assert_eq!(deframer.push(&bad).unwrap_err(), FrameError::Checksum);
        assert_eq!(deframer.push(&good).unwrap().as_deref(), Some(&vec![0, 0, 0x80]));
    }
}
