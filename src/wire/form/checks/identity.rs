//! Numbers of identity cards: GB 11643 (resident), residence permits of Hong Kong, Macao and Taiwan
//! residents, foreigners' permanent residence cards of 2017 and 2023; and age and sex from them.

use jiff::civil::Date;

use super::super::scope::birth_in;
use super::super::{CardFacts, CardKind, Sex};
use crate::calendar::whole_years;
use crate::catalogue::Text;

/// Codes of provinces, regions and municipalities (GB/T 2260), with 81 to 83 for permits of residents
/// of Hong Kong, Macao and Taiwan.
const PROVINCES: [u8; 34] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63,
    64, 65, 71, 81, 82,
];

pub(super) fn number(text: &str, card: Option<CardKind>, today: Date) -> Option<Text> {
    let kind = card.unwrap_or_else(|| CardKind::of_number(text));
    if kind == CardKind::I {
        return foreign_2017(text);
    }
    if let Some(message) = eighteen(text) {
        return Some(message);
    }
    let place: u8 = match kind {
        CardKind::Y => text.get(1..3)?.parse().ok()?,
        _ => text.get(..2)?.parse().ok()?,
    };
    let placed = if kind == CardKind::J { (81..=83).contains(&place) } else { PROVINCES.contains(&place) };
    let born = birth_in(text).is_some_and(|birth| birth <= today && birth.year() >= 1880);
    let good = placed && born && check_digit(text) == text.bytes().last();
    if good {
        None
    } else {
        Some(Text::new(
            "证件号码有误，请对照证件逐位检查",
            "This number has a mistake; please compare it with the card digit by digit",
        ))
    }
}

fn foreign_2017(text: &str) -> Option<Text> {
    let (letters, digits) = (text.get(..3).unwrap_or_default(), text.get(3..).unwrap_or_default());
    let good = letters.len() == 3
        && letters.bytes().all(|b| b.is_ascii_uppercase())
        && digits.len() == 12
        && digits.bytes().all(|b| b.is_ascii_digit());
    if good {
        return None;
    }
    Some(Text::new(
        "外国人永久居留身份证(2017 版)号码应为 3 个大写字母加 12 位数字，请核对",
        "The number of a 2017 permanent residence card is 3 capital letters and 12 digits; please check",
    ))
}

fn eighteen(text: &str) -> Option<Text> {
    let chars = text.chars().count();
    if chars < 18 {
        let missing = 18 - chars;
        return Some(Text {
            zh: format!("证件号码应为 18 位，还差 {missing} 位"),
            en: format!("An ID number has 18 characters; {missing} more needed"),
        });
    }
    if chars > 18 {
        let over = chars - 18;
        return Some(Text {
            zh: format!("证件号码应为 18 位，多了 {over} 位"),
            en: format!("An ID number has 18 characters; {over} too many"),
        });
    }
    let (body, last) = (text.bytes().take(17), text.bytes().last());
    let shape = text.is_ascii()
        && body.clone().all(|b| b.is_ascii_digit())
        && last.is_some_and(|b| b.is_ascii_digit() || b == b'X');
    if shape {
        return None;
    }
    Some(Text::new(
        "前 17 位应为数字，末位为数字或大写 X，请核对",
        "The first 17 characters are digits, the last a digit or a capital X; please check",
    ))
}

/// ISO 7064 MOD 11-2 over the first 17 digits.
fn check_digit(text: &str) -> Option<u8> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = text.bytes().zip(WEIGHTS).map(|(b, weight)| u32::from(b.wrapping_sub(b'0')) * weight).sum();
    b"10X98765432".get(usize::try_from(sum % 11).ok()?).copied()
}

/// An unknown birthday (a number of 2017 without its card) is left to the clerk.
pub(super) fn age_min(birth: Option<Date>, least: i64, today: Date) -> Option<Text> {
    if whole_years(birth?, today) >= least {
        return None;
    }
    Some(Text {
        zh: format!("须年满 {least} 周岁，今天还未满；请核对证件，或到窗口咨询"),
        en: format!("The person must be {least} or older today. Please check the card, or ask at the window"),
    })
}

pub(super) fn sex(number: &str, card: Option<&CardFacts>, wanted: Sex) -> Option<Text> {
    let of_number = || {
        let digit = (number.len() == 18).then(|| number.as_bytes().get(16)).flatten()?;
        Some(if digit % 2 == 1 { Sex::Male } else { Sex::Female })
    };
    let found = card.and_then(|card| card.sex).or_else(of_number)?;
    match (found == wanted, wanted) {
        (true, _) => None,
        (false, Sex::Male) => Some(Text::new(
            "这里应是男方的证件号码，请核对或重新读取男方的身份证",
            "This should be the man's ID number; please check, or read the man's card",
        )),
        (false, Sex::Female) => Some(Text::new(
            "这里应是女方的证件号码，请核对或重新读取女方的身份证",
            "This should be the woman's ID number; please check, or read the woman's card",
        )),
    }
}
