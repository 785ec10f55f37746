//! OFD (GB/T 33190-2016), the national fixed-layout format of e-licences, invoices and letters: pages with
//! templates, annotations and the pictures of seals. Signatures are not judged. Patterns, Gouraud shadings and
//! JBIG2 media are not drawn; encrypted files (GM/T 0099) are refused.

mod package;
mod paint;
mod path;
mod picture;
mod resources;
mod seal;
mod style;
mod text;
mod xml;

use crate::canvas::Canvas;
use crate::limits::{A4_MM, PAGES_MAX};
use crate::{Colour, Fonts, Note, PageInfo, Raster, Refusal};
use package::Package;
use paint::{Painter, State, boundary};
use resources::Resources;
use style::Style;
use tiny_skia::{Pixmap, Transform};
use xml::Node;
use zeroize::Zeroizing;

/// Signatures, templates and annotation parts that are looked at.
const SIGNATURES_MAX: usize = 200;
const TEMPLATES_MAX: usize = 500;

/// An opened OFD.
pub(crate) struct Ofd {
    package: Package,
    resources: Resources,
    fonts: Fonts,
    pages: Vec<Page>,
    templates: Vec<Template>,
    stamps: Vec<Stamp>,
    /// Whether it is the picture of a seal in another one.
    nested: bool,
}

struct Page {
    id: String,
    part: String,
    size: PageInfo,
    /// Parts with annotations.
    annotations: Vec<String>,
}

struct Template {
    id: String,
    part: String,
}

/// Where a seal stands, and the part that holds it.
struct Stamp {
    page: String,
    boundary: [f32; 4],
    part: String,
}

impl Ofd {
    /// Reads everything but the pages' contents.
    pub(crate) fn open(bytes: Zeroizing<Vec<u8>>, fonts: Fonts) -> Result<Self, Refusal> {
        let mut ofd = Self::open_nested(bytes, fonts)?;
        ofd.nested = false;
        Ok(ofd)
    }

    /// The same for the picture of a seal.
    fn open_nested(bytes: Zeroizing<Vec<u8>>, fonts: Fonts) -> Result<Self, Refusal> {
        let package = Package::open(bytes)?;
        let main = package.find("", "OFD.xml").ok_or(Refusal::Damaged)?;
        let root = package.xml(&main)?;
        let mut ofd = Self {
            package,
            resources: Resources::default(),
            fonts,
            pages: Vec::new(),
            templates: Vec::new(),
            stamps: Vec::new(),
            nested: true,
        };
        for body in root.all("DocBody") {
            ofd.read_document(&main, body)?;
        }
        if ofd.pages.is_empty() {
            return Err(Refusal::Damaged);
        }
        Ok(ofd)
    }

    fn read_document(&mut self, main: &str, body: &Node) -> Result<(), Refusal> {
        let named = body.text_of("DocRoot").ok_or(Refusal::Damaged)?;
        let part = self.package.find(main, named).ok_or(Refusal::Damaged)?;
        let document = self.package.xml(&part)?;
        let Some(shared) = document.child("CommonData") else { return Err(Refusal::Damaged) };
        let size =
            shared.child("PageArea").and_then(area).unwrap_or(PageInfo { width_mm: A4_MM.0, height_mm: A4_MM.1 });
        for name in ["PublicRes", "DocumentRes"] {
            for node in shared.all(name) {
                self.resources.load(&self.package, &part, node.text.trim());
            }
        }
        for node in shared.all("TemplatePage").take(TEMPLATES_MAX) {
            let found = node.attribute("BaseLoc").and_then(|path| self.package.find(&part, path));
            let id = node.attribute("ID").unwrap_or_default().to_owned();
            self.templates.extend(found.map(|part| Template { id, part }));
        }
        let first = self.pages.len();
        for node in document.child("Pages").into_iter().flat_map(|pages| pages.all("Page")) {
            if self.pages.len() == PAGES_MAX {
                return Err(Refusal::TooManyPages);
            }
            self.read_page(&part, node, size)?;
        }
        if let Some(list) = document.text_of("Annotations").and_then(|path| self.package.find(&part, path)) {
            self.read_annotations(&list, first);
        }
        if let Some(list) = body.text_of("Signatures").and_then(|path| self.package.find(main, path)) {
            self.read_signatures(&list);
        }
        Ok(())
    }

    fn read_page(&mut self, document: &str, node: &Node, size: PageInfo) -> Result<(), Refusal> {
        let part = node.attribute("BaseLoc").and_then(|path| self.package.find(document, path));
        let part = part.ok_or(Refusal::Damaged)?;
        let mark = self.package.mark();
        let content = self.package.xml(&part)?;
        self.package.give_back(mark);
        for resource in content.all("PageRes") {
            self.resources.load(&self.package, &part, resource.text.trim());
        }
        let size = content.child("Area").and_then(area).unwrap_or(size);
        let id = node.attribute("ID").unwrap_or_default().to_owned();
        self.pages.push(Page { id, part, size, annotations: Vec::new() });
        Ok(())
    }

    fn read_annotations(&mut self, list: &str, first: usize) {
        let Ok(root) = self.package.xml(list) else { return };
        for node in root.all("Page").take(PAGES_MAX) {
            let Some(part) = node.text_of("FileLoc").and_then(|path| self.package.find(list, path)) else { continue };
            let page = self.pages[first..].iter_mut().find(|page| Some(page.id.as_str()) == node.attribute("PageID"));
            if let Some(page) = page {
                page.annotations.push(part);
            }
        }
    }

    fn read_signatures(&mut self, list: &str) {
        let Ok(root) = self.package.xml(list) else { return };
        for node in root.all("Signature").take(SIGNATURES_MAX) {
            let Some(part) = node.attribute("BaseLoc").and_then(|path| self.package.find(list, path)) else { continue };
            let Ok(signature) = self.package.xml(&part) else { continue };
            let Some(signed) = signature.child("SignedInfo") else { continue };
            let seal = signed.child("Seal").and_then(|seal| seal.text_of("BaseLoc"));
            let holders = [signature.text_of("SignedValue"), seal];
            let Some(holder) = holders.into_iter().flatten().find_map(|path| self.package.find(&part, path)) else {
                continue;
            };
            for stamp in signed.all("StampAnnot").take(SIGNATURES_MAX) {
                let page = stamp.attribute("PageRef").unwrap_or_default().to_owned();
                self.stamps.push(Stamp { page, boundary: boundary(stamp), part: holder.clone() });
            }
        }
    }

    /// The pages as seen.
    pub(crate) fn pages(&self) -> Vec<PageInfo> {
        self.pages.iter().map(|page| page.size).collect()
    }

    /// What the citizen should know.
    pub(crate) fn notes(&self) -> impl Iterator<Item = Note> {
        let named_only = self.resources.fonts.values().any(|font| font.file.is_none());
        let seals = (!self.stamps.is_empty()).then_some(Note::SealsNotVerified);
        [seals, named_only.then_some(Note::FontsReplaced)].into_iter().flatten()
    }

    /// One page, drawn.
    pub(crate) fn render(&self, page: usize, dpi: u16, colour: Colour) -> Result<Raster, Refusal> {
        let size = self.pages.get(page).ok_or(Refusal::NoSuchPage)?.size;
        let mut canvas = Canvas::new((size.width_mm, size.height_mm), dpi)?;
        let scale = canvas.scale();
        let meant = self.paint(page, canvas.pixmap(), Transform::from_scale(scale, scale));
        let raster = canvas.finish(colour);
        if raster.blank && meant { Err(Refusal::BlankPage) } else { Ok(raster) }
    }

    /// Draws a page; `transform` leads from its millimetres to pixels. True where it has any object.
    fn paint(&self, page: usize, pixmap: &mut Pixmap, transform: Transform) -> bool {
        let Some(page) = self.pages.get(page) else { return false };
        let mark = self.package.mark();
        let state = State::new(transform, 0);
        let mut painter = Painter::new(self, pixmap);
        let mut meant = false;
        if let Ok(content) = self.package.xml(&page.part) {
            let (behind, before): (Vec<&Node>, Vec<&Node>) =
                content.all("Template").partition(|node| node.attribute("ZOrder") != Some("Foreground"));
            self.templates(&mut painter, &behind, &state);
            meant = layers(&mut painter, &content, &state);
            self.templates(&mut painter, &before, &state);
        }
        for part in &page.annotations {
            self.annotations(&mut painter, part, &state);
        }
        for stamp in self.stamps.iter().filter(|stamp| stamp.page == page.id) {
            let [x, y, width, height] = stamp.boundary;
            let over = transform.pre_translate(x, y).pre_scale(width, height);
            if let Ok(der) = self.package.read(&stamp.part) {
                picture::draw_seal(&mut painter, &der, &State::new(over, 0));
            }
        }
        self.package.give_back(mark);
        meant
    }

    fn templates(&self, painter: &mut Painter<'_>, named: &[&Node], state: &State) {
        for node in named.iter().take(TEMPLATES_MAX) {
            let id = node.attribute("TemplateID").unwrap_or_default();
            let Some(template) = self.templates.iter().find(|template| template.id == id) else { continue };
            if let Ok(content) = self.package.xml(&template.part) {
                layers(painter, &content, state);
            }
        }
    }

    fn annotations(&self, painter: &mut Painter<'_>, part: &str, state: &State) {
        let Ok(root) = self.package.xml(part) else { return };
        for node in root.all("Annot") {
            let hidden = node.attribute("Visible") == Some("false") || node.attribute("Print") == Some("false");
            let Some(appearance) = node.child("Appearance").filter(|_| !hidden) else { continue };
            let at = boundary(appearance);
            let transform = state.transform.pre_translate(at[0], at[1]);
            painter.objects(appearance, &Style::default(), &State { transform, ..state.clone() });
        }
    }
}

/// Draws the layers of a page or template; true where they hold any object.
fn layers(painter: &mut Painter<'_>, content: &Node, state: &State) -> bool {
    let mut any = false;
    for content in content.all("Content") {
        any |= content.children.iter().any(|layer| !layer.children.is_empty());
        painter.objects(content, &Style::default(), state);
    }
    any
}

/// `PhysicalBox` of an area.
fn area(node: &Node) -> Option<PageInfo> {
    match xml::numbers(node.text_of("PhysicalBox")?)[..] {
        [_, _, width_mm, height_mm] if width_mm > 0.0 && height_mm > 0.0 => Some(PageInfo { width_mm, height_mm }),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
