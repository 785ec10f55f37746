//! Sets a page straight: of small angles the one at which lines of text stand most sharply apart from the white
//! between them. A page without lines stays as it lies.

use super::turned;
use image::{RgbImage, imageops};

/// The search looks at a picture of this width.
const COARSE_WIDTH: u32 = 620;
/// Largest angle that is put right; more was meant.
const DEGREES_MAX: f32 = 4.0;
/// Steps of the search, coarse then fine.
const DEGREES_STEPS: [f32; 2] = [0.5, 0.1];
/// An angle below this is not worth the softening of the picture.
const DEGREES_MIN: f32 = 0.2;
/// How much sharper the lines must stand than as they lie.
const GAIN_MIN: f64 = 1.08;

pub(super) fn straightened(scan: &RgbImage) -> RgbImage {
    match angle(scan) {
        Some(angle) => {
            let (width, height) = scan.dimensions();
            turned(scan, ((width as f32 - 1.0) / 2.0, (height as f32 - 1.0) / 2.0), angle, (width, height))
        }
        None => scan.clone(),
    }
}

/// The angle of the lines in radians, clockwise; none where there is nothing to put right.
fn angle(scan: &RgbImage) -> Option<f32> {
    if scan.width() < 64 || scan.height() < 64 {
        return None;
    }
    let height = (u64::from(scan.height()) * u64::from(COARSE_WIDTH) / u64::from(scan.width())).clamp(64, 4_000) as u32;
    let coarse = imageops::grayscale(&imageops::thumbnail(scan, COARSE_WIDTH, height));
    let mean = coarse.pixels().map(|pixel| u64::from(pixel.0[0])).sum::<u64>() / u64::from(COARSE_WIDTH * height);
    let ink = |tone: u8| u64::from(tone) + 40 < mean;
    let dark: Vec<(f32, f32)> = coarse
        .enumerate_pixels()
        .filter(|(_, _, pixel)| ink(pixel.0[0]))
        .map(|(x, y, _)| (x as f32 - COARSE_WIDTH as f32 / 2.0, y as f32))
        .collect();
    if dark.len() < 500 {
        return None;
    }
    let level = sharpness(&dark, 0.0, height);
    let mut best = (0.0f32, level);
    let mut reach = DEGREES_MAX;
    for step in DEGREES_STEPS {
        let middle = best.0;
        let steps = (reach / step).round() as i32;
        for place in -steps..=steps {
            let degrees = middle + place as f32 * step;
            let sharp = sharpness(&dark, degrees, height);
            if sharp > best.1 {
                best = (degrees, sharp);
            }
        }
        reach = step;
    }
    let worth_it = best.0.abs() >= DEGREES_MIN && best.0.abs() <= DEGREES_MAX && best.1 > level * GAIN_MIN;
    worth_it.then(|| best.0.to_radians())
}

/// Sum of the squared ink of each row when rows are taken at this angle.
fn sharpness(dark: &[(f32, f32)], degrees: f32, height: u32) -> f64 {
    let slope = degrees.to_radians().tan();
    let mut rows = vec![0u32; height as usize];
    for (x, y) in dark {
        let row = y - x * slope;
        if row >= 0.0
            && let Some(count) = rows.get_mut(row as usize)
        {
            *count += 1;
        }
    }
    rows.iter().map(|count| f64::from(*count).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    /// Lines of "text" turned by an angle.
    fn page(degrees: f32) -> RgbImage {
        let (sin, cos) = degrees.to_radians().sin_cos();
        RgbImage::from_fn(1240, 1754, |x, y| {
            let (dx, dy) = (x as f32 - 620.0, y as f32 - 877.0);
            let (u, v) = (dx * cos + dy * sin, dy * cos - dx * sin);
            let line = (v.rem_euclid(48.0) < 20.0) && u.abs() < 480.0 && v.abs() < 700.0;
            let letter = u.rem_euclid(22.0) < 14.0;
            Rgb([if line && letter { 30 } else { 245 }; 3])
        })
    }

    #[test]
    fn the_angle_of_lines_is_found_within_a_fifth_of_a_degree() {
        for degrees in [-3.0, -1.2, 0.6, 2.5] {
            let found = angle(&page(degrees)).unwrap().to_degrees();
            assert!((found - degrees).abs() < 0.2, "{degrees}: {found}");
        }
    }

    #[test]
    fn straight_and_empty_pages_stay_as_they_lie() {
        assert_eq!(angle(&page(0.0)), None);
        assert_eq!(angle(&RgbImage::from_pixel(1240, 1754, Rgb([250; 3]))), None);
    }
}
