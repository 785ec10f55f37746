//! Which characters bytes mean: by ECI where the symbol says so, else UTF-8, else what domestic encoders write
//! without saying so (GB 18030), with Shift-JIS and Latin for foreign symbols that cannot be Chinese.

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GB18030, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6, ISO_8859_7,
    ISO_8859_8, ISO_8859_10, ISO_8859_13, ISO_8859_14, ISO_8859_15, ISO_8859_16, SHIFT_JIS, UTF_8, UTF_16BE,
    WINDOWS_874, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1254, WINDOWS_1256,
};

/// The character set of an ECI designator (AIM ITS/04-023).
pub fn of_eci(designator: u32) -> Option<&'static Encoding> {
    Some(match designator {
        1 | 3 | 23 | 27 => WINDOWS_1252,
        4 => ISO_8859_2,
        5 => ISO_8859_3,
        6 => ISO_8859_4,
        7 => ISO_8859_5,
        8 => ISO_8859_6,
        9 => ISO_8859_7,
        10 => ISO_8859_8,
        11 => WINDOWS_1254,
        12 => ISO_8859_10,
        13 => WINDOWS_874,
        15 => ISO_8859_13,
        16 => ISO_8859_14,
        17 => ISO_8859_15,
        18 => ISO_8859_16,
        20 => SHIFT_JIS,
        21 => WINDOWS_1250,
        22 => WINDOWS_1251,
        24 => WINDOWS_1256,
        25 => UTF_16BE,
        26 => UTF_8,
        28 => BIG5,
        29 | 32 => GB18030,
        30 => EUC_KR,
        _ => return None,
    })
}

/// Bytes as text where nobody says in which set they are.
pub fn guess(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
    }
    let pairs = Pairs::of(bytes);
    if pairs.gb2312_only {
        return decode(bytes, GB18030);
    }
    if pairs.lone_high_only {
        return decode(bytes, WINDOWS_1252);
    }
    let fits = |set: &'static Encoding| set.decode_without_bom_handling_and_without_replacement(bytes);
    if pairs.kana
        && let Some(text) = fits(SHIFT_JIS)
    {
        return text.into_owned();
    }
    for set in [GB18030, SHIFT_JIS] {
        if let Some(text) = fits(set) {
            return text.into_owned();
        }
    }
    decode(bytes, WINDOWS_1252)
}

/// Bytes in a set; what does not belong to it becomes U+FFFD.
pub fn decode(bytes: &[u8], set: &'static Encoding) -> String {
    set.decode_without_bom_handling(bytes).0.into_owned()
}

/// What the bytes above 0x7f look like.
struct Pairs {
    /// All stand in twos within GB 2312.
    gb2312_only: bool,
    /// All stand alone between ASCII, as accents do.
    lone_high_only: bool,
    /// Some twos are kana in Shift-JIS.
    kana: bool,
}

impl Pairs {
    fn of(bytes: &[u8]) -> Self {
        let (mut gb2312_only, mut lone_high_only, mut kana) = (true, true, false);
        let mut at = 0;
        while at < bytes.len() {
            let (first, second) = (bytes[at], bytes.get(at + 1).copied().unwrap_or(0));
            if first < 0x80 {
                at += 1;
                continue;
            }
            let in_gb2312 = (0xa1..=0xf7).contains(&first) && second >= 0xa1 && second != 0xff;
            kana |= (first == 0x82 && (0x9f..=0xf1).contains(&second))
                || (first == 0x83 && (0x40..=0x96).contains(&second));
            lone_high_only &= second < 0x80 && first >= 0xa0;
            gb2312_only &= in_gb2312;
            at += if second >= 0x80 { 2 } else { 1 };
        }
        Self { gb2312_only, lone_high_only, kana }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unmarked_bytes_are_utf8_or_what_china_writes() {
        assert_eq!(guess("政务服务".as_bytes()), "政务服务");
        assert_eq!(guess(&GB18030.encode("政务服务大厅，第3窗口").0), "政务服务大厅，第3窗口");
        assert_eq!(guess(&GB18030.encode("镕喆㐀").0), "镕喆㐀");
        assert_eq!(guess(&SHIFT_JIS.encode("ひらがなとカタカナ").0), "ひらがなとカタカナ");
        assert_eq!(guess(b"Caf\xe9 M\xfcnchen"), "Café München");
    }
}
