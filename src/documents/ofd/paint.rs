//! The objects of an OFD page on paper: text, paths, pictures, composites, within clips and under opacity
//! (GB/T 33190, clauses 8 to 13).

use super::Ofd;
use super::style::{Ink, Style, rule};
use super::text::{self, FontFiles};
use super::xml::{Node, numbers};
use super::{path, picture};
use std::rc::Rc;
use tiny_skia::{FillRule, Mask, Paint, Path, Pixmap, Transform};
use zeroize::Zeroizing;

/// Objects of one page, composites counted each time they are drawn.
const OBJECTS_MAX: usize = 300_000;
/// How deep blocks and composites may lie in each other.
const DEPTH_MAX: u32 = 32;
/// Clips of one page: each takes as much memory and time as a page.
const CLIPS_MAX: usize = 2_000;

/// Where objects are drawn.
#[derive(Clone)]
pub(super) struct State {
    /// From the coordinates of the object to pixels.
    pub(super) transform: Transform,
    pub(super) alpha: f32,
    pub(super) depth: u32,
    pub(super) mask: Option<Rc<Mask>>,
}

impl State {
    pub(super) fn new(transform: Transform, depth: u32) -> Self {
        Self { transform, alpha: 1.0, depth, mask: None }
    }
}

/// Draws the objects of one page.
pub(super) struct Painter<'a> {
    pub(super) ofd: &'a Ofd,
    pub(super) pixmap: &'a mut Pixmap,
    objects: usize,
    clips: usize,
    fonts: FontFiles,
}

impl<'a> Painter<'a> {
    /// On this paper.
    pub(super) fn new(ofd: &'a Ofd, pixmap: &'a mut Pixmap) -> Self {
        Self { ofd, pixmap, objects: 0, clips: 0, fonts: FontFiles::new() }
    }

    /// The objects that lie in a layer, a block or a composite.
    pub(super) fn objects(&mut self, parent: &Node, style: &Style, state: &State) {
        if state.depth > DEPTH_MAX {
            return;
        }
        for node in &parent.children {
            self.objects += 1;
            if self.objects > OBJECTS_MAX {
                return;
            }
            match node.name.as_str() {
                "TextObject" | "PathObject" | "ImageObject" | "CompositeObject" => self.object(node, style, state),
                "PageBlock" | "Layer" | "Content" => {
                    let style = style.clone().with_params(node.attribute("DrawParam"), &self.ofd.resources);
                    self.objects(node, &style, &State { depth: state.depth + 1, ..state.clone() });
                }
                _ => {}
            }
        }
    }

    fn object(&mut self, node: &Node, style: &Style, state: &State) {
        if node.attribute("Visible") == Some("false") {
            return;
        }
        let resources = &self.ofd.resources;
        let style = style.clone().with_params(node.attribute("DrawParam"), resources).over(node, resources);
        let mut state = state.clone();
        state.alpha *= (node.number("Alpha").unwrap_or(255.0) / 255.0).clamp(0.0, 1.0);
        let boundary = boundary(node);
        state.transform = state.transform.pre_translate(boundary[0], boundary[1]);
        if let Some(clips) = node.child("Clips") {
            self.clip(clips, &mut state);
        }
        let ctm = node.attribute("CTM").and_then(ctm);
        match node.name.as_str() {
            "ImageObject" => {
                // Without a matrix the picture fills its boundary.
                let ctm = ctm.unwrap_or_else(|| Transform::from_scale(boundary[2], boundary[3]));
                state.transform = state.transform.pre_concat(ctm);
                picture::draw_resource(self, node.attribute("ResourceID").unwrap_or(""), &state);
            }
            name => {
                state.transform = state.transform.pre_concat(ctm.unwrap_or_default());
                match name {
                    "TextObject" => text::draw(self, node, &style, &state),
                    "PathObject" => self.path(node, &style, &state),
                    _ => self.composite(node, &style, &state),
                }
            }
        }
    }

    fn path(&mut self, node: &Node, style: &Style, state: &State) {
        let Some(path) = node.text_of("AbbreviatedData").and_then(path::path) else { return };
        if node.attribute("Fill") == Some("true") {
            self.fill(&path, (&style.fill, rule(node)), state);
        }
        if node.attribute("Stroke") != Some("false") {
            self.stroke(&path, style, state);
        }
    }

    fn composite(&mut self, node: &Node, style: &Style, state: &State) {
        let ofd = self.ofd;
        let Some(unit) = node.attribute("ResourceID").and_then(|id| ofd.resources.composites.get(id)) else { return };
        self.objects(unit, style, &State { depth: state.depth + 1, ..state.clone() });
    }

    /// Fills a path.
    pub(super) fn fill(&mut self, path: &Path, (ink, rule): (&Ink, FillRule), state: &State) {
        if let Some(paint) = paint(ink, state) {
            self.pixmap.fill_path(path, &paint, rule, state.transform, state.mask.as_deref());
        }
    }

    /// Draws a path's line.
    pub(super) fn stroke(&mut self, path: &Path, style: &Style, state: &State) {
        if let Some(paint) = paint(&style.stroke, state) {
            self.pixmap.stroke_path(path, &paint, &style.line, state.transform, state.mask.as_deref());
        }
    }

    /// Draws a picture over the unit square of `state`.
    pub(super) fn picture(&mut self, picture: &Pixmap, state: &State) {
        let unit = Transform::from_scale(1.0 / picture.width() as f32, 1.0 / picture.height() as f32);
        let paint = tiny_skia::PixmapPaint {
            opacity: state.alpha,
            quality: tiny_skia::FilterQuality::Bilinear,
            ..tiny_skia::PixmapPaint::default()
        };
        let transform = state.transform.pre_concat(unit);
        self.pixmap.draw_pixmap(0, 0, picture.as_ref(), &paint, transform, state.mask.as_deref());
    }

    /// A part that holds a font, read once.
    pub(super) fn font_file(&mut self, part: &str) -> Option<Rc<Zeroizing<Vec<u8>>>> {
        if let Some(known) = self.fonts.get(part) {
            return known.clone();
        }
        let bytes = self.ofd.package.read(part).ok().map(Rc::new);
        self.fonts.insert(part.to_owned(), bytes.clone());
        bytes
    }

    /// Narrows what is drawn to the union of each clip's areas.
    fn clip(&mut self, clips: &Node, state: &mut State) {
        for clip in clips.all("Clip") {
            self.clips += 1;
            if self.clips > CLIPS_MAX {
                return;
            }
            let Some(mut mask) = Mask::new(self.pixmap.width(), self.pixmap.height()) else { return };
            let mut drawn = false;
            for area in clip.all("Area") {
                let transform = state.transform.pre_concat(area.attribute("CTM").and_then(ctm).unwrap_or_default());
                for node in area.all("Path") {
                    let Some(path) = node.text_of("AbbreviatedData").and_then(path::path) else { continue };
                    let at = boundary(node);
                    let own = node.attribute("CTM").and_then(ctm).unwrap_or_default();
                    let transform = transform.pre_translate(at[0], at[1]).pre_concat(own);
                    mask.fill_path(&path, rule(node), true, transform);
                    drawn = true;
                }
            }
            // A clip that is not understood hides nothing: too much ink is better than a lost seal.
            if drawn {
                if let Some(outer) = &state.mask {
                    let both = mask.data_mut().iter_mut().zip(outer.data());
                    both.for_each(|(inner, outer)| *inner = (u16::from(*inner) * u16::from(*outer) / 255) as u8);
                }
                state.mask = Some(Rc::new(mask));
            }
        }
    }
}

fn paint<'p>(ink: &Ink, state: &State) -> Option<Paint<'p>> {
    let shader = ink.shader(state.alpha, Transform::identity())?;
    Some(Paint { shader, anti_alias: true, ..Paint::default() })
}

/// `Boundary`: x, y, width, height in millimetres.
pub(super) fn boundary(node: &Node) -> [f32; 4] {
    let numbers = node.numbers("Boundary").unwrap_or_default();
    std::array::from_fn(|index| numbers.get(index).copied().unwrap_or(0.0))
}

fn ctm(text: &str) -> Option<Transform> {
    match numbers(text)[..] {
        [a, b, c, d, e, f] => Some(Transform::from_row(a, b, c, d, e, f)),
        _ => None,
    }
}
