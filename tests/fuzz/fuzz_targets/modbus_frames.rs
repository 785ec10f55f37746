//! Whatever comes over a Modbus line, no frame panics the client or the simulated board, and what is understood says
//! the same when it is written again.
#![no_main]

use drivers::indicator::modbus_frame::{Answer, BITS_MAX, FRAME_BYTES_MAX, Request, seal};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let [kind, count, unit, frame @ ..] = data else { return };
    let count = 1 + u16::from(*count) % BITS_MAX;
    let request = match kind % 4 {
        0 => Request::ReadCoils { first: 0, count },
        1 => Request::ReadInputs { first: 7, count },
        2 => Request::WriteCoil { coil: count, on: kind & 4 != 0 },
        _ => Request::WriteCoils { first: 1, on: vec![kind & 4 != 0; usize::from(count)] },
    };
    // As it came, and with its CRC put right, so that what lies behind the CRC is met too.
    for frame in [frame.to_vec(), seal(frame.to_vec())] {
        assert!(request.answer_length(&frame).is_none_or(|length| (5..=FRAME_BYTES_MAX).contains(&length)));
        if let Ok(Answer::Bits(bits)) = request.read_answer(*unit, &frame) {
            assert_eq!(bits.len(), usize::from(count));
        }
        if let Some((unit, request)) = Request::parse(&frame) {
            assert_eq!(Request::parse(&request.frame(unit)), Some((unit, request)));
        }
    }
});
