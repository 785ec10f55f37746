//! Where a case stands, for its citizen: found by card, by number and query code, or by the slip's token. Nothing
//! personal comes back. Wrong codes lock their source, never the case (protocol v1, section 4).
use std::sync::Arc;

use wire::api::{CaseProgress, CaseState};

use super::deemed::{answer_due, promise_due};
use super::{State, index};
use crate::documents;
use crate::limits::Wait;
use crate::server::Core;

/// More cases than this have no end that anybody reads.
const MOST: i64 = 50;
/// Cases with the same last nine characters: a collision or two, not a crowd.
const CANDIDATES: i64 = 8;

/// Number and code as typed, brought into shape.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Typed {
    last9: String,
    code: String,
}

/// Why nothing is shown.
pub(crate) enum Refused {
    Locked(Wait),
    /// No such number, or another code.
    Wrong {
        left: u32,
    },
    Failed,
}

impl Typed {
    /// Nine characters (the last may be X) and six digits; hyphens, spaces, full-width digits and a whole number are
    /// understood.
    pub(crate) fn parse(number: &str, code: &str) -> Option<Self> {
        let number: String = number.chars().filter_map(plain).collect();
        let code: String = code.chars().filter_map(plain).collect();
        if !number.is_ascii() {
            return None;
        }
        let last9 = number.get(number.len().checked_sub(9)?..)?.to_owned();
        let (digits, check) = last9.split_at(8);
        let is_number = digits.bytes().all(|b| b.is_ascii_digit())
            && check.bytes().all(|b| b.is_ascii_digit() || b == b'X')
            && matches!(number.len(), 9 | 23);
        let is_code = code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit());
        (is_number && is_code).then_some(Self { last9, code })
    }
}

/// ASCII without hyphens and spaces; anything else that cannot be a digit stays and makes the text wrong.
fn plain(c: char) -> Option<char> {
    match c {
        '-' | ' ' | '－' | '—' | '\u{3000}' => None,
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        'ｘ' | 'Ｘ' => Some('X'),
        c => Some(c.to_ascii_uppercase()),
    }
}

/// By what stands on the slip.
pub(crate) async fn by_number(core: &Arc<Core>, source: &str, typed: &Typed) -> Result<Vec<CaseProgress>, Refused> {
    let begun = core.tries.begin(source, core.clock.now_ms()).map_err(Refused::Locked)?;
    let found = matching(core, typed).await;
    if found.as_ref().is_ok_and(Vec::is_empty) {
        return Err(Refused::Wrong { left: begun.wrong() });
    }
    // Right, or the hall failed: neither is a wrong code.
    drop(begun);
    let mut cases = Vec::new();
    for case_id in found? {
        cases.extend(select(core, Key::Case(case_id)).await.map_err(failed)?);
    }
    Ok(cases)
}

/// The cases with this number and code.
async fn matching(core: &Arc<Core>, typed: &Typed) -> Result<Vec<i64>, Refused> {
    let rows = sqlx::query!(
        "select case_id as \"case_id!\", query_salt, query_hash from case_file
         where substr(replace(number, '-', ''), -9) = ? order by submitted_ms desc limit ?",
        typed.last9,
        CANDIDATES
    )
    .fetch_all(core.db.read())
    .await
    .map_err(failed)?;
    let candidates: Vec<_> = rows
        .into_iter()
        .filter_map(|row| Some((row.case_id, index::StoredCode { salt: row.query_salt?, hash: row.query_hash? })))
        .collect();
    let _turn = core.password_turns.acquire().await.map_err(|_| Refused::Failed)?;
    let (keys, code) = (core.keys(), typed.code.clone());
    tokio::task::spawn_blocking(move || {
        // An unknown number costs as much time as a wrong code.
        if candidates.is_empty() {
            let _ = index::of_query_code(&keys, &code);
        }
        let fits = |stored: &index::StoredCode| index::is_query_code(&keys, &code, stored);
        candidates.into_iter().filter(|(_, stored)| fits(stored)).map(|(case_id, _)| case_id).collect()
    })
    .await
    .map_err(|_| Refused::Failed)
}

/// By the slip's code.
pub(crate) async fn by_token(core: &Core, token: &str) -> Result<Option<CaseProgress>, sqlx::Error> {
    if token.len() != 32 || !token.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(None);
    }
    let hash = index::of_token(token.to_ascii_lowercase().as_bytes());
    Ok(select(core, Key::Token(hash)).await?.into_iter().next())
}

/// By the card on a terminal's reader.
pub(crate) async fn by_card(core: &Core, id_no: &str) -> Result<Vec<CaseProgress>, sqlx::Error> {
    match index::of_id_number(&core.keys(), id_no) {
        Some(hmac) => select(core, Key::Person(hmac)).await,
        None => Ok(Vec::new()),
    }
}

enum Key {
    Case(i64),
    Token(Vec<u8>),
    Person(Vec<u8>),
}

async fn select(core: &Core, key: Key) -> Result<Vec<CaseProgress>, sqlx::Error> {
    let (case, token, person) = match key {
        Key::Case(case_id) => (Some(case_id), None, None),
        Key::Token(hash) => (None, Some(hash), None),
        Key::Person(hmac) => (None, None, Some(hmac)),
    };
    let rows = sqlx::query!(
        "select c.case_id as \"case_id!\", c.number, c.item_id, c.dept_id, c.state, c.submitted_ms, c.received_ms, c.clock_start_ms, c.accepted_ms,
            c.accepted_by, c.case_no, s.at_ms as \"at_ms?\", s.notice as \"notice?\"
         from case_file c
         left join case_step s on s.step_id = (select max(step_id) from case_step where case_id = c.case_id)
         where (?1 is not null and c.case_id = ?1) or (?2 is not null and c.token_sha256 = ?2)
            or (?3 is not null and c.id_hmac = ?3)
         order by c.submitted_ms desc limit ?4",
        case,
        token,
        person,
        MOST
    )
    .fetch_all(core.db.read())
    .await?;
    let contents = &core.contents;
    let mut cases = Vec::with_capacity(rows.len());
    for row in rows {
        let due = match row.state {
            State::Received | State::NeedsClerk => Some(answer_due(core, row.clock_start_ms)),
            State::Accepted => promise_due(core, &row.item_id, row.accepted_ms),
            State::Correction | State::NotAccepted | State::Done => None,
        };
        cases.push(CaseProgress {
            documents: documents::waiting(core, row.case_id).await?,
            item_name: contents.item_name(&row.item_id).to_owned(),
            dept_name: row.dept_id.as_deref().and_then(|dept| contents.department_name(dept)).unwrap_or("").to_owned(),
            number: row.number,
            item_id: row.item_id,
            submitted_at_ms: row.submitted_ms,
            received_at_ms: row.received_ms,
            accepted_at_ms: row.accepted_ms,
            case_no: row.case_no,
            state: state_of(row.state, row.accepted_by.as_deref()),
            since_ms: row.at_ms.unwrap_or(row.received_ms),
            notice: row.notice.unwrap_or_default(),
            due: due.map(|due| due.day),
            due_estimated: due.is_some_and(|due| due.remark().is_some()),
        });
    }
    Ok(cases)
}

/// A case that a clerk must look at is, for its citizen, received and no more.
fn state_of(state: State, accepted_by: Option<&str>) -> CaseState {
    match state {
        State::Received | State::NeedsClerk => CaseState::Received,
        State::Correction => CaseState::CorrectionAsked,
        State::Accepted if accepted_by == Some("deemed") => CaseState::Deemed,
        State::Accepted => CaseState::Accepted,
        State::NotAccepted => CaseState::NotAccepted,
        State::Done => CaseState::Done,
    }
}

fn failed(error: sqlx::Error) -> Refused {
    tracing::error!(%error, "looking a case up failed");
    Refused::Failed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_understood() {
        let typed = Some(Typed { last9: "00700012X".into(), code: "482913".into() });
        for number in ["00700012X", "007-00012-x", "411681-20261123-007-00012-X", "００７ ０００１２ ｘ"] {
            assert_eq!(Typed::parse(number, "482 913"), typed, "{number}");
        }
        for (number, code) in [
            ("0070001", "482913"),
            ("0070X0123", "482913"),
            ("007000126", "48291"),
            ("中文中文中文中文中", "482913"),
            ("", ""),
        ] {
            assert_eq!(Typed::parse(number, code), None, "{number} {code}");
        }
    }
}
