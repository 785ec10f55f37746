//! The picture in an electronic seal (GM/T 0031, GB/T 38540): found in the DER of a signed value or a seal, never
//! verified. Says nothing of who signed.

/// Deepest nesting and most elements that are looked at.
const DEPTH_MAX: u32 = 24;
const ELEMENTS_MAX: u32 = 20_000;

const SEQUENCE: u8 = 0x30;
const IA5_STRING: u8 = 0x16;
const UTF8_STRING: u8 = 0x0C;
const OCTET_STRING: u8 = 0x04;
const CONSTRUCTED: u8 = 0x20;

/// A picture and what it says it is: `png`, `jpg`, `bmp`, `ofd`.
pub(super) struct SealPicture<'a> {
    pub(super) kind: String,
    pub(super) bytes: &'a [u8],
}

/// The first `SES_ESPictrueInfo`: a sequence of a kind's name and an octet string.
pub(super) fn picture(der: &[u8]) -> Option<SealPicture<'_>> {
    let mut left = ELEMENTS_MAX;
    search(der, 0, &mut left)
}

fn search<'a>(mut bytes: &'a [u8], depth: u32, left: &mut u32) -> Option<SealPicture<'a>> {
    while let Some((tag, body, rest)) = element(bytes) {
        *left = left.checked_sub(1)?;
        if tag == SEQUENCE
            && let Some(found) = picture_info(body)
        {
            return Some(found);
        }
        // An octet string may hold DER of its own: the seal lies so in some signed values.
        let nested = tag & CONSTRUCTED != 0 || (tag == OCTET_STRING && body.first() == Some(&SEQUENCE));
        if nested
            && depth < DEPTH_MAX
            && let Some(found) = search(body, depth + 1, left)
        {
            return Some(found);
        }
        bytes = rest;
    }
    None
}

fn picture_info(body: &[u8]) -> Option<SealPicture<'_>> {
    let (tag, kind, rest) = element(body)?;
    let (data_tag, bytes, _) = element(rest)?;
    let kind = std::str::from_utf8(kind).ok()?.to_ascii_lowercase();
    let known = matches!(kind.as_str(), "png" | "jpg" | "jpeg" | "bmp" | "ofd" | "gif" | "svg");
    (known && matches!(tag, IA5_STRING | UTF8_STRING) && data_tag == OCTET_STRING)
        .then_some(SealPicture { kind, bytes })
}

/// Tag, content and what follows; only definite lengths, as DER has them.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let count = usize::from(first & 0x7F);
        if count == 0 || count > 4 {
            return None;
        }
        let (length, rest) = rest.split_at_checked(count)?;
        (length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
    };
    let (body, rest) = rest.split_at_checked(length)?;
    Some((tag, body, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
        [&[tag, 0x82, (body.len() >> 8) as u8, body.len() as u8], body].concat()
    }

    #[test]
    fn the_picture_is_found_however_deep_it_lies() {
        let info = tlv(SEQUENCE, &[tlv(IA5_STRING, b"PNG"), tlv(OCTET_STRING, b"\x89PNG"), tlv(2, &[40])].concat());
        let seal = tlv(SEQUENCE, &[tlv(2, &[4]), tlv(SEQUENCE, &info)].concat());
        let signed = tlv(SEQUENCE, &[tlv(2, &[4]), tlv(OCTET_STRING, &seal)].concat());
        let found = picture(&signed).unwrap();
        assert_eq!((found.kind.as_str(), found.bytes), ("png", &b"\x89PNG"[..]));
    }

    #[test]
    fn hostile_der_ends() {
        assert!(picture(&[0x30; 4_096]).is_none());
        assert!(picture(&[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]).is_none());
        assert!(picture(&[0x30, 0x80, 0, 0]).is_none());
    }
}
