//! From private-use code points, as old fonts and databases used them for rare characters, to Unicode.
//! Source: the 80 places FE50–FEA0 of GBK, which lay at U+E815–U+E864 until Unicode got the characters; their
//! code points are those of GB 18030-2005 with the 14 that GB 18030-2022 moved last (checked against glibc's
//! table). UNVERIFIED: that chips of identity cards use just these; the police's own font of rare characters
//! has no public table, so its places stay as they are and the reader flags them.

/// First private-use code point of the table.
const FIRST: u32 = 0xE815;

/// The Unicode character for each place from [`FIRST`] on.
const UNICODE: [char; 80] = [
    '\u{2E81}',
    '\u{20087}',
    '\u{20089}',
    '\u{200CC}',
    '\u{2E84}',
    '\u{3473}',
    '\u{3447}',
    '\u{2E88}',
    '\u{2E8B}',
    '\u{9FB4}',
    '\u{359E}',
    '\u{361A}',
    '\u{360E}',
    '\u{2E8C}',
    '\u{2E97}',
    '\u{396E}',
    '\u{3918}',
    '\u{9FB5}',
    '\u{39CF}',
    '\u{39DF}',
    '\u{3A73}',
    '\u{39D0}',
    '\u{9FB6}',
    '\u{9FB7}',
    '\u{3B4E}',
    '\u{3C6E}',
    '\u{3CE0}',
    '\u{2EA7}',
    '\u{215D7}',
    '\u{9FB8}',
    '\u{2EAA}',
    '\u{4056}',
    '\u{415F}',
    '\u{2EAE}',
    '\u{4337}',
    '\u{2EB3}',
    '\u{2EB6}',
    '\u{2EB7}',
    '\u{2298F}',
    '\u{43B1}',
    '\u{43AC}',
    '\u{2EBB}',
    '\u{43DD}',
    '\u{44D6}',
    '\u{4661}',
    '\u{464C}',
    '\u{9FB9}',
    '\u{4723}',
    '\u{4729}',
    '\u{477C}',
    '\u{478D}',
    '\u{2ECA}',
    '\u{4947}',
    '\u{497A}',
    '\u{497D}',
    '\u{4982}',
    '\u{4983}',
    '\u{4985}',
    '\u{4986}',
    '\u{499F}',
    '\u{499B}',
    '\u{49B7}',
    '\u{49B6}',
    '\u{9FBA}',
    '\u{241FE}',
    '\u{4CA3}',
    '\u{4C9F}',
    '\u{4CA0}',
    '\u{4CA1}',
    '\u{4C77}',
    '\u{4CA2}',
    '\u{4D13}',
    '\u{4D14}',
    '\u{4D15}',
    '\u{4D16}',
    '\u{4D17}',
    '\u{4D18}',
    '\u{4D19}',
    '\u{4DAE}',
    '\u{9FBB}',
];

/// The Unicode character for a private-use one, where it is known.
pub fn to_unicode(private: char) -> Option<char> {
    UNICODE.get((private as u32).checked_sub(FIRST)? as usize).copied()
}

/// Whether a character is in one of Unicode's private-use areas.
pub fn is_private(c: char) -> bool {
    matches!(c as u32, 0xE000..=0xF8FF | 0xF0000..=0xFFFFD | 0x100000..=0x10FFFD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourteen_that_moved_last_have_their_code_points() {
        let moved = [
            (0xE816, 0x20087),
            (0xE817, 0x20089),
            (0xE818, 0x200CC),
            (0xE81E, 0x9FB4),
            (0xE826, 0x9FB5),
            (0xE82B, 0x9FB6),
            (0xE82C, 0x9FB7),
            (0xE831, 0x215D7),
            (0xE832, 0x9FB8),
            (0xE83B, 0x2298F),
            (0xE843, 0x9FB9),
            (0xE854, 0x9FBA),
            (0xE855, 0x241FE),
            (0xE864, 0x9FBB),
        ];
        for (private, unicode) in moved {
            let private = char::from_u32(private).unwrap();
            assert_eq!(to_unicode(private), char::from_u32(unicode));
        }
    }

    #[test]
    fn nothing_maps_to_private_use_or_from_outside_the_table() {
        assert!(UNICODE.iter().all(|c| !is_private(*c)));
        assert_eq!(to_unicode('\u{E814}'), None);
        assert_eq!(to_unicode('\u{E865}'), None);
    }
}
