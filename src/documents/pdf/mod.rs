//! PDF (ISO 32000) through hayro: pages, their look, and whether a printer may be given the file as it is. No
//! script runs and no link is followed: hayro has neither.

mod fonts;
mod ink;
mod scan;

use crate::limits::{INCH_MM, PAGES_MAX, pixels};
use crate::raster::drawable;
use crate::{Colour, Fonts, Note, PageInfo, Raster, Refusal};
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{LoadPdfError, Pdf};
use hayro::kurbo::Affine;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit};
use hayro::{RenderCache, RenderSettings, render_into};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use zeroize::{Zeroize, Zeroizing};

/// Points in an inch.
const POINTS: f32 = 72.0;
/// After so many drawn pages glyphs and fonts are forgotten: the caches only grow.
const PAGES_A_CACHE: usize = 16;

/// An opened PDF.
pub(crate) struct PdfFile {
    pdf: Pdf,
    settings: InterpreterSettings,
    /// Set by the interpreter when a font or picture of the page could not be read.
    lacking: Arc<AtomicBool>,
    found: scan::Found,
}

/// Draws pages and keeps glyphs between them.
pub(crate) struct PdfRenderer<'a> {
    file: &'a PdfFile,
    cache: RenderCache<'a>,
    drawn: usize,
}

impl PdfFile {
    /// Reads the page tree.
    pub(crate) fn open(bytes: Arc<Zeroizing<Vec<u8>>>, fonts: Fonts) -> Result<Self, Refusal> {
        if !scan::is_whole(&bytes) {
            return Err(Refusal::Damaged);
        }
        let encrypted = scan::has_word(&bytes, b"/Encrypt");
        let pdf = Pdf::new(bytes).map_err(|error| match error {
            LoadPdfError::Decryption(_) => Refusal::Encrypted,
            LoadPdfError::Invalid => Refusal::Damaged,
        })?;
        if pdf.pages().len() > PAGES_MAX {
            return Err(Refusal::TooManyPages);
        }
        if pdf.pages().is_empty() {
            return Err(Refusal::Damaged);
        }
        if pdf.pages().iter().all(ink::is_empty) {
            return Err(Refusal::NothingToPrint);
        }
        let mut found = scan::scan(&pdf);
        found.encrypted = encrypted;
        let lacking = Arc::new(AtomicBool::new(false));
        let settings = fonts::settings(fonts, lacking.clone());
        Ok(Self { pdf, settings, lacking, found })
    }

    /// The pages as seen.
    pub(crate) fn pages(&self) -> Vec<PageInfo> {
        let mm = |points: f32| points / POINTS * INCH_MM;
        let size = |page: &Page<'_>| page.render_dimensions();
        self.pdf
            .pages()
            .iter()
            .map(size)
            .map(|(width, height)| PageInfo { width_mm: mm(width), height_mm: mm(height) })
            .collect()
    }

    /// What the citizen should know.
    pub(crate) fn notes(&self) -> impl Iterator<Item = Note> {
        let fonts = self.found.missing_font.then_some(Note::FontsReplaced);
        let scripts = self.found.script.then_some(Note::ScriptsNotRun);
        let seals = self.found.signature.then_some(Note::SealsNotVerified);
        [fonts, scripts, seals].into_iter().flatten()
    }

    /// Whether a printer may be given the file as it is.
    pub(crate) fn safe_as_it_is(&self) -> bool {
        self.found.safe()
    }

    /// Begins to draw.
    pub(crate) fn renderer(&self) -> PdfRenderer<'_> {
        PdfRenderer { file: self, cache: RenderCache::new(), drawn: 0 }
    }
}

impl<'a> PdfRenderer<'a> {
    /// One page.
    pub(crate) fn render(&mut self, number: usize, dpi: u16, colour: Colour) -> Result<Raster, Refusal> {
        let file: &'a PdfFile = self.file;
        let page = file.pdf.pages().get(number).ok_or(Refusal::NoSuchPage)?;
        if self.drawn == PAGES_A_CACHE {
            (self.cache, self.drawn) = (RenderCache::new(), 0);
        }
        self.drawn += 1;
        file.lacking.store(false, Ordering::Relaxed);
        let raster = self.draw(page, dpi, colour)?;
        let lacking = file.lacking.load(Ordering::Relaxed);
        if raster.blank && (lacking || ink::is_meant(page, &file.settings)) {
            return Err(Refusal::BlankPage);
        }
        Ok(raster)
    }

    fn draw(&self, page: &'a Page<'a>, dpi: u16, colour: Colour) -> Result<Raster, Refusal> {
        let (width, height) = page.render_dimensions();
        let side = |points: f32| pixels(points / POINTS * INCH_MM, dpi);
        let (across, down) = (side(width), side(height));
        drawable(across, down)?;
        let (x, y) = (f64::from(across) / f64::from(width), f64::from(down) / f64::from(height));
        let transform = Affine::scale_non_uniform(x, y) * Affine::new(page.initial_transform(true).as_coeffs());
        // `drawable` has seen to it that both fit.
        let size = (across as u16, down as u16);
        let mut context = RenderContext::new(size.0, size.1);
        render_into(page, &self.cache, &self.file.settings, &RenderSettings::default(), &mut context, transform);
        context.flush();
        let mut pixmap = Pixmap::new(size.0, size.1);
        let white = RasterizerSettings { target_init: TargetInit::Clear(WHITE), ..RasterizerSettings::default() };
        context.render_with(&mut pixmap, &mut Resources::default(), white);
        let raster = Raster::from_rgba((across, down), pixmap.data_as_u8_slice(), dpi, colour);
        pixmap.data_as_u8_slice_mut().zeroize();
        Ok(raster)
    }
}
