//! The clock floor: the greatest time that the hall proved. Only a signed answer to a fresh nonce moves
//! it, also back, so that one wrong answer poisons nothing; the machine's own clock never does.

use super::{AuditEvent, Store, StoreError};

impl Store {
    /// The floor in ms since 1970; none before the first time answer.
    pub async fn clock_floor_ms(&self) -> Result<Option<i64>, StoreError> {
        let mut conn = self.reader().await?;
        let row = sqlx::query!("select clock_floor_ms from installation").fetch_optional(&mut *conn).await?;
        Ok(row.and_then(|row| row.clock_floor_ms))
    }

    /// Sets the floor to what a verified answer says.
    pub async fn set_clock_floor_ms(&self, floor_ms: i64) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query!("update installation set clock_floor_ms = ?", floor_ms).execute(tx.conn()).await?;
        tx.audit(AuditEvent::ClockMoved { floor_ms });
        tx.commit().await
    }
}
