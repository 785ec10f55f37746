//! What is drawn before the lens: a wall or a desk with writing, on it sheets of paper or phones with a code.
//! Everything is computed from numbers; no picture file is needed.

use super::random::Random;
use super::recipe::{Recipe, Surface};
use super::symbol::Symbol;

/// A sheet with a code in its middle. Lengths in modules from the code's centre.
pub struct Sheet {
    pub symbol: Symbol,
    phone: bool,
    inverted: bool,
    /// Reflectance of paper (or screen) and ink.
    paper: f32,
    ink: f32,
    quiet: f32,
    /// Half sizes of the printed area around the quiet zone.
    half: (f32, f32),
    spread: f32,
    round: bool,
    blots: Vec<Blot>,
    writing: u64,
}

struct Blot {
    centre: (f32, f32),
    half: (f32, f32),
    angle: f32,
    shade: f32,
    disc: bool,
}

impl Sheet {
    pub fn new(random: &mut Random, recipe: &Recipe, symbol: Symbol) -> Self {
        let phone = match recipe.surface {
            Surface::Paper => false,
            Surface::Phone => true,
            Surface::Any => random.chance(0.5),
        };
        let contrast = random.between(recipe.contrast);
        let ink = random.between((0.02, 0.95 - contrast)).min(0.45);
        let side = symbol.side as f32;
        let blots = (0..random.whole(recipe.blots)).map(|_| blot(random, recipe, side, ink + contrast, ink)).collect();
        Self {
            phone,
            inverted: random.chance(recipe.inverted),
            paper: ink + contrast,
            ink,
            quiet: random.whole(recipe.quiet) as f32,
            half: (side * random.between((0.6, 0.8)), side * random.between((0.65, 1.3))),
            spread: random.between(recipe.spread),
            round: random.chance(0.12),
            blots,
            writing: random.word(),
            symbol,
        }
    }

    /// Modules from the centre to the farthest corner that must be drawn.
    pub fn reach(&self) -> f32 {
        let (x, y) = (self.half.0 + 3.0, self.half.1 + 3.0);
        (x * x + y * y).sqrt()
    }

    /// Reflectance at a point of the sheet; nothing where the sheet ends.
    pub fn at(&self, u: f32, v: f32) -> Option<f32> {
        let (half_width, half_height) = (self.half.0.max(self.edge()), self.half.1.max(self.edge()));
        if u.abs() > half_width || v.abs() > half_height {
            let frame = self.phone && u.abs() < half_width + 2.0 && v.abs() < half_height + 3.0;
            return frame.then_some(0.05);
        }
        for blot in self.blots.iter().rev() {
            if blot.covers(u, v) {
                return Some(blot.shade);
            }
        }
        let dark = match self.module(u, v) {
            Some(dark) => dark != self.inverted,
            None if u.abs() < self.edge() && v.abs() < self.edge() => self.inverted,
            None => self.writing(u, v) != (self.inverted && self.phone),
        };
        Some(if dark { self.ink } else { self.paper })
    }

    /// Half of the code with its quiet zone.
    fn edge(&self) -> f32 {
        self.symbol.side as f32 / 2.0 + self.quiet
    }

    fn module(&self, u: f32, v: f32) -> Option<bool> {
        let half = self.symbol.side as f32 / 2.0;
        let (x, y) = (u + half, v + half);
        let inside = |x: f32| x >= 0.0 && x < self.symbol.side as f32;
        if !inside(x) || !inside(y) {
            return None;
        }
        let dark =
            |x: f32, y: f32| inside(x) && inside(y) && self.symbol.dark[y as usize * self.symbol.side + x as usize];
        let (fx, fy) = (x.fract() - 0.5, y.fract() - 0.5);
        let finder = |x: f32| x < 8.0 || x >= self.symbol.side as f32 - 8.0;
        if self.round && !(finder(x) && finder(y)) {
            return Some(dark(x, y) && fx * fx + fy * fy < 0.23);
        }
        // Spread ink reaches into light neighbours, thin ink leaves a rim.
        let s = self.spread;
        Some(if s >= 0.0 {
            dark(x, y) || dark(x - s, y) || dark(x + s, y) || dark(x, y - s) || dark(x, y + s)
        } else {
            dark(x, y) && dark(x + s, y) && dark(x - s, y) && dark(x, y + s) && dark(x, y - s)
        })
    }

    /// Lines of something like writing around the code.
    fn writing(&self, u: f32, v: f32) -> bool {
        let line = (v / 3.0).floor();
        let inside_line = (v / 3.0).fract().abs();
        if !(0.25..0.75).contains(&inside_line) || u.abs() > self.half.0 - 2.0 || v.abs() > self.half.1 - 2.0 {
            return false;
        }
        let stroke = (u * 2.0).floor() as i64;
        let hash = (self.writing
            ^ (line as i64 as u64).wrapping_mul(0x9e37_79b9)
            ^ (stroke as u64).wrapping_mul(0x85eb_ca6b_27d4_eb2f))
        .wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash >> 62 == 0 && line as i64 % 3 != 0
    }
}

impl Blot {
    fn covers(&self, u: f32, v: f32) -> bool {
        let (sine, cosine) = self.angle.sin_cos();
        let (x, y) = (u - self.centre.0, v - self.centre.1);
        let (x, y) = ((x * cosine + y * sine) / self.half.0, (y * cosine - x * sine) / self.half.1);
        if self.disc { x * x + y * y < 1.0 } else { x.abs() < 1.0 && y.abs() < 1.0 }
    }
}

/// A blot, a scratch, a strip that is torn off, or a logo in the middle.
fn blot(random: &mut Random, recipe: &Recipe, side: f32, paper: f32, ink: f32) -> Blot {
    let size = random.between(recipe.blot_size) * side / 2.0;
    let anywhere = |random: &mut Random| (random.between((-0.5, 0.5)) * side, random.between((-0.5, 0.5)) * side);
    let shade = *random.pick(&[paper, ink, (paper + ink) / 2.0]);
    let angle = random.between((0.0, std::f32::consts::PI));
    match random.whole((0, 5)) {
        // A logo.
        0 | 1 => Blot { centre: (0.0, 0.0), half: (size, size), angle: 0.0, shade, disc: random.chance(0.5) },
        // A scratch or a pen's line.
        2 => Blot {
            centre: anywhere(random),
            half: (side * random.between((0.2, 0.7)), side * 0.012),
            angle,
            shade,
            disc: false,
        },
        // A corner or an edge that is gone, finders not spared.
        3 => {
            let sign = |random: &mut Random| if random.chance(0.5) { 1.0 } else { -1.0 };
            let centre = (sign(random) * side * 0.5, sign(random) * side * random.between((0.0, 0.5)));
            Blot { centre, half: (size * 0.7, size * 0.7), angle, shade: paper, disc: true }
        }
        _ => {
            Blot { centre: anywhere(random), half: (size, size * random.between((0.5, 1.0))), angle, shade, disc: true }
        }
    }
}

/// What lies behind the sheets: texture, stripes, writing, checks.
pub struct Backdrop {
    base: f32,
    swing: f32,
    period: f32,
    lattice: Vec<f32>,
    shapes: Vec<Shape>,
}

struct Shape {
    centre: (f32, f32),
    half: (f32, f32),
    angle: f32,
    shade: (f32, f32),
    /// Pixels a stripe or a check; 0 is one flat shade.
    period: (f32, f32),
}

const LATTICE: usize = 64;

impl Backdrop {
    /// `busy` is how many shapes there are; blank pictures have more of them.
    pub fn new(random: &mut Random, busy: usize, (width, height): (f32, f32)) -> Self {
        let shapes = (0..busy)
            .map(|_| {
                let period = random.between((3.0, 30.0));
                let shade = (random.unit(), random.unit());
                let period = match random.whole((0, 3)) {
                    0 => (0.0, 0.0),
                    1 => (period, 0.0),
                    2 => (period, period),
                    _ => (period, period * random.between((1.0, 4.0))),
                };
                Shape {
                    centre: (random.unit() * width, random.unit() * height),
                    half: (random.between((10.0, 200.0)), random.between((10.0, 150.0))),
                    angle: if random.chance(0.5) { 0.0 } else { random.between((0.0, std::f32::consts::PI)) },
                    shade,
                    period,
                }
            })
            .collect();
        Self {
            base: random.between((0.1, 0.8)),
            swing: random.between((0.02, 0.3)),
            period: random.between((6.0, 120.0)),
            lattice: (0..LATTICE * LATTICE).map(|_| random.unit() - 0.5).collect(),
            shapes,
        }
    }

    pub fn at(&self, x: f32, y: f32) -> f32 {
        for shape in &self.shapes {
            let (sine, cosine) = shape.angle.sin_cos();
            let (dx, dy) = (x - shape.centre.0, y - shape.centre.1);
            let (u, v) = (dx * cosine + dy * sine, dy * cosine - dx * sine);
            if u.abs() < shape.half.0 && v.abs() < shape.half.1 {
                let odd = |at: f32, period: f32| period > 0.0 && (at / period).floor() as i64 & 1 == 1;
                let second = odd(u, shape.period.0) != odd(v, shape.period.1);
                return if second { shape.shade.1 } else { shape.shade.0 };
            }
        }
        let (u, v) = (x / self.period, y / self.period);
        let (i, j, fu, fv) = (u as usize, v as usize, u.fract(), v.fract());
        let cell = |i: usize, j: usize| self.lattice[j % LATTICE * LATTICE + i % LATTICE];
        let top = cell(i, j) * (1.0 - fu) + cell(i + 1, j) * fu;
        let low = cell(i, j + 1) * (1.0 - fu) + cell(i + 1, j + 1) * fu;
        (self.base + self.swing * (top * (1.0 - fv) + low * fv)).clamp(0.0, 1.0)
    }
}
