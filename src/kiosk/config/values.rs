//! What the terminal's settings may be: the range of each number and the length of a text.

use super::DEFAULTS;
use settings::Rules;
use std::ops::RangeInclusive;

/// What the file's values are held against.
pub(super) const RULES: Rules = Rules {
    defaults: DEFAULTS,
    numbers: NUMBERS,
    // Messages repeat some, and the whole text of an enrolment's QR code has half of it.
    text_bytes_max: 1024,
};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_the_defaults_has_a_range() {
        assert_eq!(RULES.loose_ends(), Ok(Vec::new()));
    }

    #[test]
    fn the_defaults_themselves_can_be_a_file() {
        assert_eq!(RULES.check(DEFAULTS), Ok(()));
    }

    #[test]
    fn a_number_out_of_its_range_is_refused_with_the_range() {
        for (own, said) in [
            ("display.width = 0", "display.width is 0, it must be from 600 to 8192"),
            ("display.width = 70000", "display.width is 70000, it must be from 600 to 8192"),
            ("display.height = 4294967295", "display.height is 4294967295, it must be from 600 to 8192"),
            ("display.height = -1", "display.height is -1, it must be from 600 to 8192"),
            ("hall.utc_offset_minutes = 841", "hall.utc_offset_minutes is 841, it must be from -840 to 840"),
            ("devices.wiring.status = -2", "devices.wiring.status is -2, it must be from -1 to 65535"),
        ] {
            assert_eq!(RULES.check(own), Err(said.to_owned()), "{own}");
        }
        assert_eq!(RULES.check("display.width = 600\ndisplay.height = 8192"), Ok(()));
    }

    #[test]
    fn a_text_longer_than_any_address_is_refused() {
        let message = RULES.check(&format!("[terminal]\nnumber = \"{}\"", "1".repeat(10_000))).unwrap_err();
        assert_eq!(message, "terminal.number has 10000 bytes, it must be text of at most 1024");
    }
}
