//! Receipts as stored: one for each submission and epoch, the same bytes at every repeat.
use sqlx::{Sqlite, SqliteConnection, Transaction};

/// A signed receipt: exact bytes and signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReceiptRow {
    pub(crate) body: Vec<u8>,
    pub(crate) sig: Vec<u8>,
}

/// The receipt that was given in this epoch.
pub(crate) async fn existing(
    db: &mut SqliteConnection,
    submission_id: &str,
    epoch: &str,
) -> Result<Option<ReceiptRow>, sqlx::Error> {
    sqlx::query_as!(
        ReceiptRow,
        "select body, sig from receipt where submission_id = ? and hall_epoch = ?",
        submission_id,
        epoch
    )
    .fetch_optional(db)
    .await
}

/// Gives the next server_seq, has the receipt signed, stores it. One writer: the order of numbers is that of commits.
pub(crate) async fn issue<E>(
    tx: &mut Transaction<'_, Sqlite>,
    submission_id: &str,
    epoch: &str,
    sign: impl FnOnce(u64) -> Result<ReceiptRow, E>,
) -> Result<ReceiptRow, E>
where
    E: From<sqlx::Error>,
{
    let row = sqlx::query!(
        "update hall set next_server_seq = next_server_seq + 1 where id = 1
         returning next_server_seq - 1 as \"server_seq!: i64\""
    )
    .fetch_one(&mut **tx)
    .await?;
    let receipt = sign(row.server_seq.unsigned_abs())?;
    sqlx::query!(
        "insert into receipt (submission_id, hall_epoch, server_seq, body, sig) values (?, ?, ?, ?, ?)",
        submission_id,
        epoch,
        row.server_seq,
        receipt.body,
        receipt.sig
    )
    .execute(&mut **tx)
    .await?;
    Ok(receipt)
}
