//! The list of cases: filter in the address, 50 rows a page, newest first.
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::{CaseRow, words};
use crate::console::{Page, PageError, Role, Staff, moment};
use crate::server::Core;

const ROWS: i64 = 50;

/// What the address asks for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    state: String,
    dept: String,
    /// Any part of the submission number.
    number: String,
    page: i64,
}

/// `GET /cases`
pub(crate) async fn page(
    State(core): State<Arc<Core>>,
    staff: Staff,
    Query(filter): Query<Filter>,
) -> Result<Response, PageError> {
    staff.must_see("/cases")?;
    let cases = select(&core, &staff, &filter).await?;
    let now = core.clock.now_ms();
    let body = html! {
        (form(&core, &staff, &filter))
        div.scroll {
            table {
                thead { tr { th { "提交编号" } th { "事项" } th { "状态" } th { "部门" } th { "提交" } th { "收件" } th { "终端" } } }
                tbody { @for case in &cases { tr {
                    td { a href={ "/cases/" (case.case_id) } { (case.number) } }
                    td { (core.contents.item_name(&case.item_id)) }
                    td { (words::state(case)) @if case.duplicate_of.is_some() { div.warn { "! 可能重复" } } }
                    td { (case.dept_id.as_deref().and_then(|dept| core.contents.department_name(dept)).unwrap_or("—")) }
                    td { (moment(case.submitted_ms, now)) }
                    td { (moment(case.received_ms, now)) }
                    td { (case.terminal_no) " 号" }
                } } }
            }
            @if cases.is_empty() { p.empty { "没有符合条件的办件。终端提交后会出现在这里；也可以放宽上面的条件。" } }
        }
        (pages(&filter, cases.len()))
    };
    Ok(Page { staff: &staff, entry: "/cases", title: "办件", action: html! {}, body }.render())
}

async fn select(core: &Core, staff: &Staff, filter: &Filter) -> Result<Vec<CaseRow>, sqlx::Error> {
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let state = some(&filter.state);
    let dept =
        if staff.role == Role::Clerk { Some(staff.dept_id.clone().unwrap_or_default()) } else { some(&filter.dept) };
    let number = some(&filter.number);
    let skip = filter.page.clamp(0, 100_000) * ROWS;
    sqlx::query_as!(
        CaseRow,
        "select case_id as \"case_id!\", submission_id, number, terminal_no, item_id, item_version, form_version, content_seq, dept_id,
            state, reasons, submitted_ms, clock_quality, clock_start_ms, clock_start_by, received_ms, accepted_ms, accepted_by, case_no,
            duplicate_of
         from case_file
         where (?1 is null or state = ?1) and (?2 is null or dept_id = ?2) and (?3 is null or instr(number, ?3) > 0)
         order by received_ms desc, case_id desc limit ?4 offset ?5",
        state,
        dept,
        number,
        ROWS,
        skip
    )
    .fetch_all(core.db.read())
    .await
}

fn form(core: &Core, staff: &Staff, filter: &Filter) -> Markup {
    html! {
        form.bar method="get" action="/cases" {
            div { label for="number" { "提交编号" } input id="number" name="number" value=(filter.number) placeholder="后 9 位即可"; }
            div { label for="state" { "状态" } select id="state" name="state" {
                option value="" { "全部" }
                @for state in super::State::ALL {
                    option value=(state.key()) selected[filter.state == state.key()] { (words::of(state)) }
                }
            } }
            @if staff.role != Role::Clerk {
                div { label for="dept" { "部门" } select id="dept" name="dept" {
                    option value="" { "全部" }
                    @for (key, name) in core.contents.departments_with_items() {
                        option value=(key) selected[filter.dept == key] { (name) }
                    }
                } }
            }
            button.plain { "筛选" }
        }
    }
}

fn pages(filter: &Filter, shown: usize) -> Markup {
    let address =
        |page: i64| format!("/cases?state={}&dept={}&number={}&page={page}", filter.state, filter.dept, filter.number);
    html! {
        p {
            @if filter.page > 0 { a href=(address(filter.page - 1)) { "← 上一页" } " " }
            @if i64::try_from(shown) == Ok(ROWS) { a href=(address(filter.page + 1)) { "下一页 →" } }
        }
    }
}
