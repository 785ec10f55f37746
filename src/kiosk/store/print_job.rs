//! The ledger of the document printer. An order is written down before its first byte leaves, and each step
//! after the printer's own word; after a crash the open orders are found here and settled with the printer.
//! Holds counts and a random name, nothing of what was printed. What the counts mean is decided elsewhere.

use sqlx::sqlite::SqliteConnection;

use super::{AuditEvent, Store, StoreError};

/// What is printed, for the counts only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrintKind {
    /// A citizen's own file.
    Print,
    /// From the glass or the feeder.
    Copy,
    /// A certificate or record that the hall gave.
    Record,
}

/// An order before anything of it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPrintJob {
    pub kind: PrintKind,
    /// Random; the printer's `job-name`.
    pub job_name: String,
    /// Pages (impressions) ordered, copies counted.
    pub ordered: u32,
    pub two_sided: bool,
    /// Random id under which the hall is asked for the pages; none where nobody's day is charged.
    pub quota_job: Option<String>,
}

/// What became of the ordered pages; the three add up to the order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageCounts {
    pub printed: u32,
    pub not_printed: u32,
    /// In the printer when it failed: charged to nobody, never repeated by itself.
    pub not_certain: u32,
}

/// An order that is not settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPrintJob {
    pub job_no: u64,
    pub job_name: String,
    pub printer_job_id: Option<i32>,
    pub ordered: u32,
    pub two_sided: bool,
    /// As the printer last said.
    pub printed: u32,
}

/// Sums over all orders, for the technician.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PrintTotals {
    pub pages: PageCounts,
    /// Sheets that came out, two-sided ones counted once.
    pub sheets: u64,
}

impl PageCounts {
    /// Pages in all.
    #[must_use]
    pub fn sum(self) -> u32 {
        self.printed + self.not_printed + self.not_certain
    }
}

impl PrintKind {
    fn name(self) -> &'static str {
        match self {
            Self::Print => "print",
            Self::Copy => "copy",
            Self::Record => "record",
        }
    }
}

impl Store {
    /// Writes an order down as it is asked for, before its pages are made ready. Returns its number in the ledger.
    pub async fn print_asked(&self, job: &NewPrintJob) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let (at_ms, kind, two_sided) = (self.now().at_ms, job.kind.name(), i64::from(job.two_sided));
        let job_no = sqlx::query!(
            "insert into print_job (kind, job_name, ordered, two_sided, asked_at_ms, quota_job, state)
             values (?, ?, ?, ?, ?, ?, 'asked')",
            kind,
            job.job_name,
            job.ordered,
            two_sided,
            at_ms,
            job.quota_job
        )
        .execute(tx.conn())
        .await?
        .last_insert_rowid()
        .unsigned_abs();
        tx.audit(AuditEvent::PrintAsked { job_no, kind, ordered: job.ordered });
        tx.commit().await?;
        Ok(job_no)
    }

    /// From now on bytes of it may be with the printer.
    pub async fn print_sending(&self, job_no: u64) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let no = job_no.cast_signed();
        sqlx::query!("update print_job set state = 'sending' where job_no = ? and state = 'asked'", no)
            .execute(tx.conn())
            .await?;
        tx.commit().await
    }

    /// The printer took it under this number.
    pub async fn print_accepted(&self, job_no: u64, printer_job_id: i32) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let no = job_no.cast_signed();
        sqlx::query!(
            "update print_job set printer_job_id = ?, state = case state when 'sending' then 'accepted' else state end
             where job_no = ? and state <> 'ended'",
            printer_job_id,
            no
        )
        .execute(tx.conn())
        .await?;
        tx.commit().await
    }

    /// The printer said that so many pages came out. Never counts back.
    pub async fn print_progress(&self, job_no: u64, printed: u32) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let no = job_no.cast_signed();
        sqlx::query!(
            "update print_job set printed = min(max(printed, ?), ordered) where job_no = ? and state <> 'ended'",
            printed,
            no
        )
        .execute(tx.conn())
        .await?;
        tx.commit().await
    }

    /// Its end is wanted from now on.
    pub async fn print_cancelling(&self, job_no: u64) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let no = job_no.cast_signed();
        sqlx::query!("update print_job set state = 'cancelling' where job_no = ? and state <> 'ended'", no)
            .execute(tx.conn())
            .await?;
        tx.commit().await
    }

    /// Settles it for good; a second settling changes nothing. Counts that do not add up are refused.
    pub async fn print_ended(&self, job_no: u64, counts: PageCounts) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let no = job_no.cast_signed();
        let changed = sqlx::query!(
            "update print_job set state = 'ended', printed = ?, not_printed = ?, not_certain = ?
             where job_no = ? and state <> 'ended'",
            counts.printed,
            counts.not_printed,
            counts.not_certain,
            no
        )
        .execute(tx.conn())
        .await?
        .rows_affected();
        if changed == 0 {
            return tx.roll_back().await;
        }
        let PageCounts { printed, not_printed, not_certain } = counts;
        tx.audit(AuditEvent::PrintEnded { job_no, printed, not_printed, not_certain });
        tx.commit().await
    }

    /// Orders that are not settled but may be with the printer, oldest first.
    pub async fn open_print_jobs(&self) -> Result<Vec<OpenPrintJob>, StoreError> {
        let mut conn = self.reader().await?;
        let rows = sqlx::query!(
            "select job_no, job_name, printer_job_id, ordered, two_sided, printed
             from print_job where state <> 'ended' order by job_no"
        )
        .fetch_all(&mut *conn)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| OpenPrintJob {
                job_no: row.job_no.unsigned_abs(),
                job_name: row.job_name,
                printer_job_id: row.printer_job_id.and_then(|id| i32::try_from(id).ok()),
                ordered: count(row.ordered),
                two_sided: row.two_sided != 0,
                printed: count(row.printed),
            })
            .collect())
    }

    /// What became of one order; none while it is open.
    pub async fn print_counts(&self, job_no: u64) -> Result<Option<PageCounts>, StoreError> {
        let no = job_no.cast_signed();
        let mut conn = self.reader().await?;
        let row = sqlx::query!(
            "select printed, not_printed, not_certain from print_job where job_no = ? and state = 'ended'",
            no
        )
        .fetch_optional(&mut *conn)
        .await?;
        Ok(row.map(|row| PageCounts {
            printed: count(row.printed),
            not_printed: count(row.not_printed),
            not_certain: count(row.not_certain),
        }))
    }

    /// Sums over the settled orders.
    pub async fn print_totals(&self) -> Result<PrintTotals, StoreError> {
        let mut conn = self.reader().await?;
        let row = sqlx::query!(
            r#"select coalesce(sum(printed), 0) as "printed!: i64", coalesce(sum(not_printed), 0) as "not_printed!: i64",
                      coalesce(sum(not_certain), 0) as "not_certain!: i64",
                      coalesce(sum(case two_sided when 1 then (printed + 1) / 2 else printed end), 0) as "sheets!: i64"
               from print_job where state = 'ended'"#
        )
        .fetch_one(&mut *conn)
        .await?;
        let pages = PageCounts {
            printed: count(row.printed),
            not_printed: count(row.not_printed),
            not_certain: count(row.not_certain),
        };
        Ok(PrintTotals { pages, sheets: row.sheets.unsigned_abs() })
    }
}

fn count(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// Orders of which the last run had sent nothing: not printed.
pub(super) async fn settle_after_restart(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query!("update print_job set state = 'ended', not_printed = ordered where state = 'asked'")
        .execute(conn)
        .await?;
    Ok(())
}
