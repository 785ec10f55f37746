//! Who may speak to the hall: one-time codes, renewal, denial, and clocks that are wrong on either side.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hall::{Hall, HallConfig, HallError, inspect};
use jiff::SignedDuration;
use support::{Pair, Terminal, golden, random_id, send, try_enrol};
use wire::api::{ProblemCode, RenewAnswer, RenewRequest, path};
use wire::signed::{KeyUse, Signed, TimeAnswer};

const ITEM: &str = "XC-RSJ-02";

#[test]
fn a_code_works_once_and_the_same_key_gets_the_same_answer() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let code = hall.enrolment_code("007", "大厅东门").unwrap().code;
    let (pair, folder) = (Pair::new(), random_id());
    let first = try_enrol(hall.terminal_addr, "007", &code, &pair, folder).unwrap();
    let lower = code.to_lowercase().replace('-', " ");
    let again = try_enrol(hall.terminal_addr, "007", &lower, &pair, folder).unwrap();
    assert_eq!(first, again);
    let other = try_enrol(hall.terminal_addr, "007", &code, &Pair::new(), folder);
    assert_eq!(other.unwrap_err(), ProblemCode::EnrolmentRefused);
    hall.stop();
}

#[test]
fn five_wrong_tries_use_a_code_up_and_so_does_a_day() {
    let dir = tempfile::tempdir().unwrap();
    let config = HallConfig::demo(dir.path());
    let clock = config.clock.clone();
    let hall = Hall::start(config).unwrap();
    let code = hall.enrolment_code("007", "大厅东门").unwrap().code;
    for _ in 0..5 {
        let wrong = try_enrol(hall.terminal_addr, "007", "0000-0000-0000", &Pair::new(), random_id());
        assert_eq!(wrong.unwrap_err(), ProblemCode::EnrolmentRefused);
    }
    assert!(try_enrol(hall.terminal_addr, "007", &code, &Pair::new(), random_id()).is_err());
    let code = hall.enrolment_code("008", "大厅西门").unwrap().code;
    clock.set_shift(SignedDuration::from_hours(25));
    assert!(try_enrol(hall.terminal_addr, "008", &code, &Pair::new(), random_id()).is_err());
    hall.stop();
}

#[test]
fn a_code_that_was_made_while_the_clock_was_ahead_is_no_code_when_it_is_right() {
    let dir = tempfile::tempdir().unwrap();
    let config = HallConfig::demo(dir.path());
    let clock = config.clock.clone();
    let hall = Hall::start(config).unwrap();
    clock.set_shift(SignedDuration::from_hours(73 * 365 * 24));
    let code = hall.enrolment_code("007", "大厅东门").unwrap().code;
    clock.set_shift(SignedDuration::ZERO);
    let late = try_enrol(hall.terminal_addr, "007", &code, &Pair::new(), random_id());
    assert_eq!(late.unwrap_err(), ProblemCode::EnrolmentRefused);
    Terminal::enrol(&hall, "007").heartbeat();
    hall.stop();
}

#[test]
fn a_terminal_number_stays_with_its_place_and_its_serials_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    assert_eq!(terminal.next_serial, 1);
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    terminal.upload(&submission);
    assert!(matches!(hall.enrolment_code("007", "二层电梯口"), Err(HallError::Refused(_))));
    // A new disk at the same place goes on after what the lost one may have used.
    assert!(Terminal::enrol(&hall, "007").next_serial > 1000);
    hall.stop();
}

#[test]
fn without_a_certificate_only_enrolment_is_open() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    for (method, path) in [("POST", path::HEARTBEAT), ("POST", path::RENEW), ("GET", path::MANIFEST)] {
        let answer = send(hall.terminal_addr, None, (method, path, b"{}".to_vec())).unwrap();
        assert_eq!((answer.status, answer.code()), (401, ProblemCode::NoCertificate), "{path}");
    }
    let nothing = send(hall.terminal_addr, None, ("GET", "/else", Vec::new())).unwrap();
    assert_eq!(nothing.code(), ProblemCode::NotFound);
    hall.stop();
}

#[test]
fn a_renewed_certificate_replaces_the_old_one_at_its_first_use() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    terminal.heartbeat();
    let old = (terminal.certificate.clone(), terminal.pair.pkcs8.clone());
    let pair = renew(&terminal);
    terminal.heartbeat();
    (terminal.certificate, terminal.pair) = pair;
    terminal.heartbeat();
    let refused = send(terminal.addr, Some(old), ("GET", path::MANIFEST, Vec::new())).unwrap();
    assert_eq!(refused.code(), ProblemCode::Denied);
    hall.stop();
}

#[test]
fn a_hall_in_2099_gives_time_and_renewal_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let config = HallConfig::demo(dir.path());
    let clock = config.clock.clone();
    let hall = Hall::start(config).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    clock.set_shift(SignedDuration::from_hours(73 * 365 * 24));
    // The certificate has ended by this clock: the link waits, nothing is refused for good.
    assert_eq!(terminal.announce(&submission).code(), ProblemCode::Denied);
    let time = terminal.call("GET", &format!("{}?nonce=abc", path::TIME), Vec::new());
    let time: Signed<TimeAnswer> = time.json();
    let key_id = time.unverified().unwrap().key_id;
    let said = time.verify(&terminal.keys.verifying(KeyUse::Time, &key_id).unwrap()).unwrap();
    assert_eq!(said.nonce, "abc");
    let (certificate, pair) = renew(&terminal);
    clock.set_shift(SignedDuration::ZERO);
    // Right again: the old one works, and so does the one that is not valid for decades.
    terminal.heartbeat();
    (terminal.certificate, terminal.pair) = (certificate, pair);
    let of_2099 = terminal.heartbeat();
    assert_eq!(of_2099.hall_epoch, terminal.epoch);
    terminal.upload(&submission);
    assert_eq!(inspect::cases(dir.path()).unwrap().len(), 1);
    hall.stop();
}

#[test]
fn the_manifest_names_the_catalogue_by_its_hash() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let terminal = Terminal::enrol(&hall, "007");
    let manifest: wire::api::ManifestResponse = terminal.call("GET", path::MANIFEST, Vec::new()).json();
    let key_id = manifest.unverified().unwrap().key_id;
    let manifest = manifest.verify(&terminal.keys.verifying(KeyUse::Content, &key_id).unwrap()).unwrap();
    let blob = terminal.call("GET", &path::blob(&manifest.catalogue), Vec::new());
    assert_eq!(wire::ids::Sha256::of(&blob.body), manifest.catalogue);
    assert_eq!((blob.body.len() as u64, manifest.content_seq), (manifest.bytes, 1));
    hall.stop();
}

fn renew(terminal: &Terminal) -> (Vec<u8>, Pair) {
    let pair = Pair::new();
    let request = RenewRequest { csr: BASE64.encode(&pair.csr) };
    let answer: RenewAnswer = terminal.json("POST", path::RENEW, &request).json();
    let again: RenewAnswer = terminal.json("POST", path::RENEW, &request).json();
    assert_eq!(answer, again, "a repeat gets the same certificate");
    (BASE64.decode(answer.certificate).unwrap(), pair)
}
