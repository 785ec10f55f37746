//! Identity: the terminal's number and keys, and what it pins of its hall. A pending key is stored before
//! a certificate is asked for, so that a lost answer can be asked for again with the same request.

use sqlx::sqlite::SqliteConnection;
use zeroize::Zeroizing;

use super::{AuditEvent, Store, StoreError};

/// Who this terminal is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub installation_id: String,
    /// None before enrolment.
    pub terminal_no: Option<String>,
    pub hall: Option<Hall>,
}

/// The hall and what is pinned of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hall {
    pub hall_id: String,
    pub address: String,
    /// The hall's certificate authority, DER.
    pub ca: Vec<u8>,
    /// The root's ed25519 public key.
    pub root_key: Vec<u8>,
    /// The epoch that was reconciled last.
    pub hall_epoch: String,
    pub safe_through: u64,
    pub key_list: SignedKeyList,
    /// Limits stated at enrolment, JSON.
    pub limits: String,
}

/// The hall's key list, exact bytes; verified by who stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedKeyList {
    pub list_seq: u64,
    pub body: Vec<u8>,
    pub signature: Vec<u8>,
}

/// Where a key stands: a new one is asked for with `Pending`, the old one is valid until the new was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    Pending,
    Current,
    Previous,
}

/// One of the terminal's keys.
#[derive(Clone)]
pub struct TerminalKey {
    pub state: KeyState,
    /// PKCS#8, DER.
    pub private_key: Zeroizing<Vec<u8>>,
    /// The signing request; only while pending.
    pub csr: Option<Vec<u8>>,
    /// DER; not while pending.
    pub certificate: Option<Vec<u8>>,
}

/// A verified answer to an enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    pub terminal_no: String,
    pub hall_id: String,
    pub address: String,
    pub ca: Vec<u8>,
    pub root_key: Vec<u8>,
    pub hall_epoch: String,
    pub certificate: Vec<u8>,
    pub key_list: SignedKeyList,
    /// The serial never steps back: the greater of this and ours counts.
    pub next_serial: u64,
    pub limits: String,
}

impl Store {
    /// Who we are, and where.
    pub async fn identity(&self) -> Result<Identity, StoreError> {
        let mut conn = self.reader().await?;
        let own = sqlx::query!("select installation_id, terminal_no from installation").fetch_one(&mut *conn).await?;
        let hall = sqlx::query!(
            "select hall_id, address, ca, root_key, hall_epoch, safe_through, list_seq, key_list, key_list_signature,
             limits from hall"
        )
        .fetch_optional(&mut *conn)
        .await?;
        let hall = hall.map(|row| Hall {
            hall_id: row.hall_id,
            address: row.address,
            ca: row.ca,
            root_key: row.root_key,
            hall_epoch: row.hall_epoch,
            safe_through: row.safe_through.unsigned_abs(),
            key_list: SignedKeyList {
                list_seq: row.list_seq.unsigned_abs(),
                body: row.key_list,
                signature: row.key_list_signature,
            },
            limits: row.limits,
        });
        Ok(Identity { installation_id: own.installation_id, terminal_no: own.terminal_no, hall })
    }

    /// The terminal's keys: pending, then current, then previous ones.
    pub async fn keys(&self) -> Result<Vec<TerminalKey>, StoreError> {
        let mut conn = self.reader().await?;
        let rows = sqlx::query!(
            "select state, private_key, csr, certificate from terminal_key
             order by case state when 'pending' then 0 when 'current' then 1 else 2 end, key_no desc"
        )
        .fetch_all(&mut *conn)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| TerminalKey {
                state: match row.state.as_str() {
                    "pending" => KeyState::Pending,
                    "current" => KeyState::Current,
                    _ => KeyState::Previous,
                },
                private_key: Zeroizing::new(row.private_key),
                csr: row.csr,
                certificate: row.certificate,
            })
            .collect())
    }

    /// Stores a new key and its request before they are used; one that is pending already is dropped.
    pub async fn set_pending_key(&self, private_key: &[u8], csr: &[u8]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query!("delete from terminal_key where state = 'pending'").execute(tx.conn()).await?;
        sqlx::query!("insert into terminal_key (state, private_key, csr) values ('pending', ?, ?)", private_key, csr)
            .execute(tx.conn())
            .await?;
        tx.audit(AuditEvent::KeyPending {});
        tx.commit().await
    }

    /// Stores the answer to an enrolment; the pending key becomes the current one. Another hall is refused
    /// while anything is unsent or not yet safe.
    pub async fn enrolled(&self, enrolment: Enrolment) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let before = sqlx::query_scalar!("select hall_id from hall").fetch_optional(tx.conn()).await?;
        let moves = before.is_some_and(|hall_id| hall_id != enrolment.hall_id);
        if moves {
            let count = not_yet_safe(tx.conn()).await?;
            if count > 0 {
                tx.roll_back().await?;
                return Err(StoreError::StillHeld { count });
            }
            sqlx::query!("delete from hall").execute(tx.conn()).await?;
            // Its numbers are the other hall's: with them the new hall's first publications would look old.
            sqlx::query!("delete from content").execute(tx.conn()).await?;
        }
        let serial = enrolment.next_serial.max(1).cast_signed();
        sqlx::query!(
            "update installation set terminal_no = ?, next_serial = max(next_serial, ?)",
            enrolment.terminal_no,
            serial
        )
        .execute(tx.conn())
        .await?;
        write_hall(tx.conn(), &enrolment).await?;
        promote_pending(tx.conn(), &enrolment.certificate).await?;
        let Enrolment { hall_id, terminal_no, .. } = enrolment;
        tx.audit(AuditEvent::Enrolled { hall_id, terminal_no });
        let numbers = super::submit::next_numbers(tx.conn()).await?;
        tx.set_numbers(numbers);
        tx.commit().await
    }

    /// Stores a renewed certificate; the pending key becomes the current one, the old one stays valid.
    pub async fn renewed(&self, certificate: &[u8]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        promote_pending(tx.conn(), certificate).await?;
        tx.audit(AuditEvent::CertificateRenewed {});
        tx.commit().await
    }

    /// The current certificate was used: the previous keys go.
    pub async fn current_key_was_used(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let gone = sqlx::query!("delete from terminal_key where state = 'previous'").execute(tx.conn()).await?;
        if gone.rows_affected() == 0 { tx.roll_back().await } else { tx.commit().await }
    }

    /// Stores a verified key list; a lower one is ignored. Returns whether it was news. `of_new_epoch` is
    /// for the list of a restored hall, which may count from lower again.
    pub async fn set_key_list(&self, list: SignedKeyList, of_new_epoch: bool) -> Result<bool, StoreError> {
        let SignedKeyList { list_seq, body, signature } = list;
        let seq = list_seq.cast_signed();
        let mut tx = self.begin().await?;
        let changed = sqlx::query!(
            "update hall set list_seq = ?, key_list = ?, key_list_signature = ? where list_seq < ? or ?",
            seq,
            body,
            signature,
            seq,
            of_new_epoch
        )
        .execute(tx.conn())
        .await?;
        if changed.rows_affected() == 0 {
            tx.roll_back().await?;
            return Ok(false);
        }
        tx.audit(AuditEvent::KeyListChanged { list_seq });
        tx.commit().await?;
        Ok(true)
    }

    /// The hall moved to another address (embedded: to another port).
    pub async fn set_hall_address(&self, address: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query!("update hall set address = ?", address).execute(tx.conn()).await?;
        tx.commit().await
    }
}

async fn not_yet_safe(conn: &mut SqliteConnection) -> Result<u64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "n!: i64" from submission where state in ('stored', 'receipted', 'quarantined')"#
    )
    .fetch_one(conn)
    .await?;
    Ok(count.unsigned_abs())
}

/// The epoch of a hall that is known already is left: only a reconciliation changes it.
async fn write_hall(conn: &mut SqliteConnection, enrolment: &Enrolment) -> Result<(), StoreError> {
    let Enrolment { hall_id, address, ca, root_key, hall_epoch, key_list, limits, .. } = enrolment;
    let list_seq = key_list.list_seq.cast_signed();
    sqlx::query!(
        "insert into hall (id, hall_id, address, ca, root_key, hall_epoch, list_seq, key_list, key_list_signature, limits)
         values (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         on conflict (id) do update set address = excluded.address, ca = excluded.ca, root_key = excluded.root_key,
         list_seq = excluded.list_seq, key_list = excluded.key_list,
         key_list_signature = excluded.key_list_signature, limits = excluded.limits",
        hall_id, address, ca, root_key, hall_epoch, list_seq, key_list.body, key_list.signature, limits
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn promote_pending(conn: &mut SqliteConnection, certificate: &[u8]) -> Result<(), StoreError> {
    sqlx::query!("update terminal_key set state = 'previous' where state = 'current'").execute(&mut *conn).await?;
    let promoted = sqlx::query!(
        "update terminal_key set state = 'current', csr = null, certificate = ? where state = 'pending'",
        certificate
    )
    .execute(conn)
    .await?;
    if promoted.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Unknown) }
}
