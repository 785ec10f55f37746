//! The contract over hardware, class by class, where the environment names it: it answers, works twice, and another
//! driver can open it when the first one is gone.

use drivers::{
    DeviceUri, barcode_reader, document_printer, document_scanner, id_card_reader,
    indicator::{self, FlashRate, Light, Wiring},
    receipt_printer::{self, Bitmap, PrintOutcome},
};
use std::time::Duration;

const BY_HAND: Duration = Duration::from_secs(30);

/// Runs the errand twice, each time with a driver of its own, so that a wire that is not let go is an error.
fn twice_where_named(variable: &str, errand: fn(&DeviceUri)) {
    match std::env::var(variable) {
        Err(_) => println!("skipped: {variable} names no device"),
        Ok(uri) => {
            let uri = uri.parse().unwrap();
            errand(&uri);
            errand(&uri);
        }
    }
}

#[test]
fn an_id_card_reader_that_is_there() {
    twice_where_named("YIMEN_ID_CARD_READER", |uri| {
        let mut reader = id_card_reader::open(uri).unwrap();
        println!("module {}; lay a card down", reader.self_test().unwrap().sam_id);
        assert!(reader.read_card(BY_HAND).unwrap().is_some(), "no card came");
    });
}

#[test]
fn a_receipt_printer_that_is_there() {
    twice_where_named("YIMEN_RECEIPT_PRINTER", |uri| {
        let mut printer = receipt_printer::open(uri).unwrap();
        assert_eq!(printer.status().unwrap().trouble, None);
        let mut slip = Bitmap::new(64, 64);
        (0..64).for_each(|x| slip.set(x, x));
        let outcome = printer.print(&slip);
        assert!(matches!(outcome, PrintOutcome::Printed), "{outcome:?}");
    });
}

#[test]
fn a_barcode_reader_that_is_there() {
    twice_where_named("YIMEN_BARCODE_READER", |uri| {
        let mut reader = barcode_reader::open(uri).unwrap();
        reader.self_test().unwrap();
        println!("show a code");
        assert!(reader.scan(BY_HAND).unwrap().is_some(), "no code came");
    });
}

#[test]
fn a_camera_that_is_there() {
    twice_where_named("YIMEN_CAMERA", |uri| {
        let mut camera = barcode_reader::open(uri).unwrap();
        camera.self_test().unwrap();
        println!("hold a QR code before it");
        assert!(camera.scan(BY_HAND).unwrap().is_some(), "no code came");
        camera.rest();
        camera.self_test().unwrap();
    });
}

#[test]
fn a_relay_board_that_is_there() {
    twice_where_named("YIMEN_INDICATOR", |uri| {
        let mut board = indicator::open(uri, Wiring::default()).unwrap();
        board.self_test().unwrap();
        for rate in [FlashRate::Continuous, FlashRate::Off] {
            Light::ALL.iter().for_each(|light| board.set_light(*light, rate).unwrap());
        }
    });
}

#[test]
fn a_document_printer_that_is_there() {
    twice_where_named("YIMEN_DOCUMENT_PRINTER", |uri| {
        let mut printer = document_printer::open(uri, "yimen-contract").unwrap();
        assert!(!printer.capabilities().unwrap().formats.is_empty());
        assert_eq!(printer.status().unwrap().trouble, None);
    });
}

#[test]
fn a_document_scanner_that_is_there() {
    twice_where_named("YIMEN_DOCUMENT_SCANNER", |uri| {
        let mut scanner = document_scanner::open(uri).unwrap();
        scanner.capabilities().unwrap();
        assert_eq!(scanner.status().unwrap().trouble, None);
    });
}
