//! Pictures made to break a reader: symbols spoiled in every way, symbols whose data lie about their length, walls of
//! finder patterns, stripes of 1:1:3:1:1, noise, sizes and buffers that do not go together. (seed, index) decides all.

use super::random::Random;
use super::recipe::Class;
use super::symbol::{Writing, garbage, symbol};

/// Rows of `width` bytes; `grey` may be shorter or longer than `width * height`.
pub struct Hostile {
    pub width: usize,
    pub height: usize,
    pub grey: Vec<u8>,
}

/// One of the hostile pictures.
pub fn hostile(seed: u64, index: usize) -> Hostile {
    let random = &mut Random::of(seed, Class::ALL.len() + 1, index);
    match index % 10 {
        0 => noise(random),
        1 => stripes(random),
        2 => finders(random),
        3 | 4 => liar(random),
        5 => misfit(random),
        6 => extreme(random),
        _ => spoiled(random),
    }
}

fn size(random: &mut Random) -> (usize, usize) {
    match random.whole((0, 9)) {
        0 => (random.whole((1, 60)), random.whole((1, 60))),
        1 => (random.whole((21, 1600)), random.whole((1, 40))),
        2 => (random.whole((1, 40)), random.whole((21, 1600))),
        3 => (1280, 720),
        _ => (random.whole((21, 640)), random.whole((21, 480))),
    }
}

/// Noise in squares of some size, of two or of all shades.
fn noise(random: &mut Random) -> Hostile {
    let (width, height) = size(random);
    let (square, is_hard) = (random.whole((1, 9)), random.chance(0.5));
    let columns = width / square + 1;
    let cells: Vec<u8> = (0..columns * (height / square + 1))
        .map(|_| random.word() as u8)
        .map(|shade| if is_hard { (shade >> 7) * 255 } else { shade })
        .collect();
    let grey = (0..width * height).map(|at| cells[at / width / square * columns + at % width / square]).collect();
    Hostile { width, height, grey }
}

/// 1:1:3:1:1 without end along rows, columns or both, straight or aslant.
fn stripes(random: &mut Random) -> Hostile {
    const RUNS: [bool; 8] = [true, false, true, true, true, false, true, false];
    let (width, height) = size(random);
    let (module, skew) = (random.between((0.7, 12.0)), random.between((-0.5, 0.5)));
    let kind = random.whole((0, 3));
    let runs = |at: f32| RUNS[(at / module).rem_euclid(8.0) as usize % 8];
    let grey = (0..width * height).map(|at| {
        let (x, y) = ((at % width) as f32, (at / width) as f32);
        let dark = match kind {
            0 => runs(x + y * skew),
            1 => runs(y + x * skew),
            2 => runs(x) && runs(y),
            _ => runs((x - width as f32 / 2.0).hypot(y - height as f32 / 2.0)),
        };
        if dark { 10 } else { 240 }
    });
    Hostile { width, height, grey: grey.collect() }
}

/// Finder patterns side by side, of one or of many sizes, upright or turned.
fn finders(random: &mut Random) -> Hostile {
    let (width, height) = size(random);
    let mut grey = vec![if random.chance(0.5) { 235 } else { 120 }; width * height];
    let module = random.between((1.0, 6.0));
    let is_even = random.chance(0.5);
    for _ in 0..random.whole((3, 400)) {
        let module = if is_even { module } else { random.between((1.0, 8.0)) };
        let (sine, cosine) = if random.chance(0.7) { (0.0, 1.0) } else { random.between((0.0, 1.6)).sin_cos() };
        let (x0, y0) = (random.unit() * width as f32, random.unit() * height as f32);
        let reach = (module * 6.0) as isize;
        for j in -reach..=reach {
            for i in -reach..=reach {
                let (x, y) = (x0 as isize + i, y0 as isize + j);
                if x < 0 || y < 0 || x as usize >= width || y as usize >= height {
                    continue;
                }
                let (u, v) = (i as f32 * cosine + j as f32 * sine, j as f32 * cosine - i as f32 * sine);
                let ring = u.abs().max(v.abs()) / module;
                if ring < 4.5 {
                    grey[y as usize * width + x as usize] =
                        if ring < 1.5 || (2.5..3.5).contains(&ring) { 15 } else { 240 };
                }
            }
        }
    }
    Hostile { width, height, grey }
}

/// A faultless symbol whose data words are chance, or say a length that is not there.
fn liar(random: &mut Random) -> Hostile {
    let most = if random.chance(0.8) { 10 } else { 40 };
    let version = random.whole((1, most));
    let symbol = garbage(random, version);
    drawn(random, symbol.side, &symbol.dark)
}

/// Function patterns of a symbol around chance, of a side that no version has.
fn misfit(random: &mut Random) -> Hostile {
    let side = random.whole((15, 190));
    let mut dark: Vec<bool> = (0..side * side).map(|_| random.chance(0.5)).collect();
    for (left, top) in [(0, 0), (side - 7, 0), (0, side - 7)] {
        for at in 0..64 {
            let (x, y) = (left + at % 8, top + at / 8);
            if x < side && y < side {
                let ring = x.abs_diff(left + 3).max(y.abs_diff(top + 3));
                dark[y * side + x] = ring != 2 && ring < 4;
            }
        }
    }
    for at in 8..side.saturating_sub(8) {
        dark[6 * side + at] = at % 2 == 0;
        dark[at * side + 6] = at % 2 == 0;
    }
    drawn(random, side, &dark)
}

/// One shade, steps, a size that the bytes do not fill.
fn extreme(random: &mut Random) -> Hostile {
    let (width, height) = size(random);
    let there = match random.whole((0, 5)) {
        0 => width * height / 2,
        1 => (width * height).saturating_sub(1),
        2 => width * height + random.whole((1, 5000)),
        _ => width * height,
    };
    let (low, high) = (random.word() as u8, random.word() as u8);
    let period = random.whole((1, 200));
    let grey = (0..there).map(|at| if (at / period).is_multiple_of(2) { low } else { high }).collect();
    let width = if random.chance(0.03) { usize::MAX / random.whole((1, 9)) } else { width };
    Hostile { width, height, grey }
}

/// An honest symbol, then rows moved, stripes and squares overwritten, bits turned, edges cut.
fn spoiled(random: &mut Random) -> Hostile {
    let writing = *random.pick(&[Writing::Everyday, Writing::StructuredAppend, Writing::HanziKanji]);
    let version = random.whole((2, 14));
    let symbol = symbol(random, version, writing);
    let mut picture = drawn(random, symbol.side, &symbol.dark);
    let (width, height) = (picture.width, picture.height);
    for _ in 0..random.whole((1, 4)) {
        match random.whole((0, 4)) {
            0 => {
                let step = random.whole((1, 9));
                picture.grey.chunks_exact_mut(width).enumerate().for_each(|(y, row)| row.rotate_left(y / step % width));
            }
            1 => {
                let (x0, y0) = (random.whole((0, width - 1)), random.whole((0, height - 1)));
                let (wide, tall) = (random.whole((1, width)), random.whole((1, height / 3 + 1)));
                let shade = random.word() as u8;
                for row in picture.grey.chunks_exact_mut(width).skip(y0).take(tall) {
                    row[x0..(x0 + wide).min(width)].fill(shade);
                }
            }
            2 => {
                let mask = random.word() as u8;
                let every = random.whole((1, 40));
                picture.grey.iter_mut().step_by(every).for_each(|pixel| *pixel ^= mask);
            }
            3 => picture.grey.reverse(),
            _ => {
                let keep = random.whole((height / 3, height));
                picture.grey.truncate(width * keep);
                picture.height = keep;
            }
        }
    }
    picture
}

/// Modules as squares of some pixels, with or without a quiet zone, light on dark or not.
fn drawn(random: &mut Random, side: usize, dark: &[bool]) -> Hostile {
    let (quiet, scale) = (random.whole((0, 4)), random.between((0.8, 6.0)).min(900.0 / side as f32));
    let turned = random.chance(0.2);
    let wide = (((side + 2 * quiet) as f32) * scale) as usize + 1;
    let grey = (0..wide * wide).map(|at| {
        let module = |at: usize| ((at as f32 / scale) as usize).checked_sub(quiet).filter(|module| *module < side);
        let is_dark = match (module(at % wide), module(at / wide)) {
            (Some(x), Some(y)) => dark[y * side + x],
            _ => false,
        };
        if is_dark != turned { 20 } else { 230 }
    });
    Hostile { width: wide, height: wide, grey: grey.collect() }
}
