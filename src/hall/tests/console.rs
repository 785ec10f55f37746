//! The staff's pages, used as a browser without JavaScript uses them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::path::Path;

use hall::{Hall, HallConfig, inspect};
use jiff::SignedDuration;
use support::browser::Browser;
use support::{Terminal, golden, random};
use wire::api::{CallRequest, CallState, CallStatus, HeartbeatAnswer, ProblemCode, path};
use wire::ids::CallId;
use wire::signed::KeyUse;

const ITEM: &str = "XC-RSJ-02";
const CLERK: &str = "clerk-rsj";

#[test]
fn a_clerk_of_the_department_opens_a_case_with_a_reason_and_accepts_it() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let password = hall.demo_password().unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), vec![vec![1, 2, 3]], ITEM);
    terminal.upload(&submission);
    let mut clerk = Browser::new(hall.console_addr);
    assert_eq!(clerk.login(CLERK, &password).status, 303);
    let list = clerk.get("/cases");
    assert!(list.has("/cases/1") && list.has("已收件"));
    assert!(!list.has("李样例"), "the list names nobody");
    let page = clerk.get("/cases/1");
    assert!(!page.has("李样例"));
    let no_reason = clerk.post("/cases/1/open", &[("csrf", &page.csrf()), ("reason", " ")]);
    assert_eq!(no_reason.status, 422);
    let opened = clerk.post("/cases/1/open", &[("csrf", &page.csrf()), ("reason", "受理审查")]);
    assert!(opened.has("李样例") && opened.has("419999199208250284"));
    assert!(opened.head.to_lowercase().contains("cache-control: no-store"));
    assert_eq!(clerk.post("/cases/1/step", &[("csrf", &page.csrf()), ("step", "accept")]).status, 303);
    let case = &inspect::cases(dir.path()).unwrap()[0];
    assert_eq!(case.state, "accepted");
    let accepted = case.accepted_ms;
    clerk.post("/cases/1/step", &[("csrf", &page.csrf()), ("step", "accept")]);
    assert_eq!(inspect::cases(dir.path()).unwrap()[0].accepted_ms, accepted, "a second press changes nothing");
    let mut admin = Browser::new(hall.console_addr);
    admin.login("admin", &password);
    assert!(admin.get("/settings").has("✓ 完整"), "the audit chain holds");
    hall.stop();
}

#[test]
fn what_does_not_validate_is_named_to_the_clerk() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let mut part0 = golden(ITEM);
    part0.answers.set_text("start_month", "1999-99");
    let submission = terminal.seal(&part0, Vec::new(), ITEM);
    terminal.upload(&submission);
    let mut clerk = Browser::new(hall.console_addr);
    clerk.login(CLERK, &hall.demo_password().unwrap());
    let page = clerk.get("/cases/1");
    assert!(page.has("按提交当日的规则核对"));
    let opened = clerk.post("/cases/1/open", &[("csrf", &page.csrf()), ("reason", "核对")]);
    assert!(opened.has("! 起始参保月份：") && opened.has("居民身份证"), "{}", opened.text);
    hall.stop();
}

#[test]
fn others_cannot_open_a_case() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let password = hall.demo_password().unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    terminal.upload(&submission);
    let mut of_other_department = Browser::new(hall.console_addr);
    of_other_department.login("clerk-mzj", &password);
    assert!(!of_other_department.get("/cases").has("/cases/1"));
    assert_eq!(of_other_department.get("/cases/1").status, 403);
    let mut admin = Browser::new(hall.console_addr);
    admin.login("admin", &password);
    let page = admin.get("/cases/1");
    assert_eq!(page.status, 200);
    let refused = admin.post("/cases/1/open", &[("csrf", &page.csrf()), ("reason", "看看")]);
    assert_eq!(refused.status, 403);
    assert!(!refused.has("李样例"));
    hall.stop();
}

#[test]
fn a_form_without_its_token_and_a_stranger_get_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let password = hall.demo_password().unwrap();
    let mut browser = Browser::new(hall.console_addr);
    for path in ["/", "/cases", "/settings", "/alarms", "/people", "/terminals", "/calls"] {
        let page = browser.get(path);
        assert!(page.status == 303 && page.head.contains("/login"), "{path}");
    }
    assert_eq!(browser.login("admin", "wrong").status, 422);
    browser.login("admin", &password);
    let forged = browser.post("/terminals/code", &[("csrf", "x"), ("terminal_no", "009"), ("place", "门口")]);
    assert_eq!(forged.status, 422);
    let page = browser.get("/terminals");
    let form = [("csrf", page.csrf()), ("terminal_no", "009".into()), ("place", "门口".into())];
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(browser.post("/terminals/code", &form).has("登记码"));
    assert_eq!(browser.get("/nowhere").status, 404);
    hall.stop();
}

#[test]
fn five_wrong_passwords_lock_the_account() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let password = hall.demo_password().unwrap();
    let mut browser = Browser::new(hall.console_addr);
    for _ in 0..5 {
        browser.login("admin", "wrong");
    }
    let locked = browser.login("admin", &password);
    assert!(locked.status == 422 && locked.has("15 分钟"));
    hall.stop();
}

#[test]
fn nothing_that_was_written_while_the_clock_was_ahead_holds_when_it_is_right() {
    let dir = tempfile::tempdir().unwrap();
    let config = HallConfig::demo(dir.path());
    let clock = config.clock.clone();
    let hall = Hall::start(config).unwrap();
    let password = hall.demo_password().unwrap();
    let terminal = Terminal::enrol(&hall, "007");
    let wrong_five_times = |login: &str| {
        for _ in 0..5 {
            Browser::new(hall.console_addr).login(login, "wrong");
        }
    };
    clock.set_shift(SignedDuration::from_hours(73 * 365 * 24));
    let mut guide = Browser::new(hall.console_addr);
    guide.login("guide", &password);
    guide.get("/calls/changes?known=none");
    wrong_five_times("admin");
    wrong_five_times(CLERK);
    let try_right = |login: &str| Browser::new(hall.console_addr).login(login, &password).status;
    assert_eq!((guide.get("/calls").status, try_right("admin"), try_right(CLERK)), (200, 422, 422));
    clock.set_shift(SignedDuration::ZERO);
    assert_eq!(guide.get("/calls").status, 303, "the session has ended");
    assert!(!terminal.heartbeat().staff_listens, "nobody has asked since");
    assert_eq!(try_right("admin"), 303, "the lock has ended");
    wrong_five_times(CLERK);
    assert_eq!(try_right(CLERK), 422, "and an own one locks again");
    hall.stop();
}

/// Events of the audit, oldest first.
fn audited(dir: &Path) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let file = sqlx::sqlite::SqliteConnectOptions::new().filename(dir.join("hall.sqlite")).read_only(true);
        let pool = sqlx::SqlitePool::connect_with(file).await.unwrap();
        sqlx::query_scalar("select event from audit order by seq").fetch_all(&pool).await.unwrap()
    })
}

#[test]
fn who_ends_a_call_is_audited_as_who_answers_it() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let terminal = Terminal::enrol(&hall, "007");
    let call_id = CallId(uuid::Builder::from_random_bytes(random()).into_uuid());
    terminal.json("POST", path::CALLS, &CallRequest { call_id, step: "首页".into() });
    let mut guide = Browser::new(hall.console_addr);
    guide.login("guide", &hall.demo_password().unwrap());
    let csrf = guide.get("/calls").csrf();
    guide.post(&format!("/calls/{call_id}/answer"), &[("csrf", &csrf), ("minutes", "3")]);
    assert_eq!(guide.post(&format!("/calls/{call_id}/close"), &[("csrf", &csrf)]).status, 303);
    let events = audited(dir.path());
    assert_eq!(events[events.len() - 2..], ["call.answered", "call.closed"]);
    hall.stop();
}

#[test]
fn all_open_alarms_are_shown_however_many_there_are() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let terminal = Terminal::enrol(&hall, "007");
    let names: Vec<String> = (0..60).map(|n| format!("sealing-lost-{n}")).collect();
    let public = terminal.keys.newest(KeyUse::Sealing).unwrap().public.0;
    for name in &names {
        let key = (&name.parse().unwrap(), &public);
        let unknown = terminal.seal_with(terminal.header(ITEM), key, &golden(ITEM), Vec::new());
        assert_eq!(terminal.announce(&unknown).code(), ProblemCode::UnknownSealingKey);
    }
    let mut admin = Browser::new(hall.console_addr);
    admin.login("admin", &hall.demo_password().unwrap());
    let page = admin.get("/alarms");
    for name in &names {
        assert!(page.has(&format!(">{name}<")), "{name}");
    }
    hall.stop();
}

#[test]
fn a_call_is_answered_with_who_comes_and_when() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let password = hall.demo_password().unwrap();
    let terminal = Terminal::enrol(&hall, "007");
    assert!(!terminal.heartbeat().staff_listens);
    let call_id = CallId(uuid::Builder::from_random_bytes(random()).into_uuid());
    let request = CallRequest { call_id, step: "首页".into() };
    let opened: CallStatus = terminal.json("POST", path::CALLS, &request).json();
    assert_eq!(opened.state, CallState::Open);
    let mut guide = Browser::new(hall.console_addr);
    guide.login("guide", &password);
    let page = guide.get("/calls");
    assert!(page.has("007 号") && page.has("大厅东门") && page.has("首页"));
    guide.get("/calls/changes?known=none");
    assert!(terminal.heartbeat().staff_listens);
    let waiting = std::thread::scope(|scope| {
        let asking = scope.spawn(|| terminal.call("GET", &format!("{}?wait=20", path::call(&call_id)), Vec::new()));
        guide.post(&format!("/calls/{call_id}/answer"), &[("csrf", &page.csrf()), ("minutes", "3")]);
        asking.join().unwrap()
    });
    let answered = CallState::Answered { who: "演示导服".into(), minutes: 3 };
    assert_eq!(waiting.json::<CallStatus>().state, answered);
    let closed: CallStatus = terminal.call("POST", &path::close_call(&call_id), Vec::new()).json();
    assert_eq!(closed.state, CallState::Closed);
    hall.stop();
}

#[test]
fn the_first_page_says_in_red_what_must_not_be_overlooked() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = HallConfig::demo(dir.path());
    config.backup.watermark_is_receipt = true;
    let hall = Hall::start(config).unwrap();
    let mut admin = Browser::new(hall.console_addr);
    admin.login("admin", &hall.demo_password().unwrap());
    let page = admin.get("/");
    assert!(page.has("没有第二份副本") && page.has("恢复密钥保存在本机磁盘上") && page.has("同一块磁盘"));
    hall.stop();
}

#[test]
fn a_denied_terminal_is_shut_out_but_what_it_sealed_is_received() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let password = hall.demo_password().unwrap();
    let mut stolen = Terminal::enrol(&hall, "007");
    let submission = stolen.seal(&golden(ITEM), Vec::new(), ITEM);
    stolen.heartbeat();
    let mut admin = Browser::new(hall.console_addr);
    admin.login("admin", &password);
    let page = admin.get("/terminals");
    let spki = page.text.split("name=\"spki\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    admin.post("/terminals/certificate", &[("csrf", &page.csrf()), ("spki", &spki), ("decision", "deny")]);
    let refused = stolen.json("POST", path::HEARTBEAT, &stolen.beat());
    assert_eq!(refused.code(), wire::api::ProblemCode::Denied);
    // Its disk goes into another terminal: any way of transport will do.
    let carrier = Terminal::enrol(&hall, "008");
    carrier.upload(&submission);
    let cases = inspect::cases(dir.path()).unwrap();
    assert_eq!((cases[0].state.as_str(), &cases[0].reasons[..]), ("needs_clerk", &["denied_terminal".to_owned()][..]));
    hall.stop();
}

#[test]
fn of_twenty_passwords_typed_at_once_five_are_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let addr = hall.console_addr;
    let pages: Vec<_> = std::thread::scope(|scope| {
        let typing: Vec<_> = (0..20).map(|_| scope.spawn(move || Browser::new(addr).login("admin", "wrong"))).collect();
        typing.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(pages.iter().all(|page| page.status == 422));
    assert_eq!(pages.iter().filter(|page| !page.has("15 分钟")).count(), 5);
    hall.stop();
}

#[test]
fn what_a_terminal_keeps_because_it_was_refused_is_shown_in_red_and_is_one_alarm() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let terminal = Terminal::enrol(&hall, "007");
    let tell = |quarantined: u64| {
        let mut beat = terminal.beat();
        beat.counts.insert("quarantined".into(), quarantined);
        let _: HeartbeatAnswer = terminal.json("POST", path::HEARTBEAT, &beat).json();
    };
    let alarms = || {
        let all = inspect::alarms(dir.path()).unwrap();
        all.into_iter().filter(|alarm| alarm.kind == "quarantined").map(|alarm| alarm.times).collect::<Vec<_>>()
    };
    let mut admin = Browser::new(hall.console_addr);
    admin.login("admin", &hall.demo_password().unwrap());
    let red = |count: u64| admin.get("/terminals").has(&format!("<span class=\"bad\">× {count} 件</span>"));
    tell(0);
    assert!(alarms().is_empty() && !red(0));
    tell(1);
    tell(1);
    assert!(red(1));
    assert_eq!(alarms(), [1], "each heartbeat tells the same");
    let page = admin.get("/alarms");
    assert!(page.has("大厅拒收的申请留在终端"), "{}", page.text);
    let number = page.text.split("/alarms/").nth(1).unwrap().split('/').next().unwrap();
    admin.post(&format!("/alarms/{number}/close"), &[("csrf", &page.csrf())]);
    tell(1);
    assert!(alarms().is_empty(), "it does not come back after a person closed it");
    tell(2);
    assert!(red(2));
    assert_eq!(alarms(), [1], "more is news");
    tell(0);
    assert!(alarms().is_empty() && !red(2));
    hall.stop();
}

#[test]
fn another_terminals_conflict_hides_nothing_that_this_one_keeps() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let (mut one, other) = (Terminal::enrol(&hall, "007"), Terminal::enrol(&hall, "008"));
    let first = one.seal(&golden(ITEM), Vec::new(), ITEM);
    one.upload(&first);
    let mut header = wire::seal::Header::parse(&first.sealed.header).unwrap();
    header.kiosk_seq = 99;
    let key = one.keys.newest(KeyUse::Sealing).unwrap().clone();
    let second = one.seal_with(header, (&key.key_id, &key.public.0), &golden(ITEM), Vec::new());
    assert_eq!(one.announce(&second).code(), ProblemCode::IdConflict);
    let tell = |terminal: &Terminal| {
        let mut beat = terminal.beat();
        beat.counts.insert("quarantined".into(), 1);
        let _: HeartbeatAnswer = terminal.json("POST", path::HEARTBEAT, &beat).json();
    };
    let quarantined = || {
        let all = inspect::alarms(dir.path()).unwrap();
        all.into_iter().filter(|alarm| alarm.kind == "quarantined").map(|alarm| alarm.subject).collect::<Vec<_>>()
    };
    tell(&one);
    assert!(quarantined().is_empty(), "the conflict is an alarm of its own");
    tell(&other);
    assert_eq!(quarantined(), [other.installation_id.to_string()]);
    hall.stop();
}

#[test]
fn a_catalogue_that_breaks_the_rules_is_refused_whole_and_the_last_one_stays() {
    let dir = tempfile::tempdir().unwrap();
    let mut broken: serde_json::Value = serde_json::from_str(support::CATALOGUE).unwrap();
    broken["content_version"] = "broken".into();
    broken["items"][1]["project_type"] = "2".into();
    let file = dir.path().join("own.json");
    std::fs::write(&file, broken.to_string()).unwrap();
    let new = HallConfig { catalogue: file.clone(), ..HallConfig::demo(&dir.path().join("new")) };
    let Err(refused) = Hall::start(new) else { panic!("it was published") };
    assert!(refused.to_string().contains("project type"), "{refused}");
    let data = dir.path().join("hall");
    let good = HallConfig::demo(&data);
    let config = HallConfig { catalogue: file, ..good.clone() };
    Hall::start(good.clone()).unwrap().stop();
    let hall = Hall::start(config).unwrap();
    assert_eq!(Terminal::enrol(&hall, "007").heartbeat().content_seq, 1);
    let alarms = inspect::alarms(&data).unwrap();
    let about = alarms.iter().find(|alarm| alarm.kind == "content_refused").unwrap();
    assert!(about.detail.contains("承诺时限"), "{about:?}");
    hall.stop();
    Hall::start(good).unwrap().stop();
    assert!(inspect::alarms(&data).unwrap().iter().all(|alarm| alarm.kind != "content_refused"));
}
