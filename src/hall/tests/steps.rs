//! What becomes of a case: corrections asked once, acceptance by a clerk or by law, refusal, end; on a clock that the
//! test sets.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::path::Path;

use hall::inspect::{self, CaseSummary};
use hall::{Clock, Hall, HallConfig, RunningHall};
use jiff::{SignedDuration, Timestamp};
use support::browser::{Browser, Page};
use support::{Submission, Terminal, golden, wait};
use wire::api::{CaseProgress, CaseState, ProgressAnswer, ProgressRequest, path};
use wire::signed::KeyUse;

/// A licence (task type 01) and an item that is none.
const LICENCE: &str = "XC-SCJ-03";
const OTHER: &str = "XC-RSJ-02";
const CLERK: &str = "clerk-scjgj";

/// Submitted on Monday and Tuesday; five working days later at five in the afternoon, office time.
const MONDAY: &str = "2026-11-23T02:00:00Z";
const TUESDAY: &str = "2026-11-24T02:00:00Z";
const MONDAYS_END: &str = "2026-11-30T09:00:00Z";
const BEFORE_TUESDAYS_END: &str = "2026-12-01T08:59:00Z";
const TUESDAYS_END: &str = "2026-12-01T09:00:00Z";

fn moment(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

fn set(clock: &Clock, text: &str) {
    clock.set_shift(SignedDuration::from_millis(moment(text) - Timestamp::now().as_millisecond()));
}

fn start(dir: &Path, now: &str) -> (RunningHall, Clock) {
    let config = HallConfig::demo(dir);
    let clock = config.clock.clone();
    set(&clock, now);
    (Hall::start(config).unwrap(), clock)
}

fn submitted(terminal: &mut Terminal, item: &str, at: &str) -> Submission {
    let mut header = terminal.header(item);
    header.submitted_at_ms = moment(at);
    terminal.seq += 1;
    terminal.next_serial += 1;
    let key = terminal.keys.newest(KeyUse::Sealing).unwrap().clone();
    let submission = terminal.seal_with(header, (&key.key_id, &key.public.0), &golden(item), Vec::new());
    terminal.upload(&submission);
    submission
}

fn case(dir: &Path, n: usize) -> CaseSummary {
    inspect::cases(dir).unwrap()[n].clone()
}

fn decide(clerk: &Browser, step: &str, notice: &str) -> Page {
    decide_on(clerk, 1, step, notice)
}

fn decide_on(clerk: &Browser, case_id: usize, step: &str, notice: &str) -> Page {
    let page = clerk.get(&format!("/cases/{case_id}"));
    let path = format!("/cases/{case_id}/step");
    clerk.post(&path, &[("csrf", &page.csrf()), ("step", step), ("notice", notice)])
}

fn login(hall: &RunningHall, name: &str) -> Browser {
    let mut browser = Browser::new(hall.console_addr);
    browser.login(name, &hall.demo_password().unwrap());
    browser
}

fn progress(terminal: &Terminal) -> CaseProgress {
    let token = golden(LICENCE).lookup_token.clone();
    let answer = terminal.json("POST", path::PROGRESS, &ProgressRequest::Token { token });
    answer.json::<ProgressAnswer>().cases.remove(0)
}

#[test]
fn a_licence_application_that_nobody_answers_is_accepted_by_law_from_the_day_it_was_handed_in() {
    let dir = tempfile::tempdir().unwrap();
    let (hall, clock) = start(dir.path(), TUESDAY);
    let mut terminal = Terminal::enrol(&hall, "007");
    submitted(&mut terminal, LICENCE, TUESDAY);
    submitted(&mut terminal, LICENCE, MONDAY);
    submitted(&mut terminal, OTHER, MONDAY);
    set(&clock, BEFORE_TUESDAYS_END);
    wait(|| case(dir.path(), 1).state == "accepted");
    assert_eq!(case(dir.path(), 1).accepted_ms, Some(moment(MONDAY)));
    assert_eq!(case(dir.path(), 0).accepted_ms, None, "a minute before closing there is still time");
    set(&clock, TUESDAYS_END);
    wait(|| case(dir.path(), 0).state == "accepted");
    assert_eq!(case(dir.path(), 0).accepted_ms, Some(moment(TUESDAY)));
    assert_eq!(case(dir.path(), 2).state, "received", "the law speaks of licences only");
    let page = login(&hall, CLERK).get("/cases/1");
    assert!(page.has("视为受理") && page.has("系统") && page.has("20261124-"), "{}", page.text);
    assert!(login(&hall, "admin").get("/settings").has("✓ 完整"));
    hall.stop();
}

#[test]
fn what_was_due_while_the_hall_was_off_is_accepted_at_its_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let (hall, _) = start(dir.path(), MONDAY);
    let mut terminal = Terminal::enrol(&hall, "007");
    submitted(&mut terminal, LICENCE, MONDAY);
    hall.stop();
    assert_eq!(case(dir.path(), 0).state, "received");
    let (hall, _) = start(dir.path(), MONDAYS_END);
    wait(|| case(dir.path(), 0).accepted_ms == Some(moment(MONDAY)));
    assert_eq!(progress(&terminal).state, CaseState::Deemed);
    hall.stop();
}

#[test]
fn a_clock_that_leaps_years_ahead_accepts_nothing_and_is_an_alarm_until_it_is_right_again() {
    let dir = tempfile::tempdir().unwrap();
    let (hall, clock) = start(dir.path(), TUESDAY);
    let mut terminal = Terminal::enrol(&hall, "007");
    submitted(&mut terminal, LICENCE, TUESDAY);
    submitted(&mut terminal, LICENCE, TUESDAY);
    submitted(&mut terminal, LICENCE, TUESDAY);
    let alarm = || inspect::alarms(dir.path()).unwrap().iter().any(|alarm| alarm.kind == "clock_doubtful");
    let states = || inspect::cases(dir.path()).unwrap().into_iter().map(|case| case.state).collect::<Vec<_>>();
    set(&clock, "2099-01-01T00:00:00Z");
    wait(alarm);
    assert_eq!(states(), ["received"; 3]);
    // What a clerk decides meanwhile is not too late, either.
    let clerk = login(&hall, CLERK);
    assert_eq!(decide_on(&clerk, 2, "correct", "请补：平面图。").status, 303);
    assert_eq!(decide_on(&clerk, 3, "refuse", "不属于本机关职权范围。").status, 303);
    assert_eq!(states(), ["received", "correction", "not_accepted"]);
    set(&clock, "2026-11-25T02:00:00Z");
    wait(|| !alarm());
    assert_eq!(states(), ["received", "correction", "not_accepted"]);
    set(&clock, TUESDAYS_END);
    wait(|| case(dir.path(), 0).state == "accepted");
    assert_eq!(states(), ["accepted", "correction", "not_accepted"]);
    hall.stop();
}

/// Hands in at this time of the terminal's; the case that it became.
fn handed_in(dir: &Path, terminal: &mut Terminal, at: &str) -> CaseSummary {
    let submission = submitted(terminal, LICENCE, at).id.to_string();
    inspect::cases(dir).unwrap().into_iter().find(|case| case.submission_id == submission).unwrap()
}

/// A terminal whose clock goes as the hall's does trusts it, in whatever year the hall is.
#[test]
fn a_trusted_time_that_cannot_be_true_is_corrected_or_starts_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (hall, clock) = start(dir.path(), TUESDAY);
    let mut terminal = Terminal::enrol(&hall, "007");
    let is_uncertain = |case: &CaseSummary| {
        let marked = case.reasons.iter().any(|reason| reason == "clock_uncertain");
        marked && case.clock_start_by == "received" && case.clock_start_ms == case.received_ms
    };
    let is_said = |case: &CaseSummary| case.clock_start_by == "submitted" && case.clock_start_ms == case.submitted_ms;
    for wrong in ["2099-06-01T02:00:00Z", "1970-01-01T00:00:30Z", "2025-11-01T02:00:00Z"] {
        let case = handed_in(dir.path(), &mut terminal, wrong);
        assert!(is_uncertain(&case) && case.submitted_ms == moment(wrong), "no heartbeat of this boot: {case:?}");
    }
    assert!(is_said(&handed_in(dir.path(), &mut terminal, MONDAY)));
    set(&clock, "1970-01-05T00:00:00Z");
    terminal.heartbeat();
    set(&clock, TUESDAY);
    let of_1970 = handed_in(dir.path(), &mut terminal, "1970-01-04T23:59:20Z");
    assert!(is_uncertain(&of_1970), "it agrees with what the hall noted while it was wrong: {of_1970:?}");
    assert!(is_said(&handed_in(dir.path(), &mut terminal, MONDAY)), "and that spoils no right time");
    terminal.heartbeat();
    for wrong in ["2099-06-01T02:00:00Z", "1970-01-01T00:00:30Z", MONDAY] {
        let case = handed_in(dir.path(), &mut terminal, wrong);
        assert_eq!(case.clock_start_by, "corrected", "{case:?}");
        assert!((moment(TUESDAY) - 40_000..=case.received_ms).contains(&case.clock_start_ms), "{case:?}");
    }
    hall.stop();
}

#[test]
fn corrections_are_asked_once_with_a_notice_and_stop_acceptance_by_law() {
    let dir = tempfile::tempdir().unwrap();
    let (hall, clock) = start(dir.path(), TUESDAY);
    let mut terminal = Terminal::enrol(&hall, "007");
    submitted(&mut terminal, LICENCE, TUESDAY);
    submitted(&mut terminal, LICENCE, MONDAY);
    let clerk = login(&hall, CLERK);
    assert_eq!(decide(&clerk, "correct", " ").status, 422, "corrections want a notice");
    let personal = decide(&clerk, "correct", "张三 419999198503120111 请补照片");
    assert!(personal.status == 422 && personal.has("不要写证件号码"));
    assert_eq!(decide(&clerk, "correct", "请补：食品安全管理制度、平面图。").status, 303);
    assert_eq!(decide(&clerk, "correct", "还要房产证").status, 303);
    let page = clerk.get("/cases/1");
    assert!(page.has("食品安全管理制度") && !page.has("还要房产证"), "once and completely");
    let seen = progress(&terminal);
    assert_eq!((seen.state, seen.notice.as_str()), (CaseState::CorrectionAsked, "请补：食品安全管理制度、平面图。"));
    set(&clock, TUESDAYS_END);
    wait(|| case(dir.path(), 1).state == "accepted");
    assert_eq!(case(dir.path(), 0).state, "correction");
    let clerk = login(&hall, CLERK);
    assert_eq!(decide(&clerk, "accept", "").status, 303);
    assert!(case(dir.path(), 0).accepted_ms.unwrap() >= moment(TUESDAYS_END), "by the clerk, from today");
    assert_eq!(decide(&clerk, "finish", "许可证已制作，请凭身份证到 12 号窗口领取。").status, 303);
    assert_eq!(progress(&terminal).state, CaseState::Done);
    hall.stop();
}

#[test]
fn a_case_is_not_accepted_with_a_reason_and_then_nothing_else_happens_to_it() {
    let dir = tempfile::tempdir().unwrap();
    let (hall, clock) = start(dir.path(), TUESDAY);
    let mut terminal = Terminal::enrol(&hall, "007");
    submitted(&mut terminal, LICENCE, TUESDAY);
    submitted(&mut terminal, LICENCE, MONDAY);
    let clerk = login(&hall, CLERK);
    assert_eq!(decide(&clerk, "refuse", "").status, 422);
    assert_eq!(decide(&clerk, "refuse", "不属于本机关职权范围，请向市卫健委申请。").status, 303);
    assert_eq!(decide(&clerk, "accept", "").status, 303);
    assert_eq!((case(dir.path(), 0).state.as_str(), case(dir.path(), 0).accepted_ms), ("not_accepted", None));
    let seen = progress(&terminal);
    assert!(seen.state == CaseState::NotAccepted && seen.notice.contains("卫健委"));
    set(&clock, TUESDAYS_END);
    wait(|| case(dir.path(), 1).state == "accepted");
    assert_eq!(case(dir.path(), 0).state, "not_accepted");
    hall.stop();
}

#[test]
fn others_decide_nothing_on_a_case() {
    let dir = tempfile::tempdir().unwrap();
    let (hall, _) = start(dir.path(), TUESDAY);
    let mut terminal = Terminal::enrol(&hall, "007");
    submitted(&mut terminal, LICENCE, TUESDAY);
    for name in ["clerk-rsj", "admin", "guide"] {
        let browser = login(&hall, name);
        let csrf = browser.get("/").csrf();
        for step in ["accept", "refuse", "correct"] {
            let answer = browser.post("/cases/1/step", &[("csrf", &csrf), ("step", step), ("notice", "理由")]);
            assert_eq!(answer.status, 403, "{name} {step}");
        }
    }
    assert_eq!(case(dir.path(), 0).state, "received");
    hall.stop();
}
