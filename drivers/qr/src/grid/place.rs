//! Lays a map over finders that belong together: which version it is, by the timing patterns and from version 7 on by
//! the version information; a homography of least squares from all that the finders say; the last alignment pattern.

use super::map::{Map, Pair as Known};
use super::refine::Sight;
use super::triple::{Pair, Triple};
use crate::find::Finder;
use crate::grey::Point;
use crate::symbol::{Version, version_bits};

/// A map with its version and how well the timing patterns alternate under it, −1 to 1.
#[derive(Clone)]
pub struct Placed {
    pub map: Map,
    pub version: Version,
    pub timing: f32,
}

/// Maps under which the timing patterns alternate less than this are given up.
const TIMING_MIN: f32 = 0.15;

/// A finder in its corner, with the symbol's directions there.
struct Anchor<'a> {
    finder: &'a Finder,
    corner: Corner,
    right: Point,
    down: Point,
}

#[derive(Clone, Copy, PartialEq)]
enum Corner {
    First,
    Right,
    Down,
}

/// Maps of three finders, the best first.
pub fn place(sight: &Sight, finders: &[Finder], triple: &Triple) -> Vec<Placed> {
    let (corner, right, down) = (&finders[triple.corner], &finders[triple.right], &finders[triple.down]);
    let (to_right, to_down) = (right.centre.minus(corner.centre), down.centre.minus(corner.centre));
    let anchors = [(corner, Corner::First), (right, Corner::Right), (down, Corner::Down)]
        .map(|(finder, at)| Anchor::turned(finder, at, to_right, to_down));
    placed(sight, &anchors, triple.modules)
}

/// Maps of two finders in each way in which they can belong together, the best first.
pub fn place_pair(sight: &Sight, finders: &[Finder], pair: &Pair) -> Vec<Placed> {
    let mut all = Vec::new();
    for (a, b) in [(pair.first, pair.second), (pair.second, pair.first)] {
        let (a, b) = (&finders[a], &finders[b]);
        let to = b.centre.minus(a.centre);
        let steps = a.steps_towards(to);
        let ways: &[(Corner, Corner, Point, Point)] = if pair.diagonal {
            // From the right corner the other lies to the left and down.
            let (left, down) = steps_of_diagonal(a, to);
            &[(Corner::Right, Corner::Down, left.times(-1.0), down)]
        } else {
            let (along, across) = steps;
            &[(Corner::First, Corner::Right, along, across), (Corner::First, Corner::Down, across.times(-1.0), along)]
        };
        for &(at_a, at_b, right, down) in ways {
            let anchors = [Anchor::turned(a, at_a, right, down), Anchor::turned(b, at_b, right, down)];
            all.extend(placed(sight, &anchors, pair.modules));
        }
    }
    all.sort_by(|a, b| b.timing.total_cmp(&a.timing));
    all
}

fn placed(sight: &Sight, anchors: &[Anchor], modules: f32) -> Vec<Placed> {
    let nearest = ((modules + 7.0 - 17.0) / 4.0).round() as isize;
    // A long side is counted less surely.
    let doubt = (1.0 + modules / 50.0) as isize;
    let versions = (nearest - doubt..=nearest + doubt).filter_map(|number| Version::new(number.max(0) as usize));
    let mut all: Vec<Placed> = versions.filter_map(|version| fitted(sight, anchors, version)).collect();
    all.sort_by(|a, b| b.timing.total_cmp(&a.timing));
    if let Some(version) = all.first().and_then(|best| stated_version(sight, best)) {
        // Data that looks like version information must not hide the version that the timing patterns speak for.
        let best = all.first().map(|best| best.version);
        if best != Some(version) {
            all.retain(|placed| placed.version != version);
            all.truncate(1);
            all.extend(fitted(sight, anchors, version));
        } else {
            all.truncate(1);
        }
    }
    all.truncate(2);
    all.retain(|placed| placed.timing > TIMING_MIN);
    all.iter().map(|placed| with_last_alignment(sight, anchors, placed)).collect()
}

fn fitted(sight: &Sight, anchors: &[Anchor], version: Version) -> Option<Placed> {
    let side = version.side();
    let map = Map::fit(side, &known(anchors, side))?;
    // A module below a pixel cannot be read, and corners far out are no fit.
    if map.module() < 0.9 || map.corners.iter().any(|corner| !sight.grey.holds(*corner, 0.5 * sight.grey.width as f32))
    {
        return None;
    }
    let timing = sight.timing(&map);
    Some(Placed { map, version, timing })
}

fn known(anchors: &[Anchor], side: usize) -> Vec<Known> {
    let mut known = Vec::with_capacity(anchors.len() * 9 + 1);
    for anchor in anchors {
        let middle = anchor.corner.middle(side);
        let trust = 1.0 / (0.1 + anchor.finder.misfit);
        for (i, j) in [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1)] {
            let (du, dv) = (i as f32 * 3.5, j as f32 * 3.5);
            let weight = if (i, j) == (0, 0) { 3.0 } else { 0.5 };
            known.push(Known {
                module: Point::new(middle.x + du, middle.y + dv),
                pixel: anchor.finder.centre.plus(anchor.right, du).plus(anchor.down, dv),
                weight: weight * trust,
            });
        }
    }
    known
}

/// The alignment pattern at the far corner holds what three finders cannot.
fn with_last_alignment(sight: &Sight, anchors: &[Anchor], placed: &Placed) -> Placed {
    let side = placed.version.side();
    if placed.version.number() < 2 {
        return placed.clone();
    }
    let at = side as f32 - 6.5;
    let reach = 2.5 + side as f32 * 0.03;
    let Some((off, alike)) = sight.alignment(&placed.map, (at, at), reach) else { return placed.clone() };
    let (right, down) = placed.map.steps(at - 0.5, at - 0.5);
    let pixel = placed.map.at(at, at).plus(right, off.x).plus(down, off.y);
    let mut all = known(anchors, side);
    all.push(Known { module: Point::new(at, at), pixel, weight: 60.0 * alike });
    let Some(map) = Map::fit(side, &all) else { return placed.clone() };
    let timing = sight.timing(&map);
    if timing < placed.timing - 0.15 { placed.clone() } else { Placed { map, version: placed.version, timing } }
}

/// The version that stands near the finders, from 7 on, where it is read beyond doubt.
fn stated_version(sight: &Sight, placed: &Placed) -> Option<Version> {
    if placed.version.number() < 6 {
        return None;
    }
    let side = placed.version.side();
    let copy = |mirrored: bool| -> Vec<f32> {
        let lights = (0..18).map(|at| {
            let (long, short) = ((at / 3) as f32 + 0.5, (side - 11 + at % 3) as f32 + 0.5);
            sight.light(if mirrored { placed.map.at(long, short) } else { placed.map.at(short, long) })
        });
        let lights: Vec<f32> = lights.collect();
        let mean = lights.iter().sum::<f32>() / 18.0;
        lights.iter().map(|light| mean - light).collect()
    };
    let both: Vec<f32> = copy(false).iter().zip(copy(true)).map(|(a, b)| a + b).collect();
    let total: f32 = both.iter().map(|value| value.abs()).sum::<f32>().max(1.0);
    let score = |number: usize| {
        let bits = version_bits(number);
        both.iter().enumerate().map(|(at, value)| if bits >> at & 1 == 1 { *value } else { -*value }).sum::<f32>()
            / total
    };
    let best = (7..=40).max_by(|a, b| score(*a).total_cmp(&score(*b)))?;
    (score(best) > 0.75).then(|| Version::new(best)).flatten()
}

impl Corner {
    fn middle(self, side: usize) -> Point {
        let far = side as f32 - 3.5;
        match self {
            Self::First => Point::new(3.5, 3.5),
            Self::Right => Point::new(far, 3.5),
            Self::Down => Point::new(3.5, far),
        }
    }
}

impl<'a> Anchor<'a> {
    /// The finder with its steps named as the symbol's directions want it.
    fn turned(finder: &'a Finder, corner: Corner, to_right: Point, to_down: Point) -> Self {
        if finder.round {
            let scaled = |to: Point| to.times(1.0 / finder.frame(finder.centre.plus(to, 1.0)).length().max(1e-3));
            return Self { finder, corner, right: scaled(to_right), down: scaled(to_down) };
        }
        let alike = |a: Point, b: Point| a.dot(b) / (a.length() * b.length()).max(1e-6);
        let (r, d) = (finder.right, finder.down);
        let quarters = [(r, d), (d, r.times(-1.0)), (r.times(-1.0), d.times(-1.0)), (d.times(-1.0), r)];
        let fit = |(right, down): &(Point, Point)| alike(*right, to_right) + alike(*down, to_down);
        let (right, down) = quarters.into_iter().max_by(|a, b| fit(a).total_cmp(&fit(b))).unwrap_or((r, d));
        Self { finder, corner, right, down }
    }
}

impl Finder {
    /// The finder's step along a direction, and the one clockwise of it.
    fn steps_towards(&self, to: Point) -> (Point, Point) {
        let (r, d) = (self.right, self.down);
        let quarters = [(r, d), (d, r.times(-1.0)), (r.times(-1.0), d.times(-1.0)), (d.times(-1.0), r)];
        let fit = |step: &Point| step.dot(to) / step.length().max(1e-6);
        quarters.into_iter().max_by(|a, b| fit(&a.0).total_cmp(&fit(&b.0))).unwrap_or((r, d))
    }
}

/// The steps to the left and down of a right corner from which the down corner lies in direction `to`.
fn steps_of_diagonal(finder: &Finder, to: Point) -> (Point, Point) {
    let seen = |(left, down): &(Point, Point)| {
        let area = left.cross(*down);
        (to.cross(*down) / area).min(left.cross(to) / area)
    };
    let (r, d) = (finder.right, finder.down);
    // Down is counter-clockwise of left.
    let quarters = [(d, r), (r.times(-1.0), d), (d.times(-1.0), r.times(-1.0)), (r, d.times(-1.0))];
    quarters.into_iter().max_by(|a, b| seen(a).total_cmp(&seen(b))).unwrap_or((d, r))
}
