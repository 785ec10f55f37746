//! 仅限…使用 across a copy: grey words at a slant, over and over, so that no part can be used without them and
//! what stands below stays readable.

use super::super::fonts::{Fonts, Style};
use drivers::receipt_printer::Bitmap;
use image::RgbImage;

/// 4 mm high at 300 dpi.
const STYLE: Style = Style::bold(47);
/// Slant of the words.
const DEGREES: f32 = -24.0;
/// Between two repetitions, in pixels along and across the words.
const GAP: (f32, f32) = (90.0, 120.0);
/// What is left of a tone under a stroke, in hundredths.
const TONE_LEFT: u32 = 72;

/// Writes the mark over an area (left, top, width, height) of the sheet.
pub(super) fn across(sheet: &mut RgbImage, words: &str, area: (u32, u32, u32, u32), fonts: &Fonts) {
    if words.is_empty() {
        return;
    }
    let words = fonts.writable(words);
    let width = fonts.width(&words, STYLE).ceil();
    let mut ink = Bitmap::new(width as usize + 1, STYLE.line_height());
    fonts.draw(&mut ink, &words, STYLE, (0.0, (STYLE.line_height() - STYLE.em) / 2));
    let period = (width + GAP.0, STYLE.line_height() as f32 + GAP.1);
    let (sin, cos) = DEGREES.to_radians().sin_cos();
    let (left, top, area_width, area_height) = area;
    for y in top..(top + area_height).min(sheet.height()) {
        for x in left..(left + area_width).min(sheet.width()) {
            let (dx, dy) = ((x - left) as f32, (y - top) as f32);
            let (along, down) = (dx * cos + dy * sin, dy * cos - dx * sin);
            // Every other line is moved by half, so that no upright strip stays free.
            let shift = if (down / period.1).floor() as i64 % 2 == 0 { 0.0 } else { period.0 / 2.0 };
            let (u, v) = ((along + shift).rem_euclid(period.0), down.rem_euclid(period.1));
            let inside = (u as usize) < ink.width() && (v as usize) < ink.height();
            if inside && ink.get(u as usize, v as usize) {
                for tone in &mut sheet.get_pixel_mut(x, y).0 {
                    *tone = (u32::from(*tone) * TONE_LEFT / 100) as u8;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn the_mark_darkens_only_its_area_and_leaves_what_is_below_readable() {
        let fonts = Fonts::shipped().unwrap();
        let mut sheet = RgbImage::from_pixel(900, 700, Rgb([250; 3]));
        across(&mut sheet, "仅限办理入学使用", (100, 100, 700, 500), &fonts);
        let dark = |x0: u32, x1: u32| {
            sheet.enumerate_pixels().filter(|(x, _, pixel)| (x0..x1).contains(x) && pixel.0[0] < 250).count()
        };
        assert_eq!(dark(0, 100) + dark(800, 900), 0);
        let share = dark(100, 800) as f32 / (700.0 * 500.0);
        assert!((0.02..0.2).contains(&share), "{share}");
        assert!(sheet.pixels().all(|pixel| pixel.0[0] > 150));
    }
}
