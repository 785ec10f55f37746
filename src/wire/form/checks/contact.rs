//! How to reach a person: mobile, mobile abroad, landline, through somebody, or not at all.

use super::super::{Contact, ContactKind};
use super::names::is_hanzi;
use crate::catalogue::Text;

pub(super) fn check(contact: &Contact) -> Option<Text> {
    let value = contact.value.trim();
    match contact.kind {
        ContactKind::None if value.is_empty() && contact.name.trim().is_empty() => None,
        ContactKind::None => Some(Text::new(
            "已选“没有联系方式”，请清空号码，或改选其他方式",
            "You chose no contact; please clear the number or choose another way",
        )),
        ContactKind::Mobile => mobile(value),
        ContactKind::MobileAbroad => abroad(value),
        ContactKind::Landline => landline(value),
        ContactKind::Via => via(value, contact.name.trim()),
    }
}

pub(super) fn mobile(text: &str) -> Option<Text> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Text::new("手机号只能是数字", "A mobile number has digits only"));
    }
    let digits = text.len();
    if digits < 11 {
        let missing = 11 - digits;
        return Some(Text {
            zh: format!("手机号应为 11 位，还差 {missing} 位"),
            en: format!("A mobile number has 11 digits; {missing} more needed"),
        });
    }
    if digits > 11 {
        let over = digits - 11;
        return Some(Text {
            zh: format!("手机号应为 11 位，多了 {over} 位"),
            en: format!("A mobile number has 11 digits; {over} too many"),
        });
    }
    let good = matches!(text.as_bytes(), [b'1', b'3'..=b'9', ..]);
    if good {
        None
    } else {
        Some(Text::new("手机号以 13 至 19 开头，请核对", "A mobile number begins with 13 to 19; please check"))
    }
}

/// `+`, a country code of one to three digits and 6 to 14 more.
fn abroad(text: &str) -> Option<Text> {
    let digits = text.strip_prefix('+').unwrap_or_default();
    if digits.starts_with("86") {
        return Some(Text::new(
            "中国内地手机号请改选“手机”，不用写 +86",
            "For a mainland number please choose “mobile” and leave out +86",
        ));
    }
    let good =
        (7..=17).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    if good {
        return None;
    }
    Some(Text::new(
        "境外手机号写 + 和国家码，再写 6 至 14 位号码，例如 +85291234567",
        "Write + and the country code, then 6 to 14 digits, for example +85291234567",
    ))
}

/// Area code of three or four digits with a leading 0, then seven or eight; the dash may be missing.
fn landline(text: &str) -> Option<Text> {
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let good = match text.split_once('-') {
        Some((area, number)) => {
            area.starts_with('0')
                && (3..=4).contains(&area.len())
                && (7..=8).contains(&number.len())
                && digits(area)
                && digits(number)
        }
        None => text.starts_with('0') && (10..=12).contains(&text.len()) && digits(text),
    };
    if good {
        return None;
    }
    Some(Text::new(
        "固定电话写区号和 7 至 8 位号码，例如 0394-4212345",
        "Write the area code and 7 or 8 digits, for example 0394-4212345",
    ))
}

/// A person with a phone, or the name of a village or community.
fn via(value: &str, name: &str) -> Option<Text> {
    let numeric = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit() || b == b'-' || b == b'+');
    if numeric {
        let reachable = mobile(value).is_none() || landline(value).is_none() || abroad(value).is_none();
        return match (name.chars().count() >= 2, reachable) {
            (true, true) => None,
            (false, _) => Some(Text::new("请填写代收人的姓名", "Please give the name of who takes the message")),
            (_, false) => Some(Text::new(
                "代收人的电话不对：手机 11 位，或区号加 7 至 8 位号码",
                "This phone is not right: 11 digits, or an area code and 7 or 8 digits",
            )),
        };
    }
    let village = if value.is_empty() { name } else { value };
    if village.chars().filter(|c| is_hanzi(*c)).count() >= 2 && !(value.is_empty() && looks_like_person(name)) {
        return None;
    }
    Some(Text::new(
        "请填写代收人的姓名和电话，或写村(社区)名",
        "Please give a name and a phone, or the name of a village or community",
    ))
}

/// A bare name of a person, without a phone; a village's name ends in one of a few words.
fn looks_like_person(name: &str) -> bool {
    !["村", "社区", "居委会", "村委会", "组", "镇", "乡", "街道"].iter().any(|end| name.ends_with(end))
}
