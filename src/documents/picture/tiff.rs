//! TIFF 6.0 with its fax codings: one page a picture, as large as its resolution says, upright. Pictures are decoded
//! when their page is drawn, so that a stack of scans takes the memory of one.

use super::paper::{self, Fit};
use crate::limits::{INCH_MM, PAGE_SIDE_MAX_MM, PAGES_MAX, PIXELS_MAX};
use crate::{Colour, PageInfo, Raster, Refusal};
use image::{DynamicImage, GrayImage, RgbImage, metadata::Orientation};
use std::io::Cursor;
use tiff::decoder::ifd::Value;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};
use zeroize::{Zeroize, Zeroizing};

/// Bytes that one picture may take once decoded.
const PICTURE_BYTES_MAX: usize = 400 << 20;
/// A resolution below this is a default and not a measure.
const MEASURED_DPI: f32 = 90.0;

/// An opened TIFF.
pub(crate) struct TiffFile {
    bytes: Zeroizing<Vec<u8>>,
    pages: Vec<(PageInfo, Fit)>,
}

type Reader<'a> = Decoder<Cursor<&'a [u8]>>;

impl TiffFile {
    /// Reads the directories; decodes no picture.
    pub(crate) fn open(bytes: Zeroizing<Vec<u8>>) -> Result<Self, Refusal> {
        let mut pages = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let mut decoder = reader(&bytes)?;
        loop {
            // A directory that points back to an earlier one would never end.
            if decoder.ifd_pointer().is_some_and(|place| !seen.insert(place.0)) {
                return Err(Refusal::Damaged);
            }
            if pages.len() == PAGES_MAX {
                return Err(Refusal::TooManyPages);
            }
            pages.push(page_of(&mut decoder)?);
            if !decoder.more_images() {
                break;
            }
            decoder.next_image().map_err(refusal)?;
        }
        Ok(Self { bytes, pages })
    }

    /// The pages as seen.
    pub(crate) fn pages(&self) -> Vec<PageInfo> {
        self.pages.iter().map(|(page, _)| *page).collect()
    }

    /// One page, decoded and drawn.
    pub(crate) fn render(&self, page: usize, dpi: u16, colour: Colour) -> Result<Raster, Refusal> {
        let (info, fit) = *self.pages.get(page).ok_or(Refusal::NoSuchPage)?;
        let mut decoder = reader(&self.bytes)?;
        decoder.seek_to_image(page).map_err(refusal)?;
        let mut picture = decode(&mut decoder)?;
        let raster = paper::draw(&picture, info, fit, (dpi, colour));
        picture.as_flat_samples_mut().samples.zeroize();
        raster
    }
}

fn reader(bytes: &[u8]) -> Result<Reader<'_>, Refusal> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = PICTURE_BYTES_MAX;
    limits.intermediate_buffer_size = PICTURE_BYTES_MAX;
    Ok(Decoder::new(Cursor::new(bytes)).map_err(refusal)?.with_limits(limits))
}

fn refusal(error: TiffError) -> Refusal {
    match error {
        TiffError::LimitsExceeded | TiffError::IntSizeError => Refusal::PageTooLarge,
        TiffError::UnsupportedError(_) => Refusal::Unsupported,
        _ => Refusal::Damaged,
    }
}

/// How large the page is: as measured by the scanner, else A4.
fn page_of(decoder: &mut Reader<'_>) -> Result<(PageInfo, Fit), Refusal> {
    let (width, height) = decoder.dimensions().map_err(refusal)?;
    if u64::from(width) * u64::from(height) > PIXELS_MAX || width == 0 || height == 0 {
        return Err(Refusal::PageTooLarge);
    }
    let turned = is_on_its_side(orientation(decoder));
    let (width, height) = if turned { (height, width) } else { (width, height) };
    let (x, y) = (resolution(decoder, Tag::XResolution), resolution(decoder, Tag::YResolution));
    let unit_mm = match decoder.find_tag_unsigned::<u16>(Tag::ResolutionUnit) {
        Ok(Some(3)) => 10.0,
        _ => INCH_MM,
    };
    let (Some(x), Some(y)) = (if turned { y } else { x }, if turned { x } else { y }) else {
        return Ok((paper::page_for((width, height)), Fit::Within));
    };
    let page = PageInfo { width_mm: width as f32 / x * unit_mm, height_mm: height as f32 / y * unit_mm };
    let dots = |a_unit: f32| a_unit / unit_mm * INCH_MM;
    let measured = dots(x) >= MEASURED_DPI && dots(y) >= MEASURED_DPI;
    let sides = [page.width_mm, page.height_mm];
    if measured && sides.iter().all(|side| (10.0..=PAGE_SIDE_MAX_MM).contains(side)) {
        Ok((page, Fit::Filling))
    } else {
        Ok((paper::page_for((width, height)), Fit::Within))
    }
}

/// Dots in the unit of resolution; RATIONAL by the standard, plain numbers by some writers.
fn resolution(decoder: &mut Reader<'_>, tag: Tag) -> Option<f32> {
    match decoder.get_tag(tag).ok()? {
        Value::Rational(dots, units) if units > 0 => Some(dots as f32 / units as f32),
        Value::Float(dots) => Some(dots),
        value => value.into_u32().ok().map(|dots| dots as f32),
    }
}

fn orientation(decoder: &mut Reader<'_>) -> Orientation {
    let said = decoder.find_tag_unsigned::<u8>(Tag::Orientation).ok().flatten();
    said.and_then(Orientation::from_exif).unwrap_or(Orientation::NoTransforms)
}

fn is_on_its_side(orientation: Orientation) -> bool {
    orientation.to_exif() >= 5
}

fn decode(decoder: &mut Reader<'_>) -> Result<RgbImage, Refusal> {
    let (width, height) = decoder.dimensions().map_err(refusal)?;
    let colour = decoder.colortype().map_err(refusal)?;
    let orientation = orientation(decoder);
    let mut samples = match decoder.read_image().map_err(refusal)? {
        DecodingResult::U8(samples) => samples,
        DecodingResult::U16(samples) => samples.into_iter().map(|sample| (sample >> 8) as u8).collect(),
        _ => return Err(Refusal::Unsupported),
    };
    let image = match colour {
        ColorType::Gray(1) => grey(width, height, unpack(&samples, width)),
        ColorType::Gray(8 | 16) => grey(width, height, std::mem::take(&mut samples)),
        ColorType::RGB(8 | 16) => {
            RgbImage::from_raw(width, height, std::mem::take(&mut samples)).map(DynamicImage::ImageRgb8)
        }
        ColorType::RGBA(8 | 16) => {
            image::RgbaImage::from_raw(width, height, std::mem::take(&mut samples)).map(DynamicImage::ImageRgba8)
        }
        ColorType::CMYK(8) => RgbImage::from_raw(width, height, from_cmyk(&samples)).map(DynamicImage::ImageRgb8),
        ColorType::YCbCr(8) => RgbImage::from_raw(width, height, from_ycbcr(&samples)).map(DynamicImage::ImageRgb8),
        _ => return Err(Refusal::Unsupported),
    };
    samples.zeroize();
    let mut image = image.ok_or(Refusal::Damaged)?;
    image.apply_orientation(orientation);
    Ok(super::opaque(image))
}

fn grey(width: u32, height: u32, samples: Vec<u8>) -> Option<DynamicImage> {
    GrayImage::from_raw(width, height, samples).map(DynamicImage::ImageLuma8)
}

/// Eight pixels a byte, each row from a byte of its own, as bytes.
fn unpack(packed: &[u8], width: u32) -> Vec<u8> {
    let row = (width as usize).div_ceil(8);
    let bit = |row: &[u8], x: usize| if row[x / 8] & (0x80 >> (x % 8)) == 0 { 0 } else { u8::MAX };
    packed.chunks_exact(row.max(1)).flat_map(|bytes| (0..width as usize).map(move |x| bit(bytes, x))).collect()
}

fn from_cmyk(samples: &[u8]) -> Vec<u8> {
    let mix = |ink: u8, black: u8| (u32::from(255 - ink) * u32::from(255 - black) / 255) as u8;
    samples.as_chunks::<4>().0.iter().flat_map(|&[c, m, y, k]| [mix(c, k), mix(m, k), mix(y, k)]).collect()
}

/// ITU-R BT.601, full range.
fn from_ycbcr(samples: &[u8]) -> Vec<u8> {
    let pixel = |&[y, cb, cr]: &[u8; 3]| {
        let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
        [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb].map(|value| value.round() as u8)
    };
    samples.as_chunks::<3>().0.iter().flat_map(pixel).collect()
}
