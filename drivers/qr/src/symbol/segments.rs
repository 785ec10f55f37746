//! The data words as text: numeric, alphanumeric, byte, Kanji, Hanzi (GB/T 18284), ECI, structured append and FNC1
//! (ISO/IEC 18004:2015, 7.4). Every count is checked against the bits that are left.

use super::charset;
use super::layout::Version;
use encoding_rs::{Encoding, GB18030, SHIFT_JIS};

/// One of several symbols that belong together (structured append).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which one, from 0.
    pub index: u8,
    /// How many there are, 2 to 16.
    pub count: u8,
    /// The XOR of all bytes of the whole, the same in each part.
    pub parity: u8,
}

/// What a symbol says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The characters.
    pub text: String,
    /// The bytes as they stand in the segments, Kanji in Shift-JIS and Hanzi in GB 2312.
    pub bytes: Vec<u8>,
    /// Where the symbol is a part of a whole.
    pub part: Option<Part>,
    /// Where the symbol marks its content as GS1's (FNC1 in first position); separators are U+001D.
    pub is_gs1: bool,
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn left(&self) -> usize {
        self.bytes.len() * 8 - self.at
    }

    fn take(&mut self, count: usize) -> Option<u32> {
        if count > self.left() {
            return None;
        }
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | u32::from(self.bytes[self.at / 8] >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }
}

/// Bytes of one set that stand together.
struct Run {
    /// Nothing where no ECI says it.
    set: Option<&'static Encoding>,
    bytes: Vec<u8>,
}

/// Reads segments until the terminator, and how many bits of the padding behind it agree with the standard's. Nothing
/// where a mode is unknown or a count says more than there is.
pub fn message(words: &[u8], version: Version) -> Option<(Message, usize)> {
    let mut bits = Bits { bytes: words, at: 0 };
    let mut message = Message::default();
    let mut runs: Vec<Run> = Vec::new();
    let mut eci = None;
    let group = match version.number() {
        ..=9 => 0,
        10..=26 => 1,
        _ => 2,
    };
    let mut fnc1 = false;
    while bits.left() >= 4 {
        let mode = bits.take(4)?;
        match mode {
            0 => break,
            1 => push(&mut runs, None, &numeric(&mut bits, [10, 12, 14][group])?),
            2 => push(&mut runs, None, &alphanumeric(&mut bits, [9, 11, 13][group], fnc1)?),
            4 => {
                let count = bits.take([8, 16, 16][group])? as usize;
                let bytes: Option<Vec<u8>> = if bits.left() < count * 8 {
                    None
                } else {
                    (0..count).map(|_| Some(bits.take(8)? as u8)).collect()
                };
                push(&mut runs, eci, &bytes?);
            }
            8 => push(&mut runs, Some(SHIFT_JIS), &double(&mut bits, [8, 10, 12][group], kanji)?),
            13 => {
                // The subset: 1 is GB 2312, no other is given out.
                (bits.take(4)? == 1).then_some(())?;
                push(&mut runs, Some(GB18030), &double(&mut bits, [8, 10, 12][group], hanzi)?);
            }
            7 => eci = charset::of_eci(designator(&mut bits)?),
            3 => {
                let (index, last, parity) = (bits.take(4)? as u8, bits.take(4)? as u8, bits.take(8)? as u8);
                message.part = Some(Part { index, count: last + 1, parity });
            }
            5 => (message.is_gs1, fnc1) = (true, true),
            9 => {
                bits.take(8)?;
                fnc1 = true;
            }
            _ => return None,
        }
    }
    for run in &runs {
        message.bytes.extend_from_slice(&run.bytes);
        match run.set {
            Some(set) => message.text.push_str(&charset::decode(&run.bytes, set)),
            None => message.text.push_str(&charset::guess(&run.bytes)),
        }
    }
    Some((message, padding(&bits)))
}

/// Bytes of padding (11101100, 00010001 in turn) as the standard wants them, in bits; 0 where one differs.
fn padding(bits: &Bits) -> usize {
    let rest = bits.bytes.get(bits.at.div_ceil(8)..).unwrap_or_default();
    let agrees = rest.iter().zip([0xec, 0x11].into_iter().cycle()).all(|(byte, pad)| *byte == pad);
    if agrees { rest.len() * 8 } else { 0 }
}

/// Adds bytes to the last run where they are of its set. Digits and plain letters are the same in every set, and stand
/// with their neighbours so that one set is guessed for all.
fn push(runs: &mut Vec<Run>, set: Option<&'static Encoding>, bytes: &[u8]) {
    match runs.last_mut() {
        Some(run) if run.set == set => run.bytes.extend_from_slice(bytes),
        _ => runs.push(Run { set, bytes: bytes.to_vec() }),
    }
}

fn numeric(bits: &mut Bits, width: usize) -> Option<Vec<u8>> {
    let mut count = bits.take(width)? as usize;
    if bits.left() < count / 3 * 10 {
        return None;
    }
    let mut digits = Vec::with_capacity(count);
    while count > 0 {
        let group = count.min(3);
        let value = bits.take([4, 7, 10][group - 1])?;
        let text = format!("{value:0group$}");
        (text.len() == group).then(|| digits.extend_from_slice(text.as_bytes()))?;
        count -= group;
    }
    Some(digits)
}

fn alphanumeric(bits: &mut Bits, width: usize, fnc1: bool) -> Option<Vec<u8>> {
    const LETTERS: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let count = bits.take(width)? as usize;
    if bits.left() < count / 2 * 11 {
        return None;
    }
    let mut letters = Vec::with_capacity(count);
    for _ in 0..count / 2 {
        let pair = bits.take(11)? as usize;
        letters.extend([*LETTERS.get(pair / 45)?, LETTERS[pair % 45]]);
    }
    if count % 2 == 1 {
        letters.push(*LETTERS.get(bits.take(6)? as usize)?);
    }
    if !fnc1 {
        return Some(letters);
    }
    // With FNC1 a percent sign is a separator and two of them are one percent sign (7.4.8.2).
    let mut out = Vec::with_capacity(letters.len());
    let mut rest = letters.as_slice();
    while let [first, tail @ ..] = rest {
        let doubled = *first == b'%' && tail.first() == Some(&b'%');
        out.push(if *first == b'%' && !doubled { 0x1d } else { *first });
        rest = &tail[usize::from(doubled)..];
    }
    Some(out)
}

/// Characters of thirteen bits, as two bytes each.
fn double(bits: &mut Bits, width: usize, bytes: impl Fn(u32) -> u32) -> Option<Vec<u8>> {
    let count = bits.take(width)? as usize;
    if bits.left() < count * 13 {
        return None;
    }
    let mut out = Vec::with_capacity(count * 2);
    for _ in 0..count {
        let code = bytes(bits.take(13)?);
        out.extend([(code >> 8) as u8, code as u8]);
    }
    Some(out)
}

fn kanji(packed: u32) -> u32 {
    let code = ((packed / 0xc0) << 8) | (packed % 0xc0);
    if code + 0x8140 <= 0x9ffc { code + 0x8140 } else { code + 0xc140 }
}

fn hanzi(packed: u32) -> u32 {
    let code = ((packed / 0x60) << 8) | (packed % 0x60);
    if code + 0xa1a1 <= 0xaafe { code + 0xa1a1 } else { code + 0xa6a1 }
}

fn designator(bits: &mut Bits) -> Option<u32> {
    let first = bits.take(8)?;
    match (first as u8).leading_ones() {
        0 => Some(first),
        1 => Some((first & 0x3f) << 8 | bits.take(8)?),
        2 => Some((first & 0x1f) << 16 | bits.take(16)?),
        _ => None,
    }
}
