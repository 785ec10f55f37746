//! Shared resources of an OFD (GB/T 33190, clause 7.9): fonts, colour spaces, drawing parameters, media, composites.

use super::package::Package;
use super::xml::Node;
use std::collections::HashMap;

/// How often drawing parameters may refer to each other.
const RELATIVES_MAX: usize = 8;
/// Resource parts of one document.
const PARTS_MAX: usize = 256;

/// A font as named or held by the file.
#[derive(Debug, Default)]
pub(super) struct FontResource {
    /// Its name and its family's, in small letters.
    pub(super) name: String,
    pub(super) bold: bool,
    /// The part that holds it.
    pub(super) file: Option<String>,
}

/// How the numbers of a colour are read.
#[derive(Debug, Clone, Default)]
pub(super) struct Space {
    /// Largest value of a channel.
    pub(super) largest: f32,
    /// Colours by number.
    pub(super) palette: Vec<Vec<f32>>,
}

/// Everything that objects refer to, by identifier.
#[derive(Default)]
pub(super) struct Resources {
    pub(super) fonts: HashMap<String, FontResource>,
    pub(super) spaces: HashMap<String, Space>,
    pub(super) media: HashMap<String, String>,
    pub(super) composites: HashMap<String, Node>,
    params: HashMap<String, Node>,
    parts: usize,
}

impl Resources {
    /// Adds a resource part; one that cannot be read is as good as absent.
    pub(super) fn load(&mut self, package: &Package, named_in: &str, path: &str) {
        self.parts += 1;
        let Some(path) = package.find(named_in, path).filter(|_| self.parts <= PARTS_MAX) else { return };
        let Ok(root) = package.xml(&path) else { return };
        let base = root.attribute("BaseLoc").unwrap_or("").to_owned();
        let part = |name: &str| {
            let below = format!("{}/{}", base.trim_end_matches('/'), name.trim());
            package.find(&path, if base.is_empty() { name } else { &below }).or_else(|| package.find(&path, name))
        };
        for node in root.children {
            for child in node.children {
                let Some(id) = child.attribute("ID").map(str::to_owned) else { continue };
                match child.name.as_str() {
                    "Font" => {
                        let file = child.text_of("FontFile").and_then(part);
                        self.fonts.insert(id, font(&child, file));
                    }
                    "ColorSpace" => {
                        self.spaces.insert(id, space(&child));
                    }
                    "DrawParam" => {
                        self.params.insert(id, child);
                    }
                    "MultiMedia" => {
                        let file = child.text_of("MediaFile").and_then(part);
                        self.media.extend(file.map(|file| (id, file)));
                    }
                    "CompositeGraphicUnit" => {
                        self.composites.insert(id, child);
                    }
                    _ => {}
                }
            }
        }
    }

    /// The drawing parameters of an identifier, the most general first.
    pub(super) fn params(&self, id: &str) -> Vec<&Node> {
        let mut chain = Vec::new();
        let mut next = self.params.get(id);
        while let Some(node) = next.filter(|_| chain.len() < RELATIVES_MAX) {
            chain.push(node);
            next = node.attribute("Relative").and_then(|id| self.params.get(id));
        }
        chain.reverse();
        chain
    }
}

fn font(node: &Node, file: Option<String>) -> FontResource {
    let name = [node.attribute("FontName"), node.attribute("FamilyName")].map(Option::unwrap_or_default).join(" ");
    FontResource { name: name.to_lowercase(), bold: node.attribute("Bold") == Some("true"), file }
}

fn space(node: &Node) -> Space {
    let bits = node.number("BitsPerComponent").unwrap_or(8.0).clamp(1.0, 16.0) as u32;
    let palette =
        node.child("Palette").map(|palette| palette.all("CV").map(|cv| super::xml::numbers(&cv.text)).collect());
    Space { largest: ((1_u32 << bits) - 1) as f32, palette: palette.unwrap_or_default() }
}
