//! The hall's disk is lost: out of the second medium and the recovery key comes a hall of a new epoch, terminals
//! bring what is missing, and what nobody holds any more is named.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hall::{Hall, HallConfig, HallError, KeyError, Restored, RunningHall, inspect};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use support::browser::Browser;
use support::{Submission, Terminal, golden};
use wire::api::{
    HeartbeatRequest, ProblemCode, ReconcileAnswer, ReconcileEntry, ReconcileRequest, SubmissionState, path,
};
use wire::signed::{KeyUse, Receipt, Signed};

const ITEM: &str = "XC-RSJ-02";

fn config(data: &Path, second: &Path) -> HallConfig {
    let mut config = HallConfig::demo(data);
    config.backup.second_medium = second.to_owned();
    config.backup.every_seconds = 3600;
    config
}

/// A hall's settings, its data and its second medium in folders of their own; and where its recovery key is kept safe.
fn places(folder: &Path) -> (HallConfig, PathBuf) {
    (config(&folder.join("disk").join("hall"), &folder.join("second")), folder.join("recovery"))
}

/// Everything on the hall's disk goes; what the second medium and the safe hold stays.
fn lose_and_restore(hall: RunningHall, config: &HallConfig, safe: &Path) -> RunningHall {
    std::fs::copy(config.data.join("recovery"), safe).unwrap();
    std::fs::copy(config.data.join("ports.json"), safe.with_extension("ports")).unwrap();
    hall.stop();
    std::fs::remove_dir_all(&config.data).unwrap();
    restore(config, safe);
    // The address belongs to the hall's machine, not to its disk.
    std::fs::copy(safe.with_extension("ports"), config.data.join("ports.json")).unwrap();
    Hall::start(config.clone()).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn restore(config: &HallConfig, safe: &Path) -> Restored {
    runtime().block_on(hall::restore(config, safe)).unwrap()
}

async fn database(file: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(file).connect().await.unwrap()
}

/// All files below a folder.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(contents(&path));
        } else {
            all.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    all
}

/// Copies of the database on a second medium, oldest first.
fn copies_in(second: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(second).unwrap().map(|entry| entry.unwrap().path());
    let mut copies: Vec<_> = files.filter(|path| path.extension().is_some_and(|kind| kind == "sqlite")).collect();
    copies.sort();
    copies
}

/// A hall that has a case and two copies, and was stopped; the case's id.
fn stopped_hall(config: &HallConfig, safe: &Path) -> String {
    let hall = Hall::start(config.clone()).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    terminal.upload(&submission);
    hall.backup().unwrap();
    hall.backup().unwrap();
    std::fs::copy(config.data.join("recovery"), safe).unwrap();
    hall.stop();
    submission.id.to_string()
}

fn entry(submission: &Submission, receipt: &Signed<Receipt>, has_payload: bool) -> ReconcileEntry {
    let said = receipt.unverified().unwrap();
    ReconcileEntry {
        installation_id: said.installation_id,
        kiosk_seq: said.kiosk_seq,
        submission_id: submission.id,
        body_sha256: submission.sealed.body_sha256,
        has_payload,
        receipt: Some(receipt.clone()),
    }
}

#[test]
fn every_case_is_there_once_after_a_restore() {
    let folder = tempfile::tempdir().unwrap();
    let (config, safe) = places(folder.path());
    let hall = Hall::start(config.clone()).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let mut seal = || {
        let attachment = vec![terminal.seq as u8; 1_100_000];
        terminal.seal(&golden(ITEM), vec![attachment], ITEM)
    };
    let submissions = [seal(), seal(), seal(), seal()];
    let [before, late, released, unsent] = &submissions;
    let (first, before_receipt) = terminal.upload(before);
    let safe_through = hall.backup().unwrap();
    assert_eq!(safe_through, first.server_seq);
    let (late_first, late_receipt) = terminal.upload(late);
    let (_, released_receipt) = terminal.upload(released);

    let hall = lose_and_restore(hall, &config, &safe);
    assert_eq!(hall.terminal_addr, terminal.addr);
    assert_eq!(hall.hall_id, terminal.hall_id.to_string());
    let beat = terminal.heartbeat();
    assert_ne!(beat.hall_epoch, terminal.epoch);
    assert_eq!(beat.safe_through.unverified().unwrap().server_seq, 0);
    assert_eq!(beat.content_seq, 10_001, "a terminal may have seen what was published after the copy");
    let request = ReconcileRequest {
        entries: vec![
            entry(before, &before_receipt, false),
            entry(late, &late_receipt, true),
            entry(released, &released_receipt, false),
        ],
    };
    let answer: ReconcileAnswer = terminal.json("POST", path::RECONCILE, &request).json();
    assert_eq!(answer.send, [late.id]);
    assert_eq!(answer.held.len(), 1);
    let renewed = terminal.believe(&answer.held[0]);
    assert_eq!((renewed.submission_id, renewed.received_at_ms), (before.id, first.received_at_ms));
    assert_eq!(renewed.hall_epoch, beat.hall_epoch);
    assert!(renewed.server_seq > 10_000);
    // Asked again (a crash before the terminal stored it), it is the same receipt.
    let again: ReconcileAnswer = terminal.json("POST", path::RECONCILE, &request).json();
    assert_eq!(again.held, answer.held);

    let mut resent = Submission { id: late.id, manifest: late.manifest.clone(), sealed: clone_of(late) };
    resent.manifest.old_receipt = Some(late_receipt);
    let (late_again, _) = terminal.upload(&resent);
    assert_eq!(late_again.received_at_ms, late_first.received_at_ms, "the old receipt proves when it first came");
    terminal.upload(unsent);
    let cases = inspect::cases(&config.data).unwrap();
    let ids: Vec<_> = cases.iter().map(|case| case.submission_id.clone()).collect();
    assert_eq!(ids, [before, late, unsent].map(|submission| submission.id.to_string()));
    for id in ids {
        assert!(inspect::open_case(&config.data, &id).is_ok());
    }
    // What only a tombstone remembers is an alarm with its number.
    let alarms = inspect::alarms(&config.data).unwrap();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert_eq!((alarms[0].kind.as_str(), &alarms[0].subject), ("lost_after_restore", &released.id.to_string()));
    assert!(alarms[0].detail.contains("411681-"));
    // The terminal tells it with every heartbeat; the list keeps the number.
    let told = HeartbeatRequest { lost: vec![released.id], ..terminal.beat() };
    assert_eq!(terminal.json("POST", path::HEARTBEAT, &told).status, 200);
    assert_eq!(inspect::alarms(&config.data).unwrap(), alarms);
    hall.stop();
}

#[test]
fn a_terminal_enrolled_after_the_backup_waits_for_an_administrator() {
    let folder = tempfile::tempdir().unwrap();
    let (config, safe) = places(folder.path());
    let hall = Hall::start(config.clone()).unwrap();
    hall.backup().unwrap();
    let terminal = Terminal::enrol(&hall, "007");
    let hall = lose_and_restore(hall, &config, &safe);
    let refused = terminal.json("POST", path::HEARTBEAT, &terminal.beat());
    assert_eq!(refused.code(), ProblemCode::Unconfirmed);
    let time = terminal.call("GET", &format!("{}?nonce=x", path::TIME), Vec::new());
    assert_eq!(time.status, 200);
    assert_eq!(inspect::alarms(&config.data).unwrap()[0].kind, "certificate_unconfirmed");
    assert!(hall.enrolment_code("007", "别处").is_err(), "its number is not free");
    let mut admin = Browser::new(hall.console_addr);
    admin.login("admin", &hall.demo_password().unwrap());
    let page = admin.get("/terminals");
    let spki = inspect::alarms(&config.data).unwrap()[0].subject.clone();
    admin.post("/terminals/certificate", &[("csrf", &page.csrf()), ("spki", &spki), ("decision", "confirm")]);
    terminal.heartbeat();
    assert!(inspect::alarms(&config.data).unwrap().is_empty());
    hall.stop();
}

#[test]
fn a_wrong_recovery_key_restores_nothing_and_leaves_nothing() {
    let (data, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let config = config(&data.path().join("hall"), second.path());
    let hall = Hall::start(config.clone()).unwrap();
    hall.backup().unwrap();
    hall.stop();
    std::fs::remove_dir_all(&config.data).unwrap();
    let wrong = data.path().join("wrong");
    std::fs::write(&wrong, hall::recovery_key().unwrap().0).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(hall::restore(&config, &wrong)).unwrap_err();
    assert!(error.to_string().contains("recovery key"), "{error}");
    assert!(!config.data.join("keys.json").exists());
}

#[test]
fn a_copy_that_does_not_read_back_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let (config, safe) = places(folder.path());
    let hall = Hall::start(config.clone()).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    terminal.upload(&submission);
    hall.backup().unwrap();
    hall.backup().unwrap();
    let copies = copies_in(&config.backup.second_medium);
    assert_eq!(copies.len(), 2, "at least two generations are kept");
    std::fs::write(copies.last().unwrap(), b"not a database any more").unwrap();
    let hall = lose_and_restore(hall, &config, &safe);
    assert_eq!(inspect::cases(&config.data).unwrap().len(), 1);
    hall.stop();
}

#[test]
fn a_medium_that_was_away_during_a_rotation_gets_the_new_key_before_it_counts() {
    let (data, media, safe) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (connected, first, other) =
        (media.path().join("connected"), media.path().join("first"), media.path().join("other"));
    let config = config(&data.path().join("hall"), &connected);
    let hall = Hall::start(config.clone()).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    hall.backup().unwrap();
    std::fs::rename(&connected, &other).unwrap();
    hall.rotate_sealing_key().unwrap();
    terminal.keys = terminal.heartbeat().key_list.unwrap().verify(&terminal.root).unwrap();
    let sealed_to = terminal.keys.newest(KeyUse::Sealing).unwrap().key_id.to_string();
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    let (receipt, _) = terminal.upload(&submission);
    assert_eq!(hall.backup().unwrap(), receipt.server_seq);
    std::fs::rename(&connected, &first).unwrap();
    std::fs::rename(&other, &connected).unwrap();
    let escrow = |folder: &Path| std::fs::read(folder.join("keys.escrow")).unwrap();
    assert_ne!(escrow(&connected), escrow(&config.data), "it is of before the rotation");
    assert_eq!(hall.backup().unwrap(), receipt.server_seq);
    assert_eq!(escrow(&connected), escrow(&config.data));
    assert_eq!(escrow(&first), escrow(&config.data));
    let hall = lose_and_restore(hall, &config, &safe.path().join("recovery"));
    assert!(std::fs::read_to_string(config.data.join("keys.json")).unwrap().contains(&sealed_to));
    assert!(inspect::open_case(&config.data, &submission.id.to_string()).is_ok());
    hall.stop();
}

#[test]
fn a_hall_started_in_an_empty_folder_beside_its_copies_changes_nothing_and_asks_for_a_restore() {
    let folder = tempfile::tempdir().unwrap();
    let (config, safe) = places(folder.path());
    let case = stopped_hall(&config, &safe);
    std::fs::remove_dir_all(&config.data).unwrap();
    let copies = contents(&config.backup.second_medium);
    let refused = Hall::start(config.clone()).err().unwrap();
    assert!(matches!(refused, HallError::Key(KeyError::Lost(_))), "{refused}");
    assert!(refused.to_string().contains("hall restore"), "{refused}");
    for name in ["keys.json", "keys.escrow", "hall.sqlite"] {
        assert!(!config.data.join(name).exists(), "{name}");
    }
    assert!(contents(&config.backup.second_medium) == copies);
    restore(&config, &safe);
    let hall = Hall::start(config.clone()).unwrap();
    assert!(inspect::open_case(&config.data, &case).is_ok());
    hall.stop();
}

#[test]
fn keys_without_their_database_make_no_empty_hall_and_can_be_restored_again() {
    let folder = tempfile::tempdir().unwrap();
    let (config, safe) = places(folder.path());
    let case = stopped_hall(&config, &safe);
    // What a restore leaves that was cut short: keys, an unfinished database, and a log with a change in it.
    for left in ["hall.sqlite", "hall.sqlite-wal", "hall.sqlite-shm"] {
        let _ = std::fs::remove_file(config.data.join(left));
    }
    let unfinished = config.data.join("restoring.sqlite");
    std::fs::copy(&copies_in(&config.backup.second_medium)[0], &unfinished).unwrap();
    let log = config.data.join("restoring.sqlite-wal");
    let kept = runtime().block_on(async {
        let mut left = database(&unfinished).await;
        sqlx::query("pragma journal_mode = wal").execute(&mut left).await.unwrap();
        sqlx::query("update hall set next_case_serial = 777777").execute(&mut left).await.unwrap();
        let kept = std::fs::read(&log).unwrap();
        left.close().await.unwrap();
        kept
    });
    std::fs::write(&log, kept).unwrap();
    let copies = contents(&config.backup.second_medium);
    let refused = Hall::start(config.clone()).err().unwrap();
    assert!(matches!(refused, HallError::NoDatabase(_)), "{refused}");
    assert!(!config.data.join("hall.sqlite").exists());
    assert!(contents(&config.backup.second_medium) == copies);
    restore(&config, &safe);
    let serial: i64 = runtime().block_on(async {
        let mut restored = database(&config.data.join("hall.sqlite")).await;
        sqlx::query_scalar("select next_case_serial from hall").fetch_one(&mut restored).await.unwrap()
    });
    assert_eq!(serial, 10_001, "nothing of what was left");
    let hall = Hall::start(config.clone()).unwrap();
    assert!(inspect::open_case(&config.data, &case).is_ok());
    hall.stop();
}

#[test]
fn a_database_without_its_keys_gets_no_new_ones() {
    let folder = tempfile::tempdir().unwrap();
    let (config, safe) = places(folder.path());
    stopped_hall(&config, &safe);
    std::fs::remove_file(config.data.join("keys.json")).unwrap();
    let copies = contents(&config.backup.second_medium);
    let refused = Hall::start(config.clone()).err().unwrap();
    assert!(matches!(refused, HallError::NoKeys(_)), "{refused}");
    assert!(!config.data.join("keys.json").exists());
    assert!(contents(&config.backup.second_medium) == copies);
}

#[test]
fn keys_that_the_escrow_lacks_are_not_restored_over() {
    let folder = tempfile::tempdir().unwrap();
    let (config, safe) = places(folder.path());
    stopped_hall(&config, &safe);
    let older = std::fs::read(config.backup.second_medium.join("keys.escrow")).unwrap();
    let hall = Hall::start(config.clone()).unwrap();
    hall.rotate_sealing_key().unwrap();
    hall.stop();
    std::fs::write(config.backup.second_medium.join("keys.escrow"), older).unwrap();
    let keys = std::fs::read(config.data.join("keys.json")).unwrap();
    std::fs::remove_file(config.data.join("hall.sqlite")).unwrap();
    let refused = runtime().block_on(hall::restore(&config, &safe)).unwrap_err();
    assert!(refused.to_string().contains("move them to a safe place"), "{refused}");
    assert_eq!(std::fs::read(config.data.join("keys.json")).unwrap(), keys);
}

#[test]
fn a_second_medium_of_another_hall_is_left_as_it_is() {
    let (data, media, safe) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (connected, of_other) = (media.path().join("connected"), media.path().join("other"));
    stopped_hall(&config(&data.path().join("other"), &of_other), &safe.path().join("recovery"));
    for named in [true, false] {
        let config = config(&data.path().join(if named { "named" } else { "unnamed" }), &connected);
        if !named {
            // As halls left their media before they wrote their names on them.
            std::fs::remove_file(of_other.join("hall.id")).unwrap();
        }
        let hall = Hall::start(config.clone()).unwrap();
        hall.backup().unwrap();
        let own = media.path().join(if named { "own" } else { "own, too" });
        std::fs::rename(&connected, &own).unwrap();
        std::fs::rename(&of_other, &connected).unwrap();
        let copies = contents(&connected);
        for _ in 0..3 {
            let refused = hall.backup().unwrap_err().to_string();
            assert!(refused.contains("another hall") && refused.contains("backup.second_medium"), "{refused}");
        }
        assert!(hall.rotate_sealing_key().is_err(), "a key that only this disk would hold");
        assert_eq!(inspect::alarms(&config.data).unwrap()[0].kind, "backup_failed");
        hall.stop();
        assert!(matches!(Hall::start(config.clone()), Err(HallError::Key(KeyError::Foreign(_)))));
        assert!(contents(&connected) == copies);
        std::fs::rename(&connected, &of_other).unwrap();
        std::fs::rename(&own, &connected).unwrap();
        let hall = Hall::start(config).unwrap();
        hall.backup().unwrap();
        hall.stop();
        std::fs::remove_dir_all(&connected).unwrap();
    }
}

#[test]
fn a_medium_of_before_it_had_a_name_is_known_by_its_copies() {
    let folder = tempfile::tempdir().unwrap();
    let (config, safe) = places(folder.path());
    stopped_hall(&config, &safe);
    let name = config.backup.second_medium.join("hall.id");
    std::fs::remove_file(&name).unwrap();
    let hall = Hall::start(config).unwrap();
    hall.backup().unwrap();
    assert_eq!(std::fs::read_to_string(name).unwrap(), hall.hall_id);
    hall.stop();
}

#[test]
fn what_the_second_medium_lacks_is_said_and_wanted_again() {
    let folder = tempfile::tempdir().unwrap();
    let (config, safe) = places(folder.path());
    let hall = Hall::start(config.clone()).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    terminal.upload(&submission);
    hall.backup().unwrap();
    let name = submission.sealed.chunks[0].sha256.to_string();
    std::fs::remove_file(config.backup.second_medium.join("bodies").join(&name[..2]).join(&name)).unwrap();
    std::fs::copy(config.data.join("recovery"), &safe).unwrap();
    std::fs::copy(config.data.join("ports.json"), safe.with_extension("ports")).unwrap();
    hall.stop();
    std::fs::remove_dir_all(&config.data).unwrap();
    assert_eq!(restore(&config, &safe).missing_chunks, 1);
    let alarms = inspect::alarms(&config.data).unwrap();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert_eq!((alarms[0].kind.as_str(), &alarms[0].subject), ("body_damaged", &submission.id.to_string()));
    std::fs::copy(safe.with_extension("ports"), config.data.join("ports.json")).unwrap();
    let hall = Hall::start(config.clone()).unwrap();
    let SubmissionState::Missing(wanted) = terminal.announce(&submission).json() else { panic!("nothing is wanted") };
    assert_eq!(wanted.len(), 1);
    terminal.send_chunk(&submission, 0, 0);
    terminal.finish(&submission);
    hall.backup().unwrap();
    assert!(inspect::open_case(&config.data, &submission.id.to_string()).is_ok());
    assert!(inspect::alarms(&config.data).unwrap().is_empty());
    hall.stop();
}

fn clone_of(submission: &Submission) -> wire::seal::Sealed {
    let sealed = &submission.sealed;
    wire::seal::Sealed {
        header: sealed.header.clone(),
        chunks: sealed
            .chunks
            .iter()
            .map(|chunk| wire::seal::Chunk {
                part: chunk.part,
                index: chunk.index,
                bytes: chunk.bytes.clone(),
                sha256: chunk.sha256,
            })
            .collect(),
        body_sha256: sealed.body_sha256,
    }
}
