//! The console's words for the states and marks of a case: word + sign + colour.
use maud::{Markup, html};
use wire::seal::ClockQuality;

use super::CaseRow;

pub(super) const STATES: [(&str, &str); 6] = [
    ("received", "已收件，待受理"),
    ("needs_clerk", "需人工核对"),
    ("correction", "已告知补正"),
    ("accepted", "已受理"),
    ("not_accepted", "不予受理"),
    ("done", "已办结"),
];

pub(super) fn state(case: &CaseRow) -> Markup {
    let deemed = case.accepted_by.as_deref() == Some("deemed");
    match case.state.as_str() {
        "accepted" if deemed => html! { span.warn { "! 视为受理" } },
        "accepted" => html! { span.good { "✓ 已受理" } },
        "needs_clerk" => html! { span.warn { "! 需人工核对" } },
        "correction" => html! { span.warn { "! 已告知补正" } },
        "not_accepted" => html! { span.bad { "× 不予受理" } },
        "done" => html! { span.good { "✓ 已办结" } },
        _ => html! { "○ 已收件，待受理" },
    }
}

/// The word of a state in a case's history.
pub(super) fn step(state: &str, actor: &str) -> &'static str {
    match state {
        "correction" => "告知补正",
        "accepted" if actor == "hall" => "五个工作日内未告知补正，视为受理",
        "accepted" => "受理",
        "not_accepted" => "不予受理",
        "done" => "办结",
        _ => "—",
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
