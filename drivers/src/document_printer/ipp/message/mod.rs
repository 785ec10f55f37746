//! IPP messages as bytes (RFC 8010): header, groups of attributes, collections. Own and small because the known
//! crate refuses a whole answer for one text that is not UTF-8 and shifts members of collections that have several
//! values; printers send both. Bounded in depth and number of values; what follows the attributes is not read.

mod read;

use read::Reader;
use std::fmt;

/// Group tags (RFC 8010 §3.5.1).
pub mod group {
    /// `operation-attributes-tag`.
    pub const OPERATION: u8 = 0x01;
    /// `job-attributes-tag`.
    pub const JOB: u8 = 0x02;
    /// `end-of-attributes-tag`.
    pub const END: u8 = 0x03;
    /// `printer-attributes-tag`.
    pub const PRINTER: u8 = 0x04;
    /// `unsupported-attributes-tag`.
    pub const UNSUPPORTED: u8 = 0x05;
}

/// Value tags (RFC 8010 §3.5.2) that are written or told apart here.
pub mod tag {
    /// `unsupported`.
    pub const UNSUPPORTED: u8 = 0x10;
    /// `integer`.
    pub const INTEGER: u8 = 0x21;
    /// `boolean`.
    pub const BOOLEAN: u8 = 0x22;
    /// `enum`.
    pub const ENUM: u8 = 0x23;
    /// `octetString`.
    pub const OCTETS: u8 = 0x30;
    /// `resolution`.
    pub const RESOLUTION: u8 = 0x32;
    /// `rangeOfInteger`.
    pub const RANGE: u8 = 0x33;
    /// `begCollection`.
    pub const BEGIN_COLLECTION: u8 = 0x34;
    /// `textWithLanguage`.
    pub const TEXT_WITH_LANGUAGE: u8 = 0x35;
    /// `nameWithLanguage`.
    pub const NAME_WITH_LANGUAGE: u8 = 0x36;
    /// `endCollection`.
    pub const END_COLLECTION: u8 = 0x37;
    /// `textWithoutLanguage`.
    pub const TEXT: u8 = 0x41;
    /// `nameWithoutLanguage`.
    pub const NAME: u8 = 0x42;
    /// `keyword`.
    pub const KEYWORD: u8 = 0x44;
    /// `uri`.
    pub const URI: u8 = 0x45;
    /// `charset`.
    pub const CHARSET: u8 = 0x47;
    /// `naturalLanguage`.
    pub const LANGUAGE: u8 = 0x48;
    /// `mimeMediaType`.
    pub const MIME: u8 = 0x49;
    /// `memberAttrName`.
    pub const MEMBER_NAME: u8 = 0x4A;
}

/// A request or an answer without its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Major and minor version.
    pub version: (u8, u8),
    /// Operation of a request, status of an answer.
    pub code: u16,
    /// The same in request and answer.
    pub request_id: u32,
    /// Groups in order; one for each job in an answer to Get-Jobs.
    pub groups: Vec<Group>,
}

/// A group of attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// One of [`group`].
    pub tag: u8,
    /// Attributes in order.
    pub attributes: Vec<Attribute>,
}

/// An attribute, or a member of a collection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribute {
    /// Name.
    pub name: String,
    /// One value or several.
    pub values: Vec<Value>,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `integer`.
    Integer(i32),
    /// `enum`.
    Enum(i32),
    /// `boolean`.
    Boolean(bool),
    /// `rangeOfInteger`.
    Range(i32, i32),
    /// `resolution`: across, along, units (3 is dots per inch, 4 dots per centimetre).
    Resolution(i32, i32, u8),
    /// Everything that is text, with its tag; bytes that are not UTF-8 become U+FFFD.
    Text(u8, String),
    /// `collection`.
    Collection(Vec<Attribute>),
    /// `octetString`, and what has no form of its own here.
    Other(u8, Vec<u8>),
}

/// Bytes that are no IPP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("IPP: {0}")]
pub struct BadMessage(&'static str);

impl Message {
    /// An empty message of a version.
    pub fn new(version: (u8, u8), code: u16, request_id: u32) -> Self {
        Self { version, code, request_id, groups: Vec::new() }
    }

    /// Adds a group.
    pub fn with(mut self, tag: u8, attributes: Vec<Attribute>) -> Self {
        self.groups.push(Group { tag, attributes });
        self
    }

    /// The first group with a tag.
    pub fn group(&self, tag: u8) -> Option<&Group> {
        self.groups.iter().find(|group| group.tag == tag)
    }

    /// As bytes; the document follows them.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![self.version.0, self.version.1];
        out.extend_from_slice(&self.code.to_be_bytes());
        out.extend_from_slice(&self.request_id.to_be_bytes());
        for group in &self.groups {
            out.push(group.tag);
            group.attributes.iter().for_each(|attribute| encode_attribute(&mut out, attribute));
        }
        out.push(group::END);
        out
    }

    /// From bytes; the second value is where the document begins.
    pub fn decode(bytes: &[u8]) -> Result<(Self, usize), BadMessage> {
        let mut reader = Reader { bytes, at: 0, values: 0 };
        let version = (reader.byte()?, reader.byte()?);
        if !(1..=2).contains(&version.0) {
            return Err(BadMessage("not a version we know"));
        }
        let (code, request_id) = (reader.u16()?, reader.u32()?);
        let mut message = Self::new(version, code, request_id);
        loop {
            match reader.byte()? {
                group::END => return Ok((message, reader.at)),
                tag if tag < 0x10 => message.groups.push(Group { tag, attributes: Vec::new() }),
                tag => {
                    let group = message.groups.last_mut().ok_or(BadMessage("a value outside of a group"))?;
                    reader.attribute_value(tag, &mut group.attributes)?;
                }
            }
        }
    }
}

impl Group {
    /// An attribute's values; none where it is missing.
    pub fn values(&self, name: &str) -> &[Value] {
        values(&self.attributes, name)
    }

    /// The first value.
    pub fn first(&self, name: &str) -> Option<&Value> {
        self.values(name).first()
    }

    /// The first value as a number.
    pub fn integer(&self, name: &str) -> Option<i32> {
        self.first(name).and_then(Value::as_integer)
    }

    /// The first value as text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.first(name).and_then(Value::as_text)
    }

    /// All values that are text.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.values(name).iter().filter_map(Value::as_text)
    }
}

/// The values of an attribute or member; none where it is missing.
pub fn values<'a>(attributes: &'a [Attribute], name: &str) -> &'a [Value] {
    attributes.iter().find(|attribute| attribute.name == name).map_or(&[], |attribute| &attribute.values)
}

impl Attribute {
    /// An attribute with one value.
    pub fn one(name: &str, value: Value) -> Self {
        Self { name: name.to_owned(), values: vec![value] }
    }

    /// An attribute with several values.
    pub fn set(name: &str, values: impl IntoIterator<Item = Value>) -> Self {
        Self { name: name.to_owned(), values: values.into_iter().collect() }
    }
}

impl Value {
    /// A `keyword`.
    pub fn keyword(text: impl fmt::Display) -> Self {
        Self::Text(tag::KEYWORD, text.to_string())
    }

    /// A `nameWithoutLanguage`.
    pub fn name(text: impl fmt::Display) -> Self {
        Self::Text(tag::NAME, text.to_string())
    }

    /// `integer` or `enum`.
    pub fn as_integer(&self) -> Option<i32> {
        match self {
            Self::Integer(n) | Self::Enum(n) => Some(*n),
            _ => None,
        }
    }

    /// Any text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(_, text) => Some(text),
            _ => None,
        }
    }
}

fn encode_attribute(out: &mut Vec<u8>, attribute: &Attribute) {
    let mut name = attribute.name.as_str();
    for value in &attribute.values {
        encode_value(out, name, value);
        name = "";
    }
}

fn encode_value(out: &mut Vec<u8>, name: &str, value: &Value) {
    let (tag, bytes) = match value {
        Value::Integer(n) => (tag::INTEGER, n.to_be_bytes().to_vec()),
        Value::Enum(n) => (tag::ENUM, n.to_be_bytes().to_vec()),
        Value::Boolean(is) => (tag::BOOLEAN, vec![u8::from(*is)]),
        Value::Range(from, to) => (tag::RANGE, [from.to_be_bytes(), to.to_be_bytes()].concat()),
        Value::Resolution(x, y, units) => {
            (tag::RESOLUTION, [&x.to_be_bytes()[..], &y.to_be_bytes(), &[*units]].concat())
        }
        Value::Text(tag, text) => (*tag, text.as_bytes().to_vec()),
        Value::Other(tag, bytes) => (*tag, bytes.clone()),
        Value::Collection(members) => {
            encode_field(out, tag::BEGIN_COLLECTION, name, &[]);
            for member in members {
                encode_field(out, tag::MEMBER_NAME, "", member.name.as_bytes());
                member.values.iter().for_each(|value| encode_value(out, "", value));
            }
            return encode_field(out, tag::END_COLLECTION, "", &[]);
        }
    };
    encode_field(out, tag, name, &bytes);
}

/// Fields are at most 1023 bytes by the standard; what is longer is cut, never written with a wrong length.
fn encode_field(out: &mut Vec<u8>, tag: u8, name: &str, value: &[u8]) {
    out.push(tag);
    for part in [name.as_bytes(), value] {
        let part = &part[..part.len().min(usize::from(u16::MAX))];
        out.extend_from_slice(&(part.len() as u16).to_be_bytes());
        out.extend_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Message {
        let size = Value::Collection(vec![
            Attribute::one("x-dimension", Value::Integer(21_000)),
            Attribute::set("y-dimension", [Value::Integer(29_700), Value::Range(1, 2)]),
        ]);
        let media = Value::Collection(vec![
            Attribute::one("media-size", size),
            Attribute::one("media-source", Value::keyword("main")),
        ]);
        Message::new((2, 0), 0x000B, 7)
            .with(
                group::OPERATION,
                vec![Attribute::one("attributes-charset", Value::Text(tag::CHARSET, "utf-8".into()))],
            )
            .with(
                group::PRINTER,
                vec![
                    Attribute::set("media-col-database", [media.clone(), media]),
                    Attribute::one("printer-resolution-default", Value::Resolution(300, 600, 3)),
                    Attribute::set(
                        "sides-supported",
                        [Value::keyword("one-sided"), Value::keyword("two-sided-long-edge")],
                    ),
                    Attribute::one("color-supported", Value::Boolean(true)),
                    Attribute::one("printer-supply", Value::Other(tag::OCTETS, b"type=toner;level=3;".to_vec())),
                ],
            )
    }

    #[test]
    fn what_is_written_is_read_again_and_the_document_begins_behind_it() {
        let mut bytes = example().encode();
        let length = bytes.len();
        bytes.extend_from_slice(b"%PDF-");
        assert_eq!(Message::decode(&bytes), Ok((example(), length)));
    }

    #[test]
    fn every_piece_of_a_message_is_refused_or_read_and_never_panics() {
        let bytes = example().encode();
        for end in 0..bytes.len() {
            assert!(Message::decode(&bytes[..end]).is_err(), "{end}");
        }
        for at in 0..bytes.len() {
            for flip in [0x01, 0x80, 0xFF] {
                let mut broken = bytes.clone();
                broken[at] ^= flip;
                let _ = Message::decode(&broken);
            }
        }
    }

    #[test]
    fn collections_without_end_are_refused() {
        let mut bytes = vec![2, 0, 0, 0, 0, 0, 0, 1, group::PRINTER];
        encode_field(&mut bytes, tag::BEGIN_COLLECTION, "a", &[]);
        for _ in 0..20_000 {
            encode_field(&mut bytes, tag::MEMBER_NAME, "", b"b");
            encode_field(&mut bytes, tag::BEGIN_COLLECTION, "", &[]);
        }
        assert_eq!(Message::decode(&bytes), Err(BadMessage("collections nested too deep")));
    }

    #[test]
    fn texts_that_are_not_utf_8_and_texts_with_a_language_are_read() {
        let value = |tag: u8, bytes: &[u8]| {
            let mut message = vec![2, 0, 0, 0, 0, 0, 0, 1, group::PRINTER];
            encode_field(&mut message, tag, "printer-name", bytes);
            message.push(group::END);
            Message::decode(&message).unwrap().0.groups[0].text("printer-name").map(str::to_owned)
        };
        assert_eq!(value(tag::NAME, &[b'a', 0xC4, b'b']).unwrap(), "a\u{FFFD}b");
        assert_eq!(value(tag::NAME_WITH_LANGUAGE, b"\0\x02zh\0\x03abc").unwrap(), "abc");
        assert_eq!(value(tag::NAME_WITH_LANGUAGE, b"\xFF").unwrap(), "");
    }
}
