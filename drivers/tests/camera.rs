//! The camera as a reader of codes, over frames in the bytes of a kernel: what it reads, what it lets go, and how it
//! comes back after its cable was pulled.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use drivers::DeviceErrorKind;
use drivers::barcode_reader::BarcodeReader;
use drivers::camera::GreyFrame;
use drivers::camera::simulator::camera_in_memory;
use qrcode::{Color, QrCode};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);
const AT_ONCE: Duration = Duration::from_millis(1);

/// A symbol in the middle of a frame, five pixels a module.
fn sheet(text: &str) -> GreyFrame {
    let code = QrCode::new(text).unwrap();
    let (width, height, colors) = (640, 480, code.to_colors());
    let module = |at: usize, size: usize| {
        let from = (size - code.width() * 5) / 2;
        at.checked_sub(from).map(|at| at / 5).filter(|at| *at < code.width())
    };
    let pixel = |at: usize| match (module(at % width, width), module(at / width, height)) {
        (Some(x), Some(y)) if colors[y * code.width() + x] == Color::Dark => 30,
        _ => 210,
    };
    GreyFrame { width, height, pixels: (0..width * height).map(pixel).collect::<Vec<u8>>().into() }
}

#[test]
fn a_code_before_the_camera_is_read_and_nothing_else() {
    let (mut reader, knobs) = camera_in_memory();
    assert!(reader.scan(AT_ONCE).unwrap().is_none());
    knobs.show(sheet("https://example.cn/取号?token=8f2c"));
    let scan = reader.scan(SOON).unwrap().expect("the code is read");
    assert_eq!(scan.text().unwrap().as_str(), "https://example.cn/取号?token=8f2c");
    knobs.blank();
    assert!(reader.scan(AT_ONCE).unwrap().is_none());
}

#[test]
fn a_code_out_of_focus_is_read_when_it_is_sharp_again() {
    let (mut reader, knobs) = camera_in_memory();
    knobs.show(sheet("GA-2026-000117"));
    knobs.blur(9);
    assert!(reader.scan(AT_ONCE).unwrap().is_none());
    knobs.blur(0);
    assert!(reader.scan(SOON).unwrap().is_some());
}

#[test]
fn a_camera_that_was_pulled_says_so_and_comes_back() {
    let (mut reader, knobs) = camera_in_memory();
    reader.self_test().unwrap();
    knobs.plug(false);
    assert_eq!(reader.scan(SOON).unwrap_err().kind, DeviceErrorKind::Unplugged);
    assert_eq!(reader.scan(SOON).unwrap_err().kind, DeviceErrorKind::NotFound);
    knobs.plug(true);
    knobs.show(sheet("again"));
    assert!(reader.scan(SOON).unwrap().is_some());
}

#[test]
fn a_camera_that_sends_nothing_is_silent() {
    let (mut reader, knobs) = camera_in_memory();
    knobs.hang(true);
    assert_eq!(reader.scan(SOON).unwrap_err().kind, DeviceErrorKind::Silent);
    knobs.hang(false);
    reader.self_test().unwrap();
}

#[test]
fn a_still_picture_is_what_the_camera_sees() {
    let (mut reader, knobs) = camera_in_memory();
    let sheet = sheet("still");
    knobs.show(sheet.clone());
    let still = reader.still().unwrap();
    assert_eq!((still.width, still.height), (640, 480));
    assert!(still.pixels == sheet.pixels);
}
