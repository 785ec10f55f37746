//! What the hall's settings may be: the range of each number and the length of a text.

use std::ops::RangeInclusive;

use settings::Rules;

use super::DEFAULT_TOML;

/// What the file's values are held against.
pub(super) const RULES: Rules = Rules {
    defaults: DEFAULT_TOML,
    numbers: NUMBERS,
    // The longest path of the system; messages repeat some.
    text_bytes_max: 4096,
};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_the_defaults_has_a_range() {
        assert_eq!(RULES.loose_ends(), Ok(Vec::new()));
        assert_eq!(RULES.check(DEFAULT_TOML), Ok(()));
    }

    #[test]
    fn a_value_of_another_kind_is_refused_in_words_that_are_no_programmers() {
        for (own, said) in [
            ("terminals = [\"127.0.0.1:0\", \"\"]", "terminals must be a table"),
            ("name = 7", "name must be text in quotes"),
        ] {
            assert_eq!(RULES.check(own), Err(said.to_owned()), "{own}");
        }
    }

    #[test]
    fn a_number_out_of_its_range_is_refused_with_the_range() {
        for (own, said) in [
            ("uploads.at_once = 9223372036854775807", "it must be from 1 to 65536"),
            ("uploads.at_once = 0", "uploads.at_once is 0, it must be from 1 to 65536"),
            ("uploads.begin_per_second = -1", "uploads.begin_per_second is -1"),
            ("backup.generations = 1", "backup.generations is 1, it must be from 2"),
            ("public.port = 65536", "it must be from 0 to 65535"),
            ("public.upload_memory_mib = 0", "public.upload_memory_mib is 0"),
        ] {
            let message = RULES.check(own).unwrap_err();
            assert!(message.contains(said), "{own}: {message}");
        }
        assert_eq!(RULES.check("uploads.at_once = 65536"), Ok(()));
    }

    #[test]
    fn a_text_longer_than_any_path_is_refused() {
        let message = RULES.check(&format!("name = \"{}\"", "1".repeat(5_000))).unwrap_err();
        assert_eq!(message, "name has 5000 bytes, it must be text of at most 4096");
    }
}
