//! Seeded nonsense and half-true bytes against the drivers in every test run; `tests/fuzz` digs deeper.
#![allow(clippy::unwrap_used)]

use drivers::{
    UsbAddress,
    barcode_reader::{
        BarcodeReader, CODE_BYTES_MAX, CodeDecoder, Framer, Framing, KeyDecoder, KeyboardWedge, ModuleTimings,
        ReportDecoder, Scan, ScannerReports, SerialModule, Word, gm65,
        simulator::{COUNTED_DESCRIPTOR, KEYBOARD_DESCRIPTOR, ZERO_FILLED_DESCRIPTOR},
        type_text,
    },
    document_printer::{ipp_message::Message, read_capabilities, read_job, read_status},
    document_scanner::escl::words::{self, job_path},
    hotplug::Uevent,
    http::message::Incoming,
    id_card_reader::{IdCardReader, SdtReader, SdtTimings, parse_text, sdt_frame::encode},
    indicator::{
        Indicators, ModbusLine, ModbusTimings, RelayBoard, Wiring,
        modbus_frame::{FRAME_BYTES_MAX, Request, seal},
    },
    quirk::barcode_reader::{MODULES, USUAL},
    receipt_printer::{Bitmap, EscPosPrinter, EscPosTimings, PrintOutcome, ReceiptPrinter},
    simulation::Canned,
};
use std::time::Duration;

const CASES: u64 = 20_000;

/// Xorshift with a fixed seed: the same bytes in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, length_max: u64) -> Vec<u8> {
        let length = self.roll() % length_max;
        (0..length).map(|_| self.roll() as u8).collect()
    }

    /// The sample with one to four things done to it.
    fn damage(&mut self, sample: &[u8]) -> Vec<u8> {
        let mut bytes = sample.to_vec();
        for _ in 0..=self.roll() % 4 {
            let at = self.roll() as usize % bytes.len().max(1);
            let length = self.roll() as usize % 8;
            match self.roll() % 5 {
                _ if bytes.is_empty() => bytes = self.bytes(32),
                0 => bytes[at] ^= 1 << (self.roll() % 8),
                1 => bytes[at] = self.roll() as u8,
                2 => drop(bytes.drain(at..(at + length).min(bytes.len()))),
                3 => bytes.extend_from_within(at..(at + length).min(bytes.len())),
                _ => bytes.rotate_left(at),
            }
        }
        bytes
    }
}

#[test]
fn no_bytes_from_a_reader_make_the_driver_panic() {
    let mut dice = Dice(0x59_69_6d_65_6e);
    let none = SdtTimings {
        find_interval_ms: 0,
        answer_ms: 0,
        read_ms: 0,
        read_fingerprints_ms: 0,
        probe_ms: 0,
        quiet_ms: 0,
        quiet_max_ms: 0,
    };
    for case in 0..CASES {
        let mut bytes = dice.bytes(64);
        if case % 2 == 0 {
            let body = [vec![0, 0, dice.roll() as u8], dice.bytes(1_400)].concat();
            bytes.extend_from_slice(&encode(&body));
        }
        let mut reader = SdtReader::new(Box::new(Canned::new(bytes))).with_timings(none).with_fingerprints();
        let _ = reader.read_card(Duration::ZERO);
        let _ = reader.self_test();
        let text: Vec<u8> = (0..256).map(|_| dice.roll() as u8).collect();
        let _ = parse_text(text.first_chunk().unwrap(), &[]);
    }
}

#[test]
fn no_bytes_from_a_printer_make_a_slip_printed_without_a_fence() {
    let mut dice = Dice(0x6d_65_6e);
    let none = EscPosTimings { status_ms: 0, fence_look_ms: 0, fence_ms: 0 };
    let slip = Bitmap::new(8, 3);
    for case in 0..CASES {
        let mut bytes = dice.bytes(12);
        if case % 2 == 0 {
            bytes.iter_mut().for_each(|b| *b = if *b & 1 == 0 { 0x12 } else { *b | 0x90 });
        }
        let fence_came = bytes.iter().any(|b| b & 0x90 == 0);
        let mut printer = EscPosPrinter::new(Box::new(Canned::new(bytes))).with_timings(none);
        let printed = matches!(printer.print(&slip), PrintOutcome::Printed);
        assert!(fence_came || !printed);
    }
}

/// Throws bytes at a decoder: nonsense, true samples, and samples with bytes turned over, cut out, doubled and
/// moved. The decoder says by assertions what must hold.
fn throw(seed: u64, samples: &[Vec<u8>], mut decode: impl FnMut(&[u8])) {
    let mut dice = Dice(seed);
    samples.iter().for_each(|sample| decode(sample));
    for _ in 0..CASES {
        let sample = &samples[dice.roll() as usize % samples.len()];
        let bytes = if dice.roll().is_multiple_of(4) { dice.bytes(200) } else { dice.damage(sample) };
        decode(&bytes);
    }
}

#[test]
fn no_bytes_from_a_barcode_module_make_the_framing_panic_or_grow() {
    let ack = gm65::ACKNOWLEDGEMENT.to_vec();
    let code = "办件编号 370100\r\n".as_bytes().to_vec();
    let counted = [&[3, 0, 9][..], b"123456789"].concat();
    let samples = [[ack.clone(), code.clone()].concat(), [code, ack].concat(), counted, vec![b'x'; 5_000]];
    for framing in [Framing::Lines, Framing::Silence, Framing::Counted] {
        let mut framer = Framer::new(framing);
        throw(0x0067_6d65, &samples, |bytes| {
            let pushed = framer.push(bytes);
            for word in [pushed, framer.push(&[]), framer.quiet()] {
                if let Ok(Some(Word::Code(code))) = word {
                    assert!(!code.is_empty() && code.len() <= CODE_BYTES_MAX);
                    let _ = Scan::new(code).text();
                }
            }
            let _ = (gm65::Command::parse(bytes), gm65::find_answer(bytes));
        });
    }
}

#[test]
fn no_events_of_a_keyboard_make_the_wedge_panic_or_grow() {
    let typed = |text: &str| -> Vec<u8> { type_text(text).unwrap().iter().flat_map(|e| e.to_bytes()).collect() };
    let mut decoder = KeyDecoder::default();
    throw(0x006b_6579, &[typed("A017"), typed("https://example.cn/?q=~")], |bytes| {
        let pushed = decoder.push(bytes);
        for word in [pushed, decoder.quiet()] {
            if let Ok(Some(Word::Code(code))) = word {
                assert!(!code.is_empty() && code.len() <= CODE_BYTES_MAX + 2);
            }
        }
    });
}

#[test]
fn no_descriptor_and_no_report_of_a_scanner_makes_the_driver_panic_or_grow() {
    let descriptors = [COUNTED_DESCRIPTOR, ZERO_FILLED_DESCRIPTOR, KEYBOARD_DESCRIPTOR].map(<[u8]>::to_vec);
    let mut dice = Dice(0x0068_6964);
    throw(0x0070_6f73, &descriptors, |descriptor| {
        let Ok(reports) = ScannerReports::parse(descriptor) else { return };
        assert!((1..=1_025).contains(&reports.report_bytes_max()));
        let mut decoder = ReportDecoder::new(reports);
        for _ in 0..4 {
            if let Ok(Some(Word::Code(code))) = decoder.push(&dice.bytes(70)) {
                assert!(!code.is_empty() && code.len() <= CODE_BYTES_MAX);
            }
        }
    });
}

#[test]
fn no_frame_on_a_modbus_line_makes_the_client_or_the_board_panic() {
    let read = Request::ReadInputs { first: 0, count: 10 };
    let write = Request::WriteCoils { first: 2, on: vec![true; 9] };
    let samples = [read.frame(1), write.frame(1), seal(vec![1, 2, 2, 5, 1]), seal(vec![1, 0x8F, 2])];
    throw(0x006d_6f64, &samples, |bytes| {
        for frame in [bytes.to_vec(), seal(bytes.to_vec())] {
            for request in [&read, &write] {
                assert!(request.answer_length(&frame).is_none_or(|length| length <= FRAME_BYTES_MAX));
                let _ = request.read_answer(1, &frame);
            }
            if let Some((unit, request)) = Request::parse(&frame) {
                assert_eq!(Request::parse(&request.frame(unit)), Some((unit, request)));
            }
        }
    });
}

#[test]
fn no_bytes_on_any_wire_make_a_driver_panic_or_wait() {
    let none = ModuleTimings { answer_ms: 0, stop_ms: 0 };
    let at_once = ModbusTimings { answer_ms: 0, quiet_ms: 0, quiet_max_ms: 0 };
    let samples = [gm65::ACKNOWLEDGEMENT.to_vec(), seal(vec![1, 1, 1, 0]), b"A017\r\n".to_vec()];
    throw(0x7769_7265, &samples, |bytes| {
        for family in [USUAL, &MODULES[2].change] {
            let mut module = SerialModule::new(Box::new(Canned::new(bytes.to_vec())), family).with_timings(none);
            let _ = (module.self_test(), module.scan(Duration::ZERO));
        }
        let mut wedge = KeyboardWedge::new(Box::new(Canned::new(bytes.to_vec())));
        let _ = (wedge.scan(Duration::ZERO), wedge.self_test());
        let line = ModbusLine::new(Box::new(Canned::new(bytes.to_vec())), 1).with_timings(at_once);
        let mut board = RelayBoard::new(line, Wiring::default());
        let _ = (board.self_test(), board.keep(), board.cabinet_door());
    });
}

#[test]
fn no_message_from_the_kernel_makes_the_hot_plug_panic_or_keep_more_than_came() {
    let message =
        b"add@/devices/pci0000:00/usb1/1-2/1-2:1.0\0ACTION=add\0SUBSYSTEM=tty\0DEVNAME=ttyACM0\0PRODUCT=3/1/2/0\0";
    let hid = b"remove@/devices/virtual/0003:2B8B:2721.0001\0SUBSYSTEM=hidraw\0HID_ID=0003:00002B8B:00002721\0";
    let address = UsbAddress { vendor: 1, product: 2, serial: None, port: Some("1-2".into()) };
    throw(0x7565, &[message.to_vec(), hid.to_vec()], |bytes| {
        if let Some(event) = Uevent::parse(bytes) {
            let kept = event.devpath.len() + event.subsystem.len() + event.node.as_ref().map_or(0, String::len);
            assert!(kept <= bytes.len());
            let _ = event.is_about(&address);
        }
    });
}

#[test]
fn no_answer_of_a_document_printer_makes_the_driver_panic() {
    let text = |tag: u8, name: &str, value: &[u8]| {
        let length = |bytes: &[u8]| (bytes.len() as u16).to_be_bytes();
        [&[tag][..], &length(name.as_bytes()), name.as_bytes(), &length(value), value].concat()
    };
    let attributes = [
        text(0x47, "attributes-charset", b"utf-8"),
        vec![4],
        text(0x44, "printer-state-reasons", b"media-empty-error"),
        text(0x23, "printer-state", &[0, 0, 0, 5]),
        text(0x30, "printer-supply", b"type=toner;level=3;colorantname=black;"),
        text(0x21, "job-impressions-completed", &[0, 0, 0, 7]),
        text(0x32, "printer-resolution-supported", &[0, 0, 1, 44, 0, 0, 1, 44, 3]),
    ];
    let message = [&[2, 0, 0, 0, 0, 0, 0, 1, 1][..], &attributes.concat(), &[3]].concat();
    assert!(Message::decode(&message).is_ok());
    throw(0x0069_7070, &[message], |bytes| {
        let Ok((message, document)) = Message::decode(bytes) else { return };
        assert!(document <= bytes.len());
        for group in &message.groups {
            let _ = (read_capabilities(group), read_status(group), read_job(group));
        }
    });
}

#[test]
fn no_answer_of_a_document_scanner_makes_the_driver_panic_or_leave_the_scanner() {
    let status = "<?xml version=\"1.0\"?><scan:ScannerStatus xmlns:scan=\"s\" xmlns:pwg=\"p\"><pwg:State>Idle</pwg:State>\
                  <scan:AdfState>ScannerAdfLoaded</scan:AdfState></scan:ScannerStatus>";
    let samples = [status.into(), b"http://scanner.local/eSCL/ScanJobs/7".to_vec(), b"/eSCL/ScanJobs/7".to_vec()];
    throw(0x6573_636c, &samples, |bytes| {
        let _ = (words::read_capabilities(bytes), words::read_status(bytes));
        if let Some(path) = std::str::from_utf8(bytes).ok().and_then(|location| job_path(location, "/eSCL")) {
            assert!(path.starts_with('/') && !path.contains(['\r', '\n', ' ']), "{path:?}");
        }
    });
}

#[test]
fn no_answer_over_http_makes_the_client_panic_or_keep_more_than_it_may() {
    let plain = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".to_vec();
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".to_vec();
    throw(0x6874_7470, &[plain, chunked], |bytes| {
        let mut message = Incoming::response(100);
        let _ = (message.push(bytes), message.end());
        assert!(message.body().len() <= 100);
    });
}
