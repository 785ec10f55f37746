//! Where a case stands, on the citizen's own phone: by the slip's code, or by the last nine characters of the number
//! and the query code. Five wrong tries lock the phone's address for half an hour, not the case (rules 7.2).
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use wire::api::{CaseProgress, CaseState};

use super::layout::{Page, hall, locked, not_found, said};
use crate::cases::progress::{self, Typed};
use crate::clock::office_minute;
use crate::server::{Core, Peer};

/// `GET /`
pub(super) async fn form(State(core): State<Arc<Core>>) -> Response {
    asked(&core, &Fields::default(), html! {})
}

/// What was typed.
#[derive(Default, Deserialize)]
pub(super) struct Fields {
    number: String,
    code: String,
}

/// `POST /progress`
pub(super) async fn by_number(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    Form(fields): Form<Fields>,
) -> Response {
    let source = peer.source.unwrap_or_default().to_string();
    let Some(typed) = Typed::parse(&fields.number, &fields.code) else {
        let wrong = said(
            "× 请填提交编号的后 9 位和 6 位查询码，都印在凭条上。",
            "Enter the last 9 characters of the number and the 6-digit query code from your slip.",
        );
        return (StatusCode::UNPROCESSABLE_ENTITY, asked(&core, &fields, html! { div.bad role="alert" { (wrong) } }))
            .into_response();
    };
    match progress::by_number(&core, &source, &typed).await {
        Ok(cases) => shown(&core, &cases),
        Err(progress::Refused::Locked(wait)) => {
            let more = html! { p { "办件不受影响；现在就要查的，请带身份证到终端或窗口。" } };
            locked(wait, more, |message| asked(&core, &fields, message))
        }
        Err(progress::Refused::Wrong { left }) => {
            let wrong = html! { div.bad role="alert" {
                p { "× 没有查到。请核对编号和查询码，还可以试 " (left) " 次。" }
                p.en lang="en" { "Nothing found. Check number and code; " (left) " tries left." }
                p { "如果刚刚才提交、当时终端没有联网，办件可能还没有送到大厅。" }
            } };
            (StatusCode::NOT_FOUND, asked(&core, &fields, wrong)).into_response()
        }
        Err(progress::Refused::Failed) => failed(),
    }
}

/// `GET /s/{token}`: what the slip's code leads to.
pub(super) async fn by_token(State(core): State<Arc<Core>>, Path(token): Path<String>) -> Response {
    match progress::by_token(&core, &token).await {
        Ok(Some(case)) => shown(&core, &[case]),
        Ok(None) if token.len() == 32 => {
            let body = html! {
                (hall(&core, None))
                h1 { "还没有送到大厅" }
                (said(
                    "大厅还没有收到这份申请。如果提交时终端没有联网，它加密存在终端里，联网后会自动送达，请过些时候再看。",
                    "The hall does not have this submission yet. If the terminal was offline it will send it by itself; please look again later.",
                ))
            };
            (StatusCode::NOT_FOUND, Page { title: "办理进度", body }.render()).into_response()
        }
        Ok(None) => not_found(),
        Err(_) => failed(),
    }
}

fn asked(core: &Core, fields: &Fields, message: Markup) -> Response {
    let body = html! {
        (hall(core, None))
        h1 { "查办理进度" }
        p.en lang="en" { "Where your case stands" }
        (message)
        form.card method="post" action="/progress" autocomplete="off" {
            label for="number" { "提交编号的后 9 位" span.en lang="en" { "Last 9 characters of the number" } }
            input type="text" id="number" name="number" value=(fields.number) required maxlength="30" placeholder="007-00012-6";
            label for="code" { "6 位查询码" span.en lang="en" { "6-digit query code" } }
            input type="tel" id="code" name="code" required maxlength="10" placeholder="••••••";
            button { "查询 Look up" }
        }
        (said("编号和查询码印在凭条上。也可以凭身份证在任何一台终端查。",
              "Both are printed on your slip. With your card any terminal finds it, too."))
        p { a.button.plain href="/v" { "核验文书 Verify a paper" } }
    };
    Page { title: "查办理进度", body }.render()
}

fn failed() -> Response {
    let body = html! { h1 { "现在查不了" } (said("大厅系统暂时没有应答，请稍后再试。", "The hall does not answer now. Please try again later.")) };
    (StatusCode::SERVICE_UNAVAILABLE, Page { title: "现在查不了", body }.render()).into_response()
}

fn shown(core: &Core, cases: &[CaseProgress]) -> Response {
    let body = html! {
        (hall(core, None))
        h1 { "办理进度" }
        @for case in cases { (one(case)) }
        p { a.button.plain href="/" { "查另一件 Another case" } }
    };
    Page { title: "办理进度", body }.render()
}

fn one(case: &CaseProgress) -> Markup {
    let tone = match case.state {
        CaseState::Accepted | CaseState::Deemed | CaseState::Done => "good",
        CaseState::CorrectionAsked => "warn",
        CaseState::NotAccepted => "bad",
        CaseState::Received | CaseState::Unknown => "",
    };
    let (zh, en) = case.state.what_to_do();
    html! {
        div.card {
            p class={ "state " (tone) } { (case.state.zh()) }
            p.en lang="en" { (case.state.en()) }
            p { strong { (case.item_name) } }
            @if !case.notice.is_empty() { div.notice { (case.notice) } }
            (said(zh, en))
            @if !case.documents.is_empty() {
                p { "可打印的文书：凭身份证和取件码，在任一终端打印。" }
                p.en lang="en" { "Ready to print at any terminal with your card and this code:" }
                table { @for one in &case.documents { tr { th { (one.code) } td { (one.title) } } } }
            }
            table {
                tr { th { "提交编号" } td { (case.number) } }
                tr { th { "提交" } td { (office_minute(case.submitted_at_ms)) } }
                tr { th { "收件" } td { (office_minute(case.received_at_ms)) } }
                @if let Some(accepted) = case.accepted_at_ms { tr { th { "受理" } td { (office_minute(accepted)) } } }
                @if let Some(number) = &case.case_no { tr { th { "办件编号" } td { (number) } } }
                @if let Some(due) = case.due { tr {
                    th { @if case.accepted_at_ms.is_some() { "承诺办结" } @else { "最迟答复" } }
                    td { (due) @if case.due_estimated { "（按基本工作日估算）" } }
                } }
                @if !case.dept_name.is_empty() { tr { th { "承办部门" } td { (case.dept_name) } } }
            }
        }
    }
}
