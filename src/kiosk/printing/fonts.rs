//! The shipped fonts as dots for the printer: Noto Sans CJK SC in two weights, outlines filled by `ab_glyph`.
//! A character that no weight holds is written as its code point, never left out.

use crate::fonts::{BOLD, REGULAR, written};
use ab_glyph::{Font, FontRef, GlyphId, PxScale, ScaleFont, point};
use drivers::receipt_printer::Bitmap;

/// Share of a dot that must be covered to be burnt: thermal paper spreads, so a little less than half.
const COVERAGE_MIN: f32 = 0.45;

/// The shipped fonts could not be read: the program is damaged.
#[derive(Debug, thiserror::Error)]
#[error("the shipped font cannot be read: install the program anew")]
pub struct FontError(#[from] ab_glyph::InvalidFont);

/// Both weights.
pub struct Fonts {
    regular: FontRef<'static>,
    bold: FontRef<'static>,
}

/// Weight and size of a piece of text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// Height of the em square in dots; a Chinese character is as wide.
    pub em: usize,
    /// Bold weight.
    pub bold: bool,
}

impl Style {
    /// Regular weight.
    pub const fn regular(em: usize) -> Self {
        Self { em, bold: false }
    }

    /// Bold weight.
    pub const fn bold(em: usize) -> Self {
        Self { em, bold: true }
    }

    /// From one line's top to the next one's.
    pub fn line_height(self) -> usize {
        self.em + self.em * 3 / 8
    }
}

impl Fonts {
    /// The fonts that ship with the program.
    pub fn shipped() -> Result<Self, FontError> {
        Ok(Self { regular: FontRef::try_from_slice(REGULAR)?, bold: FontRef::try_from_slice(BOLD)? })
    }

    /// Whether the regular weight holds a character.
    #[must_use]
    pub fn holds(&self, c: char) -> bool {
        self.regular.glyph_id(c) != GlyphId(0)
    }

    /// The text with each character that no weight holds written as 〈U+…〉; control characters become spaces.
    #[must_use]
    pub fn writable(&self, text: &str) -> String {
        written(&text.replace(char::is_control, " "), |c| self.holds(c))
    }

    /// Width of a text in dots.
    #[must_use]
    pub fn width(&self, text: &str, style: Style) -> f32 {
        text.chars().map(|c| self.advance(c, style)).sum()
    }

    /// Width of one character in dots.
    #[must_use]
    pub fn advance(&self, c: char, style: Style) -> f32 {
        let (font, scale) = self.font(c, style);
        font.as_scaled(scale).h_advance(font.glyph_id(c))
    }

    /// Draws a line of text; `top` is the top of the em square.
    pub fn draw(&self, paper: &mut Bitmap, text: &str, style: Style, (left, top): (f32, usize)) {
        let mut x = left;
        // Ideographs stand 0.88 em above the baseline in this family.
        let baseline = top as f32 + style.em as f32 * 0.88;
        for c in text.chars() {
            let (font, scale) = self.font(c, style);
            let glyph = font.glyph_id(c).with_scale_and_position(scale, point(x, baseline));
            if let Some(outline) = font.outline_glyph(glyph) {
                let bounds = outline.px_bounds();
                outline.draw(|dx, dy, coverage| {
                    let (px, py) = (bounds.min.x + dx as f32, bounds.min.y + dy as f32);
                    if coverage >= COVERAGE_MIN && px >= 0.0 && py >= 0.0 {
                        paper.set(px as usize, py as usize);
                    }
                });
            }
            x += self.advance(c, style);
        }
    }

    /// The weight that holds the character (the bold one holds fewer), with its scale for the em size.
    fn font(&self, c: char, style: Style) -> (&FontRef<'static>, PxScale) {
        let bold = style.bold && self.bold.glyph_id(c) != GlyphId(0);
        let font = if bold { &self.bold } else { &self.regular };
        // `PxScale` is the height from ascent to descent, which in CJK fonts is 1.45 em.
        let em = font.units_per_em().unwrap_or(1_000.0);
        (font, PxScale::from(style.em as f32 * font.height_unscaled() / em))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_character_is_one_em_wide_and_has_ink_in_both_weights() {
        let fonts = Fonts::shipped().unwrap();
        for style in [Style::regular(48), Style::bold(48)] {
            assert!((fonts.width("政务", style) - 96.0).abs() < 0.5);
            let mut paper = Bitmap::new(64, 64);
            fonts.draw(&mut paper, "政", style, (8.0, 8));
            let ink = paper.to_luma().iter().filter(|l| **l == 0).count();
            assert!((200..1_500).contains(&ink), "{ink}");
        }
    }

    #[test]
    fn ink_stays_inside_the_em_square_of_a_character() {
        let fonts = Fonts::shipped().unwrap();
        for c in "政务服务大厅凭条请妥善保管龘鬱一口回国".chars() {
            let mut paper = Bitmap::new(80, 80);
            fonts.draw(&mut paper, &c.to_string(), Style::bold(48), (16.0, 16));
            for y in 0..80 {
                for x in 0..80 {
                    assert!(!paper.get(x, y) || ((14..67).contains(&x) && (13..67).contains(&y)), "{c} at {x}, {y}");
                }
            }
        }
    }

    #[test]
    fn a_character_that_no_font_holds_is_written_as_its_code_point() {
        let fonts = Fonts::shipped().unwrap();
        assert_eq!(fonts.writable("王\u{F0000}"), "王〈U+F0000〉");
        assert_eq!(fonts.writable("李\u{7}雷"), "李 雷");
    }
}
