//! The wheels of a date or a month: what stands on them, and what a turn makes of it. Pure. Where nothing whole was
//! answered yet, they stand on today and nothing is answered until one is turned or its middle touched.

use crate::view::Keyboard;
use jiff::civil::Date;

/// Years that a wheel reaches.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2100;

/// One wheel: unit, the value before, in the middle, and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wheel {
    /// 年, 月, 日.
    pub unit: &'static str,
    /// Smaller by one.
    pub before: String,
    /// In the middle.
    pub now: String,
    /// Greater by one.
    pub after: String,
}

/// Whether a line has wheels.
pub fn has_wheels(keyboard: Keyboard) -> bool {
    matches!(keyboard, Keyboard::Date | Keyboard::Month)
}

/// Whether what is answered is a whole date, so that the wheels stand on it.
pub fn is_set(keyboard: Keyboard, stored: &str) -> bool {
    whole(keyboard, stored).is_some()
}

/// The wheels as they stand.
pub fn wheels(keyboard: Keyboard, stored: &str, today: Date, english: bool) -> Vec<Wheel> {
    let at = whole(keyboard, stored).unwrap_or(today);
    let units = if english { ["Year", "Month", "Day"] } else { ["年", "月", "日"] };
    let count = if keyboard == Keyboard::Month { 2 } else { 3 };
    (0..count)
        .map(|place| {
            let shown = |by: i32| part(turned(at, place, by), place).to_string();
            Wheel { unit: units[place], before: shown(-1), now: shown(0), after: shown(1) }
        })
        .collect()
}

/// What is answered after a wheel was turned by `by`.
pub fn after_turn(keyboard: Keyboard, stored: &str, today: Date, (place, by): (usize, i32)) -> String {
    let at = turned(whole(keyboard, stored).unwrap_or(today), place, by);
    match keyboard {
        Keyboard::Month => format!("{:04}-{:02}", at.year(), at.month()),
        _ => at.to_string(),
    }
}

fn whole(keyboard: Keyboard, stored: &str) -> Option<Date> {
    match keyboard {
        Keyboard::Month => format!("{stored}-01").parse().ok(),
        _ => stored.parse().ok(),
    }
}

fn part(date: Date, place: usize) -> i16 {
    match place {
        0 => date.year(),
        1 => i16::from(date.month()),
        _ => i16::from(date.day()),
    }
}

/// Months and days come round within their year and month; a day that the month lacks becomes its last.
fn turned(date: Date, place: usize, by: i32) -> Date {
    let round = |now: i8, count: i8| {
        i8::try_from((i32::from(now) - 1).saturating_add(by).rem_euclid(i32::from(count))).unwrap_or(0) + 1
    };
    let (mut year, mut month, mut day) = (date.year(), date.month(), date.day());
    match place {
        0 => {
            let wanted = i32::from(year).saturating_add(by);
            year = i16::try_from(wanted).unwrap_or(year).clamp(*YEARS.start(), *YEARS.end());
        }
        1 => month = round(month, 12),
        _ => day = round(day, date.days_in_month()),
    }
    let first = Date::new(year, month, 1).unwrap_or(date);
    Date::new(year, month, day.min(first.days_in_month())).unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 24);

    #[test]
    fn empty_wheels_stand_on_today_and_the_first_turn_answers() {
        let wheels = wheels(Keyboard::Date, "2026", TODAY, false);
        let middle: Vec<_> = wheels.iter().map(|wheel| format!("{}{}", wheel.now, wheel.unit)).collect();
        assert_eq!(middle, ["2026年", "11月", "24日"]);
        assert!(!is_set(Keyboard::Date, "2026") && is_set(Keyboard::Date, "2026-11-24"));
        assert_eq!(after_turn(Keyboard::Date, "", TODAY, (2, 0)), "2026-11-24");
        assert_eq!(after_turn(Keyboard::Date, "", TODAY, (0, -40)), "1986-11-24");
    }

    #[test]
    fn months_and_days_come_round_and_no_day_is_made_that_does_not_exist() {
        assert_eq!(after_turn(Keyboard::Date, "2026-12-31", TODAY, (1, 2)), "2026-02-28");
        assert_eq!(after_turn(Keyboard::Date, "2024-02-29", TODAY, (0, 1)), "2025-02-28");
        assert_eq!(after_turn(Keyboard::Date, "2026-11-30", TODAY, (2, 1)), "2026-11-01");
        assert_eq!(after_turn(Keyboard::Month, "2026-12", TODAY, (1, 1)), "2026-01");
        assert_eq!(after_turn(Keyboard::Month, "", TODAY, (0, 1)), "2027-11");
    }

    #[test]
    fn years_end_where_no_answer_can_be_right() {
        assert_eq!(after_turn(Keyboard::Date, "1900-01-01", TODAY, (0, -1)), "1900-01-01");
        assert_eq!(after_turn(Keyboard::Date, "2026-01-01", TODAY, (0, i32::MAX)), "2026-01-01");
    }
}
