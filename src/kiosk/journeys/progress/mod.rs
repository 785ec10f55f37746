//! 办到哪一步了: a case found by the slip's code before the scanner, by the card, or by what is typed from the slip;
//! asked at the hall, shown, and kept nowhere.
//!
//! ```text
//! Ways ──slip scanned, card read──▶ Asking ──found──▶ Cases ──完成──▶ end
//!  │ ▲                              │   ▲ │             │ 上一步
//!  │ └────────── not found ─────────┘   │ └─not found─▶ │
//!  └──输入──▶ Typing ──下一步───────────┘  (where it was asked)
//! ```

mod page;
mod typing;

use super::card_asked::{Tries, not_read, trouble};
use super::{Left, Then, Turn};
use crate::session::{
    CardEvent, Effect, Event, HeldCard, LookupEvent, LookupProblem, Sound, Surroundings, TrackedCase,
};
use crate::view::{Action, Page, Waiting};
use typing::Typing;
use wire::api::ProgressRequest;
use wire::catalogue::Text;
use wire::number::token_of_slip_code;
use zeroize::Zeroizing;

/// The journey.
#[derive(Debug)]
pub struct Progress {
    step: Step,
    /// A card lies there and is being read.
    reading: bool,
    /// What went wrong.
    error: Option<Text>,
    /// Cards that could not be read.
    tries: Tries,
    /// A card was read here and may still lie there.
    card_read: bool,
    /// Number of the card that was put down before this journey was chosen.
    offered: Option<Zeroizing<String>>,
}

/// Where it stands.
#[derive(Debug)]
enum Step {
    /// The slip, the card, or typing.
    Ways,
    /// Number and query code are typed.
    Typing(Typing),
    /// The hall is asked.
    Asking(Asked),
    /// It was found.
    Cases(Vec<TrackedCase>),
}

/// How the hall was asked.
#[derive(Debug)]
enum Asked {
    Slip,
    Card,
    Typed(Typing),
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { step: Step::Ways, reading: false, error: None, tries: Tries::default(), card_read: false, offered: None }
    }

    /// The card put down before anything was chosen: its cases are asked for at once.
    pub fn offer_card(&mut self, card: &HeldCard) {
        self.offered = Some(Zeroizing::new(card.number.clone()));
    }

    pub(super) fn begin(&mut self, around: &Surroundings) -> Turn {
        match &self.offered {
            Some(number) if around.online => {
                let request = ProgressRequest::Card { id_no: number.to_string() };
                self.ask(Asked::Card, request)
            }
            _ => Turn::doing(vec![Effect::ReadCard]),
        }
    }

    pub(super) fn act(&mut self, action: Action, around: &Surroundings) -> Turn {
        match (&mut self.step, action) {
            (Step::Ways, Action::Next) if around.online => {
                self.error = None;
                self.step = Step::Typing(Typing::default());
                Turn::doing(vec![Effect::StopReading])
            }
            (Step::Ways, Action::Back) => Turn { effects: vec![Effect::StopReading], then: Then::Home },
            (Step::Typing(typing), Action::Next) => match typing.request() {
                Some(request) => {
                    let asked = Asked::Typed(std::mem::take(typing));
                    self.ask(asked, request)
                }
                None => Turn::stay(),
            },
            (Step::Typing(_) | Step::Asking(_) | Step::Cases(_), Action::Back) => self.ways_again(),
            (Step::Typing(typing), action) => {
                typing.act(action);
                Turn::stay()
            }
            (Step::Cases(_), Action::Next) => Turn::to(Then::Finish),
            _ => Turn::stay(),
        }
    }

    pub(super) fn event(&mut self, event: Event, around: &Surroundings) -> Turn {
        match (event, &self.step) {
            (Event::Card(card), Step::Ways) => self.card(card, around),
            (Event::Scanned(code), Step::Ways) => self.scanned(code.text()),
            (Event::Lookup(LookupEvent::Found(cases)), Step::Asking(_)) if cases.is_empty() => {
                self.not_found(LookupProblem::NoMatch)
            }
            (Event::Lookup(LookupEvent::Found(cases)), Step::Asking(_)) => {
                self.step = Step::Cases(cases);
                Turn::stay()
            }
            (Event::Lookup(LookupEvent::NotFound(why)), Step::Asking(_)) => self.not_found(why),
            _ => Turn::stay(),
        }
    }

    fn card(&mut self, event: CardEvent, around: &Surroundings) -> Turn {
        self.reading = matches!(event, CardEvent::Reading);
        match event {
            CardEvent::Reading => {
                self.error = None;
                Turn::stay()
            }
            CardEvent::Read(card) => {
                self.card_read |= self.offered.as_ref().is_none_or(|number| **number != card.number);
                if !around.online {
                    return Turn::doing(vec![Effect::ReadAnotherCard]);
                }
                let mut turn = self.ask(Asked::Card, ProgressRequest::Card { id_no: card.number.clone() });
                turn.effects.push(Effect::Sound(Sound::CardRead));
                turn
            }
            // Said by the page as soon as the reader's health is known.
            CardEvent::ReaderFault | CardEvent::ReaderWell => Turn::stay(),
            other => match trouble(&other) {
                Some(why) => {
                    self.error = Some(why);
                    let helpless = self.tries.again(&other);
                    Turn::doing(not_read(helpless, "查进度", around))
                }
                None => Turn::stay(),
            },
        }
    }

    /// A code was held before the scanner. What is no slip's code is looked at no further.
    fn scanned(&mut self, text: &str) -> Turn {
        match token_of_slip_code(text) {
            Some(token) => self.ask(Asked::Slip, ProgressRequest::Token { token: token.to_owned() }),
            None => {
                let why = Text::new(
                    "这个码不是凭条上的二维码。请扫提交申请时打出的凭条。",
                    "This is not the code of a slip. Please scan the slip that was printed when you applied.",
                );
                if self.error.as_ref() == Some(&why) {
                    return Turn::stay();
                }
                self.failed(why)
            }
        }
    }

    fn failed(&mut self, why: Text) -> Turn {
        self.error = Some(why);
        Turn::doing(vec![Effect::Sound(Sound::Error)])
    }

    fn ask(&mut self, how: Asked, request: ProgressRequest) -> Turn {
        self.error = None;
        self.reading = false;
        self.step = Step::Asking(how);
        Turn::doing(vec![Effect::StopReading, Effect::LookUp(request)])
    }

    fn not_found(&mut self, why: LookupProblem) -> Turn {
        let Step::Asking(asked) = std::mem::replace(&mut self.step, Step::Ways) else { return Turn::stay() };
        let sentence = page::problem(&asked, why);
        match asked {
            Asked::Typed(mut typing) if why == LookupProblem::NoMatch => {
                typing.wrong(sentence);
                self.step = Step::Typing(typing);
                Turn::doing(vec![Effect::Sound(Sound::Error)])
            }
            _ => {
                self.error = Some(sentence);
                Turn::doing(vec![Effect::Sound(Sound::Error), self.look_again()])
            }
        }
    }

    fn ways_again(&mut self) -> Turn {
        self.step = Step::Ways;
        self.error = None;
        Turn::doing(vec![self.look_again()])
    }

    /// A card that was read and still lies there would be read again at once.
    fn look_again(&self) -> Effect {
        if self.card_read || self.offered.is_some() { Effect::ReadAnotherCard } else { Effect::ReadCard }
    }

    pub(super) fn page(&self, around: &Surroundings) -> Page {
        match &self.step {
            Step::Ways => Page::Tracking(page::ways(self.reading, self.error.as_ref(), around)),
            Step::Typing(typing) => Page::Question(typing.page(around)),
            Step::Asking(_) => Page::Waiting(Waiting::LookingUp),
            Step::Cases(cases) => Page::Cases(page::cases(cases, around)),
        }
    }

    pub(super) fn wants_code(&self, around: &Surroundings) -> bool {
        matches!(self.step, Step::Ways) && around.online
    }

    pub(super) fn busy(&self) -> bool {
        matches!(self.step, Step::Asking(_))
    }

    pub(super) fn step_name(&self) -> &'static str {
        match self.step {
            Step::Ways => "选择查法",
            Step::Typing(_) => "输入编号",
            Step::Asking(_) => "正在查",
            Step::Cases(_) => "看结果",
        }
    }

    pub(super) fn finish(self) -> (Left, Vec<Effect>) {
        (Left { card: self.card_read, cards: usize::from(self.card_read), ..Left::default() }, Vec::new())
    }
}

#[cfg(test)]
mod tests;
