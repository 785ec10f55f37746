//! Short codes that people read and type: Crockford base32 in groups of four. Reading forgives small letters, dashes,
//! blanks, and O for 0, I and L for 1.

/// Letters and digits; I, L, O and U are left out.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// So many characters out of the low bits of `bits`, 5 each and at most 12, with a dash after every fourth.
#[must_use]
pub fn grouped(bits: u64, chars: u32) -> String {
    let mut code = String::new();
    for at in 0..chars.min(12) {
        if at > 0 && at % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(ALPHABET[(bits >> (at * 5) & 31) as usize]));
    }
    code
}

/// The plain characters of a code as typed; `None` if it is not of this length or holds anything else.
#[must_use]
pub fn plain(text: &str, chars: usize) -> Option<String> {
    let mut clean = String::with_capacity(chars);
    for c in text.trim().chars().filter(|c| !matches!(c, '-' | ' ')) {
        let c = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        };
        if clean.len() == chars || !u8::try_from(c).is_ok_and(|byte| ALPHABET.contains(&byte)) {
            return None;
        }
        clean.push(c);
    }
    (clean.len() == chars).then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_however_it_is_typed() {
        let code = grouped(0x0123_4567_89ab_cdef, 12);
        assert_eq!((code.len(), code.matches('-').count()), (14, 2));
        let clean = plain(&code, 12).unwrap();
        assert_eq!(plain(&code.to_lowercase().replace('-', " "), 12), Some(clean));
        assert_eq!(plain("oOiL", 4).as_deref(), Some("0011"));
        for wrong in ["", "ABC", "ABCDE", "ABCU", "ABC中"] {
            assert_eq!(plain(wrong, 4), None, "{wrong}");
        }
    }
}
