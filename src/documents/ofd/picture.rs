//! Pictures inside an OFD: media of image objects and the pictures of seals, with what shines through kept.

use super::Ofd;
use super::paint::{Painter, State};
use super::seal;
use crate::limits::PIXELS_MAX;
use image::{DynamicImage, ImageReader, Limits, imageops};
use std::io::Cursor;
use tiny_skia::{IntSize, Pixmap, Transform};

/// A picture within a page has at most as many pixels as fit the worker's memory beside the page.
const PIXELS_INSIDE_MAX: u64 = PIXELS_MAX / 2;
const DECODER_BYTES_MAX: u64 = 400 << 20;

/// Draws a medium over the unit square.
pub(super) fn draw_resource(painter: &mut Painter<'_>, id: &str, state: &State) {
    let ofd = painter.ofd;
    let Some(bytes) = ofd.resources.media.get(id).and_then(|part| ofd.package.read(part).ok()) else { return };
    if let Some(picture) = decode(&bytes, state.transform) {
        painter.picture(&picture, state);
    }
}

/// Draws the picture of a seal over the unit square. A seal that is itself an OFD is drawn as its first page.
pub(super) fn draw_seal(painter: &mut Painter<'_>, der: &[u8], state: &State) {
    let Some(found) = seal::picture(der) else { return };
    if found.kind != "ofd" {
        if let Some(picture) = decode(found.bytes, state.transform) {
            painter.picture(&picture, state);
        }
        return;
    }
    // A seal within a seal's OFD is not looked for.
    if painter.ofd.nested {
        return;
    }
    let Ok(inner) = Ofd::open_nested(found.bytes.to_vec().into(), painter.ofd.fonts) else { return };
    let Some(size) = inner.pages().first().copied() else { return };
    let fit = Transform::from_scale(1.0 / size.width_mm, 1.0 / size.height_mm);
    inner.paint(0, painter.pixmap, state.transform.pre_concat(fit));
}

fn decode(bytes: &[u8], to_pixels: Transform) -> Option<Pixmap> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODER_BYTES_MAX);
    reader.limits(limits);
    let image = match reader.format() {
        Some(_) => reader.decode().ok()?,
        None => return None,
    };
    if u64::from(image.width()) * u64::from(image.height()) > PIXELS_INSIDE_MAX {
        return None;
    }
    pixmap(&shrunk(image, to_pixels))
}

/// Averaged down to about the pixels it is drawn on: interpolation alone would lose thin lines.
fn shrunk(image: DynamicImage, to_pixels: Transform) -> DynamicImage {
    let length = |x: f32, y: f32| x.hypot(y).ceil().clamp(1.0, 20_000.0) as u32;
    let (across, down) = (length(to_pixels.sx, to_pixels.ky), length(to_pixels.kx, to_pixels.sy));
    let (width, height) = (across.min(image.width()), down.min(image.height()));
    if width == image.width() && height == image.height() {
        return image;
    }
    DynamicImage::ImageRgba8(imageops::thumbnail(&image.into_rgba8(), width, height))
}

fn pixmap(image: &DynamicImage) -> Option<Pixmap> {
    let rgba = image.to_rgba8();
    let size = IntSize::from_wh(rgba.width(), rgba.height())?;
    let mut data = rgba.into_raw();
    for pixel in data.as_chunks_mut::<4>().0 {
        let alpha = u16::from(pixel[3]);
        pixel[..3].iter_mut().for_each(|sample| *sample = (u16::from(*sample) * alpha / 255) as u8);
    }
    Pixmap::from_vec(data, size)
}
