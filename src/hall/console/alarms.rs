//! Alarms: what happened, what to do, since when, how often. An administrator closes what he has dealt with.
use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde_json::json;

use super::{Page, PageError, Role, Staff, Token, csrf_field, moment};
use crate::alarm::Kind;
use crate::audit;
use crate::server::Core;

/// Of those that are dealt with, the latest. Open ones are all shown: each is somebody's matter, and a cut list of lost
/// submissions would hide whom to ask.
const CLOSED_SHOWN: i64 = 50;

/// `GET /alarms`
pub(crate) async fn page(State(core): State<Arc<Core>>, staff: Staff) -> Result<Response, PageError> {
    staff.must_see("/alarms")?;
    let now = core.clock.now_ms();
    let rows = sqlx::query!(
        "select alarm_id as \"alarm_id!\", kind, subject, detail, raised_ms, last_ms, times, closed_ms, closed_by
         from alarm
         where closed_ms is null
            or alarm_id in (select alarm_id from alarm where closed_ms is not null order by last_ms desc limit ?)
         order by closed_ms is not null, last_ms desc",
        CLOSED_SHOWN
    )
    .fetch_all(core.db.read())
    .await?;
    let table = html! {
        div.scroll { table {
            thead { tr { th { "状态" } th { "发生了什么" } th { "对象" } th { "次数" } th { "最近" } th {} } }
            tbody {
                @for row in &rows {
                    tr {
                        td { @if row.closed_ms.is_some() { span.good { "✓ 已处理" } } @else { span.bad { "× 待处理" } } }
                        td { (words(&row.kind)) @if !row.detail.is_empty() { div.quiet.mono { (row.detail) } } }
                        td.mono { (row.subject) }
                        td { (row.times) }
                        td { (moment(row.last_ms, now)) }
                        td { @if row.closed_ms.is_none() && staff.role == Role::Administrator {
                            form.inline method="post" action={ "/alarms/" (row.alarm_id) "/close" } {
                                (csrf_field(&staff)) button.plain { "已处理" }
                            }
                        } @else if let Some(by) = &row.closed_by { span.quiet { (by) } } }
                    }
                }
            }
        } @if rows.is_empty() { p.empty { "没有告警。" } } }
    };
    Ok(Page { staff: &staff, entry: "/alarms", title: "告警", action: html! {}, body: table }.render())
}

/// `POST /alarms/{id}/close`
pub(crate) async fn close(
    State(core): State<Arc<Core>>,
    staff: Staff,
    Path(alarm_id): Path<i64>,
    Form(token): Form<Token>,
) -> Result<Response, PageError> {
    staff.check(&token.csrf)?;
    staff.must_be(Role::Administrator)?;
    let now = core.clock.now_ms();
    let mut tx = core.db.begin().await?;
    sqlx::query!(
        "update alarm set closed_ms = ?, closed_by = ? where alarm_id = ? and closed_ms is null",
        now,
        staff.login,
        alarm_id
    )
    .execute(&mut *tx)
    .await?;
    let fields = json!({ "alarm": alarm_id });
    audit::write(&mut tx, audit::Entry { actor: &staff.login, event: "alarm.closed", fields, at_ms: now }).await?;
    tx.commit().await?;
    Ok(Redirect::to("/alarms").into_response())
}

fn words(kind: &str) -> Markup {
    let (what, remedy) = match Kind::from_key(kind) {
        Some(kind) => kind.words(),
        None => (kind, ""),
    };
    html! { strong { (what) } div.quiet { (remedy) } }
}
