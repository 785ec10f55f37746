//! An XML part as a small tree. Names lose their prefix, for many files declare none; a document type, and with it
//! every entity of one's own, is refused; depth and count of elements are bounded.

use crate::Refusal;
use encoding_rs::GB18030;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// How deep elements may lie in each other.
const DEPTH_MAX: usize = 128;
/// Elements of one part.
const ELEMENTS_MAX: usize = 400_000;

/// An element.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Its name without a prefix.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// What lies in it, in order.
    pub(super) children: Vec<Node>,
    /// Its own text.
    pub(super) text: String,
}

impl Node {
    /// The root of a part.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => GB18030.decode(bytes).0,
        };
        let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
        reader.config_mut().check_end_names = false;
        let mut open = vec![Self::default()];
        let mut elements = 0;
        loop {
            match reader.read_event().map_err(|_| Refusal::Damaged)? {
                Event::Start(start) => {
                    elements += 1;
                    if open.len() > DEPTH_MAX || elements > ELEMENTS_MAX {
                        return Err(Refusal::TooLarge);
                    }
                    open.push(element(&start));
                }
                Event::Empty(start) => {
                    elements += 1;
                    if elements > ELEMENTS_MAX {
                        return Err(Refusal::TooLarge);
                    }
                    let node = element(&start);
                    top(&mut open)?.children.push(node);
                }
                Event::End(_) => {
                    let node = open.pop().ok_or(Refusal::Damaged)?;
                    top(&mut open)?.children.push(node);
                }
                Event::Text(text) => top(&mut open)?.text.push_str(&String::from_utf8_lossy(&text)),
                Event::CData(text) => top(&mut open)?.text.push_str(&String::from_utf8_lossy(&text)),
                Event::GeneralRef(name) => {
                    let c = match &*name {
                        b"lt" => Some('<'),
                        b"gt" => Some('>'),
                        b"amp" => Some('&'),
                        b"quot" => Some('"'),
                        b"apos" => Some('\''),
                        _ => name.resolve_char_ref().ok().flatten(),
                    };
                    top(&mut open)?.text.extend(c);
                }
                Event::DocType(_) => return Err(Refusal::Damaged),
                Event::Eof => break,
                _ => {}
            }
        }
        open.into_iter().next().and_then(|root| root.children.into_iter().next()).ok_or(Refusal::Damaged)
    }

    /// The first child of a name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first child of a name.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim())
    }

    /// An attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// An attribute that is a number.
    pub(super) fn number(&self, name: &str) -> Option<f32> {
        self.attribute(name)?.trim().parse().ok().filter(|number: &f32| number.is_finite())
    }

    /// An attribute that is a list of numbers.
    pub(super) fn numbers(&self, name: &str) -> Option<Vec<f32>> {
        self.attribute(name).map(numbers)
    }
}

/// Numbers divided by blanks or commas; what is none is left out.
pub(super) fn numbers(text: &str) -> Vec<f32> {
    text.split([' ', ',', '\t', '\n', '\r'])
        .filter_map(|word| word.parse().ok())
        .filter(|n: &f32| n.is_finite())
        .collect()
}

fn top(open: &mut [Node]) -> Result<&mut Node, Refusal> {
    open.last_mut().ok_or(Refusal::Damaged)
}

fn element(start: &BytesStart<'_>) -> Node {
    let local = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
    let attributes = start
        .attributes()
        .with_checks(false)
        .flatten()
        .map(|attribute| {
            let value = String::from_utf8_lossy(&attribute.value);
            let value = quick_xml::escape::unescape(&value).map_or_else(|_| value.to_string(), Into::into);
            (local(attribute.key.local_name().as_ref()), value)
        })
        .collect();
    Node { name: local(start.local_name().as_ref()), attributes, ..Node::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_missing_namespaces_are_the_same() {
        let node = Node::parse(b"<?xml version='1.0'?><ofd:A x='1&lt;2'><B>a&amp;b</B><ofd:B/></ofd:A>").unwrap();
        assert_eq!((node.name.as_str(), node.attribute("x")), ("A", Some("1<2")));
        assert_eq!((node.text_of("B"), node.all("B").count()), (Some("a&b"), 2));
    }

    #[test]
    fn entities_of_ones_own_and_deep_nests_are_refused() {
        let bomb = b"<!DOCTYPE a [<!ENTITY x 'aaaa'>]><a>&x;</a>";
        assert_eq!(Node::parse(bomb).err(), Some(Refusal::Damaged));
        let deep = "<a>".repeat(100_000);
        assert_eq!(Node::parse(deep.as_bytes()).err(), Some(Refusal::TooLarge));
        assert_eq!(Node::parse(b"").err(), Some(Refusal::Damaged));
    }
}
