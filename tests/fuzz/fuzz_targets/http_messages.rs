//! Whatever a printer or scanner answers over HTTP, heads, lengths and chunks are read within bounds: no body is
//! longer than was allowed.
#![no_main]

use drivers::http::message::Incoming;
use libfuzzer_sys::fuzz_target;

const BODY_BYTES_MAX: usize = 1_000;

fuzz_target!(|data: &[u8]| {
    let Some((first, data)) = data.split_first() else { return };
    let kind = if first % 2 == 0 { Incoming::response } else { Incoming::request };
    let mut message = kind(BODY_BYTES_MAX);
    for chunk in data.chunks(1 + usize::from(first / 2)) {
        let mut rest = chunk;
        while !rest.is_empty() && !message.is_complete() {
            match message.push(rest) {
                Ok(0) | Err(_) => return,
                Ok(taken) => rest = &rest[taken..],
            }
        }
        assert!(message.body().len() <= BODY_BYTES_MAX);
    }
    let _ = message.end();
});
