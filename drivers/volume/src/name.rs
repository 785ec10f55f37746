//! A file's name as it may be shown: no control characters, nothing that turns the direction of writing (a name that
//! ends in "fdp.exe" must not read "exe.pdf"), nothing that takes no room.

use zeroize::Zeroizing;

/// Said of a name of which nothing is left.
const NAMELESS: &str = "（无名文件）";
/// UTF-16 units that a name may have, in FAT and exFAT.
const UNITS_MAX: usize = 255;

/// From UTF-16; what is no character shows as one that says so.
pub(crate) fn of_utf16(units: &[u16]) -> Zeroizing<String> {
    let units = units.iter().copied().take(UNITS_MAX).take_while(|unit| *unit != 0);
    shown(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)))
}

/// From a text.
pub(crate) fn of_text(text: &str) -> Zeroizing<String> {
    shown(text.chars().take(UNITS_MAX))
}

/// From a short name's bytes: Chinese Windows wrote them in GBK.
pub(crate) fn of_short(bytes: &[u8]) -> Zeroizing<String> {
    let (text, _) = encoding_rs::GB18030.decode_without_bom_handling(bytes);
    of_text(&text)
}

fn shown(characters: impl Iterator<Item = char>) -> Zeroizing<String> {
    // Longest UTF-8 of a unit of UTF-16 is three bytes: the text never moves in memory.
    let mut name = Zeroizing::new(String::with_capacity(3 * UNITS_MAX));
    name.extend(characters.filter(|c| !is_hidden(*c)));
    if name.trim().is_empty() {
        name.clear();
        name.push_str(NAMELESS);
    }
    name
}

/// Whether a character has no look of its own, or changes that of others.
fn is_hidden(c: char) -> bool {
    let format = matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}');
    c.is_control() || format
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_shows_what_it_is() {
        let utf16: Vec<u16> = "办事材料 (1).pdf".encode_utf16().chain([0, 65]).collect();
        assert_eq!(*of_utf16(&utf16), "办事材料 (1).pdf");
        assert_eq!(*of_text("a\u{202E}fdp.exe\r\n\u{7}\u{200B}"), "afdp.exe");
        assert_eq!(*of_utf16(&[0xD800, 0x41]), "\u{FFFD}A");
        assert_eq!(*of_text("\u{2066}\u{2069}  "), NAMELESS);
        assert_eq!(*of_short(&[0xD5, 0xFE, 0xB2, 0xDF, b'.', b'D', b'O', b'C']), "政策.DOC");
        assert_eq!(of_utf16(&[0x4E00; 400]).chars().count(), UNITS_MAX);
    }
}
