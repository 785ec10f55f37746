//! The file's values laid over the defaults: a key must be known, its value of the default's kind and in its range.
//! Checked here and not by Serde, whose words are those of a programmer and which takes an array for a table.

use std::ops::RangeInclusive;
use toml::{Table, Value};

/// Longest text of a value: messages repeat some, and the whole text of an enrolment's QR code has half of it.
const TEXT_BYTES_MAX: usize = 1024;
/// Characters of an unknown key that a message repeats.
const KEY_CHARS_SHOWN: usize = 64;

/// A wire of a Modbus board; -1 is none.
const WIRE: RangeInclusive<i64> = -1..=65_535;
/// Pixels of an edge: on less the pages have no room, and on more a picture of the screen has no memory.
const EDGE: RangeInclusive<i64> = 600..=8_192;

/// What each number may be.
const NUMBERS: &[(&str, RangeInclusive<i64>)] = &[
    ("hall.utc_offset_minutes", -14 * 60..=14 * 60),
    ("devices.wiring.card_reader", WIRE),
    ("devices.wiring.receipt_printer", WIRE),
    ("devices.wiring.document_printer", WIRE),
    ("devices.wiring.scanner", WIRE),
    ("devices.wiring.barcode_reader", WIRE),
    ("devices.wiring.status", WIRE),
    ("devices.wiring.door_input", WIRE),
    ("display.width", EDGE),
    ("display.height", EDGE),
];

/// Takes the file's values into the defaults' tables.
pub(super) fn merge(into: &mut Table, from: Table) -> Result<(), String> {
    merge_below("", into, from)
}

fn merge_below(above: &str, into: &mut Table, from: Table) -> Result<(), String> {
    for (key, value) in from {
        let Some(old) = into.get_mut(&key) else {
            return Err(format!("{above}{} is an unknown key", shown(&key)));
        };
        let name = format!("{above}{key}");
        match (old, value) {
            (Value::Table(into), Value::Table(from)) => merge_below(&format!("{name}."), into, from)?,
            (old, value) if old.same_type(&value) => {
                fits(&name, &value)?;
                *old = value;
            }
            (old, _) => return Err(format!("{name} must be {}", kind(old))),
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
    use super::super::DEFAULTS;
    use super::*;

    fn merged(own: &str) -> Result<Table, String> {
        let mut table: Table = toml::from_str(DEFAULTS).unwrap();
        merge(&mut table, toml::from_str(own).unwrap()).map(|()| table)
    }

    fn numbers(above: &str, table: &Table, found: &mut Vec<String>) {
        for (key, value) in table {
            match value {
                Value::Table(below) => numbers(&format!("{above}{key}."), below, found),
                Value::Integer(_) => found.push(format!("{above}{key}")),
                _ => {}
            }
        }
    }

    #[test]
    fn every_number_of_the_defaults_has_a_range() {
        let mut found = Vec::new();
        let defaults: Table = toml::from_str(DEFAULTS).unwrap();
        numbers("", &defaults, &mut found);
        found.sort();
        let mut known: Vec<_> = NUMBERS.iter().map(|(key, _)| (*key).to_owned()).collect();
        known.sort();
        assert_eq!(found, known);
    }

    #[test]
    fn the_defaults_themselves_can_be_a_file() {
        assert_eq!(merged(DEFAULTS).unwrap(), toml::from_str::<Table>(DEFAULTS).unwrap());
    }

    #[test]
    fn a_value_of_another_kind_is_refused_in_words_that_are_no_programmers() {
        for (own, said) in [
            ("hall = [\"\", \"\", 480]", "hall must be a table"),
            ("[[hall]]\naddress = \"\"", "hall must be a table"),
            ("devices.wiring = 3", "devices.wiring must be a table"),
            ("[hall]\naddress = 8443", "hall.address must be text"),
            ("[hall.address]\nhost = \"x\"", "hall.address must be text"),
            ("[display]\nwidth = \"1080\"", "display.width must be a whole number"),
            ("[display]\nwidth = 1080.0", "display.width must be a whole number"),
            ("[display]\nfullscreen = 1", "display.fullscreen must be true or false"),
        ] {
            let message = merged(own).unwrap_err();
            assert!(message.contains(said), "{own}: {message}");
        }
    }

    #[test]
    fn a_number_out_of_its_range_is_refused_with_the_range() {
        for (own, said) in [
            ("display.width = 0", "display.width is 0, it must be from 600 to 8192"),
            ("display.width = 70000", "display.width is 70000, it must be from 600 to 8192"),
            ("display.height = 4294967295", "display.height is 4294967295, it must be from 600 to 8192"),
            ("display.height = -1", "display.height is -1, it must be from 600 to 8192"),
            ("hall.utc_offset_minutes = 841", "it must be from -840 to 840"),
            ("devices.wiring.status = -2", "devices.wiring.status is -2, it must be from -1 to 65535"),
        ] {
            assert!(merged(own).unwrap_err().contains(said), "{own}");
        }
        assert!(merged("display.width = 600\ndisplay.height = 8192").is_ok());
    }

    #[test]
    fn a_message_repeats_no_long_text_and_no_line_breaks() {
        let message = merged(&format!("\"a\\n{}\" = 1", "b".repeat(10_000))).unwrap_err();
        assert!(message.len() < 200 && !message.contains('\n'), "{message}");
        let message = merged(&format!("[terminal]\nnumber = \"{}\"", "1".repeat(10_000))).unwrap_err();
        assert_eq!(message, "terminal.number has 10000 bytes, it must be text of at most 1024");
    }
}
