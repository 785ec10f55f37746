//! The driver of lights and door switch against the simulated relay board: Modbus-RTU in memory for each fault, on a
//! pty and over TCP for the shipped wires. After every fault the same driver object works on, without a restart.
#![allow(clippy::unwrap_used)]

use drivers::{
    DeviceErrorKind as Kind, ErrorAction,
    indicator::{
        CabinetDoor, FlashRate, Indicators, Light, ModbusTimings, RelayBoard, Wiring, open,
        simulator::{BoardFault, BoardKnobs, in_memory, line_in_memory, on_pty, on_tcp},
    },
};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(10);

fn board() -> (RelayBoard, BoardKnobs) {
    let (line, knobs) = line_in_memory();
    let line = line.with_timings(ModbusTimings { answer_ms: 60, ..ModbusTimings::default() });
    (RelayBoard::new(line, Wiring::default()), knobs)
}

fn lit(knobs: &BoardKnobs) -> Vec<usize> {
    knobs.coils().iter().enumerate().filter_map(|(coil, on)| on.then_some(coil)).collect()
}

#[track_caller]
fn fails_with(board: &mut RelayBoard, kind: Kind) {
    let error = board.cabinet_door().unwrap_err();
    assert_eq!(error.kind, kind, "{error:?}");
}

#[test]
fn lights_shine_as_they_are_set() {
    let (mut board, knobs) = board();
    board.self_test().unwrap();
    board.set_light(Light::CardReader, FlashRate::Continuous).unwrap();
    board.set_light(Light::Status, FlashRate::Continuous).unwrap();
    assert_eq!(lit(&knobs), [0, 5]);
    board.set_light(Light::CardReader, FlashRate::Off).unwrap();
    assert_eq!(lit(&knobs), [5]);
}

#[test]
fn a_light_flashes_as_long_as_it_is_kept() {
    let (mut board, knobs) = board();
    board.set_light(Light::ReceiptPrinter, FlashRate::Quick).unwrap();
    let (mut changes, mut was_lit, end) = (0, lit(&knobs), Instant::now() + SOON);
    while changes < 3 {
        let next = board.keep().unwrap();
        assert!(next <= Duration::from_millis(250), "a flashing light says when it changes");
        if lit(&knobs) != was_lit {
            was_lit = lit(&knobs);
            changes += 1;
        }
        assert!(Instant::now() < end, "it does not flash");
    }
    board.set_light(Light::ReceiptPrinter, FlashRate::Off).unwrap();
    assert!(board.keep().unwrap() > Duration::from_secs(1));
}

#[test]
fn a_light_without_a_wire_is_no_error_and_two_lights_may_share_one() {
    let (line, knobs) = line_in_memory();
    let wiring =
        Wiring { lights: vec![(Light::Scanner, 3), (Light::Status, 7)], door_input: None, on_means_closed: true };
    let mut board = RelayBoard::new(line, wiring);
    board.set_light(Light::CardReader, FlashRate::Continuous).unwrap();
    board.set_light(Light::Status, FlashRate::Continuous).unwrap();
    assert_eq!(lit(&knobs), [7]);
    assert_eq!(board.cabinet_door().unwrap(), None);
}

#[test]
fn the_door_is_seen_to_open_and_close() {
    let (mut board, knobs) = board();
    assert_eq!(board.cabinet_door().unwrap(), Some(CabinetDoor::Closed));
    knobs.door_open(true);
    assert_eq!(board.cabinet_door().unwrap(), Some(CabinetDoor::Open));
    knobs.door_open(false);
    assert_eq!(board.cabinet_door().unwrap(), Some(CabinetDoor::Closed));
}

#[test]
fn one_lost_or_damaged_answer_is_asked_for_again_and_two_are_an_error() {
    let faults = [
        (BoardFault::Garble, Kind::Garbled),
        (BoardFault::WrongCrc, Kind::Garbled),
        (BoardFault::Truncate(3), Kind::Garbled),
        (BoardFault::Lose, Kind::Silent),
    ];
    for (fault, kind) in faults {
        let (mut board, knobs) = board();
        knobs.spoil(fault, 1);
        assert_eq!(board.cabinet_door().unwrap(), Some(CabinetDoor::Closed), "after one {fault:?}");
        knobs.spoil(fault, 2);
        fails_with(&mut board, kind);
        assert_eq!(board.cabinet_door().unwrap(), Some(CabinetDoor::Closed), "after {fault:?}");
    }
}

#[test]
fn a_board_that_lost_its_power_is_set_again() {
    let (mut board, knobs) = board();
    board.set_light(Light::Status, FlashRate::Continuous).unwrap();
    knobs.lose_power();
    assert!(lit(&knobs).is_empty());
    board.self_test().unwrap();
    board.keep().unwrap();
    assert_eq!(lit(&knobs), [5]);
    knobs.unplug();
    fails_with(&mut board, Kind::Unplugged);
    fails_with(&mut board, Kind::NotFound);
    knobs.lose_power();
    knobs.replug();
    board.keep().unwrap();
    assert_eq!(lit(&knobs), [5], "what was set before it went is set when it is back");
}

#[test]
fn exceptions_say_who_must_act() {
    let (mut board, knobs) = board();
    for (code, kind, action) in [
        (0x01, Kind::WrongModel, ErrorAction::Configuration),
        (0x02, Kind::Misconfigured, ErrorAction::Configuration),
        (0x03, Kind::Software, ErrorAction::SoftwareError),
        (0x04, Kind::Hardware, ErrorAction::Maintenance),
        (0x06, Kind::Silent, ErrorAction::Reset),
        (0x0A, Kind::NotFound, ErrorAction::Maintenance),
        (0x0B, Kind::Silent, ErrorAction::Reset),
    ] {
        knobs.exception(Some(code));
        let error = board.cabinet_door().unwrap_err();
        assert_eq!((error.kind, error.action()), (kind, action), "exception {code:02x}");
    }
    knobs.exception(None);
    assert!(board.self_test().is_ok());
}

#[test]
fn another_unit_on_the_line_is_not_taken_for_ours() {
    let (mut board, knobs) = board();
    knobs.answer_as(9);
    fails_with(&mut board, Kind::Garbled);
    knobs.unit(9);
    fails_with(&mut board, Kind::Silent);
}

#[test]
fn a_slow_board_is_waited_for() {
    let (mut board, knobs) = in_memory();
    knobs.slow(Duration::from_millis(120));
    assert_eq!(board.cabinet_door().unwrap(), Some(CabinetDoor::Closed));
}

#[test]
fn the_same_lights_shine_over_a_serial_line_and_over_tcp() {
    let (pty, pty_knobs) = on_pty().unwrap();
    let (tcp, tcp_knobs) = on_tcp().unwrap();
    tcp_knobs.unit(17);
    let uris = [format!("serial://{}?baud=9600", pty.path().display()), format!("tcp://{}?unit=17", tcp.address())];
    for (uri, knobs) in uris.iter().zip([pty_knobs, tcp_knobs]) {
        let mut board = open(&uri.parse().unwrap(), Wiring::default()).unwrap();
        board.self_test().unwrap();
        board.set_light(Light::Scanner, FlashRate::Continuous).unwrap();
        assert_eq!(lit(&knobs), [3], "{uri}");
        knobs.door_open(true);
        assert_eq!(board.cabinet_door().unwrap(), Some(CabinetDoor::Open), "{uri}");
        knobs.unplug();
        assert!(board.cabinet_door().is_err(), "{uri}");
        knobs.replug();
        let end = Instant::now() + SOON;
        while board.self_test().is_err() {
            assert!(Instant::now() < end, "not found again: {uri}");
            std::thread::yield_now();
        }
        assert_eq!(lit(&knobs), [3], "{uri}");
    }
}
