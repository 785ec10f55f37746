//! The hall's disk is lost: out of the second medium and the recovery key comes a hall of a new epoch, terminals
//! bring what is missing, and what nobody holds any more is named.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::path::Path;

use hall::{Hall, HallConfig, RunningHall, inspect};
use support::browser::Browser;
use support::{Submission, Terminal, golden};
use wire::api::{HeartbeatRequest, ProblemCode, ReconcileAnswer, ReconcileEntry, ReconcileRequest, path};
use wire::signed::{KeyUse, Receipt, Signed};

const ITEM: &str = "XC-RSJ-02";

fn config(data: &Path, second: &Path) -> HallConfig {
    let mut config = HallConfig::demo(data);
    config.backup.second_medium = second.to_owned();
    config.backup.every_seconds = 3600;
    config
}

/// Everything on the hall's disk goes; what the second medium and the safe hold stays.
fn lose_and_restore(hall: RunningHall, config: &HallConfig, safe: &Path) -> RunningHall {
    std::fs::copy(config.data.join("recovery"), safe).unwrap();
    std::fs::copy(config.data.join("ports.json"), safe.with_extension("ports")).unwrap();
    hall.stop();
    std::fs::remove_dir_all(&config.data).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(hall::restore(config, safe)).unwrap();
    // The address belongs to the hall's machine, not to its disk.
    std::fs::copy(safe.with_extension("ports"), config.data.join("ports.json")).unwrap();
    Hall::start(config.clone()).unwrap()
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
    let (data, second, safe) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let config = config(&data.path().join("hall"), second.path());
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

    let hall = lose_and_restore(hall, &config, &safe.path().join("recovery"));
    assert_eq!(hall.terminal_addr, terminal.addr);
    assert_eq!(hall.hall_id, terminal.hall_id.to_string());
    let beat = terminal.heartbeat();
    assert_ne!(beat.hall_epoch, terminal.epoch);
    assert_eq!(beat.safe_through.unverified().unwrap().server_seq, 0);
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
    let (data, second, safe) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let config = config(&data.path().join("hall"), second.path());
    let hall = Hall::start(config.clone()).unwrap();
    hall.backup().unwrap();
    let terminal = Terminal::enrol(&hall, "007");
    let hall = lose_and_restore(hall, &config, &safe.path().join("recovery"));
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
    let (data, second, safe) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let config = config(&data.path().join("hall"), second.path());
    let hall = Hall::start(config.clone()).unwrap();
    let mut terminal = Terminal::enrol(&hall, "007");
    let submission = terminal.seal(&golden(ITEM), Vec::new(), ITEM);
    terminal.upload(&submission);
    hall.backup().unwrap();
    hall.backup().unwrap();
    let mut copies: Vec<_> = std::fs::read_dir(second.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "sqlite"))
        .collect();
    copies.sort();
    assert_eq!(copies.len(), 2, "at least two generations are kept");
    std::fs::write(copies.last().unwrap(), b"not a database any more").unwrap();
    let hall = lose_and_restore(hall, &config, &safe.path().join("recovery"));
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
