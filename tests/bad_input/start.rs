//! The program's start on folders, and its output into places, as people give them: it starts, or says once what is
//! wrong and what to do.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The running program; ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn kiosk() -> Command {
    Command::new(env!("CARGO_BIN_EXE_kiosk"))
}

/// What it says where it must not start.
fn refusal(data: &Path) -> String {
    let output = kiosk().args(["--browser", "127.0.0.1:0", "--data"]).arg(data).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_relative_data_folder_with_a_question_mark_starts_and_is_for_its_user_alone() {
    let place = tempfile::tempdir().unwrap();
    let mut kiosk = kiosk();
    kiosk.args(["--browser", "127.0.0.1:0", "--data", "what?/data"]).current_dir(place.path());
    let mut running = Running(kiosk.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.starts_with("Yimen: open ")), "it ended before it said where to look");
    for folder in ["what?/data", "what?/data/kiosk", "what?/data/hall", "what?/data/stick"] {
        let mode = fs::metadata(place.path().join(folder)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{folder}: others can read keys and sealed submissions");
    }
}

#[test]
fn a_file_in_the_place_of_the_sticks_folder_is_named() {
    let data = tempfile::tempdir().unwrap();
    let stick = data.path().join("stick");
    fs::write(&stick, b"somebody's notes").unwrap();
    let said = refusal(data.path());
    assert!(said.contains(&*stick.to_string_lossy()) && said.contains("--data DIR"), "{said}");
    assert_eq!(said.matches("File exists").count(), 1, "{said}");
    assert_eq!(fs::read(&stick).unwrap(), b"somebody's notes");
}

#[test]
fn a_damaged_database_of_the_hall_is_named_once_with_what_to_do_and_stays() {
    let data = tempfile::tempdir().unwrap();
    let database = data.path().join("hall/hall.sqlite");
    let notes = b"these are somebody's notes and not a database ".repeat(200);
    hall::Hall::start(crate::rim::config(&data.path().join("hall"))).unwrap().stop();
    for beside in ["hall.sqlite-wal", "hall.sqlite-shm"] {
        let _ = fs::remove_file(data.path().join("hall").join(beside));
    }
    fs::write(&database, &notes).unwrap();
    let said = refusal(data.path());
    assert!(said.contains(&*database.to_string_lossy()) && said.contains("keep the whole data folder"), "{said}");
    assert_eq!(said.matches("file is not a database").count(), 1, "{said}");
    assert_eq!(fs::read(&database).unwrap(), notes);
}

#[test]
fn a_database_of_a_hall_without_its_keys_is_named_with_what_to_do_and_stays() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("hall");
    hall::Hall::start(crate::rim::config(&folder)).unwrap().stop();
    fs::remove_file(folder.join("keys.json")).unwrap();
    let before = fs::read(folder.join("hall.sqlite")).unwrap();
    let said = refusal(data.path());
    assert!(said.contains(&*folder.to_string_lossy()) && said.contains("hall restore"), "{said}");
    assert_eq!(fs::read(folder.join("hall.sqlite")).unwrap(), before);
}

#[test]
fn settings_printed_for_a_reader_that_left_are_no_failure() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = kiosk().arg("--print-config").stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn settings_printed_onto_a_full_disk_say_so() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = kiosk().arg("--print-config").stdout(full).stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot be written") && said.contains("No space left"), "{said}");
}
