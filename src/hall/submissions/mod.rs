//! Sealed submissions in the database: announced by their manifest, filled chunk by chunk, received once.
//! Idempotent by id and body hash; the receipt's server_seq is given in the transaction that makes the case.
mod receipt;

use sqlx::{Sqlite, SqliteConnection, Transaction};

pub(crate) use receipt::{ReceiptRow, existing, issue};

/// An authentic envelope as it is stored: header fields, exact header bytes, hashes of its chunks.
#[derive(Clone)]
pub(crate) struct Envelope {
    pub(crate) submission_id: String,
    pub(crate) terminal_no: String,
    pub(crate) installation_id: String,
    pub(crate) kiosk_seq: i64,
    pub(crate) number: String,
    pub(crate) key_id: String,
    pub(crate) body_sha256: Vec<u8>,
    pub(crate) header: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    /// Hashes of all chunks, by part.
    pub(crate) parts: Vec<Vec<[u8; 32]>>,
    /// What an older receipt proves.
    pub(crate) proved_ms: Option<i64>,
}

/// Where a chunk belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) part: i64,
    pub(crate) n: i64,
}

/// How far a submission is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Unknown,
    /// The same id with another body.
    Conflict,
    /// Announced, or received and damaged since: these are wanted.
    Missing(Vec<Place>),
    /// All is here, but it was not finished.
    Complete,
    /// Received with all its chunks; first at this time.
    Received(i64),
}

/// How far the submission with this id is; `body_sha256` is what the asker holds, if he says so.
pub(crate) async fn standing(
    db: &mut SqliteConnection,
    submission_id: &str,
    body_sha256: Option<&[u8]>,
) -> Result<Standing, sqlx::Error> {
    let row = sqlx::query!("select body_sha256, received_ms from submission where submission_id = ?", submission_id)
        .fetch_optional(&mut *db)
        .await?;
    let Some(row) = row else { return Ok(Standing::Unknown) };
    if body_sha256.is_some_and(|hash| hash != row.body_sha256) {
        return Ok(Standing::Conflict);
    }
    let missing = sqlx::query_as!(
        Place,
        "select part, n from chunk where submission_id = ? and present = 0 order by part, n",
        submission_id
    )
    .fetch_all(db)
    .await?;
    Ok(match (missing.is_empty(), row.received_ms) {
        (false, _) => Standing::Missing(missing),
        (true, Some(received_ms)) => Standing::Received(received_ms),
        (true, None) => Standing::Complete,
    })
}

/// Announces a submission; a repeat changes nothing but what an older receipt proves.
pub(crate) async fn begin(
    tx: &mut Transaction<'_, Sqlite>,
    envelope: &Envelope,
    now_ms: i64,
) -> Result<(), sqlx::Error> {
    let done = sqlx::query!(
        "insert into submission (submission_id, terminal_no, installation_id, kiosk_seq, number, body_sha256, header,
            signature, key_id, begun_ms, proved_ms)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         on conflict (submission_id) do update set proved_ms = coalesce(proved_ms, excluded.proved_ms)
         where received_ms is null",
        envelope.submission_id,
        envelope.terminal_no,
        envelope.installation_id,
        envelope.kiosk_seq,
        envelope.number,
        envelope.body_sha256,
        envelope.header,
        envelope.signature,
        envelope.key_id,
        now_ms,
        envelope.proved_ms
    )
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    for (part, chunks) in (0i64..).zip(&envelope.parts) {
        for (n, sha256) in (0i64..).zip(chunks) {
            let sha256 = sha256.as_slice();
            sqlx::query!(
                "insert into chunk (submission_id, part, n, sha256, present) values (?, ?, ?, ?, 0) on conflict do nothing",
                envelope.submission_id,
                part,
                n,
                sha256
            )
            .execute(&mut **tx)
            .await?;
        }
    }
    Ok(())
}

/// Received ones of a data folder of which this disk has lost chunks: as long as the terminal holds them it can send
/// them again. Those of the greatest server_seq first: a terminal lets go from the lowest on, as the watermark rises,
/// so what it let go never hides what it holds, however much that is.
pub(crate) async fn damaged(
    db: &mut SqliteConnection,
    installation_id: &str,
    most: i64,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select s.submission_id from (select distinct submission_id from chunk where present = 0) c
         join submission s on s.submission_id = c.submission_id
         left join receipt r on r.submission_id = s.submission_id and r.hall_epoch = (select hall_epoch from hall)
         where s.installation_id = ? and s.received_ms is not null
         order by coalesce(r.server_seq, 0) desc, s.kiosk_seq desc limit ?",
        installation_id,
        most
    )
    .fetch_all(db)
    .await
}

/// The hash that a chunk must have.
pub(crate) async fn expected_hash(
    db: &mut SqliteConnection,
    submission_id: &str,
    place: Place,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let row = sqlx::query!(
        "select sha256 from chunk where submission_id = ? and part = ? and n = ?",
        submission_id,
        place.part,
        place.n
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| row.sha256))
}

/// Notes that a chunk lies durably in its file.
pub(crate) async fn arrived(
    tx: &mut Transaction<'_, Sqlite>,
    submission_id: &str,
    place: Place,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update chunk set present = 1 where submission_id = ? and part = ? and n = ?",
        submission_id,
        place.part,
        place.n
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A stored envelope.
pub(crate) async fn load(db: &mut SqliteConnection, submission_id: &str) -> Result<Option<Envelope>, sqlx::Error> {
    let row = sqlx::query!(
        "select terminal_no, installation_id, kiosk_seq, number, key_id, body_sha256, header, signature, proved_ms
         from submission where submission_id = ?",
        submission_id
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let chunks = sqlx::query!("select part, sha256 from chunk where submission_id = ? order by part, n", submission_id)
        .fetch_all(db)
        .await?;
    let mut parts: Vec<Vec<[u8; 32]>> = Vec::new();
    for chunk in chunks {
        let part = usize::try_from(chunk.part).unwrap_or(0);
        while parts.len() <= part {
            parts.push(Vec::new());
        }
        if let (Some(list), Ok(sha256)) = (parts.get_mut(part), chunk.sha256.try_into()) {
            list.push(sha256);
        }
    }
    Ok(Some(Envelope {
        submission_id: submission_id.to_owned(),
        terminal_no: row.terminal_no,
        installation_id: row.installation_id,
        kiosk_seq: row.kiosk_seq,
        number: row.number,
        key_id: row.key_id,
        body_sha256: row.body_sha256,
        header: row.header,
        signature: row.signature,
        parts,
        proved_ms: row.proved_ms,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Db, FILE_NAME};

    const FOLDER: &str = "folder";

    /// A received submission of which a chunk is gone, with its receipt of an epoch.
    async fn lose(tx: &mut Transaction<'_, Sqlite>, seq: i64, receipt: Option<(&str, i64)>) {
        let id = format!("{seq:03}");
        let at = Envelope {
            submission_id: id.clone(),
            terminal_no: "007".into(),
            installation_id: FOLDER.into(),
            kiosk_seq: seq,
            number: String::new(),
            key_id: String::new(),
            body_sha256: Vec::new(),
            header: Vec::new(),
            signature: Vec::new(),
            parts: vec![vec![[0; 32]]],
            proved_ms: None,
        };
        begin(tx, &at, 1).await.unwrap();
        sqlx::query("update submission set received_ms = 1 where submission_id = ?")
            .bind(&id)
            .execute(&mut **tx)
            .await
            .unwrap();
        let Some((epoch, server_seq)) = receipt else { return };
        let row = "insert into receipt (submission_id, hall_epoch, server_seq, body, sig) values (?, ?, ?, x'', x'')";
        sqlx::query(row).bind(&id).bind(epoch).bind(server_seq).execute(&mut **tx).await.unwrap();
    }

    #[tokio::test]
    async fn what_a_terminal_let_go_never_hides_what_it_still_holds() {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::open(&dir.path().join(FILE_NAME), None).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        let hall =
            "insert into hall (id, hall_id, hall_epoch, next_server_seq, next_case_serial, list_seq, safe_through)
             values (1, 'hall', 'now', 200, 1, 0, 150)";
        sqlx::query(hall).execute(&mut *tx).await.unwrap();
        for seq in 1..=150 {
            lose(&mut tx, seq, Some(("now", seq))).await;
        }
        // Above the watermark; the earlier one of the two came later.
        lose(&mut tx, 151, Some(("now", 152))).await;
        lose(&mut tx, 152, Some(("now", 151))).await;
        // Of before a restore, not reconciled.
        lose(&mut tx, 160, Some(("before", 900))).await;
        lose(&mut tx, 161, None).await;
        assert_eq!(damaged(&mut tx, FOLDER, 3).await.unwrap(), ["151", "152", "150"]);
        let all = damaged(&mut tx, FOLDER, 200).await.unwrap();
        assert_eq!(all.len(), 154);
        assert_eq!(all[152..], ["161", "160"], "they come back by the reconciliation");
        assert!(damaged(&mut tx, "another", 3).await.unwrap().is_empty());
    }
}
