//! The thread of the documents: one command after the other; small pictures are drawn while no command waits, so
//! that the screen answers first.

use super::held::{Copy, Held, THUMB_DPI};
use super::ready::{self, Ready, Tools};
use super::{Command, Ends, ScannerStanding, Session, Shared, Tell, page_settings};
use crate::app::capture;
use crate::devices::{DeviceClass, Health};
use crate::printing::record::{self, Record};
use crate::printing::{Fonts, Workers};
use crate::session::{CameFrom, Captured, DocNo, Event, PaperEvent, ScanProblem, ScanWhat};
use crate::view::FileName;
use drivers::document_scanner::{
    DocumentScanner, PageFormat, Region, ScanFailure, ScanSettings, ScanSource, ScanTrouble,
};
use std::collections::{BTreeMap, VecDeque};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;
use wire::catalogue::Text;
use zeroize::Zeroizing;

/// The corner of the glass where a card is laid, 1/300 inch: 140 × 110 mm.
const CARD_REGION: Region = Region { x: 0, y: 0, width: 1654, height: 1299 };
/// Pages that one pull of the feeder gives.
const FEEDER_PAGES_MAX: usize = 10;

/// Between two questions for the state of a scanner that is not used.
const STATUS_EVERY: Duration = Duration::from_secs(10);

/// A small picture still to be drawn.
struct Thumb {
    doc: DocNo,
    page: u32,
    dpi: u16,
}

/// The thread's state.
pub(super) struct Desk {
    workers: Workers,
    scanner: Option<Box<dyn DocumentScanner>>,
    health: Health,
    shared: Shared,
    tell: Tell,
    ready: Box<dyn Fn(Ready) + Send>,
    fonts: Option<Fonts>,
    docs: BTreeMap<DocNo, Held>,
    next: DocNo,
    thumbs: VecDeque<Thumb>,
}

impl Desk {
    pub(super) fn new(
        workers: Workers,
        (scanner, health): (Option<Box<dyn DocumentScanner>>, Health),
        shared: Shared,
        (tell, ready): (Tell, Box<dyn Fn(Ready) + Send>),
    ) -> Self {
        let fonts = Fonts::shipped().ok();
        Self {
            workers,
            scanner,
            health,
            shared,
            tell,
            ready,
            fonts,
            docs: BTreeMap::new(),
            next: 1,
            thumbs: VecDeque::new(),
        }
    }

    pub(super) fn run(mut self, queue: &Receiver<Command>) {
        self.ask_scanner();
        loop {
            let command = match (queue.try_recv(), self.thumbs.is_empty()) {
                (Ok(command), _) => command,
                (Err(TryRecvError::Disconnected), _) => return,
                (Err(TryRecvError::Empty), false) => {
                    self.draw_thumb();
                    continue;
                }
                (Err(TryRecvError::Empty), true) => match queue.recv_timeout(STATUS_EVERY) {
                    Ok(command) => command,
                    Err(RecvTimeoutError::Timeout) => {
                        self.ask_scanner();
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => return,
                },
            };
            match command {
                Command::Take { name, bytes, stick } => self.take(name, bytes, stick),
                Command::TakeRecord(record) => self.take_record(&record),
                Command::Open(doc) => self.open(doc),
                Command::Scan { doc, what } => self.scan(doc, what),
                Command::LayOut { doc, look } => {
                    if let Some(Held::Copy(copy)) = self.docs.get_mut(&doc) {
                        copy.set_look(&look);
                    }
                    self.want_thumbs(doc);
                }
                Command::TakeScans { doc, order_num, pages } => self.take_scans(doc, order_num, pages),
                Command::Ready { order, job_no, name, capabilities, stop } => {
                    let held = self.docs.get_mut(&order.doc);
                    let tools =
                        Tools { fonts: self.fonts.as_ref(), printer: &capabilities, stop: &stop, tell: &*self.tell };
                    let made = ready::make(&order, (job_no, name), held, &tools);
                    (self.ready)(made);
                }
                Command::Drop(doc) => self.forget_one(doc),
                Command::Forget => {
                    self.docs.clear();
                    self.thumbs.clear();
                }
                Command::Look => self.ask_scanner(),
                Command::Quit => return,
            }
        }
    }

    /// How the scanner stands, for the menu and the technician.
    fn ask_scanner(&mut self) {
        let Some(scanner) = &mut self.scanner else { return };
        let standing = match scanner.status().and_then(|status| Ok((status, scanner.capabilities()?))) {
            Ok((status, can)) => {
                match status.trouble {
                    Some(trouble) => self.health.wants(DeviceClass::DocumentScanner, trouble.word()),
                    None => self.health.well(DeviceClass::DocumentScanner),
                };
                // An empty or jammed feeder leaves the glass.
                ScannerStanding { ready: can.platen.is_some(), feeder: can.feeder.is_some() }
            }
            Err(error) => {
                self.health.ill(DeviceClass::DocumentScanner, &error);
                ScannerStanding::default()
            }
        };
        *self.shared.scanner.lock().unwrap_or_else(PoisonError::into_inner) = standing;
        (self.tell)(Event::Health);
    }

    fn say(&self, event: PaperEvent) {
        (self.tell)(Event::Paper(event));
    }

    fn ends(&self) -> Ends {
        self.shared.ends.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn take(&mut self, name: FileName, bytes: Zeroizing<Vec<u8>>, stick: Option<Session>) {
        if stick.is_some_and(|session| session != self.shared.session.load(Ordering::SeqCst)) {
            return;
        }
        let from = if stick.is_some() { CameFrom::Stick } else { CameFrom::Hall };
        let doc = self.next;
        self.next += 1;
        self.docs.insert(doc, Held::Closed(bytes));
        self.say(PaperEvent::Arrived { doc, name, from });
    }

    fn take_record(&mut self, record: &Record) {
        let Some(fonts) = &self.fonts else { return };
        let (doc, name) = (self.next, FileName::from(record.title.as_str()));
        self.docs.insert(doc, Held::Record(record::sheets(record, fonts)));
        self.next += 1;
        self.say(PaperEvent::Arrived { doc, name, from: CameFrom::Hall });
    }

    /// Of a record all is known at once.
    fn open(&mut self, doc: DocNo) {
        if let Some(held @ Held::Record(_)) = self.docs.get(&doc) {
            let (pages, all_a4) = (held.pages(), held.all_a4());
            self.say(PaperEvent::Opened { doc, pages, all_a4 });
            return self.want_thumbs(doc);
        }
        let Some(Held::Closed(bytes)) = self.docs.remove(&doc) else { return };
        match self.workers.open(bytes, &self.ends().worker) {
            Ok(file) => {
                let held = Held::File(Box::new(file));
                self.say(PaperEvent::Opened { doc, pages: held.pages(), all_a4: held.all_a4() });
                self.docs.insert(doc, held);
                self.want_thumbs(doc);
            }
            Err(refusal) => self.say(PaperEvent::Refused { doc, why: Text::new(refusal.zh(), refusal.en()) }),
        }
    }

    /// Pages of a material as they are submitted, one event each; one that says so where there is none.
    fn take_scans(&self, doc: DocNo, order_num: u32, pages: u32) {
        let (Some(Held::Copy(copy)), Some(fonts)) = (self.docs.get(&doc), &self.fonts) else {
            return (self.tell)(Event::Captured(Captured { order_num, page: None }));
        };
        for page in 0..pages {
            let page = copy.material(page as usize, fonts).and_then(capture::page);
            (self.tell)(Event::Captured(Captured { order_num, page }));
        }
    }

    fn forget_one(&mut self, doc: DocNo) {
        self.docs.remove(&doc);
        self.thumbs.retain(|thumb| thumb.doc != doc);
    }

    /// All pages at once, and then each sharper.
    fn want_thumbs(&mut self, doc: DocNo) {
        self.thumbs.retain(|thumb| thumb.doc != doc);
        let Some(held) = self.docs.get(&doc) else { return };
        let steps = if matches!(held, Held::Copy(_)) { &THUMB_DPI[..1] } else { &THUMB_DPI[..] };
        for dpi in steps {
            self.thumbs.extend((0..held.pages()).map(|page| Thumb { doc, page, dpi: *dpi }));
        }
    }

    fn draw_thumb(&mut self) {
        let Some(Thumb { doc, page, dpi }) = self.thumbs.pop_front() else { return };
        let (Some(held), Some(fonts)) = (self.docs.get_mut(&doc), &self.fonts) else { return };
        match held.thumb(page, dpi, fonts) {
            Ok(Some(picture)) => self.say(PaperEvent::Thumbnail { doc, page: page + 1, picture }),
            Ok(None) => {}
            Err(refusal) => {
                self.thumbs.retain(|thumb| thumb.doc != doc);
                self.docs.remove(&doc);
                self.say(PaperEvent::Refused { doc, why: Text::new(refusal.zh(), refusal.en()) });
            }
        }
    }

    fn scan(&mut self, doc: DocNo, what: ScanWhat) {
        let card = matches!(what, ScanWhat::CardFront | ScanWhat::CardBack);
        let held = self.docs.entry(doc).or_insert_with(|| Held::Copy(Copy::of(card)));
        let Held::Copy(copy) = held else { return };
        let event = match self.scanner.as_mut() {
            Some(scanner) => {
                let stop = self.shared.ends.lock().unwrap_or_else(PoisonError::into_inner).scan.clone();
                match pages(scanner.as_mut(), what, &stop, copy) {
                    Ok(pages) => PaperEvent::Scanned { doc, pages },
                    Err(problem) => PaperEvent::ScanFailed(problem),
                }
            }
            None => PaperEvent::ScanFailed(ScanProblem::NoAnswer),
        };
        let failed = matches!(event, PaperEvent::ScanFailed(_));
        self.say(event);
        if failed {
            // A scanner that was pulled off is no way in any more.
            self.ask_scanner();
        }
    }
}

/// Scans what lies there into the copy; small pictures of what is new.
fn pages(
    scanner: &mut dyn DocumentScanner,
    what: ScanWhat,
    stop: &drivers::Stop,
    copy: &mut Copy,
) -> Result<Vec<crate::view::Picture>, ScanProblem> {
    let settings = match what {
        ScanWhat::Page => page_settings(ScanSource::Platen),
        ScanWhat::Feeder => page_settings(ScanSource::Feeder),
        ScanWhat::CardFront | ScanWhat::CardBack => {
            ScanSettings { region: CARD_REGION, ..page_settings(ScanSource::Platen) }
        }
    };
    let mut job = scanner.scan(&settings, stop).map_err(problem)?;
    let mut pictures = Vec::new();
    while let Some(page) = job.next_page().map_err(problem)? {
        if page.format == PageFormat::Pdf {
            return Err(ScanProblem::NoAnswer);
        }
        pictures.push(copy.add(&page.bytes, settings.resolution_dpi).map_err(|_| ScanProblem::NoAnswer)?);
        if pictures.len() >= FEEDER_PAGES_MAX {
            break;
        }
    }
    if pictures.is_empty() { Err(ScanProblem::Nothing) } else { Ok(pictures) }
}

fn problem(failure: ScanFailure) -> ScanProblem {
    match failure {
        ScanFailure::Trouble(ScanTrouble::FeederEmpty) => ScanProblem::Nothing,
        ScanFailure::Trouble(ScanTrouble::Jammed) => ScanProblem::Jammed,
        ScanFailure::Trouble(ScanTrouble::CoverOpen) => ScanProblem::CoverOpen,
        ScanFailure::Trouble(ScanTrouble::Fault)
        | ScanFailure::Busy
        | ScanFailure::Unsupported(_)
        | ScanFailure::Stopped
        | ScanFailure::Device(_) => ScanProblem::NoAnswer,
    }
}
