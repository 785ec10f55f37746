//! From a soft grid to what it says. Format information by correlation of both copies; the hard grid to rqrr's decoder;
//! where that fails, Reed–Solomon with erasures at the least sure modules. An answer is kept only where the check
//! words that were not used up prove it: `Evidence`.

use super::blocks::{Block, Level, blocks};
use super::layout::{Layout, Version, format_bits, format_places, is_masked};
use super::reed_solomon::correct;
use super::segments::{Message, message};
use crate::clock::Clock;
use crate::grid::SoftGrid;

/// What a symbol says, and how it was written.
pub struct Content {
    pub message: Message,
    pub version: Version,
    pub level: Level,
    pub mirrored: bool,
}

/// Bits by which an answer must be less likely to come of chance, with rqrr's decision (a frame sees up to some hundred
/// of them) and with erasures (some thousand). A symbol of version 1-M with five wrong words of twenty-six proves 24.
const EVIDENCE_HARD: f32 = 22.0;
const EVIDENCE_SOFT: f32 = 31.0;
/// Formats that are tried, the likeliest first.
const FORMATS: usize = 3;
/// Formats below this correlation (0 to 1) are not tried.
const FORMAT_MIN: f32 = 0.25;

/// Formats that are so much less likely than the best are not tried either.
const FORMAT_BEHIND: f32 = 0.3;

/// Format information as it was read: level, mask, orientation.
#[derive(Clone, Copy)]
struct Format {
    number: u16,
    mirrored: bool,
    score: f32,
}

/// Reads a grid, whichever way round it lies. After the time is over only what was begun is ended: with a symbol of
/// version 40, one way of one format takes several milliseconds.
pub fn content(grid: &SoftGrid, layout: &Layout, clock: &Clock) -> Option<Content> {
    let is_time = |(at, _): &(usize, Format)| *at == 0 || !clock.is_over();
    formats(grid).into_iter().enumerate().take_while(is_time).find_map(|(_, format)| {
        let words = Words::of(grid, layout, format);
        let message = hard(grid, &words, layout.version, format);
        let message = message.or_else(|| soft(&words, layout.version, format, clock))?;
        Some(Content {
            message,
            version: layout.version,
            level: Level::of_bits(format.number >> 3),
            mirrored: format.mirrored,
        })
    })
}

fn formats(grid: &SoftGrid) -> Vec<Format> {
    let mut all = Vec::with_capacity(64);
    for mirrored in [false, true] {
        let values: Vec<[f32; 2]> = (0..15)
            .map(|at| {
                format_places(grid.side).map(|copy| {
                    let (x, y) = copy[at];
                    grid.at(x, y, mirrored).clamp(-0.7, 0.7)
                })
            })
            .collect();
        let total: f32 = values.iter().flatten().map(|value| value.abs()).sum::<f32>().max(1e-3);
        for number in 0..32 {
            let bits = format_bits(number);
            let sum: f32 = values
                .iter()
                .enumerate()
                .map(|(at, copies)| (copies[0] + copies[1]) * if bits >> (14 - at) & 1 == 1 { 1.0 } else { -1.0 })
                .sum();
            all.push(Format { number, mirrored, score: sum / total });
        }
    }
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    all.truncate(FORMATS);
    let least = all.first().map_or(0.0, |best| best.score - FORMAT_BEHIND).max(FORMAT_MIN);
    all.retain(|format| format.score > least);
    all
}

/// Codewords as read, unmasked, with how sure each is.
struct Words {
    bytes: Vec<u8>,
    sure: Vec<f32>,
}

impl Words {
    fn of(grid: &SoftGrid, layout: &Layout, format: Format) -> Self {
        let mask = (format.number & 7) as u8;
        let count = layout.version.codewords();
        let (mut bytes, mut sure) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for places in layout.data.chunks_exact(8).take(count) {
            let (mut byte, mut least, mut doubt) = (0u8, f32::MAX, 0.0);
            for &(x, y) in places {
                let (x, y) = (usize::from(x), usize::from(y));
                let value = grid.at(x, y, format.mirrored);
                byte = byte << 1 | u8::from((value > 0.0) != is_masked(mask, x, y));
                least = value.abs().min(least);
                doubt += (0.5 - value.abs()).max(0.0);
            }
            bytes.push(byte);
            sure.push(least - 0.1 * doubt);
        }
        Self { bytes, sure }
    }
}

/// The way by rqrr. It is given the format that the correlation found, in the orientation that goes with it.
fn hard(grid: &SoftGrid, words: &Words, version: Version, format: Format) -> Option<Message> {
    // A side that no version has would make rqrr panic.
    Version::of_side(grid.side)?;
    let bits = format_bits(format.number);
    let mut dark: Vec<bool> =
        (0..grid.side * grid.side).map(|at| grid.at(at % grid.side, at / grid.side, format.mirrored) > 0.0).collect();
    for copy in format_places(grid.side) {
        for (at, (x, y)) in copy.into_iter().enumerate() {
            dark[y * grid.side + x] = bits >> (14 - at) & 1 == 1;
        }
    }
    let simple = rqrr::SimpleGrid::from_func(grid.side, |x, y| dark[y * grid.side + x]);
    let mut bytes = Vec::new();
    rqrr::Grid::new(simple).decode_to(&mut bytes).ok()?;
    // rqrr tells neither how much it mended nor in which set the bytes are: both are asked of the words themselves.
    let (data, evidence) = mended(words, version, format, |_| vec![0])?;
    let (message, padding) = message(&data, version)?;
    let proved = evidence + (padding as f32).min(16.0) >= EVIDENCE_HARD;
    (proved && message.bytes == bytes && !bytes.is_empty()).then_some(message)
}

/// The own way: modes that rqrr does not know, and erasures.
fn soft(words: &Words, version: Version, format: Format, clock: &Clock) -> Option<Message> {
    let (data, evidence) = mended(words, version, format, |check| {
        // None, then a growing share of the check words, always leaving some unused; no try for a block without time.
        let steps: &[usize] = if clock.is_over() { &[] } else { &[0, 2, 4, 5, 6] };
        steps.iter().map(|step| check * step / 8).collect()
    })?;
    let (message, padding) = message(&data, version)?;
    let proved = evidence + (padding as f32).min(8.0) >= EVIDENCE_SOFT;
    (proved && !message.bytes.is_empty()).then_some(message)
}

/// Data words after correction, and the evidence for them. `erasures` says for a number of check words how many of the
/// least sure words are given up, try after try.
fn mended(
    words: &Words,
    version: Version,
    format: Format,
    erasures: impl Fn(usize) -> Vec<usize>,
) -> Option<(Vec<u8>, f32)> {
    let mut data = Vec::new();
    let mut evidence = 0.0;
    for block in blocks(version, Level::of_bits(format.number >> 3)) {
        let (bytes, bits) = erasures(block.check).into_iter().find_map(|count| mend(words, &block, count))?;
        data.extend_from_slice(&bytes[..bytes.len() - block.check]);
        evidence += bits;
    }
    Some((data, evidence))
}

fn mend(words: &Words, block: &Block, erased: usize) -> Option<(Vec<u8>, f32)> {
    let mut bytes: Vec<u8> = block.places.iter().map(|place| words.bytes[*place]).collect();
    let mut order: Vec<usize> = (0..bytes.len()).collect();
    if erased > 0 {
        order.sort_by(|a, b| words.sure[block.places[*a]].total_cmp(&words.sure[block.places[*b]]));
    }
    let erased = &order[..erased.min(order.len())];
    let wrong = correct(&mut bytes, block.check, erased)?;
    let evidence = evidence(bytes.len() - erased.len(), block.check - erased.len(), wrong);
    // A block that proves nothing by itself is as good as guessed.
    (evidence > 8.0).then_some((bytes, evidence))
}

/// Of how many bits it is improbable that chance gives words within `wrong` errors of a codeword: check words that were
/// not used up, less the choice of the places.
fn evidence(words: usize, check: usize, wrong: usize) -> f32 {
    let choices: f32 = (0..wrong).map(|at| ((words - at) as f32 / (at + 1) as f32).log2()).sum();
    8.0 * (check as f32 - wrong as f32) - choices
}
