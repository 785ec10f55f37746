//! Dialogues of every driver on a wire are written down and played back in lockstep; the committed ones are of
//! fictitious cards and codes. To make them anew: `YIMEN_RECORD_TO=FOLDER cargo test -p drivers --test recordings`.
#![allow(clippy::unwrap_used)]

use drivers::{
    DeviceErrorKind,
    barcode_reader::{self, BarcodeReader, SerialModule},
    id_card_reader::{
        self, IdCardReader, SdtReader,
        simulator::{Fault, SimulatedCard},
    },
    indicator::{self, FlashRate, Indicators, Light, ModbusLine, RelayBoard, Wiring},
    quirk::barcode_reader::USUAL,
    receipt_printer::{self, Bitmap, EscPosPrinter, PrintOutcome, ReceiptPrinter},
    transport::{
        Connector, connector,
        recording::{Playback, RecordTo},
    },
};
use std::{path::PathBuf, time::Duration};

const SOON: Duration = Duration::from_secs(10);

/// One errand with each driver, told by words that can be compared.
type Errand = fn(Box<dyn Connector>) -> String;

fn read_card(connector: Box<dyn Connector>) -> String {
    let mut reader = SdtReader::new(connector);
    let tested = reader.self_test().map(|identity| identity.sam_id);
    let number = reader.read_card(Duration::ZERO).map(|card| card.map(|card| card.number.to_string()));
    format!("{:?} {:?}", tested.ok(), number.ok())
}

/// The first read breaks, the second one works.
fn read_card_twice(connector: Box<dyn Connector>) -> String {
    let mut reader = SdtReader::new(connector);
    let first = reader.read_card(Duration::ZERO).unwrap_err().device_kind();
    let number = reader.read_card(Duration::ZERO).map(|card| card.map(|card| card.number.to_string()));
    format!("{first:?} {:?}", number.ok())
}

fn scan_code(connector: Box<dyn Connector>) -> String {
    let mut reader = SerialModule::new(connector, USUAL);
    let tested = reader.self_test().is_ok();
    let text = reader.scan(SOON).map(|scan| scan.and_then(|scan| scan.text()).map(|text| text.to_string()));
    format!("{tested} {:?}", text.ok())
}

fn print_slip(connector: Box<dyn Connector>) -> String {
    let mut printer = EscPosPrinter::new(connector);
    let status = printer.status().map(|status| status.paper);
    let mut slip = Bitmap::new(48, 60);
    (0..48).for_each(|x| slip.set(x, x));
    format!("{:?} {}", status.ok(), matches!(printer.print(&slip), PrintOutcome::Printed))
}

fn set_lights(connector: Box<dyn Connector>) -> String {
    let mut board = RelayBoard::new(ModbusLine::new(connector, 1), Wiring::default());
    let tested = board.self_test().is_ok();
    let set = board.set_light(Light::CardReader, FlashRate::Continuous).is_ok();
    format!("{tested} {set} {:?}", board.cabinet_door().ok())
}

const ERRANDS: [(&str, Errand, &str); 5] = [
    ("first_read", read_card, include_str!("recordings/first_read.txt")),
    ("read_after_damage", read_card_twice, include_str!("recordings/read_after_damage.txt")),
    ("scan_code", scan_code, include_str!("recordings/scan_code.txt")),
    ("print_slip", print_slip, include_str!("recordings/print_slip.txt")),
    ("set_lights", set_lights, include_str!("recordings/set_lights.txt")),
];

/// Runs the errand against the simulator on its pty, recorded to a file.
fn record(name: &str, errand: Errand, file: PathBuf) -> String {
    let recorded = |path: &std::path::Path| {
        let uri = format!("serial://{}?baud=115200", path.display()).parse().unwrap();
        Box::new(RecordTo { inner: connector(&uri).unwrap(), file })
    };
    match name {
        "first_read" | "read_after_damage" => {
            let (port, knobs) = id_card_reader::simulator::on_pty().unwrap();
            knobs.insert_card(SimulatedCard::from_text(*include_bytes!("sdt/text_A.bin")));
            if name == "read_after_damage" {
                knobs.fault_in_long_answer(Fault::WrongChecksum, 100);
            }
            errand(recorded(port.path()))
        }
        "scan_code" => {
            let (port, knobs) = barcode_reader::simulator::module_on_pty().unwrap();
            knobs.show("办件编号 370100-0017".as_bytes());
            errand(recorded(port.path()))
        }
        "print_slip" => {
            let (port, _knobs) = receipt_printer::simulator::on_pty().unwrap();
            errand(recorded(port.path()))
        }
        _ => {
            let (port, knobs) = indicator::simulator::on_pty().unwrap();
            knobs.door_open(true);
            errand(recorded(port.path()))
        }
    }
}

fn file_for(name: &str) -> PathBuf {
    let file = std::env::temp_dir().join(format!("yimen-recording-{name}-{}", std::process::id()));
    let _ = std::fs::remove_file(&file);
    file
}

/// What came in several reads stands on one line.
fn in_long_lines(text: &str) -> String {
    text.lines().fold(String::new(), |joined, line| match line.strip_prefix('<') {
        Some(bytes) if joined.lines().next_back().is_some_and(|last| last.starts_with('<')) => {
            format!("{}{}\n", joined.trim_end(), bytes.trim())
        }
        Some(bytes) => format!("{joined}< {}\n", bytes.trim()),
        None => format!("{joined}{line}\n"),
    })
}

#[test]
fn what_was_recorded_plays_back_to_the_same_end() {
    for (name, errand, _) in ERRANDS {
        let file = file_for(name);
        let told = record(name, errand, file.clone());
        let text = std::fs::read_to_string(&file).unwrap();
        let _ = std::fs::remove_file(&file);
        if let Some(folder) = std::env::var_os("YIMEN_RECORD_TO") {
            std::fs::write(PathBuf::from(folder).join(format!("{name}.txt")), in_long_lines(&text)).unwrap();
        }
        let playback = Playback::parse(&text).unwrap();
        assert_eq!(errand(Box::new(playback.clone())), told, "{name}");
        assert!(playback.is_finished(), "{name} stops before the recording does");
    }
}

#[test]
fn the_committed_dialogues_end_as_they_did() {
    let ends = [
        r#"Some("05.01-20221110-0003351057-2003195204") Some(Some("110100199003070015"))"#,
        r#"Some(Garbled) Some(Some("110100199003070015"))"#,
        r#"true Some(Some("办件编号 370100-0017"))"#,
        "Some(Full) true",
        "true true Some(Some(Open))",
    ];
    for ((name, errand, text), end) in ERRANDS.into_iter().zip(ends) {
        let playback = Playback::parse(text).unwrap();
        assert_eq!(errand(Box::new(playback.clone())), end, "{name}");
        assert!(playback.is_finished(), "{name} stops before the recording does");
    }
}

#[test]
fn a_recording_that_cannot_be_written_does_not_disturb_the_device() {
    for file in ["/dev/full", "/nowhere/at/all"] {
        let number = record("first_read", read_card, file.into());
        assert!(number.ends_with(r#"Some(Some("110100199003070015"))"#), "{file}: {number}");
    }
}

#[test]
fn a_driver_that_leaves_the_dialogue_is_stopped_and_told_where() {
    let (_, _, text) = ERRANDS[0];
    let other = text.replacen("> aaaaaa9669000311ffed", "> aaaaaa9669000310ffec", 1);
    let mut reader = SdtReader::new(Box::new(Playback::parse(&other).unwrap()));
    let error = reader.self_test().unwrap_err();
    assert_eq!(error.kind, DeviceErrorKind::Unplugged);
    let why = error.source.unwrap().to_string();
    assert!(why.contains("line 2") && why.contains("byte 8"), "{why}");
    assert!(Playback::parse("nonsense").is_err());
}
