//! Sealed bytes on two media: the watermark follows a verified copy only, and what one medium lost comes back from the
//! other or from the terminal; what nobody holds is said.
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
use wire::api::{PickupAnswer, PickupRequest, ProgressAnswer, ProgressRequest, SubmissionState, path};
use wire::signed::{KeyUse, Receipt};

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

/// A hall with a submission that it received from its terminal.
fn received(data: &Path) -> (RunningHall, Terminal, Submission, Receipt) {
    let hall = Hall::start(copied_when_asked(data)).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), vec![picture()], ITEM);
    let (receipt, _) = terminal.upload(&submission);
    (hall, terminal, submission, receipt)
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
fn the_watermark_follows_a_verified_copy_only() {
    let dir = tempfile::tempdir().unwrap();
    let (hall, terminal, _submission, receipt) = received(dir.path());
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
    let (hall, _terminal, submission, _) = received(dir.path());
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
    let (hall, _terminal, submission, _) = received(dir.path());
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
    let (hall, terminal, submission, receipt) = received(dir.path());
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
    let (hall, _terminal, submission, _) = received(dir.path());
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
    let (hall, terminal, submission, _) = received(dir.path());
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
    let (hall, terminal, submission, receipt) = received(dir.path());
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
