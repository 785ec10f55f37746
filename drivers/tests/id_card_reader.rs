//! The ID-card driver against the simulated reader: in memory for each fault, on a pty for the shipped serial
//! path. After every fault the same driver object reads the next card, without a restart.
#![allow(clippy::unwrap_used)]

mod sdt_reader;

use drivers::{
    DeviceErrorKind as Kind,
    id_card_reader::{
        IdCardReader, ReadError, SdtReader, SdtTimings, open,
        sdt_words::Status,
        simulator::{Fault, ReaderKnobs, SimulatedCard, in_memory, on_pty},
    },
};
use sdt_reader::{HASTY, card};
use std::time::{Duration, Instant};

const NOW: Duration = Duration::ZERO;
/// Answers shorter than this are not the one with text and photo.
const SHORT_ANSWER: usize = 100;

fn reader() -> (SdtReader, ReaderKnobs) {
    let (reader, knobs) = in_memory();
    (reader.with_timings(HASTY), knobs)
}

fn number(reader: &mut dyn IdCardReader) -> String {
    reader.read_card(NOW).unwrap().unwrap().number.to_string()
}

fn fails_with(reader: &mut dyn IdCardReader, kind: Kind) {
    let error = reader.read_card(NOW).unwrap_err();
    assert_eq!(error.device_kind(), Some(kind), "{error:?}");
}

#[test]
fn no_card_is_no_error_and_a_card_is_read() {
    let (mut reader, knobs) = reader();
    assert!(reader.read_card(Duration::from_millis(20)).unwrap().is_none());
    knobs.insert_card(card());
    assert_eq!(number(&mut reader), "110100199003070015");
    assert_eq!(number(&mut reader), "110100199003070015", "each call reads what lies there");
    knobs.lift();
    assert!(reader.read_card(NOW).unwrap().is_none());
}

#[test]
fn a_card_that_comes_while_the_reader_waits_is_read() {
    let (mut reader, knobs) = reader();
    let waiting = std::thread::spawn(move || number_within(&mut reader));
    assert!(knobs.wait_for_requests(3, Duration::from_secs(5)));
    knobs.insert_card(card());
    assert_eq!(waiting.join().unwrap(), "110100199003070015");
}

fn number_within(reader: &mut SdtReader) -> String {
    reader.read_card(Duration::from_secs(10)).unwrap().unwrap().number.to_string()
}

#[test]
fn the_screen_is_told_before_a_card_is_read_and_only_then() {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };
    let (mut reader, knobs) = reader();
    let found = Arc::new(AtomicUsize::new(0));
    let count = found.clone();
    reader.on_card_found(Box::new(move || {
        count.fetch_add(1, Ordering::Relaxed);
    }));
    assert!(reader.read_card(NOW).unwrap().is_none());
    assert_eq!(found.load(Ordering::Relaxed), 0);
    knobs.insert_card(card());
    knobs.lift_mid_read();
    assert!(reader.read_card(NOW).is_err());
    assert_eq!(found.load(Ordering::Relaxed), 1);
}

#[test]
fn the_self_test_names_the_module() {
    let (mut reader, _knobs) = reader();
    assert_eq!(reader.self_test().unwrap().sam_id, "05.01-20221110-0003351057-2003195204");
}

#[test]
fn a_card_lifted_mid_read_is_told_from_one_that_cannot_be_read() {
    let (mut reader, knobs) = reader();
    knobs.insert_card(card());
    knobs.lift_mid_read();
    assert!(matches!(reader.read_card(NOW), Err(ReadError::LiftedTooEarly)));
    knobs.insert_card(card());
    knobs.card_status(Some(Status::ReadFailed));
    assert!(matches!(reader.read_card(NOW), Err(ReadError::Unreadable(Status::ReadFailed))));
    knobs.card_status(Some(Status::WrongCardType));
    assert!(matches!(reader.read_card(NOW), Err(ReadError::UnsupportedCard)));
    knobs.card_status(None);
    assert_eq!(number(&mut reader), "110100199003070015");
}

#[test]
fn a_card_of_an_unknown_kind_is_unsupported() {
    let (mut reader, knobs) = reader();
    let mut text = *include_bytes!("sdt/text_A.bin");
    text[248] = b'Q';
    knobs.insert_card(SimulatedCard::from_text(text));
    assert!(matches!(reader.read_card(NOW), Err(ReadError::UnsupportedCard)));
}

#[test]
fn an_old_module_that_does_not_know_30_10_is_asked_30_01() {
    let (reader, knobs) = reader();
    let mut reader = reader.with_fingerprints();
    knobs.insert_card(card());
    assert_eq!(number(&mut reader), "110100199003070015");
    let (_, with_fingerprints) = knobs.bytes_carried();
    assert_eq!(with_fingerprints, 15 + 19 + 2321);
    knobs.old_module(true);
    assert_eq!(number(&mut reader), "110100199003070015");
    let (_, both) = knobs.bytes_carried();
    assert_eq!(both - with_fingerprints, 15 + 19 + 11 + 1295);
    assert_eq!(number(&mut reader), "110100199003070015");
    assert_eq!(knobs.bytes_carried().1 - both, 15 + 19 + 1295, "and the old module is remembered");
}

#[test]
fn damage_of_every_kind_is_typed_and_the_next_read_works() {
    let faults = [
        Fault::Garble,
        Fault::WrongChecksum,
        Fault::WrongLength,
        Fault::Truncate(7),
        Fault::ShortPreamble(2),
        Fault::Noise(vec![0x55; 100]),
    ];
    for fault in faults {
        for longer_than in [0, SHORT_ANSWER] {
            let (mut reader, knobs) = reader();
            knobs.insert_card(card());
            knobs.fault_in_long_answer(fault.clone(), longer_than);
            fails_with(&mut reader, Kind::Garbled);
            assert_eq!(number(&mut reader), "110100199003070015", "after {fault:?}");
        }
    }
}

#[test]
fn little_noise_and_a_lost_aa_are_borne() {
    let (mut reader, knobs) = reader();
    knobs.insert_card(card());
    knobs.noise(&[0x00, 0xFF, 0xAA]);
    assert_eq!(number(&mut reader), "110100199003070015");
    knobs.fault_in_long_answer(Fault::ShortPreamble(1), SHORT_ANSWER);
    assert_eq!(number(&mut reader), "110100199003070015");
}

#[test]
fn a_silent_reader_is_said_to_be_silent_and_read_when_it_speaks() {
    let (mut reader, knobs) = reader();
    knobs.insert_card(card());
    knobs.silent(true);
    fails_with(&mut reader, Kind::Silent);
    knobs.silent(false);
    assert_eq!(number(&mut reader), "110100199003070015");
}

#[test]
fn an_answer_that_comes_too_late_is_not_taken_for_the_next_one() {
    let (mut reader, knobs) = reader();
    knobs.insert_card(card());
    knobs.slow(Duration::from_millis(90));
    fails_with(&mut reader, Kind::Silent);
    knobs.slow(NOW);
    let recovered = (0..10).find_map(|_| reader.read_card(NOW).ok().flatten());
    assert_eq!(recovered.unwrap().number.as_str(), "110100199003070015");
}

#[test]
fn an_unplugged_reader_is_found_again() {
    let (mut reader, knobs) = reader();
    knobs.insert_card(card());
    knobs.unplug();
    fails_with(&mut reader, Kind::NotFound);
    knobs.replug();
    knobs.fault_in_long_answer(Fault::Unplug(500), SHORT_ANSWER);
    fails_with(&mut reader, Kind::Unplugged);
    fails_with(&mut reader, Kind::NotFound);
    knobs.replug();
    assert_eq!(number(&mut reader), "110100199003070015");
}

#[test]
fn a_module_in_trouble_says_who_must_act() {
    use drivers::ErrorAction::{Maintenance, Reset, SoftwareError};
    let (mut reader, knobs) = reader();
    for (status, kind, action) in [
        (Status::NotAuthorised, Kind::Hardware, Maintenance),
        (Status::SelfTestFailed, Kind::Hardware, Maintenance),
        (Status::CommandError, Kind::Software, SoftwareError),
        (Status::ChecksumError, Kind::Garbled, Reset),
        (Status::LengthError, Kind::Garbled, Reset),
    ] {
        knobs.module_status(Some(status));
        let error = reader.self_test().unwrap_err();
        assert_eq!((error.kind, error.action()), (kind, action), "{status:?}");
    }
    knobs.module_status(None);
    assert!(reader.self_test().is_ok());
}

#[test]
fn nothing_of_the_card_is_in_debug_output() {
    let (mut reader, knobs) = reader();
    knobs.insert_card(card());
    let card = reader.read_card(NOW).unwrap().unwrap();
    assert_eq!(format!("{card:?}"), "IdCard(Resident)");
    let parts = format!("{:?} {:?}", card.name, card.birth);
    assert!(!parts.contains('张') && !parts.contains("1990"));
}

#[test]
fn the_serial_path_reads_on_a_pty_and_survives_every_fault() {
    let (port, knobs) = on_pty().unwrap();
    let uri = format!("serial://{}?baud=115200", port.path().display()).parse().unwrap();
    let mut reader = SdtReader::new(drivers::transport::connector(&uri).unwrap());
    knobs.insert_card(card());
    assert_eq!(number(&mut reader), "110100199003070015");
    knobs.wrong_checksum();
    fails_with(&mut reader, Kind::Garbled);
    assert_eq!(number(&mut reader), "110100199003070015");
    knobs.fault_in_long_answer(Fault::Unplug(600), SHORT_ANSWER);
    fails_with(&mut reader, Kind::Unplugged);
    fails_with(&mut reader, Kind::NotFound);
    knobs.replug();
    let recovered = until_some(|| reader.read_card(NOW).ok().flatten());
    assert_eq!(recovered.number.as_str(), "110100199003070015");
    knobs.silent(true);
    let mut hasty = open_hastily(&uri);
    drop(reader);
    fails_with(&mut hasty, Kind::Silent);
    knobs.silent(false);
    assert_eq!(number(&mut hasty), "110100199003070015");
}

#[test]
fn a_port_held_by_another_program_is_in_use() {
    let (port, knobs) = on_pty().unwrap();
    let uri = format!("serial://{}?baud=115200", port.path().display()).parse().unwrap();
    knobs.insert_card(card());
    let mut first = open(&uri).unwrap();
    assert_eq!(number(first.as_mut()), "110100199003070015");
    fails_with(open(&uri).unwrap().as_mut(), Kind::InUse);
    drop(first);
    assert_eq!(number(open(&uri).unwrap().as_mut()), "110100199003070015");
}

#[test]
fn a_rate_that_is_not_configured_is_found() {
    let (port, knobs) = on_pty().unwrap();
    // A pty has no modem lines either; that is no error.
    let uri = format!("serial://{}?lines=on", port.path().display()).parse().unwrap();
    knobs.insert_card(card());
    assert_eq!(number(open(&uri).unwrap().as_mut()), "110100199003070015");
}

fn open_hastily(uri: &drivers::DeviceUri) -> SdtReader {
    let timings = SdtTimings { read_ms: 1_000, quiet_max_ms: 400, ..HASTY };
    SdtReader::new(drivers::transport::connector(uri).unwrap()).with_timings(timings)
}

fn until_some<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(value) = attempt() {
            return value;
        }
        assert!(Instant::now() < end, "not within 10 s");
        std::thread::yield_now();
    }
}
