//! What stays of a citizen: a person who exists only in this test applies at a terminal that is a process of its own;
//! hall and devices are not in it. Its data folder is searched all the while, its memory after the farewell, and the
//! sealed bytes once the hall's copies are safe.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "remanence/documents.rs"]
mod documents;
mod journey;
#[path = "remanence/paper.rs"]
mod paper;
#[path = "remanence/person.rs"]
mod person;
#[path = "remanence/search.rs"]
mod search;
#[path = "remanence/terminal.rs"]
mod terminal;

use drivers::{id_card_reader, receipt_printer};
use jiff::SignedDuration;
use journey::TUESDAY_MS;
use person::Person;
use search::{Needles, Watch, finds, in_folder, in_memory};
use std::path::Path;
use std::time::{Duration, Instant};
use terminal::{Place, Process};

#[test]
fn nothing_readable_of_a_citizen_stays_in_the_data_folder_or_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let person = Person::new();
    let needles = person.needles();
    let mut config = hall::HallConfig::demo(folder.path());
    let shift_ms = TUESDAY_MS - jiff::Timestamp::now().as_millisecond();
    // Copies are made when this test says so.
    config.backup.every_seconds = 3_600;
    config.clock = hall::Clock::shifted(SignedDuration::from_millis(shift_ms));
    let hall = hall::Hall::start(config).unwrap();
    let (reader, card) = id_card_reader::simulator::on_pty().unwrap();
    let (printer, _paper) = receipt_printer::simulator::on_pty().unwrap();
    let place = Place {
        hall: hall.terminal_addr.to_string(),
        code: hall.enrolment_code("007", "大厅东门").unwrap().code,
        reader: format!("serial://{}?baud=115200", reader.path().display()),
        printer: format!("serial://{}?baud=115200", printer.path().display()),
        paper: None,
    };

    let mut terminal = Process::start(&place, &person.address);
    let data = terminal.folder();
    let watch = Watch::over(&data, needles.clone());
    terminal.wait("for whom");
    card.insert_card(person.card());
    terminal.wait("delivered");
    let kept = in_memory(terminal.id(), &needles);
    assert!(kept.iter().any(|(what, _)| *what == "name"), "the search would not find a name in memory at all");
    card.lift();
    let sealed = sealed_bytes(folder.path());
    assert!(!in_folder(&data, &sealed).is_empty(), "before a copy is safe the sealed bytes are kept");
    terminal.go_on();
    terminal.wait("farewell");
    let left = in_memory(terminal.id(), &needles);
    assert!(left.is_empty(), "in memory after the farewell: {left:?}");

    hall.backup().unwrap();
    // A new start makes a heartbeat at once, which brings the watermark.
    terminal.go_on();
    wait("the sealed bytes to be erased", || in_folder(&data, &sealed).is_empty());
    let seen = watch.end();
    assert!(seen.looks > 10, "the folder was looked through {} times", seen.looks);
    assert!(seen.found.is_empty(), "in the data folder: {:?}", seen.found);
    println!("the data folder was searched {} times and the memory twice: 0 found", seen.looks);
    drop(terminal);
    std::fs::remove_dir_all(&data).unwrap();
}

#[test]
fn the_search_finds_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let person = Person::new();
    std::fs::write(folder.path().join("x.log"), format!("… {} …", person.name)).unwrap();
    let found = in_folder(folder.path(), &person.needles());
    assert_eq!(found, ["name"]);
    assert!(finds(&[1, 2, 3, 4], &[3, 4]) && !finds(&[1, 2, 3], &[3, 4]));
}

/// Some bytes out of each chunk that the hall holds: the very bytes that the terminal sealed. A page of the database
/// may end within any of them, so that there are several of each.
fn sealed_bytes(hall: &Path) -> Needles {
    const LENGTH: usize = 32;
    let mut sealed = Vec::new();
    let mut folders = vec![hall.join("bodies")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let bytes = std::fs::read(entry.path()).unwrap();
            let pieces = bytes.chunks_exact(LENGTH).step_by(bytes.len() / LENGTH / 8 + 1);
            sealed.extend(pieces.map(|piece| ("sealed", piece.to_vec())));
        }
    }
    assert!(!sealed.is_empty(), "the hall holds no chunk");
    sealed
}

fn wait(what: &str, condition: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < until, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Not a test: the terminal that [`Process`] starts.
#[test]
#[ignore = "runs as a process of its own within another test"]
fn terminal_of_its_own() {
    terminal::run();
}
