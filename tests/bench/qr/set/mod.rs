//! The seeded synthetic set of QR pictures: (class, seed, index) decides every pixel, nothing is stored. Serves
//! the bench `qr`, the tests of the decoder and its tuning; `recipe.rs` holds classes, parameters and seeds.
#![allow(dead_code, unused_imports)]

mod hostile;
mod lens;
mod pose;
mod random;
mod recipe;
mod scene;
mod symbol;

use lens::Canvas;
use pose::{Pose, Posture};
use random::Random;
use scene::{Backdrop, Sheet};
use symbol::{Writing, symbol};

pub use hostile::{Hostile, hostile};
pub use recipe::{Class, EVALUATION_SEED, HOSTILE_SEED, PICTURES_A_CLASS, TUNING_SEED};

/// A grey picture and what is written in it.
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub grey: Vec<u8>,
    pub texts: Vec<String>,
}

/// The picture of a class at a place in the set of a seed.
pub fn picture(class: Class, seed: u64, index: usize) -> Picture {
    let recipe = class.recipe();
    let random = &mut Random::of(seed, class as usize, index);
    let (width, height) = if random.chance(recipe.large) { (1280, 720) } else { (640, 480) };
    let writing = match class {
        Class::StructuredAppend => Writing::StructuredAppend,
        Class::HanziKanji => Writing::HanziKanji,
        _ => Writing::Everyday,
    };
    let busy = if class == Class::Blank { random.whole((3, 30)) } else { random.whole((0, 6)) };
    let backdrop = Backdrop::new(random, busy, (width as f32, height as f32));
    let codes = random.whole(recipe.codes);
    // Several codes share the picture in columns.
    let column = width as f32 / codes.max(1) as f32;
    let mut sheets = Vec::new();
    for place in 0..codes {
        let version = random.whole(recipe.versions);
        let written = symbol(random, version, writing);
        let sheet = Sheet::new(random, &recipe, written);
        let side = sheet.symbol.side as f32 + 6.0;
        let room = column.min(height as f32);
        let roll_degrees = random.between(recipe.roll_degrees);
        let tilt_degrees = random.between(recipe.tilt_degrees);
        let turned = roll_degrees.to_radians();
        // The turned square must fit into its part of the picture, its near side enlarged.
        let nearer = 1.0 + 0.35 * tilt_degrees.to_radians().sin();
        let largest = room * 0.97 / (side * nearer * (turned.sin().abs() + turned.cos().abs()));
        let scale = random.between(recipe.module).min(largest);
        let span = side * scale * (turned.sin().abs() + turned.cos().abs());
        let centre = (
            place as f32 * column + column / 2.0 + random.between((-0.5, 0.5)) * (column - span).max(0.0),
            height as f32 / 2.0 + random.between((-0.5, 0.5)) * (height as f32 - span).max(0.0),
        );
        let posture = Posture {
            tilt_degrees,
            roll_degrees,
            bend: random.between(recipe.bend),
            mirrored: random.chance(recipe.mirrored),
            scale,
            centre,
            side,
        };
        sheets.push((sheet, Pose::new(random, &posture)));
    }
    let mut canvas = draw(&backdrop, &sheets, (width, height));
    let module = sheets.first().map_or(5.0, |(_, pose)| pose.scale);
    for (sheet, pose) in &sheets {
        let side = sheet.symbol.side as f32 * pose.scale;
        for _ in 0..random.whole(recipe.glare) {
            let place = (
                pose.centre.0 + random.between((-0.5, 0.5)) * side,
                pose.centre.1 + random.between((-0.5, 0.5)) * side,
            );
            let radius = random.between(recipe.glare_radius) * side;
            canvas.glare(random, place, radius);
        }
    }
    let (left, depth) = (random.between(recipe.light_left), random.between(recipe.moire));
    canvas.fall(random, left);
    if depth > 0.005 {
        canvas.moire(random, depth, module);
    }
    canvas.blur(random.between(recipe.blur) * module);
    let smear = random.between(recipe.motion) * module;
    canvas.smear(random, smear);
    let noise = random.between(recipe.noise);
    let grey = canvas.develop(random, noise);
    Picture { width, height, grey, texts: sheets.into_iter().map(|(sheet, _)| sheet.symbol.text).collect() }
}

/// Four rays a pixel where a sheet can be, one elsewhere.
fn draw(backdrop: &Backdrop, sheets: &[(Sheet, Pose)], (width, height): (usize, usize)) -> Canvas {
    let mut light = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let (x, y) = (x as f32, y as f32);
            // Where sheets overlap, the one whose code is nearer lies on top: no code is hidden.
            let away = |pose: &Pose| (x - pose.centre.0).hypot(y - pose.centre.1);
            let covers = |(sheet, pose): &&(Sheet, Pose)| {
                away(pose) < sheet.reach() * pose.scale * 1.3
                    && pose.seen(x, y).is_some_and(|(u, v)| sheet.at(u, v).is_some())
            };
            let near = sheets.iter().filter(covers).min_by(|a, b| away(&a.1).total_cmp(&away(&b.1)));
            let mut sum = 0.0;
            match near {
                Some((sheet, pose)) => {
                    for (dx, dy) in [(-0.25, -0.25), (0.25, -0.25), (-0.25, 0.25), (0.25, 0.25)] {
                        let seen = pose.seen(x + dx, y + dy).and_then(|(u, v)| sheet.at(u, v));
                        sum += seen.unwrap_or_else(|| backdrop.at(x, y));
                    }
                    sum /= 4.0;
                }
                None => sum = backdrop.at(x, y),
            }
            light.push(sum);
        }
    }
    Canvas { width, height, light }
}
