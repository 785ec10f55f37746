//! Words about people as the shipped font can draw them, what it lacks written by its number as on paper. What the
//! machine's own fonts hold does not count. Knows no page; lines that are typed in keep their own characters.

use crate::fonts::{REGULAR, written};
use ab_glyph::{Font, FontRef, GlyphId};
use slint::SharedString;
use std::sync::LazyLock;

/// The regular weight; bold takes from it what it lacks.
static FONT: LazyLock<Option<FontRef<'static>>> = LazyLock::new(|| FontRef::try_from_slice(REGULAR).ok());

/// The text with each character that the font lacks written as 〈U+…〉. Line breaks stay.
pub fn legible(text: &str) -> SharedString {
    written(text, drawn).into()
}

fn drawn(c: char) -> bool {
    c.is_control() || FONT.as_ref().is_none_or(|font| font.glyph_id(c) != GlyphId(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_the_font_lacks_is_written_by_its_number() {
        assert_eq!(legible("王頔"), "王〈U+9814〉");
        assert_eq!(legible("王*示 · \u{3402}\u{F0000}\n第二行"), "王*示 · 〈U+3402〉〈U+F0000〉\n第二行");
        assert_eq!(legible("吴𰻝"), "吴𰻝", "rare, and in the font");
    }

    #[test]
    fn the_screen_and_the_paper_agree() {
        let paper = crate::printing::Fonts::shipped().unwrap();
        for c in "王頔龑龘囧㐽㛃𠮷𬭎Aé·，〈".chars() {
            let alone = c.to_string();
            assert_eq!(legible(&alone), paper.writable(&alone).as_str());
        }
    }
}
