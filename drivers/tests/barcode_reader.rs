//! The drivers of barcode readers against their simulators: GM65 modules in memory for each fault and on a pty for
//! the shipped serial path, the keyboard wedge by the kernel's key events. After every fault the same driver
//! object reads the next code, without a restart.
#![allow(clippy::unwrap_used)]

use drivers::{
    DeviceErrorKind as Kind,
    barcode_reader::{
        BarcodeReader, Framing, ModuleTimings, PayloadEncoding, SerialModule, open,
        simulator::{
            CodeFault, KEYBOARD_DESCRIPTOR, KeyboardKnobs, ModuleKnobs, ReportFault, ZERO_FILLED_DESCRIPTOR,
            hid_pos_in_memory, keyboard_in_memory, module_in_memory, module_of_family, module_on_pty,
        },
    },
    quirk::barcode_reader::{MODULES, ModuleFamily, USUAL},
};
use std::time::{Duration, Instant};

const NOW: Duration = Duration::ZERO;
const SHORTLY: Duration = Duration::from_millis(40);
const SOON: Duration = Duration::from_secs(10);

fn hasty(module: SerialModule) -> SerialModule {
    module.with_timings(ModuleTimings { answer_ms: 60, stop_ms: 30 })
}

fn module() -> (SerialModule, ModuleKnobs) {
    let (module, knobs) = module_in_memory();
    (hasty(module), knobs)
}

fn family(name: &str) -> ModuleFamily {
    MODULES.iter().find(|quirk| quirk.change.name == name).unwrap().change
}

#[track_caller]
fn text(reader: &mut dyn BarcodeReader) -> String {
    reader.scan(SOON).unwrap().unwrap().text().unwrap().to_string()
}

#[track_caller]
fn fails_with(reader: &mut dyn BarcodeReader, kind: Kind) {
    let error = reader.scan(Duration::from_millis(300)).unwrap_err();
    assert_eq!(error.kind, kind, "{error:?}");
}

#[test]
fn a_code_is_read_and_no_code_is_no_error() {
    let (mut reader, knobs) = module();
    assert!(reader.scan(SHORTLY).unwrap().is_none());
    assert!(!knobs.is_reading(), "the light is put out when nobody waits any more");
    knobs.show("办件编号 370100".as_bytes());
    assert_eq!(text(&mut reader), "办件编号 370100");
    knobs.take_away();
    assert!(reader.scan(SHORTLY).unwrap().is_none());
}

#[test]
fn a_code_that_is_shown_while_the_reader_waits_is_read() {
    let (mut reader, knobs) = module();
    let waiting = std::thread::spawn(move || text(&mut reader));
    assert!(knobs.wait_for_commands(1, SOON));
    knobs.show(b"A017");
    assert_eq!(waiting.join().unwrap(), "A017");
}

#[test]
fn a_module_whose_window_ends_is_told_again() {
    let trigger = USUAL.trigger.map(|t| drivers::quirk::barcode_reader::Trigger { window_ms: 20, ..t });
    let (reader, knobs) = module_of_family(&ModuleFamily { trigger, ..*USUAL });
    let mut reader = hasty(reader);
    let waiting = std::thread::spawn(move || text(&mut reader));
    assert!(knobs.wait_for_commands(4, SOON));
    knobs.show(b"late");
    assert_eq!(waiting.join().unwrap(), "late");
}

#[test]
fn every_ending_is_understood_and_the_acknowledgement_may_come_last() {
    for ending in [&b"\r\n"[..], b"\r", b"\n", b""] {
        let (mut reader, knobs) = module();
        knobs.ending(ending);
        knobs.show(b"A018");
        assert_eq!(text(&mut reader), "A018", "{ending:?}");
        knobs.acknowledge_last(true);
        assert_eq!(text(&mut reader), "A018", "{ending:?}");
    }
}

#[test]
fn text_in_gb18030_is_text() {
    let (mut reader, knobs) = module();
    knobs.show(&[0xB0, 0xEC, 0xBC, 0xFE]);
    assert_eq!(text(&mut reader), "办件");
    let (reader, knobs) = module_of_family(&family("gm65-gbk"));
    let mut reader = hasty(reader);
    knobs.show(&[0xC1, 0xAA, 0xCD, 0xA8]);
    assert_eq!(text(&mut reader), "联通", "bytes that are valid UTF-8 by accident");
    assert_eq!(family("gm65-gbk").encoding, PayloadEncoding::Gb18030);
    knobs.show(&[0xFF, 0xFF]);
    assert!(reader.scan(SOON).unwrap().unwrap().text().is_none(), "bytes that are no text are given as bytes");
}

#[test]
fn counted_codes_may_hold_line_ends() {
    let counted = family("gm65-counted");
    assert_eq!(counted.framing, Framing::Counted);
    let (reader, knobs) = module_of_family(&counted);
    knobs.counted(true);
    knobs.show(b"one\r\ntwo");
    assert_eq!(text(&mut hasty(reader)), "one\r\ntwo");
}

#[test]
fn a_module_that_is_told_nothing_reads_what_is_shown_in_time_only() {
    let (mut reader, knobs) = module_of_family(&family("continuous"));
    knobs.continuous(true);
    knobs.show(b"somebody else's");
    assert!(reader.scan(SHORTLY).unwrap().is_none(), "what was shown before anybody asked is thrown away");
    knobs.show(b"mine");
    assert_eq!(text(&mut reader), "mine", "one wait in several calls misses nothing");
}

#[test]
fn damage_is_typed_and_the_next_code_is_read() {
    type Spoil = fn(&ModuleKnobs);
    let faults: [(Spoil, Kind); 5] = [
        (|k| k.spoil_answer(CodeFault::Garble), Kind::Garbled),
        (|k| k.spoil_answer(CodeFault::Truncate(3)), Kind::Garbled),
        (|k| k.spoil_code(CodeFault::Truncate(2)), Kind::Garbled),
        (|k| k.spoil_code(CodeFault::Flood(5_000)), Kind::Garbled),
        (|k| k.spoil_code(CodeFault::Unplug(2)), Kind::Unplugged),
    ];
    for (index, (spoil, kind)) in faults.into_iter().enumerate() {
        let (mut reader, knobs) = module();
        knobs.show(b"A019");
        assert_eq!(text(&mut reader), "A019", "so that its line ends are known");
        spoil(&knobs);
        let error = reader.scan(SOON).unwrap_err();
        assert_eq!(error.kind, kind, "fault {index}: {error:?}");
        knobs.replug();
        assert_eq!(text(&mut reader), "A019", "after fault {index}");
    }
}

#[test]
fn a_silent_module_is_said_to_be_silent_and_read_when_it_speaks() {
    let (mut reader, knobs) = module();
    knobs.silent(true);
    knobs.show(b"A020");
    fails_with(&mut reader, Kind::Silent);
    assert_eq!(reader.self_test().unwrap_err().kind, Kind::Silent);
    knobs.silent(false);
    assert!(reader.self_test().is_ok());
    assert_eq!(text(&mut reader), "A020");
}

#[test]
fn another_device_at_the_port_is_told_from_a_damaged_answer() {
    let (mut reader, knobs) = module();
    knobs.other_model(true);
    assert_eq!(reader.self_test().unwrap_err().kind, Kind::WrongModel);
    fails_with(&mut reader, Kind::WrongModel);
    knobs.other_model(false);
    knobs.spoil_answer(CodeFault::Truncate(5));
    assert_eq!(reader.self_test().unwrap_err().kind, Kind::Garbled);
    assert!(reader.self_test().is_ok());
}

#[test]
fn a_slow_code_is_waited_for_to_its_end() {
    let (mut reader, knobs) = module();
    knobs.slow(Duration::from_millis(120));
    knobs.show(b"A021");
    assert_eq!(text(&mut reader), "A021");
}

#[test]
fn an_unplugged_module_is_found_again() {
    let (mut reader, knobs) = module();
    knobs.show(b"A022");
    knobs.unplug();
    fails_with(&mut reader, Kind::NotFound);
    knobs.replug();
    assert_eq!(text(&mut reader), "A022");
    knobs.unplug();
    fails_with(&mut reader, Kind::Unplugged);
    knobs.replug();
    assert_eq!(text(&mut reader), "A022");
}

#[test]
fn the_serial_path_reads_on_a_pty_and_survives_the_cable() {
    let (port, knobs) = module_on_pty().unwrap();
    let uri = format!("serial://{}", port.path().display()).parse().unwrap();
    let mut reader = open(&uri).unwrap();
    reader.self_test().unwrap();
    knobs.show(&[b'7'; 300]);
    assert_eq!(text(reader.as_mut()), "7".repeat(300));
    knobs.spoil_code(CodeFault::Unplug(100));
    let error = reader.scan(SOON).unwrap_err();
    assert_eq!(error.kind, Kind::Unplugged, "{error:?}");
    fails_with(reader.as_mut(), Kind::NotFound);
    knobs.replug();
    let end = Instant::now() + SOON;
    while reader.self_test().is_err() {
        assert!(Instant::now() < end, "not found again");
        std::thread::yield_now();
    }
    assert_eq!(text(reader.as_mut()), "7".repeat(300));
}

#[test]
fn a_uri_says_how_a_module_is_spoken_to() {
    let kind = |uri: &str| open(&uri.parse().unwrap()).err().map(|error| error.kind);
    assert_eq!(kind("serial:///dev/ttyS9?module=newland"), None);
    assert_eq!(kind("keyboard://1EAB:0022"), None);
    assert_eq!(kind("serial:///dev/ttyS9?module=gm56"), Some(Kind::Misconfigured));
    assert_eq!(kind("ipp://192.0.2.7"), Some(Kind::Misconfigured));
    let absent = open(&"serial://FFFE:FFFE".parse().unwrap()).unwrap().self_test().unwrap_err();
    assert_eq!(absent.kind, Kind::NotFound);
}

#[test]
fn a_wedge_reads_what_is_typed() {
    let (mut reader, knobs) = keyboard_in_memory();
    assert!(reader.scan(NOW).unwrap().is_none());
    let url = "https://example.gov.cn/q?id=A_023&x=%E5%8A%9E";
    knobs.show(url);
    assert_eq!(text(&mut reader), url);
    knobs.slow(Duration::from_millis(1));
    knobs.show("A024");
    assert_eq!(text(&mut reader), "A024");
}

#[test]
fn a_wedge_throws_away_what_was_typed_before_anybody_asked() {
    let (mut reader, knobs) = keyboard_in_memory();
    knobs.show("somebody else's");
    assert!(reader.scan(SHORTLY).unwrap().is_none());
    knobs.show("mine");
    assert_eq!(text(&mut reader), "mine");
}

#[test]
fn what_a_wedge_loses_is_never_taken_for_a_code() {
    type Spoil = fn(&KeyboardKnobs);
    let faults: [(Spoil, Kind); 3] = [
        (|k| k.show_partly("A025", 2), Kind::Garbled),
        (|k| k.show_with_loss("A025"), Kind::Garbled),
        (
            |k| {
                k.unplug_after(5);
                k.show("A025");
            },
            Kind::Unplugged,
        ),
    ];
    for (index, (spoil, kind)) in faults.into_iter().enumerate() {
        let (mut reader, knobs) = keyboard_in_memory();
        reader.scan(NOW).unwrap();
        knobs.show("first");
        assert_eq!(text(&mut reader), "first", "so that it is known to press enter");
        spoil(&knobs);
        let error = reader.scan(SOON).unwrap_err();
        assert_eq!(error.kind, kind, "fault {index}: {error:?}");
        knobs.replug();
        reader.scan(NOW).unwrap();
        knobs.show("A026");
        assert_eq!(text(&mut reader), "A026", "after fault {index}");
    }
}

#[test]
fn nothing_of_a_code_is_in_debug_output() {
    let (mut reader, knobs) = module();
    knobs.show(b"token-1234");
    assert_eq!(format!("{:?}", reader.scan(SOON).unwrap().unwrap()), "Scan(10 bytes)");
}

#[test]
fn a_hid_pos_scanner_is_read_whatever_its_reports_look_like() {
    let (mut reader, knobs) = hid_pos_in_memory();
    reader.self_test().unwrap();
    assert!(reader.scan(NOW).unwrap().is_none());
    let long = "办件编号 370100-".repeat(20);
    knobs.show(long.as_bytes());
    let scan = reader.scan(SOON).unwrap().unwrap();
    assert_eq!(scan.text().unwrap().as_str(), long);
    assert_eq!(scan.symbology(), Some(*b"]Q1"));
    knobs.unplug();
    fails_with(&mut reader, Kind::Unplugged);
    knobs.describe(ZERO_FILLED_DESCRIPTOR);
    knobs.replug();
    assert!(reader.scan(NOW).unwrap().is_none());
    knobs.show(long.as_bytes());
    assert_eq!(text(&mut reader), long);
}

#[test]
fn a_hid_pos_code_that_is_not_whole_is_damage_and_another_device_is_told_apart() {
    for (fault, kind) in [
        (ReportFault::Garble, Kind::Garbled),
        (ReportFault::Truncate(1), Kind::Garbled),
        (ReportFault::Unplug(1), Kind::Unplugged),
    ] {
        let (mut reader, knobs) = hid_pos_in_memory();
        assert!(reader.scan(NOW).unwrap().is_none());
        knobs.spoil_code(fault);
        knobs.show(&[b'7'; 100]);
        let error = reader.scan(SOON).unwrap_err();
        assert_eq!(error.kind, kind, "{fault:?} {error:?}");
        knobs.replug();
        assert!(reader.scan(NOW).unwrap().is_none());
        knobs.show(&[b'8'; 100]);
        assert_eq!(text(&mut reader), "8".repeat(100), "after {fault:?}");
    }
    let (mut reader, knobs) = hid_pos_in_memory();
    knobs.describe(KEYBOARD_DESCRIPTOR);
    assert_eq!(reader.self_test().unwrap_err().kind, Kind::WrongModel);
}
