//! The audit log: a SHA-256 chain whose entries are written in the transaction of what they tell. Fields
//! are typed, so no free text and nothing of a citizen can enter. The chain shows what was changed in it, not a
//! tail that was cut off.

use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use super::{Moment, Store, StoreError};

/// All that is ever written to the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", content = "fields", rename_all = "snake_case")]
pub enum AuditEvent {
    /// The program opened the store; `clean` is false when the last run did not close it.
    Started {
        clean: bool,
    },
    Stopped {},
    SubmissionStored {
        kiosk_seq: u64,
        submission_id: String,
    },
    Receipted {
        kiosk_seq: u64,
        hall_epoch: String,
        server_seq: u64,
    },
    Quarantined {
        kiosk_seq: u64,
        code: String,
    },
    Requeued {
        kiosk_seq: u64,
    },
    Released {
        hall_epoch: String,
        through: u64,
        count: u64,
    },
    TombstonesExpired {
        count: u64,
    },
    Enrolled {
        hall_id: String,
        terminal_no: String,
    },
    KeyPending {},
    CertificateRenewed {},
    KeyListChanged {
        list_seq: u64,
    },
    Reconciled {
        hall_epoch: String,
        held: u64,
        send: u64,
        lost: u64,
    },
    SlipAsked {
        slip_no: u64,
    },
    SlipEnded {
        slip_no: u64,
        outcome: &'static str,
    },
    PrintAsked {
        job_no: u64,
        kind: &'static str,
        ordered: u32,
    },
    PrintEnded {
        job_no: u64,
        printed: u32,
        not_printed: u32,
        not_certain: u32,
    },
    RecoveryErased {
        reason: &'static str,
    },
    RecoveryTried {
        matched: bool,
    },
    ContentActivated {
        content_seq: u64,
    },
    ClockMoved {
        floor_ms: i64,
    },
}

/// Where the chain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    pub seq: i64,
    pub hash: [u8; 32],
}

/// One entry as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    pub seq: i64,
    pub at_ms: i64,
    pub boot_id: String,
    pub mono_ms: i64,
    pub event: String,
    pub fields: String,
    pub prev: Vec<u8>,
    pub hash: Vec<u8>,
}

impl Store {
    /// Writes one entry by itself. What belongs to a change of the store is written with that change.
    pub async fn audit(&self, event: AuditEvent) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.audit(event);
        tx.commit().await
    }

    /// Where the chain stands.
    pub async fn audit_head(&self) -> Result<AuditHead, StoreError> {
        let mut conn = self.reader().await?;
        head(&mut conn).await
    }

    /// Entries after `seq`, oldest first.
    pub async fn audit_after(&self, seq: i64, limit: i64) -> Result<Vec<AuditEntry>, StoreError> {
        let mut conn = self.reader().await?;
        Ok(sqlx::query_as!(AuditEntry, "select * from audit where seq > ? order by seq limit ?", seq, limit)
            .fetch_all(&mut *conn)
            .await?)
    }

    /// Walks the whole chain; the first entry that does not fit is the error.
    pub async fn verify_audit(&self) -> Result<AuditHead, StoreError> {
        let mut at = AuditHead::START;
        loop {
            let entries = self.audit_after(at.seq, 1000).await?;
            if entries.is_empty() {
                return Ok(at);
            }
            for entry in entries {
                let fits = entry.seq == at.seq + 1 && entry.prev == at.hash && entry.hash == entry.digest();
                if !fits {
                    return Err(StoreError::AuditBroken { seq: entry.seq });
                }
                at = AuditHead { seq: entry.seq, hash: entry.digest() };
            }
        }
    }
}

impl AuditHead {
    const START: Self = Self { seq: 0, hash: [0; 32] };
}

impl AuditEntry {
    /// The hash that this entry must have.
    pub fn digest(&self) -> [u8; 32] {
        let mut sha = Sha256::new();
        sha.update(b"yimen/audit/1\0");
        sha.update(&self.prev);
        sha.update(self.seq.to_be_bytes());
        sha.update(self.at_ms.to_be_bytes());
        sha.update(self.mono_ms.to_be_bytes());
        for text in [&self.boot_id, &self.event, &self.fields] {
            sha.update((text.len() as u64).to_be_bytes());
            sha.update(text.as_bytes());
        }
        sha.finalize().into()
    }

    pub(super) fn next(head: &AuditHead, moment: Moment, event: &AuditEvent) -> Self {
        let (event, fields) = name_and_fields(event);
        let mut entry = Self {
            seq: head.seq + 1,
            at_ms: moment.at_ms,
            boot_id: boot_text(moment.boot_id),
            mono_ms: moment.mono_ms,
            event,
            fields,
            prev: head.hash.to_vec(),
            hash: Vec::new(),
        };
        entry.hash = entry.digest().to_vec();
        entry
    }

    pub(super) fn head(&self) -> AuditHead {
        AuditHead { seq: self.seq, hash: self.hash.as_slice().try_into().unwrap_or_default() }
    }
}

pub(super) async fn head(conn: &mut SqliteConnection) -> Result<AuditHead, StoreError> {
    let row = sqlx::query!("select seq, hash from audit order by seq desc limit 1").fetch_optional(conn).await?;
    Ok(row.map_or(AuditHead::START, |row| AuditHead {
        seq: row.seq,
        hash: row.hash.as_slice().try_into().unwrap_or_default(),
    }))
}

/// Writes the entries and commits; the last entry and the COMMIT go to the database together.
pub(super) async fn commit_with(conn: &mut SqliteConnection, mut entries: Vec<AuditEntry>) -> Result<(), StoreError> {
    let Some(last) = entries.pop() else {
        sqlx::query("commit").execute(conn).await?;
        return Ok(());
    };
    for AuditEntry { seq, at_ms, boot_id, mono_ms, event, fields, prev, hash } in entries {
        sqlx::query!(
            "insert into audit (seq, at_ms, boot_id, mono_ms, event, fields, prev, hash) values (?, ?, ?, ?, ?, ?, ?, ?)",
            seq, at_ms, boot_id, mono_ms, event, fields, prev, hash
        )
        .execute(&mut *conn)
        .await?;
    }
    let AuditEntry { seq, at_ms, boot_id, mono_ms, event, fields, prev, hash } = last;
    sqlx::query!(
        "insert into audit (seq, at_ms, boot_id, mono_ms, event, fields, prev, hash) values (?, ?, ?, ?, ?, ?, ?, ?);
         commit",
        seq,
        at_ms,
        boot_id,
        mono_ms,
        event,
        fields,
        prev,
        hash
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether the last run closed the store; true for a new one.
pub(super) async fn ended_cleanly(conn: &mut SqliteConnection) -> Result<bool, StoreError> {
    let last = sqlx::query_scalar!("select event from audit order by seq desc limit 1").fetch_optional(conn).await?;
    Ok(last.is_none_or(|event| event == "stopped"))
}

fn boot_text(boot_id: Uuid) -> String {
    boot_id.hyphenated().to_string()
}

fn name_and_fields(event: &AuditEvent) -> (String, String) {
    let value = serde_json::to_value(event).unwrap_or_default();
    let name = value["event"].as_str().unwrap_or_default().to_owned();
    (name, value["fields"].to_string())
}
