//! Letting go: payloads under a hall-signed `safe_through`, tombstones after 90 distinct days with a
//! verified heartbeat. Nothing goes in an epoch that was not reconciled.

use super::{AuditEvent, Store, StoreError, outbox::chunk_numbers};

/// Tombstones stay for this many distinct days.
const TOMBSTONE_DAYS: i64 = 90;

/// What an erasure did. It is committed; the log may still hold old pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Erased {
    pub count: u64,
    /// False is a fault for the technician, tried again by [`Store::empty_log`].
    pub log_emptied: bool,
}

impl Store {
    /// Erases the payload of each submission whose receipt of this epoch the watermark covers, in one
    /// transaction, and empties the log. The caller has verified the hall's signature.
    ///
    /// Those of `wanted` stay: the hall asks for them again although its watermark has passed them, so that the ones
    /// here may be the last. A later call lets them go.
    pub async fn release(&self, hall_epoch: &str, safe_through: u64, wanted: &[String]) -> Result<Erased, StoreError> {
        let mut tx = self.begin().await?;
        let hall = sqlx::query!("select hall_epoch, safe_through from hall").fetch_optional(tx.conn()).await?;
        let hall = hall.ok_or(StoreError::NotEnrolled)?;
        if hall.hall_epoch != hall_epoch {
            tx.roll_back().await?;
            return Err(StoreError::NotReconciled);
        }
        let through = safe_through.cast_signed().max(hall.safe_through);
        let covered = sqlx::query!(
            "select s.kiosk_seq, s.submission_id from submission s
             join receipt r on r.kiosk_seq = s.kiosk_seq and r.hall_epoch = ?
             where s.state = 'receipted' and r.server_seq <= ?",
            hall_epoch,
            through
        )
        .fetch_all(tx.conn())
        .await?;
        let going = covered.into_iter().filter(|row| !wanted.contains(&row.submission_id));
        let going: Vec<i64> = going.map(|row| row.kiosk_seq).collect();
        if going.is_empty() && through == hall.safe_through {
            tx.roll_back().await?;
            return Ok(Erased { count: 0, log_emptied: !self.log_owed() });
        }
        sqlx::query!("update hall set safe_through = ?", through).execute(tx.conn()).await?;
        for kiosk_seq in &going {
            let (first, last) = chunk_numbers(*kiosk_seq);
            sqlx::query!("delete from chunk where chunk_no between ? and ?", first, last).execute(tx.conn()).await?;
            sqlx::query!("delete from envelope where kiosk_seq = ?", kiosk_seq).execute(tx.conn()).await?;
            sqlx::query!("delete from recovery where kiosk_seq = ?", kiosk_seq).execute(tx.conn()).await?;
            sqlx::query!(
                "update submission set state = 'released', last_error = null,
                 released_ordinal = (select coalesce(max(ordinal), 0) from heartbeat_day) where kiosk_seq = ?",
                kiosk_seq
            )
            .execute(tx.conn())
            .await?;
        }
        let count = going.len() as u64;
        if count > 0 {
            let hall_epoch = hall_epoch.to_owned();
            tx.audit(AuditEvent::Released { hall_epoch, through: through.unsigned_abs(), count });
        }
        tx.commit().await?;
        let log_emptied = count == 0 || self.empty_log_after_erasing().await;
        Ok(Erased { count, log_emptied })
    }

    /// Counts a day (`2026-11-24`) on which a heartbeat was verified, once; lets tombstones go that saw
    /// 90 of them.
    pub async fn heartbeat_day(&self, day: &str) -> Result<Erased, StoreError> {
        let mut tx = self.begin().await?;
        let new = sqlx::query!("insert into heartbeat_day (day) values (?) on conflict (day) do nothing", day)
            .execute(tx.conn())
            .await?;
        if new.rows_affected() == 0 {
            tx.roll_back().await?;
            return Ok(Erased { count: 0, log_emptied: !self.log_owed() });
        }
        let gone = sqlx::query!(
            "delete from submission where state = 'released'
             and (select max(ordinal) from heartbeat_day) - released_ordinal >= ?",
            TOMBSTONE_DAYS
        )
        .execute(tx.conn())
        .await?
        .rows_affected();
        if gone > 0 {
            tx.audit(AuditEvent::TombstonesExpired { count: gone });
        }
        tx.commit().await?;
        let log_emptied = gone == 0 || self.empty_log_after_erasing().await;
        Ok(Erased { count: gone, log_emptied })
    }
}
