//! Pictures that lie on the simulated scanner's glass or in its feeder: cut, scaled and encoded as a scanner would.

use crate::document_scanner::{PageFormat, Region, ScanColor, UNITS_PER_INCH};
use image::{ExtendedColorType, ImageEncoder, codecs::jpeg::JpegEncoder, codecs::png::PngEncoder};
use std::sync::Arc;

/// Quality of the JPEG that the simulated scanner makes.
const JPEG_QUALITY: u8 = 90;
/// The lid above the glass.
const LID: [u8; 3] = [0xFF; 3];

/// Something flat, with its size on paper.
#[derive(Clone)]
pub struct Picture {
    /// Dots across.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Dots per inch: what makes it as large as it is.
    pub dpi: u32,
    /// Three bytes a dot, red first.
    pub rgb: Arc<Vec<u8>>,
    /// Where its corner lies, 1/300 inch from the corner of the glass.
    pub at: (u32, u32),
}

impl Picture {
    /// A picture at the corner of the glass.
    pub fn new(width: u32, height: u32, dpi: u32, rgb: Vec<u8>) -> Self {
        Self { width, height, dpi, rgb: Arc::new(rgb), at: (0, 0) }
    }

    /// The same, lying somewhere else.
    pub fn at(self, x: u32, y: u32) -> Self {
        Self { at: (x, y), ..self }
    }

    /// The dot at a place of the glass, 1/300 inch.
    fn dot(&self, x: f64, y: f64) -> Option<[u8; 3]> {
        let scale = f64::from(self.dpi) / f64::from(UNITS_PER_INCH);
        let (x, y) = ((x - f64::from(self.at.0)) * scale, (y - f64::from(self.at.1)) * scale);
        if x < 0.0 || y < 0.0 || x >= f64::from(self.width) || y >= f64::from(self.height) {
            return None;
        }
        let at = (y as usize * self.width as usize + x as usize) * 3;
        self.rgb.get(at..at + 3).and_then(|dot| dot.try_into().ok())
    }
}

/// What a scanner makes of what lies there.
pub fn scan(pictures: &[Picture], region: Region, dpi: u32, color: ScanColor, format: PageFormat) -> Vec<u8> {
    let dots = |units: u32| (u64::from(units) * u64::from(dpi) / u64::from(UNITS_PER_INCH)).clamp(1, 20_000) as u32;
    let (width, height) = (dots(region.width), dots(region.height));
    let units =
        |dot: u32, from: u32| f64::from(from) + (f64::from(dot) + 0.5) * f64::from(UNITS_PER_INCH) / f64::from(dpi);
    let mut bytes = Vec::with_capacity(width as usize * height as usize * 3);
    for row in 0..height {
        let y = units(row, region.y);
        for column in 0..width {
            let x = units(column, region.x);
            let dot = pictures.iter().rev().find_map(|picture| picture.dot(x, y)).unwrap_or(LID);
            match color {
                ScanColor::Color => bytes.extend_from_slice(&dot),
                ScanColor::Gray => {
                    let [r, g, b] = dot.map(u32::from);
                    bytes.push(((r * 299 + g * 587 + b * 114) / 1000) as u8);
                }
            }
        }
    }
    let kind = if color == ScanColor::Color { ExtendedColorType::Rgb8 } else { ExtendedColorType::L8 };
    let mut page = Vec::new();
    // Encoding into memory cannot fail for sizes within what was clamped above.
    let encoded = match format {
        PageFormat::Png => PngEncoder::new(&mut page).write_image(&bytes, width, height, kind),
        _ => JpegEncoder::new_with_quality(&mut page, JPEG_QUALITY).write_image(&bytes, width, height, kind),
    };
    debug_assert!(encoded.is_ok());
    page
}
