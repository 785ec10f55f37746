//! Applying for a service, or looking a record up: for whom → cards → (staff card) → questions → materials → review → signature →
//! stored → receipt → slip. The state machine's frame: which stage comes next, and what every stage shares.
//! Each stage's own behaviour stands in the file of its name.
//!
//! ```text
//! ForWhom ─▶ Card(role)… ─▶ SecondFactor? ─▶ Questions ─▶ Materials? ─▶ Review ─▶ Sign? ─▶ Storing ─▶ Sending ─▶ Done
//!              │ expired, too young            ▲   └───────── 修改 ────────┘                 │ not stored
//!              ▼                               └───────────────────────────────────────────┘
//!          TurnedAway ─▶ first page
//! ```

mod capture;
mod deliver;
mod edit;
mod fields;
mod for_whom;
mod grouping;
mod guest;
mod identify;
mod prefill;
mod questions;
mod record;
mod review;
mod scan;
mod sign;
mod submission;

use super::card_asked::Tries;
use super::message::Refusal;
use super::paper::Paper;
use super::{Left, Submission, Then, Turn};
use crate::content::Content;
use crate::session::{Capabilities, Effect, Event, HeldCard, Surroundings};
use crate::view::{Action, Errand, Page, Progress};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use wire::catalogue::{Item, Text};
use wire::form::{Answers, CardFacts, Context, Value};

pub use capture::pages_are_possible;
pub use for_whom::ForWhom;
pub use guest::{Fit, fit};
pub(super) use identify::remark_on_name;
pub use prefill::Origin;

/// One application.
#[derive(Debug)]
pub struct Apply {
    /// The content that the application was begun with; a publication in between does not change it.
    content: Arc<Content>,
    index: usize,
    for_whom: Option<ForWhom>,
    cards: BTreeMap<String, HeldCard>,
    /// Role of whoever put the first card down.
    acting: Option<String>,
    facts: BTreeMap<String, CardFacts>,
    answers: Answers,
    origins: BTreeMap<String, Origin>,
    /// A card that was put down before the application began.
    offered: Option<HeldCard>,
    /// Facts from a card that the citizen may write over, or must complete.
    opened: BTreeSet<String>,
    /// Roles whose person has no card here: everything of theirs is typed.
    typed_roles: BTreeSet<String>,
    second_factor: Option<String>,
    /// A card was read, whatever became of it.
    card_seen: bool,
    /// Another card was asked for from this question page: there it leads back.
    asked_from: Option<usize>,
    pages: Vec<grouping::Group>,
    materials: capture::Materials,
    agreed: bool,
    signature: sign::Signature,
    /// Cards that could not be read for a witnessed signature.
    witness_tries: Tries,
    stage: Stage,
    /// 修改 was touched on the review page: 下一步 leads back there.
    to_review: bool,
    /// The review page was there once.
    sealing_begun: bool,
    submission: Submission,
    slip_printed: bool,
}

/// Where the application is.
#[derive(Debug)]
enum Stage {
    ForWhom,
    Card(identify::CardStage),
    /// The staff card is awaited; after the hall refused one it says so.
    SecondFactor {
        refused: bool,
    },
    TurnedAway(Refusal),
    Questions(questions::Questions),
    Materials {
        error: Option<Text>,
        waiting_for: Option<u32>,
    },
    /// A material lies on the scanner's glass.
    Scan(scan::Scan),
    Review {
        revealed: bool,
        error: Option<Text>,
    },
    Sign {
        error: Option<Text>,
    },
    Storing,
    NotStored(Refusal),
    Done(deliver::Delivery),
    /// The record is fetched, shown and printed.
    Record(Box<Paper>),
}

impl Apply {
    /// An application for the item at `index` of the content's items.
    #[must_use]
    pub fn new(content: Arc<Content>, index: usize) -> Self {
        let mut apply = Self {
            content,
            index,
            for_whom: None,
            cards: BTreeMap::new(),
            acting: None,
            facts: BTreeMap::new(),
            answers: Answers::default(),
            origins: BTreeMap::new(),
            offered: None,
            opened: BTreeSet::new(),
            typed_roles: BTreeSet::new(),
            second_factor: None,
            card_seen: false,
            asked_from: None,
            pages: Vec::new(),
            materials: capture::Materials::default(),
            agreed: false,
            signature: sign::Signature::default(),
            witness_tries: Tries::default(),
            stage: Stage::ForWhom,
            to_review: false,
            sealing_begun: false,
            submission: Submission::None,
            slip_printed: false,
        };
        apply.fill_defaults();
        apply
    }

    pub(super) fn begin(&mut self, around: &Surroundings) -> Turn {
        // A person's records are given to that person only.
        if self.asks_record() { self.begin_for(ForWhom::Myself, around) } else { Turn::stay() }
    }

    pub(super) fn act(&mut self, action: Action, around: &Surroundings) -> Turn {
        match &self.stage {
            Stage::Record(_) => return self.act_record(action, around),
            Stage::Scan(_) => return self.act_scan(action),
            _ => {}
        }
        if action == Action::Back {
            return self.back(around);
        }
        match &self.stage {
            Stage::ForWhom => self.act_for_whom(&action, around),
            Stage::Card(_) => self.act_card(&action, around),
            Stage::SecondFactor { .. } => Turn::stay(),
            Stage::TurnedAway(_) => match action {
                Action::Next => Turn::to(Then::Finish),
                _ => Turn::stay(),
            },
            Stage::Questions(_) => self.act_questions(action, around),
            Stage::Materials { .. } => self.act_materials(&action, around),
            Stage::Review { .. } => self.act_review(&action, around),
            Stage::Sign { .. } => self.act_sign(action, around),
            Stage::Storing | Stage::Record(_) | Stage::Scan(_) => Turn::stay(),
            Stage::NotStored(_) => match action {
                // It may be stored as it was: answers that were changed now would not be in it.
                Action::Next if self.submission == Submission::NotCertain => self.submit(around),
                Action::Next => self.open_review(),
                _ => Turn::stay(),
            },
            Stage::Done(_) => self.act_done(&action, around),
        }
    }

    pub(super) fn event(&mut self, event: Event, around: &Surroundings) -> Turn {
        match (&self.stage, event) {
            (Stage::Card(_), Event::Card(card)) => self.card(card, around),
            (Stage::Sign { .. }, Event::Card(card)) => self.witness_card(card, around),
            (Stage::Sign { .. }, Event::StaffCard(staff_no)) => self.witness(staff_no, around),
            (Stage::SecondFactor { refused }, Event::StaffCard(staff_no)) => {
                let refused = *refused;
                self.staff_looked(staff_no, refused, around)
            }
            (Stage::Materials { .. }, Event::Captured(captured)) => self.captured(captured),
            (Stage::Scan(_), Event::Paper(event)) => self.scan_event(event),
            (Stage::Storing, Event::Store(answer)) => self.store_answered(answer, around),
            (Stage::Done(_), event) => self.delivery_event(&event, around),
            (Stage::Record(_), event) => self.record_event(event, around),
            _ => Turn::stay(),
        }
    }

    pub(super) fn second(&mut self, around: &Surroundings) -> Turn {
        match self.stage {
            Stage::Done(_) => self.delivery_second(around),
            _ => Turn::stay(),
        }
    }

    /// Groups the pages anew after the type size changed, keeping the place.
    pub(super) fn regroup(&mut self, around: &Surroundings) {
        let first_key = match &self.stage {
            Stage::Questions(questions) => self.pages.get(questions.page).and_then(|g| g.keys.first().cloned()),
            _ => None,
        };
        self.pages = self.groups(around);
        if let (Stage::Questions(questions), Some(key)) = (&mut self.stage, first_key) {
            questions.page = self.pages.iter().position(|g| g.keys.contains(&key)).unwrap_or(0);
        }
    }

    pub(super) fn page(&self, around: &Surroundings) -> Page {
        match &self.stage {
            Stage::ForWhom => Page::ForWhom(self.page_for_whom(around)),
            Stage::Card(stage) => Page::Card(self.page_card(stage, around)),
            Stage::SecondFactor { refused } => Page::Card(self.page_second_factor(*refused, around)),
            Stage::TurnedAway(why) | Stage::NotStored(why) => Page::Message(why.message(around)),
            Stage::Questions(questions) => Page::Question(self.page_questions(questions, around)),
            Stage::Materials { error, .. } => Page::Materials(self.page_materials(error.as_ref(), around)),
            Stage::Scan(scan) => Page::Scanning(scan.page(around)),
            Stage::Review { revealed, error } => Page::Review(self.page_review(*revealed, error.as_ref(), around)),
            Stage::Sign { error } => Page::Sign(self.page_sign(error.as_ref(), around)),
            Stage::Storing => Page::Waiting(crate::view::Waiting::Storing),
            Stage::Done(delivery) => self.page_done(delivery, around),
            Stage::Record(paper) => paper.page(around),
        }
    }

    pub(super) fn progress(&self, around: &Surroundings) -> Option<Progress> {
        let questions = u8::try_from(self.pages.len().max(1)).unwrap_or(u8::MAX);
        let materials = u8::from(self.has_materials_page(around));
        let sign = u8::from(self.needs_signature());
        // For whom (unless it can only be oneself), card, the question pages, materials, review, signature.
        let card = 1 + u8::from(!self.asks_record());
        let of = card + questions + materials + 1 + sign;
        let step = match &self.stage {
            Stage::ForWhom => 1,
            Stage::Card(_) | Stage::SecondFactor { .. } => card,
            Stage::Questions(q) => card + 1 + u8::try_from(q.page).unwrap_or(u8::MAX),
            Stage::Materials { .. } | Stage::Scan(_) => card + questions + 1,
            Stage::Review { .. } | Stage::NotStored(_) => card + questions + materials + 1,
            Stage::Sign { .. } => of,
            Stage::Storing | Stage::Done(_) | Stage::TurnedAway(_) | Stage::Record(_) => return None,
        };
        Some(Progress { step: step.min(of), of, title: self.plain_name(around) })
    }

    pub(super) fn can_go_back(&self) -> bool {
        match &self.stage {
            Stage::Storing | Stage::Done(_) | Stage::TurnedAway(_) | Stage::NotStored(_) => false,
            Stage::Record(paper) => paper.can_go_back(),
            _ => true,
        }
    }

    /// Something filled in would be lost.
    pub(super) fn filling(&self) -> bool {
        let over = matches!(self.stage, Stage::TurnedAway(_) | Stage::Record(_));
        !self.cards.is_empty() && matches!(self.submission, Submission::None | Submission::NotCertain) && !over
    }

    /// The idle clock stands still: a page is captured, the submission is stored, paper prints.
    pub(super) fn busy(&self) -> bool {
        match &self.stage {
            Stage::Materials { waiting_for, .. } => waiting_for.is_some(),
            Stage::Scan(scan) => scan.busy(),
            Stage::Storing => true,
            Stage::Done(delivery) => delivery.busy(),
            Stage::Record(paper) => paper.busy(),
            _ => false,
        }
    }

    pub(super) fn hands_over(&self) -> bool {
        matches!(&self.stage, Stage::Done(delivery) if delivery.busy())
    }

    pub(super) fn offers_large_type(&self) -> bool {
        matches!(&self.stage, Stage::Card(stage) if stage.large_type)
    }

    pub(super) fn task_name(&self) -> &str {
        &self.item().task_name
    }

    /// The stage's name for the staff who is called.
    pub(super) fn step_name(&self) -> &'static str {
        match &self.stage {
            Stage::ForWhom => "给谁办",
            Stage::Card(_) => "放身份证",
            Stage::SecondFactor { .. } => "等工作人员核对",
            Stage::TurnedAway(_) => "不能办理的提示",
            Stage::Questions(_) => "填表",
            Stage::Materials { .. } => "拍材料",
            Stage::Scan(_) => "扫描材料",
            Stage::Review { .. } => "核对",
            Stage::Sign { .. } => "签名",
            Stage::Storing | Stage::NotStored(_) => "提交",
            Stage::Done(_) => "取凭条",
            Stage::Record(paper) => paper.step_name(),
        }
    }

    pub(super) fn finish(mut self) -> (Left, Vec<Effect>) {
        let (mut printed, mut effects) = (Left::default(), Vec::new());
        match std::mem::replace(&mut self.stage, Stage::ForWhom) {
            Stage::Done(delivery) => {
                effects.push(Effect::SettleRecovery { submission_id: delivery.submission_id().to_owned() });
            }
            Stage::Record(paper) => (printed, effects) = paper.finish(),
            _ => {}
        }
        let left = Left {
            card: self.card_seen || !self.cards.is_empty(),
            slip: self.slip_printed,
            cards: self.cards.len().max(usize::from(self.card_seen)),
            answers: self.given_answers(),
            pages: self.materials.count(),
            signature: self.signature.given(),
            submission: self.submission,
            paper: printed.paper,
            documents: printed.documents,
        };
        (left, effects)
    }

    /// Answers that somebody gave, or a card; what the form sets by itself is nobody's.
    fn given_answers(&self) -> usize {
        let preset = |key: &str, value: &Value| {
            let default = self.item().form.field(key).and_then(|field| field.default.as_ref());
            matches!((default, value), (Some(default), Value::Text(text)) if default == text)
        };
        let given = |key: &str| matches!(self.origins.get(key), Some(Origin::Card(_) | Origin::User));
        self.answers.iter().filter(|(key, value)| given(key) && !preset(key, value)).count()
    }

    /// The text answered to a field.
    #[cfg(test)]
    pub(crate) fn answered(&self, key: &str) -> Option<&str> {
        self.answers.text(key)
    }

    fn item(&self) -> &Item {
        &self.content.items()[self.index]
    }

    fn plain_name(&self, around: &Surroundings) -> String {
        around.pick(&self.item().plain_name())
    }

    /// What the rules of the form are evaluated against.
    fn context<'a>(&'a self, around: &Surroundings) -> Context<'a> {
        Context {
            today: around.now.date,
            calendar: self.content.calendar(),
            codes: self.content.codes(),
            cards: &self.facts,
        }
    }

    /// Back to the list that it was chosen from.
    fn open_list(&mut self) -> Turn {
        let errand = if self.asks_record() { Errand::LookUp } else { Errand::Apply };
        Turn::to(Then::Open(Box::new(super::Journey::Services(super::services::Services::new(errand)))))
    }

    fn back(&mut self, around: &Surroundings) -> Turn {
        match &self.stage {
            Stage::ForWhom => self.open_list(),
            Stage::Card(_) | Stage::SecondFactor { .. } => self.back_from_card(around),
            Stage::Questions(questions) if questions.page > 0 && !self.to_review => {
                self.previous_page(around);
                Turn::stay()
            }
            Stage::Questions(_) if self.to_review => self.open_review(),
            Stage::Questions(_) if self.asks_record() => self.open_list(),
            Stage::Questions(_) => {
                self.stage = Stage::ForWhom;
                self.forget_cards();
                Turn::stay()
            }
            Stage::Materials { .. } if self.to_review => self.open_review(),
            Stage::Materials { .. } => self.open_last_question(around),
            Stage::Review { .. } if self.has_materials_page(around) => {
                self.stage = Stage::Materials { error: None, waiting_for: None };
                Turn::stay()
            }
            Stage::Review { .. } => self.open_last_question(around),
            Stage::Sign { .. } => self.back_from_sign(),
            _ => Turn::stay(),
        }
    }
}

/// Whether an item that needs this much assurance can be offered (rules 7.4): a second factor must be present
/// for L2, signing is a function of the screen.
#[must_use]
pub fn assurance_is_possible(item: &Item, can: &Capabilities) -> bool {
    match item.kiosk.assurance {
        wire::catalogue::Assurance::L2 => can.staff_card,
        wire::catalogue::Assurance::L1 | wire::catalogue::Assurance::L3 => true,
    }
}
