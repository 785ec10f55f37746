//! Reading a card over the shipped serial path, on a pty that carries each byte in its 10 bits of 115,200 baud:
//! how much longer than the bytes themselves does a whole find → select → read take? Goal: at most 1.10.
#![allow(clippy::unwrap_used)]

use criterion::Criterion;
use drivers::id_card_reader::{
    IdCardReader, open,
    simulator::{BAUD, PlainCard, ReaderKnobs, SimulatedCard, on_pty},
};
use std::time::{Duration, Instant};

const GOAL: f64 = 1.10;

fn main() {
    let (port, knobs) = on_pty().unwrap();
    knobs.insert_card(card());
    let uri = format!("serial://{}?baud={BAUD}", port.path().display()).parse().unwrap();
    let mut reader = open(&uri).unwrap();
    let (_, _) = one_read(reader.as_mut(), &knobs);

    let mut criterion = Criterion::default().sample_size(20).without_plots().configure_from_args();
    let mut reads = Vec::new();
    criterion.bench_function("card: find, select, read", |bencher| {
        bencher.iter_custom(|times| {
            let some = (0..times).map(|_| one_read(reader.as_mut(), &knobs)).collect::<Vec<_>>();
            reads.extend_from_slice(&some);
            some.iter().map(|(took, _)| *took).sum()
        });
    });
    if let Some((took, wire)) = median(&mut reads) {
        let ratio = took.as_secs_f64() / wire.as_secs_f64();
        let verdict = if ratio <= GOAL { "reached" } else { "MISSED" };
        println!("card: median of {} reads {took:.1?}, wire time of their bytes {wire:.1?}", reads.len());
        println!("card: ratio {ratio:.3} (goal {GOAL:.2}: {verdict})");
    }
}

/// One read: how long it took, and how long its bytes are on the wire.
fn one_read(reader: &mut dyn IdCardReader, knobs: &ReaderKnobs) -> (Duration, Duration) {
    let (in_before, out_before) = knobs.bytes_carried();
    let start = Instant::now();
    reader.read_card(Duration::ZERO).unwrap().unwrap();
    let took = start.elapsed();
    let (in_after, out_after) = knobs.bytes_carried();
    let bytes = (in_after - in_before) + (out_after - out_before);
    (took, Duration::from_secs_f64(bytes as f64 * 10.0 / f64::from(BAUD)))
}

fn median(reads: &mut [(Duration, Duration)]) -> Option<(Duration, Duration)> {
    reads.sort();
    reads.get(reads.len() / 2).copied()
}

fn card() -> SimulatedCard {
    let plain = PlainCard {
        kind: "resident".into(),
        name: "张测试".into(),
        sex: "男".into(),
        nation: "汉族".into(),
        birth: "19900307".into(),
        address: "某省某市测试区示例路1号".into(),
        number: "110100199003070015".into(),
        authority: "某市公安局测试分局".into(),
        valid_from: "20200101".into(),
        valid_until: "长期".into(),
        ..PlainCard::default()
    };
    SimulatedCard::from_plain(&plain).unwrap()
}
