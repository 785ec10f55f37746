//! A person's age on a day.

use jiff::civil::Date;

/// Whole years on a day; the birthday counts.
#[must_use]
pub fn whole_years(birth: Date, day: Date) -> i64 {
    let had_birthday = (day.month(), day.day()) >= (birth.month(), birth.day());
    i64::from(day.year()) - i64::from(birth.year()) - i64::from(!had_birthday)
}
