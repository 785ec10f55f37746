//! The hall's own state: identity and epoch, keys, copies on the second medium, head of the audit chain.
use std::sync::Arc;

use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;

use super::today::warnings;
use super::{Page, PageError, Role, Staff, Token, csrf_field, keys, moment};
use crate::keys::hex;
use crate::server::Core;
use crate::{audit, backup};

/// `GET /settings`
pub(crate) async fn page(State(core): State<Arc<Core>>, staff: Staff) -> Result<Response, PageError> {
    staff.must_see("/settings")?;
    let now = core.clock.now_ms();
    let hall = sqlx::query!("select hall_epoch, safe_through, next_server_seq, list_seq from hall where id = 1")
        .fetch_one(core.db.read())
        .await?;
    let copies = sqlx::query!(
        "select file_name, through_seq, made_ms, verified_ms, failure from backup_generation
         order by generation_id desc limit 10"
    )
    .fetch_all(core.db.read())
    .await?;
    let mut reader = core.db.read().acquire().await?;
    let broken = audit::first_break(&mut reader).await?;
    let administrator = staff.role == Role::Administrator;
    let body = html! {
        (warnings(&core))
        dl {
            dt { "大厅编号" } dd.mono { (core.hall_id) }
            dt { "根证书指纹" } dd.mono { (hex(&core.authority.sha256())) }
            dt { "纪元" } dd.mono { (hall.hall_epoch) }
            dt { "已收件序号" } dd { (hall.next_server_seq - 1) }
            dt { "已有核验副本到" } dd { (hall.safe_through) }
            dt { "密钥清单版本" } dd { (hall.list_seq) }
            dt { "审计链" } dd { @match broken {
                None => span.good { "✓ 完整" },
                Some(seq) => span.bad { "× 第 " (seq) " 条起被改动" },
            } }
        }
        h2 { "备份" }
        @if administrator {
            form.bar method="post" action="/settings/backup" { (csrf_field(&staff)) button.plain { "立即备份" } }
        }
        div.scroll { table {
            thead { tr { th { "结果" } th { "文件" } th { "到序号" } th { "时间" } } }
            tbody { @for copy in &copies { tr {
                td { @if copy.verified_ms.is_some() { span.good { "✓ 已核验" } }
                     @else { span.bad { "× " (copy.failure.as_deref().unwrap_or("未完成")) } } }
                td.mono { (copy.file_name) } td { (copy.through_seq) } td { (moment(copy.made_ms, now)) }
            } } }
        } @if copies.is_empty() { p.empty { "还没有备份。" } } }
        (keys::section(&core, &staff).await?)
    };
    Ok(Page { staff: &staff, entry: "/settings", title: "设置", action: html! {}, body }.render())
}

/// `POST /settings/backup`; a failure stands in the list below the button.
pub(crate) async fn backup_now(
    State(core): State<Arc<Core>>,
    staff: Staff,
    Form(token): Form<Token>,
) -> Result<Response, PageError> {
    staff.check(&token.csrf)?;
    staff.must_be(Role::Administrator)?;
    match backup::run(&core).await {
        Err(backup::BackupError::NoMedium) => Err(PageError::Wrong("没有配置第二块磁盘（backup.second_medium）")),
        _ => Ok(Redirect::to("/settings").into_response()),
    }
}
