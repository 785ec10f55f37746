//! The sizes in which a picture is looked at, and in which order with which windows. Large pictures begin reduced:
//! a code that fills a twentieth of them is still large enough there.

use crate::find::{Integral, Rim, noise};
use crate::grey::{Grey, Plane};
use std::cell::OnceCell;
use std::time::Duration;

/// The picture in all its sizes, each made when it is first looked at.
pub struct Sizes<'a> {
    given: Grey<'a>,
    sizes: Vec<Size>,
}

struct Size {
    width: usize,
    height: usize,
    scale: f32,
    kind: Kind,
    plane: OnceCell<Plane>,
    integral: OnceCell<Integral>,
}

/// What a size is made of.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Given,
    Halved,
    Doubled,
    /// As large as another, its noise averaged.
    Smoothed(usize),
    /// As large as another, its edges steeper.
    Sharpened(usize),
}

/// One look at the picture.
pub struct Look {
    /// The size that is scanned.
    pub size: usize,
    /// The size in which finders are fitted.
    pub fit: usize,
    /// The size in which modules are sampled, as large as `fit`.
    pub sample: usize,
    /// Side of the window of local means, in pixels.
    pub window: usize,
    /// Every how many rows are scanned.
    pub step: usize,
    /// Whether finders need a quiet zone.
    pub rim: Rim,
    /// What was hoped for until then is tried in depth after this look.
    pub then_deep: bool,
    /// Whether a picture that is explained by then is left: what follows is for other sizes.
    pub then_enough: bool,
}

/// The first look is at a picture no longer than this.
const FIRST_LONG_SIDE: usize = 1700;
/// A picture is not reduced to a short side below this.
const SHORT_SIDE_MIN: usize = 150;
/// A picture is enlarged where it is no longer than this.
const DOUBLED_LONG_SIDE_MAX: usize = 1000;
/// Noise (deviation, of 255) from which a smoothed picture is looked at too.
const NOISY: u32 = 7;
/// Reach of the mean against which a picture is sharpened, in pixels, and by how much.
const SHARPENED: (usize, i32) = (3, 2);
/// More pixels than this are not scanned in one look: the sums over windows take four bytes each.
const PIXELS_MAX: usize = 17_000_000;

impl<'a> Sizes<'a> {
    /// The picture itself, then each half of the one before; at last twice the picture where it is small.
    pub fn new(given: Grey<'a>) -> Self {
        let size = |width, height, scale, kind| Size {
            width,
            height,
            scale,
            kind,
            plane: OnceCell::new(),
            integral: OnceCell::new(),
        };
        let mut sizes = vec![size(given.width, given.height, 1.0, Kind::Given)];
        let mut reduced = 0;
        while let Some(last) = sizes.last() {
            reduced += usize::from(last.long() <= FIRST_LONG_SIDE);
            if last.width.min(last.height) / 2 < SHORT_SIDE_MIN || reduced > 2 {
                break;
            }
            sizes.push(size(last.width / 2, last.height / 2, last.scale * 2.0, Kind::Halved));
        }
        if given.width.max(given.height) <= DOUBLED_LONG_SIDE_MAX {
            sizes.push(size(given.width * 2, given.height * 2, 0.5, Kind::Doubled));
        }
        for at in 0..sizes.len() {
            if sizes[at].kind == Kind::Doubled || sizes[at].long() > FIRST_LONG_SIDE {
                continue;
            }
            let (width, height, scale) = (sizes[at].width, sizes[at].height, sizes[at].scale);
            sizes.push(size(width, height, scale, Kind::Smoothed(at)));
            sizes.push(size(width, height, scale, Kind::Sharpened(sizes.len() - 1)));
        }
        Self { given, sizes }
    }

    pub fn len(&self) -> usize {
        self.sizes.len()
    }

    /// Pixels of the picture a pixel of this size.
    pub fn scale(&self, at: usize) -> f32 {
        self.sizes[at].scale
    }

    pub fn grey(&self, at: usize) -> Grey<'_> {
        let size = &self.sizes[at];
        if size.kind == Kind::Given {
            return self.given;
        }
        let plane = size.plane.get_or_init(|| match size.kind {
            Kind::Given | Kind::Doubled => self.given.doubled(),
            Kind::Halved => self.grey(at - 1).halved(),
            Kind::Smoothed(of) => self.grey(of).smoothed(),
            Kind::Sharpened(of) => self.integral(of).sharpened(&self.grey(of), SHARPENED),
        });
        plane.grey()
    }

    pub fn integral(&self, at: usize) -> &Integral {
        self.sizes[at].integral.get_or_init(|| Integral::new(&self.grey(at)))
    }

    /// What a look costs at most before its first finder is tried, by the pixels that are to be made for it.
    pub fn cost(&self, look: &Look) -> Duration {
        let size = &self.sizes[look.size];
        let nanoseconds = match size.kind {
            Kind::Given | Kind::Halved => 4,
            Kind::Smoothed(_) => 7,
            Kind::Sharpened(_) => 14,
            Kind::Doubled => 20,
        };
        Duration::from_nanos(size.pixels() as u64 * nanoseconds)
    }

    /// The looks in their order.
    pub fn looks(&self) -> Vec<Look> {
        let is_plain = |at: usize| matches!(self.sizes[at].kind, Kind::Given | Kind::Halved);
        let reduced: Vec<usize> = (0..self.len()).filter(|&at| is_plain(at)).collect();
        let first =
            reduced.iter().copied().find(|&at| self.sizes[at].long() <= FIRST_LONG_SIDE).unwrap_or(reduced.len() - 1);
        let look = |size: usize, part: usize, step: usize, then_deep: bool| {
            let short = self.sizes[size].width.min(self.sizes[size].height);
            Look {
                size,
                fit: size,
                sample: size,
                window: (short / part).max(12),
                step,
                rim: Rim::Light,
                then_deep,
                then_enough: false,
            }
        };
        // Half the size has a quarter of the pixels and half of the noise, and is enough for most codes that are held
        // before a camera; they are fitted where the pixels are.
        let half = reduced.get(first + 1).copied();
        let halved = |part: usize, then_deep: bool| {
            half.map(|half| Look { fit: first, sample: first, ..look(half, part, 1, then_deep) })
        };
        let mut looks: Vec<Look> = halved(6, false).into_iter().collect();
        looks.push(look(first, 6, 2, true));
        looks.extend(halved(16, true));
        looks.push(look(first, 18, 2, true));
        let enough = looks.len() - 1;
        let smoothed = |of: usize| (0..self.len()).find(|&at| self.sizes[at].kind == Kind::Smoothed(of));
        let sharpened = |of: usize| (0..self.len()).find(|&at| self.sizes[at].kind == Kind::Sharpened(of));
        if let Some(smooth) = smoothed(first) {
            if noise(&self.grey(first)) >= NOISY {
                looks.extend([look(smooth, 6, 2, true), look(smooth, 18, 1, true)]);
            }
            let sharp = sharpened(smooth).unwrap_or(smooth);
            looks.extend([(8, 2), (24, 1)].map(|(part, step)| Look { sample: first, ..look(sharp, part, step, true) }));
        }
        looks.extend(half.map(|half| look(half, 8, 1, true)));
        looks.push(Look { rim: Rim::Open, ..look(first, 6, 2, true) });
        looks.extend([look(first, 45, 1, true), look(first, 3, 2, true)]);
        if let Some((half, sharp)) = half.and_then(|half| Some((half, sharpened(smoothed(half)?)?))) {
            looks.push(Look { sample: half, ..look(sharp, 8, 1, true) });
        }
        // Finer than the first, the nearest first.
        for &finer in reduced[..first].iter().rev().filter(|&&at| self.sizes[at].pixels() <= PIXELS_MAX) {
            looks.extend([look(finer, 10, 3, false), look(finer, 40, 2, true)]);
        }
        if let Some(doubled) = (0..self.len()).find(|&at| self.sizes[at].kind == Kind::Doubled) {
            looks.extend([look(doubled, 10, 2, false), look(doubled, 24, 2, true)]);
        }
        looks.extend(reduced.iter().skip(first + 2).map(|&smaller| look(smaller, 5, 1, true)));
        looks[enough..].iter_mut().for_each(|look| look.then_enough = true);
        looks
    }
}

impl Size {
    fn long(&self) -> usize {
        self.width.max(self.height)
    }

    fn pixels(&self) -> usize {
        self.width * self.height
    }
}
