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
/// A clock that has run on for a day since such a leap was seen is believed.
const BELIEVED_AFTER: Duration = Duration::from_secs(24 * 3600);
/// Whether there was an application at all is a clerk's question here.
const DOUBTFUL: [&str; 4] = ["not_opened", "denied_terminal", "sequence_repeated", "terminal_mismatch"];
const CLOCK: &str = "clock";

/// Looks again and again until the hall stops.
pub(crate) async fn keep_looking(core: Arc<Core>, mut stop: watch::Receiver<bool>) {
    let started = Instant::now();
    let mut leap = None;
    loop {
        if let Err(error) = look(&core, started.elapsed(), &mut leap).await {
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

/// Whether the time for asking is over at a moment: close of business of the last day.
pub(super) fn is_over(core: &Core, clock_start_ms: i64, now_ms: i64) -> bool {
    let closing = core.contents.current().loaded.catalogue.hall.hours.closing();
    office_time(from_ms(now_ms)) >= answer_due(core, clock_start_ms).day.to_datetime(closing)
}

/// Whether the clock is further ahead of the last time that was right than anybody can vouch for: nothing is over by
/// law then. A clock that is believed has become that last time.
pub(super) async fn has_leapt(core: &Core, now_ms: i64) -> Result<bool, sqlx::Error> {
    let seen = sqlx::query!("select clock_seen_ms from hall where id = 1").fetch_one(core.db.read()).await?;
    Ok(seen.clock_seen_ms > 0 && now_ms.saturating_sub(seen.clock_seen_ms) > LEAP_MS)
}

/// Whether an item is one that the law speaks of.
pub(super) fn is_licence(core: &Core, item_id: &str) -> bool {
    core.contents.current().item(item_id).is_some_and(wire::catalogue::Item::is_licence)
}

/// Accepts what is due, at one moment: the clock may leap between the question whether it is right and the last case.
async fn look(core: &Core, running: Duration, leap: &mut Option<Leap>) -> Result<(), sqlx::Error> {
    let now_ms = core.clock.now_ms();
    if !clock_is_believed(core, (now_ms, running), leap).await? {
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
        if doubtful || !is_licence(core, &row.item_id) || !is_over(core, row.clock_start_ms, now_ms) {
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

/// A leap of the clock that nobody has confirmed or undone yet.
#[derive(Clone, Copy)]
struct Leap {
    /// How long the hall had run when it was seen.
    seen: Duration,
    /// Where it led.
    to_ms: i64,
}

impl Leap {
    /// Whether the clock has only run on since then; one that leaps on has to wait anew.
    fn runs_on(self, now_ms: i64, running: Duration) -> bool {
        let since_ms = i64::try_from(self.since(running).as_millis()).unwrap_or(i64::MAX);
        now_ms.saturating_sub(self.to_ms).saturating_sub(since_ms) <= LEAP_MS
    }

    fn since(self, running: Duration) -> Duration {
        running.saturating_sub(self.seen)
    }
}

/// Keeps the last time that was right, and says when the clock has leapt. A hall that has run for long knows nothing
/// of a clock that leapt just now: the day counts from the first look that saw it.
async fn clock_is_believed(
    core: &Core,
    (now_ms, running): (i64, Duration),
    leap: &mut Option<Leap>,
) -> Result<bool, sqlx::Error> {
    if has_leapt(core, now_ms).await? {
        let known = leap.filter(|leap| leap.runs_on(now_ms, running));
        let known = leap.insert(known.unwrap_or(Leap { seen: running, to_ms: now_ms }));
        if known.since(running) < BELIEVED_AFTER {
            let mut tx = core.db.begin().await?;
            let alarm = Alarm { kind: Kind::ClockDoubtful, subject: CLOCK, detail: "", at_ms: now_ms };
            alarm::raise_unless_open(&mut tx, alarm).await?;
            tx.commit().await?;
            return Ok(false);
        }
    }
    *leap = None;
    let mut tx = core.db.begin().await?;
    sqlx::query!("update hall set clock_seen_ms = ? where id = 1", now_ms).execute(&mut *tx).await?;
    alarm::settle(&mut tx, Kind::ClockDoubtful, CLOCK, now_ms).await?;
    tx.commit().await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use jiff::SignedDuration;

    use super::*;
    use crate::config::HallConfig;
    use crate::server::{Addresses, prepare};

    const HOUR: Duration = Duration::from_secs(3600);

    /// A hall whose clock was right at a look after it had run for this long.
    async fn hall(data: &std::path::Path, running: Duration, leap: &mut Option<Leap>) -> Core {
        let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let core = prepare(HallConfig::demo(data), Addresses { terminals: nowhere, public: None }).await.unwrap();
        assert!(is_believed(&core, running, leap).await);
        core
    }

    async fn is_believed(core: &Core, running: Duration, leap: &mut Option<Leap>) -> bool {
        clock_is_believed(core, (core.clock.now_ms(), running), leap).await.unwrap()
    }

    fn ahead(core: &Core, years: i64) {
        core.clock.set_shift(SignedDuration::from_hours(years * 365 * 24));
    }

    #[tokio::test]
    async fn a_leap_is_believed_a_day_after_it_was_seen_however_long_the_hall_ran_before() {
        let (dir, mut leap) = (tempfile::tempdir().unwrap(), None);
        let core = hall(dir.path(), 30 * HOUR, &mut leap).await;
        ahead(&core, 73);
        assert!(!is_believed(&core, 30 * HOUR, &mut leap).await, "it ran for long, but by another clock");
        assert!(!is_believed(&core, 53 * HOUR, &mut leap).await);
        assert!(has_leapt(&core, core.clock.now_ms()).await.unwrap(), "for whoever decides meanwhile, too");
        assert!(is_believed(&core, 54 * HOUR, &mut leap).await);
        assert!(!has_leapt(&core, core.clock.now_ms()).await.unwrap());
    }

    #[tokio::test]
    async fn a_clock_that_was_right_meanwhile_or_leaps_on_waits_for_a_whole_day_again() {
        let (dir, mut leap) = (tempfile::tempdir().unwrap(), None);
        let core = hall(dir.path(), HOUR, &mut leap).await;
        ahead(&core, 10);
        assert!(!is_believed(&core, 2 * HOUR, &mut leap).await);
        ahead(&core, 0);
        assert!(is_believed(&core, 20 * HOUR, &mut leap).await);
        ahead(&core, 10);
        assert!(!is_believed(&core, 30 * HOUR, &mut leap).await);
        ahead(&core, 73);
        assert!(!is_believed(&core, 50 * HOUR, &mut leap).await);
        assert!(!is_believed(&core, 60 * HOUR, &mut leap).await);
        assert!(is_believed(&core, 74 * HOUR, &mut leap).await);
    }
}
