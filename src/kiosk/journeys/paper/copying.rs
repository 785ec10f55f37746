//! Copying from the glass: a page after the other, the feeder at once, or a card's front and back onto one
//! sheet at true size. The scans stay in the rim; here are their small pictures.

use super::{Doc, Docs, want};
use crate::session::{DocNo, Effect, PaperEvent, PaperKind, PaperWant, ScanWhat, Surroundings};
use crate::view::{Action, FileState, Picture, ScanStep, Scanning, Tool};

/// Copies are numbered from here; files that come in are numbered by the rim from 1.
pub(super) const FIRST_DOC: DocNo = 1_000_000;
/// Pages of one copy.
const PAGES_MAX: usize = 10;

/// Copying.
#[derive(Debug)]
pub(super) struct Copying {
    card: bool,
    doc: DocNo,
    step: ScanStep,
    pages: Vec<Picture>,
    error: String,
}

/// What a step came to.
pub(super) enum Turn {
    Stay(Vec<Effect>),
    Menu(Vec<Effect>),
    /// All was scanned: on to the preview.
    Finished(DocNo),
}

impl Copying {
    pub(super) fn new(card: bool, doc: DocNo) -> Self {
        Self { card, doc, step: ScanStep::Lay, pages: Vec::new(), error: String::new() }
    }

    pub(super) fn busy(&self) -> bool {
        self.step == ScanStep::Scanning
    }

    pub(super) fn act(&mut self, action: Action, docs: &mut Docs) -> Turn {
        match (self.step, action) {
            (ScanStep::Scanning, _) => Turn::Stay(Vec::new()),
            (ScanStep::Lay, Action::Next) => self.scan(if self.card { ScanWhat::CardFront } else { ScanWhat::Page }),
            (ScanStep::Turn, Action::Next) => self.scan(ScanWhat::CardBack),
            (ScanStep::Lay | ScanStep::Done, Action::Use(Tool::Feeder)) if !self.card => self.scan(ScanWhat::Feeder),
            (ScanStep::Done, Action::Use(Tool::AnotherPage)) if !self.card && self.pages.len() < PAGES_MAX => {
                self.scan(ScanWhat::Page)
            }
            (ScanStep::Done, Action::Next) => Turn::Finished(self.doc),
            (_, Action::Back) => {
                docs.remove(&self.doc);
                Turn::Menu(vec![want(PaperWant::Drop { doc: self.doc })])
            }
            _ => Turn::Stay(Vec::new()),
        }
    }

    fn scan(&mut self, what: ScanWhat) -> Turn {
        self.step = ScanStep::Scanning;
        self.error.clear();
        Turn::Stay(vec![want(PaperWant::Scan { doc: self.doc, what })])
    }

    pub(super) fn event(&mut self, event: PaperEvent, docs: &mut Docs, around: &Surroundings) -> super::Turn {
        match event {
            PaperEvent::Scanned { doc, pages } if doc == self.doc && self.step == ScanStep::Scanning => {
                self.pages.extend(pages);
                self.pages.truncate(PAGES_MAX);
                self.step = if self.card && self.pages.len() < 2 { ScanStep::Turn } else { ScanStep::Done };
                if self.step == ScanStep::Done {
                    docs.insert(self.doc, self.document(around));
                    return super::Turn::doing(vec![want(PaperWant::LayOut {
                        doc: self.doc,
                        look: crate::session::CopyLook::default(),
                    })]);
                }
            }
            PaperEvent::ScanFailed(problem) if self.step == ScanStep::Scanning => {
                self.error = super::words::scan_problem(problem, around);
                self.step = match (self.card, self.pages.len()) {
                    (_, 0) => ScanStep::Lay,
                    (true, 1) => ScanStep::Turn,
                    _ => ScanStep::Done,
                };
            }
            _ => {}
        }
        super::Turn::stay()
    }

    /// A card's two sides are one page.
    fn document(&self, around: &Surroundings) -> Doc {
        let pages = if self.card { 1 } else { self.pages.len() };
        Doc {
            name: if self.card {
                around.say("身份证复印件", "Copy of an ID card")
            } else {
                around.say("复印件", "Copy")
            },
            kind: PaperKind::Copy,
            state: FileState::Ready { pages: u32::try_from(pages).unwrap_or(0) },
            all_a4: true,
            thumbs: if self.card { vec![None] } else { self.pages.iter().cloned().map(Some).collect() },
        }
    }

    pub(super) fn page(&self, _docs: &Docs, around: &Surroundings) -> Scanning {
        Scanning {
            card: self.card,
            step: self.step,
            pages: self.pages.clone(),
            feeder: !self.card && around.can.paper.feeder,
            error: self.error.clone(),
            more: !self.card && self.pages.len() < PAGES_MAX,
        }
    }
}
