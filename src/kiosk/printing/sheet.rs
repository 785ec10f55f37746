//! A page of a document on a sheet of A4 at 300 dpi: fitted or at true size, in the middle, a lying page turned.
//! Samples in, samples out; what becomes of a sheet is the printer's matter.

use super::copy::{A4, SHEET_DPI};
use zeroize::Zeroize;

/// A4 in millimetres.
pub const A4_MM: (f32, f32) = (210.0, 297.0);
/// What a page may differ from A4 and still be called so, in millimetres.
const A4_TOLERANCE_MM: f32 = 3.0;
/// Least and greatest resolution at which a page is drawn to be fitted.
const DPI: (f32, f32) = (20.0, 600.0);

/// A sheet's samples: rows from the top, `channels` bytes a pixel (1 grey, 3 RGB), no padding. Overwritten when
/// dropped.
#[derive(Clone, PartialEq)]
pub struct Sheet {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// 1 or 3.
    pub channels: u32,
    /// The samples.
    pub samples: Vec<u8>,
}

/// Whether a page is A4, standing or lying, so that fitting makes no difference.
#[must_use]
pub fn is_a4((width, height): (f32, f32)) -> bool {
    let (short, long) = if width <= height { (width, height) } else { (height, width) };
    (short - A4_MM.0).abs() <= A4_TOLERANCE_MM && (long - A4_MM.1).abs() <= A4_TOLERANCE_MM
}

/// The resolution at which a page (in millimetres) is to be drawn for a sheet.
#[must_use]
pub fn dpi_for((width, height): (f32, f32), fit: bool) -> u16 {
    if !fit || is_a4((width, height)) {
        return SHEET_DPI as u16;
    }
    let (short, long) = if width <= height { (width, height) } else { (height, width) };
    let scale = (A4_MM.0 / short.max(1.0)).min(A4_MM.1 / long.max(1.0));
    (SHEET_DPI as f32 * scale).clamp(DPI.0, DPI.1).floor() as u16
}

impl Sheet {
    /// A page's samples in the middle of a white A4 sheet; a lying page is turned to stand, what is larger than the
    /// sheet is cut evenly. Samples that do not match their size give a white sheet.
    #[must_use]
    pub fn of(page: &Sheet) -> Self {
        let length = u64::from(page.width) * u64::from(page.height) * u64::from(page.channels);
        let channels = if page.channels == 3 { 3 } else { 1 };
        let mut sheet = Self::white(A4.0, A4.1, channels);
        if length != page.samples.len() as u64 || page.channels != channels {
            return sheet;
        }
        if page.width > page.height {
            sheet.place(&page.turned());
        } else {
            sheet.place(page);
        }
        sheet
    }

    fn white(width: u32, height: u32, channels: u32) -> Self {
        Self { width, height, channels, samples: vec![0xFF; (width * height * channels) as usize] }
    }

    /// A quarter turn clockwise.
    fn turned(&self) -> Self {
        let mut out = Self::white(self.height, self.width, self.channels);
        let (width, height, channels) = (self.width as usize, self.height as usize, self.channels as usize);
        for y in 0..height {
            for x in 0..width {
                let from = (y * width + x) * channels;
                let to = (x * height + (height - 1 - y)) * channels;
                out.samples[to..to + channels].copy_from_slice(&self.samples[from..from + channels]);
            }
        }
        out
    }

    fn place(&mut self, page: &Self) {
        let span = |sheet: u32, page: u32| {
            let (sheet, page) = (sheet as usize, page as usize);
            let length = sheet.min(page);
            ((sheet - length) / 2, (page - length) / 2, length)
        };
        let ((to_x, from_x, columns), (to_y, from_y, rows)) =
            (span(self.width, page.width), span(self.height, page.height));
        let channels = self.channels as usize;
        for row in 0..rows {
            let to = ((to_y + row) * self.width as usize + to_x) * channels;
            let from = ((from_y + row) * page.width as usize + from_x) * channels;
            let length = columns * channels;
            self.samples[to..to + length].copy_from_slice(&page.samples[from..from + length]);
        }
    }

    /// As grey, by the weights of ITU-R BT.601.
    #[must_use]
    pub fn grey(self) -> Self {
        if self.channels != 3 {
            return self;
        }
        let luma =
            |rgb: &[u8]| ((u32::from(rgb[0]) * 299 + u32::from(rgb[1]) * 587 + u32::from(rgb[2]) * 114) / 1000) as u8;
        let samples = self.samples.chunks_exact(3).map(luma).collect();
        Self { width: self.width, height: self.height, channels: 1, samples }
    }

    /// As RGB.
    #[must_use]
    pub fn rgb(self) -> Self {
        if self.channels == 3 {
            return self;
        }
        let samples = self.samples.iter().flat_map(|tone| [*tone; 3]).collect();
        Self { width: self.width, height: self.height, channels: 3, samples }
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        self.samples.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: u32, height: u32) -> Sheet {
        let samples = (0..width * height).map(|at| (at % 251) as u8).collect();
        Sheet { width, height, channels: 1, samples }
    }

    #[test]
    fn a_small_page_stands_in_the_middle_of_a_white_sheet() {
        let sheet = Sheet::of(&page(100, 200));
        assert_eq!((sheet.width, sheet.height), A4);
        assert_eq!(sheet.samples[0], 255);
        let middle = (A4.1 / 2 * A4.0 + A4.0 / 2) as usize;
        assert_eq!(sheet.samples[middle], page(100, 200).samples[100 * 100 + 50]);
    }

    #[test]
    fn a_lying_page_is_turned_and_a_larger_one_is_cut_evenly() {
        let lying = Sheet::of(&page(3508, 2480));
        assert_eq!(lying.samples[A4.0 as usize - 1], 0, "its first corner is now the upper right one");
        let large = Sheet::of(&page(2680, 3708));
        assert_eq!(large.samples[0], page(2680, 3708).samples[100 * 2680 + 100]);
    }

    #[test]
    fn samples_that_do_not_match_their_size_give_a_white_sheet() {
        let wrong = Sheet { width: 10, height: 10, channels: 3, samples: vec![0; 7] };
        assert!(Sheet::of(&wrong).samples.iter().all(|tone| *tone == 255));
    }

    #[test]
    fn a_page_is_drawn_at_the_resolution_that_fills_the_sheet() {
        assert_eq!(dpi_for((210.0, 297.0), true), 300);
        assert_eq!(dpi_for((105.0, 148.5), true), 600);
        assert_eq!(dpi_for((420.0, 594.0), true), 150);
        assert_eq!(dpi_for((420.0, 594.0), false), 300);
        assert!(is_a4((297.0, 210.0)) && !is_a4((215.9, 279.4)));
    }
}
