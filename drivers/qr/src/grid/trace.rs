//! Follows the timing patterns of bent paper module by module from finder to finder: of all ways along which places may
//! leave the map little by little, the one on which dark and light alternate most (Viterbi 1967).

use super::map::Map;
use super::mesh::Mesh;
use super::refine::Sight;
use crate::grey::Point;

/// How far the pattern may leave the map along itself and across, in modules, and in which steps.
const ALONG: (i32, f32) = (10, 0.25);
const ACROSS: (i32, f32) = (10, 0.5);
const WIDE: usize = 2 * ALONG.0 as usize + 1;
const STATES: usize = WIDE * (2 * ACROSS.0 as usize + 1);
/// What one step aside costs, of the light between dark and light modules.
const STEP_COST: f32 = 0.12;

impl Sight<'_> {
    /// The map with a mesh that follows both timing patterns. Between them the shifts add up, as they do on a cylinder.
    pub fn traced(&self, map: &Map) -> Map {
        let (row, column) = (self.trace(map, true), self.trace(map, false));
        let mut traced = map.clone();
        traced.mesh = Mesh::of(map.side(), Mesh::cells(map.side()), |u, v| {
            let at = |line: &[Point], place: f32| {
                let place = (place - 0.5).clamp(0.0, line.len() as f32 - 1.001);
                let (index, part) = (place as usize, place.fract());
                line[index].times(1.0 - part).plus(line[index + 1], part)
            };
            at(&row, u).plus(at(&column, v), 1.0)
        });
        traced
    }

    /// By how much (in modules, to the right and down) each module of a timing pattern lies off the map.
    fn trace(&self, map: &Map, row: bool) -> Vec<Point> {
        let side = map.side() as usize;
        let shift = |state: usize| {
            let along = ((state % WIDE) as i32 - ALONG.0) as f32 * ALONG.1;
            let across = ((state / WIDE) as i32 - ACROSS.0) as f32 * ACROSS.1;
            if row { Point::new(along, across) } else { Point::new(across, along) }
        };
        let shifts: Vec<Point> = (0..STATES).map(shift).collect();
        let light = |at: usize| -> Vec<f32> {
            let (u, v) = if row { (at as f32 + 0.5, 6.5) } else { (6.5, at as f32 + 0.5) };
            let (here, (right, down)) = (map.at(u, v), map.steps(u - 0.5, v - 0.5));
            shifts.iter().map(|by| self.light(here.plus(right, by.x).plus(down, by.y))).collect()
        };
        let contrast = self.contrast_of_finders(map).max(4.0);
        let middle = STATES / 2;
        let mut best = vec![f32::MIN; STATES];
        best[middle] = 0.0;
        let mut from: Vec<Vec<u16>> = Vec::with_capacity(side);
        for at in 7..side - 7 {
            let sign = if at % 2 == 0 { -1.0 } else { 1.0 };
            let seen = light(at);
            let (mut next, mut came) = (vec![f32::MIN; STATES], vec![0; STATES]);
            for state in 0..STATES {
                let (score, origin) = best_way(&best, state, STEP_COST * contrast);
                if score > f32::MIN / 2.0 {
                    next[state] = score + sign * seen[state];
                    came[state] = origin as u16;
                }
            }
            best = next;
            from.push(came);
        }
        let mut line = vec![Point::default(); side];
        let mut state = middle;
        for (at, came) in (7..side - 7).zip(&from).rev() {
            line[at] = shifts[state];
            state = usize::from(came[state]);
        }
        line
    }
}

/// The best of the states from which one can come, at most one step aside in each direction.
fn best_way(best: &[f32], state: usize, cost: f32) -> (f32, usize) {
    let (x, y) = (state % WIDE, state / WIDE);
    let mut found = (best[state], state);
    for other_y in y.saturating_sub(1)..=(y + 1).min(STATES / WIDE - 1) {
        for other_x in x.saturating_sub(1)..=(x + 1).min(WIDE - 1) {
            let other = other_y * WIDE + other_x;
            let aside = (x.abs_diff(other_x) + y.abs_diff(other_y)) as f32;
            let score = best[other] - aside * cost;
            if score > found.0 {
                found = (score, other);
            }
        }
    }
    found
}
