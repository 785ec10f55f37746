//! Makes a map agree with what is seen: alignment patterns are searched near where they should be, then corners and
//! bend are moved step by step while the contrast between dark and light function patterns grows.

use super::map::Map;
use super::mesh::Mesh;
use super::pins::Pins;
use crate::clock::Clock;
use crate::grey::{Grey, Point};
use crate::symbol::{Known, Layout};

/// How alike a place must be to an alignment pattern (correlation, −1 to 1).
const ALIKE_MIN: f32 = 0.72;

/// Modules between the nodes of the mesh that the pins leave.
const PINNED_SPACING: f32 = 3.5;

/// A picture in which dark is dark: light on dark is turned over. And how long one may look.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    pub grey: Grey<'a>,
    pub inverted: bool,
    pub clock: Clock,
}

impl Sight<'_> {
    #[inline]
    pub fn light(&self, at: Point) -> f32 {
        let light = self.grey.at(at.x, at.y);
        if self.inverted { 255.0 - light } else { light }
    }

    /// How regularly the two timing patterns alternate, −1 to 1: each module against its neighbours.
    pub fn timing(&self, map: &Map) -> f32 {
        (self.timing_line(map, true) + self.timing_line(map, false)) / 2.0
    }

    fn timing_line(&self, map: &Map, row: bool) -> f32 {
        let side = map.side() as usize;
        let light = |at: usize| {
            let at = at as f32 + 0.5;
            self.light(if row { map.at(at, 6.5) } else { map.at(6.5, at) })
        };
        let (mut agrees, mut total) = (0.0, 1.0);
        let (mut before, mut here) = (light(7), light(8));
        for at in 8..side - 8 {
            let after = light(at + 1);
            let difference = here - (before + after) / 2.0;
            // Even modules are dark.
            agrees += if at % 2 == 0 { -difference } else { difference };
            total += difference.abs();
            (before, here) = (here, after);
        }
        agrees / total
    }

    /// The map with the bend under which the timing patterns alternate best: from the row how rows bend, from the column
    /// how columns do.
    pub fn bowed(&self, map: &Map) -> Map {
        let mut best = map.clone();
        for (row, along, across) in [(true, 0, 2), (false, 3, 1)] {
            let score = |bend: [f32; 6]| {
                let effort = 0.01 * bend.iter().map(|by| by.abs()).sum::<f32>();
                Map::of(map.side(), map.corners, bend).map_or(-9.0, |bent| self.timing_line(&bent, row) - effort)
            };
            let mut found = (score(best.bend), best.bend);
            let start = best.bend;
            for i in -4i32..=4 {
                for j in -8i32..=8 {
                    let mut bend = start;
                    bend[along] += i as f32 * 0.4;
                    bend[across] += j as f32 * 0.4;
                    let seen = score(bend);
                    if seen > found.0 {
                        found = (seen, bend);
                    }
                }
            }
            if let Some(bent) = Map::of(map.side(), map.corners, found.1) {
                best = bent;
            }
        }
        best
    }

    /// The map with its far corner moved so that the last alignment pattern lies where it is found.
    pub fn anchored(&self, map: &Map) -> Map {
        let mut best = map.clone();
        let at = map.side() - 6.5;
        for reach in [4.0, 1.5] {
            let Some((off, _)) = self.alignment(&best, (at, at), reach) else { break };
            let (right, down) = best.steps(at - 0.5, at - 0.5);
            let mut corners = best.corners;
            // The pattern lies before the corner: the corner goes a little farther.
            let lever = (map.side() / at) * (map.side() / at);
            corners[2] = corners[2].plus(right, off.x * lever).plus(down, off.y * lever);
            let Some(mut moved) = Map::of(map.side(), corners, best.bend) else { break };
            moved.mesh.clone_from(&best.mesh);
            best = moved;
        }
        best
    }

    /// The light between the finders' dark and light rings.
    pub fn contrast_of_finders(&self, map: &Map) -> f32 {
        let far = map.side() - 7.0;
        let rings = [(0.0, 0.0), (far, 0.0), (0.0, far)].map(|(u, v)| {
            let light = |du: f32, dv: f32| self.light(map.at(u + du, v + dv));
            (light(1.5, 3.5) + light(5.5, 3.5) - light(0.5, 3.5) - light(6.5, 3.5)) / 2.0
        });
        rings.iter().sum::<f32>() / 3.0
    }

    /// The mean light of light function modules less that of dark ones.
    pub fn contrast(&self, map: &Map, known: &[Known]) -> f32 {
        let (mut sums, mut counts) = ([0.0f32; 2], [0.0f32; 2]);
        for module in known {
            let light = self.light(map.at(f32::from(module.x) + 0.5, f32::from(module.y) + 0.5));
            sums[usize::from(module.dark)] += light;
            counts[usize::from(module.dark)] += 1.0;
        }
        sums[0] / counts[0].max(1.0) - sums[1] / counts[1].max(1.0)
    }

    /// Searches an alignment pattern around the middle (u, v): by how many modules it is off, and how alike it is.
    pub fn alignment(&self, map: &Map, (u, v): (f32, f32), reach: f32) -> Option<(Point, f32)> {
        let (right, down) = map.steps(u - 0.5, v - 0.5);
        let from = map.at(u, v);
        let alike = |du: f32, dv: f32| self.alike(from.plus(right, du).plus(down, dv), right, down);
        let mut best = (0.0, 0.0, -1.0);
        let steps = (reach / 0.5) as i32;
        for j in -steps..=steps {
            for i in -steps..=steps {
                let (du, dv) = (i as f32 * 0.5, j as f32 * 0.5);
                // Of two that are alike the nearer one.
                let score = alike(du, dv) - 0.012 * du.hypot(dv);
                if score > best.2 {
                    best = (du, dv, score);
                }
            }
        }
        for step in [0.25, 0.12, 0.06] {
            for (i, j) in [(-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0)] {
                let (du, dv) = (best.0 + i * step, best.1 + j * step);
                let score = alike(du, dv) - 0.012 * du.hypot(dv);
                if score > best.2 {
                    best = (du, dv, score);
                }
            }
        }
        (best.2 > ALIKE_MIN).then(|| (Point::new(best.0, best.1), best.2))
    }

    /// Correlation of 25 modules with dark ring, light ring, dark middle.
    fn alike(&self, middle: Point, right: Point, down: Point) -> f32 {
        let (mut sum, mut squares, mut signed) = (0.0, 0.0, 0.0);
        for j in -2i32..=2 {
            for i in -2i32..=2 {
                let light = self.light(middle.plus(right, i as f32).plus(down, j as f32));
                let is_light = i.abs().max(j.abs()) == 1;
                sum += light;
                squares += light * light;
                // The template less its mean (8 of 25 are light).
                signed += light * if is_light { 0.68 } else { -0.32 };
            }
        }
        let spread = (squares - sum * sum / 25.0).max(25.0 * 4.0);
        // The template's own spread: 8 · 0.68² + 17 · 0.32².
        signed / (spread * 5.44).sqrt()
    }
}

/// Moves corners (and with `bends` the bend) while the contrast grows. Steps in modules, each half the one before.
pub fn descend(sight: &Sight, map: &Map, layout: &Layout, bends: bool) -> Map {
    // Of a large symbol every second module says as much.
    let stride = (layout.known.len() / 700).max(1);
    let known: Vec<Known> = layout.known.iter().copied().step_by(stride).collect();
    let mut best = map.clone();
    let mut contrast = sight.contrast(&best, &known);
    let module = map.module();
    let side = map.side();
    for step in [0.8f32, 0.4, 0.2, 0.1] {
        for _ in 0..2 {
            if sight.clock.is_over() {
                return best;
            }
            let before = contrast;
            for parameter in 0..if bends { 14 } else { 8 } {
                for sign in [1.0, -1.0] {
                    let (mut corners, mut bend) = (best.corners, best.bend);
                    match parameter {
                        0..8 if parameter % 2 == 0 => corners[parameter / 2].x += sign * step * module,
                        0..8 => corners[parameter / 2].y += sign * step * module,
                        _ => bend[parameter - 8] += sign * step,
                    }
                    let Some(mut moved) = Map::of(side, corners, bend) else { continue };
                    moved.mesh.clone_from(&best.mesh);
                    let seen = sight.contrast(&moved, &known);
                    if seen > contrast {
                        (best, contrast) = (moved, seen);
                        break;
                    }
                }
            }
            if contrast - before < 0.002 * contrast.abs() {
                break;
            }
        }
    }
    best
}

/// Pins the map to every alignment pattern that is found, the nearest to the first finder first, so that each is
/// searched from its neighbours' corrections. The corrections are left in the map's mesh.
pub fn pin(sight: &Sight, map: &Map, layout: &Layout) -> Map {
    let side = map.side();
    let mut pins = Pins::new(side);
    for place in [(3.5, 3.5), (side - 3.5, 3.5), (3.5, side - 3.5)] {
        pins.push(place, Point::default());
    }
    let mut places = layout.version.alignments();
    places.sort_by_key(|(x, y)| x + y);
    for (x, y) in places {
        let (u, v) = (x as f32 + 0.5, y as f32 + 0.5);
        let already = pins.shift(u, v);
        let Some((off, _)) = sight.alignment(map, (u + already.x, v + already.y), 1.5) else { continue };
        pins.push((u, v), already.plus(off, 1.0));
    }
    pins.smooth();
    let mut pinned = map.clone();
    let cells = (side / PINNED_SPACING) as usize;
    pinned.mesh = Mesh::of(side, cells, |u, v| pins.shift(u, v).plus(map.mesh.shift(u / side, v / side), 1.0));
    pinned
}
