//! Old sealing keys: kept while anything may still come that is sealed to them, destroyed for good after.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use hall::{Clock, Hall, HallConfig, RunningHall, inspect};
use jiff::SignedDuration;
use support::browser::{Browser, Page};
use support::{Terminal, golden};
use wire::api::{HeartbeatAnswer, ProblemCode, path};
use wire::signed::KeyUse;

const ITEM: &str = "XC-RSJ-02";

fn login(hall: &RunningHall, name: &str) -> Browser {
    let mut browser = Browser::new(hall.console_addr);
    browser.login(name, &hall.demo_password().unwrap());
    browser
}

fn destroy(hall: &RunningHall, key_id: &str, word: &str) -> Page {
    let admin = login(hall, "admin");
    let csrf = admin.get("/settings").csrf();
    admin.post("/settings/destroy", &[("csrf", &csrf), ("subject", key_id), ("confirm", word)])
}

/// A heartbeat that knows the newest list and says how many envelopes it holds for a key.
fn report(terminal: &mut Terminal, key_id: &str, held: u64) {
    let mut beat = terminal.beat();
    beat.envelopes_by_key.insert(key_id.to_owned(), held);
    let answer: HeartbeatAnswer = terminal.json("POST", path::HEARTBEAT, &beat).json();
    if let Some(list) = answer.key_list {
        terminal.keys = list.verify(&terminal.root).unwrap();
    }
}

#[test]
fn whoever_opens_the_data_folder_brings_an_older_escrow_on_the_second_medium_up_to_date() {
    let dir = tempfile::tempdir().unwrap();
    let config = HallConfig::demo(dir.path());
    let hall = Hall::start(config.clone()).unwrap();
    let (here, there) = (dir.path().join("keys.escrow"), dir.path().join("second/keys.escrow"));
    let older = std::fs::read(&there).unwrap();
    hall.rotate_sealing_key().unwrap();
    hall.stop();
    let newest = std::fs::read(&here).unwrap();
    std::fs::write(&there, &older).unwrap();
    // The command line opens the folder as a start does, and makes no copy.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(hall::enrolment_code(config, "007", "大厅东门")).unwrap();
    assert_ne!(older, newest);
    assert_eq!(std::fs::read(&here).unwrap(), newest);
    assert_eq!(std::fs::read(&there).unwrap(), newest);
}

#[test]
fn a_first_start_that_was_cut_short_goes_on_with_its_keys() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let hall_id = hall.hall_id.clone();
    hall.stop();
    // Before its last step the keys have another name, and there may be no database yet.
    std::fs::rename(dir.path().join("keys.json"), dir.path().join("keys.first")).unwrap();
    for left in ["hall.sqlite", "hall.sqlite-wal", "hall.sqlite-shm"] {
        let _ = std::fs::remove_file(dir.path().join(left));
    }
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    assert_eq!(hall.hall_id, hall_id);
    hall.stop();
    assert!(dir.path().join("keys.json").exists() && !dir.path().join("keys.first").exists());
}

fn a_day_later(clock: &Clock, days: i64) {
    clock.set_shift(SignedDuration::from_hours(25 * days));
}

#[test]
fn an_old_key_goes_only_when_every_terminal_has_reported_none_for_a_day_and_no_case_needs_it() {
    let dir = tempfile::tempdir().unwrap();
    let config = HallConfig::demo(dir.path());
    let clock = config.clock.clone();
    let hall = Hall::start(config).unwrap();
    let (mut one, mut silent) = (Terminal::enrol(&hall, "007"), Terminal::enrol(&hall, "008"));
    let old = one.keys.newest(KeyUse::Sealing).unwrap().key_id.to_string();
    let submission = one.seal(&golden(ITEM), Vec::new(), ITEM);
    one.upload(&submission);
    let late = silent.seal(&golden(ITEM), Vec::new(), ITEM);
    hall.rotate_sealing_key().unwrap();
    assert_eq!(destroy(&hall, &old, "销毁").status, 422, "nobody has reported");
    // The first heartbeat brings the new list, the second one knows it.
    for _ in 0..2 {
        report(&mut one, &old, 0);
        report(&mut silent, &old, 1);
    }
    a_day_later(&clock, 1);
    assert_eq!(destroy(&hall, &old, "销毁").status, 422, "008 holds one, a case is open");
    let page = login(&hall, "admin").get("/settings");
    assert!(page.has("等终端连续一天报告") && page.has("008") && page.has("件要用它打开"), "{}", page.text);
    silent.upload(&late);
    report(&mut silent, &old, 0);
    let clerk = login(&hall, "clerk-rsj");
    for case in 1..=2 {
        let csrf = clerk.get(&format!("/cases/{case}")).csrf();
        for step in [("accept", ""), ("finish", "请领取")] {
            clerk.post(&format!("/cases/{case}/step"), &[("csrf", &csrf), ("step", step.0), ("notice", step.1)]);
        }
    }
    assert_eq!(destroy(&hall, &old, "销毁").status, 422, "008 has said so for less than a day");
    // One that seals to it again starts anew.
    a_day_later(&clock, 2);
    report(&mut one, &old, 1);
    report(&mut one, &old, 0);
    assert_eq!(destroy(&hall, &old, "销毁").status, 422);
    a_day_later(&clock, 3);
    assert_eq!(destroy(&hall, &old, "好").status, 422, "the act is typed");
    let newest = one.keys.newest(KeyUse::Sealing).unwrap().key_id.to_string();
    assert_ne!(newest, old);
    assert_eq!(destroy(&hall, &newest, "销毁").status, 422, "never the newest");
    assert_eq!(destroy(&hall, &old, "销毁").status, 303);
    assert!(login(&hall, "admin").get("/settings").has("已销毁"));
    assert!(inspect::open_case(dir.path(), &submission.id.to_string()).is_err());
    // What comes all the same is held up alone, kept by its terminal, and an alarm.
    let mut beat = one.beat();
    beat.list_seq = 0;
    let told: HeartbeatAnswer = one.json("POST", path::HEARTBEAT, &beat).json();
    let told = told.key_list.unwrap().verify(&one.root).unwrap();
    assert!(told.keys.iter().all(|key| key.key_id.as_str() != old));
    let header = one.header(ITEM);
    let key = silent.keys.keys.iter().find(|key| key.key_id.as_str() == newest).unwrap();
    let old_id = old.parse().unwrap();
    let forgotten = one.seal_with(header, (&old_id, &key.public.0), &golden(ITEM), Vec::new());
    assert_eq!(one.announce(&forgotten).code(), ProblemCode::UnknownSealingKey);
    hall.stop();
    for file in ["keys.json", "keys.escrow", "second/keys.escrow"] {
        assert!(dir.path().join(file).exists());
    }
    let keys = std::fs::read_to_string(dir.path().join("keys.json")).unwrap();
    assert!(!keys.contains(&old) && keys.contains(&newest));
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    assert!(login(&hall, "admin").get("/settings").has("已销毁"), "and it stays so after a restart");
    hall.stop();
}
