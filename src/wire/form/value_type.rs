//! Whether a value is of its field's type at all: shape, choices, lengths. What it means is the
//! validators' matter. Each fault is a rule's name and what to do.

use jiff::civil::Date;

use super::{Answers, Contact, Value};
use crate::catalogue::{Codes, Field, FieldType, Text};
use crate::expr::{Decimal, Month};

type Fault = (&'static str, Text);

/// Longest text where the form says nothing.
const MAX_LINE: usize = 200;
/// Longest paragraph where the form says nothing.
const MAX_PARAGRAPH: usize = 2_000;
/// Longest number of any kind.
const MAX_DIGITS: usize = 34;
/// Most rows where the form says nothing.
const MAX_ROWS: usize = 20;

pub(super) fn check(field: &Field, value: &Value, codes: &Codes, from_card: bool) -> Result<(), Fault> {
    match (field.kind, value) {
        (FieldType::MonthRange, Value::Range { from, to }) => month_range(from, to),
        (FieldType::Multiselect, Value::List(values)) => several(field, values, codes),
        (FieldType::Checkbox, Value::Flag(_)) => Ok(()),
        (FieldType::Contact, Value::Contact(contact)) => contact_kind(field, contact),
        (FieldType::Repeat, Value::Rows(rows)) => count_rows(field, rows),
        (
            FieldType::MonthRange
            | FieldType::Multiselect
            | FieldType::Checkbox
            | FieldType::Contact
            | FieldType::Repeat,
            _,
        ) => Err(wrong_shape()),
        (_, Value::Text(text)) => {
            // A card's own words may be longer than what a citizen is asked to type.
            if !from_card {
                length(field, text)?;
            }
            one_text(field, text, codes)
        }
        _ => Err(wrong_shape()),
    }
}

fn wrong_shape() -> Fault {
    ("type", Text::new("内容格式不对，请重新填写", "This has the wrong form; please enter it again"))
}

fn one_text(field: &Field, text: &str, codes: &Codes) -> Result<(), Fault> {
    let breaks = field.kind == FieldType::Textarea;
    if text.chars().any(|c| c.is_control() && !(breaks && c == '\n')) {
        return Err((
            "type",
            Text::new(
                "含有不能使用的字符，请重新填写",
                "It holds characters that cannot be used; please enter it again",
            ),
        ));
    }
    match field.kind {
        FieldType::Date => whole_date(text),
        FieldType::Month if Month::parse(text).is_none() => Err((
            "type",
            Text::new("请填写 4 位年份和 2 位月份，例如 202611", "Please give a year and a month, for example 202611"),
        )),
        FieldType::Integer if !plain_digits(text, 9) => {
            Err(("type", Text::new("请填写整数，只用数字", "Please enter a whole number, digits only")))
        }
        FieldType::Decimal if Decimal::parse(text).is_none() => {
            Err(("type", Text::new("请填写数字，例如 12.5", "Please enter a number, for example 12.5")))
        }
        FieldType::Money => money(text),
        FieldType::Select | FieldType::Radio if !codes.choices(field).iter().any(|choice| choice.value == text) => {
            Err(("option", Text::new("请从列出的选项里选择", "Please choose one of the options shown")))
        }
        FieldType::Region => region(field, text, codes),
        FieldType::BankCard if !plain_digits(text, MAX_DIGITS) => Err((
            "type",
            Text::new(
                "卡号只能是数字，请去掉空格和其他符号",
                "A card number has digits only; please remove anything else",
            ),
        )),
        _ => Ok(()),
    }
}

fn length(field: &Field, text: &str) -> Result<(), Fault> {
    let chars = text.chars().count();
    let most = field.max_len.unwrap_or(match field.kind {
        FieldType::Textarea => MAX_PARAGRAPH,
        FieldType::Text | FieldType::Address => MAX_LINE,
        _ => MAX_DIGITS,
    });
    if chars > most {
        let over = chars - most;
        return Err((
            "max_len",
            Text {
                zh: format!("最多 {most} 个字，请删去 {over} 个字"),
                en: format!("At most {most} characters; please remove {over}"),
            },
        ));
    }
    let least = field.min_len.unwrap_or(0);
    if text.trim().chars().count() < least {
        let missing = least - text.trim().chars().count();
        return Err((
            "min_len",
            Text {
                zh: format!("至少 {least} 个字，还差 {missing} 个字"),
                en: format!("At least {least} characters; {missing} more needed"),
            },
        ));
    }
    Ok(())
}

fn plain_digits(text: &str, most: usize) -> bool {
    !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit())
}

/// A day written `2026-11-24` and in no other way.
pub(super) fn day(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
    let date: Date = if shape { text.parse().ok()? } else { return None };
    (1900..=2199).contains(&date.year()).then_some(date)
}

fn whole_date(text: &str) -> Result<(), Fault> {
    if day(text).is_some() {
        return Ok(());
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let message = if digits < 8 {
        let missing = 8 - digits;
        Text {
            zh: format!("日期应为 8 位数字(年月日)，还差 {missing} 位，例如 20261124"),
            en: format!("A date has 8 digits (year, month, day), for example 20261124; {missing} more needed"),
        }
    } else {
        Text::new("没有这一天，请检查年、月、日", "There is no such day; please check year, month and day")
    };
    Err(("type", message))
}

fn money(text: &str) -> Result<(), Fault> {
    let places = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    match Decimal::parse(text) {
        Some(sum) if sum >= Decimal::whole(0) && places <= 2 => Ok(()),
        Some(_) if places > 2 => {
            Err(("type", Text::new("金额最多两位小数(到分)", "An amount has at most two decimals")))
        }
        _ => Err(("type", Text::new("请填写金额，例如 1200.50", "Please enter an amount, for example 1200.50"))),
    }
}

fn month_range(from: &str, to: &str) -> Result<(), Fault> {
    let (zh, en) = match (Month::parse(from), Month::parse(to)) {
        (Some(_), Some(_)) => return Ok(()),
        (None, _) => ("请填写开始的年月，例如 202601", "Please give the first month, for example 202601"),
        (_, None) => ("请填写结束的年月，例如 202611", "Please give the last month, for example 202611"),
    };
    Err(("type", Text::new(zh, en)))
}

fn several(field: &Field, values: &[String], codes: &Codes) -> Result<(), Fault> {
    let choices = codes.choices(field);
    // More values than choices cannot all differ; this also bounds the work.
    let known =
        values.len() <= choices.len() && values.iter().all(|value| choices.iter().any(|choice| choice.value == *value));
    let twice = known && values.iter().enumerate().any(|(i, value)| values[..i].contains(value));
    if !known || twice {
        return Err(("option", Text::new("请从列出的选项里选择", "Please choose among the options shown")));
    }
    let (least, most) = (field.min_select.unwrap_or(0), field.max_select.unwrap_or(usize::MAX));
    if values.len() < least {
        let message =
            Text { zh: format!("请至少选择 {least} 项"), en: format!("Please choose at least {least}") };
        return Err(("min_select", message));
    }
    if values.len() > most {
        let over = values.len() - most;
        let message = Text {
            zh: format!("最多选择 {most} 项，请取消 {over} 项"),
            en: format!("At most {most}; please remove {over}"),
        };
        return Err(("max_select", message));
    }
    Ok(())
}

fn contact_kind(field: &Field, contact: &Contact) -> Result<(), Fault> {
    if field.kinds.contains(&contact.kind) {
        return Ok(());
    }
    Err(("option", Text::new("请从列出的联系方式里选择", "Please choose one of the ways shown")))
}

fn count_rows(field: &Field, rows: &[Answers]) -> Result<(), Fault> {
    let most = field.max_rows.unwrap_or(MAX_ROWS);
    if rows.len() <= most {
        return Ok(());
    }
    let over = rows.len() - most;
    Err((
        "max_rows",
        Text {
            zh: format!("最多填写 {most} 行，请删去 {over} 行"),
            en: format!("At most {most} rows; please remove {over}"),
        },
    ))
}

fn region(field: &Field, code: &str, codes: &Codes) -> Result<(), Fault> {
    let regions = codes.regions();
    let good = if regions.is_empty() {
        code.len() == 6 && plain_digits(code, 6)
    } else {
        regions.holds(code, field.level.unwrap_or(2))
    };
    if good {
        return Ok(());
    }
    Err(("option", Text::new("请从列表里选择地区", "Please choose a region from the list")))
}
