//! Sync against the real hall: identity, clock, content, calls. What becomes of submissions over the worse days
//! is in `tests/offline.rs` and `tests/restore.rs`.

mod stand;

use super::{HallAccess, SyncEvent, certificate, sealing_material};
use crate::clock::TerminalClock;
use crate::store::{KeyState, SubmissionState};
use hall::{Clock, Hall, HallConfig, RunningHall, inspect};
use jiff::SignedDuration;
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use stand::{Stand, Terminal, access, access_of};
use wire::seal::ClockQuality;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_terminal_enrols_shows_the_halls_content_and_gets_a_receipt() {
    let mut stand = Stand::new().await;
    stand.terminal.until(|event| *event == SyncEvent::Enrolled).await;
    stand.terminal.until_online().await;
    stand.terminal.until(|event| *event == SyncEvent::Content).await;
    let content = stand.terminal.store.active_content().await.unwrap().unwrap();
    assert!(wire::catalogue::Catalogue::load(std::str::from_utf8(&content.catalogue).unwrap()).is_ok());

    let picture = (0..1_500_000u32).map(|i| (i % 251) as u8).collect();
    let id = stand.terminal.submit(&[b"{}".to_vec(), picture]).await;
    stand.terminal.until_receipt(&id).await;
    let counts = stand.terminal.store.counts().await.unwrap();
    assert_eq!((counts.stored, counts.receipted + counts.released), (0, 1));
    let folder = stand.hall_folder();
    let cases = tokio::task::spawn_blocking(move || inspect::cases(&folder).unwrap()).await.unwrap();
    assert_eq!(cases.iter().map(|case| case.submission_id.clone()).collect::<Vec<_>>(), [id.to_string()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_code_enrols_nobody_and_the_right_one_does_later() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(&dir.path().join("hall"))).unwrap();
    let folder = dir.path().join("kiosk");
    let wrong = HallAccess { enrolment_code: Some("0000-0000-0000".into()), ..access(&hall) };
    let mut terminal = Terminal::start(&folder, TerminalClock::new(480), wrong).await;
    assert_eq!(terminal.until_offline().await, "enrolment_refused");
    assert_eq!(terminal.store.identity().await.unwrap().hall, None);
    assert!(sealing_material(&terminal.store).await.is_none());
    let pending = terminal.store.keys().await.unwrap().remove(0).csr;
    let clock = terminal.end().await;

    let mut terminal = Terminal::start(&folder, clock, access(&hall)).await;
    terminal.until_online().await;
    assert_eq!(terminal.store.keys().await.unwrap().remove(0).state, KeyState::Current);
    assert!(pending.is_some(), "the key was stored before it was asked for");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_hall_at_the_same_address_is_not_believed() {
    let mut stand = Stand::new().await;
    stand.terminal.until_online().await;
    let clock = stand.terminal.end().await;
    let other = Hall::start(HallConfig::demo(&stand.dir.path().join("other"))).unwrap();
    let address = other.terminal_addr.to_string();
    let access = HallAccess { address, authority: None, enrolment_code: None };
    let mut terminal = Terminal::start(&stand.dir.path().join("kiosk"), clock, access).await;
    assert_eq!(terminal.until_offline().await, "not_our_hall");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_stored_while_the_network_was_cut_goes_when_it_is_back() {
    let mut stand = Stand::new().await;
    let terminal = &mut stand.terminal;
    terminal.until_online().await;
    terminal.handle.cut(true);
    assert_eq!(terminal.until_offline().await, "unreachable");
    let (first, second) = (terminal.submit(&[b"{}".to_vec()]).await, terminal.submit(&[b"{}".to_vec()]).await);
    terminal.handle.call_staff("review".into());
    terminal.until(|event| *event == SyncEvent::CallFailed).await;
    assert_eq!(terminal.store.counts().await.unwrap().stored, 2);
    terminal.handle.cut(false);
    terminal.until_receipt(&first).await;
    terminal.until_receipt(&second).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sealed_bytes_go_when_a_copy_on_the_second_medium_is_verified() {
    let mut stand = Stand::new().await;
    let terminal = &mut stand.terminal;
    terminal.until_online().await;
    let id = terminal.submit(&[b"{}".to_vec()]).await;
    terminal.until_receipt(&id).await;
    assert_eq!(terminal.store.counts().await.unwrap().receipted, 1, "a receipt does not end custody");
    stand.hall.backup().unwrap();
    // A new connection begins with a heartbeat.
    terminal.handle.cut(true);
    terminal.until_offline().await;
    terminal.handle.cut(false);
    terminal.until(|event| matches!(event, SyncEvent::Released { count: 1 })).await;
    assert!(terminal.store.envelope(&id.to_string()).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_halls_signed_time_sets_a_wrong_clock_right_in_either_direction() {
    for years in [-56, 73] {
        let clock = TerminalClock::new(480);
        let right = clock.clone().now_ms();
        clock.jump_ms(years * 365 * DAY_MS);
        let mut stand = Stand::with_clock(clock.clone()).await;
        stand.terminal.until_online().await;
        assert!(clock.now_ms().abs_diff(right) < 60_000, "{years}: {} ms off", clock.now_ms() - right);
        let material = sealing_material(&stand.terminal.store).await.unwrap();
        let now = || stand.terminal.store.now();
        assert_eq!(material.quality(&now()), ClockQuality::Trusted);
        clock.jump_ms(3_600_000);
        assert_eq!(material.quality(&now()), ClockQuality::Correctable);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_renewed_with_a_third_of_its_life_left_and_after_its_end() {
    for days in [60, 200] {
        let dir = tempfile::tempdir().unwrap();
        let hall_clock = Clock::system();
        let config = HallConfig { clock: hall_clock.clone(), ..HallConfig::demo(&dir.path().join("hall")) };
        let hall = Hall::start(config).unwrap();
        let (folder, access) = (dir.path().join("kiosk"), access(&hall));
        let mut terminal = Terminal::start(&folder, TerminalClock::new(480), access.clone()).await;
        terminal.until_online().await;
        let first = terminal.store.keys().await.unwrap().remove(0).certificate.unwrap();
        let clock = terminal.end().await;

        hall_clock.set_shift(SignedDuration::from_hours(24 * days));
        clock.jump_ms(days * DAY_MS);
        let mut terminal = Terminal::start(&folder, clock, access).await;
        terminal.until_online().await;
        let keys = terminal.store.keys().await.unwrap();
        assert_eq!(keys.len(), 1, "{days}: the old key goes once the new one was used");
        assert_ne!(keys[0].certificate.as_ref(), Some(&first), "{days}");
        let id = terminal.submit(&[b"{}".to_vec()]).await;
        terminal.until_receipt(&id).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_wrong_time_of_the_hall_renews_no_certificate() {
    let hall_clock = Clock::system();
    let (dir, hall) = hall_by(&hall_clock);
    let folder = dir.path().join("kiosk");
    let mut terminal = Terminal::start(&folder, TerminalClock::new(480), access(&hall)).await;
    terminal.until_online().await;
    let first = current_certificate(&terminal).await;
    let clock = terminal.end().await;
    // Two answers a day apart agree, so that a certificate might be renewed.
    hall_clock.set_shift(SignedDuration::from_hours(24 * 2));
    clock.jump_ms(2 * DAY_MS);
    let mut terminal = Terminal::start(&folder, clock, HallAccess::default()).await;
    terminal.until_online().await;

    hall_clock.set_shift(SignedDuration::from_hours(24 * 365 * 73));
    terminal.handle.cut(true);
    terminal.until_offline().await;
    terminal.handle.cut(false);
    assert_eq!(terminal.until_offline().await, "certificate_ended");
    hall_clock.set_shift(SignedDuration::from_hours(24 * 2));
    terminal.handle.wake();
    terminal.until_online().await;
    assert_eq!(current_certificate(&terminal).await, first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_a_hall_gave_at_a_wrong_time_to_come_is_renewed() {
    let hall_clock = Clock::system();
    hall_clock.set_shift(SignedDuration::from_hours(24 * 365 * 73));
    let (dir, hall) = hall_by(&hall_clock);
    let folder = dir.path().join("kiosk");
    let mut terminal = Terminal::start(&folder, TerminalClock::new(480), access(&hall)).await;
    terminal.until_online().await;
    let wrong = current_certificate(&terminal).await;
    let clock = terminal.end().await;
    // It is right again, and another day as well.
    for days in [0, 2] {
        hall_clock.set_shift(SignedDuration::from_hours(24 * days));
        clock.jump_ms(days * DAY_MS);
        let mut terminal = Terminal::start(&folder, clock.clone(), HallAccess::default()).await;
        terminal.until_online().await;
        let (from_ms, until_ms) = certificate::validity_ms(&current_certificate(&terminal).await).unwrap();
        let is_valid = (from_ms..until_ms).contains(&terminal.clock.now_ms());
        assert_eq!(is_valid, days == 2, "only after two answers a day apart");
        assert_eq!(current_certificate(&terminal).await == wrong, days == 0);
        terminal.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_code_helps_a_terminal_whose_certificate_ended_while_its_clock_stood() {
    let hall_clock = Clock::system();
    let (dir, hall) = hall_by(&hall_clock);
    let folder = dir.path().join("kiosk");
    let mut terminal = Terminal::start(&folder, TerminalClock::new(480), access(&hall)).await;
    terminal.until_online().await;
    let first = current_certificate(&terminal).await;
    terminal.end().await;
    hall_clock.set_shift(SignedDuration::from_hours(24 * 200));
    let mut terminal = Terminal::start(&folder, TerminalClock::new(480), HallAccess::default()).await;
    assert_eq!(terminal.until_offline().await, "certificate_ended");
    terminal.end().await;

    let mut terminal = Terminal::start(&folder, TerminalClock::new(480), access(&hall)).await;
    terminal.until(|event| *event == SyncEvent::Enrolled).await;
    terminal.until_online().await;
    assert_ne!(current_certificate(&terminal).await, first);
    let id = terminal.submit(&[b"{}".to_vec()]).await;
    terminal.until_receipt(&id).await;
}

fn hall_by(clock: &Clock) -> (tempfile::TempDir, RunningHall) {
    let dir = tempfile::tempdir().unwrap();
    let config = HallConfig { clock: clock.clone(), ..HallConfig::demo(&dir.path().join("hall")) };
    let hall = Hall::start(config).unwrap();
    (dir, hall)
}

async fn current_certificate(terminal: &Terminal) -> Vec<u8> {
    let keys = terminal.store.keys().await.unwrap();
    keys.into_iter().find(|key| key.state == KeyState::Current).unwrap().certificate.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_staff_call_is_answered_and_closed_at_the_hall() {
    let mut stand = Stand::new().await;
    stand.terminal.until_online().await;
    stand.terminal.handle.call_staff("review".into());
    let mut calls = hall_database(&stand).await;
    let answered = "update staff_call set answered_by = '王导办', minutes = 2, answered_ms = 1 where step = 'review'";
    until(async || sqlx::query(answered).execute(&mut calls).await.unwrap().rows_affected() == 1).await;
    // Another terminal's call makes the hall look at all that are waited for.
    let (folder, other) = (stand.dir.path().join("kiosk-8"), access_of(&stand.hall, "008"));
    let mut other = Terminal::start_as("008", &folder, (TerminalClock::new(480), other)).await;
    other.until_online().await;
    other.handle.call_staff("guide".into());
    let answer = SyncEvent::CallAnswered { who: "王导办".into(), minutes: 2 };
    stand.terminal.until(|event| *event == answer).await;
    stand.terminal.handle.close_call();
    let closed = "select 1 from staff_call where step = 'review' and closed_ms is not null";
    until(async || sqlx::query(closed).fetch_optional(&mut calls).await.unwrap().is_some()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_in_trouble_are_told_to_the_hall_with_the_heartbeat() {
    let mut stand = Stand::new().await;
    stand.terminal.until_online().await;
    let mut database = hall_database(&stand).await;
    let handle = stand.terminal.handle.clone();
    for told in ["paper_out", "jammed"] {
        handle.set_troubles([("receipt_printer".to_owned(), told.to_owned())].into());
        // A new connection begins with a heartbeat.
        handle.cut(true);
        stand.terminal.until_offline().await;
        handle.cut(false);
        // The hall knows before the terminal does: a cut in between would end no connection.
        stand.terminal.until_online().await;
        let known = "select 1 from installation where state ->> '$.troubles.receipt_printer' = ?";
        until(async || sqlx::query(known).bind(told).fetch_optional(&mut database).await.unwrap().is_some()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stored_submission_that_cannot_be_read_holds_up_no_other_and_is_told() {
    for damage in [
        "delete from chunk where chunk_no / 1048576 = 1",
        "update chunk set bytes = substr(bytes, 2) where chunk_no / 1048576 = 1",
        "delete from envelope where kiosk_seq = 1",
        "update envelope set chunk_sha256 = 'none' where kiosk_seq = 1",
    ] {
        let mut stand = Stand::new().await;
        stand.terminal.until_online().await;
        stand.terminal.handle.cut(true);
        stand.terminal.until_offline().await;
        let damaged = stand.terminal.submit(&[b"{}".to_vec()]).await;
        let whole = stand.terminal.submit(&[b"{}".to_vec()]).await;
        let mut folder = terminal_database(&stand).await;
        assert_eq!(sqlx::query(damage).execute(&mut folder).await.unwrap().rows_affected(), 1, "{damage}");
        stand.terminal.handle.cut(false);
        stand.terminal.until(|event| matches!(event, SyncEvent::Fault { .. })).await;
        stand.terminal.until_receipt(&whole).await;
        let waiting = stand.terminal.store.submissions(SubmissionState::Stored).await.unwrap();
        assert_eq!(waiting.len(), 1, "{damage}: kept and not put aside");
        assert_eq!(waiting[0].submission_id, damaged.to_string());
        assert!(waiting[0].attempts > 0 && waiting[0].last_error.is_some(), "{damage}: {waiting:?}");
        let mut database = hall_database(&stand).await;
        let known = "select 1 from installation where state ->> '$.troubles.store' is not null";
        until(async || sqlx::query(known).fetch_optional(&mut database).await.unwrap().is_some()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_that_cannot_count_its_envelopes_still_says_how_it_stands() {
    let mut stand = Stand::new().await;
    stand.terminal.until_online().await;
    stand.terminal.handle.cut(true);
    stand.terminal.until_offline().await;
    let mut folder = terminal_database(&stand).await;
    sqlx::query("alter table envelope rename to unreadable").execute(&mut folder).await.unwrap();
    stand.terminal.handle.cut(false);
    stand.terminal.until_online().await;
    let mut database = hall_database(&stand).await;
    // One of each key, so that the hall destroys none.
    let counted = "select 1 from installation, json_each(state, '$.envelopes_by_key') as key where key.value = 1";
    until(async || sqlx::query(counted).fetch_optional(&mut database).await.unwrap().is_some()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn erased_bytes_that_are_still_in_the_log_are_told_to_the_hall_until_they_are_gone() {
    let mut stand = Stand::new().await;
    stand.terminal.until_online().await;
    let id = stand.terminal.submit(&[b"{}".to_vec()]).await;
    stand.terminal.until_receipt(&id).await;
    let mut reading = terminal_database(&stand).await;
    sqlx::raw_sql("begin; select * from submission").execute(&mut reading).await.unwrap();
    stand.hall.backup().unwrap();
    // The first one brings the watermark, the next one says what came of it.
    stand.heartbeat().await;
    stand.heartbeat().await;
    let mut database = hall_database(&stand).await;
    let told = "select 1 from installation where state ->> '$.troubles.store' = 'log_not_emptied'";
    until(async || sqlx::query(told).fetch_optional(&mut database).await.unwrap().is_some()).await;

    reading.close().await.unwrap();
    // Again the first one does it and the next one says so.
    stand.heartbeat().await;
    stand.heartbeat().await;
    until(async || sqlx::query(told).fetch_optional(&mut database).await.unwrap().is_none()).await;
}

async fn terminal_database(stand: &Stand) -> SqliteConnection {
    let file = stand.dir.path().join("kiosk").join("kiosk.db");
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await.unwrap()
}

async fn hall_database(stand: &Stand) -> SqliteConnection {
    let file = stand.hall_folder().join("hall.sqlite");
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await.unwrap()
}

async fn until(mut condition: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !condition().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(stand::DEADLINE, waiting).await.expect("the condition did not come true");
}
