//! Organisations: 统一社会信用代码 (GB 32100, with the GB 11714 code inside) and names of individual
//! businesses.

use super::names::is_hanzi;
use crate::catalogue::{Codes, Text};

/// The 31 characters of GB 32100; I, O, Z, S and V are not among them.
const USCC_CHARACTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

pub(super) fn uscc(code: &str) -> Option<Text> {
    let chars = code.chars().count();
    if chars != 18 {
        let (zh, en) = if chars < 18 {
            (format!("还差 {} 位", 18 - chars), format!("{} more needed", 18 - chars))
        } else {
            (format!("多了 {} 位", chars - 18), format!("{} too many", chars - 18))
        };
        return Some(Text {
            zh: format!("统一社会信用代码应为 18 位，{zh}"),
            en: format!("The code has 18 characters; {en}"),
        });
    }
    let good = code.is_ascii() && whole_check(code.as_bytes()).is_some() && subject_check(code.as_bytes()).is_some();
    if good {
        return None;
    }
    Some(Text::new(
        "统一社会信用代码有误，请对照营业执照逐位检查(没有字母 I、O、Z、S、V)",
        "This code has a mistake; please compare it with the licence (it never has I, O, Z, S or V)",
    ))
}

/// Check character of the whole: weights are the powers of 3 modulo 31.
fn whole_check(code: &[u8]) -> Option<()> {
    let mut weight = 1;
    let mut sum = 0;
    for character in code.get(..17)? {
        sum += USCC_CHARACTERS.iter().position(|known| known == character)? * weight;
        weight = weight * 3 % 31;
    }
    let wanted = USCC_CHARACTERS.get((31 - sum % 31) % 31)?;
    (code.get(17)? == wanted).then_some(())
}

/// Check character of the subject's code inside (characters 9 to 17).
fn subject_check(code: &[u8]) -> Option<()> {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let mut sum = 0;
    for (character, weight) in code.get(8..16)?.iter().zip(WEIGHTS) {
        sum += char::from(*character).to_digit(36)? * weight;
    }
    let wanted = match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => b'0' + u8::try_from(digit).ok()?,
    };
    (*code.get(16)? == wanted).then_some(())
}

/// Words that an individual business may not use.
const FORBIDDEN: [&str; 9] = ["农民专业合作社", "有限责任", "公司", "集团", "企业", "中国", "中央", "全国", "国家"];

pub(super) fn name(name: &str, codes: &Codes) -> Option<Text> {
    let name = name.trim();
    let length = name.chars().count();
    if !name.chars().all(is_hanzi) {
        return Some(Text::new(
            "名称只能用汉字，请去掉字母、数字、空格和标点",
            "The name has Chinese characters only; please remove anything else",
        ));
    }
    if !(2..=30).contains(&length) {
        return Some(Text::new("名称应为 2 至 30 个汉字", "The name has 2 to 30 Chinese characters"));
    }
    if let Some(word) = FORBIDDEN.iter().find(|word| name.contains(**word)) {
        return Some(Text {
            zh: format!("个体工商户名称不能用“{word}”，请去掉"),
            en: format!("An individual business may not use “{word}” in its name; please remove it"),
        });
    }
    if codes.names_a_region(name) {
        return Some(Text::new(
            "县级以上行政区划名称不能作字号，请换一个字号",
            "The name of a county, city or province cannot be the trade name; please choose another",
        ));
    }
    None
}
