//! QR codes for paper: large enough for any phone (25 mm or more), with the quiet zone that the standard asks.

use drivers::receipt_printer::Bitmap;

/// 25 mm at 203 dpi.
const SIDE_MIN_DOTS: usize = 200;
/// Width of the quiet zone in modules (ISO/IEC 18004).
pub(super) const QUIET_MODULES: usize = 4;

/// A code, scaled to whole dots.
pub(super) struct Code {
    modules: Vec<bool>,
    size: usize,
    scale: usize,
}

impl Code {
    /// The code for a text; `None` if it is too long to be printed within `width` dots.
    pub(super) fn new(text: &str, width: usize) -> Option<Self> {
        Self::at_least(SIDE_MIN_DOTS, text, width)
    }

    /// The same for a printer of another resolution: no smaller than `side_min` dots without its quiet zone.
    pub(super) fn at_least(side_min: usize, text: &str, width: usize) -> Option<Self> {
        let code = crate::qr::of_text(text)?;
        let size = code.width();
        let scale = side_min.div_ceil(size);
        let modules = code.to_colors().into_iter().map(|c| c == qrcode::Color::Dark).collect();
        let code = Self { modules, size, scale };
        (code.side() <= width && scale >= 2).then_some(code)
    }

    /// Dots a side, quiet zone included.
    pub(super) fn side(&self) -> usize {
        (self.size + 2 * QUIET_MODULES) * self.scale
    }

    /// Draws it with its quiet zone.
    pub(super) fn draw(&self, paper: &mut Bitmap, left: usize, top: usize) {
        let quiet = QUIET_MODULES * self.scale;
        for (index, _) in self.modules.iter().enumerate().filter(|(_, dark)| **dark) {
            let x = left + quiet + index % self.size * self.scale;
            let y = top + quiet + index / self.size * self.scale;
            for dot in 0..self.scale * self.scale {
                paper.set(x + dot % self.scale, y + dot / self.scale);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_at_least_25_mm_without_its_quiet_zone() {
        for length in [1, 20, 60, 120, 200] {
            let code = Code::new(&"x".repeat(length), 544).unwrap();
            assert!(code.size * code.scale >= SIDE_MIN_DOTS, "{length}");
        }
        assert!(Code::new(&"x".repeat(5_000), 544).is_none());
    }
}
