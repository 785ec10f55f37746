//! For paper that no simple curve describes: a lattice of small shifts laid over a map that is nearly right, and each
//! of its nodes moved while the modules around it become more decided: known ones towards their colour, the others away
//! from the threshold. Starts from the corner of the first finder, so that what is right already leads the rest.

use super::map::Map;
use super::refine::Sight;
use super::soft::Samples;
use crate::grey::Point;
use crate::symbol::Layout;

/// Modules between two nodes, about.
const SPACING: f32 = 7.0;
const CELLS: std::ops::RangeInclusive<usize> = 3..=10;
/// Modules that are looked at, about: of a large symbol every so many say enough.
const LOOKED_AT: usize = 1600;
/// Steps in modules by which nodes are moved, sweep by sweep.
const SWEEPS: [f32; 6] = [0.5, 0.5, 0.3, 0.3, 0.15, 0.15];
/// A node moves at most so many steps a sweep.
const MOVES_MAX: usize = 2;
/// What it costs (of a module's contrast, for each module around) that a node leaves the middle of its neighbours by
/// one module.
const STIFFNESS: f32 = 0.05;
/// A known module says as much as so many others.
const KNOWN_WEIGHT: f32 = 2.0;
/// Places within a module that are looked at.
const SPOTS: [(f32, f32); 4] = [(-0.27, -0.27), (0.27, -0.27), (-0.27, 0.27), (0.27, 0.27)];
/// Reach of the mean that a module is compared with, in modules.
const WINDOW: usize = 5;

/// Shifts in modules at the nodes of a lattice, straight between them.
#[derive(Clone, Debug, Default)]
pub struct Mesh {
    cells: usize,
    shifts: Vec<Point>,
}

impl Mesh {
    /// A mesh of some cells a side, whose nodes are shifted as `shift` says for their places in modules.
    pub fn of(side: f32, cells: usize, shift: impl Fn(f32, f32) -> Point) -> Self {
        let place = |node: usize| node as f32 * side / cells as f32;
        let nodes = (0..=cells).flat_map(|row| (0..=cells).map(move |column| (column, row)));
        Self { cells, shifts: nodes.map(|(column, row)| shift(place(column), place(row))).collect() }
    }

    /// As many cells as settle well.
    pub fn cells(side: f32) -> usize {
        ((side / SPACING) as usize).clamp(*CELLS.start(), *CELLS.end())
    }

    /// The shift at a place, given as shares of the side.
    #[inline]
    pub fn shift(&self, s: f32, t: f32) -> Point {
        if self.cells == 0 {
            return Point::default();
        }
        let most = self.cells as f32 - 0.001;
        let (x, y) = ((s * self.cells as f32).clamp(0.0, most), (t * self.cells as f32).clamp(0.0, most));
        let at = y as usize * (self.cells + 1) + x as usize;
        let (fx, fy) = (x.fract(), y.fract());
        let row = |at: usize| self.shifts[at].times(1.0 - fx).plus(self.shifts[at + 1], fx);
        row(at).times(1.0 - fy).plus(row(at + self.cells + 1), fy)
    }

    /// By how much a node leaves the middle of its neighbours, squared; at the rim, of those along the rim.
    fn strain(&self, column: usize, row: usize) -> f32 {
        let at = |column: usize, row: usize| self.shifts[row * (self.cells + 1) + column];
        let here = at(column, row);
        let mut sum = 0.0;
        let mut bend = |before: Point, after: Point| {
            let off = here.minus(before.plus(after, 1.0).times(0.5));
            sum += off.dot(off);
        };
        if (1..self.cells).contains(&column) {
            bend(at(column - 1, row), at(column + 1, row));
        }
        if (1..self.cells).contains(&row) {
            bend(at(column, row - 1), at(column, row + 1));
        }
        sum
    }
}

/// What is known of each module while the nodes are moved.
struct Field<'a> {
    sight: &'a Sight<'a>,
    side: usize,
    threshold: Vec<f32>,
    /// 1 for known dark, -1 for known light, 0 for the others.
    colour: Vec<f32>,
    steps: Vec<(Point, Point)>,
    contrast: f32,
    /// One of so many modules is looked at.
    every: usize,
}

/// The map with a mesh under which the modules are more decided.
pub fn mesh(sight: &Sight, map: &Map, layout: &Layout) -> Map {
    let mut meshed = map.clone();
    let side = map.side();
    meshed.mesh = Mesh::of(side, Mesh::cells(side), |u, v| map.mesh.shift(u / side, v / side));
    let cells = meshed.mesh.cells;
    let mut nodes: Vec<(usize, usize)> =
        (0..=cells).flat_map(|row| (0..=cells).map(move |column| (column, row))).collect();
    nodes.sort_by_key(|(column, row)| column + row);
    for step in SWEEPS {
        if sight.clock.is_over() {
            break;
        }
        let field = Field::of(sight, &meshed, layout);
        let mut is_moved = false;
        for &node in &nodes {
            is_moved |= field.settle(&mut meshed, node, step);
        }
        if !is_moved && step < 0.2 {
            break;
        }
    }
    meshed
}

impl<'a> Field<'a> {
    fn of(sight: &'a Sight<'a>, map: &Map, layout: &Layout) -> Self {
        let samples = Samples::take(&sight.grey, map, sight.inverted);
        let side = samples.side;
        let mut colour = vec![0.0; side * side];
        for known in &layout.known {
            colour[usize::from(known.y) * side + usize::from(known.x)] = if known.dark { 1.0 } else { -1.0 };
        }
        let steps = (0..side * side).map(|at| map.steps((at % side) as f32, (at / side) as f32)).collect();
        let contrast = sight.contrast(map, &layout.known).max(4.0);
        Self {
            sight,
            side,
            threshold: samples.window_means(WINDOW),
            colour,
            steps,
            contrast,
            every: (side * side).div_ceil(LOOKED_AT),
        }
    }

    /// Moves a node while that makes the modules around it more decided.
    fn settle(&self, map: &mut Map, (column, row): (usize, usize), step: f32) -> bool {
        let at = row * (map.mesh.cells + 1) + column;
        let mut is_moved = false;
        let mut best = self.score(map, (column, row));
        for _ in 0..MOVES_MAX {
            let from = map.mesh.shifts[at];
            let mut found = None;
            for (dx, dy) in [(step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step)] {
                map.mesh.shifts[at] = Point::new(from.x + dx, from.y + dy);
                let score = self.score(map, (column, row));
                if score > best {
                    (best, found) = (score, Some(map.mesh.shifts[at]));
                }
            }
            map.mesh.shifts[at] = found.unwrap_or(from);
            if found.is_none() {
                break;
            }
            is_moved = true;
        }
        is_moved
    }

    /// How decided the modules are that a node moves.
    fn score(&self, map: &Map, (column, row): (usize, usize)) -> f32 {
        let cell = self.side as f32 / map.mesh.cells as f32;
        let range = |node: usize| {
            let from = (node as f32 - 1.0) * cell;
            (from.max(0.0).ceil() as usize)..((from + 2.0 * cell) as usize).min(self.side)
        };
        let (mut sum, mut count) = (0.0, 0.0);
        for y in range(row) {
            for x in range(column).filter(|x| (x + 3 * y).is_multiple_of(self.every)) {
                let at = y * self.side + x;
                let (right, down) = self.steps[at];
                let middle = map.at(x as f32 + 0.5, y as f32 + 0.5);
                let light = |&(dx, dy): &(f32, f32)| self.sight.light(middle.plus(right, dx).plus(down, dy));
                let off = self.threshold[at] - SPOTS.iter().map(light).sum::<f32>() / SPOTS.len() as f32;
                let off = off.clamp(-0.6 * self.contrast, 0.6 * self.contrast);
                let colour = self.colour[at];
                sum += if colour == 0.0 { off.abs() } else { KNOWN_WEIGHT * colour * off };
                count += 1.0;
            }
        }
        sum - STIFFNESS * self.contrast * count * map.mesh.strain(column, row)
    }
}
