//! Somebody put a card down before choosing anything: while it is read, what the reader says; then a greeting by
//! masked name and the services that this person is likely to want. Holds no card; the session does.

use super::apply::{Fit, fit};
use super::card_asked::{CardAsked, Heard, not_read};
use super::services::{can_apply_here, cannot_start, row};
use super::{Journey, Then, Turn};
use crate::session::{CardEvent, Effect, HeldCard, Surroundings};
use crate::view::{self, Action, Page, Tool};
use wire::catalogue::{AgentPolicy, Item};

/// Services shown at most; the way to all of them stands below.
const LIKELY_MAX: usize = 4;
/// From this age on, large type and staff are offered (rules 7.6).
pub(super) const SENIOR_AGE: i16 = 65;

/// The greeting.
#[derive(Debug)]
pub enum Welcome {
    /// A card lies there and is being read, or could not be.
    Reading(CardAsked),
    /// It was read.
    Known(Known),
}

/// What the greeting needs to know of the person: nothing that is not shown.
#[derive(Debug)]
pub struct Known {
    name: String,
    remark: Remark,
    expired: bool,
    senior: bool,
    /// Item ids.
    likely: Vec<String>,
}

/// What must be said about the name.
#[derive(Clone, Copy, Debug)]
struct Remark {
    cut: bool,
    unmapped: bool,
}

impl Welcome {
    pub(super) fn reading() -> Self {
        Self::Reading(CardAsked::reading())
    }

    pub(super) fn known(card: &HeldCard, around: &Surroundings) -> Self {
        let expired = card.expired_on(around.now.date);
        Self::Known(Known {
            name: wire::mask::name(&card.name),
            remark: Remark { cut: card.name_cut, unmapped: card.name_unmapped },
            expired,
            senior: card.age_on(around.now.date).is_some_and(|age| age >= SENIOR_AGE),
            likely: if expired { Vec::new() } else { likely(card, around) },
        })
    }

    pub(super) fn awaits_guest(&self) -> bool {
        matches!(self, Self::Reading(_))
    }

    /// Large type is being offered.
    pub(super) fn offers_large_type(&self) -> bool {
        matches!(self, Self::Known(known) if known.senior)
    }

    pub(super) fn act(&mut self, action: &Action, around: &Surroundings) -> Turn {
        match (self, action) {
            (Self::Known(known), Action::OpenRow(id)) if known.likely.contains(id) => {
                let item = around.content.items().iter().position(|item| item.item_id == *id);
                match item.filter(|index| cannot_start(&around.content.items()[*index], around).is_empty()) {
                    Some(index) => Turn::to(Then::Open(Box::new(Journey::application(around, index)))),
                    None => Turn::stay(),
                }
            }
            (Self::Reading(asked), Action::Use(Tool::TryAgain)) => {
                asked.again();
                Turn::doing(vec![Effect::ReadAnotherCard])
            }
            (Self::Known(_), Action::Next) | (_, Action::Back) => Turn::to(Then::Home),
            _ => Turn::stay(),
        }
    }

    pub(super) fn card(&mut self, event: CardEvent, around: &Surroundings) -> Turn {
        let Self::Reading(asked) = self else { return Turn::stay() };
        match asked.hear(event) {
            Heard::Failed { helpless } => Turn::doing(not_read(helpless, "首页", around)),
            // Whose it is the session says.
            Heard::Read(_) | Heard::GoesOn => Turn::stay(),
        }
    }

    pub(super) fn page(&self, around: &Surroundings) -> Page {
        match self {
            Self::Reading(asked) => Page::Card(view::Card {
                role: around.say("您", "cardholder"),
                title: around.say("看看您可能要办的事", "what you may want to do"),
                state: asked.shown(around),
                other_way: String::new(),
                large_type: false,
            }),
            Self::Known(known) => Page::Welcome(known.page(around)),
        }
    }
}

impl Known {
    fn page(&self, around: &Surroundings) -> view::Welcome {
        let items = around.content.items();
        let rows = self.likely.iter().filter_map(|id| items.iter().find(|item| item.item_id == *id));
        view::Welcome {
            name: self.name.clone(),
            rows: rows.map(|item| row(item, false, around)).collect(),
            remark: self.remark(around),
            large_type: self.senior && !around.elder,
        }
    }

    fn remark(&self, around: &Surroundings) -> String {
        if self.expired {
            return around.say(
                "这张证件已经过期，不能用来提交申请；换领新证请到 1 层北区公安服务区。办事指南可以照常看。",
                "This card has expired and cannot be used to apply; renew it at the public security area, ground \
                 floor north. Guides can be read as usual.",
            );
        }
        around.pick(&super::apply::remark_on_name(self.remark.cut, self.remark.unmapped))
    }
}

/// Services that this person may apply for here, those made for the person's age first.
fn likely(card: &HeldCard, around: &Surroundings) -> Vec<String> {
    let for_a_person = |item: &Item| {
        item.offered_on(around.now.date)
            && can_apply_here(item)
            && cannot_start(item, around).is_empty()
            && item.kiosk.agent != AgentPolicy::Operator
    };
    let (mut made_for, mut open) = (Vec::new(), Vec::new());
    for (index, item) in around.content.items().iter().enumerate().filter(|(_, item)| for_a_person(item)) {
        match fit(&around.content, index, card, around) {
            Fit::MadeFor => made_for.push(item.item_id.clone()),
            Fit::Open => open.push(item.item_id.clone()),
            Fit::No => {}
        }
    }
    made_for.into_iter().chain(open).take(LIKELY_MAX).collect()
}
