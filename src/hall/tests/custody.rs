//! What becomes of a submission: received once, receipted with the same bytes, validated, never refused if authentic.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use hall::{Hall, HallConfig, RunningHall, inspect};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use support::browser::{Browser, Page};
use support::{Submission, Terminal, golden, wait};
use wire::api::{PickupAnswer, PickupRequest, ProblemCode, ProgressAnswer, ProgressRequest, SubmissionState, path};
use wire::form::Value;
use wire::ids::Sha256;
use wire::seal::{ClockQuality, x25519_pair};
use wire::signed::KeyUse;

const ITEM: &str = "XC-RSJ-02";

fn picture() -> Vec<u8> {
    (0..1_500_000u32).map(|i| (i % 251) as u8).collect()
}

/// A hall that makes its copies only when a test asks for one.
fn copied_when_asked(data: &Path) -> HallConfig {
    let mut config = HallConfig::demo(data);
    config.backup.every_seconds = 3600;
    config
}

/// The file of the first chunk of the first attachment, on one of the media.
fn chunk_in(medium: &Path, submission: &Submission) -> PathBuf {
    let name = submission.sealed.chunks[1].sha256.to_string();
    medium.join("bodies").join(&name[..2]).join(&name)
}

/// Damages the first chunk of the first attachment on the hall's disk.
fn tear(data: &Path, submission: &Submission) {
    std::fs::write(chunk_in(data, submission), b"torn").unwrap();
}

/// All sealed files on a medium.
fn sealed_files(medium: &Path) -> BTreeSet<PathBuf> {
    let shelves = std::fs::read_dir(medium.join("bodies")).unwrap();
    shelves
        .flat_map(|shelf| std::fs::read_dir(shelf.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path())
        .collect()
}

fn login(hall: &RunningHall, name: &str) -> Browser {
    let mut browser = Browser::new(hall.console_addr);
    browser.login(name, &hall.demo_password().unwrap());
    browser
}

/// The first case as its clerk opens it.
fn opened_by_clerk(hall: &RunningHall) -> Page {
    let clerk = login(hall, "clerk-rsj");
    let csrf = clerk.get("/cases/1").csrf();
    clerk.post("/cases/1/open", &[("csrf", &csrf), ("reason", "受理")])
}

fn open_alarms(data: &Path) -> Vec<String> {
    inspect::alarms(data).unwrap().into_iter().map(|alarm| alarm.kind).collect()
}

#[test]
fn a_submission_becomes_one_case_with_identical_content() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let part0 = golden(ITEM);
    let submission = terminal.seal(&part0, vec![picture()], ITEM);
    let (receipt, signed) = terminal.upload(&submission);
    assert_eq!(receipt.body_sha256, submission.sealed.body_sha256);
    assert_eq!((receipt.kiosk_seq, receipt.server_seq), (1, 1));

    // Every step may be repeated and gives the same receipt, byte for byte.
    let again = terminal.announce(&submission);
    assert_eq!((again.status, again.json()), (200, SubmissionState::Receipt(signed.clone())));
    let again = terminal.finish(&submission);
    assert_eq!((again.status, again.json()), (200, SubmissionState::Receipt(signed.clone())));
    let again = terminal.call("GET", &path::submission(&submission.id), Vec::new());
    assert_eq!(again.json::<SubmissionState>(), SubmissionState::Receipt(signed));

    let cases = inspect::cases(dir.path()).unwrap();
    assert_eq!(cases.len(), 1);
    assert_eq!((cases[0].state.as_str(), cases[0].reasons.len()), ("received", 0), "{cases:?}");
    assert_eq!(cases[0].clock_start_ms, cases[0].submitted_ms);
    let opened = inspect::open_case(dir.path(), &submission.id.to_string()).unwrap();
    assert!(opened.part0 == part0);
    assert!(opened.attachments[0].as_slice() == picture());
    hall.stop();
}

#[test]
fn an_interrupted_upload_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), vec![picture()], ITEM);
    assert_eq!(terminal.send_chunk(&submission, 0, 0).code(), ProblemCode::NoManifest);
    assert_eq!(terminal.announce(&submission).status, 201);
    assert_eq!(terminal.send_chunk(&submission, 0, 0).status, 204);
    let SubmissionState::Missing(missing) = terminal.finish(&submission).json() else { panic!("too early") };
    assert_eq!(missing.iter().map(|chunk| (chunk.part, chunk.index)).collect::<Vec<_>>(), [(1, 0), (1, 1)]);
    let wrong = terminal.call("PUT", &path::chunk(&submission.id, 1, 0), vec![1; 100]);
    assert_eq!(wrong.code(), ProblemCode::ChunkHash);
    // The hall restarts on its ports and knows what it has.
    hall.stop();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    assert_eq!(hall.terminal_addr, terminal.addr);
    let (receipt, _) = terminal.upload(&submission);
    assert_eq!(receipt.server_seq, 1);
    assert_eq!(inspect::cases(dir.path()).unwrap().len(), 1);
}

#[test]
fn the_same_id_with_another_body_is_a_conflict_and_an_alarm() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let first = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    let mut header = wire::seal::Header::parse(&first.sealed.header).unwrap();
    header.kiosk_seq = 99;
    terminal.upload(&first);
    let key = terminal.keys.newest(KeyUse::Sealing).unwrap();
    let second = terminal.seal_with(header, (&key.key_id, &key.public.0), &golden(ITEM), Vec::new());
    let refused = terminal.announce(&second);
    assert_eq!((refused.status, refused.code()), (409, ProblemCode::IdConflict));
    let alarms = inspect::alarms(dir.path()).unwrap();
    assert_eq!(alarms.iter().map(|alarm| alarm.kind.as_str()).collect::<Vec<_>>(), ["id_conflict"]);
    assert_eq!(inspect::cases(dir.path()).unwrap().len(), 1);
    hall.stop();
}

#[test]
fn what_is_authentic_is_received_and_a_clerk_looks() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let mut wrong = golden(ITEM);
    wrong.answers.set("start_month", Value::Text("1999-99".into()));
    let invalid = terminal.seal(&wrong, Vec::new(), ITEM);
    terminal.upload(&invalid);
    let mut header = terminal.header(ITEM);
    header.form_version = 999;
    let key = terminal.keys.newest(KeyUse::Sealing).unwrap().clone();
    let of_unknown_form = terminal.seal_with(header, (&key.key_id, &key.public.0), &golden(ITEM), Vec::new());
    terminal.upload(&of_unknown_form);
    // The same place in the sequence twice: a cloned disk.
    let cloned = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    terminal.upload(&cloned);
    let (_, elsewhere) = x25519_pair(&[7; 32]);
    let header = terminal.header(ITEM);
    let unopenable = terminal.seal_with(header, (&key.key_id, &elsewhere), &golden(ITEM), Vec::new());
    terminal.upload(&unopenable);
    let cases = inspect::cases(dir.path()).unwrap();
    let seen: Vec<_> = cases.iter().map(|case| (case.state.as_str(), case.reasons.join(" "))).collect();
    assert_eq!(seen[0], ("needs_clerk", "validation".to_owned()));
    assert_eq!(seen[1].0, "needs_clerk");
    assert!(seen[1].1.starts_with("form_unknown"), "{seen:?}");
    assert!(seen[2].1.contains("sequence_repeated") && seen[2].1.contains("possible_duplicate"), "{seen:?}");
    assert!(seen[3].1.starts_with("not_opened"), "{seen:?}");
    hall.stop();
}

#[test]
fn a_forged_envelope_is_not_authentic() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let mut submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    submission.manifest.chunks[0] = Sha256::of(b"another");
    assert_eq!(terminal.announce(&submission).code(), ProblemCode::NotAuthentic);
    assert!(inspect::cases(dir.path()).unwrap().is_empty());
    hall.stop();
}

#[test]
fn an_unknown_sealing_key_waits_with_an_alarm_and_holds_up_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let (_, public) = x25519_pair(&[9; 32]);
    let header = terminal.header(ITEM);
    let unknown = terminal.seal_with(header, (&"sealing-lost".parse().unwrap(), &public), &golden(ITEM), Vec::new());
    let refused = terminal.announce(&unknown);
    assert_eq!((refused.status, refused.code()), (503, ProblemCode::UnknownSealingKey));
    assert_eq!(inspect::alarms(dir.path()).unwrap()[0].kind, "key_unknown");
    let next = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    terminal.upload(&next);
    hall.stop();
}

#[test]
fn an_envelope_of_before_a_key_rotation_still_opens() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let before = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    let new_key = hall.rotate_sealing_key().unwrap();
    let list = terminal.heartbeat().key_list.unwrap().verify(&terminal.root).unwrap();
    assert_eq!(list.newest(KeyUse::Sealing).unwrap().key_id.as_str(), new_key);
    assert!(list.list_seq > terminal.keys.list_seq);
    terminal.upload(&before);
    terminal.keys = list;
    let after = terminal.seal(&golden("XC-RSJ-02"), Vec::new(), ITEM);
    terminal.upload(&after);
    for case in inspect::cases(dir.path()).unwrap() {
        assert!(inspect::open_case(dir.path(), &case.submission_id).is_ok());
    }
    hall.stop();
}

#[test]
fn a_time_that_is_not_trusted_is_corrected_by_a_heartbeat_of_the_same_boot() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let terminal = Terminal::enrol(&hall, "007");
    let key = terminal.keys.newest(KeyUse::Sealing).unwrap().clone();
    let untrusted = |seq, boot| {
        let mut header = terminal.header(ITEM);
        header.kiosk_seq = seq;
        header.submitted_at_ms = 0;
        header.clock.quality = ClockQuality::Correctable;
        header.clock.boot_id = boot;
        terminal.seal_with(header, (&key.key_id, &key.public.0), &golden(ITEM), Vec::new())
    };
    terminal.heartbeat();
    terminal.upload(&untrusted(1, uuid::Uuid::nil()));
    terminal.upload(&untrusted(2, uuid::Uuid::max()));
    let cases = inspect::cases(dir.path()).unwrap();
    assert_eq!(cases[0].clock_start_by, "corrected");
    let ago = cases[0].received_ms - cases[0].clock_start_ms;
    assert!((40_000..60_000).contains(&ago), "{ago}");
    assert_eq!((cases[1].clock_start_by.as_str(), cases[1].clock_start_ms), ("received", cases[1].received_ms));
    assert!(cases[1].reasons.contains(&"clock_uncertain".to_owned()));
    hall.stop();
}

#[test]
fn the_watermark_follows_a_verified_copy_only() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(copied_when_asked(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), vec![picture()], ITEM);
    let (receipt, _) = terminal.upload(&submission);
    let said = terminal.heartbeat().safe_through;
    let key_id = said.unverified().unwrap().key_id;
    let said = said.verify(&terminal.keys.verifying(KeyUse::Watermark, &key_id).unwrap()).unwrap();
    assert_eq!(said.server_seq, 0);
    assert_eq!(hall.backup().unwrap(), receipt.server_seq);
    terminal.wait_safe(receipt.server_seq);
    hall.stop();
}

#[test]
fn a_damaged_chunk_keeps_the_watermark_back_and_raises_an_alarm() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(copied_when_asked(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), vec![picture()], ITEM);
    terminal.upload(&submission);
    tear(dir.path(), &submission);
    assert_eq!(hall.backup().unwrap(), 0);
    wait(|| inspect::alarms(dir.path()).unwrap().iter().any(|alarm| alarm.kind == "body_damaged"));
    hall.stop();
}

#[test]
fn the_watermark_passes_a_damaged_submission_only_once_it_came_again() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(copied_when_asked(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let damaged = terminal.seal(&golden(ITEM), vec![picture()], ITEM);
    let (first, _) = terminal.upload(&damaged);
    tear(dir.path(), &damaged);
    assert_eq!(hall.backup().unwrap(), 0);
    let whole = terminal.seal(&golden(ITEM), vec![picture()], ITEM);
    let (next, _) = terminal.upload(&whole);
    assert_eq!(hall.backup().unwrap(), 0, "the terminal holds the last copy of the first one");
    assert_eq!(inspect::safe_through(dir.path()).unwrap(), 0);
    let SubmissionState::Missing(wanted) = terminal.announce(&damaged).json() else { panic!("nothing is wanted") };
    assert_eq!(wanted.iter().map(|chunk| (chunk.part, chunk.index)).collect::<Vec<_>>(), [(1, 0)]);
    let (again, _) = terminal.upload(&damaged);
    assert_eq!(again, first, "the receipt stays what it was");
    assert_eq!(hall.backup().unwrap(), next.server_seq);
    assert!(open_alarms(dir.path()).is_empty());
    hall.stop();
}

#[test]
fn a_second_medium_that_cannot_be_written_costs_no_copy() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(copied_when_asked(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), vec![picture()], ITEM);
    // A file takes the place of the folder in which a chunk would lie.
    let name = submission.sealed.chunks[1].sha256.to_string();
    let shelves = dir.path().join("second").join("bodies");
    std::fs::create_dir_all(&shelves).unwrap();
    std::fs::write(shelves.join(&name[..2]), b"").unwrap();
    let (receipt, _) = terminal.upload(&submission);
    assert!(hall.backup().is_err());
    assert_eq!(inspect::safe_through(dir.path()).unwrap(), 0);
    assert_eq!(open_alarms(dir.path()), ["backup_failed"]);
    let opened = inspect::open_case(dir.path(), &submission.id.to_string()).unwrap();
    assert!(opened.attachments[0].as_slice() == picture());
    std::fs::remove_file(shelves.join(&name[..2])).unwrap();
    assert_eq!(hall.backup().unwrap(), receipt.server_seq);
    assert!(open_alarms(dir.path()).is_empty());
    hall.stop();
}

#[test]
fn what_this_disk_lost_comes_home_from_the_medium_that_holds_it() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(copied_when_asked(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), vec![picture()], ITEM);
    terminal.upload(&submission);
    hall.backup().unwrap();
    let (second, in_the_safe) = (dir.path().join("second"), dir.path().join("in the safe"));
    std::fs::rename(&second, &in_the_safe).unwrap();
    tear(dir.path(), &submission);
    hall.backup().unwrap();
    assert_eq!(open_alarms(dir.path()), ["body_damaged"]);
    std::fs::remove_dir_all(&second).unwrap();
    std::fs::rename(&in_the_safe, &second).unwrap();
    hall.backup().unwrap();
    let opened = inspect::open_case(dir.path(), &submission.id.to_string()).unwrap();
    assert!(opened.attachments[0].as_slice() == picture());
    assert!(open_alarms(dir.path()).is_empty());
    hall.stop();
}

#[test]
fn what_was_lost_below_the_watermark_stays_wanted_and_comes_home_from_its_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(copied_when_asked(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), vec![picture()], ITEM);
    let (receipt, _) = terminal.upload(&submission);
    hall.backup().unwrap();
    // The medium that holds it is away for good.
    std::fs::remove_dir_all(dir.path().join("second")).unwrap();
    tear(dir.path(), &submission);
    for _ in 0..2 {
        assert_eq!(hall.backup().unwrap(), receipt.server_seq, "what came after is not held up");
        assert_eq!(open_alarms(dir.path()), ["body_damaged"]);
        assert_eq!(terminal.heartbeat().send, [submission.id]);
    }
    terminal.upload(&submission);
    hall.backup().unwrap();
    assert!(terminal.heartbeat().send.is_empty() && open_alarms(dir.path()).is_empty());
    let there = chunk_in(&dir.path().join("second"), &submission);
    assert!(std::fs::read(there).unwrap() == submission.sealed.chunks[1].bytes);
    hall.stop();
}

#[test]
fn a_clerk_opens_a_case_whose_bytes_only_the_second_medium_has_left() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(copied_when_asked(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), vec![picture()], ITEM);
    terminal.upload(&submission);
    hall.backup().unwrap();
    let whole = std::fs::read(chunk_in(dir.path(), &submission)).unwrap();
    tear(dir.path(), &submission);
    let page = opened_by_clerk(&hall);
    assert!(page.status == 200 && !page.has("打不开"), "{}", page.text);
    assert!(std::fs::read(chunk_in(dir.path(), &submission)).unwrap() == whole, "it is put back");
    assert!(open_alarms(dir.path()).is_empty());
    hall.stop();
}

#[test]
fn bytes_that_neither_medium_has_are_said_when_a_clerk_wants_them_and_come_again_to_both() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(copied_when_asked(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), vec![picture()], ITEM);
    terminal.upload(&submission);
    hall.backup().unwrap();
    let whole = std::fs::read(chunk_in(dir.path(), &submission)).unwrap();
    let there = chunk_in(&dir.path().join("second"), &submission);
    tear(dir.path(), &submission);
    std::fs::write(&there, b"torn").unwrap();
    assert!(opened_by_clerk(&hall).has("打不开"));
    let alarms = inspect::alarms(dir.path()).unwrap();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert_eq!((alarms[0].kind.as_str(), &alarms[0].subject), ("body_damaged", &submission.id.to_string()));
    assert_eq!(terminal.heartbeat().send, [submission.id]);
    hall.backup().unwrap();
    terminal.upload(&submission);
    hall.backup().unwrap();
    assert!(open_alarms(dir.path()).is_empty());
    for medium in [dir.path(), &dir.path().join("second")] {
        assert!(std::fs::read(chunk_in(medium, &submission)).unwrap() == whole);
    }
    assert!(!opened_by_clerk(&hall).has("打不开"));
    hall.stop();
}

/// A case with a document that its clerk issued: its terminal, and the document's sealed file.
fn issued(hall: &RunningHall, data: &Path) -> (Terminal, PathBuf) {
    let mut terminal = Terminal::enrol(hall, "007");
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    terminal.upload(&submission);
    let clerk = login(hall, "clerk-rsj");
    let csrf = clerk.get("/cases/1").csrf();
    let before = sealed_files(data);
    let fields = [("csrf", csrf.as_str()), ("title", "通知书")];
    assert_eq!(clerk.upload("/cases/1/documents", &fields, ("a.pdf", b"%PDF-1.7")).status, 303);
    let file = sealed_files(data).difference(&before).next().unwrap().clone();
    (terminal, file)
}

#[test]
fn a_document_is_picked_up_from_the_second_medium_or_said_to_be_lost() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(copied_when_asked(dir.path())).unwrap();
    let (terminal, file) = issued(&hall, dir.path());
    hall.backup().unwrap();
    let whole = std::fs::read(&file).unwrap();
    let there = dir.path().join("second").join(file.strip_prefix(dir.path()).unwrap());
    let id_no = golden(ITEM).cards[0].id_no.clone();
    let card = ProgressRequest::Card { id_no: id_no.clone() };
    let seen: ProgressAnswer = terminal.json("POST", path::PROGRESS, &card).json();
    let code = seen.cases[0].documents[0].code.clone();
    let pick_up = || {
        let request = PickupRequest { code: code.clone(), id_no: id_no.clone() };
        let found: PickupAnswer = terminal.json("POST", path::PICKUPS, &request).json();
        terminal.call("GET", &path::pickup(&found.ticket), Vec::new())
    };
    std::fs::write(&file, b"torn").unwrap();
    assert!(pick_up().body == b"%PDF-1.7");
    assert!(std::fs::read(&file).unwrap() == whole && open_alarms(dir.path()).is_empty());
    std::fs::write(&file, b"torn").unwrap();
    std::fs::write(there, b"torn, too").unwrap();
    assert_eq!(pick_up().status, 503);
    assert_eq!(open_alarms(dir.path()), ["body_damaged"]);
    hall.stop();
}

#[test]
fn a_lost_document_is_said_once_and_settles_when_it_is_whole_again() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(copied_when_asked(dir.path())).unwrap();
    let (_, file) = issued(&hall, dir.path());
    let whole = std::fs::read(&file).unwrap();
    for _ in 0..2 {
        std::fs::write(&file, b"torn").unwrap();
        hall.backup().unwrap();
        hall.backup().unwrap();
        let alarms = inspect::alarms(dir.path()).unwrap();
        assert_eq!(
            alarms.iter().map(|alarm| (alarm.kind.as_str(), alarm.times)).collect::<Vec<_>>(),
            [("body_damaged", 1)]
        );
        std::fs::write(&file, &whole).unwrap();
        hall.backup().unwrap();
        assert!(open_alarms(dir.path()).is_empty());
    }
    hall.backup().unwrap();
    let there = dir.path().join("second").join(file.strip_prefix(dir.path()).unwrap());
    assert_eq!(std::fs::read(there).unwrap(), whole);
    hall.stop();
}

#[test]
fn a_lost_document_that_a_person_dealt_with_is_not_said_again() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(copied_when_asked(dir.path())).unwrap();
    std::fs::write(issued(&hall, dir.path()).1, b"torn").unwrap();
    hall.backup().unwrap();
    assert_eq!(open_alarms(dir.path()), ["body_damaged"]);
    let admin = login(&hall, "admin");
    let page = admin.get("/alarms");
    assert!(page.has("重新签发") && page.has("自动补送") && !page.has("hall restore"), "{}", page.text);
    admin.post("/alarms/1/close", &[("csrf", &page.csrf())]);
    hall.backup().unwrap();
    assert!(open_alarms(dir.path()).is_empty());
    hall.stop();
}

#[test]
fn the_hall_answers_while_a_copy_waits_for_a_slow_disk() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(copied_when_asked(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), vec![picture()], ITEM);
    let (receipt, _) = terminal.upload(&submission);
    // Whoever reads the chunk waits until somebody writes it.
    let chunk = chunk_in(dir.path(), &submission);
    let bytes = std::fs::read(&chunk).unwrap();
    std::fs::remove_file(&chunk).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&chunk).status().unwrap().success());
    std::thread::scope(|threads| {
        let copying = threads.spawn(|| hall.backup().unwrap());
        // Opens only when the copy reads it.
        let mut disk = std::fs::OpenOptions::new().write(true).open(&chunk).unwrap();
        let (answered, answer) = mpsc::channel();
        let asked = &terminal;
        threads.spawn(move || answered.send(asked.heartbeat().safe_through.unverified().unwrap().server_seq));
        let answer = answer.recv_timeout(Duration::from_secs(30));
        disk.write_all(&bytes).unwrap();
        drop(disk);
        assert_eq!(copying.join().unwrap(), receipt.server_seq);
        assert_eq!(answer, Ok(0), "it answers before the disk does");
    });
    hall.stop();
}

/// Has the hall believe that its second medium had a disk of its own.
fn once_apart(data: &Path, second: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut hall = SqliteConnectOptions::new().filename(data.join("hall.sqlite")).connect().await.unwrap();
        let noted = sqlx::query("update hall set second_apart = ?").bind(second.to_string_lossy().into_owned());
        noted.execute(&mut hall).await.unwrap();
        hall.close().await.unwrap();
    });
}

#[test]
fn a_second_medium_that_is_not_mounted_holds_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let second = dir.path().join("second");
    let hall = Hall::start(copied_when_asked(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let first = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    let (copied, _) = terminal.upload(&first);
    assert_eq!(hall.backup().unwrap(), copied.server_seq, "a set-up that was always on one disk works");
    once_apart(dir.path(), &second);
    let late = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    let (receipt, _) = terminal.upload(&late);
    let refused = hall.backup().unwrap_err().to_string();
    assert!(refused.contains("is not mounted"), "{refused}");
    assert_eq!(inspect::safe_through(dir.path()).unwrap(), copied.server_seq);
    assert_eq!(open_alarms(dir.path()), ["backup_failed"]);
    // Another folder in the settings is another set-up.
    once_apart(dir.path(), &dir.path().join("of before"));
    assert_eq!(hall.backup().unwrap(), receipt.server_seq);
    assert!(open_alarms(dir.path()).is_empty());
    hall.stop();
}

#[test]
fn a_second_medium_with_a_disk_of_its_own_is_remembered() {
    let dir = tempfile::tempdir().unwrap();
    let (here, memory) = (dir.path().metadata().unwrap().dev(), Path::new("/dev/shm"));
    if memory.metadata().map_or(here, |folder| folder.dev()) == here {
        println!("SKIPPED a_second_medium_with_a_disk_of_its_own_is_remembered: there is no second disk");
        return;
    }
    let (other_disk, mount) = (tempfile::tempdir_in(memory).unwrap(), dir.path().join("mount"));
    std::os::unix::fs::symlink(other_disk.path(), &mount).unwrap();
    let mut config = copied_when_asked(&dir.path().join("hall"));
    config.backup.second_medium.clone_from(&mount);
    let hall = Hall::start(config).unwrap();
    hall.backup().unwrap();
    // The copy that a start makes is done, too.
    let is_copy = |file: PathBuf| file.extension().is_some_and(|kind| kind == "sqlite");
    wait(|| std::fs::read_dir(&mount).unwrap().filter(|file| is_copy(file.as_ref().unwrap().path())).count() == 2);
    std::fs::remove_file(&mount).unwrap();
    std::fs::create_dir(&mount).unwrap();
    assert!(hall.backup().unwrap_err().to_string().contains("is not mounted"));
    assert_eq!(std::fs::read_dir(&mount).unwrap().count(), 0, "nothing is written where nothing is mounted");
    hall.stop();
}

#[test]
fn a_herd_gets_slots() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = HallConfig::demo(dir.path());
    config.uploads.begin_per_second = 1;
    let hall = Hall::start(config).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let herd: Vec<_> = (0..8).map(|_| terminal.seal(&golden(ITEM), Vec::new(), ITEM)).collect();
    let answers: Vec<_> = herd.iter().map(|submission| terminal.announce(submission)).collect();
    let later: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!later.is_empty());
    assert!(later.iter().all(|answer| answer.code() == ProblemCode::Busy && answer.retry_after >= Some(1)));
    hall.stop();
}

#[test]
fn finishing_from_several_sides_at_once_makes_one_case_and_one_receipt() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    terminal.announce(&submission);
    terminal.send_chunk(&submission, 0, 0);
    let answers: Vec<SubmissionState> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..4).map(|_| scope.spawn(|| terminal.finish(&submission).json())).collect();
        asking.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(inspect::cases(dir.path()).unwrap().len(), 1);
    hall.stop();
}

#[test]
fn nothing_readable_of_a_person_is_on_either_disk() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let mut part0 = golden(ITEM);
    // Demo people stand in the published catalogue; this person does not.
    part0.answers.set_text("applicant_name", "欧阳无名氏");
    part0.answers.set_text("live_addr", "无此街七七四号");
    part0.cards[0].id_no = "41999919990101774X".into();
    let submission = terminal.seal(&part0, vec![b"attachment of 774".to_vec()], ITEM);
    let (receipt, _) = terminal.upload(&submission);
    terminal.wait_safe(receipt.server_seq);
    hall.stop();
    let mut files = 0;
    for needle in ["欧阳无名氏", "无此街七七四号", "41999919990101774X", "attachment of 774", "482913"] {
        files += search(dir.path(), needle.as_bytes());
    }
    assert!(files > 25, "the search looked at {files} files");
}

/// Fails if a file below holds the needle; how many files were looked at.
fn search(folder: &Path, needle: &[u8]) -> usize {
    let mut looked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            looked += search(&path, needle);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(needle.len()).any(|window| window == needle), "found in {}", path.display());
        looked += 1;
    }
    looked
}

#[test]
fn a_region_that_is_in_no_table_goes_to_a_clerk_as_the_terminal_would_have_refused_it() {
    const WITH_REGION: &str = "XC-YBJ-01";
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let mut part0 = golden(WITH_REGION);
    let right = terminal.seal(&part0, Vec::new(), WITH_REGION);
    terminal.upload(&right);
    part0.answers.set_text("dest", "999999");
    let wrong = terminal.seal(&part0, Vec::new(), WITH_REGION);
    terminal.upload(&wrong);
    let cases = inspect::cases(dir.path()).unwrap();
    assert_eq!((cases[0].state.as_str(), cases[0].reasons.len()), ("received", 0), "{cases:?}");
    assert_eq!(cases[1].state, "needs_clerk");
    assert!(cases[1].reasons.contains(&"validation".to_owned()), "{cases:?}");
    hall.stop();
}
