//! Seeded nonsense and half-true bytes against the drivers in every test run; `tests/fuzz` digs deeper.
#![allow(clippy::unwrap_used)]

use drivers::{
    DeviceError,
    id_card_reader::{IdCardReader, SdtReader, SdtTimings, parse_text, sdt_frame::encode},
    receipt_printer::{Bitmap, EscPosPrinter, EscPosTimings, PrintOutcome, ReceiptPrinter},
    transport::{Connector, Transport},
};
use std::{io, time::Duration};

const CASES: u64 = 20_000;

struct Canned(Vec<u8>);

impl Transport for Canned {
    fn write_all(&mut self, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
    fn read(&mut self, buffer: &mut [u8], _timeout: Duration) -> io::Result<usize> {
        let n = self.0.len().min(buffer.len());
        if n == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        buffer[..n].copy_from_slice(&self.0[..n]);
        self.0.drain(..n);
        Ok(n)
    }
    fn discard_input(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Connector for Canned {
    fn open(&self, _baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        Ok(Box::new(Canned(self.0.clone())))
    }
}

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
        let mut reader = SdtReader::new(Box::new(Canned(bytes))).with_timings(none).with_fingerprints();
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
        let mut printer = EscPosPrinter::new(Box::new(Canned(bytes))).with_timings(none);
        let printed = matches!(printer.print(&slip), PrintOutcome::Printed);
        assert!(fence_came || !printed);
    }
}
