//! The print ledger. A slip is written down before the printer moves, so that after a crash in between it
//! reads "not certain" and not "never". Recording the outcome ends the recovery row, too.

use sqlx::sqlite::SqliteConnection;

use super::{AuditEvent, Store, StoreError, recovery};

/// How a print ended, as the printer's own status said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlipOutcome {
    Printed,
    NotPrinted,
    NotCertain,
}

impl Store {
    /// Writes down that a slip is about to be printed. Returns its number in the ledger.
    pub async fn slip_asked(&self, submission_id: Option<&str>) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let at_ms = self.now().at_ms;
        let slip_no = sqlx::query!(
            "insert into slip (kiosk_seq, asked_at_ms, state)
             values ((select kiosk_seq from submission where submission_id = ?), ?, 'asked')",
            submission_id,
            at_ms
        )
        .execute(tx.conn())
        .await?
        .last_insert_rowid()
        .unsigned_abs();
        tx.audit(AuditEvent::SlipAsked { slip_no });
        tx.commit().await?;
        Ok(slip_no)
    }

    /// Writes down how it ended. A printed slip erases the recovery row in the same transaction; otherwise
    /// the number is on the screen and the farewell erases it.
    pub async fn slip_ended(&self, slip_no: u64, outcome: SlipOutcome) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let (no, state) = (slip_no.cast_signed(), outcome.name());
        let row = sqlx::query!("update slip set state = ? where slip_no = ? returning kiosk_seq", state, no)
            .fetch_optional(tx.conn())
            .await?
            .ok_or(StoreError::Unknown)?;
        tx.audit(AuditEvent::SlipEnded { slip_no, outcome: state });
        let mut erased = 0;
        if let (SlipOutcome::Printed, Some(kiosk_seq)) = (outcome, row.kiosk_seq) {
            erased = recovery::erase_of(tx.conn(), kiosk_seq).await?;
            if erased > 0 {
                tx.audit(AuditEvent::RecoveryErased { reason: "slip" });
            }
        }
        tx.commit().await?;
        if erased > 0 {
            self.empty_log_after_erasing().await;
        }
        Ok(())
    }

    /// The last outcome for a submission's slip; none if none was asked for or it is still open.
    pub async fn slip_outcome(&self, submission_id: &str) -> Result<Option<SlipOutcome>, StoreError> {
        let mut conn = self.reader().await?;
        let state = sqlx::query_scalar!(
            "select state from slip
             where kiosk_seq = (select kiosk_seq from submission where submission_id = ?) order by slip_no desc limit 1",
            submission_id
        )
        .fetch_optional(&mut *conn)
        .await?;
        Ok(state.and_then(|state| {
            [SlipOutcome::Printed, SlipOutcome::NotPrinted, SlipOutcome::NotCertain]
                .into_iter()
                .find(|outcome| outcome.name() == state)
        }))
    }
}

impl SlipOutcome {
    /// As in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Printed => "printed",
            Self::NotPrinted => "not_printed",
            Self::NotCertain => "not_certain",
        }
    }
}

/// Slips that the last run left open: nobody knows.
pub(super) async fn settle_after_restart(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query!("update slip set state = 'not_certain' where state = 'asked'").execute(conn).await?;
    Ok(())
}
