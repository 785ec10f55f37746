//! 复印、打文件: a file comes in (phone, stick, pick-up code) or is copied from the glass, its pages are chosen, and
//! the printer's own word says what came out. Knows documents by number only; their bytes stay in the rim.
//!
//! ```text
//! Menu ──▶ Phone | Stick | PickUp | Copying ──file──▶ Preview ──打印──▶ Printing ──▶ Done ──▶ Menu
//!              ▲                                        │ 上一步            │ 停止打印
//!              └────────────────────────────────────────┘                  ▼ Done
//! ```

mod copying;
mod doc;
mod intake;
mod preview;
mod printing;
mod record;
mod stick;
mod words;

use super::{Left, Then, Turn, want};
use crate::session::{
    CameFrom, CardEvent, DocNo, Effect, Event, Pages, PaperEvent, PaperKind, PaperTrouble, PaperWant, Surroundings,
};
use crate::view::{Action, FileName, Page, Waiting};
pub(super) use copying::{Copying, Scanned};
use doc::{Doc, DocName, DocState, Docs};
use intake::{Phone, PickUp};
use preview::Preview;
use printing::{Ended, Run};
pub(super) use record::NotFetched;
use record::Record;
use stick::Stick;
use wire::catalogue::Text;

/// The journey.
#[derive(Debug)]
pub struct Paper {
    step: Step,
    docs: Docs,
    /// The stick's list, while one of its files is looked at or printed.
    stick: Option<Stick>,
    orders: u32,
    /// What came of the orders so far.
    counts: Pages,
    /// Documents that were held, for the farewell.
    held: usize,
    /// A card was read and may still lie there.
    card_read: bool,
}

/// Where it stands.
#[derive(Debug)]
enum Step {
    Menu,
    Phone(Phone),
    Stick(Stick),
    PickUp(PickUp),
    Copying(Copying),
    Record(Record),
    Preview(Box<Preview>),
    /// With the choices, for an order that is refused before anything of it was sent.
    Printing(Run, Box<Preview>),
    Done(Ended),
}

impl Paper {
    pub(super) fn new() -> Self {
        let (step, counts) = (Step::Menu, Pages::default());
        Self { step, docs: Docs::new(), stick: None, orders: 0, counts, held: 0, card_read: false }
    }

    pub(super) fn act(&mut self, action: Action, around: &Surroundings) -> Turn {
        match (&mut self.step, action) {
            (Step::Menu, Action::OpenRow(way)) => self.open_way(&way, around),
            (Step::Menu, Action::Back) => Turn::to(Then::Home),
            (Step::Printing(run, _), action) => run.act(&action),
            (Step::Preview(preview), Action::Back) => {
                let doc = preview.doc();
                self.leave_preview(doc)
            }
            (Step::Preview(_), Action::Next) => self.print(around),
            (Step::Preview(preview), action) => preview.act(action, &self.docs),
            (Step::Done(_), Action::Next) => Turn::to(Then::Finish),
            (Step::Done(done), Action::Back | Action::Use(crate::view::Tool::PrintMore)) if done.more => {
                self.menu_again(Vec::new())
            }
            (Step::Phone(_) | Step::Stick(_), Action::OpenRow(row)) => self.open_file(&row),
            (Step::Stick(stick), Action::Next) => stick.list(),
            (Step::Phone(_), Action::Back) => self.menu_again(vec![want(PaperWant::EndUpload)]),
            (Step::Stick(stick), Action::Back) => {
                if stick.up() {
                    stick.list()
                } else {
                    self.menu_again(vec![want(PaperWant::LeaveStick)])
                }
            }
            (Step::PickUp(pick_up), Action::Back) => {
                let effects = pick_up.leave();
                self.menu_again(effects)
            }
            (Step::PickUp(pick_up), action) => pick_up.act(action),
            (Step::Copying(copying), action) => {
                let turn = copying.scan_act(action);
                self.after_copying(turn)
            }
            _ => Turn::stay(),
        }
    }

    pub(super) fn event(&mut self, event: Event, around: &Surroundings) -> Turn {
        let event = match (event, &mut self.step) {
            (Event::Paper(event), _) => event,
            (Event::Scanned(code), Step::PickUp(pick_up)) => return pick_up.scanned(code.text()),
            (Event::Card(card), Step::PickUp(pick_up)) => {
                self.card_read |= matches!(card, CardEvent::Read(_));
                return pick_up.card(card, around);
            }
            _ => return Turn::stay(),
        };
        match event {
            PaperEvent::Arrived { doc, name, from } => self.arrived(doc, name, from),
            PaperEvent::Stick(news) => match (&mut self.step, &mut self.stick) {
                (Step::Stick(stick), _) => stick.news(news),
                // A file of it is looked at: its list waits, and asks for nothing meanwhile.
                (_, Some(stick)) => {
                    stick.news(news);
                    Turn::stay()
                }
                _ => Turn::stay(),
            },
            PaperEvent::Opened { doc, pages, all_a4 } => self.opened(doc, pages, all_a4),
            PaperEvent::Refused { doc, why } => self.refused(doc, why),
            PaperEvent::Thumbnail { doc, page, picture } => {
                let place = page.checked_sub(1).and_then(|place| usize::try_from(place).ok());
                if let (Some(held), Some(place)) = (self.docs.get_mut(&doc), place)
                    && let Some(thumb) = held.thumbs.get_mut(place)
                {
                    *thumb = Some(picture);
                }
                Turn::stay()
            }
            PaperEvent::PrintEnded { order, counts, why, settled } => {
                self.print_ended(order, (counts, why, settled), around);
                Turn::stay()
            }
            event => self.step_event(event),
        }
    }

    fn print(&mut self, around: &Surroundings) -> Turn {
        let Step::Preview(preview) = &mut self.step else { return Turn::stay() };
        let Some(order) = preview.order(self.orders + 1, &self.docs, around) else { return Turn::stay() };
        self.orders += 1;
        if let Step::Preview(preview) = std::mem::replace(&mut self.step, Step::Menu) {
            self.step = Step::Printing(Run::new(&order), preview);
        }
        Turn::doing(vec![want(PaperWant::Print(order))])
    }

    fn print_ended(
        &mut self,
        order: u32,
        (counts, why, settled): (Pages, Option<PaperTrouble>, bool),
        around: &Surroundings,
    ) {
        if !matches!(&self.step, Step::Printing(run, _) if run.is(order)) {
            return;
        }
        self.step = match std::mem::replace(&mut self.step, Step::Menu) {
            // Nothing was sent; the citizen chooses anew with what is left in view.
            Step::Printing(_, mut preview) if why == Some(PaperTrouble::DayUsed) => {
                preview.refused(around);
                Step::Preview(preview)
            }
            _ => {
                self.counts = self.counts.and(counts);
                let more = !self.docs.values().any(|doc| doc.kind == PaperKind::Record);
                Step::Done(Ended { counts, why, settled, more })
            }
        };
    }

    fn step_event(&mut self, event: PaperEvent) -> Turn {
        match (&mut self.step, event) {
            (Step::Phone(phone), event) => phone.event(&event),
            (Step::PickUp(pick_up), PaperEvent::NotFetched(why)) => pick_up.failed(why),
            (Step::Record(record), PaperEvent::NotFetched(why)) => {
                record.failed(NotFetched::Because(why));
                Turn::stay()
            }
            (Step::Record(record), PaperEvent::StaffCardRefused) => {
                record.failed(NotFetched::StaffCard);
                Turn::stay()
            }
            (Step::Copying(copying), event) => copying.event(event, &mut self.docs),
            (Step::Printing(run, _), PaperEvent::Printing { order, printed, stage }) if run.is(order) => {
                run.goes_on(printed, stage);
                Turn::stay()
            }
            _ => Turn::stay(),
        }
    }

    fn open_way(&mut self, way: &str, around: &Surroundings) -> Turn {
        if intake::ways(around).iter().all(|row| row.id != way || !row.reason.is_empty()) {
            return Turn::stay();
        }
        let (step, wanted) = match way {
            "phone" => (Step::Phone(Phone::default()), Some(PaperWant::OfferUpload)),
            "stick" => (Step::Stick(Stick::default()), Some(PaperWant::ListStick { folder: 0 })),
            "code" => (Step::PickUp(PickUp::default()), None),
            "copy" | "card" => (Step::Copying(Copying::new(way == "card", self.next_doc())), None),
            _ => return Turn::stay(),
        };
        self.step = step;
        Turn::doing(wanted.map(want).into_iter().collect())
    }

    /// Numbers of copies stand apart from those that the rim gives to files.
    fn next_doc(&self) -> DocNo {
        self.docs.keys().next_back().map_or(copying::FIRST_DOC, |last| (*last).max(copying::FIRST_DOC) + 1)
    }

    fn arrived(&mut self, doc: DocNo, name: FileName, from: CameFrom) -> Turn {
        let mut effects = Vec::new();
        match (&mut self.step, from) {
            (Step::Stick(stick), CameFrom::Stick) => {
                if let Some(goes) = stick.came(doc) {
                    self.docs.remove(&goes);
                    effects.push(want(PaperWant::Drop { doc: goes }));
                    if goes == doc {
                        return Turn::doing(effects);
                    }
                }
            }
            // Nobody waits for it any more.
            (_, CameFrom::Stick) => return Turn::doing(vec![want(PaperWant::Drop { doc })]),
            (Step::PickUp(pick_up), CameFrom::Hall) => pick_up.came(doc),
            (Step::Record(record), CameFrom::Hall) => record.came(doc),
            (_, CameFrom::Hall) => {}
        }
        self.held += 1;
        let kind = if matches!(self.step, Step::Record(_)) { PaperKind::Record } else { PaperKind::Print };
        let (name, state) = (DocName::File(name), DocState::Opening);
        self.docs.insert(doc, Doc { name, kind, from, state, all_a4: true, thumbs: Vec::new() });
        effects.push(want(PaperWant::Open { doc }));
        Turn::doing(effects)
    }

    fn open_file(&mut self, row: &str) -> Turn {
        let doc = match &self.step {
            Step::Stick(stick) => stick.opened_as(row),
            _ => None,
        };
        let doc = doc.or_else(|| row.strip_prefix("doc:")?.parse::<DocNo>().ok());
        if let Some(doc) = doc
            && self.docs.get(&doc).is_some_and(|held| matches!(held.state, DocState::Ready { .. }))
        {
            self.look_at(doc);
            return Turn::stay();
        }
        match &mut self.step {
            Step::Stick(stick) => stick.touch(row),
            _ => Turn::stay(),
        }
    }

    /// Shows a document's pages; a stick's list waits behind them.
    fn look_at(&mut self, doc: DocNo) {
        let Some(held) = self.docs.get(&doc) else { return };
        let preview = Step::Preview(Box::new(Preview::new(doc, held)));
        if let Step::Stick(stick) = std::mem::replace(&mut self.step, preview) {
            self.stick = Some(stick);
        }
    }

    fn opened(&mut self, doc: DocNo, pages: u32, all_a4: bool) -> Turn {
        if let Some(held) = self.docs.get_mut(&doc) {
            held.state = DocState::Ready { pages };
            held.all_a4 = all_a4;
            held.thumbs = vec![None; usize::try_from(pages).unwrap_or(0)];
            let record = match &self.step {
                Step::Record(record) if record.is(doc) => Some(record::preview(doc, held, record.copies())),
                _ => None,
            };
            let alone = match &mut self.step {
                Step::PickUp(pick_up) => pick_up.is_for(doc),
                Step::Stick(stick) => stick.awaited(doc),
                _ => false,
            };
            if let Some(preview) = record {
                self.step = Step::Preview(Box::new(preview));
            } else if alone {
                self.look_at(doc);
            }
        }
        Turn::stay()
    }

    fn refused(&mut self, doc: DocNo, why: Text) -> Turn {
        if let Some(held) = self.docs.get_mut(&doc) {
            held.state = DocState::Refused(why.clone());
        }
        match &mut self.step {
            Step::PickUp(pick_up) if pick_up.is_for(doc) => pick_up.failed(why),
            Step::Record(record) if record.is(doc) => {
                record.failed(NotFetched::Because(why));
                Turn::stay()
            }
            Step::Stick(stick) => {
                stick.awaited(doc);
                Turn::stay()
            }
            _ => Turn::stay(),
        }
    }

    fn leave_preview(&mut self, doc: DocNo) -> Turn {
        let copied = self.docs.get(&doc).is_some_and(|held| held.kind == PaperKind::Copy);
        if copied {
            self.docs.remove(&doc);
            return self.menu_again(vec![want(PaperWant::Drop { doc })]);
        }
        if let Some(mut stick) = self.stick.take() {
            let turn = stick.shown_again();
            self.step = Step::Stick(stick);
            return turn;
        }
        // Other files of the phone are still there: their list is the way back, and its link is asked for again.
        if self.docs.values().any(|held| held.kind == PaperKind::Print && held.from == CameFrom::Hall) {
            self.step = Step::Phone(Phone::default());
            return Turn::doing(vec![want(PaperWant::OfferUpload)]);
        }
        self.menu_again(Vec::new())
    }

    fn after_copying(&mut self, turn: Scanned) -> Turn {
        match turn {
            Scanned::Stay(effects) => Turn::doing(effects),
            Scanned::Left(effects) => {
                self.docs.retain(|_, doc| doc.kind != PaperKind::Copy);
                self.menu_again(effects)
            }
            Scanned::Finished { doc, .. } => {
                if let Some(held) = self.docs.get(&doc) {
                    self.step = Step::Preview(Box::new(Preview::new(doc, held)));
                }
                Turn::stay()
            }
        }
    }

    fn menu_again(&mut self, mut effects: Vec<Effect>) -> Turn {
        self.step = Step::Menu;
        if self.stick.take().is_some() {
            effects.push(want(PaperWant::LeaveStick));
        }
        Turn::doing(effects)
    }

    pub(super) fn page(&self, around: &Surroundings) -> Page {
        match &self.step {
            Step::Menu => Page::PaperMenu(intake::menu(around)),
            Step::Phone(phone) => Page::Upload(phone.page(&self.docs, around)),
            Step::Stick(stick) => Page::Files(stick.page(&self.docs, around)),
            Step::PickUp(pick_up) => pick_up.page(around),
            Step::Copying(copying) => Page::Scanning(copying.page(around)),
            Step::Preview(preview) => Page::Preview(preview.page(&self.docs, around)),
            Step::Record(_) => Page::Waiting(Waiting::Fetching),
            Step::Printing(run, _) => Page::Printing(run.page(around)),
            Step::Done(done) => Page::Printed(done.page(around)),
        }
    }

    pub(super) fn can_go_back(&self) -> bool {
        !matches!(self.step, Step::Record(_) | Step::Printing(..) | Step::Done(_))
    }

    /// Whether the idle clock stands still: something comes in or goes out.
    pub(super) fn busy(&self) -> bool {
        match &self.step {
            Step::Record(_) | Step::Printing(..) => true,
            Step::Copying(copying) => copying.busy(),
            Step::PickUp(pick_up) => pick_up.asking(),
            Step::Phone(_) => self.docs.values().any(|doc| doc.state == DocState::Opening),
            Step::Stick(stick) => stick.busy(),
            _ => false,
        }
    }

    /// Whether a code before the scanner means something now.
    pub(super) fn wants_code(&self) -> bool {
        matches!(&self.step, Step::PickUp(pick_up) if pick_up.wants_code())
    }

    pub(super) fn step_name(&self) -> &'static str {
        match &self.step {
            Step::Menu => "选择方式",
            Step::Phone(_) => "手机传文件",
            Step::Stick(_) => "U 盘选文件",
            Step::PickUp(_) => "取件码",
            Step::Copying(_) => "扫描",
            Step::Preview(_) => "预览",
            Step::Record(_) => "查记录",
            Step::Printing(..) => "正在打印",
            Step::Done(_) => "打印结束",
        }
    }

    pub(super) fn finish(self) -> (Left, Vec<Effect>) {
        let mut effects = Vec::new();
        let mut counts = self.counts;
        match &self.step {
            Step::Printing(run, _) => {
                effects.push(want(PaperWant::StopPrinting { order: run.order() }));
                counts = counts.and(run.so_far());
            }
            Step::Phone(_) => effects.push(want(PaperWant::EndUpload)),
            Step::PickUp(pick_up) => effects.extend(pick_up.leave()),
            _ => {}
        }
        let copied = self.docs.values().filter(|doc| doc.kind == PaperKind::Copy).count();
        let left = Left {
            card: self.card_read,
            cards: usize::from(self.card_read),
            paper: counts,
            documents: self.held + copied,
            ..Left::default()
        };
        (left, effects)
    }
}

#[cfg(test)]
mod tests;
