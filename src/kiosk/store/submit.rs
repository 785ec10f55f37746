//! Submitting: seal under the writer's lock with the next numbers, then one transaction for the sealed
//! bytes, counters, audit entry and recovery row. It is written on a thread of its own, while the calling one hashes
//! and signs. An error advances nothing. What failed is "not certain" until the row was read back, as the failure may
//! have been the COMMIT's.

use std::sync::{Arc, MutexGuard, PoisonError, atomic::Ordering, mpsc};

use sqlx::sqlite::SqliteConnection;
use thiserror::Error;
use tokio::task;

use super::{
    AuditEntry, AuditEvent, SealedSubmission, Store, StoreError,
    rows::{Refused, Rows},
};

/// What the next submission gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextNumbers {
    /// Gapless per installation.
    pub kiosk_seq: u64,
    /// Part of the submission number; goes on over installations and never steps back.
    pub serial: u64,
}

/// A stored submission: from here on the screen may say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub kiosk_seq: u64,
    pub number: String,
    /// An earlier try had already stored it.
    pub already: bool,
}

/// Why a submission was not stored.
#[derive(Debug, Error)]
pub enum SubmitError<E> {
    #[error("the submission was not sealed")]
    Seal(#[source] E),
    /// Nothing advanced: the same submission may be tried again.
    #[error("the submission is not stored")]
    NotStored(#[source] StoreError),
    /// The disk failed at COMMIT and again at reading back, or a retry could not even look. The same submission_id may
    /// be tried again: it is found if it was stored.
    #[error("it is not certain whether the submission is stored")]
    NotCertain(#[source] StoreError),
}

impl Store {
    /// Seals and stores. `seal` runs under the writer's lock, so that its numbers cannot be given twice. Of the
    /// submission that was tried last it is not called if that is stored already; of an older one, what it seals
    /// is thrown away.
    pub async fn submit<E>(
        &self,
        submission_id: &str,
        seal: impl FnOnce(NextNumbers) -> Result<SealedSubmission, E>,
    ) -> Result<Stored, SubmitError<E>> {
        // What the last try left may be stored: an error now is no word about that.
        let may_be_stored = self.may_be_stored(submission_id);
        let failed: fn(StoreError) -> SubmitError<E> =
            if may_be_stored { SubmitError::NotCertain } else { SubmitError::NotStored };
        let mut held = self.writer().await.map_err(failed)?;
        if may_be_stored {
            let found = find(&mut held.state.conn, submission_id).await.map_err(failed)?;
            if let Some(stored) = found {
                held.put_back();
                return Ok(stored);
            }
        }
        let numbers = held.state.numbers;
        let mut sealed = match seal(numbers) {
            Ok(sealed) => sealed,
            Err(error) => {
                held.put_back();
                return Err(SubmitError::Seal(error));
            }
        };
        let stored = Stored { kiosk_seq: numbers.kiosk_seq, number: sealed.number.clone(), already: false };
        let signing = std::mem::take(&mut sealed.signing);
        let sealed = Arc::new(sealed);
        let event =
            AuditEvent::SubmissionStored { kiosk_seq: numbers.kiosk_seq, submission_id: submission_id.to_owned() };
        let entry = AuditEntry::next(&held.state.head, self.now(), &event);
        let rows = Rows { submission_id: submission_id.to_owned(), numbers, sealed: sealed.clone(), entry };
        submission_id.clone_into(&mut self.tried());
        let (sign, signed) = mpsc::channel();
        let writing = task::spawn_blocking(move || rows.write(held, &signed));
        // Who does not receive it any more has failed, and says so.
        let _ = sign.send(signing.done(&sealed.header, &sealed.chunks));
        match writing.await {
            Ok(Ok(())) => Ok(stored),
            Ok(Err((refused, held))) => {
                (*held).close().await;
                match refused {
                    Refused::Twice => self.stored_before(submission_id).await,
                    Refused::Store(cause) => self.read_back(submission_id, cause).await,
                }
            }
            // The program is ending.
            Err(_) => {
                self.inner.commit_failed.store(true, Ordering::Release);
                self.read_back(submission_id, StoreError::Closed).await
            }
        }
    }

    /// Does before the touch what the COMMIT would else wait for, while the citizen reads: a log that is empty begins,
    /// which takes an fsync of its own. Changes nothing that counts.
    pub async fn make_ready(&self) -> Result<(), StoreError> {
        let mut held = self.writer().await?;
        match ready(&mut held.state.conn).await {
            Ok(()) => {
                held.put_back();
                Ok(())
            }
            Err(error) => {
                held.close_after_commit().await;
                Err(error.into())
            }
        }
    }

    /// What the next submission would get; for showing, not for sealing.
    pub async fn next_numbers(&self) -> Result<NextNumbers, StoreError> {
        next_numbers(&mut *self.reader().await?).await
    }

    /// The submission that was tried last, unless it is certain that it was not stored.
    fn tried(&self) -> MutexGuard<'_, String> {
        self.inner.tried.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn may_be_stored(&self, submission_id: &str) -> bool {
        *self.tried() == submission_id
    }

    /// After its id was refused as one that is there.
    async fn stored_before<E>(&self, submission_id: &str) -> Result<Stored, SubmitError<E>> {
        let mut held = self.writer().await.map_err(SubmitError::NotCertain)?;
        let found = find(&mut held.state.conn, submission_id).await;
        held.put_back();
        found.map_err(SubmitError::NotCertain)?.ok_or(SubmitError::NotStored(StoreError::Unknown))
    }

    async fn read_back<E>(&self, submission_id: &str, cause: StoreError) -> Result<Stored, SubmitError<E>> {
        // Taking the writer empties the log first, with an fsync of its own: what is there then is on the disk.
        let error = match self.writer().await {
            Ok(mut held) => {
                let found = find(&mut held.state.conn, submission_id).await;
                held.put_back();
                match found {
                    Ok(Some(stored)) => return Ok(Stored { already: false, ..stored }),
                    Ok(None) => SubmitError::NotStored(cause),
                    Err(_) => SubmitError::NotCertain(cause),
                }
            }
            Err(again) => unread(cause, &again),
        };
        if matches!(error, SubmitError::NotStored(_)) && self.may_be_stored(submission_id) {
            self.tried().clear();
        }
        Err(error)
    }
}

/// What is known where writing failed with `cause` and reading back with `again`.
fn unread<E>(cause: StoreError, again: &StoreError) -> SubmitError<E> {
    match cause {
        // A full disk fails before the commit frame is whole, and the log cannot be emptied for the same reason. An
        // index that cannot grow fails after it.
        StoreError::DiskFull if again.is_full() => SubmitError::NotStored(cause),
        _ => SubmitError::NotCertain(cause),
    }
}

pub(super) async fn next_numbers(conn: &mut SqliteConnection) -> Result<NextNumbers, StoreError> {
    let row = sqlx::query!("select next_kiosk_seq, next_serial from installation").fetch_optional(conn).await?;
    Ok(row.map_or(NextNumbers { kiosk_seq: 1, serial: 1 }, |row| NextNumbers {
        kiosk_seq: row.next_kiosk_seq.unsigned_abs(),
        serial: row.next_serial.unsigned_abs(),
    }))
}

async fn find(conn: &mut SqliteConnection, submission_id: &str) -> Result<Option<Stored>, StoreError> {
    let row = sqlx::query!("select kiosk_seq, number from submission where submission_id = ?", submission_id)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| Stored { kiosk_seq: row.kiosk_seq.unsigned_abs(), number: row.number, already: true }))
}

async fn ready(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("update installation set readied = 1 - readied").execute(conn).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unread_only_a_disk_that_was_full_for_the_log_is_certain_to_hold_nothing() {
        let certain = |cause, again: &StoreError| matches!(unread::<()>(cause, again), SubmitError::NotStored(_));
        assert!(certain(StoreError::DiskFull, &StoreError::DiskFull));
        assert!(certain(StoreError::DiskFull, &StoreError::IndexFull));
        assert!(!certain(StoreError::DiskFull, &StoreError::Closed));
        assert!(!certain(StoreError::IndexFull, &StoreError::DiskFull));
        assert!(!certain(StoreError::IndexFull, &StoreError::IndexFull));
        assert!(!certain(StoreError::Disk { code: 1034 }, &StoreError::DiskFull));
    }
}
