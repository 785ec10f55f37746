//! The content cache: catalogue bytes as published, with their signature. Activating is one transaction;
//! the last three are kept, so that a running session can end on what it began with.

use super::{AuditEvent, Store, StoreError};

/// Published content, exact bytes. Who verifies the signature is `content`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub content_seq: u64,
    pub catalogue: Vec<u8>,
    pub signature: Vec<u8>,
}

impl Store {
    /// Stores and activates. A lower sequence than the active one is refused: roll back by publishing anew. The same
    /// sequence with other bytes is what a restored hall published in place of what it lost.
    pub async fn activate_content(&self, content: Content) -> Result<bool, StoreError> {
        let Content { content_seq, catalogue, signature } = content;
        let seq = content_seq.cast_signed();
        let mut tx = self.begin().await?;
        let known = sqlx::query_scalar!(
            "select content_seq from content
             where active = 1 and (content_seq > ? or (content_seq = ? and catalogue = ?))",
            seq,
            seq,
            catalogue
        )
        .fetch_optional(tx.conn())
        .await?;
        if known.is_some() {
            tx.roll_back().await?;
            return Ok(false);
        }
        sqlx::query!("update content set active = 0 where active = 1").execute(tx.conn()).await?;
        sqlx::query!(
            "insert into content (content_seq, catalogue, signature, active) values (?, ?, ?, 1)
             on conflict (content_seq) do update
             set catalogue = excluded.catalogue, signature = excluded.signature, active = 1",
            seq,
            catalogue,
            signature
        )
        .execute(tx.conn())
        .await?;
        sqlx::query!(
            "delete from content where content_seq not in (select content_seq from content order by content_seq desc limit 3)"
        )
        .execute(tx.conn())
        .await?;
        tx.audit(AuditEvent::ContentActivated { content_seq });
        tx.commit().await?;
        Ok(true)
    }

    /// What is shown; none before the first activation.
    pub async fn active_content(&self) -> Result<Option<Content>, StoreError> {
        let mut conn = self.reader().await?;
        let row = sqlx::query!("select content_seq, catalogue, signature from content where active = 1")
            .fetch_optional(&mut *conn)
            .await?;
        Ok(row.map(|row| Content {
            content_seq: row.content_seq.unsigned_abs(),
            catalogue: row.catalogue,
            signature: row.signature,
        }))
    }
}
