//! After an unclean end: whoever asks for the slip of the submission that was kept puts down the card of that
//! application. Ends in the slip, or in a message that it is another card.

use super::card_asked::{CardAsked, Heard, not_read};
use super::message::Refusal;
use super::{Journey, Left, Then, Turn};
use crate::session::{Effect, Event, Sound, StoreEvent, Surroundings};
use crate::view::{self, Action, Page, Tool};

/// Asking for the card.
#[derive(Debug)]
pub struct Reclaim {
    /// Large group of the submission's number.
    number: String,
    asked: CardAsked,
    card_read: bool,
}

impl Reclaim {
    pub(super) fn new(number: String) -> Self {
        Self { number, asked: CardAsked::new(), card_read: false }
    }

    pub(super) fn begin(&self) -> Turn {
        Turn::doing(vec![Effect::ReadCard])
    }

    pub(super) fn act(&mut self, action: &Action) -> Turn {
        match action {
            Action::Back => Turn { effects: vec![Effect::StopReading], then: Then::Home },
            Action::Use(Tool::TryAgain) => {
                self.asked.again();
                Turn::doing(vec![Effect::ReadCard])
            }
            _ => Turn::stay(),
        }
    }

    pub(super) fn event(&mut self, event: Event, around: &Surroundings) -> Turn {
        match event {
            Event::Card(card) => match self.asked.hear(card) {
                Heard::Read(card) => {
                    self.card_read = true;
                    Turn::doing(vec![Effect::StopReading, Effect::Sound(Sound::CardRead), Effect::RecoverSlip(card)])
                }
                Heard::Failed { helpless } => Turn::doing(not_read(helpless, "补打凭条", around)),
                Heard::GoesOn => Turn::stay(),
            },
            Event::Store(StoreEvent::RecoveredSlip(found)) => {
                let next = match found {
                    Some(slip) => Journey::recovered(*slip),
                    None => Journey::message(Refusal::NotThisCard),
                };
                Turn::to(Then::Open(Box::new(next)))
            }
            _ => Turn::stay(),
        }
    }

    pub(super) fn page(&self, around: &Surroundings) -> Page {
        Page::Card(view::Card {
            role: around.say("申请人", "Applicant"),
            title: around.say(&format!("打 {} 的凭条", self.number), &format!("Slip of {}", self.number)),
            state: self.asked.shown(around),
            other_way: String::new(),
            large_type: false,
        })
    }

    pub(super) fn finish(&self) -> Left {
        Left { card: self.card_read, cards: usize::from(self.card_read), ..Left::default() }
    }
}
