//! Staff calls (找工作人员): which terminal, at which step, since when; answered with who comes and about when.
//! The list reads without JavaScript; the sound and the quiet refresh need it.
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Json;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Page, PageError, Staff, Token, csrf_field, moment};
use crate::audit;
use crate::server::Core;

const WAIT: Duration = Duration::from_secs(20);
const MINUTES: [i64; 4] = [1, 3, 5, 10];

struct Call {
    call_id: String,
    terminal_no: String,
    place: Option<String>,
    step: String,
    opened_ms: i64,
    answered_ms: Option<i64>,
    answered_by: Option<String>,
    minutes: Option<i64>,
    closed_ms: Option<i64>,
}

/// `GET /calls`
pub(crate) async fn page(State(core): State<Arc<Core>>, staff: Staff) -> Result<Response, PageError> {
    staff.must_see("/calls")?;
    let mark = *core.calls_changed.borrow();
    let calls = sqlx::query_as!(
        Call,
        "select c.call_id, c.terminal_no, t.place as \"place?\", c.step, c.opened_ms, c.answered_ms, c.answered_by, c.minutes,
            c.closed_ms
         from staff_call c left join terminal t on t.terminal_no = c.terminal_no
         order by c.closed_ms is not null, c.opened_ms desc limit 50"
    )
    .fetch_all(core.db.read())
    .await?;
    let open = calls.iter().filter(|call| call.answered_ms.is_none() && call.closed_ms.is_none()).count();
    let now = core.clock.now_ms();
    let action = html! { button type="button" data-bell hidden { "打开声音" } };
    let body = html! {
        div data-calls=(mark) data-open=(open) {
            div.scroll data-list {
                table {
                    thead { tr { th { "状态" } th { "终端" } th { "位置" } th { "办到哪一步" } th { "呼叫时间" } th {} } }
                    tbody { @for call in &calls { (row(call, &staff, now)) } }
                }
                @if calls.is_empty() { p.empty { "现在没有呼叫。有人在终端按“找工作人员”，这里会响铃。" } }
            }
        }
        noscript { p.quiet { "没有 JavaScript 时不会响铃，请刷新本页查看。" } }
    };
    Ok(Page { staff: &staff, entry: "/calls", title: "呼叫", action, body }.render())
}

/// What changed, for the page's sound.
#[derive(Serialize)]
pub(crate) struct Changes {
    mark: String,
    open: i64,
}

/// The state that the page knows.
#[derive(Deserialize)]
pub(crate) struct Known {
    known: String,
}

/// `GET /calls/changes?known=`: answers when something changed, or after 20 s.
pub(crate) async fn changes(
    State(core): State<Arc<Core>>,
    staff: Staff,
    Query(Known { known }): Query<Known>,
) -> Result<Json<Changes>, PageError> {
    staff.must_see("/calls")?;
    core.staff_listened_ms.store(core.clock.now_ms(), Ordering::Relaxed);
    let mut changed = core.calls_changed.subscribe();
    let _ = tokio::time::timeout(WAIT, changed.wait_for(|mark| mark.to_string() != known)).await;
    let mark = changed.borrow().to_string();
    let row = sqlx::query!(
        "select count(*) as \"open!: i64\" from staff_call where answered_ms is null and closed_ms is null"
    )
    .fetch_one(core.db.read())
    .await?;
    Ok(Json(Changes { mark, open: row.open }))
}

/// Who comes, and about when.
#[derive(Deserialize)]
pub(crate) struct Answer {
    csrf: String,
    minutes: i64,
}

/// `POST /calls/{id}/answer`
pub(crate) async fn answer(
    State(core): State<Arc<Core>>,
    staff: Staff,
    Path(call_id): Path<String>,
    Form(answer): Form<Answer>,
) -> Result<Response, PageError> {
    staff.check(&answer.csrf)?;
    staff.must_see("/calls")?;
    if !MINUTES.contains(&answer.minutes) {
        return Err(PageError::Wrong("请选几分钟后到"));
    }
    let now = core.clock.now_ms();
    let mut tx = core.db.begin().await?;
    sqlx::query!(
        "update staff_call set answered_ms = ?, answered_by = ?, minutes = ?
         where call_id = ? and answered_ms is null and closed_ms is null",
        now,
        staff.name,
        answer.minutes,
        call_id
    )
    .execute(&mut *tx)
    .await?;
    let fields = json!({ "call": call_id, "minutes": answer.minutes });
    audit::write(&mut tx, audit::Entry { actor: &staff.login, event: "call.answered", fields, at_ms: now }).await?;
    tx.commit().await?;
    core.calls_changed.send_modify(|mark| *mark += 1);
    Ok(Redirect::to("/calls").into_response())
}

/// `POST /calls/{id}/close`
pub(crate) async fn close(
    State(core): State<Arc<Core>>,
    staff: Staff,
    Path(call_id): Path<String>,
    Form(token): Form<Token>,
) -> Result<Response, PageError> {
    staff.check(&token.csrf)?;
    staff.must_see("/calls")?;
    let now = core.clock.now_ms();
    let mut tx = core.db.begin().await?;
    sqlx::query!("update staff_call set closed_ms = ? where call_id = ? and closed_ms is null", now, call_id)
        .execute(&mut *tx)
        .await?;
    let fields = json!({ "call": call_id });
    audit::write(&mut tx, audit::Entry { actor: &staff.login, event: "call.closed", fields, at_ms: now }).await?;
    tx.commit().await?;
    core.calls_changed.send_modify(|mark| *mark += 1);
    Ok(Redirect::to("/calls").into_response())
}

fn row(call: &Call, staff: &Staff, now: i64) -> Markup {
    let waiting = call.answered_ms.is_none() && call.closed_ms.is_none();
    html! {
        tr {
            td {
                @if call.closed_ms.is_some() { span.good { "✓ 已结束" } }
                @else if waiting { strong.bad { "× 等人去" } }
                @else { span.warn { "! " (call.answered_by.as_deref().unwrap_or_default()) " "
                    (call.minutes.unwrap_or_default()) " 分钟内到" } }
            }
            td { (call.terminal_no) " 号" }
            td { (call.place.as_deref().unwrap_or_default()) }
            td { (call.step) }
            td { (moment(call.opened_ms, now)) }
            td {
                @if waiting {
                    form.inline method="post" action={ "/calls/" (call.call_id) "/answer" } {
                        (csrf_field(staff))
                        @for minutes in MINUTES {
                            button name="minutes" value=(minutes) { (minutes) " 分钟到" } " "
                        }
                    }
                } @else if call.closed_ms.is_none() {
                    form.inline method="post" action={ "/calls/" (call.call_id) "/close" } {
                        (csrf_field(staff)) button.plain { "已办好" }
                    }
                }
            }
        }
    }
}
