//! The house rules that no compiler checks, by reading the tree: what may know what inside the terminal,
//! the size of files and functions, what shipped code may not contain, and what lies at the top level.
//! Runs nothing and knows no crate of ours. A failure names the file and says what to do.
#![allow(clippy::expect_used)]

#[path = "tidy/dependencies.rs"]
mod dependencies;
#[path = "tidy/source.rs"]
mod source;

use dependencies::breaches;
use source::{File, Rust, files, is_for_tests, root};

/// Lines a file aims at (median), and where it must be divided.
const FILE_LINES_MEDIAN: usize = 150;
const RUST_LINES_MAX: usize = 450;
const SLINT_LINES_MAX: usize = 250;
/// Lines a function should have at most, and where the test fails.
const FUNCTION_LINES: usize = 70;
const FUNCTION_LINES_MAX: usize = 90;

const TOP_LEVEL: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE",
    "README.md",
    "rust-toolchain.toml",
    "assets",
    "drivers",
    "src",
    "tests",
    "ui",
    // Not part of the tree: .gitignore names them.
    "target",
    "data",
];

/// Names that say nothing of what a file does.
const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "manager", "misc"];

fn source_files() -> Vec<File> {
    files(&["src", "drivers", "ui", "tests"])
}

fn rust_files() -> impl Iterator<Item = File> {
    source_files().into_iter().filter(|file| file.path.ends_with(".rs"))
}

/// Rust that ships, read for a rule.
fn shipped() -> impl Iterator<Item = (String, Rust)> {
    rust_files().filter(|file| !is_for_tests(&file.path)).map(|file| (file.path, Rust::read(&file.text)))
}

#[track_caller]
fn none(found: Vec<String>) {
    assert!(found.is_empty(), "{} places to mend:\n{}", found.len(), found.join("\n"));
}

#[test]
fn each_part_of_the_terminal_names_only_what_it_may() {
    let parts = files(&["src/kiosk"]);
    let shipped = parts.iter().filter(|file| file.path.ends_with(".rs") && !is_for_tests(&file.path));
    none(shipped.flat_map(breaches).collect());
}

#[test]
fn a_breach_of_the_direction_is_seen() {
    let breaches_of = |path: &str, text: &str| breaches(&File { path: path.into(), text: text.into() }).len();
    assert_eq!(breaches_of("src/kiosk/session/a.rs", "use crate::store::Store;"), 1);
    assert_eq!(breaches_of("src/kiosk/session/a.rs", "use crate::{view::View, store};"), 1);
    assert_eq!(breaches_of("src/kiosk/session/a.rs", "use super::super::sync;"), 1);
    assert_eq!(breaches_of("src/kiosk/session/a.rs", "let now = std::time::Instant::now();"), 2);
    assert_eq!(breaches_of("src/kiosk/view/mod.rs", "use crate::session::Event; use slint::Image;"), 2);
    assert_eq!(breaches_of("src/kiosk/app/mod.rs", "let all = \"select name from person\"; hall::start();"), 2);
    assert_eq!(breaches_of("src/kiosk/sync/mod.rs", "use crate::clock::TerminalClock; use crate::app::App;"), 1);
    assert_eq!(breaches_of("src/kiosk/novelty/mod.rs", ""), 1);
}

#[test]
fn what_a_part_may_name_is_no_breach() {
    let breaches_of = |path: &str, text: &str| breaches(&File { path: path.into(), text: text.into() });
    none(breaches_of("src/kiosk/session/a.rs", "// crate::store\nuse crate::view::View; /* slint:: */ use super::b;"));
    none(breaches_of("src/kiosk/session/a.rs", "#[cfg(test)]\nmod tests { use crate::store::Store; }"));
    none(breaches_of("src/kiosk/app/mod.rs", "let words = \"update the catalogue\"; use crate::sync::hall::Link;"));
}

#[test]
fn every_source_file_says_at_its_head_what_it_is() {
    let head = |path: &str| match path.rsplit('.').next() {
        Some("rs") => Some("//!"),
        Some("slint") => Some("//"),
        Some("sql") => Some("--"),
        _ => None,
    };
    let bare = source_files().into_iter().filter_map(|file| {
        let head = head(&file.path)?;
        let found = file.text.trim_start().starts_with(head);
        (!found).then(|| format!("{}: begin with `{head}` and say what it does and what not", file.path))
    });
    none(bare.collect());
}

#[test]
fn files_stay_within_their_size() {
    let rust: Vec<_> = rust_files().map(|file| (file.text.lines().count(), file.path)).collect();
    let slint = source_files().into_iter().filter(|file| file.path.ends_with(".slint"));
    let slint: Vec<_> = slint.map(|file| (file.text.lines().count(), file.path)).collect();
    for (kind, sizes) in [("Rust", &rust), ("Slint", &slint)] {
        let mut lines: Vec<usize> = sizes.iter().map(|(lines, _)| *lines).collect();
        lines.sort_unstable();
        let median = lines.get(lines.len() / 2).copied().unwrap_or_default();
        println!("{kind}: {} files, median {median} lines, largest {}", lines.len(), lines.last().unwrap_or(&0));
        assert!(
            median <= FILE_LINES_MEDIAN,
            "{kind}: the median file has {median} lines, the aim is {FILE_LINES_MEDIAN}"
        );
    }
    let limited = rust.iter().map(|row| (row, RUST_LINES_MAX)).chain(slint.iter().map(|row| (row, SLINT_LINES_MAX)));
    let large = limited.filter(|((lines, _), max)| lines > max);
    none(
        large
            .map(|((lines, path), max)| format!("{path}: {lines} lines; divide it below {max} by what it does"))
            .collect(),
    );
}

#[test]
fn functions_can_be_read_at_one_glance() {
    let mut too_long = Vec::new();
    for (path, rust) in shipped() {
        for function in rust.functions().iter().filter(|function| function.length > FUNCTION_LINES) {
            let row = format!("{path}:{}: fn {} has {} lines", function.line, function.name, function.length);
            println!("{row}");
            if function.length > FUNCTION_LINES_MAX {
                too_long.push(format!("{row}; take a step with a name out of it"));
            }
        }
    }
    none(too_long);
}

#[test]
fn shipped_code_promises_nothing_for_later_and_does_not_panic_by_design() {
    let mut found = Vec::new();
    for (path, rust) in shipped() {
        for word in ["todo!", "unimplemented!", "dbg!"] {
            let places = rust.words(word).map(|at| format!("{path}:{}: {word} does not ship", rust.line(at)));
            found.extend(places);
        }
        // A method of our own may be called `expect`; the standard library's takes a sentence.
        let expects = rust.code.match_indices(".expect(");
        let expects = expects.filter(|(at, call)| rust.code[at + call.len()..].trim_start().starts_with(['"', '&']));
        for (at, call) in rust.code.match_indices(".unwrap()").chain(expects) {
            found.push(format!("{path}:{}: {call} can panic before a citizen: return an error", rust.line(at)));
        }
    }
    none(found);
}

#[test]
fn names_of_files_say_what_they_do_and_modules_have_one_shape() {
    let paths: Vec<String> = source_files().into_iter().map(|file| file.path).collect();
    let stem =
        |path: &str| path.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default().to_owned();
    let empty = paths.iter().filter(|path| path.split('/').any(|part| EMPTY_NAMES.contains(&stem(part).as_str())));
    let mut found: Vec<String> = empty.map(|path| format!("{path}: name it by what it does")).collect();
    // A test target is a file by Cargo's rule; its parts lie in the folder of its name.
    let modules = paths.iter().filter(|path| path.ends_with(".rs") && !is_for_tests(path));
    for path in modules {
        let folder = format!("{}/", path.trim_end_matches(".rs"));
        if paths.iter().any(|other| other.starts_with(&folder)) {
            found.push(format!("{path}: move it to {folder}mod.rs"));
        }
    }
    none(found);
}

#[test]
fn nothing_points_at_one_machine() {
    let own = "tests/tidy.rs";
    let mut found = Vec::new();
    let top = ["src", "drivers", "ui", "tests", "assets", ".ci", ".cargo", "README.md", "Cargo.toml"];
    for file in files(&top).iter().filter(|file| file.path != own) {
        for (number, line) in file.text.lines().enumerate() {
            if ["/work/", "/root/", "/home/", "/Users/"].iter().any(|place| line.contains(place)) {
                found.push(format!(
                    "{}:{}: a path of one machine: make it relative or a setting",
                    file.path,
                    number + 1
                ));
            }
        }
    }
    let locks = files(&["Cargo.lock", "tests/fuzz/Cargo.lock"]);
    let sources = locks.iter().flat_map(|lock| lock.text.lines().map(move |line| (&lock.path, line)));
    let foreign =
        sources.filter(|(_, line)| line.starts_with("source = ") && !line.contains("rust-lang/crates.io-index"));
    found.extend(foreign.map(|(path, line)| format!("{path}: {line}: a crate comes from crates.io or not at all")));
    none(found);
}

#[test]
fn the_top_level_holds_only_what_everybody_expects_there() {
    let entries = std::fs::read_dir(root()).expect("the root can be read").filter_map(Result::ok);
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let strange = names.filter(|name| !name.starts_with('.') && !TOP_LEVEL.contains(&name.as_str()));
    none(
        strange
            .map(|name| format!("{name}: put it below assets, src, drivers, ui or tests, or into a dot folder"))
            .collect(),
    );
}

#[test]
fn a_reader_of_code_is_not_misled_by_strings_letters_or_lifetimes() {
    let rust = Rust::read(
        "fn a<'a>(x: &'a str) -> char {\n let _ = r#\"} \" {\"#; // }\n '{'\n}\nfn b();\nfn c() { \"}\" }\n",
    );
    let functions = rust.functions();
    let seen: Vec<_> =
        functions.iter().map(|function| (function.name.as_str(), function.line, function.length)).collect();
    assert_eq!(seen, [("a", 1, 4), ("c", 6, 1)]);
    assert_eq!(rust.strings.len(), 2);
}
