//! The order in which a picture is looked at: the cheap look first, then smaller windows and other sizes, and the
//! costly ones only where finders were seen, until the picture is explained or the time is over.

mod attempt;
mod levels;

use crate::clock::Clock;
use crate::find::{Bits, Finder, sightings};
use crate::grey::{Grey, Point};
use crate::grid::{Placed, Sight, pairs, place, place_pair, triples};
use crate::symbol::{Level, Part};
use levels::{Look, Sizes};
use std::collections::HashSet;
use std::time::Duration;

/// A grey picture: rows of `width` bytes without gaps, 0 black to 255 white.
#[derive(Clone, Copy)]
pub struct Picture<'a> {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// At least `width * height` bytes; a picture with fewer holds nothing.
    pub grey: &'a [u8],
}

/// How long to look, and whether one answer is enough.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Time for one picture; looked at between steps, so that a step (a few milliseconds) may end behind it.
    pub budget: Duration,
    /// Goes on to other windows after the first code was read.
    pub thorough: bool,
}

/// A code that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    /// What it says.
    pub text: String,
    /// The bytes of its segments, Kanji in Shift-JIS and Hanzi in GB 2312.
    pub bytes: Vec<u8>,
    /// Its corners in the picture: where its first module lies, then clockwise (counter-clockwise if mirrored).
    pub corners: [Point; 4],
    /// 1 to 40.
    pub version: usize,
    /// Error correction.
    pub level: Level,
    /// Seen from behind or in a mirror.
    pub mirrored: bool,
    /// Light on dark.
    pub inverted: bool,
    /// Where it is a part of a whole (structured append).
    pub part: Option<Part>,
    /// Content by GS1 (FNC1 first); separators are U+001D.
    pub is_gs1: bool,
}

impl Effort {
    /// For one frame of a camera: 30 ms with the step that ends behind the budget, and the next frame comes soon.
    pub fn frame() -> Self {
        Self { budget: Duration::from_millis(28), thorough: false }
    }

    /// For a still picture that comes once: 400 ms.
    pub fn still() -> Self {
        Self { budget: Duration::from_millis(400), thorough: true }
    }
}

/// Reads all codes that are found within the effort; an empty list where there is none.
pub fn read(picture: &Picture, effort: &Effort) -> Vec<Code> {
    let (width, height) = (picture.width, picture.height);
    let Some(pixels) = width.checked_mul(height).and_then(|size| picture.grey.get(..size)) else { return Vec::new() };
    // A symbol of version 1 has 21 modules of at least a pixel.
    if width < 21 || height < 21 || width > u32::MAX as usize / 2 {
        return Vec::new();
    }
    let mut reading = Reading { clock: Clock::of(effort.budget), codes: Vec::new(), hopes: Vec::new() };
    reading.run(Grey { width, height, pixels }, effort.thorough);
    reading.codes
}

/// A map under which something looked like a symbol but was not read at the first attempt.
struct Hope {
    size: usize,
    inverted: bool,
    placed: Placed,
}

/// Of maps that were not read, the best are kept for the deep stage.
const HOPES_MAX: usize = 12;
/// Timing patterns below this agreement are not worth the deep stage.
const HOPE_MIN: f32 = 0.25;
/// A finder that fits so well (modules) and lies in no code read makes the reader look on.
const SURE_MISFIT: f32 = 0.14;

/// What an attempt costs at most, a module; it is not begun where less is left.
const QUICK_COST: Duration = Duration::from_nanos(500);
const DEEP_COST: Duration = Duration::from_nanos(2500);

/// Of a pair each finder was seen by so many rows.
const PAIR_HITS_MIN: u32 = 2;

/// Finders of one size of the picture, over all windows.
#[derive(Default)]
struct Seen {
    finders: Vec<Finder>,
    tried: HashSet<(usize, usize, usize)>,
    /// How many sure finders there were when pairs were tried.
    paired: usize,
}

struct Reading {
    clock: Clock,
    codes: Vec<Code>,
    hopes: Vec<Hope>,
}

impl Reading {
    fn run(&mut self, grey: Grey, thorough: bool) {
        let sizes = Sizes::new(grey);
        let mut seen: Vec<Seen> = Vec::new();
        seen.resize_with(sizes.len(), Seen::default);
        for look in sizes.looks() {
            if !self.clock.has(sizes.cost(&look)) {
                continue;
            }
            let finders = self.finders(&sizes, &look);
            let seen = &mut seen[look.sample];
            let before = seen.finders.len();
            add(&mut seen.finders, finders);
            if seen.finders.len() > before {
                self.triples(&sizes, look.sample, seen);
            }
            let may_end = !thorough || look.then_enough;
            if self.clock.is_over() || (may_end && self.is_explained(sizes.scale(look.sample), &seen.finders)) {
                break;
            }
            if look.then_deep {
                self.deep(&sizes);
                if self.codes.is_empty() {
                    self.pairs(&sizes, look.sample, seen);
                    self.deep(&sizes);
                }
            }
        }
    }

    fn finders(&self, sizes: &Sizes, look: &Look) -> Vec<Finder> {
        let grey = sizes.grey(look.size);
        let mut dark = Vec::new();
        sizes.integral(look.size).binarise(&grey, look.window, &mut dark);
        let bits = Bits { width: grey.width, height: grey.height, dark: &dark };
        let mut finders = Vec::new();
        let (grey, larger) = (sizes.grey(look.fit), sizes.scale(look.size) / sizes.scale(look.fit));
        for place in sightings(&bits, (look.step, look.rim), &self.clock) {
            if self.clock.is_over() {
                break;
            }
            let place = place.enlarged(larger);
            if self.holds(place.centre.times(sizes.scale(look.fit))) {
                continue;
            }
            add(&mut finders, Finder::fit(&grey, &place));
        }
        finders
    }

    /// Whether a place of the picture lies in a code that was read.
    fn holds(&self, place: Point) -> bool {
        self.codes.iter().any(|code| {
            (0..4).all(|at| {
                let (a, b) = (code.corners[at], code.corners[(at + 1) % 4]);
                let inside = b.minus(a).cross(place.minus(a));
                let whole = b.minus(a).cross(code.corners[(at + 2) % 4].minus(a));
                inside * whole.signum() > -0.05 * whole.abs()
            })
        })
    }

    /// Something was read, and no sure finder is left over.
    fn is_explained(&self, scale: f32, finders: &[Finder]) -> bool {
        let left_over = |f: &Finder| f.misfit < SURE_MISFIT && f.hits > 2 && !self.holds(f.centre.times(scale));
        !self.codes.is_empty() && !finders.iter().any(left_over)
    }

    /// The quick attempt at every triple that was not tried yet.
    fn triples(&mut self, sizes: &Sizes, at: usize, seen: &mut Seen) {
        let (grey, scale) = (sizes.grey(at), sizes.scale(at));
        for triple in triples(&seen.finders) {
            if self.clock.is_over() {
                return;
            }
            let members = [triple.corner, triple.right, triple.down];
            let read = members.iter().any(|at| self.holds(seen.finders[*at].centre.times(scale)));
            if read || !seen.tried.insert((triple.corner, triple.right, triple.down)) {
                continue;
            }
            let inverted = seen.finders[triple.corner].inverted;
            let sight = Sight { grey, inverted, clock: self.clock };
            let maps = place(&sight, &seen.finders, &triple);
            if !maps.iter().any(|placed| self.attempt(&sight, scale, placed, (attempt::quick, QUICK_COST))) {
                maps.into_iter().for_each(|placed| self.hope(Hope { size: at, inverted, placed }));
            }
        }
    }

    /// Pairs of sure finders, where no three gave anything: one is covered, gone or not seen.
    fn pairs(&mut self, sizes: &Sizes, at: usize, seen: &mut Seen) {
        let sure = |f: &&Finder| f.misfit < SURE_MISFIT && f.hits >= PAIR_HITS_MIN;
        let finders: Vec<Finder> = seen.finders.iter().filter(sure).copied().collect();
        if finders.len() < 2 || seen.paired == finders.len() {
            return;
        }
        seen.paired = finders.len();
        let grey = sizes.grey(at);
        for pair in pairs(&finders) {
            if self.clock.is_over() {
                return;
            }
            let inverted = finders[pair.first].inverted;
            let sight = Sight { grey, inverted, clock: self.clock };
            for placed in place_pair(&sight, &finders, &pair) {
                self.hope(Hope { size: at, inverted, placed });
            }
        }
    }

    fn hope(&mut self, hope: Hope) {
        if hope.placed.timing < HOPE_MIN {
            return;
        }
        let place = self.hopes.partition_point(|other| other.placed.timing >= hope.placed.timing);
        self.hopes.insert(place, hope);
        self.hopes.truncate(HOPES_MAX);
    }

    /// The costly attempt at what is hoped for, the best first.
    fn deep(&mut self, sizes: &Sizes) {
        for hope in std::mem::take(&mut self.hopes) {
            let (grey, scale) = (sizes.grey(hope.size), sizes.scale(hope.size));
            let map = &hope.placed.map;
            let middle = map.at(map.side() / 2.0, map.side() / 2.0).times(scale);
            if self.clock.is_over() {
                return;
            }
            if self.holds(middle) {
                continue;
            }
            let sight = Sight { grey, inverted: hope.inverted, clock: self.clock };
            for stage in attempt::stages(&hope.placed) {
                if self.clock.is_over() || self.attempt(&sight, scale, &hope.placed, (*stage, DEEP_COST)) {
                    break;
                }
            }
        }
    }

    fn attempt(
        &mut self,
        sight: &Sight,
        scale: f32,
        placed: &Placed,
        (stage, cost): (attempt::Stage, Duration),
    ) -> bool {
        let side = placed.version.side() as u32;
        if !self.clock.has(cost * (side * side)) {
            return false;
        }
        let Some((content, map)) = stage(sight, placed) else { return false };
        let side = map.side();
        let corners = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)].map(|(u, v)| map.at(u, v).times(scale));
        self.codes.push(Code {
            text: content.message.text,
            bytes: content.message.bytes,
            corners,
            version: content.version.number(),
            level: content.level,
            mirrored: content.mirrored,
            inverted: sight.inverted,
            part: content.message.part,
            is_gs1: content.message.is_gs1,
        });
        true
    }
}

/// Adds finders that are not known yet; of two at one place the better fit stays.
fn add(all: &mut Vec<Finder>, more: impl IntoIterator<Item = Finder>) {
    for finder in more {
        let same = |other: &&mut Finder| {
            other.inverted == finder.inverted
                && other.centre.minus(finder.centre).length() < 1.5 * other.module().max(finder.module())
        };
        match all.iter_mut().find(same) {
            Some(known) => known.hits = known.hits.max(finder.hits),
            None => all.push(finder),
        }
    }
}
