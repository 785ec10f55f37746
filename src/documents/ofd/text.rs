//! `TextObject` of an OFD (GB/T 33190, clause 11): characters at their places, glyphs of embedded fonts as
//! `CGTransform` says, the shipped font for what no embedded font holds.

use super::paint::{Painter, State};
use super::resources::FontResource;
use super::style::Style;
use super::xml::Node;
use crate::Fonts;
use std::collections::HashMap;
use std::rc::Rc;
use tiny_skia::{FillRule, Path, Transform};
use ttf_parser::{Face, GlyphId, OutlineBuilder};
use zeroize::Zeroizing;

/// Characters of one object, and numbers of one list of distances.
const CHARACTERS_MAX: usize = 200_000;
/// How far an upright letter leans when the file says italic.
const LEAN: f32 = 0.2;

/// Parts that hold fonts, read once a page.
pub(super) type FontFiles = HashMap<String, Option<Rc<Zeroizing<Vec<u8>>>>>;

/// A glyph of one of the fonts, or of none.
struct Chosen<'a, 'f> {
    font: &'a Outlines<'f>,
    glyph: GlyphId,
}

/// A font program: OpenType, TrueType, or a bare CFF as many makers embed it.
enum Outlines<'a> {
    Sfnt(Box<Face<'a>>),
    Cff(Box<ttf_parser::cff::Table<'a>>),
}

impl<'a> Outlines<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        if let Ok(face) = Face::parse(bytes, 0) {
            return Some(Self::Sfnt(Box::new(face)));
        }
        ttf_parser::cff::Table::parse(bytes).map(|table| Self::Cff(Box::new(table)))
    }

    fn glyph(&self, c: char) -> Option<GlyphId> {
        match self {
            // Symbol fonts keep their letters in the private-use area.
            Self::Sfnt(face) => face.glyph_index(c).or_else(|| {
                let private = char::from_u32(0xF000 + u32::from(c)).filter(|_| u32::from(c) < 0x100);
                private.and_then(|c| face.glyph_index(c))
            }),
            Self::Cff(_) => None,
        }
    }

    fn outline(&self, glyph: GlyphId, builder: &mut impl OutlineBuilder) -> Option<()> {
        match self {
            Self::Sfnt(face) => face.outline_glyph(glyph, builder).map(|_| ()),
            Self::Cff(table) => table.outline(glyph, builder).ok().map(|_| ()),
        }
    }

    /// Glyph space to the em square.
    fn to_em(&self) -> f32 {
        match self {
            Self::Sfnt(face) => 1.0 / f32::from(face.units_per_em().max(1)),
            Self::Cff(table) => Some(table.matrix().sx).filter(|sx| *sx > 0.0).unwrap_or(0.001),
        }
    }

    fn advance(&self, glyph: GlyphId) -> f32 {
        match self {
            Self::Sfnt(face) => f32::from(face.glyph_hor_advance(glyph).unwrap_or(0)) * self.to_em(),
            Self::Cff(table) => f32::from(table.glyph_width(glyph).unwrap_or(1_000)) * self.to_em(),
        }
    }

    fn path(&self, glyph: GlyphId) -> Option<Path> {
        let mut outline = crate::canvas::Outline::default();
        self.outline(glyph, &mut outline)?;
        outline.finish()
    }
}

/// What stands for all characters of one object.
struct Run<'a> {
    size: f32,
    stretch: f32,
    turn: f32,
    lean: f32,
    filled: bool,
    stroked: bool,
    style: &'a Style,
    state: &'a State,
}

/// Draws a text object; `state` already leads from its coordinates to pixels.
pub(super) fn draw(painter: &mut Painter<'_>, node: &Node, style: &Style, state: &State) {
    let size = node.number("Size").unwrap_or(0.0);
    if !(size > 0.0 && size < 2_000.0) {
        return;
    }
    let flag = |name: &str, default: bool| node.attribute(name).map_or(default, |value| value == "true");
    let run = Run {
        size,
        stretch: node.number("HScale").filter(|scale| *scale > 0.0).unwrap_or(1.0),
        turn: node.number("CharDirection").unwrap_or(0.0),
        lean: if flag("Italic", false) { LEAN } else { 0.0 },
        filled: flag("Fill", true),
        stroked: flag("Stroke", false),
        style,
        state,
    };
    let resource = node.attribute("Font").and_then(|id| painter.ofd.resources.fonts.get(id));
    let bytes = resource.and_then(|font| painter.font_file(font.file.as_deref()?));
    let embedded = bytes.as_ref().and_then(|bytes| Outlines::parse(bytes));
    let fonts = painter.ofd.fonts;
    let Some(stand_in) = Outlines::parse(shipped(resource, &fonts)) else { return };
    let Some(last) = Outlines::parse(fonts.regular) else { return };
    let glyphs = glyph_map(node);
    let mut number = 0;
    let mut at = (0.0, 0.0);
    for code in node.all("TextCode") {
        at = (code.number("X").unwrap_or(at.0), code.number("Y").unwrap_or(at.1));
        let (dx, dy) = (deltas(code.attribute("DeltaX")), deltas(code.attribute("DeltaY")));
        for (index, c) in code.text.trim_matches(['\n', '\r', '\t']).chars().take(CHARACTERS_MAX).enumerate() {
            let chosen = choose(&[embedded.as_ref(), Some(&stand_in), Some(&last)], glyphs.get(&number).copied(), c);
            if let Some(chosen) = &chosen {
                draw_glyph(painter, chosen, at, &run);
            }
            let natural = chosen.map_or(1.0, |chosen| chosen.font.advance(chosen.glyph)) * size * run.stretch;
            at.0 += dx.get(index).copied().unwrap_or(if dy.is_empty() { natural } else { 0.0 });
            at.1 += dy.get(index).copied().unwrap_or(0.0);
            number += 1;
        }
    }
}

/// The weight that stands in for a font: bold for what heads a letter.
fn shipped(resource: Option<&FontResource>, fonts: &Fonts) -> &'static [u8] {
    const HEAVY: &[&str] = &["bold", "黑", "hei", "标宋", "biaosong"];
    let heavy = resource.is_some_and(|font| font.bold || HEAVY.iter().any(|part| font.name.contains(part)));
    if heavy { fonts.bold } else { fonts.regular }
}

fn choose<'a, 'f>(fonts: &[Option<&'a Outlines<'f>>; 3], mapped: Option<u16>, c: char) -> Option<Chosen<'a, 'f>> {
    if let (Some(glyph), Some(font)) = (mapped, fonts[0]) {
        return Some(Chosen { font, glyph: GlyphId(glyph) });
    }
    let held = fonts.iter().flatten().find_map(|font| font.glyph(c).map(|glyph| Chosen { font, glyph }));
    // A blank that no font holds is nothing; anything else is a box, so that it is seen to be missing.
    held.or_else(|| fonts[2].filter(|_| !c.is_whitespace()).map(|font| Chosen { font, glyph: GlyphId(0) }))
}

fn draw_glyph(painter: &mut Painter<'_>, chosen: &Chosen<'_, '_>, at: (f32, f32), run: &Run<'_>) {
    let Some(path) = chosen.font.path(chosen.glyph) else { return };
    let unit = run.size * chosen.font.to_em();
    let upright = Transform::from_row(unit * run.stretch, 0.0, unit * run.lean, -unit, 0.0, 0.0);
    let placed = upright.post_rotate(run.turn).post_translate(at.0, at.1);
    let Some(path) = path.transform(placed) else { return };
    if run.filled {
        painter.fill(&path, (&run.style.fill, FillRule::Winding), run.state);
    }
    if run.stroked {
        painter.stroke(&path, run.style, run.state);
    }
}

/// `CGTransform`: which glyph stands at which character.
fn glyph_map(node: &Node) -> HashMap<usize, u16> {
    let mut map = HashMap::new();
    for transform in node.all("CGTransform") {
        let first = transform.number("CodePosition").unwrap_or(0.0).max(0.0) as usize;
        let count = transform.number("CodeCount").unwrap_or(1.0).max(1.0) as usize;
        let glyphs = transform.text_of("Glyphs").map(super::xml::numbers).unwrap_or_default();
        // Several glyphs for one character are rare and stand on each other: the first is drawn.
        for (index, glyph) in glyphs.iter().take(count.min(CHARACTERS_MAX)).enumerate() {
            map.insert(first.saturating_add(index), *glyph as u16);
        }
    }
    map
}

/// Distances, with `g 12 3.175` for twelve times the same.
fn deltas(text: Option<&str>) -> Vec<f32> {
    let mut deltas = Vec::new();
    let mut words = text.unwrap_or("").split_whitespace();
    while let Some(word) = words.next() {
        if word == "g" {
            let count = words.next().and_then(|count| count.parse::<usize>().ok()).unwrap_or(0);
            let delta = words.next().and_then(|delta| delta.parse().ok()).unwrap_or(0.0);
            deltas.extend(std::iter::repeat_n(delta, count.min(CHARACTERS_MAX)));
        } else {
            deltas.extend(word.parse::<f32>());
        }
        if deltas.len() > CHARACTERS_MAX {
            break;
        }
    }
    deltas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_distances_are_read() {
        assert_eq!(deltas(Some("1 g 3 2.5 4")), [1.0, 2.5, 2.5, 2.5, 4.0]);
        assert_eq!(deltas(Some("g 99999999999 1")).len(), CHARACTERS_MAX, "bounded, whatever is said");
        assert_eq!(deltas(Some("g 999999 1")).len(), CHARACTERS_MAX);
        assert!(deltas(None).is_empty());
    }
}
