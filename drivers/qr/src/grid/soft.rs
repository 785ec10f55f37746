//! The modules of a symbol as numbers: light sampled through a map, sharpened module by module against blur, and
//! signed against a threshold that follows the light. How sure a module is, is its distance from the threshold.

use super::map::Map;
use crate::grey::Grey;
use crate::symbol::Layout;

/// Light of each module, row by row, 0 dark to 255 light; light on dark is turned over.
pub struct Samples {
    pub side: usize,
    light: Vec<f32>,
}

/// Each module above 0 where it is dark, with how sure that is; 1 is a clean module.
pub struct SoftGrid {
    pub side: usize,
    pub values: Vec<f32>,
    /// How well the function patterns agree, −1 to 1.
    pub agreement: f32,
}

/// Where dark ends and light begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    /// The mean of the modules around, this many in each direction.
    Window(usize),
    /// Midway between two planes, one through the dark and one through the light function patterns.
    Planes,
    /// Midway between the mean of the dark and the mean of the light function patterns.
    Global,
}

/// Places within a module that are averaged, from its middle: its diagonals, and of a large one its axes too.
const SPOTS: [(f32, f32); 8] =
    [(-0.22, -0.22), (0.22, -0.22), (-0.22, 0.22), (0.22, 0.22), (-0.28, 0.0), (0.28, 0.0), (0.0, -0.28), (0.0, 0.28)];
/// Modules of fewer pixels are sampled once: the picture between pixels holds no more.
const ONE_SPOT_BELOW: f32 = 2.6;
/// Modules of more pixels are sampled at nine places.
const NINE_SPOTS_FROM: f32 = 5.0;

impl Samples {
    pub fn take(grey: &Grey, map: &Map, inverted: bool) -> Self {
        let side = map.side() as usize;
        let module = map.module();
        let spots = match module {
            ..ONE_SPOT_BELOW => &SPOTS[..0],
            ..NINE_SPOTS_FROM => &SPOTS[..4],
            _ => &SPOTS[..],
        };
        let mut light = Vec::with_capacity(side * side);
        for y in 0..side {
            for x in 0..side {
                let (u, v) = (x as f32 + 0.5, y as f32 + 0.5);
                let here = map.at(u, v);
                let mut sum = grey.at(here.x, here.y);
                if !spots.is_empty() {
                    let (right, down) = (map.at(u + 0.5, v).minus(here), map.at(u, v + 0.5).minus(here));
                    for (du, dv) in spots {
                        let spot = here.plus(right, du * 2.0).plus(down, dv * 2.0);
                        sum += grey.at(spot.x, spot.y);
                    }
                }
                let mean = sum / (spots.len() + 1) as f32;
                light.push(if inverted { 255.0 - mean } else { mean });
            }
        }
        Self { side, light }
    }

    /// Each module made to differ more from its four neighbours, which undoes a part of a blur.
    pub fn sharpened(&self, by: f32) -> Self {
        if by == 0.0 {
            return Self { side: self.side, light: self.light.clone() };
        }
        let last = self.side - 1;
        let at = |x: usize, y: usize| self.light[y * self.side + x];
        let mut light = Vec::with_capacity(self.light.len());
        for y in 0..self.side {
            for x in 0..self.side {
                // Beyond the rim lies the quiet zone, about which nothing is known: the rim itself stands for it.
                let around = at(x.saturating_sub(1), y)
                    + at((x + 1).min(last), y)
                    + at(x, y.saturating_sub(1))
                    + at(x, (y + 1).min(last));
                let here = at(x, y);
                light.push(here + by * (here - around / 4.0));
            }
        }
        Self { side: self.side, light }
    }

    /// Signs the modules.
    pub fn soft(&self, threshold: Threshold, layout: &Layout) -> SoftGrid {
        let levels = Levels::of(self, layout, threshold != Threshold::Global);
        let window = match threshold {
            Threshold::Window(reach) => Some(self.window_means(reach)),
            Threshold::Planes | Threshold::Global => None,
        };
        let mut values = Vec::with_capacity(self.light.len());
        for (at, light) in self.light.iter().enumerate() {
            let (dark_level, light_level) = levels.at(at % self.side, at / self.side);
            let contrast = (light_level - dark_level).max(2.0);
            let middle = window.as_ref().map_or((light_level + dark_level) / 2.0, |means| means[at]);
            let mut value = (2.0 * (middle - light) / contrast).clamp(-1.5, 1.5);
            // Lighter than paper or darker than ink is glare or a blot: its sign may be wrong, so it counts little.
            let beyond = (light - light_level).max(dark_level - light) / contrast;
            if beyond > 0.45 {
                value *= 0.25;
            }
            values.push(value);
        }
        let agreement = agreement(&values, self.side, layout);
        SoftGrid { side: self.side, values, agreement }
    }

    /// The mean of the modules around each, `reach` in each direction.
    pub fn window_means(&self, reach: usize) -> Vec<f32> {
        let (side, stride) = (self.side, self.side + 1);
        let mut sums = vec![0.0f64; stride * stride];
        for y in 0..side {
            let mut row = 0.0;
            for x in 0..side {
                row += f64::from(self.light[y * side + x]);
                sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
            }
        }
        let mut means = Vec::with_capacity(side * side);
        for y in 0..side {
            let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(side));
            for x in 0..side {
                let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(side));
                let sum = sums[bottom * stride + right] - sums[bottom * stride + left] - sums[top * stride + right]
                    + sums[top * stride + left];
                means.push(sum as f32 / ((bottom - top) * (right - left)) as f32);
            }
        }
        means
    }
}

/// How well signs agree with the function patterns.
fn agreement(values: &[f32], side: usize, layout: &Layout) -> f32 {
    let mut sum = 0.0;
    for known in &layout.known {
        let value = values[usize::from(known.y) * side + usize::from(known.x)].clamp(-0.6, 0.6);
        sum += if known.dark { value } else { -value };
    }
    sum / layout.known.len() as f32 / 0.6
}

/// Levels of ink and paper over the symbol: a + b·x + c·y each.
struct Levels {
    dark: [f32; 3],
    light: [f32; 3],
}

impl Levels {
    fn of(samples: &Samples, layout: &Layout, slanted: bool) -> Self {
        let plane = |dark: bool| {
            let places = layout.known.iter().filter(|known| known.dark == dark).map(|known| {
                let (x, y) = (usize::from(known.x), usize::from(known.y));
                (x as f32, y as f32, samples.light[y * samples.side + x])
            });
            plane(places.collect(), slanted)
        };
        Self { dark: plane(true), light: plane(false) }
    }

    fn at(&self, x: usize, y: usize) -> (f32, f32) {
        let value = |p: &[f32; 3]| p[0] + p[1] * x as f32 + p[2] * y as f32;
        (value(&self.dark), value(&self.light))
    }
}

/// The plane of least squares; without `slanted` the mean.
fn plane(places: Vec<(f32, f32, f32)>, slanted: bool) -> [f32; 3] {
    let n = places.len().max(1) as f32;
    let mean = |of: fn(&(f32, f32, f32)) -> f32| places.iter().map(of).sum::<f32>() / n;
    let (mx, my, mz) = (mean(|p| p.0), mean(|p| p.1), mean(|p| p.2));
    if !slanted {
        return [mz, 0.0, 0.0];
    }
    let (mut xx, mut xy, mut yy, mut xz, mut yz) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (x, y, z) in &places {
        let (x, y, z) = (x - mx, y - my, z - mz);
        xx += x * x;
        xy += x * y;
        yy += y * y;
        xz += x * z;
        yz += y * z;
    }
    let area = xx * yy - xy * xy;
    if area.abs() < 1e-3 {
        return [mz, 0.0, 0.0];
    }
    let (b, c) = ((xz * yy - yz * xy) / area, (yz * xx - xz * xy) / area);
    [mz - b * mx - c * my, b, c]
}
