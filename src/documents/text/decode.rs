//! Bytes as characters, only where every byte makes sense: a wrong guess would print pages of nonsense.

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use zeroize::Zeroizing;

/// A decoded text.
pub(crate) struct Decoded {
    /// The characters.
    pub(crate) text: Zeroizing<String>,
    /// True where nothing in the bytes said which coding it is.
    pub(crate) guessed: bool,
}

/// Characters that a text may have below the blank.
const CONTROLS: &[char] = &['\t', '\n', '\r', '\u{C}'];

/// The text, or nothing where the bytes are no text.
pub(crate) fn decode(bytes: &[u8]) -> Option<Decoded> {
    let (encoding, marked) = match bytes {
        [0xEF, 0xBB, 0xBF, ..] => (UTF_8, true),
        [0xFF, 0xFE, ..] => (UTF_16LE, true),
        [0xFE, 0xFF, ..] => (UTF_16BE, true),
        // A text without a mark has no zero bytes; this also saves reading large binaries to their end.
        _ if bytes[..bytes.len().min(4_096)].contains(&0) => return None,
        _ => (UTF_8, false),
    };
    let (text, guessed) = match strictly(encoding, bytes) {
        Some(text) => (text, false),
        None if marked => return None,
        None => (strictly(GB18030, bytes)?, true),
    };
    // Editors of the DOS time end a file with ^Z.
    let end = text.trim_end_matches('\u{1A}').len();
    let strange = |c: char| (c.is_control() && !CONTROLS.contains(&c)) || c == '\u{FFFE}' || c == '\u{FFFF}';
    if text[..end].chars().any(strange) {
        return None;
    }
    Some(Decoded { text, guessed })
}

fn strictly(encoding: &'static Encoding, bytes: &[u8]) -> Option<Zeroizing<String>> {
    let (text, wrong) = encoding.decode_with_bom_removal(bytes);
    let text = Zeroizing::new(text.into_owned());
    (!wrong).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(bytes: &[u8]) -> Option<(String, bool)> {
        decode(bytes).map(|decoded| (decoded.text.to_string(), decoded.guessed))
    }

    #[test]
    fn each_coding_is_read() {
        let said = |guessed| Some(("政务 A".to_owned(), guessed));
        assert_eq!(text_of("政务 A".as_bytes()), said(false));
        assert_eq!(text_of("\u{FEFF}政务 A".as_bytes()), said(false));
        assert_eq!(text_of(&[0xFF, 0xFE, 0x3F, 0x65, 0xA1, 0x52, 0x20, 0, 0x41, 0]), said(false));
        assert_eq!(text_of(&[0xFE, 0xFF, 0x65, 0x3F, 0x52, 0xA1, 0, 0x20, 0, 0x41]), said(false));
        assert_eq!(text_of(&[0xD5, 0xFE, 0xCE, 0xF1, 0x20, 0x41]), said(true));
    }

    #[test]
    fn what_is_no_text_is_not_guessed_at() {
        assert_eq!(text_of(&[1, 2, 3]), None);
        assert_eq!(text_of(&[0x80, 0x81, 0xFF, 0xFF]), None);
        assert_eq!(text_of(b"a\0b"), None);
        assert_eq!(text_of(&[0xFF, 0xFE, 0x00, 0xD8]), None, "half a surrogate pair");
    }
}
