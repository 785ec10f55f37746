//! What is asked of a document scanner, and what it can do. Lengths are in 1/300 inch, as in eSCL
//! (`escl:ThreeHundredthsOfInches`); A4 is 2480 × 3508.

use std::fmt;

/// Units of length in an inch.
pub const UNITS_PER_INCH: u32 = 300;

/// How to scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanSettings {
    /// Where the paper lies (`InputSource`).
    pub source: ScanSource,
    /// What is scanned of it.
    pub region: Region,
    /// Dots per inch, the same both ways.
    pub resolution_dpi: u32,
    /// `ColorMode`.
    pub color: ScanColor,
    /// Both sides of sheets in the feeder.
    pub duplex: bool,
    /// The format wished; a scanner that has another is asked for that.
    pub format: PageFormat,
}

impl ScanSettings {
    /// A4 from the glass in colour at 300 dpi.
    pub fn a4_platen() -> Self {
        Self {
            source: ScanSource::Platen,
            region: Region::A4,
            resolution_dpi: 300,
            color: ScanColor::Color,
            duplex: false,
            format: PageFormat::Jpeg,
        }
    }
}

/// Where the paper lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScanSource {
    /// On the glass (`Platen`).
    Platen,
    /// In the feeder (`Feeder`).
    Feeder,
}

/// `ColorMode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScanColor {
    /// `Grayscale8`.
    Gray,
    /// `RGB24`.
    Color,
}

/// A rectangle, 1/300 inch from the top left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Region {
    /// A4 at the corner.
    pub const A4: Self = Self { x: 0, y: 0, width: 2480, height: 3508 };
}

/// What a page comes as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageFormat {
    /// `image/jpeg`.
    Jpeg,
    /// `image/png`.
    Png,
    /// `application/pdf`, one page.
    Pdf,
}

impl PageFormat {
    /// MIME type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
        }
    }

    /// By the first bytes, whatever was announced.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', ..] => Some(Self::Png),
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            _ => None,
        }
    }
}

impl fmt::Display for PageFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.mime())
    }
}

/// What a scanner can do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScannerCapabilities {
    /// `MakeAndModel`.
    pub make_and_model: String,
    /// The glass, if it has one.
    pub platen: Option<SourceCapabilities>,
    /// The feeder, if it has one.
    pub feeder: Option<SourceCapabilities>,
    /// Whether the feeder takes both sides.
    pub duplex: bool,
}

impl ScannerCapabilities {
    /// What a source can do, if it is there.
    pub fn source(&self, source: ScanSource) -> Option<&SourceCapabilities> {
        match source {
            ScanSource::Platen => self.platen.as_ref(),
            ScanSource::Feeder => self.feeder.as_ref(),
        }
    }
}

/// What a source can do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceCapabilities {
    /// Greatest width, 1/300 inch.
    pub width_max: u32,
    /// Greatest height, 1/300 inch.
    pub height_max: u32,
    /// Resolutions, dots per inch, rising.
    pub resolutions_dpi: Vec<u32>,
    /// Colour modes.
    pub colors: Vec<ScanColor>,
    /// Formats.
    pub formats: Vec<PageFormat>,
}
