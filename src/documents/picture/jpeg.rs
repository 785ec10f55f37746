//! Whether a JPEG is whole: decoders draw what is missing of a cut one in grey, and that would be printed. Walks the
//! markers of ITU-T T.81 (annex B) and decodes nothing.

/// Markers without a length: RST0–RST7, SOI, TEM.
fn stands_alone(marker: u8) -> bool {
    matches!(marker, 0xD0..=0xD8 | 0x01)
}

/// End of the picture.
const END: u8 = 0xD9;

/// Whether the file has its end-of-image marker, reached from its first one. What stands behind it is not looked at:
/// cameras append further pictures there.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(start) = rest.windows(2).position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xFF)) {
        // In coded data FF 00 is a data byte and FF FF is filling; both were passed over.
        let marker = rest[start + 1];
        rest = &rest[start + 2..];
        if marker == END {
            return true;
        }
        if stands_alone(marker) {
            continue;
        }
        let Some(length) = rest.first_chunk::<2>().map(|head| usize::from(u16::from_be_bytes(*head))) else {
            return false;
        };
        // Of a scan only the head is passed over; the data behind it are searched for the next marker.
        let Some(behind) = rest.get(length..) else { return false };
        rest = behind;
    }
    false
}
