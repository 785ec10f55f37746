//! The ID-card driver over USB against simulated readers in both styles of pipes: the same cards, faults and
//! recoveries as on a serial line, and the interface is given back after every one.
#![allow(clippy::unwrap_used)]

mod sdt_reader;

use drivers::{
    DeviceErrorKind as Kind, UsbAddress,
    id_card_reader::{
        IdCardReader, ReadError, SdtReader, SdtUsbConnector,
        simulator::{Fault, ReaderKnobs, Sam, on_hid, on_usb},
    },
    simulation::{Bench, MemoryBus},
    transport::Connector,
    uri::EndpointStyle::{self, FourPipes, TwoPipes},
};
use sdt_reader::{HASTY, NUMBER, card};
use std::{sync::atomic::Ordering, time::Duration};

const STYLES: [EndpointStyle; 2] = [TwoPipes, FourPipes];
const NOW: Duration = Duration::ZERO;
/// Answers shorter than this are not the one with text and photo.
const SHORT_ANSWER: usize = 100;

fn reader(style: EndpointStyle) -> (SdtReader, ReaderKnobs) {
    let (reader, knobs) = on_usb(style);
    knobs.insert_card(card());
    (reader.with_timings(HASTY), knobs)
}

fn number(reader: &mut SdtReader) -> String {
    reader.read_card(NOW).unwrap().unwrap().number.to_string()
}

fn fails_with(reader: &mut SdtReader, kind: Kind) {
    let error = reader.read_card(NOW).unwrap_err();
    assert_eq!(error.device_kind(), Some(kind), "{error:?}");
}

#[test]
fn a_card_is_read_over_either_style_of_pipes() {
    for style in STYLES {
        let (mut reader, knobs) = reader(style);
        assert_eq!(reader.self_test().unwrap().sam_id, "05.01-20221110-0003351057-2003195204", "{style:?}");
        let before = knobs.bytes_carried();
        assert_eq!(number(&mut reader), NUMBER, "{style:?}");
        let after = knobs.bytes_carried();
        assert_eq!((after.0 - before.0, after.1 - before.1), (30, 15 + 19 + 1295), "no byte more, {style:?}");
        knobs.lift();
        assert!(reader.read_card(NOW).unwrap().is_none());
    }
}

#[test]
fn fingerprints_of_2321_bytes_fit_too() {
    for style in STYLES {
        let (reader, _knobs) = reader(style);
        assert_eq!(number(&mut reader.with_fingerprints()), NUMBER, "{style:?}");
    }
}

#[test]
fn damage_of_every_kind_is_typed_and_the_next_read_works() {
    let faults = [
        Fault::Garble,
        Fault::WrongChecksum,
        Fault::WrongLength,
        Fault::Truncate(5),
        Fault::Truncate(7),
        Fault::Truncate(9),
        Fault::ShortPreamble(2),
        Fault::Noise(vec![0x55; 100]),
    ];
    for (style, fault) in STYLES.into_iter().flat_map(|s| faults.iter().map(move |f| (s, f))) {
        for longer_than in [0, SHORT_ANSWER] {
            let (mut reader, knobs) = reader(style);
            knobs.fault_in_long_answer(fault.clone(), longer_than);
            fails_with(&mut reader, Kind::Garbled);
            assert_eq!(number(&mut reader), NUMBER, "{style:?} after {fault:?}");
        }
    }
}

#[test]
fn a_silent_reader_is_said_to_be_silent_and_a_late_answer_is_not_taken_for_the_next_one() {
    for style in STYLES {
        let (mut reader, knobs) = reader(style);
        knobs.silent(true);
        fails_with(&mut reader, Kind::Silent);
        knobs.silent(false);
        assert_eq!(number(&mut reader), NUMBER);
        knobs.slow(Duration::from_millis(90));
        fails_with(&mut reader, Kind::Silent);
        knobs.slow(NOW);
        let recovered = (0..10).find_map(|_| reader.read_card(NOW).ok().flatten());
        assert_eq!(recovered.unwrap().number.as_str(), NUMBER, "{style:?}");
    }
}

#[test]
fn an_unplugged_reader_is_found_again() {
    for style in STYLES {
        let (mut reader, knobs) = reader(style);
        knobs.unplug();
        fails_with(&mut reader, Kind::NotFound);
        knobs.replug();
        for bytes in [3, 500] {
            knobs.fault_in_long_answer(Fault::Unplug(bytes), SHORT_ANSWER);
            fails_with(&mut reader, Kind::Unplugged);
            fails_with(&mut reader, Kind::NotFound);
            knobs.replug();
            assert_eq!(number(&mut reader), NUMBER, "{style:?} after {bytes} bytes");
        }
    }
}

#[test]
fn a_card_lifted_mid_read_is_told_from_a_reader_in_trouble() {
    for style in STYLES {
        let (mut reader, knobs) = reader(style);
        knobs.lift_mid_read();
        assert!(matches!(reader.read_card(NOW), Err(ReadError::LiftedTooEarly)), "{style:?}");
    }
}

#[test]
fn a_card_is_read_in_hid_reports_and_after_every_damage() {
    let (reader, knobs) = on_hid();
    let mut reader = reader.with_timings(HASTY);
    knobs.insert_card(card());
    assert_eq!(number(&mut reader), NUMBER);
    for fault in [Fault::WrongChecksum, Fault::Truncate(100), Fault::WrongLength] {
        knobs.fault_in_long_answer(fault.clone(), SHORT_ANSWER);
        fails_with(&mut reader, Kind::Garbled);
        assert_eq!(number(&mut reader), NUMBER, "after {fault:?}");
    }
    knobs.fault_in_long_answer(Fault::Unplug(100), SHORT_ANSWER);
    fails_with(&mut reader, Kind::Unplugged);
    fails_with(&mut reader, Kind::NotFound);
    knobs.replug();
    assert_eq!(number(&mut reader), NUMBER);
}

fn connector(bus: MemoryBus<Sam>, style: Option<EndpointStyle>) -> SdtUsbConnector {
    let address = UsbAddress { vendor: 0x0400, product: 0xC35A, serial: None, port: None };
    SdtUsbConnector { bus: Box::new(bus), address, style }
}

#[test]
fn the_interface_is_held_by_one_and_given_back_after_an_error() {
    let bench = Bench::new(Sam::default());
    let bus = MemoryBus::reader(bench.clone(), FourPipes);
    let claimed = bus.watch_claim();
    let connector = connector(bus, None);
    let held = connector.open(0).unwrap();
    assert_eq!(connector.open(0).err().unwrap().kind, Kind::InUse);
    drop(held);
    let mut reader = SdtReader::new(Box::new(connector));
    reader.self_test().unwrap();
    assert!(claimed.load(Ordering::Acquire), "kept from one use to the next");
    bench.set_plugged(false);
    reader.self_test().unwrap_err();
    assert!(!claimed.load(Ordering::Acquire), "a dead handle would keep the node's name from the device");
}

#[test]
fn a_style_that_the_descriptors_cannot_give_is_the_wrong_model() {
    let bus = || Bench::new(Sam::default());
    let wrong = connector(MemoryBus::reader(bus(), TwoPipes), Some(FourPipes)).open(0).err().unwrap();
    assert_eq!(wrong.kind, Kind::WrongModel);
    // A firmware with four pipes that takes whole frames on the first pair is asked for by the URI.
    assert!(connector(MemoryBus::reader(bus(), FourPipes), Some(TwoPipes)).open(0).is_ok());
}
