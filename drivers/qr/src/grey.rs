//! Grey pictures as the decoder sees them: row after row without gaps, and the same at half the size.
//! Coordinates are continuous: the pixel (i, j) covers i..i+1 and j..j+1.

/// A borrowed grey picture.
#[derive(Clone, Copy)]
pub struct Grey<'a> {
    pub width: usize,
    pub height: usize,
    pub pixels: &'a [u8],
}

/// A grey picture of its own.
pub struct Plane {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

/// A place in a picture, in pixels from its upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

impl Grey<'_> {
    /// Light at a place, between the four nearest pixels; outside the picture its rim.
    #[inline]
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let x = (x - 0.5).clamp(0.0, self.width as f32 - 1.001);
        let y = (y - 0.5).clamp(0.0, self.height as f32 - 1.001);
        let (i, j) = (x as usize, y as usize);
        let (fx, fy) = (x - i as f32, y - j as f32);
        let at = j * self.width + i;
        let Some([a, b]) = self.pixels.get(at..at + 2) else { return 0.0 };
        let Some([c, d]) = self.pixels.get(at + self.width..at + self.width + 2) else { return 0.0 };
        let top = f32::from(*a) + fx * (f32::from(*b) - f32::from(*a));
        let low = f32::from(*c) + fx * (f32::from(*d) - f32::from(*c));
        top + fy * (low - top)
    }

    /// Whether a place lies in the picture or at most `beyond` pixels outside.
    pub fn holds(&self, point: Point, beyond: f32) -> bool {
        let inside = |at: f32, size: usize| at > -beyond && at < size as f32 + beyond;
        inside(point.x, self.width) && inside(point.y, self.height)
    }

    /// Each four pixels as one.
    pub fn halved(&self) -> Plane {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            let upper = &self.pixels[2 * y * self.width..][..2 * width];
            let lower = &self.pixels[(2 * y + 1) * self.width..][..2 * width];
            let pairs = upper.chunks_exact(2).zip(lower.chunks_exact(2));
            pixels.extend(
                pairs.map(|(a, b)| {
                    ((u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]) + 2) / 4) as u8
                }),
            );
        }
        Plane { width, height, pixels }
    }

    /// Each pixel with its eight neighbours by weight 1-2-1 both ways.
    pub fn smoothed(&self) -> Plane {
        let (width, height) = (self.width, self.height);
        let mut pixels = Vec::with_capacity(width * height);
        let mut sums = vec![0u16; width];
        for y in 0..height {
            let row = |y: usize| &self.pixels[y * width..][..width];
            let rows = row(y.saturating_sub(1)).iter().zip(row(y)).zip(row((y + 1).min(height - 1)));
            for (sum, ((above, here), below)) in sums.iter_mut().zip(rows) {
                *sum = u16::from(*above) + 2 * u16::from(*here) + u16::from(*below);
            }
            for x in 0..width {
                let sum = sums[x.saturating_sub(1)] + 2 * sums[x] + sums[(x + 1).min(width - 1)];
                pixels.push(((sum + 8) / 16) as u8);
            }
        }
        Plane { width, height, pixels }
    }

    /// Twice the size, between the pixels by weight 3 to 1.
    pub fn doubled(&self) -> Plane {
        let (width, height) = (self.width * 2, self.height * 2);
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                pixels.push((self.at((x as f32 + 0.5) / 2.0, (y as f32 + 0.5) / 2.0) + 0.5) as u8);
            }
        }
        Plane { width, height, pixels }
    }
}

impl Plane {
    pub fn grey(&self) -> Grey<'_> {
        Grey { width: self.width, height: self.height, pixels: &self.pixels }
    }
}

impl Point {
    pub(crate) fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y)
    }

    /// This place and `steps` times `step`.
    pub(crate) fn plus(self, step: Self, steps: f32) -> Self {
        Self::new(self.x + step.x * steps, self.y + step.y * steps)
    }

    pub(crate) fn times(self, by: f32) -> Self {
        Self::new(self.x * by, self.y * by)
    }

    pub(crate) fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y
    }

    /// Above 0 where `other` lies clockwise of this one on the screen.
    pub(crate) fn cross(self, other: Self) -> f32 {
        self.x * other.y - self.y * other.x
    }

    pub(crate) fn length(self) -> f32 {
        self.x.hypot(self.y)
    }
}
