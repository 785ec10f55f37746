//! What the file's values may be: each key must be known, its value of the default's kind and in its range.
//! Checked here and not by Serde, whose words are those of a programmer and which takes an array for a table.

use std::ops::RangeInclusive;

use toml::{Table, Value};

/// Longest text of a value, the longest path of the system; messages repeat some.
const TEXT_BYTES_MAX: usize = 4096;
/// Characters of an unknown key that a message repeats.
const KEY_CHARS_SHOWN: usize = 64;

/// What each number may be. Where nature sets no limit it is one that keeps sums of times and sizes from overflowing.
const NUMBERS: &[(&str, RangeInclusive<i64>)] = &[
    ("public.port", 0..=65_535),
    ("public.upload_memory_mib", 1..=1 << 20),
    // At least two verified copies are kept.
    ("backup.generations", 2..=1_000_000),
    ("backup.every_seconds", 0..=u32::MAX as i64),
    ("uploads.begin_per_second", 1..=1_000_000),
    // A connection is an open file at least, and the kernel gives a process no million of them.
    ("uploads.at_once", 1..=65_536),
    // A hundred years to either side.
    ("demo.clock_shift_seconds", -3_155_760_000..=3_155_760_000),
];

/// Holds the file's values against the defaults.
pub(super) fn check(defaults: &Table, own: &Table) -> Result<(), String> {
    check_below("", defaults, own)
}

fn check_below(above: &str, defaults: &Table, own: &Table) -> Result<(), String> {
    for (key, value) in own {
        let Some(default) = defaults.get(key) else {
            return Err(format!("{above}{} is an unknown key", shown(key)));
        };
        let name = format!("{above}{key}");
        match (default, value) {
            (Value::Table(defaults), Value::Table(own)) => check_below(&format!("{name}."), defaults, own)?,
            (default, value) if default.same_type(value) => fits(&name, value)?,
            (default, _) => return Err(format!("{name} must be {}", kind(default))),
        }
    }
    Ok(())
}

/// A key of the file as a message repeats it: a few characters, in one line.
fn shown(key: &str) -> String {
    key.chars().take(KEY_CHARS_SHOWN).flat_map(char::escape_debug).collect()
}

fn fits(name: &str, value: &Value) -> Result<(), String> {
    match value {
        Value::String(text) if text.len() > TEXT_BYTES_MAX => {
            Err(format!("{name} has {} bytes, it must be text of at most {TEXT_BYTES_MAX}", text.len()))
        }
        Value::Integer(number) => match NUMBERS.iter().find(|(key, _)| *key == name) {
            Some((_, range)) if !range.contains(number) => {
                Err(format!("{name} is {number}, it must be from {} to {}", range.start(), range.end()))
            }
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// What a value must be to stand for this default.
fn kind(default: &Value) -> &'static str {
    match default {
        Value::Table(_) => "a table",
        Value::Integer(_) => "a whole number",
        Value::Boolean(_) => "true or false",
        _ => "text in quotes",
    }
}

#[cfg(test)]
mod tests {
    use super::super::DEFAULT_TOML;
    use super::*;

    fn said(own: &str) -> Result<(), String> {
        check(&toml::from_str::<Table>(DEFAULT_TOML).unwrap(), &toml::from_str::<Table>(own).unwrap())
    }

    #[test]
    fn every_number_of_the_defaults_has_a_range() {
        let defaults: Table = toml::from_str(DEFAULT_TOML).unwrap();
        let below = |(part, table): (&String, &Value)| -> Vec<String> {
            let table = table.as_table().into_iter().flatten();
            table.filter(|(_, value)| value.is_integer()).map(|(key, _)| format!("{part}.{key}")).collect()
        };
        let mut found: Vec<String> = defaults.iter().flat_map(below).collect();
        found.sort();
        let mut known: Vec<_> = NUMBERS.iter().map(|(key, _)| (*key).to_owned()).collect();
        known.sort();
        assert_eq!(found, known);
        assert_eq!(said(DEFAULT_TOML), Ok(()));
    }

    #[test]
    fn a_value_of_another_kind_is_refused_in_words_that_are_no_programmers() {
        for (own, said_of_it) in [
            ("terminals = [\"127.0.0.1:0\", \"\"]", "terminals must be a table"),
            ("[[uploads]]\nat_once = 3", "uploads must be a table"),
            ("name = 7", "name must be text"),
            ("[public]\nenabled = \"yes\"", "public.enabled must be true or false"),
            ("[backup]\nevery_seconds = \"900\"", "backup.every_seconds must be a whole number"),
        ] {
            let message = said(own).unwrap_err();
            assert!(message.contains(said_of_it), "{own}: {message}");
        }
    }

    #[test]
    fn a_number_out_of_its_range_is_refused_with_the_range() {
        for (own, said_of_it) in [
            ("uploads.at_once = 9223372036854775807", "it must be from 1 to 65536"),
            ("uploads.at_once = 0", "uploads.at_once is 0, it must be from 1 to 65536"),
            ("uploads.begin_per_second = -1", "uploads.begin_per_second is -1"),
            ("backup.generations = 1", "backup.generations is 1, it must be from 2"),
            ("public.port = 65536", "it must be from 0 to 65535"),
            ("public.upload_memory_mib = 0", "public.upload_memory_mib is 0"),
        ] {
            let message = said(own).unwrap_err();
            assert!(message.contains(said_of_it), "{own}: {message}");
        }
        assert_eq!(said("uploads.at_once = 65536"), Ok(()));
    }

    #[test]
    fn a_message_repeats_no_long_text_and_no_line_breaks() {
        let message = said(&format!("\"a\\n{}\" = 1", "b".repeat(10_000))).unwrap_err();
        assert!(message.len() < 200 && !message.contains('\n'), "{message}");
        let message = said(&format!("name = \"{}\"", "1".repeat(5_000))).unwrap_err();
        assert_eq!(message, "name has 5000 bytes, it must be text of at most 4096");
    }
}
