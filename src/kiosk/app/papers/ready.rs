//! An order's pages made ready for the printer: each page on its sheet, copies in sets, as PWG raster. Nothing is
//! sent here; what cannot be made ready is said, and nothing of it is printed.

use super::held::Held;
use crate::devices::PaperJob;
use crate::printing::Fonts;
use crate::printing::copy::SHEET_DPI;
use crate::printing::sheet::Sheet;
use crate::session::{Event, PagesOrder, PaperEvent, PaperTrouble, PrintStage};
use drivers::Stop;
use drivers::document_printer::pwg::{ColorSpace, Raster, RasterFormat, RasterPage};
use drivers::document_printer::{A4, ColorMode, DocumentFormat, JobTicket, PrinterCapabilities, Sides};
use std::io::{self, Read};
use zeroize::Zeroizing;

/// An order whose pages are ready, or why they are not.
pub(in crate::app) struct Ready {
    /// Number of the session's order.
    pub order: u32,
    /// Number in the ledger.
    pub job_no: u64,
    /// Pages ordered.
    pub ordered: u32,
    /// The job.
    pub made: Result<PaperJob, PaperTrouble>,
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ready({}, {} pages)", self.job_no, self.ordered)
    }
}

/// What making pages ready needs beside the document.
pub(super) struct Tools<'a> {
    pub(super) fonts: Option<&'a Fonts>,
    pub(super) printer: &'a PrinterCapabilities,
    pub(super) stop: &'a Stop,
    pub(super) tell: &'a dyn Fn(Event),
}

/// Makes the pages of an order ready; the order's number in the ledger and its name stand beside it.
pub(super) fn make(
    order: &PagesOrder,
    (job_no, name): (u64, String),
    held: Option<&mut Held>,
    tools: &Tools<'_>,
) -> Ready {
    let pages = u32::try_from(order.pages.len()).unwrap_or(u32::MAX);
    let ordered = pages.saturating_mul(order.copies);
    let made = match (held, tools.fonts) {
        (Some(held), Some(fonts)) => job(order, (job_no, name), held, (fonts, tools)),
        _ => Err(PaperTrouble::Refused),
    };
    Ready { order: order.order, job_no, ordered, made }
}

fn job(
    order: &PagesOrder,
    (job_no, name): (u64, String),
    held: &mut Held,
    (fonts, tools): (&Fonts, &Tools<'_>),
) -> Result<PaperJob, PaperTrouble> {
    let raster = tools.printer.raster.as_ref().ok_or(PaperTrouble::Refused)?;
    if !raster.resolutions_dpi.contains(&SHEET_DPI) {
        return Err(PaperTrouble::Refused);
    }
    let colour = order.colour && raster.srgb || !raster.gray;
    let sides = if order.two_sided { Sides::TwoSidedLongEdge } else { Sides::OneSided };
    let ticket = JobTicket {
        sides,
        color: if colour { ColorMode::Color } else { ColorMode::Monochrome },
        ..JobTicket::a4(name, DocumentFormat::PwgRaster)
    };
    let sheets = sheets(order, held, colour, (fonts, tools))?;
    let format = RasterFormat::for_printer(tools.printer, SHEET_DPI, sides, A4);
    let (document, page_starts) = encoded(format, &sheets, order.copies).map_err(|_| PaperTrouble::Refused)?;
    if tools.stop.is_requested() {
        return Err(PaperTrouble::ByCitizen);
    }
    Ok(PaperJob {
        order: Some(order.order),
        job_no,
        ticket,
        document,
        page_starts,
        two_sided: order.two_sided,
        stop: tools.stop.clone(),
    })
}

/// Each page once; the screen hears how many are ready.
fn sheets(
    order: &PagesOrder,
    held: &mut Held,
    colour: bool,
    (fonts, tools): (&Fonts, &Tools<'_>),
) -> Result<Vec<Sheet>, PaperTrouble> {
    let mut sheets = Vec::with_capacity(order.pages.len());
    for page in &order.pages {
        if tools.stop.is_requested() {
            return Err(PaperTrouble::ByCitizen);
        }
        let made = held.sheet(page.saturating_sub(1), order.fit, colour, fonts);
        let sheet = made.ok().flatten().ok_or(PaperTrouble::Refused)?;
        sheets.push(if colour { sheet.rgb() } else { sheet.grey() });
        let stage = PrintStage::Preparing { ready: u32::try_from(sheets.len()).unwrap_or(0) };
        (tools.tell)(Event::Paper(PaperEvent::Printing { order: order.order, printed: 0, stage }));
    }
    Ok(sheets)
}

/// All sets of the pages as one raster, and where each page begins in it.
fn encoded(format: RasterFormat, sheets: &[Sheet], copies: u32) -> io::Result<(Zeroizing<Vec<u8>>, Vec<u64>)> {
    let pages = (0..copies).flat_map(|_| sheets.iter()).map(|sheet| {
        Ok(RasterPage {
            width: sheet.width,
            height: sheet.height,
            color: if sheet.channels == 3 { ColorSpace::Srgb } else { ColorSpace::Gray },
            dots: Zeroizing::new(sheet.samples.clone()),
        })
    });
    let total_pages = u32::try_from(sheets.len()).unwrap_or(0).saturating_mul(copies);
    let mut raster = Raster::new(RasterFormat { total_pages, ..format }, pages);
    let mut document = Zeroizing::new(Vec::new());
    raster.read_to_end(&mut document)?;
    let starts = raster.page_starts().to_vec();
    Ok((document, starts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use drivers::document_printer::pwg;

    fn sheet(tone: u8) -> Sheet {
        Sheet { width: 80, height: 40, channels: 1, samples: vec![tone; 80 * 40] }
    }

    #[test]
    fn copies_come_in_sets_and_each_page_begins_where_it_is_said_to() {
        let format = RasterFormat {
            dpi: 300,
            sides: Sides::OneSided,
            media: A4.to_owned(),
            sheet_back: drivers::document_printer::SheetBack::Normal,
            total_pages: 0,
        };
        let (document, starts) = encoded(format, &[sheet(10), sheet(200)], 2).unwrap();
        let (pages, whole) = pwg::decode(&document);
        assert!(whole);
        let tones: Vec<u8> = pages.iter().map(|page| page.dots[0]).collect();
        assert_eq!(tones, [10, 200, 10, 200]);
        assert_eq!(starts.len(), 4);
        for (place, start) in starts.iter().enumerate().skip(1) {
            let before = &document[..usize::try_from(*start).unwrap()];
            assert_eq!(pwg::count_pages(before), (u32::try_from(place).unwrap(), true), "cut before page {place}");
        }
    }
}
