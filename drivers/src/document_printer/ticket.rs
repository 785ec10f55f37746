//! What is asked of a document printer: the job's ticket, in IPP's words (RFC 8011 §5.2, PWG 5100.7, 5100.13).
//! The document itself is not part of it.

use std::ops::RangeInclusive;

/// How a document shall be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobTicket {
    /// `job-name`: unique, made by the program; by it a job is found again. Never a citizen's word.
    pub name: String,
    /// `document-format`.
    pub format: DocumentFormat,
    /// `media`: a PWG 5101.1 name such as `iso_a4_210x297mm`.
    pub media: String,
    /// `sides`.
    pub sides: Sides,
    /// `copies`, at least 1. Raster is repeated by the printer as well.
    pub copies: u32,
    /// `print-color-mode`.
    pub color: ColorMode,
    /// `print-scaling`.
    pub scaling: Scaling,
    /// `page-ranges`, rising, counted from 1; empty prints all. For PDF only.
    pub page_ranges: Vec<RangeInclusive<u32>>,
}

impl JobTicket {
    /// One grey, one-sided copy of everything on A4 at true size.
    pub fn a4(name: impl Into<String>, format: DocumentFormat) -> Self {
        Self {
            name: name.into(),
            format,
            media: A4.to_owned(),
            sides: Sides::OneSided,
            copies: 1,
            color: ColorMode::Monochrome,
            scaling: Scaling::None,
            page_ranges: Vec::new(),
        }
    }
}

/// PWG 5101.1 name of A4.
pub const A4: &str = "iso_a4_210x297mm";

/// What kind of document is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentFormat {
    /// `application/pdf`.
    Pdf,
    /// `image/jpeg`.
    Jpeg,
    /// `image/pwg-raster` (PWG 5102.4).
    PwgRaster,
}

impl DocumentFormat {
    /// All that we send.
    pub const ALL: [Self; 3] = [Self::Pdf, Self::Jpeg, Self::PwgRaster];

    /// `document-format`, a MIME type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::PwgRaster => "image/pwg-raster",
        }
    }
}

/// `sides`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sides {
    /// `one-sided`.
    OneSided,
    /// `two-sided-long-edge`: turned like a book.
    TwoSidedLongEdge,
    /// `two-sided-short-edge`: turned like a wall calendar.
    TwoSidedShortEdge,
}

impl Sides {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::OneSided, Self::TwoSidedLongEdge, Self::TwoSidedShortEdge];

    /// IPP's keyword.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::OneSided => "one-sided",
            Self::TwoSidedLongEdge => "two-sided-long-edge",
            Self::TwoSidedShortEdge => "two-sided-short-edge",
        }
    }
}

/// `print-color-mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColorMode {
    /// `monochrome`.
    Monochrome,
    /// `color`.
    Color,
}

impl ColorMode {
    /// IPP's keyword.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Monochrome => "monochrome",
            Self::Color => "color",
        }
    }
}

/// `print-scaling`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scaling {
    /// `none`: true size.
    None,
    /// `fit`: as large as the printable area allows.
    Fit,
}

impl Scaling {
    /// IPP's keyword.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Fit => "fit",
        }
    }
}
