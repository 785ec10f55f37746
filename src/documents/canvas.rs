//! White paper on which outlines, lines and pictures are drawn, measured in millimetres from the top left.

use crate::limits::{INCH_MM, pixels};
use crate::raster::drawable;
use crate::{Colour, Raster, Refusal};
use tiny_skia::{FillRule, Paint, Path, PathBuilder, Pixmap, Transform};
use ttf_parser::{GlyphId, OutlineBuilder};
use zeroize::Zeroize;

/// Paper of a size at a resolution.
pub(crate) struct Canvas {
    pixmap: Pixmap,
    dpi: u16,
}

/// Where a glyph stands: its origin and the height of its em square, in millimetres.
#[derive(Clone, Copy)]
pub(crate) struct Placed {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) em: f32,
}

impl Canvas {
    /// Paper of `size` millimetres.
    pub(crate) fn new(size: (f32, f32), dpi: u16) -> Result<Self, Refusal> {
        let (width, height) = (pixels(size.0, dpi), pixels(size.1, dpi));
        drawable(width, height)?;
        let mut pixmap = Pixmap::new(width, height).ok_or(Refusal::PageTooLarge)?;
        pixmap.fill(tiny_skia::Color::WHITE);
        Ok(Self { pixmap, dpi })
    }

    /// Pixels in a millimetre.
    pub(crate) fn scale(&self) -> f32 {
        f32::from(self.dpi) / INCH_MM
    }

    /// A glyph in black.
    pub(crate) fn glyph(&mut self, face: &Face<'_>, glyph: GlyphId, at: Placed) {
        let Some(path) = face.outline(glyph) else { return };
        let scale = self.scale();
        let unit = at.em / face.units_per_em() * scale;
        let transform = Transform::from_row(unit, 0.0, 0.0, -unit, at.x * scale, at.y * scale);
        let mut paint = Paint::default();
        paint.set_color_rgba8(0, 0, 0, u8::MAX);
        self.pixmap.fill_path(&path, &paint, FillRule::Winding, transform, None);
    }

    /// The paper itself.
    pub(crate) fn pixmap(&mut self) -> &mut Pixmap {
        &mut self.pixmap
    }

    /// The drawn page.
    pub(crate) fn finish(self, colour: Colour) -> Raster {
        let mut pixmap = self.pixmap;
        let raster = Raster::from_rgba((pixmap.width(), pixmap.height()), pixmap.data(), self.dpi, colour);
        pixmap.data_mut().zeroize();
        raster
    }
}

/// A font whose outlines are drawn.
pub(crate) struct Face<'a> {
    face: ttf_parser::Face<'a>,
}

impl<'a> Face<'a> {
    /// Reads a TrueType or OpenType font.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        Some(Self { face: ttf_parser::Face::parse(bytes, 0).ok()? })
    }

    /// The glyph of a character; glyph 0, a box, where the font has none.
    pub(crate) fn glyph(&self, c: char) -> GlyphId {
        self.face.glyph_index(c).unwrap_or(GlyphId(0))
    }

    /// How far a glyph leads on, in ems.
    pub(crate) fn advance(&self, glyph: GlyphId) -> f32 {
        f32::from(self.face.glyph_hor_advance(glyph).unwrap_or(0)) / self.units_per_em()
    }

    fn units_per_em(&self) -> f32 {
        f32::from(self.face.units_per_em())
    }

    /// A glyph's outline in the font's units, y up.
    fn outline(&self, glyph: GlyphId) -> Option<Path> {
        let mut outline = Outline::default();
        self.face.outline_glyph(glyph, &mut outline)?;
        outline.finish()
    }
}

/// A font's outline as a path.
#[derive(Default)]
pub(crate) struct Outline(PathBuilder);

impl Outline {
    /// The path, if it has any segment.
    pub(crate) fn finish(self) -> Option<Path> {
        self.0.finish()
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}
