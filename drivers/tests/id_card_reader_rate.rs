//! The rate of the line to an ID-card reader where nobody configured it: looked for with patience, and looked for
//! again once the reader is another one.
#![allow(clippy::unwrap_used)]

mod sdt_reader;

use drivers::{
    DeviceError, DeviceErrorKind as Kind,
    id_card_reader::{
        IdCardReader, SdtReader,
        sdt_words::RATES,
        simulator::{ReaderKnobs, Sam, bench},
    },
    simulation::{Bench, Canned, MemoryConnector},
    transport::{Connector, Transport},
};
use sdt_reader::{HASTY, NUMBER, card};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

const NOW: Duration = Duration::ZERO;

/// A line on which the reader hears and is heard at one rate alone.
#[derive(Clone)]
struct Line {
    bench: Arc<Bench<Sam>>,
    rate: Arc<AtomicU32>,
    opened: Arc<AtomicUsize>,
}

impl Connector for Line {
    fn open(&self, baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        let wire = MemoryConnector(self.bench.clone()).open(baud)?;
        if baud == self.rate.load(Ordering::Relaxed) { Ok(wire) } else { Canned::new(Vec::new()).open(baud) }
    }

    fn rate_is_open(&self) -> bool {
        true
    }
}

/// A driver and the line to a reader of a rate, on which a card lies.
fn reader_at(rate: u32) -> (SdtReader, Line, ReaderKnobs) {
    let (bench, knobs) = bench();
    knobs.insert_card(card());
    let line = Line { bench, rate: Arc::new(AtomicU32::new(rate)), opened: Arc::default() };
    (SdtReader::new(Box::new(line.clone())), line, knobs)
}

fn number(reader: &mut SdtReader) -> String {
    reader.read_card(NOW).unwrap().unwrap().number.to_string()
}

fn kind_of_error(reader: &mut SdtReader) -> Option<Kind> {
    reader.read_card(NOW).unwrap_err().device_kind()
}

#[test]
fn a_reader_that_takes_its_time_is_found() {
    let (mut reader, _line, knobs) = reader_at(RATES[4]);
    knobs.slow(Duration::from_millis(350));
    let identity = reader.self_test();
    assert!(identity.is_ok(), "{identity:?}");
}

#[test]
fn a_reader_that_says_nothing_is_given_up_when_each_rate_was_tried_once() {
    let (reader, line, knobs) = reader_at(RATES[0]);
    let mut reader = reader.with_timings(HASTY);
    knobs.silent(true);
    let start = Instant::now();
    assert_eq!(kind_of_error(&mut reader), Some(Kind::Silent));
    assert_eq!(line.opened.load(Ordering::Relaxed), RATES.len());
    assert!(start.elapsed() >= Duration::from_millis(HASTY.probe_ms), "it was listened for at its own rate");
    knobs.silent(false);
    assert_eq!(number(&mut reader), NUMBER);
}

#[test]
fn a_reader_of_another_rate_in_its_place_is_found_however_the_first_one_went() {
    type Go = fn(&ReaderKnobs);
    let went: [(&str, Go, Kind); 3] = [
        ("unplugged", ReaderKnobs::unplug, Kind::Unplugged),
        ("silent", |knobs| knobs.silent(true), Kind::Silent),
        ("garbled", ReaderKnobs::garble, Kind::Garbled),
    ];
    for (how, go, kind) in went {
        let (reader, line, knobs) = reader_at(RATES[0]);
        let mut reader = reader.with_timings(HASTY);
        assert_eq!(number(&mut reader), NUMBER, "{how}");
        go(&knobs);
        assert_eq!(kind_of_error(&mut reader), Some(kind), "{how}");
        line.rate.store(RATES[4], Ordering::Relaxed);
        knobs.silent(false);
        knobs.replug();
        assert_eq!(number(&mut reader), NUMBER, "{how}");
    }
}

#[test]
fn a_rate_that_was_found_is_where_looking_begins_after_a_fault() {
    let (reader, line, knobs) = reader_at(RATES[4]);
    let mut reader = reader.with_timings(HASTY);
    assert_eq!(number(&mut reader), NUMBER);
    let before = line.opened.load(Ordering::Relaxed);
    knobs.wrong_checksum();
    assert_eq!(kind_of_error(&mut reader), Some(Kind::Garbled));
    assert_eq!(number(&mut reader), NUMBER);
    assert_eq!(line.opened.load(Ordering::Relaxed), before + 1);
}
