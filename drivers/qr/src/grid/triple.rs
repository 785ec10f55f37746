//! Which finders belong to one symbol, by geometry alone: seen from the corner finder one lies along its rows, the
//! other along its columns, at the same number of modules. Mirrored symbols look the same and are told apart later.

use crate::find::Finder;
use crate::grey::Point;

/// Three finders that may belong together; places in the list of finders.
#[derive(Clone, Copy, Debug)]
pub struct Triple {
    pub corner: usize,
    /// Clockwise of it comes `down`.
    pub right: usize,
    pub down: usize,
    /// Modules between the finders' middles: the side less 7.
    pub modules: f32,
    /// How far from ideal, 0 is best.
    pub strain: f32,
}

/// Two finders that may belong together.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    pub first: usize,
    pub second: usize,
    pub modules: f32,
    /// Whether they are the ends of a diagonal.
    pub diagonal: bool,
    pub strain: f32,
}

/// By how much a side may leave the direction of the finder's own rows, as a tangent.
const ASLANT_MAX: f32 = 0.42;
/// Modules between finders: version 1 has 14, version 40 has 170.
const MODULES: std::ops::RangeInclusive<f32> = 10.5..=195.0;
/// Larger lists of finders come of texture.
const FINDERS_MAX: usize = 48;
const TRIPLES_MAX: usize = 40;
/// More strained than this no symbol is, not even tilted by 60°.
const STRAIN_MAX: f32 = 1.3;

/// How the second finder lies in the frame of the first.
#[derive(Clone, Copy)]
struct Side {
    other: usize,
    /// Along the first step (0) or the second (1) of the frame.
    axis: usize,
    modules: f32,
    strain: f32,
}

/// All triples, the least strained first.
pub fn triples(finders: &[Finder]) -> Vec<Triple> {
    let chosen = best(finders);
    let mut all = Vec::new();
    for &corner in &chosen {
        let finder = &finders[corner];
        let sides: Vec<Side> = chosen.iter().filter_map(|&other| side(finders, corner, other)).collect();
        for (at, a) in sides.iter().enumerate() {
            for b in sides[at + 1..].iter().filter(|b| b.axis != a.axis || finder.round) {
                let apart = (a.modules - b.modules).abs() / (a.modules + b.modules) * 2.0;
                if apart > 0.28 {
                    continue;
                }
                let [to_a, to_b] = [a.other, b.other].map(|other| finders[other].centre.minus(finder.centre));
                let turn = to_a.cross(to_b) / (to_a.length() * to_b.length());
                if turn.abs() < if finder.round { 0.6 } else { 0.25 } {
                    continue;
                }
                let (right, down) = if turn > 0.0 { (a.other, b.other) } else { (b.other, a.other) };
                all.push(Triple {
                    corner,
                    right,
                    down,
                    modules: (a.modules + b.modules) / 2.0,
                    strain: a.strain + b.strain + 2.0 * apart,
                });
            }
        }
    }
    all.retain(|triple| triple.strain < STRAIN_MAX);
    all.sort_by(|a, b| a.strain.total_cmp(&b.strain));
    all.truncate(TRIPLES_MAX);
    all
}

/// All pairs that may be two of three, the least strained first.
pub fn pairs(finders: &[Finder]) -> Vec<Pair> {
    let chosen = best(finders);
    let mut all = Vec::new();
    for (at, &first) in chosen.iter().enumerate() {
        for &second in &chosen[at + 1..] {
            // A single side of a round finder says too little.
            if finders[first].round || finders[second].round {
                continue;
            }
            if let Some(side) = side(finders, first, second) {
                all.push(Pair { first, second, modules: side.modules, diagonal: false, strain: side.strain });
            } else if let Some((modules, strain)) = diagonal(&finders[first], &finders[second]) {
                all.push(Pair { first, second, modules, diagonal: true, strain });
            }
        }
    }
    all.retain(|pair| pair.strain < STRAIN_MAX);
    all.sort_by(|a, b| a.strain.total_cmp(&b.strain));
    all.truncate(TRIPLES_MAX);
    all
}

/// The finders that fit best.
fn best(finders: &[Finder]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..finders.len()).collect();
    order.sort_by(|a, b| finders[*a].misfit.total_cmp(&finders[*b].misfit));
    order.truncate(FINDERS_MAX);
    order
}

fn side(finders: &[Finder], first: usize, other: usize) -> Option<Side> {
    let (a, b) = (&finders[first], &finders[other]);
    if first == other || a.inverted != b.inverted {
        return None;
    }
    let (seen, back) = (a.frame(b.centre), b.frame(a.centre));
    let (axis, far, aslant) = along(seen, a.round)?;
    let (_, far_back, aslant_back) = along(back, b.round)?;
    // Exact under perspective: the scale along a line changes so that the geometric mean of both ends counts modules.
    let modules = (far * far_back).sqrt();
    let stretch = (far / far_back).max(far_back / far);
    if !MODULES.contains(&modules) || stretch > 2.6 {
        return None;
    }
    let strain = aslant + aslant_back + 0.3 * (stretch - 1.0) + a.misfit + b.misfit;
    Some(Side { other, axis, modules, strain })
}

/// The axis along which a place lies, how far, and how much beside it. A round finder has its axes wherever they suit.
fn along(seen: Point, round: bool) -> Option<(usize, f32, f32)> {
    if round {
        return Some((0, seen.length(), 0.1));
    }
    let (x, y) = (seen.x.abs(), seen.y.abs());
    let (axis, far, beside) = if x > y { (0, x, y) } else { (1, y, x) };
    let aslant = beside / far.max(1e-3);
    (aslant < ASLANT_MAX).then_some((axis, far, aslant))
}

fn diagonal(a: &Finder, b: &Finder) -> Option<(f32, f32)> {
    if a.inverted != b.inverted {
        return None;
    }
    let measure = |seen: Point| {
        let (x, y) = (seen.x.abs(), seen.y.abs());
        let uneven = (x - y).abs() / (x + y).max(1e-3);
        (uneven < 0.3).then_some(((x + y) / 2.0, uneven))
    };
    let (far, uneven) = measure(a.frame(b.centre))?;
    let (far_back, uneven_back) = measure(b.frame(a.centre))?;
    let stretch = (far / far_back).max(far_back / far);
    let modules = (far * far_back).sqrt();
    (MODULES.contains(&modules) && stretch < 2.2)
        .then_some((modules, 0.3 + uneven + uneven_back + 0.3 * (stretch - 1.0) + a.misfit + b.misfit))
}
