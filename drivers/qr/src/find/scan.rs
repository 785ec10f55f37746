//! Finder patterns by their run lengths: rows are searched for dark-light-dark-light-dark (or the negative) of
//! 1:1:3:1:1 (ISO/IEC 18004, 5.3.2), then the column and the row through the middle must show the same.

use crate::clock::Clock;
use crate::grey::Point;

/// A place that looks like a finder pattern.
#[derive(Clone, Copy, Debug)]
pub struct Sighting {
    pub centre: Point,
    /// Pixels a module along row and column.
    pub module: (f32, f32),
    /// Light on dark.
    pub inverted: bool,
    /// How many rows saw it.
    pub hits: u32,
}

impl Sighting {
    /// The same in a picture that is larger by a factor.
    pub fn enlarged(&self, by: f32) -> Self {
        Self { centre: self.centre.times(by), module: (self.module.0 * by, self.module.1 * by), ..*self }
    }
}

/// What follows a finder's outer dark ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rim {
    /// The quiet zone.
    Light,
    /// On the outside maybe something dark, into which the ring runs: no quiet zone was left.
    Open,
}

/// A picture of ones (dark) and zeros.
pub struct Bits<'a> {
    pub width: usize,
    pub height: usize,
    pub dark: &'a [u8],
}

/// More are not kept: no sheet of codes has so many, noise and hostile pictures have.
const SIGHTINGS_MAX: usize = 3000;
/// Of those, the ones that most rows saw are looked at.
const LOOKED_AT_MAX: usize = 120;
/// Sightings are made from top to bottom; one that a row meets again is among the last so many.
const RECENT: usize = 48;
/// The share of its rows (three modules) that must see a finder: noise is seen by one row.
const ROWS_SEEN_MIN: f32 = 0.34;

/// Places of `bits` that look like finder patterns, looking at every `step`th row; what most rows saw comes first.
pub fn sightings(bits: &Bits, (step, rim): (usize, Rim), clock: &Clock) -> Vec<Sighting> {
    let mut found: Vec<Sighting> = Vec::new();
    let mut edges: Vec<u32> = Vec::with_capacity(bits.width + 2);
    for y in (step / 2..bits.height).step_by(step) {
        if found.len() >= SIGHTINGS_MAX || ((y / step).is_multiple_of(16) && clock.is_over()) {
            break;
        }
        let row = &bits.dark[y * bits.width..][..bits.width];
        edges_of(row, &mut edges);
        // The run before edge k is dark where k is odd in a row that begins light.
        let begins_dark = row.first() == Some(&1);
        for (at, window) in edges.windows(6).enumerate() {
            let runs: [f32; 5] = std::array::from_fn(|k| (window[k + 1] - window[k]) as f32);
            if ratio(&runs, rim).is_none() {
                continue;
            }
            let inverted = (at % 2 == 0) != begins_dark;
            let x = (window[2] + window[3]) as f32 / 2.0;
            look(bits, (x, y), (inverted, rim), &mut found);
        }
    }
    let rows = |s: &Sighting| s.hits as f32 * step as f32 / (3.0 * s.module.1);
    found.retain(|s| rows(s) > ROWS_SEEN_MIN);
    found.sort_by(|a, b| (b.hits, rows(b)).partial_cmp(&(a.hits, rows(a))).unwrap_or(std::cmp::Ordering::Equal));
    found.truncate(LOOKED_AT_MAX);
    found
}

/// Places where a row changes, with its two ends.
fn edges_of(row: &[u8], edges: &mut Vec<u32>) {
    edges.clear();
    edges.push(0);
    let mut x = 0;
    while x + 9 <= row.len() {
        let word = |at: usize| -> u64 {
            let bytes: [u8; 8] = row[at..at + 8].try_into().unwrap_or_default();
            u64::from_le_bytes(bytes)
        };
        let mut changes = word(x) ^ word(x + 1);
        while changes != 0 {
            edges.push((x + 1) as u32 + changes.trailing_zeros() / 8);
            changes &= changes - 1;
        }
        x += 8;
    }
    edges.extend((x + 1..row.len()).filter(|&x| row[x] != row[x - 1]).map(|x| x as u32));
    edges.push(row.len() as u32);
}

/// Pixels a module where five runs are 1:1:3:1:1. Ink that spreads widens all dark runs and thins the light ones, so
/// that single runs may be far off while sums of neighbours may not.
fn ratio(runs: &[f32; 5], rim: Rim) -> Option<f32> {
    let [mut a, b, c, d, mut e] = *runs;
    if rim == Rim::Open {
        // At most one of the two may go on: on its other side the finder has its separator.
        let module = (b + c + d) / 5.0;
        if a > e {
            a = a.min(module);
        } else {
            e = e.min(module);
        }
    }
    let total = a + b + c + d + e;
    if total < 8.0 {
        return None;
    }
    let module = total / 7.0;
    let slack = 0.55 * module + 0.6;
    let single = |run: f32| (run - module).abs() < slack + 0.15 * module;
    let double = |two: f32| (two - 2.0 * module).abs() < slack;
    let fits = (c - 3.0 * module).abs() < 0.9 * module + 0.8
        && single(b)
        && single(d)
        && single(a)
        && single(e)
        && double(a + b)
        && double(d + e)
        && (b + c - 4.0 * module).abs() < 1.2 * slack
        && (c + d - 4.0 * module).abs() < 1.2 * slack;
    fits.then_some(module)
}

fn look(bits: &Bits, (x, y): (f32, usize), (inverted, rim): (bool, Rim), found: &mut Vec<Sighting>) {
    let near = |s: &&mut Sighting| {
        s.inverted == inverted
            && (s.centre.x - x).abs() < 1.2 * s.module.0
            && (s.centre.y - y as f32 - 0.5).abs() < 1.6 * s.module.1
    };
    if let Some(known) = found.iter_mut().rev().take(RECENT).find(near) {
        known.hits += 1;
        return;
    }
    let dark = u8::from(!inverted);
    let Some((middle_y, tall)) = through(bits, (x as usize, y), (0, 1), (dark, rim)) else { return };
    let Some((middle_x, wide)) = through(bits, (x as usize, middle_y as usize), (1, 0), (dark, rim)) else { return };
    if tall > 3.5 * wide || wide > 3.5 * tall {
        return;
    }
    let Some((middle_y, tall)) = through(bits, (middle_x as usize, middle_y as usize), (0, 1), (dark, rim)) else {
        return;
    };
    let centre = Point::new(middle_x, middle_y);
    let same = |s: &&mut Sighting| {
        s.inverted == inverted && s.centre.minus(centre).length() < 1.5 * s.module.0.min(s.module.1)
    };
    match found.iter_mut().rev().take(RECENT).find(same) {
        Some(known) => known.hits += 1,
        None => found.push(Sighting { centre, module: (wide, tall), inverted, hits: 1 }),
    }
}

/// The runs through a dark place along a row or a column: the middle of the pattern on that line and pixels a module.
fn through(
    bits: &Bits,
    (x, y): (usize, usize),
    (dx, dy): (usize, usize),
    (dark, rim): (u8, Rim),
) -> Option<(f32, f32)> {
    let (start, limit, stride) = if dx == 1 { (x, bits.width, 1) } else { (y, bits.height, bits.width) };
    let base = if dy == 1 { x } else { y.min(bits.height - 1) * bits.width };
    let is = |at: usize| bits.dark.get(base + at * stride) == Some(&dark);
    if start >= limit || !is(start) {
        return None;
    }
    // Outwards: rest of the middle, a light run, a dark run.
    let walk = |towards_end: bool| -> Option<[usize; 3]> {
        let mut at = start;
        let mut ends = [0; 3];
        for (run, end) in ends.iter_mut().enumerate() {
            let wanted = run != 1;
            loop {
                let next = if towards_end { at + 1 } else { at.wrapping_sub(1) };
                if next >= limit {
                    // The picture may end where the pattern does.
                    if run < 2 {
                        return None;
                    }
                    *end = if towards_end { limit } else { 0 };
                    break;
                }
                if is(next) != wanted {
                    *end = if towards_end { next } else { next + 1 };
                    at = next;
                    break;
                }
                at = next;
            }
        }
        Some(ends)
    };
    let (up, down) = (walk(false)?, walk(true)?);
    let runs =
        [up[1] - up[2], up[0] - up[1], down[0] - up[0], down[1] - down[0], down[2] - down[1]].map(|run| run as f32);
    let module = ratio(&runs, rim)?;
    Some(((up[0] + down[0]) as f32 / 2.0, module))
}
