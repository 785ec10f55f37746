//! What a document printer can do, as it says itself (PWG 5100.14, 5102.4). Lengths are in 1/100 mm, as in IPP.

use super::{ColorMode, DocumentFormat, JobTicket, Sides};

/// What a document printer can do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrinterCapabilities {
    /// `printer-make-and-model`.
    pub make_and_model: String,
    /// `printer-uuid`: the same after it was moved to another address.
    pub uuid: Option<String>,
    /// `document-format-supported`, those that we send, best first: PDF, JPEG, PWG raster.
    pub formats: Vec<DocumentFormat>,
    /// `color-supported`.
    pub color: bool,
    /// `sides-supported`; one-sided where the printer does not say.
    pub sides: Vec<Sides>,
    /// Upper end of `copies-supported`; 1 where the printer does not say.
    pub copies_max: u32,
    /// `media-supported` with sizes and margins, the default first.
    pub media: Vec<MediaSize>,
    /// `printer-resolution-supported`, dots per inch.
    pub resolutions_dpi: Vec<u32>,
    /// Whether `page-ranges` can be given.
    pub page_ranges: bool,
    /// What it takes as PWG raster, if anything.
    pub raster: Option<RasterCapabilities>,
    /// `pages-per-minute`.
    pub pages_per_minute: Option<u32>,
}

/// A size of paper with the printer's unprintable edges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MediaSize {
    /// PWG 5101.1 name.
    pub name: String,
    /// Short edge as printed, 1/100 mm.
    pub width: u32,
    /// Long edge as printed, 1/100 mm.
    pub height: u32,
    /// Least margins that the printer keeps, 1/100 mm.
    pub margins: Margins,
    /// Whether it lies in a tray now (`media-ready`).
    pub ready: bool,
}

/// Unprintable edges, 1/100 mm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Margins {
    /// Above.
    pub top: u32,
    /// Below.
    pub bottom: u32,
    /// Left.
    pub left: u32,
    /// Right.
    pub right: u32,
}

impl Margins {
    /// The wider of two on each edge.
    pub fn widest(self, other: Self) -> Self {
        Self {
            top: self.top.max(other.top),
            bottom: self.bottom.max(other.bottom),
            left: self.left.max(other.left),
            right: self.right.max(other.right),
        }
    }
}

/// What a printer takes as PWG raster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RasterCapabilities {
    /// `pwg-raster-document-resolution-supported`, dots per inch, rising.
    pub resolutions_dpi: Vec<u32>,
    /// Whether grey of 8 bits (`sgray_8`) is taken.
    pub gray: bool,
    /// Whether colour of 24 bits (`srgb_8`) is taken.
    pub srgb: bool,
    /// `pwg-raster-document-sheet-back`: how the back of a sheet is to be turned.
    pub sheet_back: SheetBack,
}

/// `pwg-raster-document-sheet-back`: what the printer expects of the picture of a back side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SheetBack {
    /// `normal`: as the front.
    #[default]
    Normal,
    /// `flipped`: mirrored top to bottom for the long edge, left to right for the short edge.
    Flipped,
    /// `rotated`: turned by 180° for the long edge.
    Rotated,
    /// `manual-tumble`: turned by 180° for the short edge.
    ManualTumble,
}

impl PrinterCapabilities {
    /// The size of a name.
    pub fn media(&self, name: &str) -> Option<&MediaSize> {
        self.media.iter().find(|media| media.name == name)
    }

    /// What of a ticket the printer does not offer, as the IPP attribute's name; `None` when all is offered.
    pub fn lacks(&self, ticket: &JobTicket) -> Option<&'static str> {
        let lacks = [
            ("document-format", !self.formats.contains(&ticket.format)),
            ("sides", !self.sides.contains(&ticket.sides)),
            ("print-color-mode", ticket.color == ColorMode::Color && !self.color),
            ("copies", ticket.copies == 0 || ticket.copies > self.copies_max),
            ("media", self.media(&ticket.media).is_none()),
            ("page-ranges", !ticket.page_ranges.is_empty() && !self.page_ranges),
        ];
        lacks.into_iter().find(|(_, lacks)| *lacks).map(|(name, _)| name)
    }
}
