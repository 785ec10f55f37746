//! Acceptance (受理): a clerk's decision; it gives the case its number and the time from which limits count.
use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::find;
use crate::audit;
use crate::clock::{from_ms, office_date};
use crate::console::{PageError, Staff, Token};
use crate::server::Core;

/// `POST /cases/{id}/accept`
pub(crate) async fn accept(
    State(core): State<Arc<Core>>,
    staff: Staff,
    Path(case_id): Path<i64>,
    Form(token): Form<Token>,
) -> Result<Response, PageError> {
    staff.check(&token.csrf)?;
    find(&core, case_id).await?.must_be_work_of(&staff)?;
    let now = core.clock.now_ms();
    let mut tx = core.db.begin().await?;
    let waiting = sqlx::query!("select case_id from case_file where case_id = ? and accepted_ms is null", case_id)
        .fetch_optional(&mut *tx)
        .await?;
    // A second press finds it accepted already: nothing to do, and no number is used up.
    if waiting.is_some() {
        let row = sqlx::query!(
            "update hall set next_case_serial = next_case_serial + 1 where id = 1 returning next_case_serial - 1 as \"serial!: i64\""
        )
        .fetch_one(&mut *tx)
        .await?;
        let day = office_date(from_ms(now)).strftime("%Y%m%d");
        let case_no = format!("{day}-{:06}", row.serial);
        sqlx::query!(
            "update case_file set state = 'accepted', accepted_ms = ?, case_no = ? where case_id = ?",
            now,
            case_no,
            case_id
        )
        .execute(&mut *tx)
        .await?;
        let fields = json!({ "case": case_id, "case_no": case_no });
        audit::write(&mut tx, audit::Entry { actor: &staff.login, event: "case.accepted", fields, at_ms: now }).await?;
    }
    tx.commit().await?;
    core.backup_wanted.notify_one();
    Ok(Redirect::to(&format!("/cases/{case_id}")).into_response())
}
