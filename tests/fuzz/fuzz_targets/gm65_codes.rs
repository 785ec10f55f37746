//! Whatever a serial barcode module sends, the framing neither panics nor grows, and no code is longer than it may
//! be or holds an acknowledgement.
#![no_main]

use drivers::barcode_reader::{CODE_BYTES_MAX, CodeDecoder, Framer, Framing, Scan, Word, gm65};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((first, data)) = data.split_first() else { return };
    let framing = [Framing::Lines, Framing::Silence, Framing::Counted][usize::from(first % 3)];
    let mut framer = Framer::new(framing);
    for chunk in data.chunks(1 + usize::from(first / 3)) {
        let said = framer.push(chunk);
        let quiet = if chunk.last().is_some_and(|byte| byte % 16 == 5) { framer.quiet() } else { Ok(None) };
        for word in [said, quiet, framer.push(&[])] {
            if let Ok(Some(Word::Code(code))) = word {
                assert!(!code.is_empty() && code.len() <= CODE_BYTES_MAX);
                let _ = Scan::new(code).text();
            }
        }
    }
    let _ = framer.quiet();
    let _ = gm65::Command::parse(data);
    let _ = gm65::find_answer(data);
});
