//! Copying from the glass: a page after the other, the feeder at once, or a card's front and back onto one
//! sheet at true size. The scans stay in the rim; here are their small pictures.

use super::{Doc, DocName, DocState, Docs, want};
use crate::session::{CameFrom, DocNo, Effect, PaperEvent, PaperKind, PaperWant, ScanProblem, ScanWhat, Surroundings};
use crate::view::{Action, Picture, ScanStep, Scanning, Tool};
use wire::catalogue::Text;

/// Copies are numbered from here; files that come in are numbered by the rim from 1.
pub(super) const FIRST_DOC: DocNo = 1_000_000;
/// Pages of one copy.
const PAGES_MAX: usize = 10;

/// Copying.
#[derive(Debug)]
pub(in crate::journeys) struct Copying {
    card: bool,
    doc: DocNo,
    most: usize,
    step: ScanStep,
    pages: Vec<Picture>,
    problem: Option<ScanProblem>,
}

/// What a step came to.
pub(in crate::journeys) enum Scanned {
    Stay(Vec<Effect>),
    /// Back to where it was begun; nothing is kept.
    Left(Vec<Effect>),
    /// All was scanned, and is so many pages.
    Finished {
        doc: DocNo,
        pages: u32,
    },
}

impl Copying {
    pub(super) fn new(card: bool, doc: DocNo) -> Self {
        Self { card, doc, most: PAGES_MAX, step: ScanStep::Lay, pages: Vec::new(), problem: None }
    }

    /// Pages of a material, so many at most; a card is one page with both its sides.
    pub(in crate::journeys) fn of_material(card: bool, most: usize) -> Self {
        Self { most: most.min(PAGES_MAX), ..Self::new(card, FIRST_DOC) }
    }

    pub(in crate::journeys) fn busy(&self) -> bool {
        self.step == ScanStep::Scanning
    }

    pub(in crate::journeys) fn scan_act(&mut self, action: Action) -> Scanned {
        match (self.step, action) {
            (ScanStep::Scanning, _) => Scanned::Stay(Vec::new()),
            (ScanStep::Lay, Action::Next) => self.scan(if self.card { ScanWhat::CardFront } else { ScanWhat::Page }),
            (ScanStep::Turn, Action::Next) => self.scan(ScanWhat::CardBack),
            (ScanStep::Lay | ScanStep::Done, Action::Use(Tool::Feeder)) if self.more() => self.scan(ScanWhat::Feeder),
            (ScanStep::Done, Action::Use(Tool::AnotherPage)) if self.more() => self.scan(ScanWhat::Page),
            (ScanStep::Done, Action::Next) => Scanned::Finished { doc: self.doc, pages: self.count() },
            (_, Action::Back) => Scanned::Left(vec![want(PaperWant::Drop { doc: self.doc })]),
            _ => Scanned::Stay(Vec::new()),
        }
    }

    /// Pages as the citizen counts them.
    fn count(&self) -> u32 {
        if self.card { 1 } else { u32::try_from(self.pages.len()).unwrap_or(u32::MAX) }
    }

    /// Whether another page may follow.
    fn more(&self) -> bool {
        !self.card && self.pages.len() < self.most
    }

    fn scan(&mut self, what: ScanWhat) -> Scanned {
        self.step = ScanStep::Scanning;
        self.problem = None;
        Scanned::Stay(vec![want(PaperWant::Scan { doc: self.doc, what })])
    }

    pub(super) fn event(&mut self, event: PaperEvent, docs: &mut Docs) -> super::Turn {
        self.scan_event(event);
        if self.step != ScanStep::Done {
            return super::Turn::stay();
        }
        docs.insert(self.doc, self.document());
        let look = crate::session::CopyLook::default();
        super::Turn::doing(vec![want(PaperWant::LayOut { doc: self.doc, look })])
    }

    /// What the scanner said.
    pub(in crate::journeys) fn scan_event(&mut self, event: PaperEvent) {
        match event {
            PaperEvent::Scanned { doc, pages } if doc == self.doc && self.step == ScanStep::Scanning => {
                self.pages.extend(pages);
                self.pages.truncate(if self.card { 2 } else { self.most });
                self.step = if self.card && self.pages.len() < 2 { ScanStep::Turn } else { ScanStep::Done };
            }
            PaperEvent::ScanFailed(problem) if self.step == ScanStep::Scanning => {
                self.problem = Some(problem);
                self.step = match (self.card, self.pages.len()) {
                    (_, 0) => ScanStep::Lay,
                    (true, 1) => ScanStep::Turn,
                    _ => ScanStep::Done,
                };
            }
            _ => {}
        }
    }

    /// A card's two sides are one page.
    fn document(&self) -> Doc {
        Doc {
            name: DocName::Copy(if self.card {
                Text::new("身份证复印件", "Copy of an ID card")
            } else {
                Text::new("复印件", "Copy")
            }),
            kind: PaperKind::Copy,
            from: CameFrom::Hall,
            state: DocState::Ready { pages: self.count() },
            all_a4: true,
            thumbs: if self.card { vec![None] } else { self.pages.iter().cloned().map(Some).collect() },
        }
    }

    pub(in crate::journeys) fn page(&self, around: &Surroundings) -> Scanning {
        Scanning {
            card: self.card,
            step: self.step,
            pages: self.pages.clone(),
            feeder: !self.card && around.can.paper.feeder,
            error: self.problem.map(|problem| super::words::scan_problem(problem, around)).unwrap_or_default(),
            more: self.more(),
            material: false,
        }
    }
}
