//! The archive around an OFD: parts by path, as files in the wild write it: from the root or from the part that
//! names it, with back-slashes, in other letters. No path leads out of the archive, for there is no outside here.

use super::xml::Node;
use crate::Refusal;
use crate::limits::INFLATED_MAX;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::{Cursor, Read};
use zeroize::Zeroizing;
use zip::ZipArchive;

type Bytes = Zeroizing<Vec<u8>>;

/// An opened archive.
pub(super) struct Package {
    archive: RefCell<ZipArchive<Cursor<Bytes>>>,
    /// Number of each part by its path in small letters.
    parts: HashMap<String, usize>,
    inflated: Cell<usize>,
}

impl Package {
    /// Reads the list of parts.
    pub(super) fn open(bytes: Bytes) -> Result<Self, Refusal> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
        let mut parts = HashMap::new();
        for index in 0..archive.len() {
            let Ok(part) = archive.by_index_raw(index) else { continue };
            let name = part.name().map(|name| name.into_owned()).unwrap_or_default();
            parts.insert(resolve("", &name), index);
        }
        Ok(Self { archive: RefCell::new(archive), parts, inflated: Cell::new(0) })
    }

    /// The path of a part as it is named in another one, if it is there.
    pub(super) fn find(&self, named_in: &str, path: &str) -> Option<String> {
        let folder = named_in.rsplit_once('/').map_or("", |(folder, _)| folder);
        // From the part that names it; from the root; from the document's folder.
        let document = named_in.split('/').next().unwrap_or("");
        [resolve(folder, path), resolve("", path), resolve(document, path)]
            .into_iter()
            .find(|found| self.parts.contains_key(found))
    }

    /// A part's bytes.
    pub(super) fn read(&self, path: &str) -> Result<Bytes, Refusal> {
        let index = *self.parts.get(path).ok_or(Refusal::Damaged)?;
        let mut archive = self.archive.borrow_mut();
        let part = archive.by_index(index).map_err(|_| Refusal::Damaged)?;
        let room = INFLATED_MAX - self.inflated.get();
        let mut bytes = Zeroizing::new(Vec::new());
        part.take(room as u64 + 1).read_to_end(&mut bytes).map_err(|_| Refusal::Damaged)?;
        if bytes.len() > room {
            return Err(Refusal::TooLarge);
        }
        self.inflated.set(self.inflated.get() + bytes.len());
        Ok(bytes)
    }

    /// A part as XML.
    pub(super) fn xml(&self, path: &str) -> Result<Node, Refusal> {
        Node::parse(&self.read(path)?)
    }

    /// Pages are read again at each resolution; what one took is given back when it is drawn.
    pub(super) fn mark(&self) -> usize {
        self.inflated.get()
    }

    /// See [`Package::mark`].
    pub(super) fn give_back(&self, mark: usize) {
        self.inflated.set(mark);
    }
}

/// A path from a folder, in small letters; one that begins with a slash is from the root.
fn resolve(folder: &str, path: &str) -> String {
    let path = path.trim().replace('\\', "/");
    let folder = if path.starts_with('/') { "" } else { folder };
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_they_are_written() {
        assert_eq!(resolve("doc_0/pages", "Page_0\\Content.xml"), "doc_0/pages/page_0/content.xml");
        assert_eq!(resolve("doc_0", "/Doc_0/./Res/a.png"), "doc_0/res/a.png");
        assert_eq!(resolve("doc_0/a", "../../../../etc/passwd"), "etc/passwd");
    }
}
