//! What became of a case, step by step: when, by whom, and what the citizen was told.
use maud::{Markup, html};

use super::words;
use crate::clock::office_minute;
use crate::server::Core;

/// The steps, oldest first; nothing while there are none.
pub(super) async fn of(core: &Core, case_id: i64) -> Result<Markup, sqlx::Error> {
    let steps =
        sqlx::query!("select state, at_ms, actor, notice from case_step where case_id = ? order by step_id", case_id)
            .fetch_all(core.db.read())
            .await?;
    Ok(html! {
        @if !steps.is_empty() {
            h2 { "经过" }
            div.scroll { table {
                thead { tr { th { "时间" } th { "步骤" } th { "经办" } th { "告知申请人的内容" } } }
                tbody { @for step in &steps { tr {
                    td { time { (office_minute(step.at_ms)) } }
                    td { (words::step(step.state, &step.actor)) }
                    td { @if step.actor == "hall" { "系统" } @else { (step.actor) } }
                    td.text { (step.notice) }
                } } }
            } }
        }
    })
}
