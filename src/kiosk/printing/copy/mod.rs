//! Copies: from a scan to an A4 sheet at 300 dpi and true size. A page is set straight; a card is cut out and
//! both sides stand on one sheet, 85.6 × 54.0 mm each (ISO/IEC 7810 ID-1). Pictures in, pictures out: knows no
//! scanner, no printer and no file.

mod card;
mod mark;
mod skew;

pub use card::{CARD_MM, card_side};

use super::fonts::Fonts;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, imageops};
use std::io::Cursor;

/// Dots per inch of every sheet.
pub const SHEET_DPI: u32 = 300;
/// A4 at 300 dpi, in pixels.
pub const A4: (u32, u32) = (2480, 3508);
/// Largest scan that is decoded, in pixels a side: 600 dpi of A3.
const EDGE_MAX: u32 = 10_000;
/// Memory that decoding one scan may take, in bytes.
const DECODE_BYTES_MAX: u64 = 400 * 1024 * 1024;
/// How far one step of brightness moves a tone, of 255.
const BRIGHTNESS_STEP: i32 = 24;
const WHITE: Rgb<u8> = Rgb([255, 255, 255]);

/// How a copy looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// −2 darker to 2 lighter.
    pub brightness: i32,
    /// What stands across it, whole; empty is nothing.
    pub mark: String,
}

/// A scan cannot be read as a picture.
#[derive(Debug, thiserror::Error)]
#[error("the scanner's picture cannot be read: scan again")]
pub struct ScanUnreadable;

/// Pixels of a length in millimetres at [`SHEET_DPI`].
#[must_use]
pub fn pixels(millimetres: f32) -> u32 {
    (millimetres * SHEET_DPI as f32 / 25.4).round().max(0.0) as u32
}

/// A scan of `dpi` as a picture of 300 dpi.
///
/// # Errors
/// When it is no JPEG or PNG, is damaged, or larger than any glass.
pub fn read_scan(bytes: &[u8], dpi: u32) -> Result<RgbImage, ScanUnreadable> {
    let format = image::guess_format(bytes).map_err(|_| ScanUnreadable)?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png) || dpi == 0 {
        return Err(ScanUnreadable);
    }
    let mut reader = image::ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(EDGE_MAX);
    limits.max_image_height = Some(EDGE_MAX);
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    reader.limits(limits);
    let picture: DynamicImage = reader.decode().map_err(|_| ScanUnreadable)?;
    let picture = picture.into_rgb8();
    if dpi == SHEET_DPI {
        return Ok(picture);
    }
    let scaled = |length: u32| (u64::from(length) * u64::from(SHEET_DPI) / u64::from(dpi)).clamp(1, 20_000) as u32;
    let (width, height) = (scaled(picture.width()), scaled(picture.height()));
    Ok(imageops::resize(&picture, width, height, imageops::FilterType::Triangle))
}

/// A page set straight on A4 at true size; what is larger is cut at the edges, as the glass would.
#[must_use]
pub fn page_sheet(scan: &RgbImage, look: &Look, fonts: &Fonts) -> RgbImage {
    let straight = skew::straightened(scan);
    let mut sheet = RgbImage::from_pixel(A4.0, A4.1, WHITE);
    imageops::replace(&mut sheet, &straight, 0, 0);
    brighten(&mut sheet, look.brightness);
    mark::across(&mut sheet, &look.mark, (0, 0, A4.0, A4.1), fonts);
    sheet
}

/// Both sides of a card on A4 at true size, one below the other.
#[must_use]
pub fn card_sheet(sides: &[RgbImage], look: &Look, fonts: &Fonts) -> RgbImage {
    let mut sheet = RgbImage::from_pixel(A4.0, A4.1, WHITE);
    // In the upper half, as offices expect it; 30 mm between the sides.
    let mut top = pixels(45.0);
    for side in sides {
        let mut side = side.clone();
        brighten(&mut side, look.brightness);
        let left = (A4.0.saturating_sub(side.width())) / 2;
        let area = (left, top, side.width(), side.height());
        imageops::replace(&mut sheet, &side, i64::from(left), i64::from(top));
        mark::across(&mut sheet, &look.mark, area, fonts);
        top += side.height() + pixels(30.0);
    }
    sheet
}

fn brighten(picture: &mut RgbImage, steps: i32) {
    if steps == 0 {
        return;
    }
    let moved = |tone: u8| (i32::from(tone) + steps * BRIGHTNESS_STEP).clamp(0, 255) as u8;
    let table: Vec<u8> = (0..=255).map(moved).collect();
    for pixel in picture.pixels_mut() {
        for tone in &mut pixel.0 {
            *tone = table[usize::from(*tone)];
        }
    }
}

/// The colour between pixels; white outside the picture.
fn sample(picture: &RgbImage, x: f32, y: f32) -> Rgb<u8> {
    let (x0, y0) = (x.floor(), y.floor());
    let (fx, fy) = (x - x0, y - y0);
    let at = |dx: i64, dy: i64| {
        let (px, py) = (x0 as i64 + dx, y0 as i64 + dy);
        let inside = px >= 0 && py >= 0 && px < i64::from(picture.width()) && py < i64::from(picture.height());
        if inside { *picture.get_pixel(px as u32, py as u32) } else { WHITE }
    };
    let corners = [at(0, 0), at(1, 0), at(0, 1), at(1, 1)];
    let weights = [(1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy];
    let mut mixed = [0.0f32; 3];
    for (corner, weight) in corners.iter().zip(weights) {
        for (sum, tone) in mixed.iter_mut().zip(corner.0) {
            *sum += f32::from(tone) * weight;
        }
    }
    Rgb(mixed.map(|tone| tone.round().clamp(0.0, 255.0) as u8))
}

/// A picture of `size` whose middle is `middle` of the source, turned by `angle` (radians, clockwise on paper).
fn turned(picture: &RgbImage, middle: (f32, f32), angle: f32, size: (u32, u32)) -> RgbImage {
    let (sin, cos) = angle.sin_cos();
    let half = ((size.0 as f32 - 1.0) / 2.0, (size.1 as f32 - 1.0) / 2.0);
    RgbImage::from_fn(size.0, size.1, |x, y| {
        let (dx, dy) = (x as f32 - half.0, y as f32 - half.1);
        sample(picture, middle.0 + dx * cos - dy * sin, middle.1 + dx * sin + dy * cos)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_of_another_resolution_keeps_its_size_in_millimetres() {
        let mut png = Vec::new();
        RgbImage::new(150, 75).write_to(&mut Cursor::new(&mut png), ImageFormat::Png).unwrap();
        let picture = read_scan(&png, 150).unwrap();
        assert_eq!(picture.dimensions(), (300, 150));
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert!(read_scan(b"%PDF-1.4", 300).is_err());
        assert!(read_scan(&[0xFF, 0xD8, 0xFF, 0xE0, 0, 1], 300).is_err());
        assert!(read_scan(&[], 300).is_err());
    }

    #[test]
    fn brightness_moves_tones_and_keeps_black_and_white_in_range() {
        let mut picture = RgbImage::from_pixel(1, 1, Rgb([100, 0, 255]));
        brighten(&mut picture, 2);
        assert_eq!(picture.get_pixel(0, 0).0, [148, 48, 255]);
        brighten(&mut picture, -2);
        assert_eq!(picture.get_pixel(0, 0).0, [100, 0, 207]);
    }
}
