//! Handing a document of 20 MB to a printer over the shipped IPP path against writing the same bytes to a bare TCP
//! socket of the same machine that swallows them. Goal: at most 1.5, with the five questions around it.
#![allow(clippy::unwrap_used)]

use drivers::{
    Stop,
    document_printer::{DocumentFormat, DocumentPrinter, JobTicket, Submission, SubmitOutcome, open},
};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

const GOAL: f64 = 1.5;
const BYTES: usize = 20 << 20;
const TIMES: usize = 9;

fn main() {
    let document: Vec<u8> = (0..BYTES as u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let printer_address = swallow(printer_words);
    let mut printer = open(&format!("ipp://{printer_address}/ipp/print").parse().unwrap(), "yimen-bench").unwrap();
    let bare_address = swallow(|_| b"ok".to_vec());
    let (mut ours, mut bare): (Vec<Duration>, Vec<Duration>) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        let begin = Instant::now();
        submit(&mut *printer, &document);
        ours.push(begin.elapsed());
        let begin = Instant::now();
        write(&bare_address, &document);
        bare.push(begin.elapsed());
    }
    ours.sort();
    bare.sort();
    let ratio = ours[TIMES / 2].as_secs_f64() / bare[TIMES / 2].as_secs_f64();
    let verdict = if ratio <= GOAL { "reached" } else { "MISSED" };
    println!("document: median of {TIMES} submissions {:.1?}, bare {:.1?}", ours[TIMES / 2], bare[TIMES / 2]);
    println!("document: ratio {ratio:.3} (goal {GOAL:.2}: {verdict})");
}

fn submit(printer: &mut dyn DocumentPrinter, document: &[u8]) {
    let ticket = JobTicket::a4("yimen-bench-document", DocumentFormat::Pdf);
    let (stop, length) = (Stop::new(), Some(document.len() as u64));
    let outcome =
        printer.submit(Submission { ticket: &ticket, document: &mut &*document, length, stop: &stop, progress: None });
    assert!(matches!(outcome, SubmitOutcome::Accepted(_)), "{outcome:?}");
}

fn write(address: &str, document: &[u8]) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", document.len()).unwrap();
    stream.write_all(document).unwrap();
    stream.read_exact(&mut [0; 2]).unwrap();
}

/// A server that reads each request to its end, keeps nothing of it but its head, and answers.
fn swallow(answer: fn(&[u8]) -> Vec<u8>) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || while serve(&mut stream, answer).is_some() {});
        }
    });
    address
}

fn serve(stream: &mut TcpStream, answer: fn(&[u8]) -> Vec<u8>) -> Option<()> {
    let mut buffer = vec![0; 128 * 1024];
    let mut kept = Vec::new();
    let mut received = 0;
    let (body_at, length) = loop {
        let n = stream.read(&mut buffer).ok().filter(|n| *n > 0)?;
        kept.extend_from_slice(&buffer[..n]);
        received += n;
        if let Some(at) = kept.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&kept[..at]).to_ascii_lowercase();
            let length = head.split("content-length: ").nth(1)?.split("\r\n").next()?.parse::<usize>().ok()?;
            break (at + 4, length);
        }
    };
    while received < body_at + length {
        let n = stream.read(&mut buffer).ok().filter(|n| *n > 0)?;
        received += n;
        if kept.len() < body_at + 4096 {
            kept.extend_from_slice(&buffer[..n]);
        }
    }
    stream.write_all(&answer(&kept[body_at..])).ok()
}

/// The least that a printer says: it is idle, has Create-Job and Send-Document, and takes everything.
fn printer_words(request: &[u8]) -> Vec<u8> {
    let mut body = vec![2, 0, 0, 0];
    body.extend_from_slice(&request[4..8]);
    body.push(0x04);
    let mut field = |tag: u8, name: &str, value: i32| {
        body.push(tag);
        body.extend_from_slice(&(name.len() as u16).to_be_bytes());
        body.extend_from_slice(name.as_bytes());
        body.extend_from_slice(&4_u16.to_be_bytes());
        body.extend_from_slice(&value.to_be_bytes());
    };
    field(0x23, "printer-state", 3);
    field(0x23, "operations-supported", 5);
    field(0x23, "", 6);
    field(0x21, "job-id", 1);
    body.push(0x03);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.into_bytes(), body].concat()
}
