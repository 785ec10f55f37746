//! Whatever a reader says, the driver neither panics nor waits nor grows: frames, status words, card text.
#![no_main]

use drivers::{
    DeviceError,
    id_card_reader::{IdCardReader, SdtReader, SdtTimings, parse_text, sdt_frame::Deframer},
    transport::{Connector, Transport},
};
use libfuzzer_sys::fuzz_target;
use std::{io, time::Duration};

/// A line on which these bytes come, and then nothing.
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

fuzz_target!(|data: &[u8]| {
    let (mut deframer, mut requests) = (Deframer::for_answers(), Deframer::for_requests());
    for chunk in data.chunks(17) {
        let _ = deframer.push(chunk);
        let _ = requests.push(chunk);
    }
    if let Some(text) = data.first_chunk() {
        let _ = parse_text(text, &data[256..]);
    }
    let timings = SdtTimings {
        find_interval_ms: 0,
        answer_ms: 0,
        read_ms: 0,
        read_fingerprints_ms: 0,
        probe_ms: 0,
        quiet_ms: 0,
        quiet_max_ms: 0,
    };
    let mut reader = SdtReader::new(Box::new(Canned(data.to_vec()))).with_timings(timings).with_fingerprints();
    let _ = reader.read_card(Duration::ZERO);
    let _ = reader.self_test();
});
