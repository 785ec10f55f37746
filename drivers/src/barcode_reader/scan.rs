//! What a reader read: the bytes of one code, zeroized when dropped and never shown by `Debug`, since codes in
//! government halls hold tokens and numbers of citizens. Says nothing of what a code means.

use encoding_rs::{DecoderResult, GB18030};
use std::fmt;
use zeroize::Zeroizing;

/// One code.
#[derive(Clone, PartialEq, Eq)]
pub struct Scan {
    payload: Zeroizing<Vec<u8>>,
    encoding: PayloadEncoding,
    symbology: Option<[u8; 3]>,
}

/// How a reader lays text into bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PayloadEncoding {
    /// UTF-8, and what is not valid UTF-8 is GB18030: factory settings differ from module to module.
    #[default]
    Utf8OrGb18030,
    /// GB18030, even where the bytes would pass as UTF-8.
    Gb18030,
}

impl Scan {
    /// A code from its bytes.
    pub fn new(payload: impl Into<Zeroizing<Vec<u8>>>) -> Self {
        Self { payload: payload.into(), encoding: PayloadEncoding::default(), symbology: None }
    }

    /// A code whose text is known, as from a picture.
    pub fn from_text(text: &str) -> Self {
        Self::new(text.as_bytes().to_vec())
    }

    /// The same code, its bytes read in another encoding.
    pub fn with_encoding(mut self, encoding: PayloadEncoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// The same code with its AIM symbology identifier.
    pub fn with_symbology(mut self, symbology: Option<[u8; 3]>) -> Self {
        self.symbology = symbology;
        self
    }

    /// AIM symbology identifier (ISO/IEC 15424) such as `]Q1` for a QR code, where the reader tells it.
    pub fn symbology(&self) -> Option<[u8; 3]> {
        self.symbology
    }

    /// The bytes as the reader sent them, without what frames them.
    pub fn bytes(&self) -> &[u8] {
        &self.payload
    }

    /// The text, without a byte order mark; `None` when the bytes are text in none of the encodings.
    pub fn text(&self) -> Option<Zeroizing<String>> {
        if self.encoding == PayloadEncoding::Utf8OrGb18030
            && let Ok(text) = std::str::from_utf8(&self.payload)
        {
            return Some(Zeroizing::new(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()));
        }
        gb18030(&self.payload)
    }
}

/// Decodes into one block that is zeroized, whatever comes of it.
fn gb18030(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let mut decoder = GB18030.new_decoder_without_bom_handling();
    let mut text =
        Zeroizing::new(String::with_capacity(decoder.max_utf8_buffer_length_without_replacement(bytes.len())?));
    match decoder.decode_to_string_without_replacement(bytes, &mut text, true) {
        (DecoderResult::InputEmpty, _) => Some(text),
        _ => None,
    }
}

impl fmt::Debug for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scan({} bytes)", self.payload.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Option<String> {
        Scan::new(bytes.to_vec()).text().map(|t| t.to_string())
    }

    #[test]
    fn utf_8_comes_first_and_gb18030_behind_it() {
        assert_eq!(text("办件编号 7".as_bytes()).as_deref(), Some("办件编号 7"));
        assert_eq!(text(&[0xB0, 0xEC, 0xBC, 0xFE]).as_deref(), Some("办件"));
        assert_eq!(text(&[0x95, 0x32, 0x82, 0x36]).as_deref(), Some("𠀀"));
        assert_eq!(text(&[0xEF, 0xBB, 0xBF, b'a']).as_deref(), Some("a"));
        assert_eq!(text(b""), Some(String::new()));
    }

    #[test]
    fn bytes_that_are_no_text_are_no_text() {
        assert_eq!(text(&[0xFF, 0xFE, 0x00]), None);
        assert_eq!(text(&[0xB0]), None);
    }

    #[test]
    fn a_module_known_to_send_gb18030_is_believed() {
        // 联通 in GB2312: bytes that are valid UTF-8 by accident.
        let bytes = [0xC1, 0xAA, 0xCD, 0xA8];
        let scan = Scan::new(bytes.to_vec()).with_encoding(PayloadEncoding::Gb18030);
        assert_eq!(scan.text().as_deref().map(String::as_str), Some("联通"));
    }

    #[test]
    fn debug_output_shows_nothing_of_the_code() {
        assert_eq!(format!("{:?}", Scan::from_text("token")), "Scan(5 bytes)");
    }
}
