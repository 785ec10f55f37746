//! A finder pattern to a fraction of a pixel: rays from its middle cross its edges, the edges lie on squares of half
//! side 1.5, 2.5 and 3.5 modules, and the affine frame that fits them best is the finder's.

use super::scan::Sighting;
use crate::grey::{Grey, Point};
use crate::linear::solve;

/// A finder pattern: where it is and how modules lie there.
#[derive(Clone, Copy, Debug)]
pub struct Finder {
    pub centre: Point,
    /// Two modules' steps, in pixels, each along one side of the square.
    pub right: Point,
    pub down: Point,
    pub inverted: bool,
    /// Its rings are circles (as designers draw them): they say nothing of directions, the steps are upright.
    pub round: bool,
    /// Mean distance of the edges from the fitted squares, in modules.
    pub misfit: f32,
    pub hits: u32,
}

const RAYS: usize = 28;
/// After so many rays at least half of them must have seen a ring.
const RAYS_TRIED_FIRST: usize = 7;
/// The half sides of the three squares, in modules.
const HALF_SIDES: [f32; 3] = [1.5, 2.5, 3.5];
/// Edges that fit worse than this, in modules and in pixels together, are no finder's.
const MISFIT_MAX: (f32, f32) = (0.13, 0.25);
/// Many things are round: such finders stand behind square ones.
const ROUND_DOUBT: f32 = 0.04;
/// Squares that fit better than this are not tried as circles.
const SQUARE_FOR_SURE: f32 = 0.09;

/// An edge that a ray crossed, from the sighting's centre in pixels, and on which square it lies.
struct Edge {
    at: Point,
    half: f32,
}

impl Finder {
    /// Fits a finder to what stands at a sighting.
    pub fn fit(grey: &Grey, sighting: &Sighting) -> Option<Self> {
        let edges = edges(grey, sighting);
        if edges.len() < RAYS {
            return None;
        }
        let module = mean_module(&edges)?;
        let square = Self::square(sighting, &edges, module);
        if square.is_some_and(|square| square.misfit < SQUARE_FOR_SURE) {
            return square;
        }
        let round = Self::round(sighting, &edges, module);
        match (square, round) {
            (Some(square), Some(round)) if square.misfit < round.misfit => Some(square),
            (square, round) => round.or(square),
        }
    }

    fn square(sighting: &Sighting, edges: &[Edge], module: f32) -> Option<Self> {
        let mut best: Option<Frame> = None;
        for turn in [0.0f32, 22.5, 45.0, 67.5] {
            let Some(frame) = Frame::fit(edges, turn.to_radians(), module) else { continue };
            let good = frame.misfit < 0.1;
            if best.as_ref().is_none_or(|best| frame.misfit < best.misfit) {
                best = Some(frame);
            }
            if good {
                break;
            }
        }
        let frame = best.filter(|frame| frame.misfit < MISFIT_MAX.0 + MISFIT_MAX.1 / module)?;
        let (right, down, offset) = frame.steps()?;
        // One pixel of a blurred edge is worth little where a module has many, much where it has two.
        let skew = right.dot(down).abs() / (right.length() * down.length());
        let stretch = right.length() / down.length();
        if skew > 0.85 || !(0.25..4.0).contains(&stretch) {
            return None;
        }
        let (right, down) = if right.cross(down) >= 0.0 { (right, down) } else { (down, right) };
        let centre = sighting.centre.plus(offset, 1.0);
        let (inverted, misfit, hits) = (sighting.inverted, frame.misfit, sighting.hits);
        Some(Self { centre, right, down, inverted, round: false, misfit, hits })
    }

    /// Circles seen aslant are ellipses: x² and so on as a linear function of the squared radius, by least squares.
    fn round(sighting: &Sighting, edges: &[Edge], module: f32) -> Option<Self> {
        let mut normal = [[0.0f64; 6]; 5];
        for edge in edges {
            let (x, y, r) = (edge.at.x / module, edge.at.y / module, edge.half);
            // The middle may lie off by a little: its square is left out.
            let terms = [x * x, x * y, y * y, x, y].map(|term| f64::from(term / r));
            for (i, row) in normal.iter_mut().enumerate() {
                row[..5].iter_mut().zip(terms).for_each(|(cell, term)| *cell += terms[i] * term);
                row[5] += terms[i] * f64::from(r);
            }
        }
        let [a, b, c, d, e] = solve::<5, 6>(normal)?.map(|value| value as f32);
        let area = 4.0 * a * c - b * b;
        if a <= 0.0 || c <= 0.0 || area <= 0.1 {
            return None;
        }
        let (x0, y0) = ((b * e - 2.0 * c * d) / area, (b * d - 2.0 * a * e) / area);
        let radius = |x: f32, y: f32| (a * x * x + b * x * y + c * y * y).max(0.0).sqrt();
        let off = |edge: &Edge| (radius(edge.at.x / module - x0, edge.at.y / module - y0) - edge.half).abs();
        let misfit = edges.iter().map(|edge| off(edge).min(1.0)).sum::<f32>() / edges.len() as f32;
        if misfit > MISFIT_MAX.0 + MISFIT_MAX.1 / module || x0.hypot(y0) > 1.5 {
            return None;
        }
        // The frame in which the ellipse is a circle of the modules' size: the upright one of them all.
        let right = Point::new(module / a.sqrt(), 0.0);
        let height = (area / (4.0 * a)).sqrt();
        let down = Point::new(-b / (2.0 * a) / height * module, module / height);
        let centre = sighting.centre.plus(Point::new(x0, y0), module);
        let (inverted, hits) = (sighting.inverted, sighting.hits);
        Some(Self { centre, right, down, inverted, round: true, misfit: misfit + ROUND_DOUBT, hits })
    }

    /// Where a place lies in this finder's frame, in modules from its centre.
    pub fn frame(&self, place: Point) -> Point {
        let from = place.minus(self.centre);
        let area = self.right.cross(self.down);
        Point::new(from.cross(self.down) / area, self.right.cross(from) / area)
    }

    /// Mean pixels a module.
    pub fn module(&self) -> f32 {
        self.right.cross(self.down).abs().sqrt()
    }
}

/// Two lines u = a·x + b·y + c and the same for v: modules from pixels.
struct Frame {
    u: [f32; 3],
    v: [f32; 3],
    misfit: f32,
}

impl Frame {
    fn fit(edges: &[Edge], turn: f32, module: f32) -> Option<Self> {
        let (sine, cosine) = turn.sin_cos();
        let mut frame =
            Self { u: [cosine / module, sine / module, 0.0], v: [-sine / module, cosine / module, 0.0], misfit: 9.0 };
        for _ in 0..5 {
            let (mut for_u, mut for_v) = (Normal::default(), Normal::default());
            for edge in edges {
                let (u, v) = frame.modules(edge.at);
                // Near a corner it cannot be said which side was crossed, and blur rounds the corner off.
                if (u.abs() - v.abs()).abs() < 0.18 * edge.half {
                    continue;
                }
                if u.abs() > v.abs() {
                    for_u.add(edge.at, edge.half.copysign(u));
                } else {
                    for_v.add(edge.at, edge.half.copysign(v));
                }
            }
            frame.u = for_u.solve()?;
            frame.v = for_v.solve()?;
        }
        let (mut sum, mut count) = (0.0, 0.0);
        for edge in edges {
            let (u, v) = frame.modules(edge.at);
            if (u.abs() - v.abs()).abs() >= 0.18 * edge.half {
                sum += (u.abs().max(v.abs()) - edge.half).abs().min(1.0);
                count += 1.0;
            }
        }
        frame.misfit = if count > 0.0 { sum / count } else { 9.0 };
        Some(frame)
    }

    fn modules(&self, at: Point) -> (f32, f32) {
        let line = |l: &[f32; 3]| l[0] * at.x + l[1] * at.y + l[2];
        (line(&self.u), line(&self.v))
    }

    /// The frame the other way: pixels from modules, and the centre.
    fn steps(&self) -> Option<(Point, Point, Point)> {
        let ([a, b, c], [d, e, f]) = (self.u, self.v);
        let area = a * e - b * d;
        if area.abs() < 1e-6 {
            return None;
        }
        let right = Point::new(e / area, -d / area);
        let down = Point::new(-b / area, a / area);
        let centre = Point::new(-(right.x * c + down.x * f), -(right.y * c + down.y * f));
        Some((right, down, centre))
    }
}

/// Least squares of a·x + b·y + c = target.
#[derive(Default)]
struct Normal {
    xx: f32,
    xy: f32,
    yy: f32,
    x: f32,
    y: f32,
    n: f32,
    tx: f32,
    ty: f32,
    t: f32,
}

impl Normal {
    fn add(&mut self, at: Point, target: f32) {
        self.xx += at.x * at.x;
        self.xy += at.x * at.y;
        self.yy += at.y * at.y;
        self.x += at.x;
        self.y += at.y;
        self.n += 1.0;
        self.tx += at.x * target;
        self.ty += at.y * target;
        self.t += target;
    }

    fn solve(&self) -> Option<[f32; 3]> {
        if self.n < 6.0 {
            return None;
        }
        let (mx, my, mt) = (self.x / self.n, self.y / self.n, self.t / self.n);
        let (xx, xy, yy) = (self.xx - self.x * mx, self.xy - self.x * my, self.yy - self.y * my);
        let (tx, ty) = (self.tx - self.t * mx, self.ty - self.t * my);
        let area = xx * yy - xy * xy;
        if area <= 1e-4 * xx * yy {
            return None;
        }
        let (a, b) = ((tx * yy - ty * xy) / area, (ty * xx - tx * xy) / area);
        Some([a, b, mt - a * mx - b * my])
    }
}

/// Casts the rays. On each: out of the dark middle, into the ring, out of it; thresholds midway between the extremes
/// that the ray itself saw, so that a shadow on one side does not shift the edges.
fn edges(grey: &Grey, sighting: &Sighting) -> Vec<Edge> {
    let sign = if sighting.inverted { -1.0 } else { 1.0 };
    let (wide, tall) = sighting.module;
    let mut edges = Vec::with_capacity(RAYS * 3);
    let mut profile = Vec::with_capacity(80);
    for ray in 0..RAYS {
        if ray == RAYS_TRIED_FIRST && edges.len() < RAYS_TRIED_FIRST {
            break;
        }
        // In an order in which the first few already look around: 11 and 28 have no divisor in common.
        let (sine, cosine) = ((ray * 11 % RAYS) as f32 * std::f32::consts::TAU / RAYS as f32).sin_cos();
        // Row and column give the pattern's size along themselves; an ellipse through both is a first guess between.
        let module = 1.0 / (cosine / wide).hypot(sine / tall);
        let step = (module / 5.0).max(0.4);
        let count = ((module * 7.0 / step) as usize).min(80);
        profile.clear();
        profile.extend((0..count).map(|k| {
            let r = k as f32 * step;
            sign * grey.at(sighting.centre.x + cosine * r, sighting.centre.y + sine * r)
        }));
        let Some(radii) = crossings(&profile, module / step) else { continue };
        for (radius, half) in radii.into_iter().zip(HALF_SIDES) {
            if radius > 0.0 {
                edges.push(Edge { at: Point::new(cosine * radius * step, sine * radius * step), half });
            }
        }
    }
    edges
}

/// Where a ray's profile crosses the three edges, in steps; the outermost is 0 where it was not seen.
/// `module` is the guessed number of steps a module; a diagonal ray sees up to 1.5 times as many.
fn crossings(profile: &[f32], module: f32) -> Option<[f32; 3]> {
    let within = |from: f32, to: f32| {
        let from = (from as usize).min(profile.len());
        from..((to.ceil() as usize) + 1).clamp(from, profile.len())
    };
    let core = profile[within(0.0, module * 0.5)].iter().copied().fold(f32::MAX, f32::min);
    let span = profile[within(0.0, module * 4.0)].iter().copied().fold(f32::MIN, f32::max) - core;
    if span < 3.0 {
        return None;
    }
    // The first hill, then the valley behind it, then what is beyond.
    let hill = hill(profile, within(module * 0.9, module * 3.4), span * 0.12)?;
    let valley = {
        let range = within(hill as f32 + 1.0, hill as f32 + module * 2.2);
        let start = range.start;
        let slice = &profile[range];
        let lowest = slice.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1))?.0;
        start + lowest
    };
    if profile[hill] - core < span * 0.15 || profile[hill] - profile[valley] < span * 0.15 {
        return None;
    }
    let first = cross(profile, 0, hill, (core + profile[hill]) / 2.0)?;
    let second = cross(profile, hill, valley, (profile[hill] + profile[valley]) / 2.0)?;
    let range = within(valley as f32 + 1.0, valley as f32 + module * 2.0);
    let beyond = range.clone().max_by(|a, b| profile[*a].total_cmp(&profile[*b]));
    let third = beyond.filter(|at| profile[*at] - profile[valley] > span * 0.15).and_then(|at| {
        cross(profile, valley, at, (profile[valley] + profile[at].min(profile[hill] + span * 0.3)) / 2.0)
    });
    Some([first, second, third.unwrap_or(0.0)])
}

/// The first place in a range after which the profile falls by at least `drop`.
fn hill(profile: &[f32], range: std::ops::Range<usize>, drop: f32) -> Option<usize> {
    let mut top = range.start;
    let last = (range.end + range.len()).min(profile.len());
    for at in range.start..last {
        if profile[at] > profile[top] {
            top = at;
        } else if profile[top] - profile[at] > drop && top > range.start {
            return Some(top);
        }
    }
    None
}

/// Where the profile passes a level between two places, by straight interpolation.
fn cross(profile: &[f32], from: usize, to: usize, level: f32) -> Option<f32> {
    let rising = profile.get(to)? > profile.get(from)?;
    let pass = |at: usize| {
        let (a, b) = (profile[at], profile[at + 1]);
        let passes = if rising { a <= level && b > level } else { a >= level && b < level };
        passes.then(|| at as f32 + (level - a) / (b - a))
    };
    // The edge next to the extreme that is known best, not a speck before it: seen from the middle that is the hill.
    if from == 0 { (from..to).rev().find_map(pass) } else { (from..to).find_map(pass) }
}

/// A first module size from the edges: on average over all directions a square of half side h is 1.122 h away.
fn mean_module(edges: &[Edge]) -> Option<f32> {
    let total: f32 = edges.iter().map(|edge| edge.at.length() / edge.half).sum();
    (!edges.is_empty()).then(|| total / edges.len() as f32 / 1.122)
}
