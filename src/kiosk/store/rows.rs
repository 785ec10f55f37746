//! The rows of one submission: its sealed chunks, envelope, counters, audit entry and recovery row, in one transaction.
//! It is the one that a citizen waits for, so it is written past sqlx. Runs on a thread that may wait for the disk.

use std::sync::{Arc, mpsc::Receiver};

use super::{
    AuditEntry, NextNumbers, SealedSubmission, StoreError,
    outbox::{CHUNKS_MAX, chunk_numbers},
    plain::{Connection, Failed, run},
    sealed::Hashed,
    writer::Held,
};

/// What one transaction writes.
pub(super) struct Rows {
    pub(super) submission_id: String,
    pub(super) numbers: NextNumbers,
    pub(super) sealed: Arc<SealedSubmission>,
    pub(super) entry: AuditEntry,
}

/// Why rows were not inserted.
pub(super) enum Refused {
    /// The submission is there already.
    Twice,
    Store(StoreError),
}

impl Rows {
    /// Writes all of it. The writer's lock goes along, so that a caller that is gone meanwhile changes nothing; with
    /// an error it comes back to be closed.
    pub(super) fn write(&self, mut held: Held, signed: &Receiver<Hashed>) -> Result<(), (Refused, Box<Held>)> {
        match self.commit(&mut held.state.conn, signed) {
            Ok(next) => {
                (held.state.head, held.state.numbers) = (self.entry.head(), next);
                held.put_back();
                Ok(())
            }
            Err(refused) => {
                if matches!(refused, Refused::Store(_)) {
                    held.may_be_committed();
                }
                Err((refused, Box::new(held)))
            }
        }
    }

    /// What is signed over the chunks comes while they are on their way. Returns what the next submission gets. After
    /// an error something may be open, which is rolled back with the connection.
    fn commit(&self, conn: &mut Connection, signed: &Receiver<Hashed>) -> Result<NextNumbers, Refused> {
        run!(conn, "begin immediate")?;
        self.write_chunks(conn)?;
        let next = self.write_numbers(conn)?;
        self.write_entry(conn)?;
        let hashed = signed.recv().map_err(|_| StoreError::Closed)?;
        self.write_envelope(conn, &hashed)?;
        run!(conn, "commit")?;
        Ok(next)
    }

    fn write_chunks(&self, conn: &mut Connection) -> Result<(), Refused> {
        let (first, last) = chunk_numbers(self.numbers.kiosk_seq.cast_signed());
        let chunks = &self.sealed.chunks;
        if chunks.is_empty() || i64::try_from(chunks.len()).unwrap_or(i64::MAX) > CHUNKS_MAX {
            return Err(StoreError::Unknown.into());
        }
        for (chunk_no, chunk) in (first..=last).zip(chunks) {
            run!(
                conn,
                "insert into chunk (chunk_no, part, chunk, bytes) values (?, ?, ?, ?)",
                chunk_no,
                chunk.part,
                chunk.index,
                chunk.bytes
            )?;
        }
        Ok(())
    }

    fn write_envelope(&self, conn: &mut Connection, hashed: &Hashed) -> Result<(), Refused> {
        let sealed = &self.sealed;
        let kiosk_seq = self.numbers.kiosk_seq.cast_signed();
        run!(
            conn,
            "insert into submission (kiosk_seq, submission_id, number, body_sha256, state)
             values (?, ?, ?, ?, 'stored')",
            kiosk_seq,
            self.submission_id,
            sealed.number,
            hashed.body_sha256
        )?;
        run!(
            conn,
            "insert into envelope (kiosk_seq, item_id, key_id, submitted_at_ms, header, signature, chunk_sha256)
             values (?, ?, ?, ?, ?, ?, ?)",
            kiosk_seq,
            sealed.item_id,
            sealed.key_id,
            sealed.submitted_at_ms,
            sealed.header,
            hashed.signature,
            hashed.chunk_sha256
        )?;
        if let Some(row) = &sealed.recovery {
            run!(
                conn,
                "insert into recovery (kiosk_seq, saved_at_ms, large_group, salt, nonce, sealed)
                 values (?, ?, ?, ?, ?, ?)",
                kiosk_seq,
                sealed.submitted_at_ms,
                row.large_group,
                row.salt,
                row.nonce,
                row.sealed
            )?;
        }
        Ok(())
    }

    fn write_numbers(&self, conn: &mut Connection) -> Result<NextNumbers, Refused> {
        let next = NextNumbers { kiosk_seq: self.numbers.kiosk_seq + 1, serial: self.numbers.serial + 1 };
        let (sealed, kiosk_seq) = (self.numbers.kiosk_seq.cast_signed(), next.kiosk_seq.cast_signed());
        let serial = next.serial.cast_signed();
        // Another count than the one that was sealed ends at the check: it has to be above 0.
        run!(
            conn,
            "update installation set next_kiosk_seq = iif(next_kiosk_seq = ?, ?, 0), next_serial = ?",
            sealed,
            kiosk_seq,
            serial
        )?;
        Ok(next)
    }

    fn write_entry(&self, conn: &mut Connection) -> Result<(), Refused> {
        let entry = &self.entry;
        run!(
            conn,
            "insert into audit (seq, at_ms, boot_id, mono_ms, event, fields, prev, hash)
             values (?, ?, ?, ?, ?, ?, ?, ?)",
            entry.seq,
            entry.at_ms,
            entry.boot_id,
            entry.mono_ms,
            entry.event,
            entry.fields,
            entry.prev,
            entry.hash
        )?;
        Ok(())
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Failed> for Refused {
    fn from(failed: Failed) -> Self {
        if failed.is_twice() { Self::Twice } else { Self::Store(failed.into()) }
    }
}
