//! The console's words for the states and marks of a case: word + sign + colour.
use maud::{Markup, html};
use wire::seal::ClockQuality;

use super::{CaseRow, State};

/// The word of a state.
pub(super) fn of(state: State) -> &'static str {
    match state {
        State::Received => "已收件，待受理",
        State::NeedsClerk => "需人工核对",
        State::Correction => "已告知补正",
        State::Accepted => "已受理",
        State::NotAccepted => "不予受理",
        State::Done => "已办结",
    }
}

pub(super) fn state(case: &CaseRow) -> Markup {
    let (deemed, word) = (case.accepted_by.as_deref() == Some("deemed"), of(case.state));
    match case.state {
        State::Received => html! { "○ " (word) },
        State::Accepted if deemed => html! { span.warn { "! 视为受理" } },
        State::NeedsClerk | State::Correction => html! { span.warn { "! " (word) } },
        State::Accepted | State::Done => html! { span.good { "✓ " (word) } },
        State::NotAccepted => html! { span.bad { "× " (word) } },
    }
}

/// The word of a state in a case's history.
pub(super) fn step(state: State, actor: &str) -> &'static str {
    match state {
        State::Correction => "告知补正",
        State::Accepted if actor == "hall" => "五个工作日内未告知补正，视为受理",
        State::Accepted => "受理",
        State::NotAccepted => "不予受理",
        State::Done => "办结",
        // No step leads there.
        State::Received | State::NeedsClerk => "—",
    }
}

/// Why a clerk must look, or what is only marked.
pub(super) fn reason(code: &str) -> &str {
    match code {
        "validation" => "按提交当日的规则核对，有项目不符合",
        "form_unknown" => "表单版本在本大厅没有记录",
        "not_opened" => "内容打不开（加密或格式有误）",
        "denied_terminal" => "来自已停用的终端",
        "sequence_repeated" => "终端序号与另一件重复，磁盘可能被复制过",
        "terminal_mismatch" => "申请写的终端与签名证书不一致",
        "number_repeated" => "提交编号与另一件相同",
        "possible_duplicate" => "同一人同一天同一事项已有一件，可能重复",
        "clock_uncertain" => "终端时钟不可信，期限从收件时间起算",
        other => other,
    }
}

pub(super) fn clock_start(by: &str) -> &str {
    match by {
        "submitted" => "提交时间",
        "corrected" => "按终端开机记录校正的提交时间",
        _ => "收件时间（终端时钟不可信）",
    }
}

/// How far the terminal's clock is believed.
pub(super) fn quality(quality: ClockQuality) -> &'static str {
    match quality {
        ClockQuality::Trusted => "trusted",
        ClockQuality::Correctable => "correctable",
        ClockQuality::Untrusted => "untrusted",
    }
}

/// What a clerk reads of it.
pub(super) fn quality_word(quality: &str) -> &str {
    match quality {
        "trusted" => "时钟可信",
        "correctable" => "时钟待校正",
        _ => "时钟不可信",
    }
}
