//! One scanned page, and whether it is whole: a stream that broke off must not pass for a page.

use super::PageFormat;
use crate::{DeviceError, DeviceErrorKind};
use zeroize::Zeroizing;

/// How far before the end a PDF's last mark may stand.
const PDF_TAIL_BYTES: usize = 1024;

/// One page, as the device encoded it.
pub struct ScannedPage {
    /// What it is, by its first bytes.
    pub format: PageFormat,
    /// The bytes; overwritten when dropped.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl ScannedPage {
    /// A page that begins and ends as its format wants.
    pub(super) fn whole(bytes: Zeroizing<Vec<u8>>) -> Result<Self, DeviceError> {
        let bad = |why: &str| DeviceError::because(DeviceErrorKind::Garbled, why);
        let format = PageFormat::of(&bytes).ok_or_else(|| bad("a page that is neither JPEG, PNG nor PDF"))?;
        if is_whole(format, &bytes) { Ok(Self { format, bytes }) } else { Err(bad("a page that breaks off")) }
    }
}

fn is_whole(format: PageFormat, bytes: &[u8]) -> bool {
    match format {
        // Some scanners fill up with zeros behind the end.
        PageFormat::Jpeg => {
            let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
            bytes[..end].ends_with(&[0xFF, 0xD9])
        }
        PageFormat::Png => bytes.ends_with(b"IEND\xAE\x42\x60\x82"),
        PageFormat::Pdf => {
            let tail = &bytes[bytes.len().saturating_sub(PDF_TAIL_BYTES)..];
            tail.windows(5).any(|window| window == b"%%EOF")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_break_off_are_no_pages() {
        let page = |bytes: &[u8]| ScannedPage::whole(Zeroizing::new(bytes.to_vec())).map(|page| page.format);
        assert_eq!(page(b"\xFF\xD8\xFFabc\xFF\xD9\0\0").unwrap(), PageFormat::Jpeg);
        assert_eq!(page(b"%PDF-1.4 ... %%EOF\r\n").unwrap(), PageFormat::Pdf);
        for bad in [&b"\xFF\xD8\xFFabc"[..], b"\x89PNG1234", b"%PDF-1.4", b"", b"<html>"] {
            assert_eq!(page(bad).unwrap_err().kind, DeviceErrorKind::Garbled);
        }
    }
}
