//! The file's values held against the defaults and laid over them: a key must be known, its value of the default's
//! kind and in its range. Checked here and not by Serde, whose words are those of a programmer and which takes an
//! array for a table.

use crate::reading::parse;
use serde::de::DeserializeOwned;
use std::ops::RangeInclusive;
use toml::{Table, Value};

/// Characters of an unknown key that a message repeats.
const KEY_CHARS_SHOWN: usize = 64;

/// What the settings of a program may be.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Every key with its default, as TOML.
    pub defaults: &'static str,
    /// What each number may be, by its key with the tables before it.
    pub numbers: &'static [(&'static str, RangeInclusive<i64>)],
    /// Longest text of a value.
    pub text_bytes_max: usize,
}

impl Rules {
    /// The defaults, with what `text` says instead.
    ///
    /// # Errors
    /// What is wrong in the text, by its place or its key.
    pub fn merged<T: DeserializeOwned>(&self, text: &str) -> Result<T, String> {
        self.table(text)?.try_into().map_err(|error: toml::de::Error| error.message().to_owned())
    }

    /// Holds the values of `text` against the defaults.
    ///
    /// # Errors
    /// What is wrong in the text, by its place or its key.
    pub fn check(&self, text: &str) -> Result<(), String> {
        self.table(text).map(|_| ())
    }

    /// Numbers of the defaults without a range, and ranges of no number: the tests of a program want none.
    ///
    /// # Errors
    /// What is wrong in the defaults, by its place.
    pub fn loose_ends(&self) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        numbers("", &parse::<Table>(self.defaults)?, &mut found);
        let without_range = found.iter().filter(|name| self.range(name).is_none()).cloned();
        let ranges = self.numbers.iter().map(|(key, _)| (*key).to_owned());
        Ok(without_range.chain(ranges.filter(|key| !found.contains(key))).collect())
    }

    fn table(&self, text: &str) -> Result<Table, String> {
        let mut merged: Table = parse(self.defaults)?;
        let own: Table = parse(text)?;
        self.merge_below("", &mut merged, own)?;
        Ok(merged)
    }

    fn merge_below(&self, above: &str, into: &mut Table, from: Table) -> Result<(), String> {
        for (key, value) in from {
            let Some(old) = into.get_mut(&key) else {
                return Err(format!("{above}{} is an unknown key", shown(&key)));
            };
            let name = format!("{above}{key}");
            match (old, value) {
                (Value::Table(into), Value::Table(from)) => self.merge_below(&format!("{name}."), into, from)?,
                (old, value) if old.same_type(&value) => {
                    self.fits(&name, &value)?;
                    *old = value;
                }
                (old, _) => return Err(format!("{name} must be {}", kind(old))),
            }
        }
        Ok(())
    }

    fn fits(&self, name: &str, value: &Value) -> Result<(), String> {
        let text_bytes_max = self.text_bytes_max;
        match value {
            Value::String(text) if text.len() > text_bytes_max => {
                Err(format!("{name} has {} bytes, it must be text of at most {text_bytes_max}", text.len()))
            }
            Value::Integer(number) => match self.range(name) {
                Some(range) if !range.contains(number) => {
                    Err(format!("{name} is {number}, it must be from {} to {}", range.start(), range.end()))
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn range(&self, name: &str) -> Option<&'static RangeInclusive<i64>> {
        self.numbers.iter().find(|(key, _)| *key == name).map(|(_, range)| range)
    }
}

/// A key of the file as a message repeats it: a few characters, in one line.
fn shown(key: &str) -> String {
    key.chars().take(KEY_CHARS_SHOWN).flat_map(char::escape_debug).collect()
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

/// Adds the names of all numbers of a table and of those below it.
fn numbers(above: &str, table: &Table, found: &mut Vec<String>) {
    for (key, value) in table {
        match value {
            Value::Table(below) => numbers(&format!("{above}{key}."), below, found),
            Value::Integer(_) => found.push(format!("{above}{key}")),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules {
        defaults: "name = \"\"\n[hall]\naddress = \"\"\n[hall.wiring]\nstatus = 5\n[display]\nwidth = 1080\n\
                   fullscreen = true\n",
        numbers: NUMBERS,
        text_bytes_max: 1024,
    };
    const NUMBERS: &[(&str, RangeInclusive<i64>)] =
        &[("hall.wiring.status", -1..=65_535), ("display.width", 600..=8_192)];
    /// One number of the defaults, and one that they have not.
    const STRANGE: &[(&str, RangeInclusive<i64>)] = &[("display.width", 600..=8_192), ("display.depth", 1..=32)];

    #[test]
    fn a_text_changes_what_it_names_and_nothing_else() {
        let merged: Table = RULES.merged("[hall]\nwiring.status = -1\n").unwrap();
        let mut expected: Table = RULES.merged("").unwrap();
        assert_eq!(expected, parse::<Table>(RULES.defaults).unwrap());
        expected["hall"]["wiring"]["status"] = Value::Integer(-1);
        assert_eq!(merged, expected);
    }

    #[test]
    fn a_number_without_a_range_and_a_range_without_a_number_are_found() {
        assert_eq!(RULES.loose_ends(), Ok(Vec::new()));
        let strange = Rules { numbers: STRANGE, ..RULES };
        assert_eq!(strange.loose_ends(), Ok(vec!["hall.wiring.status".to_owned(), "display.depth".to_owned()]));
    }

    #[test]
    fn a_value_of_another_kind_is_refused_in_words_that_are_no_programmers() {
        for (own, said) in [
            ("hall = [\"\", \"\", 480]", "hall must be a table"),
            ("[[hall]]\naddress = \"\"", "hall must be a table"),
            ("hall.wiring = 3", "hall.wiring must be a table"),
            ("name = 7", "name must be text in quotes"),
            ("[hall.address]\nhost = \"x\"", "hall.address must be text in quotes"),
            ("[display]\nwidth = \"1080\"", "display.width must be a whole number"),
            ("[display]\nwidth = 1080.0", "display.width must be a whole number"),
            ("[display]\nfullscreen = 1", "display.fullscreen must be true or false"),
        ] {
            assert_eq!(RULES.check(own), Err(said.to_owned()), "{own}");
        }
    }

    #[test]
    fn a_number_out_of_its_range_is_refused_with_the_range() {
        for (own, said) in [
            ("display.width = 599", "display.width is 599, it must be from 600 to 8192"),
            ("display.width = 4294967295", "display.width is 4294967295, it must be from 600 to 8192"),
            ("hall.wiring.status = -2", "hall.wiring.status is -2, it must be from -1 to 65535"),
        ] {
            assert_eq!(RULES.check(own), Err(said.to_owned()), "{own}");
        }
        assert_eq!(RULES.check("display.width = 600\nhall.wiring.status = 65535"), Ok(()));
    }

    #[test]
    fn a_message_repeats_no_long_text_and_no_line_breaks() {
        let message = RULES.check(&format!("\"a\\n{}\" = 1", "b".repeat(10_000))).unwrap_err();
        assert!(message.len() < 200 && !message.contains('\n'), "{message}");
        let message = RULES.check(&format!("[hall]\naddress = \"{}\"", "1".repeat(10_000))).unwrap_err();
        assert_eq!(message, "hall.address has 10000 bytes, it must be text of at most 1024");
    }
}
