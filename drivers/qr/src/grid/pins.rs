//! Corrections at single places of a map (where an alignment pattern was found), and a smooth field through them.

use crate::grey::Point;
use crate::linear::solve;

/// A quadratic has six terms; with fewer pins than this it would follow their noise.
const PINS_FOR_TREND: usize = 9;

/// Corrections in modules: at a place, by how much.
pub struct Pins {
    side: f32,
    pins: Vec<(Point, Point)>,
    /// The quadratic that goes through the pins best, for each of u and v.
    trend: [[f32; 6]; 2],
}

impl Pins {
    pub fn new(side: f32) -> Self {
        Self { side, pins: Vec::new(), trend: [[0.0; 6]; 2] }
    }

    pub fn push(&mut self, (u, v): (f32, f32), by: Point) {
        self.pins.push((Point::new(u, v), by));
    }

    /// Draws a smooth correction through the pins, where there are enough for one.
    pub fn smooth(&mut self) {
        self.trend = [[0.0; 6]; 2];
        if self.pins.len() < PINS_FOR_TREND {
            return;
        }
        let mut trend = [[0.0; 6]; 2];
        for (axis, line) in trend.iter_mut().enumerate() {
            let mut normal = [[0.0f64; 7]; 6];
            for (place, by) in &self.pins {
                let terms = self.terms(place.x, place.y);
                let target = f64::from(if axis == 0 { by.x } else { by.y });
                for (i, row) in normal.iter_mut().enumerate() {
                    for (j, cell) in row[..6].iter_mut().enumerate() {
                        *cell += f64::from(terms[i]) * f64::from(terms[j]);
                    }
                    row[6] += f64::from(terms[i]) * target;
                }
            }
            // A little of stiffness, for pins that lie on one line.
            normal.iter_mut().enumerate().for_each(|(i, row)| row[i] += 1e-3);
            let Some(solved) = solve::<6, 7>(normal) else { return };
            *line = solved.map(|value| value as f32);
        }
        self.trend = trend;
    }

    /// The terms of the trend at a place.
    fn terms(&self, u: f32, v: f32) -> [f32; 6] {
        let (s, t) = (2.0 * u / self.side - 1.0, 2.0 * v / self.side - 1.0);
        [1.0, s, t, s * s, s * t, t * t]
    }

    fn trend(&self, u: f32, v: f32) -> Point {
        let terms = self.terms(u, v);
        let value = |line: &[f32; 6]| line.iter().zip(terms).map(|(a, b)| a * b).sum();
        Point::new(value(&self.trend[0]), value(&self.trend[1]))
    }

    /// The correction at a place: the trend, and what the pins nearby differ from it, by the inverse of their distance.
    pub fn shift(&self, u: f32, v: f32) -> Point {
        let trend = self.trend(u, v);
        let (mut sum, mut weights) = (Point::default(), 0.0);
        for (place, by) in &self.pins {
            let from = Point::new(u, v).minus(*place);
            let weight = 1.0 / (from.dot(from) + 4.0);
            let weight = weight * weight;
            sum = sum.plus(by.minus(self.trend(place.x, place.y)), weight);
            weights += weight;
        }
        trend.plus(sum, 1.0 / weights)
    }
}
