//! A sealed envelope with changed bytes, chunks swapped, doubled or left out, and plain garbage in its place: only
//! the one that was sealed opens, and nothing panics.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use wire::seal::{Opener, x25519_pair};

const HEADER: &[u8] = include_bytes!("../../../src/wire/tests/golden/envelope/header.json");
const CHUNKS: [&[u8]; 3] = [
    include_bytes!("../../../src/wire/tests/golden/envelope/part-0.sealed"),
    include_bytes!("../../../src/wire/tests/golden/envelope/part-1.sealed"),
    include_bytes!("../../../src/wire/tests/golden/envelope/part-2.sealed"),
];

#[derive(Arbitrary, Debug)]
enum Change {
    Header { at: u16, by: u8 },
    Chunk { chunk: u8, at: u16, by: u8 },
    Swap { a: u8, b: u8 },
    Drop { chunk: u8 },
    Double { chunk: u8 },
    Cut { chunk: u8, to: u16 },
    ReplaceHeader(Vec<u8>),
    Add(Vec<u8>),
}

fn flip(bytes: &mut [u8], at: u16, by: u8) {
    let length = bytes.len().max(1);
    if let Some(byte) = bytes.get_mut(usize::from(at) % length) {
        *byte ^= by;
    }
}

fn apply(header: &mut Vec<u8>, chunks: &mut Vec<Vec<u8>>, change: Change) {
    let count = chunks.len().max(1);
    let pick = |chunk: u8| usize::from(chunk) % count;
    match change {
        Change::Header { at, by } => flip(header, at, by),
        Change::ReplaceHeader(bytes) => *header = bytes,
        Change::Add(bytes) => chunks.push(bytes),
        _ if chunks.is_empty() => {}
        Change::Chunk { chunk, at, by } => flip(&mut chunks[pick(chunk)], at, by),
        Change::Swap { a, b } => chunks.swap(pick(a), pick(b)),
        Change::Drop { chunk } => drop(chunks.remove(pick(chunk))),
        Change::Double { chunk } => chunks.insert(pick(chunk), chunks[pick(chunk)].clone()),
        Change::Cut { chunk, to } => chunks[pick(chunk)].truncate(usize::from(to)),
    }
}

fuzz_target!(|changes: Vec<Change>| {
    let mut header = HEADER.to_vec();
    let mut chunks = CHUNKS.map(<[u8]>::to_vec).to_vec();
    for change in changes.into_iter().take(8) {
        apply(&mut header, &mut chunks, change);
    }
    let (secret, _) = x25519_pair(&[9; 32]);
    let opened = Opener::new(&secret, &header).and_then(|opener| opener.all(chunks.iter().map(Vec::as_slice)));
    let untouched = header == HEADER && chunks == CHUNKS;
    assert_eq!(opened.is_ok(), untouched, "exactly what was sealed opens");
});
