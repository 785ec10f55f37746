//! What camera and light make of a drawn scene: fall of light, glare, blur, smear, noise, eight bits.

use super::random::Random;

/// A picture while it is made; 0 is black, 1 is full scale.
pub struct Canvas {
    pub width: usize,
    pub height: usize,
    pub light: Vec<f32>,
}

impl Canvas {
    /// Lets the light fall to `left` across the picture in some direction.
    pub fn fall(&mut self, random: &mut Random, left: f32) {
        let angle = random.between((0.0, std::f32::consts::TAU));
        let (dx, dy) = (angle.cos(), angle.sin());
        let (half_width, half_height) = (self.width as f32 / 2.0, self.height as f32 / 2.0);
        let reach = half_width * dx.abs() + half_height * dy.abs();
        let bow = random.between((0.7, 1.6));
        self.each(|x, y, value| {
            let along = ((x - half_width) * dx + (y - half_height) * dy) / reach * 0.5 + 0.5;
            *value *= 1.0 - (1.0 - left) * along.clamp(0.0, 1.0).powf(bow);
        });
    }

    /// A lamp's reflection, an ellipse that saturates in its middle.
    pub fn glare(&mut self, random: &mut Random, (x0, y0): (f32, f32), radius: f32) {
        let stretch = random.between((0.6, 1.6));
        let strength = random.between((0.5, 1.8));
        self.each(|x, y, value| {
            let (dx, dy) = ((x - x0) / radius / stretch, (y - y0) / radius * stretch);
            *value += strength * (-(dx * dx + dy * dy)).exp();
        });
    }

    /// Stripes of a screen against the camera's rows, with a slow bow.
    pub fn moire(&mut self, random: &mut Random, depth: f32, module: f32) {
        for part in [depth, depth * 0.5] {
            let period = random.between((0.8, 9.0)) * module;
            let angle = random.between((0.0, std::f32::consts::PI));
            let (dx, dy) = (angle.cos() / period, angle.sin() / period);
            let bow = random.between((0.0, 0.0006)) / module;
            let phase = random.between((0.0, std::f32::consts::TAU));
            self.each(|x, y, value| {
                let wave = (std::f32::consts::TAU * (x * dx + y * dy + bow * x * y / 30.0) + phase).sin();
                *value *= 1.0 + part * 0.5 * (wave - 0.4);
            });
        }
    }

    pub fn blur(&mut self, sigma: f32) {
        if sigma < 0.15 {
            return;
        }
        let reach = (sigma * 3.0).ceil() as isize;
        let weights: Vec<f32> =
            (-reach..=reach).map(|at| (-((at * at) as f32) / (2.0 * sigma * sigma)).exp()).collect();
        let taps = |step: (isize, isize)| -> Vec<(isize, isize, f32)> {
            (-reach..=reach).zip(&weights).map(|(at, weight)| (at * step.0, at * step.1, *weight)).collect()
        };
        self.convolve(&taps((1, 0)));
        self.convolve(&taps((0, 1)));
    }

    /// A straight smear, `length` pixels long.
    pub fn smear(&mut self, random: &mut Random, length: f32) {
        if length < 0.7 {
            return;
        }
        let angle = random.between((0.0, std::f32::consts::PI));
        let (dx, dy) = (angle.cos(), angle.sin());
        let mut taps: Vec<(isize, isize, f32)> = Vec::new();
        let steps = (length * 4.0).ceil() as usize;
        for step in 0..=steps {
            let at = (step as f32 / steps as f32 - 0.5) * length;
            let (x, y) = (at * dx, at * dy);
            let (left, top) = (x.floor(), y.floor());
            for (ox, oy) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
                let weight = (1.0 - (x - left - ox).abs()) * (1.0 - (y - top - oy).abs());
                let place = ((left + ox) as isize, (top + oy) as isize);
                match taps.iter_mut().find(|tap| (tap.0, tap.1) == place) {
                    Some(tap) => tap.2 += weight,
                    None => taps.push((place.0, place.1, weight)),
                }
            }
        }
        self.convolve(&taps);
    }

    /// Noise of the sensor, then eight bits.
    pub fn develop(&self, random: &mut Random, noise: f32) -> Vec<u8> {
        self.light.iter().map(|value| (value * 255.0 + random.normal() * noise + 0.5).clamp(0.0, 255.0) as u8).collect()
    }

    fn each(&mut self, mut change: impl FnMut(f32, f32, &mut f32)) {
        for (y, row) in self.light.chunks_exact_mut(self.width).enumerate() {
            for (x, value) in row.iter_mut().enumerate() {
                change(x as f32, y as f32, value);
            }
        }
    }

    fn convolve(&mut self, taps: &[(isize, isize, f32)]) {
        let total: f32 = taps.iter().map(|tap| tap.2).sum();
        let (width, height) = (self.width as isize, self.height as isize);
        let mut out = vec![0.0; self.light.len()];
        for (dx, dy, weight) in taps {
            let weight = weight / total;
            for y in 0..height {
                let from = &self.light[((y + dy).clamp(0, height - 1) * width) as usize..][..width as usize];
                let to = &mut out[(y * width) as usize..][..width as usize];
                let first = (-dx).clamp(0, width);
                let last = (width - dx).clamp(first, width);
                to[..first as usize].iter_mut().for_each(|value| *value += weight * from[0]);
                let middle = &from[(first + dx) as usize..(last + dx) as usize];
                to[first as usize..last as usize]
                    .iter_mut()
                    .zip(middle)
                    .for_each(|(value, seen)| *value += weight * seen);
                to[last as usize..].iter_mut().for_each(|value| *value += weight * from[width as usize - 1]);
            }
        }
        self.light = out;
    }
}
