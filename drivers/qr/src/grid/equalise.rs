//! Undoes what blur and smear mixed between neighbouring modules. From a first decision the mixture is measured over the
//! whole symbol (25 weights, by least squares); then each module is decided anew from all the places that its light
//! reached, the others' part taken out; softly at first, more surely from round to round (mean field annealing).

use super::soft::SoftGrid;
use crate::linear::solve;
use crate::symbol::Layout;

/// Modules in each direction into which light is mixed: a smear of four modules, a blur of one.
const REACH: usize = 2;
const SPAN: usize = 2 * REACH + 1;
const WEIGHTS: usize = SPAN * SPAN;
/// The weights and a constant.
const TERMS: usize = WEIGHTS + 1;
/// The mixture is measured anew so often; in large symbols less often, for the time.
const ROUNDS: usize = 4;
const ROUNDS_LARGE: usize = 2;
const LARGE_SIDE: usize = 90;
/// Passes over all modules a round.
const PASSES: usize = 2;
/// How much of the certainty that the noise would allow is taken in the first round; it doubles.
const FIRST_CERTAINTY: f32 = 0.12;
/// Modules from which the mixture is measured, at most.
const MEASURED_MAX: usize = 1200;
/// A mixture in which a module itself counts less than this is no measurement.
const OWN_PART_MIN: f32 = 0.08;
/// The least deviation of noise that is believed, a clean module being 1.
const NOISE_MIN: f32 = 0.04;

/// v(place) = constant + Σ weight(step) · sign(place + step).
struct Mixture {
    weights: [f32; WEIGHTS],
    constant: f32,
    /// Mean square of what the mixture does not explain.
    rest: f32,
}

/// Signs with a rim of quiet zone around them, which is light.
struct Signs {
    stride: usize,
    values: Vec<f32>,
}

impl SoftGrid {
    /// The grid with its neighbours' light taken out of each module; nothing where the mixture cannot be measured.
    pub fn equalised(&self, layout: &Layout) -> Option<Self> {
        let side = self.side;
        let mut is_known = vec![false; side * side];
        let mut signs = Signs::of(self);
        for module in &layout.known {
            let (x, y) = (usize::from(module.x), usize::from(module.y));
            is_known[y * side + x] = true;
            signs.values[(y + REACH) * signs.stride + x + REACH] = if module.dark { 1.0 } else { -1.0 };
        }
        let mut values = self.values.clone();
        let mut certainty = FIRST_CERTAINTY;
        for _ in 0..if side > LARGE_SIDE { ROUNDS_LARGE } else { ROUNDS } {
            let mixture = self.mixture(&signs)?;
            let mut rest = self.unexplained(&mixture, &signs);
            let slope = certainty / mixture.rest.max(NOISE_MIN * NOISE_MIN);
            for _ in 0..PASSES {
                pass(&mixture, (&mut rest, &mut signs), &is_known, (&mut values, slope));
            }
            certainty = (certainty * 2.0).min(1.0);
        }
        let mut equalised = Self { side, values, agreement: 0.0 };
        equalised.agreement = layout
            .known
            .iter()
            .map(|module| {
                let value = equalised.values[usize::from(module.y) * side + usize::from(module.x)].clamp(-1.0, 1.0);
                if module.dark { value } else { -value }
            })
            .sum::<f32>()
            / layout.known.len() as f32;
        Some(equalised)
    }

    /// The weights and the constant with which signs give the values best.
    fn mixture(&self, signs: &Signs) -> Option<Mixture> {
        let every = (self.side * self.side / MEASURED_MAX).max(1);
        let mut normal = [[0.0f32; TERMS + 1]; TERMS];
        let mut square = 0.0;
        let places: Vec<usize> = (0..self.side * self.side).step_by(every).collect();
        for &at in &places {
            let around = signs.around(at % self.side, at / self.side);
            let value = self.values[at];
            square += value * value;
            for (i, row) in normal.iter_mut().enumerate() {
                let factor = around[i];
                row[i..TERMS].iter_mut().zip(&around[i..]).for_each(|(cell, other)| *cell += factor * other);
                row[TERMS] += factor * value;
            }
        }
        for i in 1..TERMS {
            let (above, rest) = normal.split_at_mut(i);
            rest[0].iter_mut().zip(above).for_each(|(cell, other)| *cell = other[i]);
        }
        let mut stiff = normal.map(|row| row.map(f64::from));
        for (i, row) in stiff.iter_mut().enumerate() {
            let is_near = i < WEIGHTS && (i % SPAN).abs_diff(REACH) < 2 && (i / SPAN).abs_diff(REACH) < 2;
            row[i] += if is_near { 1.0 } else { 5.0 };
        }
        let solved = solve::<TERMS, { TERMS + 1 }>(stiff)?.map(|weight| weight as f32);
        let explained: f32 = solved.iter().zip(&normal).map(|(weight, row)| weight * row[TERMS]).sum();
        let mut weights = [0.0; WEIGHTS];
        weights.copy_from_slice(&solved[..WEIGHTS]);
        let rest = ((square - explained) / places.len() as f32).max(0.0);
        (weights[WEIGHTS / 2] > OWN_PART_MIN).then_some(Mixture { weights, constant: solved[WEIGHTS], rest })
    }

    /// What is left of each value when the mixture of the signs is taken away.
    fn unexplained(&self, mixture: &Mixture, signs: &Signs) -> Vec<f32> {
        let rest = self.values.iter().enumerate().map(|(at, value)| {
            let around = signs.around(at % self.side, at / self.side);
            value
                - mixture.constant
                - mixture.weights.iter().zip(&around).map(|(weight, sign)| weight * sign).sum::<f32>()
        });
        rest.collect()
    }
}

impl Signs {
    fn of(grid: &SoftGrid) -> Self {
        let stride = grid.side + 2 * REACH;
        let mut values = vec![-1.0f32; stride * stride];
        for (y, row) in grid.values.chunks_exact(grid.side).enumerate() {
            let to = &mut values[(y + REACH) * stride + REACH..][..grid.side];
            to.iter_mut().zip(row).for_each(|(sign, value)| *sign = (value * 3.0).clamp(-1.0, 1.0));
        }
        Self { stride, values }
    }

    /// The modules around one, row by row, and 1 for the constant.
    fn around(&self, x: usize, y: usize) -> [f32; TERMS] {
        let mut around = [1.0; TERMS];
        for (dy, to) in around[..WEIGHTS].chunks_exact_mut(SPAN).enumerate() {
            to.copy_from_slice(&self.values[(y + dy) * self.stride + x..][..SPAN]);
        }
        around
    }
}

/// Decides each unknown module once. What its light left in all places that it reached is its evidence.
fn pass(
    mixture: &Mixture,
    (rest, signs): (&mut [f32], &mut Signs),
    known: &[bool],
    (values, slope): (&mut [f32], f32),
) {
    let side = signs.stride - 2 * REACH;
    for y in 0..side {
        for x in 0..side {
            let sign_at = (y + REACH) * signs.stride + x + REACH;
            let sign = signs.values[sign_at];
            let (mut seen, mut power) = (0.0, 0.0);
            each_reached(side, (x, y), |at, step| {
                let weight = mixture.weights[step];
                seen += weight * rest[at];
                power += weight * weight;
            });
            let evidence = seen + power * sign;
            values[y * side + x] = (evidence / power.max(1e-6)).clamp(-1.5, 1.5);
            if known[y * side + x] {
                continue;
            }
            let decided = (evidence * slope).clamp(-4.0, 4.0).tanh();
            let change = decided - sign;
            signs.values[sign_at] = decided;
            each_reached(side, (x, y), |at, step| rest[at] -= mixture.weights[step] * change);
        }
    }
}

/// The places in which a module's light is found, each with the step from there to the module.
#[inline]
fn each_reached(side: usize, (x, y): (usize, usize), mut visit: impl FnMut(usize, usize)) {
    for dy in 0..SPAN {
        // place + step - REACH = module
        let Some(place_y) = (y + REACH).checked_sub(dy).filter(|place| *place < side) else { continue };
        for dx in 0..SPAN {
            let Some(place_x) = (x + REACH).checked_sub(dx).filter(|place| *place < side) else { continue };
            visit(place_y * side + place_x, dy * SPAN + dx);
        }
    }
}
