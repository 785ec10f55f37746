//! The guard against white sheets: whether a page that came out white was meant to be white.

use hayro::hayro_interpret::font::{Glyph, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, Paint, SoftMask, interpret_page,
};
use hayro::hayro_syntax::object::dict::keys::ANNOTS;
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::{Affine, BezPath, Rect};

/// Whether a page draws nothing at all.
pub(super) fn is_empty(page: &Page<'_>) -> bool {
    page.operations().next().is_none() && !page.raw().contains_key(ANNOTS)
}

/// Whether a page has text that should be seen: neither invisible (the text layer over a scan), nor white, nor blank.
pub(super) fn is_meant<'a>(page: &'a Page<'a>, settings: &InterpreterSettings) -> bool {
    let cache = InterpreterCache::new();
    let (width, height) = page.render_dimensions();
    let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let transform = Affine::new(page.initial_transform(true).as_coeffs());
    let mut context = Context::new(transform, area, &cache, page.xref(), settings.clone());
    let mut text = VisibleText(false);
    interpret_page(page, &mut context, &mut text);
    text.0
}

struct VisibleText(bool);

impl<'a> Device<'a> for VisibleText {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        let hidden = matches!(mode, DrawMode::Invisible) || is_white(&props.paint);
        self.0 |= !hidden && run.glyphs().iter().any(|glyph| says_something(glyph));
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

fn is_white(paint: &Paint<'_>) -> bool {
    match paint {
        Paint::Color(color) => {
            let [r, g, b, a] = color.to_rgba().to_rgba8();
            a == 0 || (r, g, b) == (u8::MAX, u8::MAX, u8::MAX)
        }
        Paint::Pattern(_) => false,
    }
}

fn says_something(glyph: &Glyph<'_>) -> bool {
    match (glyph.as_unicode(), glyph) {
        (Some(BfString::Char(c)), _) => !c.is_whitespace() && !c.is_control(),
        (Some(BfString::String(s)), _) => !s.trim().is_empty(),
        (None, Glyph::Outline(outline)) => !outline.outline().is_empty(),
        (None, Glyph::Type3(_)) => true,
    }
}
