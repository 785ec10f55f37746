//! Files that want to hurt: each is refused, or drawn harmlessly, by a worker under limits, in bounded time and
//! memory, with words for the citizen. Whatever becomes of a worker, the terminal goes on and the next document works.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "hostile_files/files.rs"]
mod files;
#[path = "hostile_files/pdf.rs"]
mod pdf;
#[path = "hostile_files/sticks.rs"]
mod sticks;

use files::{Expected, Hostile, all};
use kiosk::printing::{Cancel, Colour, Kind, OpenDocument, Raster, Refusal, Workers};
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

/// Kibibytes of memory that no worker may ever have held: its limit of address space, and a little.
const MEMORY_KIB_MAX: u64 = 1_600 << 10;

fn workers() -> Workers {
    Workers::of(Path::new(env!("CARGO_BIN_EXE_kiosk")))
}

fn open(bytes: &[u8]) -> Result<OpenDocument, Refusal> {
    workers().open(Zeroizing::new(bytes.to_vec()), &Cancel::new())
}

/// A good document works, so the terminal is well.
fn the_next_document_works() {
    let mut document = open("政务服务\n".as_bytes()).expect("the next document opens");
    let raster = document.render(0, 72, Colour::Grey).expect("the next document is drawn");
    assert!(!raster.blank);
}

/// A line of the kernel's status of a process, in its own unit.
fn status(process: u32, line: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("the worker runs");
    let found = status.lines().find_map(|found| found.strip_prefix(line)).expect("the line is there");
    found.trim_matches([':', '\t', ' ', 'k', 'B']).parse().expect("it is a number")
}

/// Opens and draws the first page; the most memory that the worker held, where it still lives.
fn attempt(bytes: &[u8]) -> (Result<(), Refusal>, u64) {
    let mut document = match open(bytes) {
        Ok(document) => document,
        Err(refusal) => return (Err(refusal), 0),
    };
    let drawn = document.render(0, 72, Colour::Grey).map(|_| ());
    let peak = if drawn.is_ok() { status(document.process_id(), "VmHWM") } else { 0 };
    (drawn, peak)
}

#[test]
fn every_hostile_file_ends_in_words_and_the_next_document_works() {
    let mut wrong = Vec::new();
    for Hostile { name, bytes, expected } in all() {
        let (outcome, peak) = attempt(&bytes);
        let right = match (&expected, &outcome) {
            (Expected::Refused(wanted), Err(refusal)) => wanted.contains(refusal),
            (Expected::Harmless, Ok(())) => true,
            (Expected::Either, _) => true,
            _ => false,
        };
        if let Err(refusal) = outcome {
            assert!(!refusal.zh().is_empty() && !refusal.en().is_empty());
        }
        println!("{name}: {}", outcome.map_or_else(|refusal| refusal.key(), |()| "drawn"));
        if !right || peak > MEMORY_KIB_MAX {
            wrong.push(format!("{name}: {outcome:?}, {peak} KiB"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    the_next_document_works();
}

#[test]
fn a_killed_worker_is_told_and_the_next_document_works() {
    for signal in [libc::SIGKILL, libc::SIGILL, libc::SIGABRT] {
        let mut document = open(&pdf::text_pages(3)).unwrap();
        document.render(0, 72, Colour::Grey).unwrap();
        // SAFETY: signals the worker that this test holds.
        unsafe { libc::kill(document.process_id() as i32, signal) };
        assert_eq!(document.render(1, 72, Colour::Grey).err(), Some(Refusal::Unprocessable));
        assert_eq!(document.render(1, 72, Colour::Grey).err(), Some(Refusal::Unprocessable), "and stays so");
    }
    the_next_document_works();
}

#[test]
fn a_worker_that_hangs_is_ended_in_time() {
    let impatient = workers().within(Duration::from_secs(30), Duration::from_millis(200));
    let mut document = impatient.open(Zeroizing::new(pdf::text_pages(1)), &Cancel::new()).unwrap();
    // SAFETY: stops the worker that this test holds; it can then answer nothing.
    unsafe { libc::kill(document.process_id() as i32, libc::SIGSTOP) };
    assert_eq!(document.render(0, 72, Colour::Grey).err(), Some(Refusal::TooSlow));
    the_next_document_works();
}

#[test]
fn cancelling_ends_a_call_that_waits() {
    let cancel = Cancel::new();
    let mut document = workers().open(Zeroizing::new(pdf::text_pages(1)), &cancel).unwrap();
    // SAFETY: as above.
    unsafe { libc::kill(document.process_id() as i32, libc::SIGSTOP) };
    let waiting = std::thread::spawn(move || document.render(0, 72, Colour::Grey).err());
    cancel.cancel();
    assert_eq!(waiting.join().unwrap(), Some(Refusal::Cancelled));
    let again = workers().open(Zeroizing::new(pdf::text_pages(1)), &cancel);
    assert_eq!(again.err(), Some(Refusal::Cancelled), "what is cancelled is not begun");
}

#[test]
fn the_worker_has_no_rights_files_or_traces() {
    let document = open(&pdf::text_pages(1)).unwrap();
    let process = document.process_id();
    assert_eq!(status(process, "Seccomp"), 2, "system calls are filtered");
    assert_eq!(status(process, "NoNewPrivs"), 1);
    let limits = std::fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
    let soft = |name: &str| {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        line[26..].split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!((soft("Max core file size").as_str(), soft("Max file size").as_str()), ("0", "0"));
    assert_eq!(soft("Max open files"), "3");
    assert_ne!(soft("Max address space"), "unlimited");
    assert_ne!(soft("Max cpu time"), "unlimited");
    // Root may look into the worker all the same; another user may not even list its files.
    if let Ok(open_files) = std::fs::read_dir(format!("/proc/{process}/fd")) {
        let targets = open_files.flatten().filter_map(|entry| std::fs::read_link(entry.path()).ok());
        let allowed = |to: &Path| to.to_string_lossy().starts_with("pipe:") || to == Path::new("/dev/null");
        let strange: Vec<_> = targets.filter(|to| !allowed(to)).collect();
        assert!(strange.is_empty(), "{strange:?}");
    }
    if let Ok(environment) = std::fs::read(format!("/proc/{process}/environ")) {
        assert!(environment.is_empty(), "no variable of the terminal reaches the worker");
    }
    drop(document);
    assert!(!Path::new(&format!("/proc/{process}")).exists(), "the worker ends with its document");
}

#[test]
fn a_pdf_is_passed_on_only_when_nothing_waits_in_it() {
    let safe = |bytes: &[u8]| open(bytes).unwrap().pass_through().is_some();
    assert!(safe(&pdf::drawing("")), "no text, no script");
    assert!(!safe(&pdf::text_pages(1)), "its font is only named");
    assert!(!safe(&pdf::drawing("/OpenAction << /S /JavaScript /JS (app.alert(1)) >>")));
    assert!(!safe(&pdf::drawing("/Names << /EmbeddedFiles << /Names [] >> >>")));
}

#[test]
fn fonts_that_are_only_named_do_not_come_out_blank() {
    for (name, bytes) in pdf::named_fonts() {
        let mut document = open(&bytes).unwrap();
        assert_eq!(document.kind(), Kind::Pdf);
        let raster = document.render(0, 72, Colour::Grey).unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"));
        let ink = ink(&raster);
        println!("{name}: {ink} dark pixels");
        // Ten characters of 24 points each: at least a tenth of each square is ink.
        assert!(ink > 400, "{name}: {ink}");
    }
}

fn ink(raster: &Raster) -> usize {
    raster.samples.iter().filter(|sample| **sample < 128).count()
}

#[test]
fn a_word_file_is_converted_where_libreoffice_is_and_clearly_refused_where_not() {
    let outcome = open(&files::word_file("政务服务"));
    let installed =
        ["/usr/bin/soffice", "/usr/local/bin/soffice", "/opt/libreoffice/program/soffice", "/usr/bin/libreoffice"];
    if !installed.iter().any(|program| Path::new(program).exists()) {
        println!("skipped: conversion needs soffice (libreoffice-writer-nogui); the refusal is tested");
        assert_eq!(outcome.err(), Some(Refusal::OfficeMissing));
        return;
    }
    match outcome {
        Ok(mut document) => {
            assert!(matches!(document.kind(), Kind::Office(_)));
            assert!(ink(&document.render(0, 72, Colour::Grey).unwrap()) > 100);
        }
        // A kernel that gives no private world: said so, and nothing is written anywhere.
        Err(refusal) => {
            println!("skipped: no private namespaces here; the refusal is tested");
            assert_eq!(refusal, Refusal::OfficeFailed);
        }
    }
    let left = std::fs::read_dir("/tmp").unwrap().flatten().any(|entry| entry.file_name() == "document.docx");
    assert!(!left, "the document lay only in the worker's own file system");
}
