//! From modules to pixels: a homography, a quadratic bend for curled paper, and where that is not enough a mesh of
//! small shifts. Module coordinates run from 0 to the side; the first module is 0..1.

use super::mesh::Mesh;
use crate::grey::Point;
use crate::linear::solve;

/// Where the modules of a symbol lie in a picture.
#[derive(Clone, Debug)]
pub struct Map {
    /// Pixel places of the symbol's corners (0, 0), (n, 0), (n, n), (0, n) before the bend.
    pub corners: [Point; 4],
    /// Modules that the middle of rows and columns stands out: u by u², u by v², v by u², v by v²; then how far u and v
    /// are off by u·v.
    pub bend: [f32; 6],
    /// Shifts that follow alignment patterns and crumpled paper; flat without.
    pub mesh: Mesh,
    side: f32,
    h: [f32; 8],
}

/// A known pair: a place in modules, the same in pixels, and how far it is to be trusted.
pub struct Pair {
    pub module: Point,
    pub pixel: Point,
    pub weight: f32,
}

impl Map {
    /// The homography that fits weighted pairs best in the algebraic sense.
    pub fn fit(side: usize, pairs: &[Pair]) -> Option<Self> {
        let side = side as f32;
        let mean = {
            let sum = pairs.iter().fold(Point::default(), |sum, pair| sum.plus(pair.pixel, 1.0));
            sum.times(1.0 / pairs.len().max(1) as f32)
        };
        let spread = pairs.iter().map(|pair| pair.pixel.minus(mean).length()).fold(1.0, f32::max);
        let mut normal = [[0.0f64; 9]; 8];
        for pair in pairs {
            let (u, v) = (f64::from(pair.module.x / side - 0.5), f64::from(pair.module.y / side - 0.5));
            let from = pair.pixel.minus(mean);
            let (x, y) = (f64::from(from.x / spread), f64::from(from.y / spread));
            let rows = [[u, v, 1.0, 0.0, 0.0, 0.0, -u * x, -v * x, x], [0.0, 0.0, 0.0, u, v, 1.0, -u * y, -v * y, y]];
            for row in rows {
                for (i, line) in normal.iter_mut().enumerate() {
                    let factor = row[i] * f64::from(pair.weight);
                    line.iter_mut().zip(row).for_each(|(cell, value)| *cell += factor * value);
                }
            }
        }
        let h = solve::<8, 9>(normal)?;
        let corner = |u: f64, v: f64| {
            let w = h[6] * u + h[7] * v + 1.0;
            let (x, y) = ((h[0] * u + h[1] * v + h[2]) / w, (h[3] * u + h[4] * v + h[5]) / w);
            (w > 0.1 && w < 10.0).then(|| mean.plus(Point::new(x as f32, y as f32), spread))
        };
        let corners = [corner(-0.5, -0.5)?, corner(0.5, -0.5)?, corner(0.5, 0.5)?, corner(-0.5, 0.5)?];
        Self::of(side, corners, [0.0; 6])
    }

    /// The map of a quadrilateral (square to quadrilateral, Heckbert 1989); nothing where it is not convex.
    pub fn of(side: f32, corners: [Point; 4], bend: [f32; 6]) -> Option<Self> {
        let [p0, p1, p2, p3] = corners;
        let sum = p0.minus(p1).plus(p2, 1.0).plus(p3, -1.0);
        let (d1, d2) = (p1.minus(p2), p3.minus(p2));
        let area = d1.cross(d2);
        if area.abs() < 1e-3 {
            return None;
        }
        let (g, h) = (sum.cross(d2) / area, d1.cross(sum) / area);
        if 1.0 + g <= 0.05 || 1.0 + h <= 0.05 || 1.0 + g + h <= 0.05 {
            return None;
        }
        let coefficients = [
            p1.x - p0.x + g * p1.x,
            p3.x - p0.x + h * p3.x,
            p0.x,
            p1.y - p0.y + g * p1.y,
            p3.y - p0.y + h * p3.y,
            p0.y,
            g,
            h,
        ];
        Some(Self { corners, bend, mesh: Mesh::default(), side, h: coefficients })
    }

    /// Modules a side.
    pub fn side(&self) -> f32 {
        self.side
    }

    /// The pixel place of a place in modules.
    #[inline]
    pub fn at(&self, u: f32, v: f32) -> Point {
        let (mut u, mut v) = (u, v);
        let shift = self.mesh.shift(u / self.side, v / self.side);
        u += shift.x;
        v += shift.y;
        let (s, t) = (u / self.side, v / self.side);
        // 1 in the middle, 0 on the rims.
        let (over_u, over_v) = (4.0 * s * (1.0 - s), 4.0 * t * (1.0 - t));
        let saddle = (2.0 * s - 1.0) * (2.0 * t - 1.0);
        let bend = &self.bend;
        let s = s + (bend[0] * over_u + bend[1] * over_v + bend[4] * saddle) / self.side;
        let t = t + (bend[2] * over_u + bend[3] * over_v + bend[5] * saddle) / self.side;
        let h = &self.h;
        let w = 1.0 / (h[6] * s + h[7] * t + 1.0);
        Point::new((h[0] * s + h[1] * t + h[2]) * w, (h[3] * s + h[4] * t + h[5]) * w)
    }

    /// The steps of one module to the right and down, in pixels, at a place in modules.
    pub fn steps(&self, u: f32, v: f32) -> (Point, Point) {
        let here = self.at(u, v);
        (self.at(u + 1.0, v).minus(here), self.at(u, v + 1.0).minus(here))
    }

    /// Pixels a module in the middle.
    pub fn module(&self) -> f32 {
        let (right, down) = self.steps(self.side / 2.0, self.side / 2.0);
        right.cross(down).abs().sqrt()
    }
}
