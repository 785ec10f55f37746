//! A page as pixels on white paper, ready for a screen or a printer. Overwritten when it is dropped.

use crate::Refusal;
use crate::limits::PIXELS_MAX;
use zeroize::Zeroize;

/// What a pixel holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Colour {
    /// One byte: 0 black, 255 white.
    Grey,
    /// Three bytes: red, green, blue (sRGB).
    Rgb,
}

impl Colour {
    /// Bytes of a pixel.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
        }
    }
}

/// A drawn page: rows from the top, no padding, opaque on white.
#[derive(Clone, PartialEq, Eq)]
pub struct Raster {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Dots per inch, both ways.
    pub dpi: u16,
    /// What a pixel holds.
    pub colour: Colour,
    /// `width * height * colour.bytes()` bytes.
    pub samples: Vec<u8>,
    /// True where every pixel is white (and the page is meant to be).
    pub blank: bool,
}

impl Raster {
    /// Opaque RGBA rows as a raster.
    pub(crate) fn from_rgba(size: (u32, u32), rgba: &[u8], dpi: u16, colour: Colour) -> Self {
        let mut samples = Vec::with_capacity(rgba.len() / 4 * colour.bytes());
        match colour {
            Colour::Grey => samples.extend(rgba.as_chunks::<4>().0.iter().map(|&[r, g, b, _]| luma(r, g, b))),
            Colour::Rgb => rgba.as_chunks::<4>().0.iter().for_each(|&[r, g, b, _]| samples.extend([r, g, b])),
        }
        let blank = samples.iter().all(|&sample| sample == u8::MAX);
        Self { width: size.0, height: size.1, dpi, colour, samples, blank }
    }
}

impl Drop for Raster {
    fn drop(&mut self) {
        self.samples.zeroize();
    }
}

impl std::fmt::Debug for Raster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Raster {}x{} {:?} at {} dpi", self.width, self.height, self.colour, self.dpi)
    }
}

/// Brightness as ITU-R BT.709 weighs the primaries, in 1/65536.
pub(crate) fn luma(r: u8, g: u8, b: u8) -> u8 {
    ((13_933 * u32::from(r) + 46_871 * u32::from(g) + 4_732 * u32::from(b) + 32_768) >> 16) as u8
}

/// Refuses a size that would take more memory than a page may.
pub(crate) fn drawable(width: u32, height: u32) -> Result<(), Refusal> {
    let sides = 1..=u32::from(u16::MAX);
    let fits = sides.contains(&width) && sides.contains(&height) && u64::from(width) * u64::from(height) <= PIXELS_MAX;
    if fits { Ok(()) } else { Err(Refusal::PageTooLarge) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_stays_white_and_black_black_in_grey() {
        assert_eq!((luma(255, 255, 255), luma(0, 0, 0)), (255, 0));
        let raster = Raster::from_rgba((2, 1), &[255, 255, 255, 255, 255, 255, 255, 255], 72, Colour::Grey);
        assert!(raster.blank);
        let raster = Raster::from_rgba((1, 1), &[255, 0, 0, 255], 72, Colour::Rgb);
        assert_eq!((raster.samples.as_slice(), raster.blank), ([255, 0, 0].as_slice(), false));
    }

    #[test]
    fn what_would_not_fit_is_refused() {
        assert_eq!(drawable(60_000, 60_000), Err(Refusal::PageTooLarge));
        assert_eq!(drawable(70_000, 1), Err(Refusal::PageTooLarge));
        assert_eq!(drawable(0, 1), Err(Refusal::PageTooLarge));
        assert_eq!(drawable(4_960, 7_016), Ok(()));
    }
}
