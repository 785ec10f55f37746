//! Which settled orders the hall still has to be told of, so that a person's free pages of the day are charged for
//! what came out and nothing else (rules 8.7). Found again after a crash; telling twice changes nothing at the hall.

use super::{PageCounts, Store, StoreError};

/// A settled order whose reservation the hall still holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaDue {
    pub job_no: u64,
    /// The id under which its pages were reserved.
    pub quota_job: String,
    pub counts: PageCounts,
}

impl Store {
    /// Orders that are settled here and not yet at the hall, oldest first.
    pub async fn quota_due(&self) -> Result<Vec<QuotaDue>, StoreError> {
        let mut conn = self.reader().await?;
        let rows = sqlx::query!(
            r#"select job_no, quota_job as "quota_job!", printed, not_printed, not_certain from print_job
               where quota_job is not null and state = 'ended' order by job_no"#
        )
        .fetch_all(&mut *conn)
        .await?;
        let count = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
        Ok(rows
            .into_iter()
            .map(|row| QuotaDue {
                job_no: row.job_no.unsigned_abs(),
                quota_job: row.quota_job,
                counts: PageCounts {
                    printed: count(row.printed),
                    not_printed: count(row.not_printed),
                    not_certain: count(row.not_certain),
                },
            })
            .collect())
    }

    /// The hall knows what became of it.
    pub async fn quota_settled(&self, job_no: u64) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let no = job_no.cast_signed();
        sqlx::query!("update print_job set quota_job = null where job_no = ? and state = 'ended'", no)
            .execute(tx.conn())
            .await?;
        tx.commit().await
    }
}
