//! What else a PDF holds: scripts, attachments, signatures, fonts that are only named. Reads dictionaries,
//! inflates no page. A printer is given the file as it is only where nothing of this was found.

use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::{Array, Dict, Name, Object};

/// Objects that are looked at; a file of more is never passed on as it is.
const OBJECTS_MAX: usize = 100_000;
/// The end of a file stands within so many of its last bytes; Acrobat looks at 1,024, some portals add a stamp.
const END_WITHIN: usize = 8_192;
/// How deep dictionaries may lie in each other.
const DEPTH_MAX: u32 = 8;

/// What was found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    /// It is encrypted, if only with the empty password.
    pub(super) encrypted: bool,
    /// A script, or an action that begins by itself.
    pub(super) script: bool,
    /// An attachment, a film, a form that only its maker's program can draw.
    pub(super) attachment: bool,
    /// A digital signature or seal.
    pub(super) signature: bool,
    /// A font that is named and not held.
    pub(super) missing_font: bool,
    /// More than is looked at.
    pub(super) unseen: bool,
}

impl Found {
    /// Whether a printer may be given the file.
    pub(super) fn safe(self) -> bool {
        !(self.encrypted || self.script || self.attachment || self.missing_font || self.unseen)
    }
}

const SCRIPTS: &[&[u8]] = &[b"JS", b"JavaScript", b"OpenAction", b"AA", b"Launch"];
const ATTACHMENTS: &[&[u8]] = &[b"EmbeddedFiles", b"EF", b"RichMedia", b"XFA"];
const FONT_FILES: &[&[u8]] = &[b"FontFile", b"FontFile2", b"FontFile3"];
/// Kinds of fonts that hold, or should hold, outlines. Composite fonts name one of these; Type 3 draws itself.
const OUTLINES: &[&[u8]] = &[b"Type1", b"MMType1", b"TrueType", b"CIDFontType0", b"CIDFontType2"];

/// Looks through the objects.
pub(super) fn scan(pdf: &Pdf) -> Found {
    let mut found = Found::default();
    for (number, object) in pdf.objects().into_iter().enumerate() {
        if number == OBJECTS_MAX {
            found.unseen = true;
            break;
        }
        look(&object, 0, &mut found);
    }
    found
}

/// Whether the file is there to its end: `startxref` and its number stand in the last bytes (ISO 32000-1, 7.5.5),
/// before filling that mail and downloads leave. Readers rebuild what they can of a file that was cut off, and would
/// print it with pages or pictures missing.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    let filling = bytes.iter().rev().take_while(|byte| byte.is_ascii_whitespace() || **byte == 0).count();
    let bytes = &bytes[..bytes.len() - filling];
    has_word(&bytes[bytes.len().saturating_sub(END_WITHIN)..], b"startxref")
}

/// Whether a word stands anywhere in the bytes.
pub(super) fn has_word(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

fn look(object: &Object<'_>, depth: u32, found: &mut Found) {
    if depth == DEPTH_MAX {
        found.unseen = true;
        return;
    }
    match object {
        Object::Dict(dict) => look_into(dict, depth, found),
        Object::Stream(stream) => look_into(stream.dict(), depth, found),
        Object::Array(array) => look_along(array, depth, found),
        _ => {}
    }
}

fn look_along(array: &Array<'_>, depth: u32, found: &mut Found) {
    for item in array.raw_iter() {
        if let hayro::hayro_syntax::object::MaybeRef::NotRef(object @ (Object::Dict(_) | Object::Array(_))) = item {
            look(&object, depth + 1, found);
        }
    }
}

fn look_into(dict: &Dict<'_>, depth: u32, found: &mut Found) {
    let is = |key: &[u8], value: &[u8]| dict.get::<Name<'_>>(key).is_some_and(|name| &*name == value);
    let has = |keys: &[&[u8]]| keys.iter().any(|key| dict.contains_key(key));
    found.script |= has(SCRIPTS) || is(b"S", b"JavaScript") || is(b"S", b"Launch");
    found.attachment |= has(ATTACHMENTS);
    found.signature |= is(b"FT", b"Sig") || is(b"Type", b"Sig");
    if OUTLINES.iter().any(|kind| is(b"Subtype", kind)) && dict.contains_key(b"BaseFont") {
        let descriptor = dict.get::<Dict<'_>>(b"FontDescriptor");
        found.missing_font |= !descriptor.is_some_and(|held| FONT_FILES.iter().any(|key| held.contains_key(key)));
    }
    for (_, value) in dict.entries() {
        if let hayro::hayro_syntax::object::MaybeRef::NotRef(object @ (Object::Dict(_) | Object::Array(_))) = value {
            look(&object, depth + 1, found);
        }
    }
}
