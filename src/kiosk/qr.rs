//! QR codes of texts, for screen and paper: encoded so that every reader gets the same characters.

use qrcode::bits::Bits;
use qrcode::{EcLevel, QrCode, QrResult, Version};

/// The largest version of the standard.
const VERSION_MAX: i16 = 40;

/// The smallest code of level M that holds a text; `None` if no code does.
#[must_use]
pub fn of_text(text: &str) -> Option<QrCode> {
    if text.is_ascii() {
        return QrCode::with_error_correction_level(text, EcLevel::M).ok();
    }
    // Left to itself the encoder takes stretches of UTF-8 for Shift-JIS, and a phone shows other characters there.
    (1..=VERSION_MAX).find_map(|version| in_bytes(text, Version::Normal(version)).ok())
}

fn in_bytes(text: &str, version: Version) -> QrResult<QrCode> {
    let mut bits = Bits::new(version);
    bits.push_byte_data(text.as_bytes())?;
    bits.push_terminator(EcLevel::M)?;
    QrCode::with_bits(bits, EcLevel::M)
}

#[cfg(test)]
mod tests {
    use super::*;
    use qrcode::types::Color;

    /// What a reader takes from it that does not mind how it is encoded.
    fn decode(code: &QrCode) -> String {
        let (scale, quiet, size) = (3, 4, code.width());
        let side = scale * (size + 2 * quiet);
        let colours = code.to_colors();
        let dark = |place: usize| (place / scale).checked_sub(quiet).filter(|module| *module < size);
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| match (dark(x), dark(y)) {
            (Some(x), Some(y)) if colours[y * size + x] == Color::Dark => 0,
            _ => 255,
        });
        picture.detect_grids()[0].decode().unwrap().1
    }

    #[test]
    fn chinese_goes_in_as_bytes_and_nothing_of_it_as_japanese() {
        // The bytes around "食品经营" could be Shift-JIS, too.
        let text = "办食品经营许可证\n1. 法定代表人或经营者有效身份证件\n2. 食品经营许可申请书\n0394-0000122";
        let code = of_text(text).unwrap();
        assert_eq!(decode(&code), text);
        let left_to_itself = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        assert!(code.to_colors() != left_to_itself.to_colors());
    }

    #[test]
    fn a_code_is_the_smallest_that_holds_its_text_and_none_where_none_does() {
        let link = "https://hall.example.invalid/p/0f1e2d3c4b5a69788796a5b4c3d2e1f0";
        assert_eq!(decode(&of_text(link).unwrap()), link);
        assert_eq!(of_text("证").unwrap().version(), Version::Normal(1));
        assert!(of_text(&"证".repeat(3_000)).is_none());
    }
}
