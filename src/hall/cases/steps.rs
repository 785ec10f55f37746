//! What a clerk decides on a case from its page, each step with its notice to the citizen and audited: corrections
//! asked once and completely (补正), acceptance (受理), refusal to accept (不予受理), the end (办结). Acceptance by law
//! comes through here, too.
use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;
use sqlx::{Sqlite, Transaction};

use super::{CaseRow, deemed, find, state};
use crate::audit;
use crate::clock::{from_ms, office_date};
use crate::console::{PageError, Staff};
use crate::server::Core;

pub(super) const NOTICE_LIMIT: usize = 1000;
/// An identity number has 15 or 18 digits, a phone number 11: a notice names nobody.
const DIGITS_IN_A_ROW: usize = 11;

/// One step of a case.
pub(crate) enum Step {
    AskCorrection { notice: String },
    Accept,
    Deem { accepted_ms: i64 },
    NotAccept { notice: String },
    Finish { notice: String },
}

impl Step {
    /// Where it leads.
    fn state(&self) -> state::State {
        match self {
            Self::AskCorrection { .. } => state::State::Correction,
            Self::Accept | Self::Deem { .. } => state::State::Accepted,
            Self::NotAccept { .. } => state::State::NotAccepted,
            Self::Finish { .. } => state::State::Done,
        }
    }

    fn event(&self) -> &'static str {
        match self {
            Self::AskCorrection { .. } => "case.correction_asked",
            Self::Accept => "case.accepted",
            Self::Deem { .. } => "case.deemed_accepted",
            Self::NotAccept { .. } => "case.not_accepted",
            Self::Finish { .. } => "case.done",
        }
    }

    /// From which states it may be taken. Corrections are asked once: never from `correction`.
    fn follows(&self, from: state::State) -> bool {
        match self {
            Self::AskCorrection { .. } | Self::Deem { .. } => from.waits(),
            Self::Accept | Self::NotAccept { .. } => from.is_undecided(),
            Self::Finish { .. } => from == state::State::Accepted,
        }
    }

    fn notice(&self) -> &str {
        match self {
            Self::AskCorrection { notice } | Self::NotAccept { notice } | Self::Finish { notice } => notice,
            Self::Accept | Self::Deem { .. } => "",
        }
    }
}

/// Which step, and what the citizen is told.
#[derive(Deserialize)]
pub(crate) struct Decision {
    csrf: String,
    step: String,
    #[serde(default)]
    notice: String,
}

/// `POST /cases/{id}/step`
pub(crate) async fn decide(
    State(core): State<Arc<Core>>,
    staff: Staff,
    Path(case_id): Path<i64>,
    Form(form): Form<Decision>,
) -> Result<Response, PageError> {
    staff.check(&form.csrf)?;
    let case = find(&core, case_id).await?;
    case.must_be_work_of(&staff)?;
    let notice = || checked_notice(&form.notice);
    let step = match form.step.as_str() {
        "accept" => Step::Accept,
        "correct" => Step::AskCorrection { notice: notice()? },
        "refuse" => Step::NotAccept { notice: notice()? },
        "finish" => Step::Finish { notice: notice()? },
        _ => return Err(PageError::NotFound),
    };
    let mut tx = core.db.begin().await?;
    if in_time(&core, &mut tx, &case, &step).await? {
        take(&core, &mut tx, case_id, (&staff.login, step)).await?;
    }
    tx.commit().await?;
    core.backup_wanted.notify_one();
    Ok(Redirect::to(&format!("/cases/{case_id}")).into_response())
}

/// After the five days a licence application counts as accepted: neither corrections nor a refusal come too late
/// because nobody had looked yet. A clock that nobody can vouch for makes nothing late.
async fn in_time(
    core: &Core,
    tx: &mut Transaction<'_, Sqlite>,
    case: &CaseRow,
    step: &Step,
) -> Result<bool, PageError> {
    let now_ms = core.clock.now_ms();
    let too_late = matches!(step, Step::AskCorrection { .. } | Step::NotAccept { .. })
        && case.state.waits()
        && deemed::is_licence(core, &case.item_id)
        && deemed::is_over(core, case.clock_start_ms, now_ms)
        && !deemed::has_leapt(core, now_ms).await?;
    if too_late {
        deemed::accept(core, tx, (case.case_id, case.clock_start_ms)).await?;
    }
    Ok(!too_late)
}

/// Takes a step if the case is where it may be taken; a second press changes nothing and uses up no number.
pub(super) async fn take(
    core: &Core,
    tx: &mut Transaction<'_, Sqlite>,
    case_id: i64,
    (actor, step): (&str, Step),
) -> Result<bool, sqlx::Error> {
    let row = sqlx::query!("select state from case_file where case_id = ?", case_id).fetch_one(&mut **tx).await?;
    if !step.follows(row.state) {
        return Ok(false);
    }
    let (now, state) = (core.clock.now_ms(), step.state().key());
    sqlx::query!("update case_file set state = ? where case_id = ?", state, case_id).execute(&mut **tx).await?;
    let case_no = match step {
        Step::Accept => Some(number(tx, case_id, ("clerk", now)).await?),
        Step::Deem { accepted_ms } => Some(number(tx, case_id, ("deemed", accepted_ms)).await?),
        _ => None,
    };
    let notice = step.notice();
    sqlx::query!(
        "insert into case_step (case_id, state, at_ms, actor, notice) values (?, ?, ?, ?, ?)",
        case_id,
        state,
        now,
        actor,
        notice
    )
    .execute(&mut **tx)
    .await?;
    let fields = json!({ "case": case_id, "case_no": case_no, "notice": notice });
    audit::write(tx, audit::Entry { actor, event: step.event(), fields, at_ms: now }).await?;
    Ok(true)
}

/// 办件编号, given at acceptance, with the time from which limits count.
async fn number(
    tx: &mut Transaction<'_, Sqlite>,
    case_id: i64,
    (by, accepted_ms): (&str, i64),
) -> Result<String, sqlx::Error> {
    let row = sqlx::query!(
        "update hall set next_case_serial = next_case_serial + 1 where id = 1 returning next_case_serial - 1 as \"serial!: i64\""
    )
    .fetch_one(&mut **tx)
    .await?;
    let day = office_date(from_ms(accepted_ms)).strftime("%Y%m%d");
    let case_no = format!("{day}-{:06}", row.serial);
    sqlx::query!(
        "update case_file set accepted_ms = ?, accepted_by = ?, case_no = ? where case_id = ?",
        accepted_ms,
        by,
        case_no,
        case_id
    )
    .execute(&mut **tx)
    .await?;
    Ok(case_no)
}

/// What a citizen reads on his phone and at any terminal: said at all, not endless, naming nobody.
fn checked_notice(text: &str) -> Result<String, PageError> {
    let text = text.trim().replace("\r\n", "\n");
    if text.is_empty() {
        return Err(PageError::Wrong("请写明要告知申请人的内容"));
    }
    if text.chars().count() > NOTICE_LIMIT {
        return Err(PageError::Wrong("告知内容请写在 1000 字以内"));
    }
    let mut row = 0;
    for c in text.chars() {
        row = match c {
            '0'..='9' => row + 1,
            ' ' => row,
            _ => 0,
        };
        if row >= DIGITS_IN_A_ROW {
            return Err(PageError::Wrong("告知内容里不要写证件号码、电话等长号码"));
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::state::State;
    use super::*;

    #[test]
    fn a_notice_says_something_and_names_nobody() {
        assert!(checked_notice("请补交：1. 房屋租赁合同（2026-11-20 以后签的）；\r\n2. 照片").is_ok());
        for wrong in ["  ", "419999198503120111", "电话 138 0000 1234", &"长".repeat(NOTICE_LIMIT + 1)] {
            assert!(checked_notice(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn corrections_are_asked_once_and_an_end_comes_after_acceptance() {
        let ask = Step::AskCorrection { notice: String::new() };
        assert!(ask.follows(State::Received) && !ask.follows(State::Correction) && !ask.follows(State::Accepted));
        let finish = Step::Finish { notice: String::new() };
        assert!(finish.follows(State::Accepted) && !finish.follows(State::Received) && !finish.follows(State::Done));
        assert!(Step::Accept.follows(State::Correction) && !Step::Accept.follows(State::NotAccepted));
        let deem = Step::Deem { accepted_ms: 0 };
        assert!(!deem.follows(State::Correction) && !deem.follows(State::Accepted));
    }
}
