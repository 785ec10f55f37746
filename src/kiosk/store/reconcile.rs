//! After a hall was restored: everything held goes to it as a list, and its whole answer comes back into
//! one transaction with the new epoch. A crash before that COMMIT reconciles again.

use super::{
    AuditEvent, Receipt, Store, StoreError,
    outbox::{insert_receipt, newest_receipt},
};

/// One line of the list that goes to the hall: payloads and tombstones alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub kiosk_seq: u64,
    pub submission_id: String,
    pub number: String,
    pub body_sha256: Vec<u8>,
    /// False for a tombstone.
    pub has_payload: bool,
    pub receipt: Option<Receipt>,
}

/// The hall's answer, verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reconciled {
    pub hall_epoch: String,
    /// The hall has these: new receipts of the new epoch.
    pub held: Vec<(String, Receipt)>,
    /// The hall lacks these.
    pub send: Vec<String>,
}

/// What became of it here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reconciliation {
    pub held: u64,
    pub send: u64,
    /// Tombstones that no copy holds any more, as submission numbers: an alarm, never silence.
    pub lost: Vec<String>,
}

impl Store {
    /// All that a reconciliation lists, by `kiosk_seq`.
    pub async fn held(&self) -> Result<Vec<Held>, StoreError> {
        let mut conn = self.reader().await?;
        let rows = sqlx::query!(
            r#"select s.kiosk_seq, s.submission_id, s.number, s.body_sha256,
               exists (select 1 from envelope e where e.kiosk_seq = s.kiosk_seq) as "has_payload!: bool"
               from submission s order by s.kiosk_seq"#
        )
        .fetch_all(&mut *conn)
        .await?;
        let mut held = Vec::with_capacity(rows.len());
        for row in rows {
            let receipt = newest_receipt(&mut conn, row.kiosk_seq).await?;
            held.push(Held {
                kiosk_seq: row.kiosk_seq.unsigned_abs(),
                submission_id: row.submission_id,
                number: row.number,
                body_sha256: row.body_sha256,
                has_payload: row.has_payload,
                receipt,
            });
        }
        Ok(held)
    }

    /// Stores the answer: epoch, receipts and states in one transaction.
    pub async fn reconciled(&self, answer: Reconciled) -> Result<Reconciliation, StoreError> {
        let Reconciled { hall_epoch, held, send } = answer;
        let mut done = Reconciliation { held: held.len() as u64, ..Reconciliation::default() };
        let mut tx = self.begin().await?;
        // The old watermark counts server_seq of the old epoch.
        let hall =
            sqlx::query!("update hall set hall_epoch = ?, safe_through = 0", hall_epoch).execute(tx.conn()).await?;
        if hall.rows_affected() == 0 {
            tx.roll_back().await?;
            return Err(StoreError::NotEnrolled);
        }
        for (submission_id, receipt) in held {
            let known = sqlx::query_scalar!(
                "update submission set last_error = null,
                 state = case state when 'released' then 'released' when 'lost' then 'released' else 'receipted' end
                 where submission_id = ? returning kiosk_seq",
                submission_id
            )
            .fetch_optional(tx.conn())
            .await?;
            let Some(kiosk_seq) = known else { continue };
            insert_receipt(tx.conn(), kiosk_seq, receipt).await?;
        }
        for submission_id in send {
            // What the hall refused before may be what it lost: it is asked again.
            let again = sqlx::query!(
                "update submission set state = 'stored', attempts = 0, next_attempt_ms = 0
                 where submission_id = ? and state in ('stored', 'receipted', 'quarantined')",
                submission_id
            )
            .execute(tx.conn())
            .await?;
            done.send += again.rows_affected();
            let lost = sqlx::query_scalar!(
                "update submission set state = 'lost' where submission_id = ? and state in ('released', 'lost')
                 returning number",
                submission_id
            )
            .fetch_optional(tx.conn())
            .await?;
            done.lost.extend(lost);
        }
        let lost = done.lost.len() as u64;
        tx.audit(AuditEvent::Reconciled { hall_epoch, held: done.held, send: done.send, lost });
        tx.commit().await?;
        Ok(done)
    }
}
