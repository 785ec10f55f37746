//! The hash-chained audit table: who did what, written in the same transaction as the act itself.
//! Fields never hold a citizen's data. Cutting the tail is only found against a head kept elsewhere (the backups).
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{Sqlite, SqliteConnection, Transaction};

/// A terminal as it stands in entries, and in alarms that name one.
pub(crate) fn terminal(terminal_no: &(impl std::fmt::Display + ?Sized)) -> String {
    format!("terminal {terminal_no}")
}

/// One entry to write.
pub(crate) struct Entry<'a> {
    /// Login name of the person, or `hall`, or [`terminal`].
    pub actor: &'a str,
    /// A word of the event catalogue, e.g. `case.opened`.
    pub event: &'static str,
    pub fields: Value,
    pub at_ms: i64,
}

/// Appends an entry to the chain.
pub(crate) async fn write(tx: &mut Transaction<'_, Sqlite>, entry: Entry<'_>) -> Result<(), sqlx::Error> {
    let last = sqlx::query!("select seq, hash from audit order by seq desc limit 1").fetch_optional(&mut **tx).await?;
    let (seq, prev) = last.map_or_else(|| (1, vec![0; 32]), |row| (row.seq + 1, row.hash));
    let fields = entry.fields.to_string();
    let hash = link(&prev, seq, &Line { at_ms: entry.at_ms, actor: entry.actor, event: entry.event, fields: &fields });
    sqlx::query!(
        "insert into audit (seq, at_ms, actor, event, fields, prev, hash) values (?, ?, ?, ?, ?, ?, ?)",
        seq,
        entry.at_ms,
        entry.actor,
        entry.event,
        fields,
        prev,
        hash
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The first entry that does not follow from the one before it, if any.
pub(crate) async fn first_break(db: &mut SqliteConnection) -> Result<Option<i64>, sqlx::Error> {
    let rows = sqlx::query!("select seq, at_ms, actor, event, fields, prev, hash from audit order by seq")
        .fetch_all(db)
        .await?;
    let (mut expected_seq, mut prev) = (1, vec![0; 32]);
    for row in rows {
        let line = Line { at_ms: row.at_ms, actor: &row.actor, event: &row.event, fields: &row.fields };
        if row.seq != expected_seq || row.prev != prev || row.hash != link(&prev, row.seq, &line) {
            return Ok(Some(expected_seq));
        }
        expected_seq += 1;
        prev = row.hash;
    }
    Ok(None)
}

struct Line<'a> {
    at_ms: i64,
    actor: &'a str,
    event: &'a str,
    fields: &'a str,
}

fn link(prev: &[u8], seq: i64, line: &Line<'_>) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(prev);
    hash.update(seq.to_be_bytes());
    hash.update(line.at_ms.to_be_bytes());
    for text in [line.actor, line.event, line.fields] {
        // The length keeps two neighbouring fields from being shifted into each other.
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().to_vec()
}
