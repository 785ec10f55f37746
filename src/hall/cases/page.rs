//! One case: what stands outside its sealed body, and the acts on it.
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};

use super::{CaseRow, deemed, documents, find, history, state, words};
use crate::clock::office_minute;
use crate::console::{Page, PageError, Staff, csrf_field};
use crate::server::Core;

/// `GET /cases/{id}`
pub(crate) async fn page(
    State(core): State<Arc<Core>>,
    staff: Staff,
    Path(case_id): Path<i64>,
) -> Result<Response, PageError> {
    let case = find(&core, case_id).await?;
    case.must_be_seen_by(&staff)?;
    Ok(render(&core, &staff, &case, html! {}).await?)
}

/// The case's page, with what was opened of it, if anything was.
pub(super) async fn render(
    core: &Core,
    staff: &Staff,
    case: &CaseRow,
    opened: Markup,
) -> Result<Response, sqlx::Error> {
    let may_work = case.must_be_work_of(staff).is_ok();
    let body = html! {
        (facts(core, case))
        (history::of(core, case.case_id).await?)
        @if may_work { (acts(staff, case)) (documents::of(core, staff, case).await?) }
        @else { p.quiet { "内容已加密保存，只有本事项部门的办件人员能打开。" } }
        (opened)
    };
    Ok(Page { staff, entry: "/cases", title: &case.number, action: html! {}, body }.render())
}

fn facts(core: &Core, case: &CaseRow) -> Markup {
    html! {
        @for code in case.reasons() { p.notice { "! " (words::reason(&code)) } }
        dl {
            dt { "状态" } dd { (words::state(case)) }
            dt { "事项" } dd { (core.contents.item_name(&case.item_id)) " " span.quiet { "版本 " (case.item_version) "，表单 " (case.form_version) } }
            dt { "部门" } dd { (case.dept_id.as_deref().and_then(|dept| core.contents.department_name(dept)).unwrap_or("—")) }
            dt { "提交" } dd { (office_minute(case.submitted_ms)) " " span.quiet { (case.terminal_no) " 号终端，" (words::quality_word(&case.clock_quality)) } }
            dt { "收件" } dd { (office_minute(case.received_ms)) }
            dt { "期限起算" } dd { (office_minute(case.clock_start_ms)) " " span.quiet { (words::clock_start(&case.clock_start_by)) } }
            dt { "受理期限" } dd { (acceptance_due(core, case)) }
            dt { "受理" } dd { (case.accepted_ms.map_or_else(|| "—".to_owned(), office_minute)) }
            dt { "办件编号" } dd { (case.case_no.as_deref().unwrap_or("受理时给出")) }
            @if let Some(other) = case.duplicate_of {
                dt { "可能重复" } dd { a href={ "/cases/" (other) } { "同一人同一天同一事项的另一件" } }
            }
            dt { "标识" } dd.mono { (case.submission_id) }
        }
    }
}

/// Five working days for asking, once and completely, for corrections (rules 7.1); counted anew at each look.
fn acceptance_due(core: &Core, case: &CaseRow) -> Markup {
    let due = deemed::answer_due(core, case.clock_start_ms);
    let waits = case.state.waits();
    let late = waits && deemed::is_over(core, case.clock_start_ms, core.clock.now_ms());
    html! {
        span class=[late.then_some("bad")] { @if late { "× " } (due.day) @if late { " 已过" } }
        @if let Some(remark) = due.remark() { " " span.quiet { (remark.zh) } }
        @if waits && deemed::is_licence(core, &case.item_id) {
            " " span.quiet { "到期未一次性告知补正的，自收到材料之日起视为受理" }
        }
    }
}

fn acts(staff: &Staff, case: &CaseRow) -> Markup {
    let (waits, open) = (case.state.waits(), case.state.is_undecided());
    let accepted = case.state == state::State::Accepted;
    html! {
        h2 { "查看内容" }
        form method="post" action={ "/cases/" (case.case_id) "/open" } {
            (csrf_field(staff))
            label for="reason" { "事由（会记入审计）" }
            input id="reason" name="reason" required minlength="2" maxlength="200" placeholder="例如：受理审查";
            " " button { "打开" }
        }
        @if open {
            h2 { "受理" }
            form method="post" action={ "/cases/" (case.case_id) "/step" } {
                (csrf_field(staff))
                p { "材料齐全、符合法定形式的，予以受理；承诺期限从受理时起算。" }
                button name="step" value="accept" { "受理" }
            }
        }
        @if waits {
            (with_notice(staff, case, Act { step: "correct", title: "告知补正", button: "告知补正",
                ask: "需要补正的全部内容（只能告知一次，申请人会看到；不要写姓名和证件号码）" }))
        }
        @if open {
            (with_notice(staff, case, Act { step: "refuse", title: "不予受理", button: "不予受理",
                ask: "理由和救济途径（申请人会看到；不要写姓名和证件号码）" }))
        }
        @if accepted {
            (with_notice(staff, case, Act { step: "finish", title: "办结", button: "办结",
                ask: "结果和领取方式（申请人会看到；不要写姓名和证件号码）" }))
        }
    }
}

struct Act {
    step: &'static str,
    title: &'static str,
    button: &'static str,
    ask: &'static str,
}

fn with_notice(staff: &Staff, case: &CaseRow, act: Act) -> Markup {
    let id = format!("notice-{}", act.step);
    html! {
        h2 { (act.title) }
        form method="post" action={ "/cases/" (case.case_id) "/step" } {
            (csrf_field(staff))
            label for=(id) { (act.ask) }
            textarea id=(id) name="notice" required maxlength=(super::steps::NOTICE_LIMIT) {}
            p { button.plain name="step" value=(act.step) { (act.button) } }
        }
    }
}
