//! The 256 bytes of text on a chip: UTF-16LE fields at fixed places, padded with spaces (GA/T 490 for residents,
//! the notices of 2017, 2018 and 2023 for I, J and Y). The type letter decides, never the number's first digit.

use super::{CardDate, CardText, Details, IdCard, Nation, Photo, Sex, ValidUntil, private_use};
use std::ops::Range;
use zeroize::Zeroizing;

/// Length of the text block.
pub const TEXT_BYTES: usize = 256;

// Places in bytes. The resident's layout; J and Y follow it where nothing else is said below.
pub(super) const NAME: Range<usize> = 0..30;
pub(super) const SEX: Range<usize> = 30..32;
pub(super) const NATION: Range<usize> = 32..36;
pub(super) const BIRTH: Range<usize> = 36..52;
pub(super) const ADDRESS: Range<usize> = 52..122;
pub(super) const NUMBER: Range<usize> = 122..158;
pub(super) const AUTHORITY: Range<usize> = 158..188;
pub(super) const VALID_FROM: Range<usize> = 188..204;
pub(super) const VALID_UNTIL: Range<usize> = 204..220;
pub(super) const PASS_NUMBER: Range<usize> = 220..238;
pub(super) const ISSUE_COUNT: Range<usize> = 238..242;
pub(super) const COUNTRY_2023: Range<usize> = 242..248;
pub(super) const TYPE: Range<usize> = 248..250;
/// Edition 2017 has its own layout.
pub(super) mod edition_2017 {
    use std::ops::Range;
    pub(crate) const NAME: Range<usize> = 0..120;
    pub(crate) const SEX: Range<usize> = 120..122;
    pub(crate) const NUMBER: Range<usize> = 122..152;
    pub(crate) const COUNTRY: Range<usize> = 152..158;
    pub(crate) const CHINESE_NAME: Range<usize> = 158..188;
    pub(crate) const BIRTH: Range<usize> = 220..236;
    pub(crate) const VERSION: Range<usize> = 236..240;
    pub(crate) const OFFICE: Range<usize> = 240..248;
}

/// Why a text block is no card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardTextError {
    /// The type letter stands for no known kind of card.
    #[error("unknown kind of card")]
    UnknownKind,
    /// There is no number, or it has other characters than digits and letters.
    #[error("the card's number is damaged")]
    NoNumber,
}

/// Reads a text block.
pub fn parse(text: &[u8; TEXT_BYTES], photo: &[u8]) -> Result<IdCard, CardTextError> {
    let photo = Photo(Zeroizing::new(photo.to_vec()));
    match u16::from_le_bytes([text[TYPE.start], text[TYPE.start + 1]]) {
        0 | 0x20 => common(text, resident(text), photo),
        0x4A => common(text, permit(text), photo),
        0x59 => foreigner_2023(text, photo),
        0x49 => foreigner_2017(text, photo),
        _ => Err(CardTextError::UnknownKind),
    }
}

fn common(text: &[u8], details: Details, photo: Photo) -> Result<IdCard, CardTextError> {
    Ok(IdCard {
        name: name(&text[NAME]),
        sex: sex(&text[SEX]),
        birth: CardDate::parse(&plain(&text[BIRTH])),
        number: number(&text[NUMBER])?,
        valid_from: CardDate::parse(&plain(&text[VALID_FROM])),
        valid_until: valid_until(&text[VALID_UNTIL]),
        details,
        photo,
    })
}

fn resident(text: &[u8]) -> Details {
    Details::Resident {
        nation: Nation::from_code(&plain(&text[NATION])),
        address: field(&text[ADDRESS]),
        authority: field(&text[AUTHORITY]),
    }
}

fn permit(text: &[u8]) -> Details {
    Details::Permit {
        address: field(&text[ADDRESS]),
        authority: field(&text[AUTHORITY]),
        pass_number: plain(&text[PASS_NUMBER]),
        issue_count: plain(&text[ISSUE_COUNT]),
    }
}

fn foreigner_2023(text: &[u8], photo: Photo) -> Result<IdCard, CardTextError> {
    let chinese_name = name(&text[NAME]);
    let latin = field(&text[ADDRESS]);
    let details = Details::Foreigner2023 {
        chinese_name: chinese_name.clone(),
        authority: field(&text[AUTHORITY]),
        country: plain(&text[COUNTRY_2023]),
        renewals: plain(&text[NATION]),
    };
    let mut card = common(text, details, photo)?;
    card.name = if latin.text.is_empty() { chinese_name } else { latin };
    Ok(card)
}

fn foreigner_2017(text: &[u8], photo: Photo) -> Result<IdCard, CardTextError> {
    use edition_2017::{BIRTH, CHINESE_NAME, COUNTRY, NAME, NUMBER, OFFICE, SEX};
    Ok(IdCard {
        name: field(&text[NAME]),
        sex: sex(&text[SEX]),
        birth: CardDate::parse(&plain(&text[BIRTH])),
        number: number(&text[NUMBER])?,
        valid_from: CardDate::parse(&plain(&text[VALID_FROM])),
        valid_until: valid_until(&text[VALID_UNTIL]),
        details: Details::Foreigner2017 {
            chinese_name: name(&text[CHINESE_NAME]),
            country: plain(&text[COUNTRY]),
            office_code: plain(&text[OFFICE]),
        },
        photo,
    })
}

fn sex(bytes: &[u8]) -> Sex {
    match bytes {
        [b'1', 0] => Sex::Male,
        [b'2', 0] => Sex::Female,
        _ => Sex::Unstated,
    }
}

fn number(bytes: &[u8]) -> Result<Zeroizing<String>, CardTextError> {
    let mut number = plain(bytes);
    number.make_ascii_uppercase();
    let whole = !number.is_empty() && number.bytes().all(|b| b.is_ascii_alphanumeric());
    if whole { Ok(number) } else { Err(CardTextError::NoNumber) }
}

fn valid_until(bytes: &[u8]) -> ValidUntil {
    let text = plain(bytes);
    match CardDate::parse(&text).or_else(|| end_of_february(&text)) {
        Some(day) => ValidUntil::Day(day),
        None if text.as_str() == "长期" => ValidUntil::LongTerm,
        None => ValidUntil::Unknown,
    }
}

/// A card issued on 29 February ends on the 29th of a year that may have none: then on the last day of that month.
fn end_of_february(text: &str) -> Option<CardDate> {
    let year = text.strip_suffix("0229")?;
    CardDate::parse(&Zeroizing::new(format!("{year}0228")))
}

fn plain(bytes: &[u8]) -> Zeroizing<String> {
    field(bytes).text
}

/// A person's name: the separator of its parts is brought to U+00B7 (GB 18030 A1A4), whatever the office typed.
fn name(bytes: &[u8]) -> CardText {
    let mut name = field(bytes);
    let mut text = Zeroizing::new(String::with_capacity(name.text.len()));
    text.extend(name.text.chars().map(|c| match c {
        '\u{30FB}' | '\u{2022}' | '\u{2027}' | '\u{FF0E}' | '\u{FF65}' => '\u{B7}',
        other => other,
    }));
    name.text = text;
    name
}

fn field(bytes: &[u8]) -> CardText {
    let mut raw = Zeroizing::new(Vec::with_capacity(bytes.len() / 2));
    raw.extend(bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])));
    let may_be_cut = raw.last().is_some_and(|unit| !is_padding(*unit));
    while raw.last().is_some_and(|unit| is_padding(*unit)) {
        raw.pop();
    }
    // Four bytes of UTF-8 a unit are never needed, so the text does not move while it grows.
    let mut text = Zeroizing::new(String::with_capacity(raw.len() * 4));
    let mut has_unmapped = false;
    for unit in char::decode_utf16(raw.iter().copied()) {
        let c = unit.unwrap_or(char::REPLACEMENT_CHARACTER);
        let c = private_use::to_unicode(c).unwrap_or(c);
        has_unmapped |= private_use::is_private(c) || c == char::REPLACEMENT_CHARACTER || c.is_control();
        text.push(c);
    }
    CardText { raw, text, has_unmapped, may_be_cut }
}

/// Space, NUL and the wide space.
fn is_padding(unit: u16) -> bool {
    matches!(unit, 0x20 | 0 | 0x3000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &[u16]) -> Vec<u8> {
        let mut units = text.to_vec();
        units.resize(15, 0x20);
        units.into_iter().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn a_private_use_character_with_known_meaning_becomes_unicode_and_keeps_its_raw_unit() {
        let name = name(&units(&[0x738B, 0xE863]));
        assert_eq!(name.text.as_str(), "王䶮");
        assert_eq!(*name.raw, [0x738B, 0xE863]);
        assert!(!name.has_unmapped);
    }

    #[test]
    fn a_character_without_mapping_is_flagged_and_never_dropped() {
        let name = name(&units(&[0x738B, 0xE000]));
        assert_eq!(name.text.as_str(), "王\u{E000}");
        assert!(name.has_unmapped);
        let broken = super::name(&units(&[0x738B, 0xD840]));
        assert_eq!(broken.text.chars().count(), 2);
        assert!(broken.has_unmapped);
    }

    #[test]
    fn a_name_that_fills_its_fifteen_units_may_be_cut() {
        assert!(name(&units(&[0x738B; 15])).may_be_cut);
        assert!(!name(&units(&[0x738B; 14])).may_be_cut);
    }

    #[test]
    fn an_end_of_validity_on_a_leap_day_is_the_last_of_february_in_a_common_year() {
        let until = |end: &str| match valid_until(&units(&end.encode_utf16().collect::<Vec<_>>())) {
            ValidUntil::Day(day) => day.to_string(),
            ValidUntil::LongTerm => "for ever".to_owned(),
            ValidUntil::Unknown => "unknown".to_owned(),
        };
        assert_eq!(until("20250229"), "2025-02-28");
        assert_eq!(until("21000229"), "2100-02-28");
        assert_eq!(until("20240229"), "2024-02-29");
        assert_eq!(until("长期"), "for ever");
        for no_day in ["", "20250230", "20251301", "20250029", "0229", "202X0229", "120250229", "00000000"] {
            assert_eq!(until(no_day), "unknown", "{no_day}");
        }
    }

    #[test]
    fn every_dot_between_parts_of_a_name_becomes_the_standard_one() {
        for dot in [0xB7, 0x30FB, 0x2022, 0x2027, 0xFF0E] {
            assert_eq!(name(&units(&[0x963F, dot, 0x4F9D])).text.as_str(), "阿·依");
        }
    }
}
