//! JPEG and PNG as one page each, TIFF as one page a picture; upright as the camera held it, on white.

mod jpeg;
mod paper;
mod tiff;

pub(crate) use self::tiff::TiffFile;

use crate::limits::PIXELS_MAX;
use crate::{Colour, PageInfo, Raster, Refusal};
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};
use std::io::Cursor;
use zeroize::Zeroize;

/// Bytes that a decoder may take.
const DECODER_BYTES_MAX: u64 = 900 << 20;

/// A decoded picture, opaque and upright. Overwritten when it is dropped.
pub(crate) struct Picture {
    pixels: RgbImage,
}

impl Picture {
    /// Decodes a JPEG or PNG. One that is white all over is refused: nobody wants an empty sheet.
    pub(crate) fn open(bytes: &[u8]) -> Result<Self, Refusal> {
        let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| Refusal::Damaged)?;
        if reader.format() == Some(ImageFormat::Jpeg) && !jpeg::is_whole(bytes) {
            return Err(Refusal::Damaged);
        }
        let mut decoder = reader.into_decoder().map_err(refusal)?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > PIXELS_MAX {
            return Err(Refusal::PageTooLarge);
        }
        let mut limits = Limits::default();
        limits.max_alloc = Some(DECODER_BYTES_MAX);
        decoder.set_limits(limits).map_err(refusal)?;
        // Exif says how the camera was held; a damaged note of it is no reason to refuse the photo.
        let orientation = decoder.orientation().ok();
        let mut image = DynamicImage::from_decoder(decoder).map_err(refusal)?;
        if let Some(orientation) = orientation {
            image.apply_orientation(orientation);
        }
        let picture = Self { pixels: opaque(image) };
        if picture.pixels.as_raw().iter().all(|&sample| sample == u8::MAX) {
            return Err(Refusal::NothingToPrint);
        }
        Ok(picture)
    }

    /// The page it lies on.
    pub(crate) fn page(&self) -> PageInfo {
        paper::page_for(self.pixels.dimensions())
    }

    /// The page, drawn.
    pub(crate) fn render(&self, dpi: u16, colour: Colour) -> Result<Raster, Refusal> {
        paper::draw(&self.pixels, self.page(), paper::Fit::Within, (dpi, colour))
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        self.pixels.as_flat_samples_mut().samples.zeroize();
    }
}

fn refusal(error: ImageError) -> Refusal {
    match error {
        ImageError::Limits(_) => Refusal::PageTooLarge,
        ImageError::Unsupported(_) => Refusal::Unsupported,
        _ => Refusal::Damaged,
    }
}

/// Lays a picture on white where it lets it through.
fn opaque(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let rgba = image.into_rgba8();
    let over = |sample: u8, alpha: u8| {
        let (sample, alpha) = (u32::from(sample), u32::from(alpha));
        ((sample * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, a] = rgba.get_pixel(x, y).0;
        image::Rgb([over(r, a), over(g, a), over(b, a)])
    })
}

#[cfg(test)]
mod tests;
