//! Dark or light by the local mean: each pixel against the mean of a square around it, from an integral image
//! (Bradley and Roth 2007). One window suits codes whose finders are smaller than it; several are tried.

use crate::grey::{Grey, Plane};

/// Sums over rectangles of a picture in four look-ups. Sums wrap at 32 bits; differences over windows do not.
pub struct Integral {
    width: usize,
    height: usize,
    sums: Vec<u32>,
    noise: u32,
}

/// By how many of 255 steps a pixel must be darker than its surroundings, least and most: flat ground stays light, and
/// noise on it makes fewer specks.
const BIAS: (u32, u32) = (2, 12);
/// Noise is measured on every so many rows and columns.
const NOISE_GRID: usize = 5;

impl Integral {
    pub fn new(grey: &Grey) -> Self {
        let stride = grey.width + 1;
        let mut sums = vec![0u32; stride * (grey.height + 1)];
        for (y, row) in grey.pixels.chunks_exact(grey.width).enumerate() {
            let (above, below) = sums.split_at_mut((y + 1) * stride);
            let above = &above[y * stride + 1..];
            let mut sum = 0u32;
            for ((pixel, above), out) in row.iter().zip(above).zip(&mut below[1..stride]) {
                sum = sum.wrapping_add(u32::from(*pixel));
                *out = above.wrapping_add(sum);
            }
        }
        Self { width: grey.width, height: grey.height, sums, noise: noise(grey) }
    }

    /// Each pixel made to differ `by` times as much more from the mean of those in `reach` around it.
    pub fn sharpened(&self, grey: &Grey, (reach, by): (usize, i32)) -> Plane {
        let stride = self.width + 1;
        let mut pixels = Vec::with_capacity(self.width * self.height);
        for (y, row) in grey.pixels.chunks_exact(self.width).enumerate() {
            let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(self.height));
            let upper = &self.sums[top * stride..][..stride];
            let lower = &self.sums[bottom * stride..][..stride];
            for (x, pixel) in row.iter().enumerate() {
                let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(self.width));
                let sum = lower[right].wrapping_sub(lower[left]).wrapping_sub(upper[right]).wrapping_add(upper[left]);
                let mean = (sum / ((bottom - top) * (right - left)) as u32) as i32;
                let pixel = i32::from(*pixel);
                pixels.push((pixel + by * (pixel - mean)).clamp(0, 255) as u8);
            }
        }
        Plane { width: self.width, height: self.height, pixels }
    }

    /// Writes 1 for each dark pixel into `dark`, 0 for each light one; `window` is the square's side in pixels.
    pub fn binarise(&self, grey: &Grey, window: usize, dark: &mut Vec<u8>) {
        dark.clear();
        dark.resize(self.width * self.height, 0);
        let bias = self.noise.clamp(BIAS.0, BIAS.1);
        let reach = (window / 2).clamp(2, 4000);
        let stride = self.width + 1;
        let rows = grey.pixels.chunks_exact(self.width).zip(dark.chunks_exact_mut(self.width));
        for (y, (row, out)) in rows.enumerate() {
            let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(self.height));
            let upper = &self.sums[top * stride..][..stride];
            let lower = &self.sums[bottom * stride..][..stride];
            let tall = (bottom - top) as u32;
            let sum = |left: usize, right: usize| {
                lower[right].wrapping_sub(lower[left]).wrapping_sub(upper[right]).wrapping_add(upper[left])
            };
            let first = reach.min(self.width);
            let last = self.width.saturating_sub(reach + 1).max(first);
            for x in (0..first).chain(last..self.width) {
                let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(self.width));
                let area = tall * (right - left) as u32;
                out[x] = u8::from((u32::from(row[x]) + bias) * area < sum(left, right));
            }
            if first < last {
                let wide = 2 * reach + 1;
                let area = tall * wide as u32;
                let count = last - first;
                let (left_low, right_low) = (&lower[first - reach..][..count], &lower[first + reach + 1..][..count]);
                let (left_up, right_up) = (&upper[first - reach..][..count], &upper[first + reach + 1..][..count]);
                let (row, out) = (&row[first..last], &mut out[first..last]);
                for at in 0..count {
                    let low = right_low[at].wrapping_sub(left_low[at]);
                    let sum = low.wrapping_sub(right_up[at].wrapping_sub(left_up[at]));
                    out[at] = u8::from((u32::from(row[at]) + bias) * area < sum);
                }
            }
        }
    }
}

/// The deviation of the noise, from the median difference of neighbours: edges are few beside flat ground.
pub fn noise(grey: &Grey) -> u32 {
    let mut counts = [0u32; 256];
    for row in grey.pixels.chunks_exact(grey.width).step_by(NOISE_GRID) {
        for pair in row.chunks_exact(2).step_by(NOISE_GRID) {
            counts[usize::from(pair[0].abs_diff(pair[1]))] += 1;
        }
    }
    let half = counts.iter().sum::<u32>() / 2;
    let mut sum = 0;
    // For normal noise the median difference is 0.95 deviations.
    counts
        .iter()
        .position(|count| {
            sum += count;
            sum > half
        })
        .unwrap_or(0) as u32
}
