//! Reads PWG raster again: for the simulated printer, which counts and shows what it printed. Bounded in memory.

use super::header::{HEADER_BYTES, PageHeader, SYNC};
use super::rows::decode_row;

/// Most dots of a page that are kept: A3 in colour at 1200 dpi would be more than any test needs.
const PAGE_BYTES_MAX: usize = 256 << 20;

/// A page that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedPage {
    /// Its header.
    pub header: PageHeader,
    /// Its dots as they stand in the stream, mirrored where the header says so.
    pub dots: Vec<u8>,
}

/// All whole pages; `false` when something follows them that is no whole page.
pub fn decode(bytes: &[u8]) -> (Vec<DecodedPage>, bool) {
    let mut pages = Vec::new();
    let whole = walk(bytes, |header, rows| pages.push(DecodedPage { header, dots: rows }), true);
    (pages, whole)
}

/// Number of whole pages; `false` when something follows them that is no whole page.
pub fn count_pages(bytes: &[u8]) -> (u32, bool) {
    let mut pages = 0;
    let whole = walk(bytes, |_, _| pages += 1, false);
    (pages, whole)
}

fn walk(bytes: &[u8], mut page: impl FnMut(PageHeader, Vec<u8>), keep: bool) -> bool {
    let Some(mut rest) = bytes.strip_prefix(SYNC) else { return false };
    while !rest.is_empty() {
        let Some(header) = PageHeader::decode(rest) else { return false };
        let Some((rows, used)) = page_rows(&header, &rest[HEADER_BYTES..], keep) else { return false };
        page(header, rows);
        rest = &rest[HEADER_BYTES + used..];
    }
    true
}

fn page_rows(header: &PageHeader, bytes: &[u8], keep: bool) -> Option<(Vec<u8>, usize)> {
    let height = header.height as usize;
    let total = header.row_bytes().checked_mul(height).filter(|total| *total <= PAGE_BYTES_MAX)?;
    let mut dots = Vec::new();
    if keep {
        dots.reserve_exact(total);
    }
    let mut row = vec![0; header.row_bytes()];
    let (mut at, mut done) = (0, 0);
    while done < height {
        let (times, used) = decode_row(&bytes[at..], header.color.bytes(), &mut row)?;
        at += used;
        done += times;
        if keep {
            (0..times).for_each(|_| dots.extend_from_slice(&row));
        }
    }
    (done == height).then_some((dots, at))
}
