//! Reads the bytes of IPP messages (RFC 8010 §3): fields, values, collections. Bounded in depth and number of
//! values; a field that runs over the end is refused.

use super::{Attribute, BadMessage, Value, tag};

/// Most values in one message, and deepest nesting of collections.
const VALUES_MAX: usize = 50_000;
const DEPTH_MAX: usize = 8;

/// Where reading stands.
pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) values: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], BadMessage> {
        let end = self.at.checked_add(n).filter(|end| *end <= self.bytes.len());
        let part = &self.bytes[self.at..end.ok_or(BadMessage("it ends in the middle of a field"))?];
        self.at += n;
        Ok(part)
    }

    pub(super) fn byte(&mut self) -> Result<u8, BadMessage> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn u16(&mut self) -> Result<u16, BadMessage> {
        Ok(u16::from_be_bytes(fixed(self.take(2)?)?))
    }

    pub(super) fn u32(&mut self) -> Result<u32, BadMessage> {
        Ok(u32::from_be_bytes(fixed(self.take(4)?)?))
    }

    fn field(&mut self) -> Result<&'a [u8], BadMessage> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }

    /// One value; a value without a name belongs to the attribute before it.
    pub(super) fn attribute_value(&mut self, tag: u8, attributes: &mut Vec<Attribute>) -> Result<(), BadMessage> {
        let name = self.field()?;
        let value = self.value(tag, 0)?;
        if name.is_empty() {
            let last = attributes.last_mut().ok_or(BadMessage("a further value without a first"))?;
            last.values.push(value);
        } else {
            attributes.push(Attribute::one(&String::from_utf8_lossy(name), value));
        }
        Ok(())
    }

    fn value(&mut self, tag: u8, depth: usize) -> Result<Value, BadMessage> {
        self.values += 1;
        if self.values > VALUES_MAX {
            return Err(BadMessage("too many values"));
        }
        let bytes = self.field()?;
        if tag == tag::BEGIN_COLLECTION {
            return self.collection(depth + 1);
        }
        let number = |bytes: &[u8]| Ok(i32::from_be_bytes(fixed(bytes)?));
        Ok(match (tag, bytes) {
            (tag::INTEGER, bytes) => Value::Integer(number(bytes)?),
            (tag::ENUM, bytes) => Value::Enum(number(bytes)?),
            (tag::BOOLEAN, [is]) => Value::Boolean(*is != 0),
            (tag::RANGE, bytes) if bytes.len() == 8 => Value::Range(number(&bytes[..4])?, number(&bytes[4..])?),
            (tag::RESOLUTION, bytes) if bytes.len() == 9 => {
                Value::Resolution(number(&bytes[..4])?, number(&bytes[4..8])?, bytes[8])
            }
            (tag::TEXT_WITH_LANGUAGE | tag::NAME_WITH_LANGUAGE, bytes) => Value::Text(tag, without_language(bytes)),
            (0x40..=0x5F, bytes) => Value::Text(tag, String::from_utf8_lossy(bytes).into_owned()),
            (tag, bytes) => Value::Other(tag, bytes.to_vec()),
        })
    }

    fn collection(&mut self, depth: usize) -> Result<Value, BadMessage> {
        if depth > DEPTH_MAX {
            return Err(BadMessage("collections nested too deep"));
        }
        let mut members: Vec<Attribute> = Vec::new();
        loop {
            let tag = self.byte()?;
            self.field()?;
            match tag {
                tag::END_COLLECTION => {
                    self.field()?;
                    return Ok(Value::Collection(members));
                }
                tag::MEMBER_NAME => {
                    let name = String::from_utf8_lossy(self.field()?).into_owned();
                    members.push(Attribute { name, values: Vec::new() });
                    self.values += 1;
                }
                tag if tag < 0x10 => return Err(BadMessage("a collection without an end")),
                tag => {
                    let value = self.value(tag, depth)?;
                    members.last_mut().ok_or(BadMessage("a member without a name"))?.values.push(value);
                }
            }
            if self.values > VALUES_MAX {
                return Err(BadMessage("too many values"));
            }
        }
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], BadMessage> {
    bytes.try_into().map_err(|_| BadMessage("a value of a wrong length"))
}

/// The text behind its language: two lengths with what they count.
fn without_language(bytes: &[u8]) -> String {
    let length = |at: usize| bytes.get(at..at + 2).map(|l| usize::from(u16::from_be_bytes([l[0], l[1]])));
    let text = length(0).and_then(|language| bytes.get(4 + language..));
    String::from_utf8_lossy(text.unwrap_or_default()).into_owned()
}
