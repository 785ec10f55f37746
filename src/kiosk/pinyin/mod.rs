//! Search by the first letters of pinyin: "lnz" finds 老年证, "cz" finds 长治 as well as 潮州. Knows the characters of
//! GB 2312 with all their readings; it is no input method.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A letter, a colon, the characters it may stand for; made by the script beside it.
const TABLE: &str = include_str!("../../../assets/pinyin/initials.txt");

/// The letters of each character as bits, `a` the lowest.
static LETTERS: LazyLock<HashMap<char, u32>> = LazyLock::new(|| {
    let mut letters = HashMap::new();
    for (letter, characters) in TABLE.lines().filter_map(|line| line.split_once(':')) {
        let bit = letter.bytes().next().map_or(0, bit_of);
        for character in characters.chars() {
            *letters.entry(character).or_insert(0) |= bit;
        }
    }
    letters
});

/// Whether `text` holds `query`: as it stands (letters of any case), or as the first letters of the pinyin of
/// characters that stand side by side, signs between them left out.
#[must_use]
pub fn found(text: &str, query: &str) -> bool {
    let query = query.trim().to_lowercase();
    if query.is_empty() || text.to_lowercase().contains(&query) {
        return true;
    }
    let wanted: Vec<u32> = query.bytes().map(bit_of).collect();
    if wanted.contains(&0) {
        return false;
    }
    let letters: Vec<u32> = text.chars().map(letters_of).filter(|letters| *letters != 0).collect();
    letters.windows(wanted.len()).any(|window| window.iter().zip(&wanted).all(|(has, wants)| has & wants != 0))
}

fn letters_of(character: char) -> u32 {
    match u8::try_from(character) {
        Ok(byte) => bit_of(byte.to_ascii_lowercase()),
        Err(_) => LETTERS.get(&character).copied().unwrap_or(0),
    }
}

fn bit_of(letter: u8) -> u32 {
    if letter.is_ascii_lowercase() { 1 << (letter - b'a') } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_letters_find_what_words_find() {
        assert!(found("办老年证", "老年") && found("办老年证", "lnz") && found("办老年证", "BLN"));
        assert!(found("80岁以上老人津贴", "sys"), "figures are no letters");
        assert!(found("申请法律援助(免费律师)", "yzmf"), "brackets are passed over");
        assert!(!found("办老年证", "nlz") && !found("办老年证", "lnzx"));
    }

    #[test]
    fn every_reading_of_a_character_counts() {
        assert!(found("长治市", "czs") && found("长治市", "zzs"));
        assert!(found("银行卡", "yhk") && found("银行卡", "yxk"));
    }

    #[test]
    fn a_query_that_is_no_pinyin_finds_only_itself() {
        assert!(!found("办老年证", "l1") && !found("办老年证", "証"));
        assert!(found("个体户 POS 机", "pos"));
        assert!(found("办老年证", "  "));
    }
}
