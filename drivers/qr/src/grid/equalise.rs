//! Undoes what a blur mixed between neighbouring modules: from a first decision the mixture is measured over the whole
//! symbol (nine weights, by least squares), then each module is freed of its neighbours' part and decided anew.

use super::map::solve;
use super::soft::SoftGrid;
use crate::symbol::Layout;

/// A module, its eight neighbours and a constant.
const TERMS: usize = 10;
/// Decisions are made anew so often.
const ROUNDS: usize = 3;
/// A mixture in which a module itself counts less than this is no measurement.
const OWN_PART_MIN: f32 = 0.15;

impl SoftGrid {
    /// The grid with its neighbours' light taken out of each module; nothing where the mixture cannot be measured.
    pub fn equalised(&self, layout: &Layout) -> Option<Self> {
        let side = self.side;
        let mut known = vec![0.0f32; side * side];
        for module in &layout.known {
            known[usize::from(module.y) * side + usize::from(module.x)] = if module.dark { 1.0 } else { -1.0 };
        }
        let mut decided = Self { side, values: self.values.clone(), agreement: self.agreement };
        for _ in 0..ROUNDS {
            // With a rim of quiet zone around, which is light.
            let stride = side + 2;
            let mut signs = vec![-1.0f32; stride * stride];
            for y in 0..side {
                for x in 0..side {
                    let at = y * side + x;
                    let sign = if known[at] != 0.0 { known[at] } else { (decided.values[at] * 3.0).clamp(-1.0, 1.0) };
                    signs[(y + 1) * stride + x + 1] = sign;
                }
            }
            let weights = self.mixture(&signs)?;
            for y in 0..side {
                for x in 0..side {
                    let around = neighbourhood(&signs, stride, x, y);
                    let others: f32 =
                        (0..TERMS).filter(|&term| term != 4).map(|term| weights[term] * around[term]).sum();
                    decided.values[y * side + x] = ((self.values[y * side + x] - others) / weights[4]).clamp(-1.5, 1.5);
                }
            }
        }
        decided.agreement = layout
            .known
            .iter()
            .map(|module| {
                let value = decided.values[usize::from(module.y) * side + usize::from(module.x)].clamp(-1.0, 1.0);
                if module.dark { value } else { -value }
            })
            .sum::<f32>()
            / layout.known.len() as f32;
        Some(decided)
    }

    /// The nine weights and the constant with which signs give the values best.
    fn mixture(&self, signs: &[f32]) -> Option<[f32; TERMS]> {
        let stride = self.side + 2;
        let mut normal = [[0.0f32; TERMS + 1]; TERMS];
        for y in 0..self.side {
            for x in 0..self.side {
                let around = neighbourhood(signs, stride, x, y);
                let value = self.values[y * self.side + x];
                for (i, row) in normal.iter_mut().enumerate() {
                    let factor = around[i];
                    row[..TERMS].iter_mut().zip(&around).for_each(|(cell, other)| *cell += factor * other);
                    row[TERMS] += factor * value;
                }
            }
        }
        let mut normal = normal.map(|row| row.map(f64::from));
        normal.iter_mut().enumerate().for_each(|(i, row)| row[i] += 1.0);
        let weights = solve::<TERMS, { TERMS + 1 }>(normal)?.map(|weight| weight as f32);
        (weights[4] > OWN_PART_MIN).then_some(weights)
    }
}

fn neighbourhood(signs: &[f32], stride: usize, x: usize, y: usize) -> [f32; TERMS] {
    let row = |dy: usize| &signs[(y + dy) * stride + x..][..3];
    let (a, b, c) = (row(0), row(1), row(2));
    [a[0], a[1], a[2], b[0], b[1], b[2], c[0], c[1], c[2], 1.0]
}
