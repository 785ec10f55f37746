//! A slip as a column of blocks, and its drawing: blocks first, so that tests and the screen can read what
//! stands on the paper, then dots.

use super::code::Code;
use super::fonts::{Fonts, Style};
use super::text;
use drivers::receipt_printer::{Bitmap, PAPER_DOTS};
use zeroize::Zeroize;

/// White at both edges: 2 mm, which the worst-aligned roll needs.
const MARGIN: usize = 16;
const INNER: usize = PAPER_DOTS - 2 * MARGIN;
/// Room between a frame and what it holds.
const PADDING: usize = 14;
const FRAME: usize = 4;
/// Where the text of a point begins.
const POINT_INDENT: usize = 32;
/// Labels beside values.
const LABEL: Style = Style::regular(28);

/// One part of a slip.
#[derive(Clone, PartialEq)]
pub enum Block {
    /// Text in the middle.
    Centred(String, Style),
    /// Text from the left.
    Left(String, Style),
    /// A label, and beside it a value that may take several lines.
    Pair {
        /// Label, in small type.
        label: String,
        /// Value.
        value: String,
        /// Type of the value.
        style: Style,
        /// Where the value begins.
        indent: usize,
    },
    /// One point of a list.
    Point(String, Style),
    /// More of the point above, without its mark.
    Under(String, Style),
    /// Lines in a frame, in the middle.
    Framed(Vec<(String, Style)>),
    /// A line across.
    Rule,
    /// A QR code holding this text.
    Code(String),
    /// White rows.
    Gap(usize),
}

/// A slip's blocks from top to bottom. Overwritten when dropped.
#[derive(Clone, Default, PartialEq)]
pub struct Page {
    /// Blocks.
    pub blocks: Vec<Block>,
}

impl Page {
    /// All that can be read on it, a line for each text; codes are left out.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        let mut texts = Vec::new();
        for block in &self.blocks {
            match block {
                Block::Centred(text, _) | Block::Left(text, _) | Block::Point(text, _) | Block::Under(text, _) => {
                    texts.push(text.as_str());
                }
                Block::Pair { label, value, .. } => texts.extend([label.as_str(), value.as_str()]),
                Block::Framed(lines) => texts.extend(lines.iter().map(|(text, _)| text.as_str())),
                Block::Rule | Block::Code(_) | Block::Gap(_) => {}
            }
        }
        texts
    }

    /// The paper.
    #[must_use]
    pub fn draw(&self, fonts: &Fonts) -> Bitmap {
        let places: Vec<_> = self.blocks.iter().map(|block| block.height(fonts)).collect();
        let mut paper = Bitmap::new(PAPER_DOTS, places.iter().sum());
        let mut top = 0;
        for (block, height) in self.blocks.iter().zip(places) {
            block.draw(&mut paper, top, fonts);
            top += height;
        }
        paper
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        for block in &mut self.blocks {
            match block {
                Block::Centred(text, _) | Block::Left(text, _) | Block::Point(text, _) | Block::Under(text, _) => {
                    text.zeroize();
                }
                Block::Pair { value, .. } => value.zeroize(),
                Block::Framed(lines) => lines.iter_mut().for_each(|(text, _)| text.zeroize()),
                Block::Code(text) => text.zeroize(),
                Block::Rule | Block::Gap(_) => {}
            }
        }
    }
}

impl Block {
    fn height(&self, fonts: &Fonts) -> usize {
        let lines = |text: &str, style: Style, width| text::lines(text, style, width as f32, fonts).len();
        match self {
            Self::Centred(text, style) | Self::Left(text, style) => lines(text, *style, INNER) * style.line_height(),
            Self::Pair { value, style, indent, .. } => lines(value, *style, INNER - indent) * style.line_height(),
            Self::Point(text, style) | Self::Under(text, style) => {
                lines(text, *style, INNER - POINT_INDENT) * style.line_height() + style.em / 4
            }
            Self::Framed(framed) => {
                let text: usize = framed.iter().map(|(t, s)| lines(t, *s, framed_width()) * s.line_height()).sum();
                text + 2 * (PADDING + FRAME)
            }
            Self::Rule => 24,
            Self::Code(text) => Code::new(text, INNER).map_or(0, |code| code.side()),
            Self::Gap(rows) => *rows,
        }
    }

    fn draw(&self, paper: &mut Bitmap, top: usize, fonts: &Fonts) {
        match self {
            Self::Centred(text, style) => {
                draw_lines(paper, fonts, text, *style, Column { left: MARGIN, width: INNER, top, centred: true });
            }
            Self::Left(text, style) => {
                draw_lines(paper, fonts, text, *style, Column { left: MARGIN, width: INNER, top, centred: false });
            }
            Self::Pair { label, value, style, indent } => {
                // On the value's baseline.
                let drop = style.em / 8 + style.em.saturating_sub(LABEL.em) * 7 / 8;
                fonts.draw(paper, label, LABEL, (MARGIN as f32, top + drop));
                let column = Column { left: MARGIN + indent, width: INNER - indent, top, centred: false };
                draw_lines(paper, fonts, value, *style, column);
            }
            Self::Point(text, style) => {
                let (middle, radius) = (top + style.em * 5 / 8, style.em / 8);
                fill(paper, MARGIN + radius, middle - radius, (2 * radius, 2 * radius));
                draw_lines(paper, fonts, text, *style, Column::of_point(top));
            }
            Self::Under(text, style) => {
                draw_lines(paper, fonts, text, *style, Column::of_point(top));
            }
            Self::Framed(lines) => {
                draw_frame(paper, top, self.height(fonts));
                let mut top = top + PADDING + FRAME;
                for (text, style) in lines {
                    let left = MARGIN + PADDING + FRAME;
                    let column = Column { left, width: framed_width(), top, centred: true };
                    top += draw_lines(paper, fonts, text, *style, column) * style.line_height();
                }
            }
            Self::Rule => fill(paper, MARGIN, top + 10, (INNER, 2)),
            Self::Code(text) => {
                if let Some(code) = Code::new(text, INNER) {
                    code.draw(paper, (PAPER_DOTS - code.side()) / 2, top);
                }
            }
            Self::Gap(_) => {}
        }
    }
}

fn framed_width() -> usize {
    INNER - 2 * (PADDING + FRAME)
}

/// Where lines go.
struct Column {
    left: usize,
    width: usize,
    top: usize,
    centred: bool,
}

impl Column {
    fn of_point(top: usize) -> Self {
        Self { left: MARGIN + POINT_INDENT, width: INNER - POINT_INDENT, top, centred: false }
    }
}

/// Draws the lines of a text and says how many they are.
fn draw_lines(paper: &mut Bitmap, fonts: &Fonts, text: &str, style: Style, column: Column) -> usize {
    let lines = text::lines(text, style, column.width as f32, fonts);
    for (index, line) in lines.iter().enumerate() {
        let free = (column.width as f32 - fonts.width(line, style)).max(0.0);
        let left = column.left as f32 + if column.centred { free / 2.0 } else { 0.0 };
        fonts.draw(paper, line, style, (left, column.top + index * style.line_height() + style.em / 8));
    }
    lines.len()
}

fn draw_frame(paper: &mut Bitmap, top: usize, height: usize) {
    fill(paper, MARGIN, top, (INNER, FRAME));
    fill(paper, MARGIN, top + height - FRAME, (INNER, FRAME));
    fill(paper, MARGIN, top, (FRAME, height));
    fill(paper, MARGIN + INNER - FRAME, top, (FRAME, height));
}

fn fill(paper: &mut Bitmap, left: usize, top: usize, (width, height): (usize, usize)) {
    for y in top..top + height {
        for x in left..left + width {
            paper.set(x, y);
        }
    }
}
