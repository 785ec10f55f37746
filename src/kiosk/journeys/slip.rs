//! Numbers, code and slip state as the outcome page shows them.

use crate::session::{PrintProblem, PrintResult, Stored, Surroundings};
use crate::view::{Outcome, QrCode, Slip};
use std::sync::Arc;
use wire::number::slip_code;

/// A print result as the page says it; `say(zh, en)` picks the language.
pub(super) fn state(result: &PrintResult, say: &dyn Fn(&str, &str) -> String) -> Slip {
    match result {
        PrintResult::Printed => Slip::Printed,
        PrintResult::NotCertain => Slip::NotCertain,
        PrintResult::NotPrinted(problem) => Slip::NotPrinted(match problem {
            PrintProblem::PaperOut => say("凭条纸用完了", "The slip paper has run out"),
            PrintProblem::CoverOpen => say("凭条打印机的盖子开着", "The slip printer's cover is open"),
            PrintProblem::Jammed => say("凭条打印机卡纸了", "The slip printer is jammed"),
            PrintProblem::NoAnswer => say("凭条打印机没有应答", "The slip printer does not answer"),
        }),
    }
}

/// The outcome page's numbers and code; `next` and `not_here` are the journey's.
pub(super) fn outcome(stored: &Stored, delivered: bool, slip: Slip, around: &Surroundings) -> Outcome {
    let (small, large) = groups(&stored.number);
    Outcome {
        delivered,
        number_small: small,
        number_large: large,
        query_code: stored.query_code.clone(),
        slip,
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
    match qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::M) {
        Ok(code) => QrCode {
            size: code.width(),
            modules: Arc::new(code.to_colors().into_iter().map(|c| c == qrcode::Color::Dark).collect()),
        },
        Err(_) => QrCode { size: 0, modules: Arc::new(Vec::new()) },
    }
}
