//! The dock's knobs of paper: faults of the document printer and the sheets that came out of it, what lies on the
//! scanner, the stick in its slot.

use super::super::{Knobs, things};
use drivers::document_printer::pwg;
use slint::{ComponentHandle, Image, SharedPixelBuffer};
use ui::{DockPaper, DockPaperAct};

/// Dots across of the picture of a sheet.
const SHEET_WIDTH: usize = 600;
/// How full the toner is otherwise.
const TONER_PERCENT: u8 = 80;

/// What the dock shows of paper.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PaperState {
    paper_out: bool,
    jam: bool,
    cover: bool,
    toner: bool,
    unplugged: bool,
    glass: String,
    feeder: usize,
    scanner_unplugged: bool,
    stick: String,
    sheets: usize,
    /// The sheet that is looked at, from 1.
    sheet: usize,
}

impl PaperState {
    /// Turns a knob.
    pub(super) fn turn(&mut self, knobs: &Knobs, act: DockPaperAct, what: &str) {
        let (printer, scanner) = (&knobs.document_printer, &knobs.document_scanner);
        let flip = |state: &mut bool| {
            *state = !*state;
            *state
        };
        match act {
            DockPaperAct::PaperOut => printer.paper_out(flip(&mut self.paper_out)),
            DockPaperAct::Jam => printer.jam(flip(&mut self.jam)),
            DockPaperAct::Cover => printer.cover_open(flip(&mut self.cover)),
            DockPaperAct::Toner => printer.toner_percent(if flip(&mut self.toner) { 0 } else { TONER_PERCENT }),
            DockPaperAct::Printer => printer.unplug(flip(&mut self.unplugged)),
            DockPaperAct::TakeSheets => printer.clear_tray(),
            DockPaperAct::Sheet => {
                let to = self.sheet.saturating_add_signed(what.parse().unwrap_or(0));
                self.sheet = to.clamp(1, self.sheets.max(1));
            }
            DockPaperAct::Glass => {
                what.clone_into(&mut self.glass);
                scanner.lay(match what {
                    "front" => vec![things::card(true)],
                    "back" => vec![things::card(false)],
                    "page" => vec![things::page(0)],
                    _ => Vec::new(),
                });
            }
            DockPaperAct::Feeder => scanner.feed((1..=what.parse().unwrap_or(0)).map(things::page).collect()),
            DockPaperAct::Scanner => scanner.unplug(flip(&mut self.scanner_unplugged)),
            DockPaperAct::Stick => {
                let plugged = things::stick(what).and_then(|image| knobs.stick.plug_in(&image));
                match plugged {
                    Ok(()) => what.clone_into(&mut self.stick),
                    Err(error) => tracing::error!(%error, "dock.stick_not_made"),
                }
            }
            DockPaperAct::PullOut => {
                if let Err(error) = knobs.stick.pull_out() {
                    tracing::error!(%error, "dock.stick_not_pulled");
                }
                self.stick.clear();
            }
        }
    }

    /// Shows what has changed since the last look, or everything.
    pub(super) fn look(&mut self, knobs: &Knobs, component: &ui::Dock, all: bool) {
        let before = self.clone();
        let came_out = knobs.document_printer.came_out();
        self.feeder = knobs.document_scanner.sheets();
        self.sheets = came_out.len();
        if self.sheets != before.sheets {
            self.sheet = self.sheets.max(1);
        }
        let data = component.global::<DockPaper>();
        if all || *self != before {
            data.set_paper_out(self.paper_out);
            data.set_jam(self.jam);
            data.set_cover(self.cover);
            data.set_toner(self.toner);
            data.set_unplugged(self.unplugged);
            data.set_glass(self.glass.as_str().into());
            data.set_feeder(i32::try_from(self.feeder).unwrap_or(i32::MAX));
            data.set_scanner_unplugged(self.scanner_unplugged);
            data.set_stick(self.stick.as_str().into());
        }
        if all || (self.sheets, self.sheet) != (before.sheets, before.sheet) {
            let side = came_out.get(self.sheet.saturating_sub(1));
            data.set_picture(side.and_then(|side| picture(knobs, &side.job, side.number)).unwrap_or_default());
            data.set_sheets(i32::try_from(self.sheets).unwrap_or(i32::MAX));
            data.set_sheet(i32::try_from(self.sheet).unwrap_or(1));
        }
    }
}

/// A side of a job as it came out, small.
fn picture(knobs: &Knobs, job: &str, number: u32) -> Option<Image> {
    let documents = knobs.document_printer.documents();
    let document = documents.iter().rfind(|document| document.job == job)?;
    let (pages, _) = pwg::decode(&document.bytes);
    let page = pages.get(usize::try_from(number).ok()?.checked_sub(1)?)?;
    let (width, height) = (page.header.width as usize, page.header.height as usize);
    let channels = page.dots.len() / (width * height).max(1);
    let (across, down) = (SHEET_WIDTH, height * SHEET_WIDTH / width.max(1));
    let mut pixels = SharedPixelBuffer::<slint::Rgb8Pixel>::new(across as u32, down as u32);
    for (place, pixel) in pixels.make_mut_slice().iter_mut().enumerate() {
        let (x, y) = (place % across * width / across, place / across * height / down);
        let at = (y * width + x) * channels;
        let tone = |channel: usize| page.dots.get(at + channel.min(channels - 1)).copied().unwrap_or(255);
        *pixel = slint::Rgb8Pixel::new(tone(0), tone(1), tone(2));
    }
    Some(Image::from_rgb8(pixels))
}
