//! A document of any kind: opened once, then drawn page by page at any resolution.

use crate::limits::{A4_MM, DPI_MAX, DPI_MIN, PAGE_SIDE_MAX_MM, PAGES_MAX};
use crate::ofd::Ofd;
use crate::pdf::{PdfFile, PdfRenderer};
use crate::picture::{Picture, TiffFile};
use crate::text::{self, TextPages};
use crate::{Colour, Kind, Raster, Refusal, kind_of};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The fonts that ship with the program: OpenType files that cover Chinese.
#[derive(Clone, Copy)]
pub struct Fonts {
    /// Regular weight.
    pub regular: &'static [u8],
    /// Bold weight; may hold fewer characters.
    pub bold: &'static [u8],
}

/// A page as it is seen: upright, after rotation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PageInfo {
    /// Width in millimetres.
    pub width_mm: f32,
    /// Height in millimetres.
    pub height_mm: f32,
}

/// What the citizen should know of a document that is printed all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Note {
    /// Electronic seals are drawn as pictures; nobody has verified them.
    SealsNotVerified = 1,
    /// Fonts that the file does not hold are replaced by the shipped ones.
    FontsReplaced = 2,
    /// The text does not say its coding; GB 18030 fits.
    CodingGuessed = 4,
    /// Scripts in the file were not run.
    ScriptsNotRun = 8,
}

impl Note {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::SealsNotVerified, Self::FontsReplaced, Self::CodingGuessed, Self::ScriptsNotRun];

    /// The stable word for logs and views.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::SealsNotVerified => "seals-not-verified",
            Self::FontsReplaced => "fonts-replaced",
            Self::CodingGuessed => "coding-guessed",
            Self::ScriptsNotRun => "scripts-not-run",
        }
    }

    /// What the citizen reads, in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::SealsNotVerified => "电子印章未验证。",
            Self::FontsReplaced => "文件没有带字体，已用本机字体代替，请核对样式。",
            Self::CodingGuessed => "已按中文编码打开，请核对文字。",
            Self::ScriptsNotRun => "文件里的脚本没有运行。",
        }
    }

    /// What the citizen reads, in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::SealsNotVerified => "Electronic seals have not been verified.",
            Self::FontsReplaced => "Fonts missing from the file were replaced. Please check how it looks.",
            Self::CodingGuessed => "Opened with the Chinese text coding. Please check the characters.",
            Self::ScriptsNotRun => "Scripts in the file were not run.",
        }
    }
}

/// An opened document.
pub struct Document {
    kind: Kind,
    pages: Vec<PageInfo>,
    notes: Vec<Note>,
    pass_through: bool,
    body: Body,
}

enum Body {
    Pdf(PdfFile),
    Picture(Picture),
    Tiff(TiffFile),
    Text(Box<TextPages>),
    Ofd(Box<Ofd>),
}

/// Draws pages of one document and keeps fonts and glyphs between them.
pub struct Renderer<'a> {
    document: &'a Document,
    pdf: Option<PdfRenderer<'a>>,
}

impl Document {
    /// Opens a document of any kind. An Office file is refused with `OfficeMissing`: it is converted before.
    pub fn open(bytes: Zeroizing<Vec<u8>>, fonts: &Fonts) -> Result<Self, Refusal> {
        let kind = kind_of(&bytes)?;
        let (mut notes, mut pass_through) = (Vec::new(), false);
        let (body, pages) = match kind {
            Kind::Pdf => {
                let file = PdfFile::open(Arc::new(bytes), *fonts)?;
                notes.extend(file.notes());
                pass_through = file.safe_as_it_is();
                let pages = file.pages();
                (Body::Pdf(file), pages)
            }
            Kind::Jpeg | Kind::Png => {
                let picture = Picture::open(&bytes)?;
                let page = picture.page();
                (Body::Picture(picture), vec![page])
            }
            Kind::Tiff => {
                let file = TiffFile::open(bytes)?;
                let pages = file.pages();
                (Body::Tiff(file), pages)
            }
            Kind::Text => {
                let decoded = text::decode(&bytes).ok_or(Refusal::UnknownKind)?;
                notes.extend(decoded.guessed.then_some(Note::CodingGuessed));
                let laid = TextPages::lay_out(decoded.text, fonts)?;
                let pages = vec![PageInfo { width_mm: A4_MM.0, height_mm: A4_MM.1 }; laid.len()];
                (Body::Text(Box::new(laid)), pages)
            }
            Kind::Ofd => {
                let file = Ofd::open(bytes, *fonts)?;
                notes.extend(file.notes());
                let pages = file.pages();
                (Body::Ofd(Box::new(file)), pages)
            }
            Kind::Office(_) => return Err(Refusal::OfficeMissing),
        };
        within_limits(&pages)?;
        Ok(Self { kind, pages, notes, pass_through, body })
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its pages, at least one.
    #[must_use]
    pub fn pages(&self) -> &[PageInfo] {
        &self.pages
    }

    /// What the citizen should know.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Whether it is a PDF that a printer may be given as it is: nothing encrypted, every font inside, no script.
    #[must_use]
    pub fn safe_as_it_is(&self) -> bool {
        self.pass_through
    }

    /// Begins to draw.
    #[must_use]
    pub fn renderer(&self) -> Renderer<'_> {
        let pdf = match &self.body {
            Body::Pdf(file) => Some(file.renderer()),
            _ => None,
        };
        Renderer { document: self, pdf }
    }
}

impl Renderer<'_> {
    /// One page, counted from 0.
    pub fn render(&mut self, page: usize, dpi: u16, colour: Colour) -> Result<Raster, Refusal> {
        if page >= self.document.pages.len() {
            return Err(Refusal::NoSuchPage);
        }
        let dpi = dpi.clamp(DPI_MIN, DPI_MAX);
        match (&self.document.body, &mut self.pdf) {
            (Body::Pdf(_), Some(renderer)) => renderer.render(page, dpi, colour),
            (Body::Pdf(_), None) => Err(Refusal::Damaged),
            (Body::Picture(picture), _) => picture.render(dpi, colour),
            (Body::Tiff(file), _) => file.render(page, dpi, colour),
            (Body::Text(pages), _) => pages.render(page, dpi, colour),
            (Body::Ofd(file), _) => file.render(page, dpi, colour),
        }
    }
}

fn within_limits(pages: &[PageInfo]) -> Result<(), Refusal> {
    if pages.is_empty() {
        return Err(Refusal::NothingToPrint);
    }
    if pages.len() > PAGES_MAX {
        return Err(Refusal::TooManyPages);
    }
    // Not a number is no side either.
    let drawable = |side: f32| side > 0.0 && side <= PAGE_SIDE_MAX_MM;
    if pages.iter().all(|page| drawable(page.width_mm) && drawable(page.height_mm)) {
        Ok(())
    } else {
        Err(Refusal::PageTooLarge)
    }
}

/// The fonts of the tree, for tests.
#[cfg(test)]
pub(crate) fn shipped() -> Fonts {
    Fonts {
        regular: include_bytes!("../../assets/fonts/NotoSansCJKsc-Regular.otf"),
        bold: include_bytes!("../../assets/fonts/NotoSansCJKsc-Bold.otf"),
    }
}
