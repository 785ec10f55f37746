//! How a picture lies on paper: within the margins of an A4 sheet turned as the picture is, or filling a page that
//! is as large as the picture says.

use crate::limits::{A4_MM, INCH_MM, pixels};
use crate::raster::{drawable, luma};
use crate::{Colour, PageInfo, Raster, Refusal};
use image::RgbImage;
use image::imageops::{self, FilterType};

/// White that printers need around a picture.
const MARGIN_MM: f32 = 10.0;
/// A small picture is not blown up beyond this: fewer dots in an inch would be squares.
const COARSEST_DPI: f32 = 72.0;

/// How a picture lies on its page.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Fit {
    /// As large as the margins let it, in the middle.
    Within,
    /// From edge to edge.
    Filling,
}

/// A4, turned as the picture is.
pub(super) fn page_for((width, height): (u32, u32)) -> PageInfo {
    let (short, long) = A4_MM;
    if width > height {
        PageInfo { width_mm: long, height_mm: short }
    } else {
        PageInfo { width_mm: short, height_mm: long }
    }
}

/// Draws a picture on its page.
pub(super) fn draw(
    picture: &RgbImage,
    page: PageInfo,
    fit: Fit,
    (dpi, colour): (u16, Colour),
) -> Result<Raster, Refusal> {
    let (width, height) = (pixels(page.width_mm, dpi), pixels(page.height_mm, dpi));
    drawable(width, height)?;
    let (across, down) = match fit {
        Fit::Filling => (width, height),
        Fit::Within => inner_size(picture.dimensions(), page, dpi),
    };
    let scaled = scale(picture, across, down);
    let (left, top) = ((width.saturating_sub(across)) / 2, (height.saturating_sub(down)) / 2);
    let mut samples = vec![u8::MAX; width as usize * height as usize * colour.bytes()];
    for (number, row) in scaled.rows().enumerate() {
        let start = ((top as usize + number) * width as usize + left as usize) * colour.bytes();
        let target = &mut samples[start..start + across as usize * colour.bytes()];
        match colour {
            Colour::Grey => target.iter_mut().zip(row).for_each(|(grey, rgb)| *grey = luma(rgb[0], rgb[1], rgb[2])),
            Colour::Rgb => target.as_chunks_mut::<3>().0.iter_mut().zip(row).for_each(|(to, rgb)| *to = rgb.0),
        }
    }
    let blank = samples.iter().all(|&sample| sample == u8::MAX);
    Ok(Raster { width, height, dpi, colour, samples, blank })
}

fn inner_size((width, height): (u32, u32), page: PageInfo, dpi: u16) -> (u32, u32) {
    let (width, height) = (width as f32, height as f32);
    let room = |side: f32| (side - 2.0 * MARGIN_MM) / INCH_MM;
    let inches_a_pixel = (room(page.width_mm) / width).min(room(page.height_mm) / height).min(1.0 / COARSEST_DPI);
    let side = |pixels: f32| (pixels * inches_a_pixel * f32::from(dpi)).round().max(1.0) as u32;
    (side(width), side(height))
}

/// Averages where it shrinks, interpolates where it grows.
fn scale(picture: &RgbImage, across: u32, down: u32) -> RgbImage {
    if across <= picture.width() && down <= picture.height() {
        imageops::thumbnail(picture, across, down)
    } else {
        imageops::resize(picture, across, down, FilterType::Triangle)
    }
}
