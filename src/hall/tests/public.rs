//! The pages for citizens' phones: off by default, their own name and certificate, strict headers, look-up of a case.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use hall::{Hall, HallConfig};
use jiff::SignedDuration;
use support::phone::{NAME, Phone, TestCa, public_config, public_url};
use support::{Terminal, golden, wait};
use wire::api::{CaseState, ProblemCode, ProgressAnswer, ProgressRequest, path};

const ITEM: &str = "XC-RSJ-02";
const CODE: &str = "482913";

#[test]
fn without_settings_nothing_listens_and_nothing_is_offered() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    assert_eq!((hall.public_addr, hall.public_url()), (None, None));
    let terminal = Terminal::enrol(&hall, "007");
    assert_eq!(terminal.heartbeat().public_url, None);
    hall.stop();
}

#[test]
fn a_phone_sees_the_certificate_of_the_public_name_and_strict_headers() {
    let (dir, ca) = (tempfile::tempdir().unwrap(), TestCa::new());
    let hall = Hall::start(public_config(dir.path(), &ca)).unwrap();
    let mut phone = Phone::new(&hall, &ca);
    let page = phone.get("/");
    assert!(page.status == 200 && page.has("查办理进度"));
    for header in [
        "content-security-policy: default-src 'none'",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        "strict-transport-security:",
    ] {
        assert!(page.head.contains(header), "{header} is missing in {}", page.head);
    }
    assert_eq!(phone.get("/nowhere").status, 404);
    // Neither the console nor protocol v1 is here.
    assert_eq!((phone.get("/login").status, phone.get("/v1/hall").status), (404, 404));
    phone.host = "other.test".into();
    assert_eq!(phone.get("/").status, 421);
    let stranger = Phone::at(hall.public_addr.unwrap(), &TestCa::new());
    assert!(stranger.request(b"GET / HTTP/1.1\r\nhost: hall.test\r\n\r\n".to_vec()).is_err());
    let terminal = Terminal::enrol(&hall, "007");
    assert_eq!(terminal.heartbeat().public_url, Some(public_url(&hall)));
    hall.stop();
}

#[test]
fn a_certificate_is_taken_over_when_its_files_change_and_a_wrong_one_ends_nothing() {
    let (dir, ca, later) = (tempfile::tempdir().unwrap(), TestCa::new(), TestCa::new());
    let config = public_config(dir.path(), &ca);
    let (data, key) = (config.data.clone(), config.public.key.clone());
    std::fs::remove_file(&key).unwrap();
    let hall = Hall::start(config).unwrap();
    let terminal = Terminal::enrol(&hall, "007");
    let alarm = || hall::inspect::alarms(&data).unwrap().iter().any(|alarm| alarm.kind == "public_certificate");
    wait(alarm);
    assert_eq!(terminal.heartbeat().public_url, None, "not offered while phones would be turned away");
    ca.issue(NAME, dir.path());
    assert_eq!(Phone::new(&hall, &ca).get("/").status, 200);
    wait(|| !alarm());
    ca.issue("elsewhere.test", dir.path());
    wait(alarm);
    assert_eq!(Phone::new(&hall, &ca).get("/").status, 200, "the last good one stays");
    later.issue(NAME, dir.path());
    let addr = hall.public_addr.unwrap();
    wait(|| {
        Phone::at(addr, &later)
            .request(b"GET / HTTP/1.1\r\nhost: hall.test\r\nconnection: close\r\n\r\n".to_vec())
            .is_ok()
    });
    hall.stop();
}

#[test]
fn a_citizen_finds_the_case_by_the_slips_code_and_by_number_and_query_code() {
    let (dir, ca) = (tempfile::tempdir().unwrap(), TestCa::new());
    let hall = Hall::start(public_config(dir.path(), &ca)).unwrap();
    let phone = Phone::new(&hall, &ca);
    let mut terminal = Terminal::enrol(&hall, "007");
    let token = golden(ITEM).lookup_token.clone();
    let early = phone.get(&format!("/s/{token}"));
    assert!(early.status == 404 && early.has("还没有送到大厅"));
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    let (receipt, _) = terminal.upload(&submission);
    let code = wire::number::slip_code(hall.public_url().as_deref(), receipt.number.as_str(), &token);
    let address = code.strip_prefix(&public_url(&hall)).unwrap();
    let last9 = receipt.number.search_key();
    for page in [phone.get(address), phone.post("/progress", &[("number", &last9), ("code", CODE)])] {
        assert!(
            page.status == 200 && page.has("已收件，尚未受理") && page.has(receipt.number.as_str()),
            "{}",
            page.text
        );
        for personal in ["李样例", "419999199208250284", "李*例"] {
            assert!(!page.has(personal), "the page names nobody");
        }
    }
    let wrong = phone.post("/progress", &[("number", &last9), ("code", "000000")]);
    assert!(wrong.status == 404 && wrong.has("还可以试 4 次"));
    assert_eq!(phone.post("/progress", &[("number", "1"), ("code", "2")]).status, 422);
    assert_eq!(phone.get("/s/00000000000000000000000000000000").status, 404);
    assert_eq!(phone.get("/s/x").status, 404);
    hall.stop();
}

#[test]
fn five_wrong_codes_lock_their_source_for_half_an_hour_and_not_the_case() {
    let (dir, ca) = (tempfile::tempdir().unwrap(), TestCa::new());
    let config = public_config(dir.path(), &ca);
    let clock = config.clock.clone();
    let hall = Hall::start(config).unwrap();
    let phone = Phone::new(&hall, &ca);
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    let last9 = terminal.upload(&submission).0.number.search_key();
    let tries = |code: &str| phone.post("/progress", &[("number", &last9), ("code", code)]);
    for _ in 0..5 {
        assert_eq!(tries("000000").status, 404);
    }
    let locked = tries(CODE);
    assert!(locked.status == 429 && locked.has("30 分钟") && locked.head.contains("retry-after: "));
    let asked = |request: &ProgressRequest| terminal.json("POST", path::PROGRESS, request);
    let typed = |code: &str| ProgressRequest::Number { last9: last9.clone(), query_code: code.into() };
    assert_eq!(asked(&typed(CODE)).json::<ProgressAnswer>().cases.len(), 1, "another source finds it");
    for _ in 0..5 {
        assert_eq!(asked(&typed("111111")).code(), ProblemCode::NoMatch);
    }
    let locked = asked(&typed(CODE));
    assert_eq!((locked.code(), locked.retry_after.is_some()), (ProblemCode::Locked, true));
    let card = ProgressRequest::Card { id_no: "419999199208250284".into() };
    assert_eq!(asked(&card).json::<ProgressAnswer>().cases.len(), 1, "the card goes on working");
    clock.set_shift(SignedDuration::from_mins(31));
    assert_eq!(tries(CODE).status, 200);
    hall.stop();
}

#[test]
fn a_terminal_finds_cases_by_card_number_and_token() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    terminal.upload(&submission);
    let asked = |request: &ProgressRequest| terminal.json("POST", path::PROGRESS, request);
    let card = |id_no: &str| ProgressRequest::Card { id_no: id_no.into() };
    let found: ProgressAnswer = asked(&card("419999199208250284")).json();
    assert_eq!((found.cases.len(), found.cases[0].state), (1, CaseState::Received));
    assert!(found.cases[0].due.is_some());
    assert!(asked(&card("419999198503120111")).json::<ProgressAnswer>().cases.is_empty());
    let token = ProgressRequest::Token { token: golden(ITEM).lookup_token.clone() };
    assert_eq!(asked(&token).json::<ProgressAnswer>(), found);
    let unknown = ProgressRequest::Token { token: "0".repeat(32) };
    assert_eq!(asked(&unknown).code(), ProblemCode::NoMatch);
    hall.stop();
}

#[test]
fn of_twenty_codes_typed_at_once_five_are_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    let last9 = terminal.upload(&submission).0.number.search_key();
    let wrong = ProgressRequest::Number { last9, query_code: "111111".into() };
    let ask = || terminal.json("POST", path::PROGRESS, &wrong).code();
    let codes: Vec<ProblemCode> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..20).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let looked_at = codes.iter().filter(|code| **code == ProblemCode::NoMatch).count();
    assert_eq!(looked_at, 5, "{codes:?}");
    assert!(codes.iter().all(|code| matches!(code, ProblemCode::NoMatch | ProblemCode::Locked)), "{codes:?}");
    hall.stop();
}

#[test]
fn a_case_that_an_agent_handed_in_is_found_by_the_principals_card_and_not_by_the_agents() {
    const FOR_OTHERS: &str = "XC-MZJ-02";
    const AGENT: &str = "419999198503120111";
    const PRINCIPAL: &str = "419999194510010158";
    const ANOTHER: &str = "419999194003070034";
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    // Only the agent has a card there; the principal's number is typed.
    let mut part0 = golden("variants/agent_with_the_number_only");
    assert!(part0.cards.iter().all(|card| card.role == "agent" && card.id_no == AGENT));
    for id_no in [PRINCIPAL, ANOTHER] {
        part0.answers.set_text("applicant_id_no", id_no);
        let submission = terminal.seal(&part0, Vec::new(), FOR_OTHERS);
        terminal.upload(&submission);
    }
    let found = |id_no: &str| {
        let card = ProgressRequest::Card { id_no: id_no.into() };
        terminal.json("POST", path::PROGRESS, &card).json::<ProgressAnswer>().cases.len()
    };
    assert_eq!((found(PRINCIPAL), found(ANOTHER), found(AGENT)), (1, 1, 0));
    let cases = hall::inspect::cases(dir.path()).unwrap();
    assert!(cases.iter().all(|case| case.duplicate_of.is_none()), "two principals are no duplicate: {cases:?}");
    hall.stop();
}
