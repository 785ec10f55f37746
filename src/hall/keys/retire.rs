//! Destroying an old sealing key (protocol v1, section 2): only when every terminal that ever enrolled, silent ones too,
//! has said for a whole day that it holds no envelope for it, and nothing at the hall still has to be opened with it.
use serde_json::json;
use sqlx::{Sqlite, Transaction};
use wire::signed::KeyUse;

use super::{KeyError, KeyRing};
use crate::audit;
use crate::server::Core;

/// A review page that was opened before the terminal learnt of the newer key may still seal to the old one.
const SETTLED_MS: i64 = 24 * 3600 * 1000;

/// Why a key stays, or that it need not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hold {
    /// Still the one that is sealed to.
    pub(crate) newest: bool,
    /// Terminals whose data folders did not report 0 for a day.
    pub(crate) terminals: Vec<String>,
    /// Submissions half sent, cases not ended, documents not out of date.
    pub(crate) open: i64,
    /// Ended cases whose bodies could not be opened any more.
    pub(crate) ended: i64,
}

impl Hold {
    /// Nothing speaks against destroying it.
    pub(crate) fn is_free(&self) -> bool {
        !self.newest && self.terminals.is_empty() && self.open == 0
    }
}

/// Why a key is not destroyed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RetireError {
    #[error("the key is still needed")]
    Held,
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Notes what a heartbeat says of old sealing keys. `knows_newest`: it was told the list as it is now.
pub(crate) async fn note(
    tx: &mut Transaction<'_, Sqlite>,
    ring: &KeyRing,
    (installation_id, knows_newest, now_ms): (&str, bool, i64),
    envelopes: impl Fn(&str) -> u64,
) -> Result<(), sqlx::Error> {
    let newest = ring.newest(KeyUse::Sealing).map(|key| key.key_id.as_str()).unwrap_or_default();
    for key in ring.keys().iter().filter(|key| key.usage == KeyUse::Sealing && key.key_id != newest) {
        if knows_newest && envelopes(&key.key_id) == 0 {
            sqlx::query!(
                "insert into key_report (installation_id, key_id, zero_since_ms) values (?, ?, ?) on conflict do nothing",
                installation_id,
                key.key_id,
                now_ms
            )
            .execute(&mut **tx)
            .await?;
        } else {
            sqlx::query!(
                "delete from key_report where installation_id = ? and key_id = ?",
                installation_id,
                key.key_id
            )
            .execute(&mut **tx)
            .await?;
        }
    }
    Ok(())
}

/// What holds a sealing key.
pub(crate) async fn hold(core: &Core, key_id: &str) -> Result<Hold, sqlx::Error> {
    let newest = core.keys().newest(KeyUse::Sealing).is_ok_and(|key| key.key_id == key_id);
    let now = core.clock.now_ms();
    let (settled, oldest) = (now - SETTLED_MS, now - crate::documents::LIFE_MS);
    let silent = sqlx::query!(
        "select distinct i.terminal_no from installation i
         where not exists (select 1 from key_report k
            where k.installation_id = i.installation_id and k.key_id = ? and k.zero_since_ms <= ?)
         order by i.terminal_no",
        key_id,
        settled
    )
    .fetch_all(core.db.read())
    .await?;
    let counts = sqlx::query!(
        "select
            (select count(*) from submission where key_id = ?1 and received_ms is null)
            + (select count(*) from submission s join case_file c on c.submission_id = s.submission_id
                where s.key_id = ?1 and c.state not in ('done', 'not_accepted'))
            + (select count(*) from issued_document where key_id = ?1 and issued_ms > ?2) as \"open!: i64\",
            (select count(*) from submission s join case_file c on c.submission_id = s.submission_id
                where s.key_id = ?1 and c.state in ('done', 'not_accepted')) as \"ended!: i64\"",
        key_id,
        oldest
    )
    .fetch_one(core.db.read())
    .await?;
    let terminals = silent.into_iter().map(|row| row.terminal_no).collect();
    Ok(Hold { newest, terminals, open: counts.open, ended: counts.ended })
}

/// Destroys a key for good: out of the key file and its escrow, then out of the list that terminals are told.
pub(crate) async fn destroy(core: &Core, actor: &str, key_id: &str) -> Result<(), RetireError> {
    let _turn = core.rotating.lock().await;
    let held = hold(core, key_id).await?;
    let ring = core.keys();
    if !held.is_free() || ring.find(KeyUse::Sealing, key_id).is_none() {
        return Err(RetireError::Held);
    }
    let ring = ring.without(key_id);
    core.vault.save(&ring).await?;
    core.replace_keys(ring);
    let now = core.clock.now_ms();
    let mut tx = core.db.begin().await?;
    sqlx::query!("update hall_key set destroyed_ms = ? where key_id = ?", now, key_id).execute(&mut *tx).await?;
    sqlx::query!("update hall set list_seq = list_seq + 1 where id = 1").execute(&mut *tx).await?;
    let fields = json!({ "key": key_id, "ended_cases": held.ended });
    audit::write(&mut tx, audit::Entry { actor, event: "key.destroyed", fields, at_ms: now }).await?;
    tx.commit().await?;
    Ok(())
}
