//! A small tree of elements from a device's XML, by local names: makers differ in prefixes. Bounded in bytes, depth
//! and number of elements; documents with a DTD are refused, so that nothing in them can grow.

use quick_xml::{Reader, events::Event};

/// Bounds of what is read.
const BYTES_MAX: usize = 512 * 1024;
const DEPTH_MAX: usize = 24;
const ELEMENTS_MAX: usize = 20_000;

/// An element with what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Name without its prefix.
    pub name: String,
    /// Text directly in it, without blanks around.
    pub text: String,
    /// Elements in it.
    pub children: Vec<Element>,
}

/// XML that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("eSCL XML: {0}")]
pub struct BadXml(&'static str);

impl Element {
    /// Reads a document; the root is returned.
    pub fn read(bytes: &[u8]) -> Result<Self, BadXml> {
        if bytes.len() > BYTES_MAX {
            return Err(BadXml("too long"));
        }
        let text = String::from_utf8_lossy(bytes);
        let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
        let mut open: Vec<Self> = vec![Self::default()];
        let mut elements = 0;
        loop {
            match reader.read_event().map_err(|_| BadXml("not well-formed"))? {
                Event::Start(start) => {
                    elements += 1;
                    if elements > ELEMENTS_MAX || open.len() > DEPTH_MAX {
                        return Err(BadXml("too many elements, or nested too deep"));
                    }
                    let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                    open.push(Self { name, ..Self::default() });
                }
                Event::Empty(start) => {
                    elements += 1;
                    if elements > ELEMENTS_MAX {
                        return Err(BadXml("too many elements"));
                    }
                    let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                    add(&mut open, Self { name, ..Self::default() });
                }
                Event::End(_) => {
                    let element = open.pop().filter(|_| !open.is_empty()).ok_or(BadXml("an end without a begin"))?;
                    add(&mut open, element);
                }
                Event::Text(text) => {
                    if let Some(element) = open.last_mut() {
                        let text = String::from_utf8_lossy(&text);
                        element.text.push_str(text.trim());
                    }
                }
                Event::DocType(_) => return Err(BadXml("a DTD")),
                Event::Eof => break,
                _ => {}
            }
        }
        match (open.len(), open.pop().and_then(|mut document| document.children.pop())) {
            (1, Some(root)) => Ok(root),
            _ => Err(BadXml("it ends too early")),
        }
    }

    /// The first child of a name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All elements of a name below this one, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        let own = self.children.iter().filter(move |child| child.name == name);
        Box::new(own.chain(self.children.iter().flat_map(move |child| child.all(name))))
    }

    /// The text of the first element of a name below this one.
    pub fn text_of<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next().map(|element| element.text.as_str())
    }

    /// That text as a number.
    pub fn number_of(&self, name: &str) -> Option<u32> {
        self.text_of(name)?.parse().ok()
    }
}

fn add(open: &mut [Element], element: Element) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(element);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_by_name_whatever_their_prefix() {
        let root =
            Element::read(b"<?xml version=\"1.0\"?><s:A xmlns:s=\"x\"><s:B> 1 </s:B><C><p:B/></C></s:A>").unwrap();
        assert_eq!((root.name.as_str(), root.number_of("B"), root.all("B").count()), ("A", Some(1), 2));
    }

    #[test]
    fn what_can_grow_or_is_cut_off_is_refused() {
        let deep = "<a>".repeat(1000);
        let wide = format!("<a>{}</a>", "<b/>".repeat(30_000));
        for bad in ["<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "<a><b></a>", "<a>", "", "plain", &deep, &wide] {
            assert!(Element::read(bad.as_bytes()).is_err(), "{}", &bad[..bad.len().min(60)]);
        }
    }
}
