//! After a crash between COMMIT and slip: number, query code and token, sealed under a key from the id
//! number (Argon2id, AES-256-GCM). A matching tag proves the same card. Five tries or fifteen minutes of
//! running time, then the row is erased and the log emptied.

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, KeyInit, Payload},
};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnection;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{AuditEvent, Store, StoreError, SubmissionState};

/// How long the idle page offers a submission again, in running time.
const OFFERED_MS: i64 = 15 * 60 * 1000;
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;

/// The key from one id number. Made while the review page is read, as it takes a tenth of a second.
#[derive(Clone, ZeroizeOnDrop)]
pub struct RecoveryKey {
    salt: [u8; 16],
    key: [u8; 32],
}

/// What the slip of a stored submission needs.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct RecoverySecret {
    pub number: String,
    pub query_code: String,
    pub lookup_token: String,
}

/// The row as it is written: nothing readable but the large group of the number.
#[derive(Default)]
pub struct SealedRecovery {
    pub large_group: String,
    pub(super) salt: Vec<u8>,
    pub(super) nonce: Vec<u8>,
    pub(super) sealed: Vec<u8>,
}

/// What the idle page shows, without a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryNotice {
    pub submission_id: String,
    pub saved_at_ms: i64,
    pub large_group: String,
    pub left_ms: i64,
}

/// What a card brought to light.
pub enum Recovered {
    /// The same card: print the slip, then say so to the print ledger.
    Match {
        submission_id: String,
        secret: RecoverySecret,
        saved_at_ms: i64,
        item_id: String,
        /// The hall has it: its receipt is here, and no restored hall has asked for the submission again since.
        receipted: bool,
    },
    OtherCard {
        tries_left: u8,
    },
    /// Nothing is offered, or the last try is used up and the row is gone.
    Nothing,
}

/// The key or the seal could not be made.
#[derive(Debug, Error)]
#[error("no recovery row can be made: {what}")]
pub struct RecoveryError {
    what: &'static str,
}

struct Row {
    submission_id: String,
    salt: Vec<u8>,
    nonce: Vec<u8>,
    sealed: Vec<u8>,
    tries_left: i64,
}

impl RecoveryKey {
    /// Takes about a tenth of a second: not on the screen's thread.
    pub fn derive(id_number: &str) -> Result<Self, RecoveryError> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|_| RecoveryError { what: "no random numbers" })?;
        Self::with_salt(id_number, salt)
    }

    /// Seals for the row of `submission_id`.
    pub fn seal(
        &self,
        submission_id: &str,
        large_group: &str,
        secret: &RecoverySecret,
    ) -> Result<SealedRecovery, RecoveryError> {
        let mut nonce = [0; 12];
        getrandom::fill(&mut nonce).map_err(|_| RecoveryError { what: "no random numbers" })?;
        let plain = Zeroizing::new(serde_json::to_vec(secret).map_err(|_| RecoveryError { what: "no text" })?);
        let payload = Payload { msg: &plain, aad: submission_id.as_bytes() };
        let sealed = self
            .cipher()
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| RecoveryError { what: "the cipher refused" })?;
        Ok(SealedRecovery {
            large_group: large_group.to_owned(),
            salt: self.salt.to_vec(),
            nonce: nonce.to_vec(),
            sealed,
        })
    }

    fn with_salt(id_number: &str, salt: [u8; 16]) -> Result<Self, RecoveryError> {
        let mut made = Self { salt, key: [0; 32] };
        Params::new(MEMORY_KIB, PASSES, 1, Some(32))
            .and_then(|params| {
                Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
                    id_number.as_bytes(),
                    &salt,
                    &mut made.key,
                )
            })
            .map_err(|_| RecoveryError { what: "no memory for Argon2id" })?;
        Ok(made)
    }

    fn open(&self, row: &Row) -> Option<RecoverySecret> {
        let nonce: [u8; 12] = row.nonce.as_slice().try_into().ok()?;
        let payload = Payload { msg: &row.sealed, aad: row.submission_id.as_bytes() };
        let plain = Zeroizing::new(self.cipher().decrypt(&Nonce::from(nonce), payload).ok()?);
        serde_json::from_slice(&plain).ok()
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&self.key.into())
    }
}

impl Store {
    /// What an unclean end left for its citizens, newest first.
    pub async fn recovery_notices(&self) -> Result<Vec<RecoveryNotice>, StoreError> {
        let mut conn = self.reader().await?;
        Ok(sqlx::query_as!(
            RecoveryNotice,
            r#"select s.submission_id, r.saved_at_ms, r.large_group, r.left_ms as "left_ms!"
               from recovery r join submission s on s.kiosk_seq = r.kiosk_seq
               where r.left_ms > 0 order by r.saved_at_ms desc"#
        )
        .fetch_all(&mut *conn)
        .await?)
    }

    /// Counts running time while the idle page shows the notice; rows whose time is up are erased.
    pub async fn recovery_shown_for(&self, ms: i64) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query!("update recovery set left_ms = max(left_ms - ?, 0) where left_ms is not null", ms)
            .execute(tx.conn())
            .await?;
        let gone = sqlx::query!("delete from recovery where left_ms = 0").execute(tx.conn()).await?.rows_affected();
        if gone > 0 {
            tx.audit(AuditEvent::RecoveryErased { reason: "time" });
        }
        tx.commit().await?;
        if gone > 0 {
            self.empty_log_after_erasing().await;
        }
        Ok(())
    }

    /// Tries a card. A try is counted before its outcome is known, so that pulling the plug wins nothing.
    pub async fn recover(&self, id_number: &str) -> Result<Recovered, StoreError> {
        let rows = self.count_a_try().await?;
        let Some(tries_left) = rows.iter().map(|row| row.tries_left).max() else {
            return Ok(Recovered::Nothing);
        };
        for row in rows {
            let number = Zeroizing::new(id_number.to_owned());
            // On its own thread: the loop of store and sync goes on meanwhile.
            let tried = tokio::task::spawn_blocking(move || {
                let salt = row.salt.as_slice().try_into().ok()?;
                let secret = RecoveryKey::with_salt(&number, salt).ok()?.open(&row)?;
                Some((row.submission_id, secret))
            });
            if let Ok(Some((submission_id, secret))) = tried.await {
                self.count_a_match(&submission_id).await?;
                return self.matched(submission_id, secret).await;
            }
        }
        self.erase_tried_out().await?;
        Ok(match u8::try_from(tries_left) {
            Ok(0) | Err(_) => Recovered::Nothing,
            Ok(tries_left) => Recovered::OtherCard { tries_left },
        })
    }

    /// The farewell without a slip: the citizen has seen the number, the row goes.
    pub async fn forget_recovery(&self, submission_id: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let gone = sqlx::query!(
            "delete from recovery where kiosk_seq = (select kiosk_seq from submission where submission_id = ?)",
            submission_id
        )
        .execute(tx.conn())
        .await?;
        if gone.rows_affected() == 0 {
            return tx.roll_back().await;
        }
        tx.audit(AuditEvent::RecoveryErased { reason: "farewell" });
        tx.commit().await?;
        self.empty_log_after_erasing().await;
        Ok(())
    }

    async fn count_a_try(&self) -> Result<Vec<Row>, StoreError> {
        let mut tx = self.begin().await?;
        let rows = sqlx::query_as!(
            Row,
            r#"update recovery set tries_left = tries_left - 1 where left_ms > 0 and tries_left > 0
               returning (select submission_id from submission s where s.kiosk_seq = recovery.kiosk_seq)
               as "submission_id!: String", salt, nonce, sealed, tries_left"#
        )
        .fetch_all(tx.conn())
        .await?;
        if rows.is_empty() {
            tx.roll_back().await?;
        } else {
            tx.commit().await?;
        }
        Ok(rows)
    }

    async fn count_a_match(&self, submission_id: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        // The try was not a wrong one, for the other rows neither.
        sqlx::query!("update recovery set tries_left = tries_left + 1 where left_ms > 0").execute(tx.conn()).await?;
        sqlx::query!(
            "update recovery set tries_left = 5
             where kiosk_seq = (select kiosk_seq from submission where submission_id = ?)",
            submission_id
        )
        .execute(tx.conn())
        .await?;
        tx.audit(AuditEvent::RecoveryTried { matched: true });
        tx.commit().await
    }

    /// What the slip says beside the secret.
    async fn matched(&self, submission_id: String, secret: RecoverySecret) -> Result<Recovered, StoreError> {
        let mut conn = self.reader().await?;
        let id = submission_id.as_str();
        let row = sqlx::query!(
            "select r.saved_at_ms, s.state, e.item_id from recovery r
             join submission s on s.kiosk_seq = r.kiosk_seq join envelope e on e.kiosk_seq = r.kiosk_seq
             where s.submission_id = ?",
            id
        )
        .fetch_optional(&mut *conn)
        .await?;
        // Its time may have run out between the try and this.
        let Some(row) = row else { return Ok(Recovered::Nothing) };
        let receipted = row.state == SubmissionState::Receipted.name();
        Ok(Recovered::Match { submission_id, secret, saved_at_ms: row.saved_at_ms, item_id: row.item_id, receipted })
    }

    async fn erase_tried_out(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.audit(AuditEvent::RecoveryTried { matched: false });
        let gone = sqlx::query!("delete from recovery where tries_left <= 0").execute(tx.conn()).await?.rows_affected();
        if gone > 0 {
            tx.audit(AuditEvent::RecoveryErased { reason: "tries" });
        }
        tx.commit().await?;
        if gone > 0 {
            self.empty_log_after_erasing().await;
        }
        Ok(())
    }
}

/// Erases inside the transaction that records the slip.
pub(super) async fn erase_of(conn: &mut SqliteConnection, kiosk_seq: i64) -> Result<u64, StoreError> {
    let gone = sqlx::query!("delete from recovery where kiosk_seq = ?", kiosk_seq).execute(conn).await?;
    Ok(gone.rows_affected())
}

/// Rows that the last run left: their fifteen minutes begin, or go on.
pub(super) async fn arm_after_restart(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query!("update recovery set left_ms = ? where left_ms is null", OFFERED_MS).execute(conn).await?;
    Ok(())
}
