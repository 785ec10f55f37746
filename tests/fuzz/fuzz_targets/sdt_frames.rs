//! Whatever a reader says, the driver neither panics nor waits nor grows: frames, status words, card text.
#![no_main]

use drivers::{
    id_card_reader::{IdCardReader, SdtReader, SdtTimings, parse_text, sdt_frame::Deframer},
    simulation::Canned,
};
use libfuzzer_sys::fuzz_target;
use std::time::Duration;

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
    let mut reader = SdtReader::new(Box::new(Canned::new(data.to_vec()))).with_timings(timings).with_fingerprints();
    let _ = reader.read_card(Duration::ZERO);
    let _ = reader.self_test();
});
