//! The 1796 bytes before each page of PWG raster (PWG 5102.4 §4.3), big-endian, places as in its table.

use crate::document_printer::{SheetBack, Sides};

/// Length of a page header.
pub const HEADER_BYTES: usize = 1796;
/// What a stream begins with.
pub const SYNC: &[u8; 4] = b"RaS2";

/// Dots of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColorSpace {
    /// One byte a dot, 0 is black (`sgray_8`).
    Gray,
    /// Three bytes a dot, red first (`srgb_8`).
    Srgb,
}

impl ColorSpace {
    /// Bytes of one dot.
    pub fn bytes(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Srgb => 3,
        }
    }

    /// Number in the header.
    fn number(self) -> u32 {
        match self {
            Self::Gray => 18,
            Self::Srgb => 19,
        }
    }
}

/// What stands in a page's header, as far as we write and read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageHeader {
    /// Dots across.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Dots per inch, both ways.
    pub dpi: u32,
    /// Kind of dots.
    pub color: ColorSpace,
    /// Whether this stream is for both sides, and which edge.
    pub sides: Sides,
    /// `PageSizeName`, the media's name.
    pub media: String,
    /// Pages in the stream; 0 where it is not known.
    pub total_pages: u32,
    /// Whether the picture is given mirrored left to right.
    pub mirrored_across: bool,
    /// Whether the picture is given mirrored top to bottom.
    pub mirrored_along: bool,
}

impl PageHeader {
    /// How the picture of a back side is to be turned for this printer (PWG 5102.4 table 13): across, along.
    pub fn back_transform(sides: Sides, back: SheetBack) -> (bool, bool) {
        let short_edge = sides == Sides::TwoSidedShortEdge;
        match (back, short_edge) {
            (SheetBack::Flipped, true) => (true, false),
            (SheetBack::Flipped, false) => (false, true),
            (SheetBack::Rotated, false) | (SheetBack::ManualTumble, true) => (true, true),
            _ => (false, false),
        }
    }

    /// Bytes of one row.
    pub fn row_bytes(&self) -> usize {
        self.width as usize * self.color.bytes()
    }

    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![0; HEADER_BYTES];
        put_text(&mut out, 0, "PwgRaster");
        put_text(&mut out, 1732, &self.media);
        let points = |dots: u32| (u64::from(dots) * 72 / u64::from(self.dpi.max(1))) as u32;
        let transform = |mirrored: bool| if mirrored { u32::MAX } else { 1 };
        let bits = self.color.bytes() as u32 * 8;
        let numbers = [
            (272, u32::from(self.sides != Sides::OneSided)),
            (276, self.dpi),
            (280, self.dpi),
            (340, 1),
            (352, points(self.width)),
            (356, points(self.height)),
            (368, u32::from(self.sides == Sides::TwoSidedShortEdge)),
            (372, self.width),
            (376, self.height),
            (384, 8),
            (388, bits),
            (392, self.row_bytes() as u32),
            (396, 0),
            (400, self.color.number()),
            (420, self.color.bytes() as u32),
            (452, self.total_pages),
            (456, transform(self.mirrored_across)),
            (460, transform(self.mirrored_along)),
            (472, self.width),
            (476, self.height),
            (480, 0x00FF_FFFF),
        ];
        for (at, number) in numbers {
            out[at..at + 4].copy_from_slice(&number.to_be_bytes());
        }
        out
    }

    /// From bytes; `None` where it is not a page that we write.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        // mutool leaves the word out.
        let bytes = bytes.get(..HEADER_BYTES).filter(|bytes| bytes.starts_with(b"PwgRaster\0") || bytes[0] == 0)?;
        let number = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let color = match (number(400), number(388), number(384)) {
            (18, 8, 8) => ColorSpace::Gray,
            (19, 24, 8) => ColorSpace::Srgb,
            _ => return None,
        };
        let media = bytes[1732..].split(|byte| *byte == 0).next().unwrap_or_default();
        let header = Self {
            width: number(372),
            height: number(376),
            dpi: number(276),
            color,
            sides: match (number(272), number(368)) {
                (0, _) => Sides::OneSided,
                (_, 0) => Sides::TwoSidedLongEdge,
                _ => Sides::TwoSidedShortEdge,
            },
            media: String::from_utf8_lossy(media).into_owned(),
            total_pages: number(452),
            mirrored_across: number(456) == u32::MAX,
            mirrored_along: number(460) == u32::MAX,
        };
        let fits = number(280) == header.dpi && u64::from(number(392)) == header.row_bytes() as u64 && number(396) == 0;
        (fits && header.width > 0 && header.height > 0).then_some(header)
    }
}

/// Text fields are 64 bytes with a zero behind.
fn put_text(out: &mut [u8], at: usize, text: &str) {
    let text = &text.as_bytes()[..text.len().min(63)];
    out[at..at + text.len()].copy_from_slice(text);
}
