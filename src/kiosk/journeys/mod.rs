//! The journeys: one at a time, each a small state machine of the same shape. A journey takes an action or
//! an event, returns a [`Turn`] (effects, and where to go next), and draws its page. It knows nothing of the
//! idle clock, the staff call or the farewell: those are the session's.

pub mod apply;
mod card_asked;
mod guide;
mod message;
mod notices;
mod paper;
mod progress;
mod reclaim;
mod recovered;
mod services;
pub mod slip;
mod welcome;

pub use recovered::RecoveredSlip;

use crate::session::{Effect, Event, HeldCard, Pages, PaperWant, Surroundings};
use crate::view::{Action, Errand, Page, Progress};

/// A journey.
#[derive(Debug)]
pub enum Journey {
    /// Choosing a service or a guide.
    Services(services::Services),
    /// Reading a guide.
    Guide(guide::Guide),
    /// Applying.
    Apply(Box<apply::Apply>),
    /// Reading notices.
    Notices(notices::Notices),
    /// One message, then home.
    Message(message::Refusal),
    /// Asking for the card of a recovered submission.
    Reclaim(reclaim::Reclaim),
    /// A recovered submission's slip.
    Recovered(recovered::Recovered),
    /// A card was put down before anything was chosen.
    Welcome(welcome::Welcome),
    /// Printing and copying.
    Paper(Box<paper::Paper>),
    /// Looking up where a case stands.
    Progress(Box<progress::Progress>),
}

/// What a step came to.
#[derive(Debug)]
pub struct Turn {
    /// To be done, in order.
    pub effects: Vec<Effect>,
    /// Where to go.
    pub then: Then,
}

/// Where to go after a step.
#[derive(Debug)]
pub enum Then {
    /// Stay in this journey.
    Stay,
    /// Back to the first page.
    Home,
    /// Into another journey.
    Open(Box<Journey>),
    /// The citizen is done.
    Finish,
}

/// What a finished journey leaves behind for the farewell: true counts, no content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// A card was read and may still lie there.
    pub card: bool,
    /// Paper came out.
    pub slip: bool,
    /// Cards read.
    pub cards: usize,
    /// Answers held.
    pub answers: usize,
    /// Pages of materials held.
    pub pages: usize,
    /// A signature was held.
    pub signature: bool,
    /// What became of the pages that were printed.
    pub paper: Pages,
    /// Documents held.
    pub documents: usize,
    /// What became of the application.
    pub submission: Submission,
}

/// What became of an application, as far as is known here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Submission {
    /// Nothing was submitted.
    #[default]
    None,
    /// The disk failed as it was stored: it may be there.
    NotCertain,
    /// Stored on this terminal.
    Stored,
    /// The hall's receipt is there.
    Received,
}

impl Turn {
    /// Stay, nothing to do.
    #[must_use]
    pub fn stay() -> Self {
        Self { effects: Vec::new(), then: Then::Stay }
    }

    /// Stay and do this.
    #[must_use]
    pub fn doing(effects: Vec<Effect>) -> Self {
        Self { effects, then: Then::Stay }
    }

    /// Go there, nothing to do.
    #[must_use]
    pub fn to(then: Then) -> Self {
        Self { effects: Vec::new(), then }
    }
}

impl Left {
    /// Nothing was held: no farewell is needed.
    #[must_use]
    pub fn nothing(&self) -> bool {
        *self == Self::default()
    }

    /// This and what a later journey of the same session left. A card that is put down again is the same card.
    #[must_use]
    pub fn and(self, later: Self) -> Self {
        Self {
            card: self.card || later.card,
            slip: self.slip || later.slip,
            cards: self.cards.max(later.cards),
            answers: self.answers + later.answers,
            pages: self.pages + later.pages,
            signature: self.signature || later.signature,
            paper: self.paper.and(later.paper),
            documents: self.documents + later.documents,
            submission: if later.submission == Submission::None { self.submission } else { later.submission },
        }
    }

    /// What was erased, with true counts.
    #[must_use]
    pub fn erased(&self, around: &Surroundings) -> Vec<String> {
        let mut lines = Vec::new();
        let mut say = |count: usize, zh: String, en: String| {
            if count > 0 {
                lines.push(around.say(&zh, &en));
            }
        };
        say(self.cards, format!("证件信息 {} 张", self.cards), format!("ID card data: {}", self.cards));
        say(self.answers, format!("填写内容 {} 项", self.answers), format!("Answers: {}", self.answers));
        say(self.pages, format!("材料图片 {} 页", self.pages), format!("Pages of documents: {}", self.pages));
        say(usize::from(self.signature), "签名 1 个".to_owned(), "Signature: 1".to_owned());
        say(self.documents, format!("文件 {} 份", self.documents), format!("Files: {}", self.documents));
        lines
    }

    /// What is kept, and how (rules 7.5); empty when nothing was submitted.
    #[must_use]
    pub fn kept(&self, around: &Surroundings) -> String {
        match self.submission {
            Submission::None => String::new(),
            Submission::NotCertain => around.say(
                "申请可能已加密存在本机，只有大厅能打开；请找工作人员确认",
                "Your application may be stored here sealed; only the hall can open it. Please ask staff to make sure",
            ),
            Submission::Received => around.say(
                "证件信息和填写内容已清除；加密的申请待大厅备份后自动删除",
                "Card data and answers are erased; the sealed application is deleted once the hall has backed it up",
            ),
            Submission::Stored => around.say(
                "申请已加密存在本机，只有大厅能打开，送达并备份后自动删除",
                "Your application is stored here sealed; only the hall can open it, and it is deleted after delivery and backup",
            ),
        }
    }
}

impl Journey {
    /// The journey behind a tile of the first page; `None` where it is not built.
    #[must_use]
    pub fn of_tile(tile: &str, around: &Surroundings) -> Option<Self> {
        match tile {
            "apply" if crate::session::cannot_apply(around).is_empty() => {
                Some(Self::Services(services::Services::new(Errand::Apply)))
            }
            "print" if around.can.staff_card && crate::session::cannot_look_up(around).is_empty() => {
                Some(Self::Services(services::Services::new(Errand::LookUp)))
            }
            "guide" => Some(Self::Services(services::Services::new(Errand::Guide))),
            "copy" if around.can.paper.any() => Some(Self::Paper(Box::new(paper::Paper::new()))),
            "progress" if crate::session::cannot_track(around).is_empty() => {
                Some(Self::Progress(Box::new(progress::Progress::new())))
            }
            "notice" => Some(Self::notices(None)),
            _ => None,
        }
    }

    /// The notices, one of them open.
    #[must_use]
    pub fn notices(open: Option<String>) -> Self {
        Self::Notices(notices::Notices::new(open))
    }

    /// One message, then home.
    #[must_use]
    pub fn message(refusal: message::Refusal) -> Self {
        Self::Message(refusal)
    }

    /// The card of the recovered submission with this (large group of its) number is asked for.
    #[must_use]
    pub fn reclaim(number: String) -> Self {
        Self::Reclaim(reclaim::Reclaim::new(number))
    }

    /// The slip of a recovered submission.
    #[must_use]
    pub fn recovered(slip: RecoveredSlip) -> Self {
        Self::Recovered(recovered::Recovered::new(slip))
    }

    /// A card lies there and is being read; nothing was chosen yet.
    #[must_use]
    pub fn reading_guest() -> Self {
        Self::Welcome(welcome::Welcome::reading())
    }

    /// The greeting of whoever put this card down.
    #[must_use]
    pub fn welcome(card: &HeldCard, around: &Surroundings) -> Self {
        Self::Welcome(welcome::Welcome::known(card, around))
    }

    /// An application for the item at `index` of the content's items.
    fn application(around: &Surroundings, index: usize) -> Self {
        Self::Apply(Box::new(apply::Apply::new(around.content.clone(), index)))
    }

    /// What is wanted as the journey begins.
    pub fn begin(&mut self, around: &Surroundings) -> Turn {
        match self {
            Self::Apply(apply) => apply.begin(around),
            Self::Reclaim(reclaim) => reclaim.begin(),
            Self::Recovered(recovered) => recovered.begin(around),
            Self::Progress(progress) => progress.begin(around),
            _ => Turn::stay(),
        }
    }

    /// An act of the citizen.
    pub fn act(&mut self, action: Action, around: &Surroundings) -> Turn {
        match self {
            Self::Services(services) => services.act(action, around),
            Self::Guide(guide) => guide.act(action, around),
            Self::Apply(apply) => apply.act(action, around),
            Self::Notices(notices) => notices.act(action),
            Self::Message(_) => match action {
                Action::Next | Action::Back => Turn::to(Then::Home),
                _ => Turn::stay(),
            },
            Self::Reclaim(reclaim) => reclaim.act(&action),
            Self::Recovered(recovered) => recovered.act(&action, around),
            Self::Welcome(welcome) => welcome.act(&action, around),
            Self::Paper(paper) => paper.act(action, around),
            Self::Progress(progress) => progress.act(action, around),
        }
    }

    /// Something else that happened.
    pub fn event(&mut self, event: Event, around: &Surroundings) -> Turn {
        match self {
            Self::Apply(apply) => apply.event(event, around),
            Self::Guide(guide) => guide.event(&event, around),
            Self::Reclaim(reclaim) => reclaim.event(event, around),
            Self::Recovered(recovered) => recovered.event(&event),
            Self::Welcome(welcome) => match event {
                Event::Card(card) => welcome.card(card, around),
                _ => Turn::stay(),
            },
            Self::Paper(paper) => paper.event(event, around),
            Self::Progress(progress) => progress.event(event, around),
            _ => Turn::stay(),
        }
    }

    /// A second passed.
    pub fn second(&mut self, around: &Surroundings) -> Turn {
        match self {
            Self::Apply(apply) => apply.second(around),
            _ => Turn::stay(),
        }
    }

    /// Type size changed: pages are grouped anew.
    pub fn type_size_changed(&mut self, around: &Surroundings) {
        if let Self::Apply(apply) = self {
            apply.regroup(around);
        }
    }

    /// The page.
    #[must_use]
    pub fn page(&self, around: &Surroundings) -> Page {
        match self {
            Self::Services(services) => Page::Services(services.page(around)),
            Self::Guide(guide) => Page::Guide(guide.page(around)),
            Self::Apply(apply) => apply.page(around),
            Self::Notices(notices) => Page::Notices(notices.page(around)),
            Self::Message(refusal) => Page::Message(refusal.message(around)),
            Self::Reclaim(reclaim) => reclaim.page(around),
            Self::Recovered(recovered) => Page::Outcome(recovered.page(around)),
            Self::Welcome(welcome) => welcome.page(around),
            Self::Paper(paper) => paper.page(around),
            Self::Progress(progress) => progress.page(around),
        }
    }

    /// Steps, where the journey has them.
    #[must_use]
    pub fn progress(&self, around: &Surroundings) -> Option<Progress> {
        match self {
            Self::Apply(apply) => apply.progress(around),
            _ => None,
        }
    }

    /// Whether 上一步 leads anywhere.
    #[must_use]
    pub fn can_go_back(&self) -> bool {
        match self {
            Self::Apply(apply) => apply.can_go_back(),
            Self::Paper(paper) => paper.can_go_back(),
            Self::Message(_) | Self::Recovered(_) => false,
            _ => true,
        }
    }

    /// Whether something filled in would be lost by leaving.
    #[must_use]
    pub fn filling(&self) -> bool {
        matches!(self, Self::Apply(apply) if apply.filling())
    }

    /// Whether the idle clock stands still.
    #[must_use]
    pub fn busy(&self) -> bool {
        match self {
            Self::Apply(apply) => apply.busy(),
            Self::Paper(paper) => paper.busy(),
            Self::Progress(progress) => progress.busy(),
            _ => false,
        }
    }

    /// Something the citizen must not go without is on its way: the hall's receipt, the slip with the number.
    #[must_use]
    pub fn hands_over(&self) -> bool {
        match self {
            Self::Apply(apply) => apply.hands_over(),
            Self::Recovered(recovered) => recovered.prints(),
            _ => false,
        }
    }

    /// Where the citizen is, for a staff call: page and service, nothing personal.
    #[must_use]
    pub fn step(&self, around: &Surroundings) -> String {
        match self {
            Self::Services(_) => "选择服务".to_owned(),
            Self::Guide(guide) => format!("看办事指南：{}", guide.task_name(around)),
            Self::Apply(apply) => format!("{}：{}", apply.task_name(), apply.step_name()),
            Self::Notices(_) => "看通知公告".to_owned(),
            Self::Message(_) => "提示页".to_owned(),
            Self::Reclaim(_) | Self::Recovered(_) => "补打凭条".to_owned(),
            Self::Welcome(_) => "放了身份证，还没选事项".to_owned(),
            Self::Paper(paper) => format!("复印、打文件：{}", paper.step_name()),
            Self::Progress(progress) => format!("查进度：{}", progress.step_name()),
        }
    }

    /// A card put down now is greeted: one is being read and nothing was chosen yet.
    #[must_use]
    pub fn awaits_guest(&self) -> bool {
        matches!(self, Self::Welcome(welcome) if welcome.awaits_guest())
    }

    /// Whether a code before the scanner means something now.
    #[must_use]
    pub fn wants_code(&self, around: &Surroundings) -> bool {
        match self {
            Self::Paper(paper) => paper.wants_code(),
            Self::Progress(progress) => progress.wants_code(around),
            _ => false,
        }
    }

    /// Large type is being offered to somebody of 65 or more.
    #[must_use]
    pub fn offers_large_type(&self) -> bool {
        match self {
            Self::Welcome(welcome) => welcome.offers_large_type(),
            Self::Apply(apply) => apply.offers_large_type(),
            _ => false,
        }
    }

    /// Whether the card of that number is counted by the journey's own farewell.
    #[must_use]
    pub fn holds_card(&self, number: &str) -> bool {
        matches!(self, Self::Apply(apply) if apply.holds_card(number))
    }

    /// Ends the journey: what it leaves for the farewell, and what is still to be done.
    #[must_use]
    pub fn finish(self) -> (Left, Vec<Effect>) {
        match self {
            Self::Apply(apply) => apply.finish(),
            Self::Guide(guide) => (guide.left(), Vec::new()),
            Self::Reclaim(reclaim) => (reclaim.finish(), Vec::new()),
            Self::Recovered(recovered) => recovered.finish(),
            Self::Paper(paper) => paper.finish(),
            Self::Progress(progress) => progress.finish(),
            _ => (Left::default(), Vec::new()),
        }
    }
}

/// Something is wanted of the documents.
fn want(wanted: PaperWant) -> Effect {
    Effect::Paper(Box::new(wanted))
}
