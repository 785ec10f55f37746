//! Terminals that are cloned, denied, confused or hostile: nothing authentic is lost, nothing is doubled in silence, and
//! nobody talks himself back in.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hall::{Hall, HallConfig, inspect};
use support::browser::Browser;
use support::{Pair, Submission, Terminal, golden, send};
use wire::api::{
    HeartbeatRequest, ProblemCode, ReconcileAnswer, ReconcileEntry, ReconcileRequest, RenewAnswer, RenewRequest,
    SubmissionState, path,
};
use wire::seal::CHUNK_SEALED;
use wire::signed::{KeyUse, Receipt, Signed};

const ITEM: &str = "XC-RSJ-02";

/// The same disk in a second machine.
fn clone_of(terminal: &Terminal) -> Terminal {
    Terminal {
        addr: terminal.addr,
        terminal_no: terminal.terminal_no.clone(),
        installation_id: terminal.installation_id,
        pair: Pair {
            signing: terminal.pair.signing.clone(),
            pkcs8: terminal.pair.pkcs8.clone(),
            csr: terminal.pair.csr.clone(),
        },
        certificate: terminal.certificate.clone(),
        ca: terminal.ca.clone(),
        hall_id: terminal.hall_id,
        epoch: terminal.epoch,
        keys: terminal.keys.clone(),
        root: terminal.root,
        next_serial: terminal.next_serial,
        seq: terminal.seq,
    }
}

#[test]
fn a_conflict_half_way_spoils_neither_the_first_body_nor_its_receipt() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let first = terminal.seal(&golden(ITEM), vec![vec![1; 2_000_000]], ITEM);
    let mut header = wire::seal::Header::parse(&first.sealed.header).unwrap();
    header.kiosk_seq = 99;
    let key = terminal.keys.newest(KeyUse::Sealing).unwrap().clone();
    let second = terminal.seal_with(header, (&key.key_id, &key.public.0), &golden(ITEM), Vec::new());
    assert_eq!(terminal.announce(&first).status, 201);
    assert_eq!(terminal.send_chunk(&first, 0, 0).status, 204);
    assert_eq!(terminal.announce(&second).code(), ProblemCode::IdConflict);
    // Its chunks are not taken for the first one's either.
    let foreign = terminal.call("PUT", &path::chunk(&first.id, 1, 0), second.sealed.chunks[0].bytes.clone());
    assert_eq!(foreign.code(), ProblemCode::ChunkHash);
    let (receipt, signed) = terminal.upload(&first);
    assert_eq!(receipt.body_sha256, first.sealed.body_sha256);
    assert_eq!(terminal.announce(&second).code(), ProblemCode::IdConflict);
    assert_eq!(terminal.upload(&first).1, signed, "the same bytes at every repeat");
    let alarms = inspect::alarms(dir.path()).unwrap();
    assert_eq!((alarms.len(), alarms[0].kind.as_str(), alarms[0].times), (1, "id_conflict", 2));
    assert_eq!(inspect::cases(dir.path()).unwrap().len(), 1);
    hall.stop();
}

#[test]
fn a_cloned_disk_and_its_twin_are_both_received_and_the_second_is_for_a_clerk() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut one = Terminal::enrol(&hall, "007");
    one.heartbeat();
    let mut twin = clone_of(&one);
    let (first, second) = (one.seal(&golden(ITEM), Vec::new(), ITEM), twin.seal(&golden(ITEM), Vec::new(), ITEM));
    let (a, b) = (one.upload(&first).0, twin.upload(&second).0);
    assert_eq!((a.kiosk_seq, &a.number), (b.kiosk_seq, &b.number), "the twin counts as the first one does");
    assert_ne!(a.server_seq, b.server_seq);
    let cases = inspect::cases(dir.path()).unwrap();
    assert!(cases[0].reasons.is_empty(), "{:?}", cases[0].reasons);
    for mark in ["sequence_repeated", "number_repeated", "possible_duplicate"] {
        assert!(cases[1].reasons.iter().any(|reason| reason == mark), "{mark}");
    }
    assert!(inspect::alarms(dir.path()).unwrap().iter().any(|alarm| alarm.kind == "sequence_repeated"));
    // One of the two renews: the other is out, but what it sealed is not lost.
    let pair = Pair::new();
    let request = RenewRequest { csr: BASE64.encode(&pair.csr) };
    let renewed: RenewAnswer = one.json("POST", path::RENEW, &request).json();
    (one.certificate, one.pair) = (BASE64.decode(renewed.certificate).unwrap(), pair);
    one.heartbeat();
    let third = twin.seal(&golden(ITEM), Vec::new(), ITEM);
    assert_eq!(twin.announce(&third).code(), ProblemCode::Denied);
    one.upload(&third);
    assert_eq!(inspect::cases(dir.path()).unwrap().len(), 3);
    hall.stop();
}

#[test]
fn what_proves_nothing_is_not_mourned() {
    let (there, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (hall_there, hall) =
        (Hall::start(HallConfig::demo(there.path())).unwrap(), Hall::start(HallConfig::demo(here.path())).unwrap());
    let mut elsewhere = Terminal::enrol(&hall_there, "007");
    let of_another_hall = elsewhere.seal(&golden(ITEM), Vec::new(), ITEM);
    let (_, foreign) = elsewhere.upload(&of_another_hall);
    let mut terminal = Terminal::enrol(&hall, "007");
    let ours = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    let (receipt, signed) = terminal.upload(&ours);
    let never_sent = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    let made_up = Receipt { submission_id: never_sent.id, body_sha256: never_sent.sealed.body_sha256, ..receipt };
    let forged = Signed::sign(&made_up, &terminal.pair.signing).unwrap();
    let tombstone = |submission: &Submission, receipt: Option<&Signed<Receipt>>| ReconcileEntry {
        installation_id: terminal.installation_id,
        kiosk_seq: 1,
        submission_id: submission.id,
        body_sha256: submission.sealed.body_sha256,
        has_payload: false,
        receipt: receipt.cloned(),
    };
    let entries = vec![
        tombstone(&of_another_hall, Some(&foreign)),
        tombstone(&never_sent, Some(&forged)),
        tombstone(&never_sent, Some(&signed)),
        tombstone(&never_sent, None),
    ];
    let answer: ReconcileAnswer = terminal.json("POST", path::RECONCILE, &ReconcileRequest { entries }).json();
    assert!(answer.held.is_empty() && answer.send.is_empty());
    // Nor is what it says afterwards of what it has lost.
    let told = HeartbeatRequest { lost: vec![of_another_hall.id, never_sent.id], ..terminal.beat() };
    assert_eq!(terminal.json("POST", path::HEARTBEAT, &told).status, 200);
    assert!(inspect::alarms(here.path()).unwrap().is_empty());
    hall.stop();
    hall_there.stop();
}

#[test]
fn a_denied_terminal_neither_renews_nor_asks_and_its_place_can_be_taken_anew() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let stolen = Terminal::enrol(&hall, "007");
    stolen.heartbeat();
    let mut admin = Browser::new(hall.console_addr);
    admin.login("admin", &hall.demo_password().unwrap());
    let page = admin.get("/terminals");
    let spki = page.text.split("name=\"spki\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    admin.post("/terminals/certificate", &[("csrf", &page.csrf()), ("spki", &spki), ("decision", "deny")]);
    let renew = RenewRequest { csr: BASE64.encode(&Pair::new().csr) };
    let answers = [
        stolen.json("POST", path::RENEW, &renew),
        stolen.call("GET", &format!("{}?nonce=1", path::TIME), Vec::new()),
        stolen.json("POST", path::HEARTBEAT, &stolen.beat()),
        stolen.json("POST", path::PROGRESS, &wire::api::ProgressRequest::Card { id_no: "419999199208250284".into() }),
    ];
    for answer in answers {
        assert_eq!(answer.code(), ProblemCode::Denied);
    }
    // Confirming does not undo a denial.
    admin.post("/terminals/certificate", &[("csrf", &page.csrf()), ("spki", &spki), ("decision", "confirm")]);
    assert_eq!(stolen.json("POST", path::HEARTBEAT, &stolen.beat()).code(), ProblemCode::Denied);
    let fresh = Terminal::enrol(&hall, "007");
    fresh.heartbeat();
    assert_eq!(stolen.json("POST", path::HEARTBEAT, &stolen.beat()).code(), ProblemCode::Denied);
    hall.stop();
}

/// A closed connection under a sender's hands would look like a broken line, and the sender would try for ever.
#[test]
fn a_refusal_reaches_who_is_still_sending() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    for _ in 0..20 {
        let answer = terminal.call("PUT", &path::submission(&submission.id), vec![b' '; 16 << 20]);
        assert_eq!(answer.code(), ProblemCode::TooLarge);
    }
    hall.stop();
}

#[test]
fn hostile_bodies_are_refused_with_a_code_and_leave_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    let put = |path: &str, body: Vec<u8>| terminal.call("PUT", path, body);
    assert_eq!(terminal.finish(&submission).code(), ProblemCode::NoManifest);
    assert_eq!(terminal.send_chunk(&submission, 0, 0).code(), ProblemCode::NoManifest);
    let announced = path::submission(&submission.id);
    assert_eq!(put(&announced, b"{".to_vec()).code(), ProblemCode::Malformed);
    assert_eq!(put(&announced, vec![b' '; 5 << 20]).code(), ProblemCode::TooLarge);
    let mut manifest = submission.manifest.clone();
    manifest.chunks.pop();
    assert_eq!(terminal.json("PUT", &announced, &manifest).code(), ProblemCode::Malformed);
    terminal.announce(&submission);
    let chunk = path::chunk(&submission.id, 0, 0);
    assert_eq!(put(&chunk, vec![0; CHUNK_SEALED + 1]).code(), ProblemCode::TooLarge);
    assert_eq!(put(&chunk, vec![0; CHUNK_SEALED]).code(), ProblemCode::ChunkHash);
    assert_eq!(put(&path::chunk(&submission.id, 7, 7), vec![0; 10]).code(), ProblemCode::NoManifest);
    let unfinished: SubmissionState = terminal.finish(&submission).json();
    assert!(matches!(unfinished, SubmissionState::Missing(missing) if missing.len() == 1));
    let stranger = send(hall.terminal_addr, None, ("PUT", &announced, Vec::new())).unwrap();
    assert_eq!(stranger.code(), ProblemCode::NoCertificate);
    assert!(inspect::cases(dir.path()).unwrap().is_empty());
    terminal.upload(&submission);
    assert_eq!(inspect::cases(dir.path()).unwrap().len(), 1);
    hall.stop();
}
