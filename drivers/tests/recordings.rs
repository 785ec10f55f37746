//! Dialogues are written down and played back in lockstep; the committed one is of a fictitious card.
#![allow(clippy::unwrap_used)]

use drivers::{
    DeviceError, DeviceErrorKind,
    id_card_reader::{
        IdCardReader, SdtReader,
        simulator::{SimulatedCard, on_pty},
    },
    transport::{
        Connector, Transport, connector,
        recording::{Recorder, Replay},
    },
};
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

const FIRST_READ: &str = include_str!("recordings/first_read.txt");

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Full;

impl Write for Full {
    fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }
}

struct Recording<W: Fn() -> Box<dyn Write + Send> + Send> {
    inner: Box<dyn Connector>,
    log: W,
}

impl<W: Fn() -> Box<dyn Write + Send> + Send> Connector for Recording<W> {
    fn open(&self, baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        Ok(Box::new(Recorder::new(self.inner.open(baud)?, (self.log)())))
    }
}

struct Playback(String);

impl Connector for Playback {
    fn open(&self, _baud: u32) -> Result<Box<dyn Transport>, DeviceError> {
        Ok(Box::new(Replay::parse(&self.0)?))
    }
}

fn record(log: impl Fn() -> Box<dyn Write + Send> + Send + 'static) -> String {
    let (port, knobs) = on_pty().unwrap();
    knobs.insert_card(SimulatedCard::from_text(*include_bytes!("sdt/text_A.bin")));
    let uri = format!("serial://{}?baud=115200", port.path().display()).parse().unwrap();
    let inner = connector(&uri).unwrap();
    let mut reader = SdtReader::new(Box::new(Recording { inner, log }));
    reader.self_test().unwrap();
    reader.read_card(Duration::ZERO).unwrap().unwrap().number.to_string()
}

fn play(text: &str) -> Result<String, drivers::id_card_reader::ReadError> {
    let mut reader = SdtReader::new(Box::new(Playback(text.to_owned())));
    reader.self_test()?;
    Ok(reader.read_card(Duration::ZERO)?.map(|card| card.number.to_string()).unwrap_or_default())
}

#[test]
fn what_was_recorded_plays_back_to_the_same_card() {
    let log = Log::default();
    let shared = log.clone();
    let number = record(move || Box::new(shared.clone()));
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(play(&text).unwrap(), number);
    if let Some(folder) = std::env::var_os("YIMEN_RECORD_TO") {
        std::fs::write(std::path::Path::new(&folder).join("first_read.txt"), text).unwrap();
    }
}

#[test]
fn the_committed_dialogue_reads_a_card() {
    assert_eq!(play(FIRST_READ).unwrap(), "110100199003070015");
}

#[test]
fn a_recording_that_cannot_be_written_does_not_disturb_the_device() {
    assert_eq!(record(|| Box::new(Full)), "110100199003070015");
}

#[test]
fn a_driver_that_leaves_the_dialogue_is_stopped() {
    let other = FIRST_READ.replacen("> aaaaaa9669000311ffed", "> aaaaaa9669000310ffec", 1);
    let error = play(&other).unwrap_err();
    assert_eq!(error.device_kind(), Some(DeviceErrorKind::Unplugged));
    assert!(play("nonsense").is_err());
}
