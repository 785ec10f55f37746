//! A page of A4 in colour at 300 dpi from the scanner into memory, over the shipped eSCL path, on a line of 100 Mbit/s
//! (the port of many scanners): how much longer than the page's own bytes take on that line? Goal: at most 1.10.
#![allow(clippy::unwrap_used)]

use drivers::{
    Stop,
    document_scanner::{
        DocumentScanner, ScanSettings, open,
        simulator::{Picture, ScannerKnobs, on_tcp},
    },
};
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

const GOAL: f64 = 1.10;
const BYTES_PER_SECOND: u32 = 100_000_000 / 8;
const PAGES: usize = 9;

fn main() {
    let (port, knobs) = on_tcp(None).unwrap();
    // Paper with noise as a sensor makes it, so that the JPEG is as large as a real one.
    let noise = |at: u32| (at.wrapping_mul(2_654_435_761) >> 27) as u8;
    let rgb = (0..1240_u32 * 1754).flat_map(|at| [220 + noise(at), 215 + noise(at / 3), 210 + noise(at / 7)]).collect();
    knobs.lay(vec![Picture::new(1240, 1754, 150, rgb)]);
    let address = port.address().to_string();
    let mut scanner = open(&format!("escl://{address}/eSCL").parse().unwrap()).unwrap();
    let making = making_a_page(&knobs, &address);
    knobs.line(|faults| faults.bytes_per_second = Some(BYTES_PER_SECOND));
    let mut pages: Vec<(f64, Duration)> = (0..PAGES).map(|_| one_page(&mut *scanner, making)).collect();
    pages.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (ratio, took) = pages[PAGES / 2];
    let verdict = if ratio <= GOAL { "reached" } else { "MISSED" };
    println!("scan: median of {PAGES} pages {took:.1?} without the {making:.1?} that the simulator draws");
    println!("scan: ratio to the wire time of their bytes {ratio:.3} (goal {GOAL:.2}: {verdict})");
}

/// One page: its time against that of its bytes on the line.
fn one_page(scanner: &mut dyn DocumentScanner, making: Duration) -> (f64, Duration) {
    let begin = Instant::now();
    let page = scanner.scan(&ScanSettings::a4_platen(), &Stop::new()).unwrap().next_page().unwrap().unwrap();
    let took = begin.elapsed().saturating_sub(making);
    (took.as_secs_f64() * f64::from(BYTES_PER_SECOND) / page.bytes.len() as f64, took)
}

/// How long the simulator itself draws and encodes a page: asked for over a bare socket on a line without limit.
fn making_a_page(knobs: &ScannerKnobs, address: &str) -> Duration {
    let settings = drivers::document_scanner::escl::words::write_settings(
        &ScanSettings::a4_platen(),
        drivers::document_scanner::PageFormat::Jpeg,
    );
    let ask = |request: String| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    };
    let mut times = Vec::new();
    for _ in 0..5 {
        let length = settings.len();
        let answer = ask(format!(
            "POST /eSCL/ScanJobs HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{settings}"
        ));
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let job = answer.split("Location: ").nth(1).unwrap().split("\r\n").next().unwrap();
        let begin = Instant::now();
        ask(format!("GET {job}/NextDocument HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        times.push(begin.elapsed());
        ask(format!("DELETE {job} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    }
    assert!(!knobs.has_job());
    times.sort();
    times[2]
}
