//! One document that a session holds: a file in its worker process, or a copy with its scans. Either gives small
//! pictures for the screen and whole sheets for the printer.

use crate::printing::copy::{self, Look};
use crate::printing::sheet::{Sheet, dpi_for, is_a4};
use crate::printing::{Colour, Fonts, OpenDocument, Refusal};
use crate::session::CopyLook;
use crate::view::Picture;
use image::codecs::jpeg::JpegEncoder;
use image::{RgbImage, imageops};
use std::sync::Arc;
use zeroize::{Zeroize, Zeroizing};

/// Resolutions of the small pictures: at once, and then sharper.
pub(super) const THUMB_DPI: [u16; 2] = [18, 40];
/// Quality of a material's JPEG: a page of A4 at 300 dpi stays below 2 MB, and its smallest print is readable.
const MATERIAL_QUALITY: u8 = 85;
/// Width of the small picture of a scan.
const SCAN_THUMB_WIDTH: u32 = 320;

/// A document.
pub(super) enum Held {
    /// Its bytes; not looked at yet.
    Closed(Zeroizing<Vec<u8>>),
    /// Open in its worker.
    File(Box<OpenDocument>),
    /// Scanned here.
    Copy(Copy),
    /// Laid out here from what the hall answered.
    Record(Vec<Sheet>),
}

/// Scans and how they are laid out.
pub(super) struct Copy {
    /// Both sides of a card, or pages.
    pub(super) card: bool,
    pub(super) scans: Vec<RgbImage>,
    pub(super) look: Look,
}

impl Held {
    /// Pages as the citizen counts them.
    pub(super) fn pages(&self) -> u32 {
        let pages = match self {
            Self::Closed(_) => 0,
            Self::File(file) => file.pages().len(),
            Self::Copy(copy) if copy.card => usize::from(!copy.scans.is_empty()),
            Self::Copy(copy) => copy.scans.len(),
            Self::Record(sheets) => sheets.len(),
        };
        u32::try_from(pages).unwrap_or(u32::MAX)
    }

    /// Whether fitting makes no difference.
    pub(super) fn all_a4(&self) -> bool {
        match self {
            Self::File(file) => file.pages().iter().all(|page| is_a4((page.width_mm, page.height_mm))),
            Self::Closed(_) | Self::Copy(_) | Self::Record(_) => true,
        }
    }

    /// A page, small.
    pub(super) fn thumb(&mut self, page: u32, dpi: u16, fonts: &Fonts) -> Result<Option<Picture>, Refusal> {
        match self {
            Self::Closed(_) => Ok(None),
            Self::File(file) => {
                let raster = file.render(page as usize, dpi, Colour::Rgb)?;
                let rgb = Arc::new(raster.samples.clone());
                Ok(Some(Picture { width: raster.width, height: raster.height, rgb }))
            }
            Self::Copy(copy) => Ok(copy.sheet(page as usize, fonts).map(|sheet| small(&sheet))),
            Self::Record(sheets) => Ok(sheets.get(page as usize).map(small_grey)),
        }
    }

    /// A page as it is printed; in grey or colour as the document has it, which for a file is asked for.
    pub(super) fn sheet(
        &mut self,
        page: u32,
        fit: bool,
        colour: bool,
        fonts: &Fonts,
    ) -> Result<Option<Sheet>, Refusal> {
        match self {
            Self::Closed(_) => Ok(None),
            Self::File(file) => {
                let Some(info) = file.pages().get(page as usize) else { return Ok(None) };
                let dpi = dpi_for((info.width_mm, info.height_mm), fit);
                let raster = file.render(page as usize, dpi, if colour { Colour::Rgb } else { Colour::Grey })?;
                Ok(Some(Sheet::of(&Sheet {
                    width: raster.width,
                    height: raster.height,
                    channels: if colour { 3 } else { 1 },
                    samples: raster.samples.clone(),
                })))
            }
            Self::Record(sheets) => Ok(sheets.get(page as usize).cloned()),
            Self::Copy(copy) => Ok(copy.sheet(page as usize, fonts).map(|picture| {
                let (width, height) = picture.dimensions();
                Sheet { width, height, channels: 3, samples: picture.into_raw() }
            })),
        }
    }
}

impl Copy {
    /// Nothing scanned yet.
    pub(super) fn of(card: bool) -> Self {
        Self { card, scans: Vec::new(), look: Look::default() }
    }

    /// Takes a scan at the scanner's resolution.
    pub(super) fn add(&mut self, bytes: &[u8], dpi: u32) -> Result<Picture, copy::ScanUnreadable> {
        let scan = copy::read_scan(bytes, dpi)?;
        let scan = if self.card { copy::card_side(&scan) } else { scan };
        let picture = small(&scan);
        self.scans.push(scan);
        Ok(picture)
    }

    /// How it shall look.
    pub(super) fn set_look(&mut self, look: &CopyLook) {
        let mark = if look.purpose.is_empty() { String::new() } else { format!("仅限{}使用", look.purpose) };
        self.look = Look { brightness: look.brightness, mark };
    }

    /// A page as a material of an application: set straight, on its sheet, as JPEG.
    pub(super) fn material(&self, page: usize, fonts: &Fonts) -> Option<Zeroizing<Vec<u8>>> {
        let sheet = self.sheet(page, fonts)?;
        let mut jpeg = Zeroizing::new(Vec::new());
        let made = JpegEncoder::new_with_quality(&mut *jpeg, MATERIAL_QUALITY).encode_image(&sheet);
        sheet.into_raw().zeroize();
        made.ok().map(|()| jpeg)
    }

    fn sheet(&self, page: usize, fonts: &Fonts) -> Option<RgbImage> {
        if self.card {
            return (page == 0 && !self.scans.is_empty()).then(|| copy::card_sheet(&self.scans, &self.look, fonts));
        }
        self.scans.get(page).map(|scan| copy::page_sheet(scan, &self.look, fonts))
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        for scan in self.scans.drain(..) {
            scan.into_raw().zeroize();
        }
    }
}

/// A small picture of a grey sheet.
fn small_grey(sheet: &Sheet) -> Picture {
    let grey = image::GrayImage::from_raw(sheet.width, sheet.height, sheet.samples.clone());
    small(&image::DynamicImage::ImageLuma8(grey.unwrap_or_default()).into_rgb8())
}

/// A small picture of a scan or sheet.
fn small(picture: &RgbImage) -> Picture {
    let width = SCAN_THUMB_WIDTH.min(picture.width().max(1));
    let height = (u64::from(picture.height()) * u64::from(width) / u64::from(picture.width().max(1))).clamp(1, 2_000);
    let small = imageops::thumbnail(picture, width, height as u32);
    let (width, height) = small.dimensions();
    Picture { width, height, rgb: Arc::new(small.into_raw()) }
}
