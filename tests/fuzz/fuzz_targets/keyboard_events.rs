//! Whatever events a keyboard wedge gives, nothing panics or grows, and no code is longer than it may be.
#![no_main]

use drivers::barcode_reader::{CODE_BYTES_MAX, CodeDecoder, DecodeError, KeyDecoder, KeyEvent, Word};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut decoder = KeyDecoder::default();
    let check = |word: Result<Option<Word>, DecodeError>| {
        if let Ok(Some(Word::Code(code))) = word {
            assert!(!code.is_empty() && code.len() <= CODE_BYTES_MAX + 2);
        }
    };
    // Two bytes an event, so that most of them are keys; then the raw bytes.
    for event in data.chunks_exact(2) {
        let (kind, code) = (u16::from(event[1] >= 4), u16::from(event[0]));
        let event = KeyEvent { kind, code, value: i32::from(event[1] % 4) };
        check(decoder.push(&event.to_bytes()));
        if event.code == 200 {
            check(decoder.quiet());
        }
    }
    data.chunks(37).for_each(|chunk| check(decoder.push(chunk)));
    check(decoder.quiet());
});
