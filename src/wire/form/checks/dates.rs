//! Days against today, against another day, and working days.

use jiff::ToSpan;
use jiff::civil::Date;

use super::super::{Context, Validator};
use crate::catalogue::Text;
use crate::expr::days;

pub(super) fn check(validator: &Validator, day: Date, ctx: &Context<'_>) -> Option<Text> {
    let today = ctx.today;
    match validator {
        Validator::DatePast if day > today => {
            Some(Text::new("不能晚于今天，请核对日期", "This cannot be later than today; please check the date"))
        }
        Validator::DateGeToday if day < today => Some(Text::new(
            "不能早于今天，请选今天或以后的日期",
            "This cannot be earlier than today; please choose today or later",
        )),
        Validator::DateWithin(from, to) if !(*from..=*to).contains(&days(today, day)) => {
            Some(between(moved(today, *from)?, moved(today, *to)?))
        }
        Validator::DateWithinPast(n) if days(day, today) > *n => {
            let earliest = moved(today, -n)?;
            Some(Text {
                zh: format!("不能早于 {}，请核对日期", words(earliest)),
                en: format!("This cannot be earlier than {earliest}; please check the date"),
            })
        }
        Validator::MonthsAgoMin(n) => months_ago(day, *n, today),
        Validator::Workday if !ctx.calendar.is_working_day(day) => {
            let next = ctx.calendar.at_or_after(day);
            let remark = next.remark().map_or_else(Text::default, |remark| Text {
                zh: format!("({})", remark.zh),
                en: format!(" ({})", remark.en),
            });
            Some(Text {
                zh: format!("这一天不上班，之后最近的工作日是 {}{}", words(next.day), remark.zh),
                en: format!("The hall is closed on this day; the next working day is {}{}", next.day, remark.en),
            })
        }
        _ => None,
    }
}

pub(super) fn after(day: Date, other: Date, label: Text) -> Option<Text> {
    if day > other {
        return None;
    }
    Some(Text {
        zh: format!("须晚于“{}”，请修改", label.zh),
        en: format!("This must be later than: {}. Please change it", label.en),
    })
}

fn months_ago(day: Date, months: i32, today: Date) -> Option<Text> {
    let full = day.checked_add(months.months()).ok()?;
    if full <= today {
        return None;
    }
    Some(Text {
        zh: format!("到今天须满 {months} 个月，满期日是 {}；未满的请到期后再来", words(full)),
        en: format!("{months} months must have passed; that will be on {full}. Please come again then"),
    })
}

fn between(from: Date, to: Date) -> Text {
    Text {
        zh: format!("请选 {} 至 {} 之间的日期", words(from), words(to)),
        en: format!("Please choose a date from {from} to {to}"),
    }
}

fn moved(day: Date, by: i64) -> Option<Date> {
    day.checked_add(by.days()).ok()
}

fn words(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}
