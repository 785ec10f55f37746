//! Names of persons: Chinese characters of any extension and the interpunct; Latin ones for foreigners.
//! What a card holds is taken as it is, private-use characters and commas too.

use super::super::{CardFacts, CardKind};
use crate::catalogue::Text;

/// Longest Latin name.
const MAX_LATIN: usize = 120;
/// Longest Chinese name.
const MAX_CHINESE: usize = 50;

pub(super) fn person(name: &str, card: Option<&CardFacts>, number: Option<&str>) -> Option<Text> {
    let kind = card.map(|card| card.kind).or_else(|| number.map(CardKind::of_number));
    let name = name.trim();
    if name.chars().any(|c| c.is_numeric() && c != '〇') {
        return Some(Text::new(
            "姓名里不能有数字，请按证件填写",
            "A name has no digits; please write it as on the card",
        ));
    }
    let length = name.chars().count();
    let from_card = card.is_some();
    let chinese = name.chars().all(|c| is_hanzi(c) || is_interpunct(c) || (from_card && is_of_chip(c)));
    let latin = name.chars().all(is_latin) && name.chars().any(char::is_alphabetic);
    let allowed = match kind {
        Some(CardKind::Resident | CardKind::J) => chinese,
        Some(CardKind::Y | CardKind::I) | None => chinese || latin,
    };
    if !allowed {
        return Some(match kind {
            Some(CardKind::Resident | CardKind::J) => Text::new(
                "请按证件填写汉字姓名，中间的点用“·”",
                "Please write the name in Chinese characters as on the card; the dot is ·",
            ),
            _ => Text::new(
                "请按证件填写姓名：汉字，或拉丁字母、空格、连字符和撇号",
                "Please write the name as on the card: Chinese characters, or Latin letters, spaces, hyphens and apostrophes",
            ),
        });
    }
    let most = if chinese { MAX_CHINESE } else { MAX_LATIN };
    if length < 2 && !from_card {
        return Some(Text::new(
            "姓名至少 2 个字，请填写全名",
            "A name has at least 2 characters; please write it in full",
        ));
    }
    if length > most {
        let over = length - most;
        return Some(Text {
            zh: format!("姓名最多 {most} 个字，请删去 {over} 个"),
            en: format!("A name has at most {most} characters; please remove {over}"),
        });
    }
    None
}

/// A Chinese character of the standard plane or any extension.
pub(super) fn is_hanzi(c: char) -> bool {
    matches!(u32::from(c),
        0x3007 | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x2fa1f | 0x30000..=0x3347f)
}

/// The dot within a name, by whichever of its signs a keyboard or a card has.
pub(super) fn is_interpunct(c: char) -> bool {
    matches!(c, '\u{b7}' | '\u{2022}' | '\u{2027}' | '\u{22c5}' | '\u{30fb}')
}

/// What a chip holds beside ordinary characters: private codes that nobody has mapped yet, in all planes; radicals that
/// its private codes are mapped to; and the sign for half a character, where the chip's 15 units cut one in two.
fn is_of_chip(c: char) -> bool {
    matches!(u32::from(c), 0xe000..=0xf8ff | 0xf0000..=0x10_ffff | 0x2e80..=0x2fdf | 0x31c0..=0x31ef | 0xfffd)
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic()
        || (matches!(u32::from(c), 0x00c0..=0x024f | 0x1e00..=0x1eff) && c.is_alphabetic())
        || matches!(c, ' ' | '-' | '\'' | '’' | ',' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_chip_holds_is_taken_as_it_is_and_nobody_can_type_it() {
        let card = CardFacts {
            kind: CardKind::Resident,
            number: "11010119900307002X".into(),
            name: String::new(),
            birth: None,
            sex: None,
        };
        // Unmapped codes of three planes, two radicals that codes are mapped to, and half of a character.
        for held in ["王\u{e000}", "王\u{f0001}", "王\u{10abcd}", "王\u{2e81}", "王\u{2eca}", "欧阳一二\u{fffd}"]
        {
            assert!(person(held, Some(&card), None).is_none(), "{held:?}");
            assert!(person(held, None, Some("11010119900307002X")).is_some(), "{held:?} was typed");
        }
    }
}
