//! PWG raster (PWG 5102.4): pages as dots, for printers that take no PDF. [`Raster`] is a `Read` over pages, so that
//! one page at a time is in memory while the document goes out. Grey and sRGB, 8 bits; no scaling, no dithering.

mod decode;
mod header;
mod rows;

pub use decode::{DecodedPage, count_pages, decode};
pub use header::{ColorSpace, PageHeader};

use super::{PrinterCapabilities, SheetBack, Sides};
use header::SYNC;
use std::io::{self, Read};
use zeroize::Zeroizing;

/// Encoded bytes that are made at once.
const READY_BYTES: usize = 64 * 1024;

/// The dots of one page, upright, top row first.
pub struct RasterPage {
    /// Dots across.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Kind of dots.
    pub color: ColorSpace,
    /// `width × height` dots; overwritten when dropped.
    pub dots: Zeroizing<Vec<u8>>,
}

/// What all pages of a document share.
#[derive(Clone, Debug)]
pub struct RasterFormat {
    /// Dots per inch.
    pub dpi: u32,
    /// As in the ticket.
    pub sides: Sides,
    /// As in the ticket.
    pub media: String,
    /// How the printer wants back sides.
    pub sheet_back: SheetBack,
    /// Number of pages, 0 where it is not known.
    pub total_pages: u32,
}

impl RasterFormat {
    /// As a printer wants it; `dpi` must be one of its resolutions.
    pub fn for_printer(printer: &PrinterCapabilities, dpi: u32, sides: Sides, media: &str) -> Self {
        let sheet_back = printer.raster.as_ref().map(|raster| raster.sheet_back).unwrap_or_default();
        Self { dpi, sides, media: media.to_owned(), sheet_back, total_pages: 0 }
    }
}

/// Encodes pages while they are read.
pub struct Raster<I> {
    format: RasterFormat,
    pages: I,
    page: Option<(PageHeader, RasterPage)>,
    row: usize,
    page_starts: Vec<u64>,
    encoded: u64,
    ready: Zeroizing<Vec<u8>>,
    read: usize,
}

impl<I: Iterator<Item = io::Result<RasterPage>>> Raster<I> {
    /// A stream of pages; an error among them ends it with that error.
    pub fn new(format: RasterFormat, pages: I) -> Self {
        let ready = Zeroizing::new(Vec::with_capacity(READY_BYTES * 2));
        Self { format, pages, page: None, row: 0, page_starts: Vec::new(), encoded: 0, ready, read: 0 }
    }

    /// Where in the stream each page begun so far begins: a printer that was given fewer bytes has none of it.
    pub fn page_starts(&self) -> &[u64] {
        &self.page_starts
    }

    fn make_ready(&mut self) -> io::Result<()> {
        self.encoded += self.ready.len() as u64;
        self.ready.clear();
        self.read = 0;
        while self.ready.len() < READY_BYTES {
            match &self.page {
                Some((header, page)) if self.row < header.height as usize => {
                    let row_bytes = header.row_bytes();
                    let rest = &page.dots[self.row * row_bytes..];
                    let times = rows::equal_rows(rest, row_bytes);
                    rows::encode_row(&rest[..row_bytes], header.color.bytes(), times, &mut self.ready);
                    self.row += times;
                }
                _ => {
                    self.page = None;
                    let Some(page) = self.pages.next() else { return Ok(()) };
                    self.begin(page?)?;
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, mut page: RasterPage) -> io::Result<()> {
        let wanted = page.width as usize * page.height as usize * page.color.bytes();
        if wanted == 0 || page.dots.len() != wanted {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a page without all its dots"));
        }
        let is_back = self.format.sides != Sides::OneSided && self.page_starts.len() % 2 == 1;
        let (across, along) = match is_back {
            true => PageHeader::back_transform(self.format.sides, self.format.sheet_back),
            false => (false, false),
        };
        mirror(&mut page, across, along);
        let header = PageHeader {
            width: page.width,
            height: page.height,
            dpi: self.format.dpi,
            color: page.color,
            sides: self.format.sides,
            media: self.format.media.clone(),
            total_pages: self.format.total_pages,
            mirrored_across: across,
            mirrored_along: along,
        };
        if self.page_starts.is_empty() {
            self.ready.extend_from_slice(SYNC);
        }
        self.page_starts.push(self.encoded + self.ready.len() as u64);
        self.ready.extend_from_slice(&header.encode());
        self.row = 0;
        self.page = Some((header, page));
        Ok(())
    }
}

impl<I: Iterator<Item = io::Result<RasterPage>>> Read for Raster<I> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.ready.len() {
            self.make_ready()?;
        }
        let n = buffer.len().min(self.ready.len() - self.read);
        buffer[..n].copy_from_slice(&self.ready[self.read..self.read + n]);
        self.read += n;
        Ok(n)
    }
}

fn mirror(page: &mut RasterPage, across: bool, along: bool) {
    let (dot, row_bytes) = (page.color.bytes(), page.width as usize * page.color.bytes());
    match (across, along) {
        // Turned by 180°: all dots in reverse, the bytes of each dot as they were.
        (true, true) => reverse_dots(&mut page.dots, dot),
        (true, false) => page.dots.chunks_exact_mut(row_bytes).for_each(|row| reverse_dots(row, dot)),
        (false, true) => {
            reverse_dots(&mut page.dots, dot);
            page.dots.chunks_exact_mut(row_bytes).for_each(|row| reverse_dots(row, dot));
        }
        (false, false) => {}
    }
}

fn reverse_dots(dots: &mut [u8], dot: usize) {
    dots.reverse();
    if dot > 1 {
        dots.chunks_exact_mut(dot).for_each(<[u8]>::reverse);
    }
}
