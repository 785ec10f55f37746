//! A card that a page asks for: what the page says of it after each word of the reader. Whose card it must be, and
//! what follows, is the journey's.

use crate::session::{CardEvent, Effect, HeldCard, Sound, Surroundings, WrongCard};
use crate::view::CardState;
use wire::catalogue::Text;

/// After this many tries that failed, staff is called (rules 8.8).
const TRIES_BEFORE_HELP: u32 = 3;

/// One card being asked for.
#[derive(Debug)]
pub struct CardAsked {
    pub(super) state: Asked,
    tries: Tries,
}

/// Tries that failed: the card was unreadable, or lifted before it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tries(u32);

impl Tries {
    /// Counts the try that this word of the reader ends; whether now help is needed.
    pub(super) fn again(&mut self, event: &CardEvent) -> bool {
        let failed = matches!(event, CardEvent::Unreadable | CardEvent::LiftedTooEarly);
        self.0 += u32::from(failed);
        failed && self.0 == TRIES_BEFORE_HELP
    }
}

/// What a card that was not read calls for. `place` is where the citizen is, nothing personal.
pub(super) fn not_read(helpless: bool, place: &str, around: &Surroundings) -> Vec<Effect> {
    let mut effects = vec![Effect::Sound(Sound::Error)];
    if helpless && around.staff_listens {
        effects.push(Effect::CallStaff { step: format!("{place}：读卡失败 {TRIES_BEFORE_HELP} 次") });
    }
    effects
}

/// How reading it stands: a [`CardState`] whose words are in no language yet.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Waiting,
    Reading,
    LiftedTooEarly,
    Unreadable {
        attempts: u32,
    },
    ReaderFault,
    WrongCard(Text),
    /// Name and number by the mask.
    Read {
        name: String,
        number: String,
        remark: Text,
    },
}

/// What a word of the reader came to.
#[derive(Debug)]
pub(super) enum Heard {
    /// The card was read whole.
    Read(Box<HeldCard>),
    /// It did not work; the page says why.
    Failed {
        /// Once too often: staff is called.
        helpless: bool,
    },
    /// It goes on.
    GoesOn,
}

impl CardAsked {
    /// Nothing lies there yet.
    pub(super) fn new() -> Self {
        Self { state: Asked::Waiting, tries: Tries::default() }
    }

    /// A card lies there already.
    pub(super) fn reading() -> Self {
        Self { state: Asked::Reading, tries: Tries::default() }
    }

    /// The citizen tries again.
    pub(super) fn again(&mut self) {
        self.state = Asked::Waiting;
    }

    /// Whether a card was read and taken.
    pub(super) fn is_read(&self) -> bool {
        matches!(self.state, Asked::Read { .. })
    }

    /// As it is shown.
    pub(super) fn shown(&self, around: &Surroundings) -> CardState {
        match &self.state {
            Asked::Waiting => CardState::Waiting,
            Asked::Reading => CardState::Reading,
            Asked::LiftedTooEarly => CardState::LiftedTooEarly,
            Asked::Unreadable { attempts } => CardState::Unreadable { attempts: *attempts },
            Asked::ReaderFault => CardState::ReaderFault,
            Asked::WrongCard(why) => CardState::WrongCard(around.pick(why)),
            Asked::Read { name, number, remark } => {
                CardState::Read { name: name.clone(), number: number.clone(), remark: around.pick(remark) }
            }
        }
    }

    /// Takes what the reader said.
    pub(super) fn hear(&mut self, event: CardEvent) -> Heard {
        let helpless = self.tries.again(&event);
        let (state, heard) = match event {
            CardEvent::Read(card) => return Heard::Read(card),
            CardEvent::Reading => (Asked::Reading, Heard::GoesOn),
            CardEvent::LiftedTooEarly => (Asked::LiftedTooEarly, Heard::Failed { helpless }),
            CardEvent::Unreadable => (Asked::Unreadable { attempts: self.tries.0 }, Heard::Failed { helpless }),
            CardEvent::Wrong(why) => (Asked::WrongCard(wrong_card(why)), Heard::Failed { helpless }),
            CardEvent::ReaderFault => (Asked::ReaderFault, Heard::GoesOn),
            CardEvent::ReaderWell if self.state == Asked::ReaderFault => (Asked::Waiting, Heard::GoesOn),
            CardEvent::ReaderWell => return Heard::GoesOn,
        };
        self.state = state;
        heard
    }
}

/// In a sentence what is wrong, for a page without a place for the card's state; `None` where nothing is.
pub(super) fn trouble(event: &CardEvent) -> Option<Text> {
    match event {
        CardEvent::LiftedTooEarly => Some(Text::new(
            "身份证拿开得早了一点，请再放一次，听到提示音再拿走。",
            "The card was lifted too early; put it down again until you hear the tone.",
        )),
        CardEvent::Unreadable => Some(Text::new(
            "没有读出来。请把证件放平，离手机远一点，再放一次。",
            "The card could not be read. Lay it flat, away from your phone, and try again.",
        )),
        CardEvent::ReaderFault => Some(Text::new(
            "读卡器暂时用不了，请找工作人员。",
            "The card reader does not work at the moment; please ask staff.",
        )),
        CardEvent::Wrong(why) => Some(wrong_card(*why)),
        CardEvent::Reading | CardEvent::Read(_) | CardEvent::ReaderWell => None,
    }
}

fn wrong_card(why: WrongCard) -> Text {
    match why {
        WrongCard::NotAnIdCard => Text::new(
            "这不是身份证件。请放身份证、港澳台居民居住证或外国人永久居留身份证。",
            "This is not an ID card. Please put down an ID card, a residence permit or a permanent residence card.",
        ),
        WrongCard::LeftBehind => Text::new(
            "读卡器上还放着一张证件。请拿起来；是您本人的，再放一次。",
            "A card already lies on the reader. Please lift it; if it is yours, put it down again.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_answers_again_is_waited_for_and_forgets_no_tries() {
        let mut asked = CardAsked::new();
        assert!(matches!(asked.hear(CardEvent::Unreadable), Heard::Failed { helpless: false }));
        asked.hear(CardEvent::ReaderFault);
        assert_eq!(asked.state, Asked::ReaderFault);
        asked.hear(CardEvent::ReaderWell);
        assert_eq!(asked.state, Asked::Waiting);
        asked.hear(CardEvent::Unreadable);
        assert_eq!(asked.state, Asked::Unreadable { attempts: 2 });
    }
}
