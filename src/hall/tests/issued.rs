//! What the hall gives out at a terminal: records with a second factor and their verification, documents with card and
//! pick-up code, free pages of a day.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use hall::{Clock, Hall, HallConfig, RunningHall};
use jiff::{SignedDuration, Timestamp};
use support::browser::Browser;
use support::phone::{Phone, TestCa, public_config};
use support::{Answer, Terminal, golden, random};
use wire::api::*;
use wire::form::{Answers, Value};

const INSURANCE: &str = "XC-RSJ-01";
const ITEM: &str = "XC-RSJ-02";
const P01: (&str, &str) = ("419999198503120111", "张示范");
/// Of no demo person: the published catalogue holds their numbers.
const NOBODY: &str = "41999919991231004X";
const P02: &str = "419999199208250284";

fn uuid() -> uuid::Uuid {
    uuid::Builder::from_random_bytes(random()).into_uuid()
}

fn record(item_id: &str, second_factor: SecondFactor) -> RecordRequest {
    let card = RecordCard { id_no: P01.0.into(), name: P01.1.into() };
    RecordRequest { request_id: uuid(), item_id: item_id.into(), card, second_factor, answers: Answers::default() }
}

fn staff_card() -> SecondFactor {
    SecondFactor::StaffCard { staff_no: "S001".into() }
}

fn set(clock: &Clock, text: &str) {
    let at: Timestamp = text.parse().unwrap();
    clock.set_shift(SignedDuration::from_millis(at.as_millisecond() - Timestamp::now().as_millisecond()));
}

#[test]
fn nothing_is_given_without_a_second_factor() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let terminal = Terminal::enrol(&hall, "007");
    let ask = |request: &RecordRequest| terminal.json("POST", path::RECORDS, request);
    assert_eq!(ask(&record(INSURANCE, SecondFactor::None)).code(), ProblemCode::SecondFactor);
    for found_or_made_up in ["", "S999", "admin"] {
        let factor = SecondFactor::StaffCard { staff_no: found_or_made_up.into() };
        assert_eq!(ask(&record(INSURANCE, factor)).code(), ProblemCode::SecondFactor, "{found_or_made_up}");
    }
    assert_eq!(ask(&record(ITEM, staff_card())).code(), ProblemCode::NotOffered, "not an item that prints");
    assert_eq!(ask(&record("XC-NONE", staff_card())).code(), ProblemCode::NotOffered);
    let mut stranger = record(INSURANCE, staff_card());
    stranger.card.name = "王五".into();
    assert_eq!(ask(&stranger).code(), ProblemCode::NoMatch, "number and name belong together");
    let mut strange = record(INSURANCE, staff_card());
    strange.answers.set_text("no_such_field", "x");
    assert_eq!(ask(&strange).code(), ProblemCode::Malformed);
    hall.stop();
}

#[test]
fn a_record_is_live_and_its_code_can_be_verified_by_anybody() {
    let (dir, ca) = (tempfile::tempdir().unwrap(), TestCa::new());
    let config = public_config(dir.path(), &ca);
    let (data, clock) = (config.data.clone(), config.clock.clone());
    let hall = Hall::start(config).unwrap();
    let (phone, terminal) = (Phone::new(&hall, &ca), Terminal::enrol(&hall, "007"));
    let mut request = record(INSURANCE, staff_card());
    let ask = |request: &RecordRequest| -> RecordAnswer { terminal.json("POST", path::RECORDS, request).json() };
    let all = ask(&request);
    assert_eq!((all.title.as_str(), all.sheet.rows.len()), ("社会保险个人参保缴费证明", 10));
    assert!(all.sheet.rows.iter().all(|row| row.len() == all.sheet.columns.len()));
    assert_eq!(ask(&request).verification_code, all.verification_code, "a repeat has the same code");
    request.request_id = uuid();
    request.answers.set("months", Value::Range { from: "2026-03".into(), to: "2026-04".into() });
    let some = ask(&request);
    assert_eq!(some.sheet.rows.len(), 2);
    assert_ne!(some.verification_code, all.verification_code);
    for item in ["XC-GJJ-01", "XC-BDC-01", "XC-SWJ-01"] {
        let answer = ask(&record(item, staff_card()));
        assert!(!answer.sheet.facts.is_empty() && !answer.issuer.is_empty(), "{item}");
    }
    let url = all.verification_url.as_deref().unwrap();
    let address = url.strip_prefix(&hall.public_url().unwrap()).unwrap();
    let typed = all.verification_code.to_lowercase().replace('-', " ");
    for page in [phone.get(address), phone.post("/v", &[("code", &typed)])] {
        assert!(
            page.status == 200 && page.has("在有效期内") && page.has(&all.title) && page.has("张*范"),
            "{}",
            page.text
        );
        assert!(!page.has(P01.1) && !page.has(P01.0) && !page.has("4200"), "no value beyond the mask");
    }
    let database = std::fs::read(data.join("hall.sqlite")).unwrap();
    let code: String = all.verification_code.replace('-', "");
    for needle in ["张*范", P01.1, P01.0, code.as_str()] {
        let needle = needle.as_bytes();
        assert!(
            !database.windows(needle.len()).any(|window| window == needle),
            "the database holds neither code nor name"
        );
    }
    clock.set_shift(SignedDuration::from_hours(24 * 100));
    assert!(phone.get(address).has("已过有效期"));
    for _ in 0..5 {
        let wrong = phone.get("/v/0000-0000-0000");
        assert!(wrong.status == 404 && wrong.has("没有出具过"));
    }
    assert_eq!(phone.get(address).status, 429);
    assert_eq!(phone.get("/v/abc").status, 429);
    hall.stop();
}

/// A case of P02, and a document that the clerk issued on it; its pick-up code.
fn document(hall: &RunningHall, pdf: &[u8]) -> (Terminal, String) {
    let mut terminal = Terminal::enrol(hall, "007");
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    terminal.upload(&submission);
    let mut clerk = Browser::new(hall.console_addr);
    clerk.login("clerk-rsj", &hall.demo_password().unwrap());
    let csrf = clerk.get("/cases/1").csrf();
    let refused = clerk.upload("/cases/1/documents", &[("csrf", &csrf), ("title", "通知书")], ("a.exe", b"MZ"));
    assert!(refused.status == 422 && refused.has("PDF"));
    let forged = clerk.upload("/cases/1/documents", &[("csrf", "x"), ("title", "通知书")], ("a.pdf", pdf));
    assert_eq!(forged.status, 422);
    let done = clerk.upload("/cases/1/documents", &[("csrf", &csrf), ("title", "参保登记通知书")], ("a.pdf", pdf));
    assert_eq!(done.status, 303, "{}", done.text);
    let card = ProgressRequest::Card { id_no: P02.into() };
    let seen: ProgressAnswer = terminal.json("POST", path::PROGRESS, &card).json();
    let waiting = &seen.cases[0].documents[0];
    assert!(clerk.get("/cases/1").has(&waiting.code));
    (terminal, waiting.code.clone())
}

fn show(terminal: &Terminal, code: &str, id_no: &str) -> Answer {
    terminal.json("POST", path::PICKUPS, &PickupRequest { code: code.into(), id_no: id_no.into() })
}

#[test]
fn a_document_is_fetched_with_code_and_card_once_for_each_ticket_and_rests_sealed() {
    let dir = tempfile::tempdir().unwrap();
    let config = HallConfig::demo(dir.path());
    let clock = config.clock.clone();
    let hall = Hall::start(config).unwrap();
    let needle: [u8; 32] = random();
    let pdf = [b"%PDF-1.7\n".as_slice(), &needle, &vec![9; 300_000]].concat();
    let (terminal, code) = document(&hall, &pdf);
    let found: PickupAnswer = show(&terminal, &code.to_lowercase(), P02).json();
    assert_eq!((found.title.as_str(), found.bytes), ("参保登记通知书", pdf.len() as u64));
    let fetch =
        |terminal: &Terminal, found: &PickupAnswer| terminal.call("GET", &path::pickup(&found.ticket), Vec::new());
    let other = Terminal::enrol(&hall, "008");
    assert_eq!(fetch(&other, &found).code(), ProblemCode::NoMatch, "a ticket is for one terminal");
    assert!(fetch(&terminal, &found).body == pdf);
    assert_eq!(fetch(&terminal, &found).code(), ProblemCode::NoMatch, "and for one time");
    let late: PickupAnswer = show(&terminal, &code, P02).json();
    clock.set_shift(SignedDuration::from_secs(121));
    assert_eq!(fetch(&terminal, &late).code(), ProblemCode::NoMatch);
    let files = walk(dir.path());
    assert!(files.iter().all(|bytes| !bytes.windows(32).any(|window| window == needle)), "sealed at rest");
    hall.backup().unwrap();
    let second = walk(&dir.path().join("second"));
    assert!(second.iter().any(|bytes| bytes.len() == pdf.len() + 16), "the sealed document is in the copy");
    hall.stop();
}

#[test]
fn wrong_codes_and_other_peoples_cards_find_nothing_and_lock_only_that_card() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let (terminal, code) = document(&hall, b"%PDF-1.7 short");
    assert_eq!(show(&terminal, &code, P01.0).code(), ProblemCode::NoMatch, "a found code without the card");
    for _ in 0..4 {
        assert_eq!(show(&terminal, "0000-0000", P01.0).code(), ProblemCode::NoMatch);
    }
    assert_eq!(show(&terminal, "0000-0000", P01.0).code(), ProblemCode::Locked);
    assert_eq!(show(&terminal, &code, P02).status, 200, "the owner is not locked out");
    hall.stop();
}

#[test]
fn thirty_pages_a_day_are_counted_once_for_each_job_and_forgotten_at_closing() {
    let dir = tempfile::tempdir().unwrap();
    let config = HallConfig::demo(dir.path());
    let clock = config.clock.clone();
    set(&clock, "2026-11-26T02:00:00Z");
    let hall = Hall::start(config).unwrap();
    let (one, other) = (Terminal::enrol(&hall, "007"), Terminal::enrol(&hall, "008"));
    let reserve = |terminal: &Terminal, job_id, pages| -> QuotaAnswer {
        terminal.json("POST", path::QUOTA_RESERVE, &QuotaReserve { job_id, id_no: NOBODY.into(), pages }).json()
    };
    let first = uuid();
    assert_eq!(reserve(&one, first, 10), QuotaAnswer { granted: 10, left: 20, limit: 30 });
    assert_eq!(reserve(&one, first, 10).left, 20);
    let settle = QuotaSettle { job_id: first, printed: 4, not_printed: 4, not_certain: 2 };
    for _ in 0..2 {
        let settled: QuotaAnswer = one.json("POST", path::QUOTA_SETTLE, &settle).json();
        assert_eq!(settled.left, 26, "only what came out is charged");
    }
    assert_eq!(reserve(&other, uuid(), 27).granted, 0, "counted over all terminals");
    assert_eq!(reserve(&other, uuid(), 26).granted, 26);
    assert_eq!(reserve(&one, uuid(), 0).left, 0);
    let unknown = QuotaSettle { job_id: uuid(), ..settle };
    assert_eq!(one.json("POST", path::QUOTA_SETTLE, &unknown).status, 200);
    set(&clock, "2026-11-26T09:00:00Z");
    assert_eq!(reserve(&one, uuid(), 0).left, 30);
    hall.stop();
    let written = walk(dir.path()).iter().any(|bytes| bytes.windows(18).any(|window| window == NOBODY.as_bytes()));
    assert!(!written, "who printed stands nowhere");
}

fn walk(folder: &std::path::Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().filter_map(Result::ok);
    entries
        .flat_map(|entry| {
            if entry.path().is_dir() {
                walk(&entry.path())
            } else {
                vec![std::fs::read(entry.path()).unwrap_or_default()]
            }
        })
        .collect()
}
