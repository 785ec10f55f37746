//! What becomes of a submission: received once, receipted with the same bytes, validated, never refused if authentic.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::path::Path;

use hall::{Hall, HallConfig, inspect};
use support::{Terminal, golden};
use wire::api::{ProblemCode, SubmissionState, path};
use wire::form::Value;
use wire::ids::Sha256;
use wire::seal::{ClockQuality, x25519_pair};
use wire::signed::KeyUse;

const ITEM: &str = "XC-RSJ-02";

fn picture() -> Vec<u8> {
    (0..1_500_000u32).map(|i| (i % 251) as u8).collect()
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
