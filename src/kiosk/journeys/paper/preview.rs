//! What of a document is printed, and how: pages by touch, copies, sides, colour, size; the cost in pages
//! against what is left (rules 8.7: free, ten pages a session, thirty a person and day).

use super::{Doc, Docs, Turn, want};
use crate::session::{CopyLook, DocNo, PagesOrder, PaperKind, PaperWant, Surroundings};
use crate::view::{self, Action, PageThumb, Tool};
use std::ops::RangeInclusive;
use wire::catalogue::Text;

/// Pages of one session (rules 8.7).
pub(crate) const SESSION_PAGES_MAX: u32 = 10;
/// Copies of one order.
const COPIES_MAX: u32 = SESSION_PAGES_MAX;
const BRIGHTNESS: RangeInclusive<i32> = -2..=2;
/// What a copy may be limited to: 仅限…使用 stands across it. Fixed, since nothing can be typed in Chinese here yet.
const PURPOSES: [(&str, &str); 6] = [
    ("", "No mark"),
    ("办理政务服务", "Public services"),
    ("办理社会保险", "Social insurance"),
    ("办理入学", "School enrolment"),
    ("办理租房", "Renting a home"),
    ("办理银行业务", "Banking"),
];

/// The choices of one order.
#[derive(Debug)]
pub(super) struct Preview {
    doc: DocNo,
    chosen: Vec<bool>,
    copies: u32,
    two_sided: bool,
    colour: bool,
    fit: bool,
    look: CopyLook,
    /// Why it cannot be printed so.
    error: Option<Text>,
}

/// Pages that may still be printed in this session, and today where the hall has said.
pub(super) fn left(around: &Surroundings) -> u32 {
    let session = SESSION_PAGES_MAX.saturating_sub(around.pages_spent);
    around.pages_left_today.map_or(session, |today| today.min(session))
}

/// "免费，本次还可打印 10 页"; and today, where the hall counts for somebody.
pub(super) fn quota(around: &Surroundings) -> String {
    let left = left(around);
    match around.pages_left_today {
        None => around
            .say(&format!("免费，本次还可打印 {left} 页"), &format!("Free of charge; {left} more pages this time")),
        Some(today) => around.say(
            &format!("免费，本次还可打印 {left} 页，今天还可打印 {today} 页"),
            &format!("Free of charge; {left} more pages this time, {today} more today"),
        ),
    }
}

impl Preview {
    pub(super) fn new(doc: DocNo, held: &Doc) -> Self {
        let pages = held.thumbs.len();
        let first = usize::try_from(SESSION_PAGES_MAX).unwrap_or(pages);
        Self {
            doc,
            chosen: (0..pages).map(|page| page < first).collect(),
            copies: 1,
            two_sided: false,
            colour: false,
            fit: held.kind != PaperKind::Copy,
            look: CopyLook::default(),
            error: None,
        }
    }

    /// With so many copies to begin with.
    pub(super) fn with_copies(mut self, copies: u32) -> Self {
        self.copies = copies.clamp(1, COPIES_MAX);
        self
    }

    /// The hall did not grant the order: says why, by what it says is left.
    pub(super) fn refused(&mut self, around: &Surroundings) {
        let error = self.refusal(around).unwrap_or_else(|| {
            Text::new(
                "今天的免费页数不够打印这些；请少选几页，更多请到 1 号咨询台",
                "Today's free pages do not last for these; choose fewer, or ask at desk 1 for more",
            )
        });
        self.error = Some(error);
    }

    pub(super) fn doc(&self) -> DocNo {
        self.doc
    }

    fn cost(&self) -> u32 {
        let chosen = self.chosen.iter().filter(|chosen| **chosen).count();
        u32::try_from(chosen).unwrap_or(u32::MAX).saturating_mul(self.copies)
    }

    /// Why it cannot be printed so; `None` when it can.
    fn refusal(&self, around: &Surroundings) -> Option<Text> {
        let (cost, left) = (self.cost(), left(around));
        let printer = super::words::cannot_print(around);
        if printer.is_some() {
            return printer;
        }
        let why = if cost == 0 {
            Text::new("请点选要打印的页", "Touch the pages to print")
        } else if around.pages_left_today == Some(0) {
            Text::new(
                "您今天在终端可免费打印的页数已经用完，还要打印请到 1 号咨询台",
                "You have used today's free pages; for more please ask at desk 1",
            )
        } else if left == 0 {
            Text::new(
                "这一次可打印的页数已经用完，还要打印请到 1 号咨询台",
                "You have used the free pages of this time; for more please ask at desk 1",
            )
        } else if cost > left {
            Text {
                zh: format!("这次选了 {cost} 页，最多还能打印 {left} 页；请少选几页，更多请到 1 号咨询台"),
                en: format!("{cost} pages are chosen, {left} can be printed; choose fewer, or ask at desk 1 for more"),
            }
        } else {
            return None;
        };
        Some(why)
    }

    /// The order, if it can be printed so.
    pub(super) fn order(&mut self, order: u32, docs: &Docs, around: &Surroundings) -> Option<PagesOrder> {
        self.error = self.refusal(around);
        let held = docs.get(&self.doc)?;
        if self.error.is_some() {
            return None;
        }
        let numbered = self.chosen.iter().zip(1..);
        Some(PagesOrder {
            order,
            doc: self.doc,
            kind: held.kind,
            pages: numbered.filter(|(chosen, _)| **chosen).map(|(_, page)| page).collect(),
            copies: self.copies,
            two_sided: self.two_sided && around.can.paper.two_sided,
            colour: self.colour && around.can.paper.colour,
            fit: self.fit,
        })
    }

    pub(super) fn act(&mut self, action: Action, docs: &Docs) -> Turn {
        self.error = None;
        match action {
            Action::OpenRow(page) => {
                let place = page.parse::<usize>().ok().and_then(|page| page.checked_sub(1));
                if let Some(chosen) = place.and_then(|place| self.chosen.get_mut(place)) {
                    *chosen = !*chosen;
                }
            }
            Action::Use(Tool::AllPages) => {
                let all = !self.chosen.iter().all(|chosen| *chosen);
                self.chosen.fill(all);
            }
            Action::Use(Tool::MoreCopies) => self.copies = (self.copies + 1).min(COPIES_MAX),
            Action::Use(Tool::FewerCopies) => self.copies = self.copies.saturating_sub(1).max(1),
            Action::Use(Tool::TwoSided) => self.two_sided = !self.two_sided,
            Action::Use(Tool::Colour) => self.colour = !self.colour,
            Action::Use(Tool::Fit) => self.fit = !self.fit,
            Action::Use(tool @ (Tool::Lighter | Tool::Darker)) if self.is_copy(docs) => {
                let by = if tool == Tool::Lighter { 1 } else { -1 };
                let wanted = (self.look.brightness + by).clamp(*BRIGHTNESS.start(), *BRIGHTNESS.end());
                if wanted != self.look.brightness {
                    self.look.brightness = wanted;
                    return self.lay_out();
                }
            }
            Action::Choose { value, .. } if self.is_copy(docs) => {
                let known = PURPOSES.iter().any(|(purpose, _)| *purpose == value);
                if known && value != self.look.purpose {
                    self.look.purpose = value;
                    return self.lay_out();
                }
            }
            _ => {}
        }
        Turn::stay()
    }

    fn is_copy(&self, docs: &Docs) -> bool {
        docs.get(&self.doc).is_some_and(|held| held.kind == PaperKind::Copy)
    }

    fn purposes(&self, around: &Surroundings) -> Vec<view::Choice> {
        PURPOSES
            .iter()
            .map(|(zh, en)| view::Choice {
                value: (*zh).to_owned(),
                label: around.say(if zh.is_empty() { "不加字" } else { zh }, en),
                section: String::new(),
                selected: *zh == self.look.purpose,
            })
            .collect()
    }

    fn lay_out(&self) -> Turn {
        Turn::doing(vec![want(PaperWant::LayOut { doc: self.doc, look: self.look.clone() })])
    }

    pub(super) fn page(&self, docs: &Docs, around: &Surroundings) -> view::Preview {
        let held = docs.get(&self.doc);
        let thumbs = held.map(|held| held.thumbs.as_slice()).unwrap_or_default();
        let pages = self.chosen.iter().zip(1..).enumerate().map(|(place, (chosen, number))| PageThumb {
            number,
            picture: thumbs.get(place).cloned().flatten(),
            chosen: *chosen,
        });
        let copy = self.is_copy(docs);
        let chosen = self.chosen.iter().filter(|chosen| **chosen).count();
        view::Preview {
            title: held.map(|held| held.title(around)).unwrap_or_default(),
            pages: pages.collect(),
            copies: self.copies,
            more: self.copies < COPIES_MAX && self.cost() < left(around),
            two_sided: (around.can.paper.two_sided && chosen > 1).then_some(self.two_sided),
            colour: around.can.paper.colour.then_some(self.colour),
            fit: held.is_some_and(|held| !held.all_a4 && !copy).then_some(self.fit),
            brightness: copy.then_some(self.look.brightness),
            purposes: if copy { self.purposes(around) } else { Vec::new() },
            cost: self.cost(),
            quota: quota(around),
            error: around.pick_any(self.error.as_ref()),
        }
    }
}
