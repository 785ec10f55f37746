//! One-time codes: 60 random bits in 12 characters, 24 hours, one use, five tries per terminal number.
//! The code is never sent and never stored; what is stored is the key derived from it.
use std::fmt;

use serde_json::json;
use wire::enrol::{self, Invitation};
use wire::ids::{Sha256, TerminalNo};
use zeroize::Zeroizing;

use crate::audit;
use crate::clock::latest_stamp;
use crate::keys::KeyError;
use crate::server::{Core, HallError};

const LIFE_MS: i64 = 24 * 3600 * 1000;
pub(super) const TRIES: i64 = 5;

/// A code as it is shown once.
pub struct EnrolmentCode {
    pub terminal_no: String,
    /// `XXXX-XXXX-XXXX`
    pub code: String,
    /// Address, hash of the hall's CA and code in one, for a QR picture.
    pub qr: String,
    pub expires_ms: i64,
}

impl fmt::Debug for EnrolmentCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "EnrolmentCode(terminal {})", self.terminal_no)
    }
}

/// Makes a code for a terminal. A number that stands for another place is refused.
pub(crate) async fn new_code(
    core: &Core,
    terminal_no: &TerminalNo,
    place: &str,
    actor: &str,
) -> Result<EnrolmentCode, HallError> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(KeyError::from)?;
    let code = enrol::new_code(random);
    let (typed, hall_id, number) = (code.clone(), core.hall_id, terminal_no.clone());
    // Argon2 would hold up every other request of this thread.
    let key = tokio::task::spawn_blocking(move || enrol::key(&typed, &hall_id, &number))
        .await
        .map_err(|_| HallError::Thread)?
        .map_err(|_| HallError::Thread)?;
    let (now, number) = (core.clock.now_ms(), terminal_no.to_string());
    let expires = now + LIFE_MS;
    let mut tx = core.db.begin().await?;
    claim_number(&mut tx, &number, place, now).await?;
    let mac_key = key.to_vec();
    sqlx::query!(
        "insert into enrolment_code (terminal_no, mac_key, created_ms, expires_ms, tries_left) values (?, ?, ?, ?, ?)",
        number,
        mac_key,
        now,
        expires,
        TRIES
    )
    .execute(&mut *tx)
    .await?;
    let latest = latest_stamp(now);
    sqlx::query!("update enrolment_code set mac_key = null where expires_ms < ? or created_ms > ?", now, latest)
        .execute(&mut *tx)
        .await?;
    let fields = json!({ "terminal": number });
    audit::write(&mut tx, audit::Entry { actor, event: "terminal.code", fields, at_ms: now }).await?;
    tx.commit().await?;
    let invitation = Invitation {
        address: core.terminal_address(),
        authority: Sha256(core.authority.sha256()),
        terminal_no: terminal_no.clone(),
        code: Zeroizing::new(code.clone()),
    };
    let qr = invitation.to_string();
    Ok(EnrolmentCode { terminal_no: number, code, qr, expires_ms: expires })
}

/// A terminal number is a place for ever.
async fn claim_number(
    tx: &mut sqlx::Transaction<'_, sqlx::Sqlite>,
    terminal_no: &str,
    place: &str,
    now_ms: i64,
) -> Result<(), HallError> {
    let unknown = sqlx::query!(
        "select count(*) as \"count!: i64\" from certificate where terminal_no = ? and state = 'unconfirmed'",
        terminal_no
    )
    .fetch_one(&mut **tx)
    .await?;
    if unknown.count > 0 {
        return Err(HallError::Refused(format!("{terminal_no} 号有待确认的证书，请先确认或停用")));
    }
    let row =
        sqlx::query!("select place from terminal where terminal_no = ?", terminal_no).fetch_optional(&mut **tx).await?;
    match row.map(|row| row.place) {
        Some(known) if !known.is_empty() && !place.is_empty() && known != place => {
            Err(HallError::Refused(format!("{terminal_no} 号已用于“{known}”，终端号不能改给别处")))
        }
        Some(known) if known.is_empty() && !place.is_empty() => {
            sqlx::query!("update terminal set place = ? where terminal_no = ?", place, terminal_no)
                .execute(&mut **tx)
                .await?;
            Ok(())
        }
        Some(_) => Ok(()),
        None => {
            sqlx::query!(
                "insert into terminal (terminal_no, place, created_ms) values (?, ?, ?)",
                terminal_no,
                place,
                now_ms
            )
            .execute(&mut **tx)
            .await?;
            Ok(())
        }
    }
}
