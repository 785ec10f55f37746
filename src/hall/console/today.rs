//! The first page: red warnings, then figures, each a link to the rows that make it.
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::{Page, PageError, Staff};
use crate::backup::on_one_disk;
use crate::keys::recovery_on_disk;
use crate::server::Core;

/// `GET /`
pub(crate) async fn page(State(core): State<Arc<Core>>, staff: Staff) -> Result<Response, PageError> {
    let dept = staff.dept_id.clone();
    let counts = sqlx::query!(
        "select
            (select count(*) from case_file where state = 'received' and (?1 is null or dept_id = ?1)) as \"received!: i64\",
            (select count(*) from case_file where state = 'needs_clerk' and (?1 is null or dept_id = ?1)) as \"needs_clerk!: i64\",
            (select count(*) from case_file where state = 'accepted' and (?1 is null or dept_id = ?1)) as \"accepted!: i64\",
            (select count(*) from staff_call where answered_ms is null and closed_ms is null) as \"calls!: i64\",
            (select count(*) from alarm where closed_ms is null) as \"alarms!: i64\",
            (select count(*) from terminal) as \"terminals!: i64\"",
        dept
    )
    .fetch_one(core.db.read())
    .await?;
    let figures: Vec<Figure> = vec![
        ("/cases?state=received", "待受理", counts.received, "件", ""),
        ("/cases?state=needs_clerk", "需人工核对", counts.needs_clerk, "件", "warn"),
        ("/cases?state=accepted", "已受理", counts.accepted, "件", "good"),
        ("/calls", "未应答的呼叫", counts.calls, "个", "bad"),
        ("/alarms", "待处理的告警", counts.alarms, "条", "bad"),
        ("/terminals", "已登记的终端", counts.terminals, "台", ""),
    ];
    let body = html! {
        (warnings(&core))
        div.cards {
            @for (address, word, number, unit, tone) in figures {
                @if staff.role.sees(address.split('?').next().unwrap_or(address)) {
                    a.card href=(address) {
                        span.quiet { (word) }
                        strong class=[(number > 0 && !tone.is_empty()).then_some(tone)] { (number) " " (unit) }
                    }
                }
            }
        }
    };
    Ok(Page { staff: &staff, entry: "/", title: "今日", action: html! {}, body }.render())
}

/// What must not be overlooked, in red, on the first page and in the settings.
pub(super) fn warnings(core: &Core) -> Markup {
    let without_copy = core.config.backup.watermark_is_receipt;
    let no_medium = core.config.second_medium().is_none();
    html! {
        @if without_copy {
            p.red role="alert" { "× 大厅收件后终端即可删除，没有第二份副本（backup.watermark_is_receipt）。磁盘损坏会丢失申请。" }
        } @else if no_medium {
            p.red role="alert" { "× 没有配置第二块磁盘（backup.second_medium）：没有备份，终端会一直保留加密的申请。" }
        }
        @if on_one_disk(&core.config) {
            p.red role="alert" { "× 第二份副本与数据在同一块磁盘上：这块磁盘损坏时两份一起丢失。" }
        }
        @if recovery_on_disk(&core.config.data) {
            p.red role="alert" { "× 恢复密钥保存在本机磁盘上（" span.mono { "recovery" } "）。仅供演示：正式使用须离机保管。" }
        }
    }
}

/// Address, word, number, unit, tone.
type Figure = (&'static str, &'static str, i64, &'static str, &'static str);
