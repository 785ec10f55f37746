//! Deemed acceptance (行政许可法 art. 32, rules 7.1): a licence application (task type 01) for which nobody asked, once
//! and completely, for corrections within five working days counts as accepted from the day it was handed in.
//! Worked out by the calendar at each look, so that a restart or a new calendar changes nothing that is due.
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::{Sqlite, Transaction};
use tokio::sync::watch;
use wire::calendar::Due;

use super::steps::{Step, take};
use crate::alarm::{self, Alarm, Kind};
use crate::clock::{from_ms, office_date, office_time};
use crate::server::{Core, stopped};

/// Days for asking for corrections.
const ANSWER_DAYS: u32 = 5;
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// Longer than any hall is shut. A clock further ahead than this of the last time that was right may be wrong, and
/// an acceptance by law cannot be taken back.
const LEAP_MS: i64 = 31 * 24 * 3600 * 1000;
/// A clock that has run on for a day after such a leap is believed.
const BELIEVED_AFTER: Duration = Duration::from_secs(24 * 3600);
/// Whether there was an application at all is a clerk's question here.
const DOUBTFUL: [&str; 4] = ["not_opened", "denied_terminal", "sequence_repeated", "terminal_mismatch"];
const CLOCK: &str = "clock";

/// Looks again and again until the hall stops.
pub(crate) async fn keep_looking(core: Arc<Core>, mut stop: watch::Receiver<bool>) {
    let started = Instant::now();
    loop {
        if let Err(error) = look(&core, started.elapsed()).await {
            tracing::error!(%error, "deadlines were not looked at");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = core.clock.moved() => {}
            () = stopped(&mut stop) => return,
        }
    }
}

/// The day until which the hall may ask for corrections.
pub(crate) fn answer_due(core: &Core, clock_start_ms: i64) -> Due {
    let calendar = &core.contents.current().loaded.catalogue.calendar;
    calendar.after(office_date(from_ms(clock_start_ms)), ANSWER_DAYS)
}

/// The promised day of an accepted case.
pub(crate) fn promise_due(core: &Core, item_id: &str, accepted_ms: Option<i64>) -> Option<Due> {
    let version = core.contents.current();
    let promise = &version.item(item_id)?.promise;
    let accepted = office_date(from_ms(accepted_ms?));
    Some(version.loaded.catalogue.calendar.due(accepted, promise.value, promise.unit))
}

/// Whether the time for asking is over: close of business of the last day.
pub(super) fn is_over(core: &Core, clock_start_ms: i64) -> bool {
    let closing = core.contents.current().loaded.catalogue.hall.hours.closing();
    office_time(core.clock.now()) >= answer_due(core, clock_start_ms).day.to_datetime(closing)
}

/// Whether an item is one that the law speaks of.
pub(super) fn is_licence(core: &Core, item_id: &str) -> bool {
    core.contents.current().item(item_id).is_some_and(wire::catalogue::Item::is_licence)
}

/// Accepts what is due.
async fn look(core: &Arc<Core>, running: Duration) -> Result<(), sqlx::Error> {
    if !clock_is_believed(core, running).await? {
        return Ok(());
    }
    let waiting = sqlx::query!(
        "select case_id as \"case_id!\", item_id, clock_start_ms, reasons from case_file
         where state in ('received', 'needs_clerk') order by case_id"
    )
    .fetch_all(core.db.read())
    .await?;
    let mut accepted = 0;
    for row in waiting {
        let reasons: Vec<String> = serde_json::from_str(&row.reasons).unwrap_or_default();
        let doubtful = reasons.iter().any(|code| DOUBTFUL.contains(&code.as_str()));
        if doubtful || !is_licence(core, &row.item_id) || !is_over(core, row.clock_start_ms) {
            continue;
        }
        let mut tx = core.db.begin().await?;
        accepted += usize::from(accept(core, &mut tx, (row.case_id, row.clock_start_ms)).await?);
        tx.commit().await?;
    }
    if accepted > 0 {
        core.backup_wanted.notify_one();
    }
    Ok(())
}

/// From the day on which it was handed in; false if a clerk was faster.
pub(super) async fn accept(
    core: &Core,
    tx: &mut Transaction<'_, Sqlite>,
    (case_id, clock_start_ms): (i64, i64),
) -> Result<bool, sqlx::Error> {
    let step = Step::Deem { accepted_ms: clock_start_ms };
    take(core, tx, case_id, ("hall", step)).await
}

/// Keeps the last time that was right, and says when the clock has leapt.
async fn clock_is_believed(core: &Core, running: Duration) -> Result<bool, sqlx::Error> {
    let now = core.clock.now_ms();
    let seen = sqlx::query!("select clock_seen_ms from hall where id = 1").fetch_one(core.db.read()).await?;
    let leapt = seen.clock_seen_ms > 0 && now - seen.clock_seen_ms > LEAP_MS;
    let mut tx = core.db.begin().await?;
    if leapt && running < BELIEVED_AFTER {
        let alarm = Alarm { kind: Kind::ClockDoubtful, subject: CLOCK, detail: "", at_ms: now };
        alarm::raise_unless_open(&mut tx, alarm).await?;
        tx.commit().await?;
        return Ok(false);
    }
    sqlx::query!("update hall set clock_seen_ms = ? where id = 1", now).execute(&mut *tx).await?;
    alarm::settle(&mut tx, Kind::ClockDoubtful, CLOCK, now).await?;
    tx.commit().await?;
    Ok(true)
}
