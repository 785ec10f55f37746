//! How a line's text is grouped while it is typed, and what of it is stored. Pure. The session sees
//! only what is stored (`13800138000`, `2026-11-24`); the glass shows `138 0013 8000`, `2026年11月24日`.

use crate::view::Keyboard;

/// What shall stand in the line after an edit, from what stood there and what stands there now.
pub fn after_edit(keyboard: Keyboard, max_len: u32, texts: (&str, &str), english: bool) -> String {
    let (before, after) = texts;
    let old = digits(before);
    let mut kept = kept(keyboard, after);
    // A separator was deleted, not a digit: the digit before it was meant.
    if grouped(keyboard) && digits(after) == old && lacks_one(before, after) {
        kept.pop();
    }
    let limit = limit(keyboard, max_len);
    if limit > 0 && kept.chars().count() > limit {
        kept = kept.chars().take(limit).collect();
    }
    shown(keyboard, &stored_form(keyboard, &kept), english)
}

/// Whether it is the text before without one character, and not another writing of the same.
fn lacks_one(before: &str, after: &str) -> bool {
    let (before, after): (Vec<char>, Vec<char>) = (before.chars().collect(), after.chars().collect());
    let same = before.iter().zip(&after).take_while(|(before, after)| before == after).count();
    before.len() == after.len() + 1 && before[same + 1..] == after[same..]
}

/// What is stored of what stands in the line.
pub fn stored(keyboard: Keyboard, shown: &str) -> String {
    stored_form(keyboard, &kept(keyboard, shown))
}

/// What stands in the line for what is stored.
pub fn shown(keyboard: Keyboard, stored: &str, english: bool) -> String {
    match keyboard {
        Keyboard::Mobile => grouped_by(&digits(stored), &[3, 4, 4]),
        Keyboard::BankCard => grouped_by(&digits(stored), &[4, 4, 4, 4, 4]),
        Keyboard::Date | Keyboard::Month => date(&digits(stored), keyboard == Keyboard::Date, english),
        _ => stored.to_string(),
    }
}

fn grouped(keyboard: Keyboard) -> bool {
    matches!(keyboard, Keyboard::Mobile | Keyboard::BankCard | Keyboard::Date | Keyboard::Month)
}

fn digits(text: &str) -> String {
    text.chars().filter_map(half_width).filter(char::is_ascii_digit).collect()
}

/// Full-width figures and letters count as the plain ones.
fn half_width(c: char) -> Option<char> {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0),
        _ => Some(c),
    }
}

/// The characters this keyboard lets through.
fn kept(keyboard: Keyboard, text: &str) -> String {
    match keyboard {
        Keyboard::Text => text.chars().filter(|c| *c == '\n' || !c.is_control()).collect(),
        Keyboard::Code | Keyboard::IdNumber => text
            .chars()
            .filter_map(half_width)
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase())
            .collect(),
        Keyboard::Decimal => decimal(text),
        _ => digits(text),
    }
}

fn decimal(text: &str) -> String {
    let mut point = false;
    text.chars()
        .filter_map(half_width)
        .filter(|c| match c {
            '.' => !std::mem::replace(&mut point, true),
            c => c.is_ascii_digit(),
        })
        .collect()
}

fn limit(keyboard: Keyboard, max_len: u32) -> usize {
    match keyboard {
        Keyboard::Mobile => 11,
        Keyboard::Date => 8,
        Keyboard::Month => 6,
        Keyboard::BankCard => 20,
        Keyboard::IdNumber if max_len == 0 => 18,
        _ => max_len as usize,
    }
}

fn stored_form(keyboard: Keyboard, kept: &str) -> String {
    match (keyboard, kept.len()) {
        (Keyboard::Date, 8) => format!("{}-{}-{}", &kept[..4], &kept[4..6], &kept[6..]),
        (Keyboard::Month, 6) => format!("{}-{}", &kept[..4], &kept[4..]),
        _ => kept.to_string(),
    }
}

fn grouped_by(digits: &str, sizes: &[usize]) -> String {
    let mut rest = digits;
    let mut out = String::new();
    for size in sizes {
        if rest.is_empty() {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        let (head, tail) = rest.split_at((*size).min(rest.len()));
        out.push_str(head);
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// A date as far as it is typed; a unit stands only before a further digit or at the end of the whole.
fn date(digits: &str, with_day: bool, english: bool) -> String {
    let part = |from: usize, to: usize| digits.get(from..to.min(digits.len())).unwrap_or("");
    let (year, month, day) = (part(0, 4), part(4, 6), part(6, 8));
    let units = if english { ["-", "-", ""] } else { ["年", "月", "日"] };
    let mut out = year.to_string();
    if !month.is_empty() {
        out.push_str(units[0]);
        out.push_str(month);
    }
    if with_day && !day.is_empty() {
        out.push_str(units[1]);
        out.push_str(day);
    }
    if with_day && day.len() == 2 {
        out.push_str(units[2]);
    } else if !with_day && month.len() == 2 && !english {
        out.push_str(units[1]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_date_written_otherwise_stays_whole() {
        let before = "2026年12月01日";
        assert_eq!(after_edit(Keyboard::Date, 0, (before, "2026-12-01"), false), before);
        assert_eq!(after_edit(Keyboard::Date, 0, (before, "20261201"), false), before);
        assert_eq!(after_edit(Keyboard::Date, 0, (before, "2026年12月01"), false), "2026年12月0");
        assert_eq!(after_edit(Keyboard::Date, 0, (before, "2026年1201日"), false), "2026年12月0");
    }

    fn typed(keyboard: Keyboard, keys: &str) -> String {
        let mut line = String::new();
        for key in keys.chars() {
            let mut now = line.clone();
            if key == '<' {
                now.pop();
            } else {
                now.push(key);
            }
            line = after_edit(keyboard, 0, (&line, &now), false);
        }
        line
    }

    #[test]
    fn a_mobile_number_is_grouped_as_it_is_typed() {
        assert_eq!(typed(Keyboard::Mobile, "1380013"), "138 0013");
        assert_eq!(typed(Keyboard::Mobile, "138001380009"), "138 0013 8000");
        assert_eq!(stored(Keyboard::Mobile, "138 0013 8000"), "13800138000");
    }

    #[test]
    fn a_date_grows_its_units_and_loses_them_again() {
        assert_eq!(typed(Keyboard::Date, "2026"), "2026");
        assert_eq!(typed(Keyboard::Date, "202611"), "2026年11");
        assert_eq!(typed(Keyboard::Date, "20261124"), "2026年11月24日");
        assert_eq!(typed(Keyboard::Date, "20261124<"), "2026年11月2");
        assert_eq!(typed(Keyboard::Date, "20261124<<"), "2026年11");
        assert_eq!(typed(Keyboard::Month, "202611"), "2026年11月");
        assert_eq!(typed(Keyboard::Month, "202611<"), "2026年1");
    }

    #[test]
    fn a_whole_date_is_stored_with_hyphens_and_shown_again() {
        assert_eq!(stored(Keyboard::Date, "2026年11月24日"), "2026-11-24");
        assert_eq!(shown(Keyboard::Date, "2026-11-24", false), "2026年11月24日");
        assert_eq!(shown(Keyboard::Date, "2026-11-24", true), "2026-11-24");
        assert_eq!(stored(Keyboard::Date, "2026-11-24"), "2026-11-24");
        assert_eq!(stored(Keyboard::Month, "2026年11月"), "2026-11");
    }

    #[test]
    fn an_identity_number_takes_a_small_x_and_full_width_figures() {
        assert_eq!(typed(Keyboard::IdNumber, "41１x"), "411X");
        assert_eq!(typed(Keyboard::Decimal, "1.5.2a"), "1.52");
    }
}
