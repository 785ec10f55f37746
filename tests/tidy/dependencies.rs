//! Which part of the terminal may know which: the table of the architecture, and how a file is read
//! against it. Between crates the compiler does this; inside `kiosk` nobody else does.

use super::source::{File, Rust, is_of_name};

/// Parts of `src/kiosk`, and the parts that each may name.
///
/// ```text
///             wire  <--------------+------------- hall
///              ^                   |
///    session + journeys <- view <- screen -> ui     drivers
///       ^   ^   ^                    ^                 ^
///       |   |   +--- devices --------+-----------------+
///       |   + clock <- sync -> store |
///       +--------------------------- app <- main, demo
/// ```
const MAY_NAME: &[(&str, &[&str])] = &[
    ("view", &[]),
    // The session's Moment is a plain value that content answers questions about; content is data to the session.
    ("content", &["session"]),
    ("session", &["view", "content", "journeys"]),
    ("journeys", &["view", "content", "session", "pinyin", "qr"]),
    ("pinyin", &[]),
    ("config", &[]),
    ("store", &[]),
    ("sound", &["session"]),
    ("clock.rs", &["session", "store"]),
    ("sync", &["store", "clock"]),
    ("devices", &["session"]),
    ("fonts.rs", &[]),
    ("qr.rs", &[]),
    ("printing", &["fonts", "qr"]),
    ("platform", &["view"]),
    ("screen", &["view", "fonts", "pinyin"]),
    ("browser", &["view", "screen", "platform", "session", "sound"]),
    (
        "app",
        &[
            "view", "content", "session", "journeys", "config", "store", "clock", "sync", "devices", "printing",
            "screen",
        ],
    ),
    ("demo", EVERY_PART),
    ("main.rs", EVERY_PART),
    ("lib.rs", &[]),
];

const EVERY_PART: &[&str] = &[
    "view", "content", "session", "journeys", "config", "store", "sync", "devices", "fonts", "pinyin", "sound", "qr",
    "printing", "platform", "screen", "browser", "clock", "app", "demo",
];

/// Crates that only some parts may name, with the reason.
const ONLY_IN: &[(&str, &[&str], &str)] = &[
    ("slint::", &["screen", "platform", "browser", "demo", "main.rs"], "Slint's types stop at the screen"),
    ("ui::", &["screen", "platform", "browser", "demo", "main.rs"], "Slint's types stop at the screen"),
    ("sqlx::", &["store"], "only the store speaks SQL"),
    (
        "hall::",
        &["demo"],
        "the terminal knows the hall by the protocol alone; the dock's embedded hall is the exception",
    ),
    (
        "tokio::",
        &["app", "store", "sync", "browser", "demo", "main.rs"],
        "the pure middle, the devices' threads and the screen know no runtime",
    ),
    (
        "drivers::",
        &["config", "devices", "printing", "app", "demo", "main.rs"],
        "devices stay on the rim; the session is told what they saw by events",
    ),
    (
        "wire::",
        &["session", "journeys", "content", "config", "store", "sync", "printing", "devices", "app", "demo", "main.rs"],
        "the screen is given plain values",
    ),
];

/// What the pure middle never names: it has no clock and does no input or output.
const NOT_IN_THE_MIDDLE: &[&str] = &[
    "std::time::SystemTime",
    "std::time::Instant",
    "SystemTime::",
    "Instant::",
    "Timestamp::now",
    "Zoned::now",
    "std::fs",
    "std::net",
    "std::io",
    "std::thread",
    "std::process",
    "std::env",
];
const MIDDLE: &[&str] = &["view", "content", "session", "journeys"];

/// What the string begins with when it is SQL.
const SQL: &[&str] = &[
    "select ",
    "insert into ",
    "insert or ",
    "update ",
    "delete from ",
    "pragma ",
    "create table ",
    "begin immediate",
];

/// Every place of `file`, a file of `src/kiosk`, that names what its part may not.
pub fn breaches(file: &File) -> Vec<String> {
    let path = file.path.trim_start_matches("src/kiosk/");
    let part = path.split('/').next().unwrap_or(path);
    let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == part) else {
        return vec![format!("{}: a new part; give `{part}` a line in tests/tidy/dependencies.rs", file.path)];
    };
    let rust = Rust::read(&file.text);
    let mut found = Vec::new();
    for (line, named) in parts_named(&rust, path) {
        let head = named.split("::").next().unwrap_or(&named);
        if head != part && !allowed.contains(&head) {
            found.push(format!(
                "{}:{line}: {part} names crate::{named}; it may name only {allowed:?}: let `app` carry the value",
                file.path
            ));
        }
    }
    for (name, parts, why) in ONLY_IN.iter().filter(|(_, parts, _)| !parts.contains(&part)) {
        let line = rust.words(name).find(|&at| !rust.code[..at].ends_with("::")).map(|at| rust.line(at));
        found.extend(line.map(|line| format!("{}:{line}: {name} belongs to {parts:?} only: {why}", file.path)));
    }
    if MIDDLE.contains(&part) {
        let named = NOT_IN_THE_MIDDLE.iter().filter_map(|name| rust.words(name).next().map(|at| (name, at)));
        found.extend(named.map(|(name, at)| {
            format!("{}:{}: {part} is pure: make {name} an Event or an Effect", file.path, rust.line(at))
        }));
    }
    if part != "store" {
        let sql = rust.strings.iter().filter(|(_, text)| is_sql(text));
        found.extend(sql.map(|(line, _)| format!("{}:{line}: SQL; ask the store for a function", file.path)));
    }
    found
}

fn is_sql(text: &str) -> bool {
    let text = text.trim_start().to_lowercase();
    let two_words = text.split_whitespace().nth(1).is_some();
    two_words
        && SQL.iter().any(|head| text.starts_with(head))
        && [" from ", " set ", " into ", "pragma ", "(", " = ", "immediate"].iter().any(|mark| text.contains(mark))
}

/// Every path from the crate's root that the code names, `crate::…` or as many `super::` as lead there.
fn parts_named(rust: &Rust, path: &str) -> Vec<(usize, String)> {
    let mut named = Vec::new();
    for at in rust.words("crate::") {
        add_paths(&rust.code[at + "crate::".len()..], rust.line(at), &mut named);
    }
    // src/kiosk/a/b.rs is the module a::b: two `super::` lead to the root. a/mod.rs is a: one.
    let depth = path.trim_end_matches("/mod.rs").split('/').count();
    let to_root = "super::".repeat(depth);
    for at in rust.words(&to_root).filter(|&at| !rust.code[..at].ends_with("::")) {
        add_paths(&rust.code[at + to_root.len()..], rust.line(at), &mut named);
    }
    named
}

/// Adds `a::b` from the head of `rest`, or each member of `{a, b::c}`.
fn add_paths(rest: &str, line: usize, named: &mut Vec<(usize, String)>) {
    let Some(group) = rest.strip_prefix('{') else {
        named.push((line, rest.chars().take_while(|&letter| is_of_name(letter) || letter == ':').collect()));
        return;
    };
    let (mut depth, mut member) = (0, String::new());
    for letter in group.chars() {
        match letter {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => named.push((line, std::mem::take(&mut member))),
            _ if depth == 0 && (is_of_name(letter) || letter == ':') => member.push(letter),
            _ => {}
        }
    }
    if !member.is_empty() {
        named.push((line, member));
    }
}
