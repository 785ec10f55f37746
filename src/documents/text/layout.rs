//! Lines and pages of a plain text: A4, 小四 (12 pt), broken between Chinese characters and after Latin words,
//! never inside a number that fits a line. Laid out once; a page is drawn when it is asked for.

use crate::canvas::{Canvas, Face, Placed};
use crate::limits::{A4_MM, INCH_MM, PAGES_MAX};
use crate::{Colour, Fonts, Raster, Refusal};
use std::ops::Range;
use zeroize::Zeroizing;

/// White around the text.
const MARGIN_MM: f32 = 20.0;
/// Height of the em square: 小四.
const EM_MM: f32 = 12.0 / 72.0 * INCH_MM;
const LINE_MM: f32 = EM_MM * 1.5;
/// A tab leads to the next multiple of this many ems.
const TAB_EMS: f32 = 2.0;
/// Where the baseline lies below a line's top, in ems.
const BASELINE_EMS: f32 = 1.1;
/// Characters that never begin a line (GB/T 15834).
const NOT_FIRST: &str = "，。、；：？！）》」』】〉”’…—～％,.;:?!)]}%";

/// A text divided into pages.
pub(crate) struct TextPages {
    text: Zeroizing<String>,
    pages: Vec<Vec<Range<usize>>>,
    face: Face<'static>,
}

impl TextPages {
    /// Divides a text.
    pub(crate) fn lay_out(text: Zeroizing<String>, fonts: &Fonts) -> Result<Self, Refusal> {
        let face = Face::parse(fonts.regular).ok_or(Refusal::NotStarted)?;
        let lines_a_page = ((A4_MM.1 - 2.0 * MARGIN_MM) / LINE_MM) as usize;
        let mut pages: Vec<Vec<Range<usize>>> = Vec::new();
        let mut page = Vec::new();
        let mut turn = |page: &mut Vec<Range<usize>>| {
            pages.push(std::mem::take(page));
            if pages.len() > PAGES_MAX { Err(Refusal::TooManyPages) } else { Ok(()) }
        };
        let mut from = 0;
        for sheet in text.split('\u{C}') {
            let mut at = from;
            for paragraph in sheet.split('\n') {
                let body = paragraph.trim_end_matches(['\r', '\u{1A}']);
                for line in break_lines(body, &face) {
                    if page.len() == lines_a_page {
                        turn(&mut page)?;
                    }
                    page.push(at + line.start..at + line.end);
                }
                at += paragraph.len() + 1;
            }
            from += sheet.len() + 1;
            let blank = page.iter().all(|line: &Range<usize>| text[line.clone()].trim().is_empty());
            if blank {
                page.clear();
            } else {
                turn(&mut page)?;
            }
        }
        if pages.is_empty() {
            return Err(Refusal::NothingToPrint);
        }
        Ok(Self { text, pages, face })
    }

    /// Pages.
    pub(crate) fn len(&self) -> usize {
        self.pages.len()
    }

    /// One page, drawn.
    pub(crate) fn render(&self, page: usize, dpi: u16, colour: Colour) -> Result<Raster, Refusal> {
        let lines = self.pages.get(page).ok_or(Refusal::NoSuchPage)?;
        let mut canvas = Canvas::new(A4_MM, dpi)?;
        for (number, line) in lines.iter().enumerate() {
            let mut x = MARGIN_MM;
            let baseline = MARGIN_MM + number as f32 * LINE_MM + BASELINE_EMS * EM_MM;
            for c in self.text[line.clone()].chars() {
                if c != '\t' {
                    canvas.glyph(&self.face, self.face.glyph(c), Placed { x, y: baseline, em: EM_MM });
                }
                x += advance(&self.face, c, x - MARGIN_MM);
            }
        }
        Ok(canvas.finish(colour))
    }
}

/// How far a character at `x` leads on, both in millimetres from the margin.
fn advance(face: &Face<'_>, c: char, x: f32) -> f32 {
    if c == '\t' {
        let tab = TAB_EMS * EM_MM;
        return tab - x % tab;
    }
    face.advance(face.glyph(c)) * EM_MM
}

/// The lines of a paragraph, as ranges of its bytes; an empty paragraph is one empty line.
fn break_lines(paragraph: &str, face: &Face<'_>) -> Vec<Range<usize>> {
    let width = A4_MM.0 - 2.0 * MARGIN_MM;
    let mut lines = Vec::new();
    // Start of the line, the last place where it may break, and how far the line and the part after that place reach.
    let (mut start, mut may_break, mut x, mut x_at_break) = (0, 0, 0.0, 0.0);
    let mut before = ' ';
    for (at, c) in paragraph.char_indices() {
        if at > start && breaks_between(before, c) {
            (may_break, x_at_break) = (at, x);
        }
        let step = advance(face, c, x);
        if x + step > width && at > start && !c.is_whitespace() {
            let (end, rest) = if may_break > start { (may_break, x - x_at_break) } else { (at, 0.0) };
            lines.push(start..end);
            (start, may_break, x) = (end, end, rest);
        }
        x += step;
        before = c;
    }
    lines.push(start..paragraph.len());
    lines
}

fn breaks_between(before: char, c: char) -> bool {
    if NOT_FIRST.contains(c) {
        return false;
    }
    before.is_whitespace() || is_wide(before) || is_wide(c) || before == '-'
}

/// Characters between which a line may break: Chinese, Japanese and full-width ones.
fn is_wide(c: char) -> bool {
    matches!(u32::from(c), 0x2E80..=0x9FFF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF | 0x2_0000..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::shipped;

    fn pages(text: &str) -> TextPages {
        TextPages::lay_out(Zeroizing::new(text.to_owned()), &shipped()).unwrap()
    }

    fn lines(text: &str) -> Vec<String> {
        let laid = pages(text);
        laid.pages.iter().flatten().map(|line| laid.text[line.clone()].to_owned()).collect()
    }

    #[test]
    fn long_lines_break_and_lose_nothing() {
        let chinese = "政务服务自助终端，".repeat(40);
        let broken = lines(&chinese);
        assert!(broken.len() > 8 && broken.concat() == chinese);
        assert!(broken.iter().all(|line| !line.starts_with('，')));
        let latin = "residence permit ".repeat(40);
        assert!(lines(&latin).iter().all(|line| !line.starts_with("esidence")));
        let endless = "9".repeat(500);
        assert_eq!(lines(&endless).concat(), endless);
    }

    #[test]
    fn pages_turn_when_full_and_at_a_form_feed() {
        assert_eq!(pages("a\u{C}b").len(), 2);
        assert_eq!(pages(&"一\r\n".repeat(41)).len(), 2);
        assert_eq!(pages("一\n\n\n").len(), 1);
        let endless = "\n".repeat(99) + &"一\n".repeat(PAGES_MAX * 50);
        assert_eq!(TextPages::lay_out(Zeroizing::new(endless), &shipped()).err(), Some(Refusal::TooManyPages));
    }

    #[test]
    fn ink_lies_within_the_margins() {
        let raster = pages(&"永".repeat(60)).render(0, 72, Colour::Grey).unwrap();
        assert_eq!((raster.width, raster.height, raster.blank), (595, 842, false));
        let margin = (MARGIN_MM / INCH_MM * 72.0) as usize - 1;
        for (at, _) in raster.samples.iter().enumerate().filter(|(_, sample)| **sample < 128) {
            let x = at % raster.width as usize;
            assert!((margin..raster.width as usize - margin).contains(&x), "ink at {x}");
        }
    }
}
