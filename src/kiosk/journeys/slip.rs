//! Numbers, dates, code and slip state as slip and outcome page show them.

use crate::session::{Moment, PrintProblem, PrintResult, Stored, Surroundings};
use crate::view::{Outcome, QrCode, Slip};
use jiff::civil::{Date, Weekday};
use std::sync::Arc;
use wire::catalogue::Text;
use wire::number::slip_code;

/// A print result as the page says it: what happened, and what can be done without a slip and about it.
fn state(printed: Option<&PrintResult>, around: &Surroundings) -> Slip {
    let problem = match printed {
        None => return Slip::Printing,
        Some(PrintResult::Printed) => return Slip::Printed,
        Some(PrintResult::NotCertain) => return Slip::NotCertain,
        Some(PrintResult::NotPrinted(problem)) => problem,
    };
    let (zh, en) = match problem {
        PrintProblem::PaperOut => (
            "凭条纸用完了，请记下编号或扫码带走；加纸后可再打一张",
            "Out of slip paper. Note the number or scan the code; once it is refilled, print again",
        ),
        PrintProblem::CoverOpen => (
            "凭条打印机的盖子开着，请记下编号或扫码带走；盖好后可再打一张",
            "The slip printer is open. Note the number or scan the code; once it is closed, print again",
        ),
        PrintProblem::Jammed => (
            "凭条打印机卡纸了，请记下编号或扫码带走；修好后可再打一张",
            "The slip printer is jammed. Note the number or scan the code; once it is cleared, print again",
        ),
        PrintProblem::NoAnswer => (
            "凭条打印机没有应答，请记下编号或扫码带走；过一会儿可再打一张",
            "The slip printer does not answer. Note the number or scan the code; you may print again later",
        ),
    };
    Slip::NotPrinted(around.say(zh, en))
}

/// A day: "2026年11月23日(周一)", "23 November 2026".
#[must_use]
pub fn day(date: Date) -> Text {
    let weekday = match date.weekday() {
        Weekday::Monday => "一",
        Weekday::Tuesday => "二",
        Weekday::Wednesday => "三",
        Weekday::Thursday => "四",
        Weekday::Friday => "五",
        Weekday::Saturday => "六",
        Weekday::Sunday => "日",
    };
    let zh = format!("{}年{}月{}日(周{weekday})", date.year(), date.month(), date.day());
    Text { zh, en: date.strftime("%-d %B %Y").to_string() }
}

/// A day and its time: "2026年11月23日(周一) 10:42", "23 November 2026, 10:42".
#[must_use]
pub fn minute(at: Moment) -> Text {
    let (day, time) = (day(at.date), format!("{:02}:{:02}", at.time.hour(), at.time.minute()));
    Text { zh: format!("{} {time}", day.zh), en: format!("{}, {time}", day.en) }
}

/// The outcome page's numbers, code and slip (`None`: it is being printed); `next` and `not_here` are the journey's.
pub(super) fn outcome(
    stored: &Stored,
    delivered: bool,
    printed: Option<&PrintResult>,
    around: &Surroundings,
) -> Outcome {
    let (small, large) = groups(&stored.number);
    Outcome {
        delivered,
        number_small: small,
        number_large: large,
        query_code: stored.query_code.clone(),
        slip: state(printed, around),
        qr: qr(&lookup_text(stored, around.public_url.as_deref())),
        next: vec![around.say(
            "凭身份证，或提交编号后 9 位加查询码，可在任何一台终端和窗口查到这份申请。",
            "With your card, or the last 9 characters of the number and the query code, any terminal or window finds it.",
        )],
        not_here: String::new(),
    }
}

/// What the QR code of a slip holds: where phones reach the hall, its page for this submission; else number and
/// lookup token, which terminals understand.
#[must_use]
pub fn lookup_text(stored: &Stored, public_url: Option<&str>) -> String {
    slip_code(public_url, &stored.number, &stored.lookup_token)
}

/// 提交编号 in its two groups: division and date; terminal, serial and check.
#[must_use]
pub fn groups(number: &str) -> (String, String) {
    let mut parts = number.splitn(3, '-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(division), Some(date), Some(rest)) => (format!("{division}-{date}"), rest.to_owned()),
        _ => (String::new(), number.to_owned()),
    }
}

/// A QR code; empty if the text is too long for one, which callers prevent.
#[must_use]
pub fn qr(text: &str) -> QrCode {
    match crate::qr::of_text(text) {
        Some(code) => QrCode {
            size: code.width(),
            modules: Arc::new(code.to_colors().into_iter().map(|c| c == qrcode::Color::Dark).collect()),
        },
        None => QrCode { size: 0, modules: Arc::new(Vec::new()) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    #[test]
    fn a_date_is_written_with_its_weekday_and_in_english_with_the_name_of_its_month() {
        assert_eq!(day(date(2026, 11, 23)), Text::new("2026年11月23日(周一)", "23 November 2026"));
        assert_eq!(day(date(2027, 2, 7)), Text::new("2027年2月7日(周日)", "7 February 2027"));
    }

    #[test]
    fn a_time_has_24_hours_and_two_digits_each() {
        let at = |hour, minute| super::minute(Moment { date: date(2026, 11, 23), time: time(hour, minute, 59, 0) });
        assert_eq!(at(10, 42), Text::new("2026年11月23日(周一) 10:42", "23 November 2026, 10:42"));
        assert_eq!(at(0, 5).zh, "2026年11月23日(周一) 00:05");
        assert_eq!(at(20, 0).en, "23 November 2026, 20:00");
    }
}
