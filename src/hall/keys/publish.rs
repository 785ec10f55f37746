//! The public halves as terminals are told them: rows of `hall_key`, a higher `list_seq` at each change.
use wire::signed::KeyUse;

use super::{KeyRing, word};
use crate::db::Db;

/// Brings the published list up to the key file. Only called once the escrow holds every key of it.
pub(crate) async fn publish(db: &Db, ring: &KeyRing, now_ms: i64) -> Result<(), sqlx::Error> {
    let mut tx = db.begin().await?;
    let mut added = false;
    for (position, key) in (0i64..).zip(ring.keys()) {
        let Ok(public) = key.public() else { continue };
        let (usage, public) = (word(key.usage), public.to_vec());
        let done = sqlx::query!(
            "insert into hall_key (key_id, use, public, created_ms, not_after_ms, position)
             values (?, ?, ?, ?, ?, ?) on conflict do nothing",
            key.key_id,
            usage,
            public,
            key.created_ms,
            key.not_after_ms,
            position
        )
        .execute(&mut *tx)
        .await?;
        added |= done.rows_affected() > 0;
    }
    if added {
        sqlx::query!("update hall set list_seq = list_seq + 1 where id = 1").execute(&mut *tx).await?;
        let fields = serde_json::json!({ "newest": ring.newest(KeyUse::Sealing).map(|key| key.key_id.as_str()).unwrap_or_default() });
        let entry = crate::audit::Entry { actor: "hall", event: "key.list", fields, at_ms: now_ms };
        crate::audit::write(&mut tx, entry).await?;
    }
    tx.commit().await
}
