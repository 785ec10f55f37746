//! Bank cards: 13 to 19 digits with the Luhn check.

use crate::catalogue::Text;

pub(super) fn card(number: &str) -> Option<Text> {
    let digits = number.len();
    if digits < 13 {
        let missing = 13 - digits;
        return Some(Text {
            zh: format!("银行卡号为 13 至 19 位，至少还差 {missing} 位"),
            en: format!("A bank card has 13 to 19 digits; at least {missing} more needed"),
        });
    }
    if digits > 19 {
        let over = digits - 19;
        return Some(Text {
            zh: format!("银行卡号最多 19 位，多了 {over} 位"),
            en: format!("A bank card has at most 19 digits; {over} too many"),
        });
    }
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, b)| {
            let digit = u32::from(b.wrapping_sub(b'0'));
            match (place % 2, digit) {
                (0, digit) => digit,
                (_, digit) if digit > 4 => digit * 2 - 9,
                (_, digit) => digit * 2,
            }
        })
        .sum();
    if sum.is_multiple_of(10) {
        return None;
    }
    Some(Text::new(
        "卡号有误，请对照卡面逐位检查",
        "This card number has a mistake; please compare it with the card digit by digit",
    ))
}
