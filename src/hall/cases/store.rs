//! A case as it is stored, in the transaction that gives the receipt.
use serde_json::json;
use sqlx::{Sqlite, Transaction};

use super::State;
use super::intake::CaseDraft;
use crate::alarm::{self, Alarm, Kind};
use crate::audit;
use crate::clock::{from_ms, office_date};
use crate::submissions::Envelope;

/// Makes the case of a submission; marks what only the database can see (repetitions, possible duplicates).
pub(crate) async fn store(
    tx: &mut Transaction<'_, Sqlite>,
    envelope: &Envelope,
    mut draft: CaseDraft,
    received_ms: i64,
) -> Result<(), sqlx::Error> {
    mark_repetitions(tx, envelope, &mut draft, received_ms).await?;
    let duplicate_of = possible_duplicate(tx, &draft).await?;
    if duplicate_of.is_some() {
        draft.marks.push("possible_duplicate");
    }
    let state = if draft.reasons.is_empty() { State::Received } else { State::NeedsClerk };
    let state = state.key();
    let codes: Vec<&str> = draft.reasons.iter().chain(&draft.marks).copied().collect();
    let reasons = json!(codes).to_string();
    sqlx::query!(
        "insert into case_file (submission_id, number, terminal_no, item_id, item_version, form_id, form_version,
            content_seq, dept_id, state, reasons, submitted_ms, clock_quality, clock_start_ms, clock_start_by, received_ms,
            id_hmac, query_salt, query_hash, token_sha256, duplicate_of)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        envelope.submission_id,
        envelope.number,
        envelope.terminal_no,
        draft.item_id,
        draft.item_version,
        draft.form_id,
        draft.form_version,
        draft.content_seq,
        draft.dept_id,
        state,
        reasons,
        draft.submitted_ms,
        draft.clock_quality,
        draft.clock_start_ms,
        draft.clock_start_by,
        received_ms,
        draft.id_hmac,
        draft.query_salt,
        draft.query_hash,
        draft.token_sha256,
        duplicate_of
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("update submission set received_ms = ? where submission_id = ?", received_ms, envelope.submission_id)
        .execute(&mut **tx)
        .await?;
    let actor = audit::terminal(&envelope.terminal_no);
    let fields = json!({ "submission": envelope.submission_id, "state": state });
    audit::write(tx, audit::Entry { actor: &actor, event: "submission.received", fields, at_ms: received_ms }).await
}

/// The same place in a terminal's sequence twice means a cloned disk; the same number twice only needs a mark.
async fn mark_repetitions(
    tx: &mut Transaction<'_, Sqlite>,
    envelope: &Envelope,
    draft: &mut CaseDraft,
    at_ms: i64,
) -> Result<(), sqlx::Error> {
    let row = sqlx::query!(
        "select
            exists (select 1 from submission where installation_id = ?1 and kiosk_seq = ?2 and terminal_no = ?3
                and submission_id <> ?4) as \"same_seq!: bool\",
            exists (select 1 from submission where number = ?5 and submission_id <> ?4) as \"same_number!: bool\"",
        envelope.installation_id,
        envelope.kiosk_seq,
        envelope.terminal_no,
        envelope.submission_id,
        envelope.number
    )
    .fetch_one(&mut **tx)
    .await?;
    if row.same_number {
        draft.marks.push("number_repeated");
    }
    if row.same_seq {
        draft.reasons.push("sequence_repeated");
        let alarm = Alarm { kind: Kind::SequenceRepeated, subject: &envelope.terminal_no, detail: "", at_ms };
        alarm::raise(tx, alarm).await?;
    }
    Ok(())
}

async fn possible_duplicate(tx: &mut Transaction<'_, Sqlite>, draft: &CaseDraft) -> Result<Option<i64>, sqlx::Error> {
    let Some(id_hmac) = &draft.id_hmac else { return Ok(None) };
    let earlier = sqlx::query!(
        "select case_id as \"case_id!\", clock_start_ms from case_file where id_hmac = ? and item_id = ? order by case_id",
        id_hmac,
        draft.item_id
    )
    .fetch_all(&mut **tx)
    .await?;
    let day = office_date(from_ms(draft.clock_start_ms));
    Ok(earlier.into_iter().find(|row| office_date(from_ms(row.clock_start_ms)) == day).map(|row| row.case_id))
}
