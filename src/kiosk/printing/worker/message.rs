//! What goes over the worker's two pipes, little-endian. The terminal trusts no byte that comes back: every count
//! is bounded before memory is taken for it.

use documents::{Colour, Kind, Note, Office, PAGE_SIDE_MAX_MM, PAGES_MAX, PIXELS_MAX, PageInfo, Raster, Refusal};
use std::io::{self, Read, Write};
use zeroize::Zeroizing;

/// What the terminal asks.
pub(super) enum Request {
    /// Take these bytes as the document.
    Open(Zeroizing<Vec<u8>>),
    /// Draw a page.
    Render { page: u32, dpi: u16, colour: Colour },
}

/// What an opened document is.
pub(super) struct Opened {
    pub(super) kind: Kind,
    pub(super) notes: Vec<Note>,
    pub(super) safe_as_it_is: bool,
    pub(super) pages: Vec<PageInfo>,
}

const OPEN: u8 = 1;
const RENDER: u8 = 2;
/// Heads of answers.
const DONE: u8 = 1;
const REFUSED: u8 = 2;

const KINDS: [(u8, Kind); 12] = [
    (1, Kind::Pdf),
    (2, Kind::Jpeg),
    (3, Kind::Png),
    (4, Kind::Tiff),
    (5, Kind::Text),
    (6, Kind::Ofd),
    (10, Kind::Office(Office::Docx)),
    (11, Kind::Office(Office::Xlsx)),
    (12, Kind::Office(Office::Pptx)),
    (13, Kind::Office(Office::Doc)),
    (14, Kind::Office(Office::Xls)),
    (15, Kind::Office(Office::Ppt)),
];

/// The number of a kind on the pipe.
pub(super) fn code_of(kind: Kind) -> u8 {
    KINDS.iter().find(|row| row.1 == kind).map_or(0, |row| row.0)
}

fn kind_of_code(code: u8) -> io::Result<Kind> {
    KINDS.iter().find(|row| row.0 == code).map(|row| row.1).ok_or_else(nonsense)
}

/// The office coding behind a number.
pub(super) fn office_of_code(code: u8) -> Option<Office> {
    match kind_of_code(code) {
        Ok(Kind::Office(office)) => Some(office),
        _ => None,
    }
}

pub(super) fn nonsense() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}

pub(super) fn take<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

pub(super) fn take_u8(from: &mut impl Read) -> io::Result<u8> {
    take::<1>(from).map(|[byte]| byte)
}

pub(super) fn take_u32(from: &mut impl Read) -> io::Result<u32> {
    take(from).map(u32::from_le_bytes)
}

fn take_f32(from: &mut impl Read) -> io::Result<f32> {
    take(from).map(f32::from_le_bytes)
}

impl Request {
    /// Sends a document.
    pub(super) fn send_open(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
        to.write_all(&[OPEN])?;
        to.write_all(&(bytes.len() as u64).to_le_bytes())?;
        to.write_all(bytes)?;
        to.flush()
    }

    /// Asks for a page.
    pub(super) fn send_render(to: &mut impl Write, page: u32, dpi: u16, colour: Colour) -> io::Result<()> {
        let mut frame = [RENDER, 0, 0, 0, 0, 0, 0, u8::from(colour == Colour::Rgb)];
        frame[1..5].copy_from_slice(&page.to_le_bytes());
        frame[5..7].copy_from_slice(&dpi.to_le_bytes());
        to.write_all(&frame)?;
        to.flush()
    }

    /// Receives a request; nothing when the terminal has closed the pipe.
    pub(super) fn receive(from: &mut impl Read) -> io::Result<Option<Self>> {
        let mut head = [0];
        if from.read(&mut head)? == 0 {
            return Ok(None);
        }
        match head[0] {
            OPEN => {
                let length = usize::try_from(u64::from_le_bytes(take(from)?)).map_err(|_| nonsense())?;
                if length > documents::BYTES_MAX {
                    return Err(nonsense());
                }
                let mut bytes = Zeroizing::new(vec![0; length]);
                from.read_exact(&mut bytes)?;
                Ok(Some(Self::Open(bytes)))
            }
            RENDER => {
                let page = take_u32(from)?;
                let dpi = take(from).map(u16::from_le_bytes)?;
                let colour = colour_of(take_u8(from)?);
                Ok(Some(Self::Render { page, dpi, colour }))
            }
            _ => Err(nonsense()),
        }
    }
}

fn colour_of(code: u8) -> Colour {
    if code == 0 { Colour::Grey } else { Colour::Rgb }
}

/// Sends why not.
pub(super) fn send_refusal(to: &mut impl Write, refusal: Refusal) -> io::Result<()> {
    to.write_all(&[REFUSED, refusal.code()])?;
    to.flush()
}

/// Reads the head of an answer: done, or refused and why.
fn receive_head(from: &mut impl Read) -> io::Result<Result<(), Refusal>> {
    match take_u8(from)? {
        DONE => Ok(Ok(())),
        REFUSED => Refusal::of_code(take_u8(from)?).map(Err).ok_or_else(nonsense),
        _ => Err(nonsense()),
    }
}

impl Opened {
    /// Sends what was opened.
    pub(super) fn send(&self, to: &mut impl Write) -> io::Result<()> {
        let notes = self.notes.iter().fold(0, |mask, note| mask | *note as u8);
        to.write_all(&[DONE, code_of(self.kind), notes, u8::from(self.safe_as_it_is)])?;
        to.write_all(&(self.pages.len() as u32).to_le_bytes())?;
        for page in &self.pages {
            to.write_all(&page.width_mm.to_le_bytes())?;
            to.write_all(&page.height_mm.to_le_bytes())?;
        }
        to.flush()
    }

    /// Receives it, or why not.
    pub(super) fn receive(from: &mut impl Read) -> io::Result<Result<Self, Refusal>> {
        if let Err(refusal) = receive_head(from)? {
            return Ok(Err(refusal));
        }
        let [kind, notes, safe] = take(from)?;
        let count = take_u32(from)? as usize;
        if count == 0 || count > PAGES_MAX {
            return Err(nonsense());
        }
        let mut pages = Vec::with_capacity(count);
        for _ in 0..count {
            let (width_mm, height_mm) = (take_f32(from)?, take_f32(from)?);
            let side = |side: f32| side > 0.0 && side <= PAGE_SIDE_MAX_MM;
            if !(side(width_mm) && side(height_mm)) {
                return Err(nonsense());
            }
            pages.push(PageInfo { width_mm, height_mm });
        }
        let notes = Note::ALL.into_iter().filter(|note| notes & *note as u8 != 0).collect();
        Ok(Ok(Self { kind: kind_of_code(kind)?, notes, safe_as_it_is: safe == 1, pages }))
    }
}

/// Sends a drawn page.
pub(super) fn send_raster(to: &mut impl Write, raster: &Raster) -> io::Result<()> {
    to.write_all(&[DONE, u8::from(raster.blank)])?;
    to.write_all(&raster.width.to_le_bytes())?;
    to.write_all(&raster.height.to_le_bytes())?;
    to.write_all(&raster.samples)?;
    to.flush()
}

/// Receives the page that was asked for, or why not.
pub(super) fn receive_raster(from: &mut impl Read, dpi: u16, colour: Colour) -> io::Result<Result<Raster, Refusal>> {
    if let Err(refusal) = receive_head(from)? {
        return Ok(Err(refusal));
    }
    let blank = take_u8(from)? == 1;
    let (width, height) = (take_u32(from)?, take_u32(from)?);
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > PIXELS_MAX {
        return Err(nonsense());
    }
    let mut raster = Raster { width, height, dpi, colour, samples: Vec::new(), blank };
    raster.samples.resize(pixels as usize * colour.bytes(), 0);
    from.read_exact(&mut raster.samples)?;
    Ok(Ok(raster))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_arrives() {
        let mut pipe = Vec::new();
        Request::send_open(&mut pipe, b"%PDF").unwrap();
        Request::send_render(&mut pipe, 7, 300, Colour::Rgb).unwrap();
        let mut from = pipe.as_slice();
        assert!(matches!(Request::receive(&mut from).unwrap(), Some(Request::Open(bytes)) if *bytes == b"%PDF"));
        let asked = Request::receive(&mut from).unwrap();
        assert!(matches!(asked, Some(Request::Render { page: 7, dpi: 300, colour: Colour::Rgb })));
        assert!(Request::receive(&mut from).unwrap().is_none());

        let page = PageInfo { width_mm: 210.0, height_mm: 297.0 };
        let notes = vec![Note::FontsReplaced, Note::ScriptsNotRun];
        let mut pipe = Vec::new();
        Opened { kind: Kind::Pdf, notes: notes.clone(), safe_as_it_is: true, pages: vec![page] }
            .send(&mut pipe)
            .unwrap();
        let opened = Opened::receive(&mut pipe.as_slice()).unwrap().ok().unwrap();
        assert_eq!((opened.kind, opened.notes, opened.pages), (Kind::Pdf, notes, vec![page]));
    }

    #[test]
    fn nonsense_from_the_worker_takes_no_memory() {
        let many_pages = [&[DONE, 1, 0, 0][..], &u32::MAX.to_le_bytes()].concat();
        assert!(Opened::receive(&mut many_pages.as_slice()).is_err());
        let huge = [&[DONE, 0][..], &60_000_u32.to_le_bytes(), &60_000_u32.to_le_bytes()].concat();
        assert!(receive_raster(&mut huge.as_slice(), 72, Colour::Grey).is_err());
        assert!(receive_raster(&mut [REFUSED, 200].as_slice(), 72, Colour::Grey).is_err());
        assert!(receive_raster(&mut [9].as_slice(), 72, Colour::Grey).is_err());
        assert!(matches!(receive_raster(&mut [REFUSED, 6].as_slice(), 72, Colour::Grey), Ok(Err(Refusal::Damaged))));
        let nan = [&[DONE, 1, 0, 0][..], &1_u32.to_le_bytes(), &f32::NAN.to_le_bytes(), &1f32.to_le_bytes()].concat();
        assert!(Opened::receive(&mut nan.as_slice()).is_err());
    }
}
