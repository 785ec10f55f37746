//! A card that a page asks for: what the page says of it after each word of the reader. Whose card it must be, and
//! what follows, is the journey's.

use crate::session::{CardEvent, HeldCard, Surroundings, WrongCard};
use crate::view::CardState;

/// One card being asked for.
#[derive(Debug)]
pub struct CardAsked {
    pub(super) state: CardState,
    /// Tries that ended unreadable.
    attempts: u32,
}

/// What a word of the reader came to.
#[derive(Debug)]
pub(super) enum Heard {
    /// The card was read whole.
    Read(Box<HeldCard>),
    /// It did not work; the page says why.
    Failed,
    /// It goes on.
    GoesOn,
}

impl CardAsked {
    /// Nothing lies there yet.
    pub(super) fn new() -> Self {
        Self { state: CardState::Waiting, attempts: 0 }
    }

    /// A card lies there already.
    pub(super) fn reading() -> Self {
        Self { state: CardState::Reading, attempts: 0 }
    }

    /// The citizen tries again.
    pub(super) fn again(&mut self) {
        self.state = CardState::Waiting;
    }

    /// Takes what the reader said.
    pub(super) fn hear(&mut self, event: CardEvent, around: &Surroundings) -> Heard {
        let (state, heard) = match event {
            CardEvent::Read(card) => return Heard::Read(card),
            CardEvent::Reading => (CardState::Reading, Heard::GoesOn),
            CardEvent::LiftedTooEarly => (CardState::LiftedTooEarly, Heard::Failed),
            CardEvent::Unreadable => {
                self.attempts += 1;
                (CardState::Unreadable { attempts: self.attempts }, Heard::Failed)
            }
            CardEvent::Wrong(why) => (CardState::WrongCard(wrong_card(why, around)), Heard::Failed),
            CardEvent::ReaderFault => (CardState::ReaderFault, Heard::GoesOn),
            CardEvent::ReaderWell if self.state == CardState::ReaderFault => (CardState::Waiting, Heard::GoesOn),
            CardEvent::ReaderWell => return Heard::GoesOn,
        };
        self.state = state;
        heard
    }
}

/// In a sentence what is wrong, for a page without a place for the card's state; `None` where nothing is.
pub(super) fn trouble(event: &CardEvent, around: &Surroundings) -> Option<String> {
    match event {
        CardEvent::LiftedTooEarly => Some(around.say(
            "身份证拿开得早了一点，请再放一次，听到提示音再拿走。",
            "The card was lifted too early; put it down again until you hear the tone.",
        )),
        CardEvent::Unreadable => Some(around.say(
            "没有读出来。请把证件放平，离手机远一点，再放一次。",
            "The card could not be read. Lay it flat, away from your phone, and try again.",
        )),
        CardEvent::ReaderFault => {
            Some(around.say(
                "读卡器暂时用不了，请找工作人员。",
                "The card reader does not work at the moment; please ask staff.",
            ))
        }
        CardEvent::Wrong(why) => Some(wrong_card(*why, around)),
        CardEvent::Reading | CardEvent::Read(_) | CardEvent::ReaderWell => None,
    }
}

fn wrong_card(why: WrongCard, around: &Surroundings) -> String {
    match why {
        WrongCard::NotAnIdCard => around.say(
            "这不是身份证件。请放身份证、港澳台居民居住证或外国人永久居留身份证。",
            "This is not an ID card. Please put down an ID card, a residence permit or a permanent residence card.",
        ),
        WrongCard::LeftBehind => around.say(
            "读卡器上还放着一张证件。请拿起来；是您本人的，再放一次。",
            "A card already lies on the reader. Please lift it; if it is yours, put it down again.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Content;
    use crate::session::Moment;
    use jiff::civil::{date, time};
    use std::sync::Arc;

    #[test]
    fn a_reader_that_answers_again_is_waited_for_and_forgets_no_tries() {
        let around = Surroundings::at(
            Arc::new(Content::none().unwrap()),
            "007",
            Moment { date: date(2026, 11, 23), time: time(10, 0, 0, 0) },
        );
        let mut asked = CardAsked::new();
        assert!(matches!(asked.hear(CardEvent::Unreadable, &around), Heard::Failed));
        asked.hear(CardEvent::ReaderFault, &around);
        assert_eq!(asked.state, CardState::ReaderFault);
        asked.hear(CardEvent::ReaderWell, &around);
        assert_eq!(asked.state, CardState::Waiting);
        asked.hear(CardEvent::Unreadable, &around);
        assert_eq!(asked.state, CardState::Unreadable { attempts: 2 });
    }
}
