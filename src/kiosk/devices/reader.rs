//! The ID-card reader's thread: looks for a card while the session wants one, tests the reader while it does
//! not, backs off while the reader is in trouble. Never reads a card that nobody asked for.

use super::wish::{Servant, Wish, Woken};
use super::{BackOff, DeviceClass, Health, card};
use crate::session::{CardEvent, Event, WrongCard};
use drivers::DeviceError;
use drivers::id_card_reader::{IdCard, IdCardReader, ReadError};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// One look for a card; short, so that an end of the wish is soon noticed.
const LOOK: Duration = Duration::from_millis(800);
/// A look whether the card that was read still lies there.
const GLANCE: Duration = Duration::from_millis(1);
/// Between two glances.
const GLANCE_EVERY: Duration = Duration::from_millis(150);
/// Between two tests of a reader that is not used.
const SELF_TEST_EVERY: Duration = Duration::from_secs(20);

/// What the session wants of the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Nothing.
    Nothing,
    /// The card that lies there, or comes; one that an earlier session read must be lifted first.
    Card,
    /// A card put down anew: what lies there now does not count until it was lifted.
    AnotherCard,
    /// The program ends.
    End,
}

/// The thread and its wish.
pub struct Reader {
    servant: Servant<Want>,
    marks: Arc<Marks>,
}

/// What the thread is told beside the wish.
#[derive(Default)]
struct Marks {
    /// A card is asked for anew: what was said of one that still lies there may be said again.
    anew: AtomicBool,
    /// The session is over in which the last card was read.
    session_over: AtomicBool,
    /// That something lies there is known, and no news when the driver finds it.
    known: AtomicBool,
}

impl Reader {
    /// Starts the thread. `tell` is called from it and must not block.
    pub fn start(
        mut reader: Box<dyn IdCardReader>,
        health: Health,
        tell: impl Fn(Event) + Send + Sync + 'static,
    ) -> Self {
        let tell: Arc<dyn Fn(Event) + Send + Sync> = Arc::new(tell);
        let wish = Arc::new(Wish::new(Want::Nothing));
        let marks = Arc::new(Marks::default());
        let (found, noted) = (tell.clone(), marks.clone());
        reader.on_card_found(Box::new(move || {
            if !noted.known.load(Ordering::Relaxed) {
                found(Event::Card(CardEvent::Reading));
            }
        }));
        let work = Work {
            reader,
            health,
            wish: wish.clone(),
            marks: marks.clone(),
            tell,
            last: None,
            left_behind: false,
            said: false,
            fault_said: false,
            key: RandomState::new(),
            back_off: BackOff::default(),
            glanced: false,
        };
        Self { servant: Servant::start("id-card-reader", wish, Want::End, move || work.run()), marks }
    }

    /// What is wanted from now on.
    pub fn want(&self, want: Want) {
        self.marks.anew.store(true, Ordering::Relaxed);
        self.servant.want(want);
    }

    /// The session is over: a card that it read and that still lies there is nobody's until it was lifted.
    pub fn session_over(&self) {
        self.marks.session_over.store(true, Ordering::Relaxed);
    }

    /// To be called when the reader may have come or gone.
    pub fn knocker(&self) -> impl Fn() + Send + 'static {
        self.servant.knocker()
    }
}

struct Work {
    reader: Box<dyn IdCardReader>,
    health: Health,
    wish: Arc<Wish<Want>>,
    marks: Arc<Marks>,
    tell: Arc<dyn Fn(Event) + Send + Sync>,
    /// The card read last, as a hash under a key of this run: its number itself must not stay in memory. Forgotten
    /// when it was lifted.
    last: Option<u64>,
    /// It was read in an earlier session.
    left_behind: bool,
    /// What lies there was said to be unreadable or wrong already.
    said: bool,
    /// The reader was said to be in trouble.
    fault_said: bool,
    key: RandomState,
    back_off: BackOff,
    /// A glance of this wish was already made.
    glanced: bool,
}

impl Work {
    fn run(mut self) {
        self.test();
        loop {
            match self.wish.now() {
                Want::End => return,
                Want::Nothing => {
                    (self.glanced, self.fault_said) = (false, false);
                    let well = self.health.is_well(DeviceClass::IdCardReader);
                    let wait = if well { SELF_TEST_EVERY } else { self.back_off.next_wait() };
                    if self.wish.wait(Want::Nothing, wait) != Woken::Wish {
                        self.test();
                    }
                }
                want => self.look(want),
            }
        }
    }

    fn test(&mut self) {
        match self.reader.self_test() {
            Ok(_) => self.well(),
            Err(error) => {
                self.ill(&error);
                self.back_off.longer();
            }
        }
    }

    fn look(&mut self, want: Want) {
        if self.marks.anew.swap(false, Ordering::Relaxed) {
            // Who wants another card wants this one lifted first.
            (self.said, self.fault_said) = (self.said && want == Want::AnotherCard, false);
        }
        if self.marks.session_over.swap(false, Ordering::Relaxed) {
            self.left_behind = self.last.is_some();
        }
        // Whether the card read last was lifted is asked often and briefly, so that a short lift is noticed.
        let lies = self.last.is_some() && (want == Want::AnotherCard || self.left_behind);
        self.marks.known.store(lies || self.said, Ordering::Relaxed);
        if lies && std::mem::replace(&mut self.glanced, true) {
            self.wish.wait(want, GLANCE_EVERY);
        }
        match self.reader.read_card(if lies || self.said { GLANCE } else { LOOK }) {
            Ok(Some(card)) => {
                self.answers();
                self.read(&card, want);
            }
            Ok(None) => {
                self.answers();
                self.lifted();
            }
            Err(ReadError::LiftedTooEarly) => {
                self.answers();
                let was_said = self.said;
                self.lifted();
                // Nobody waits for the card of which it was only asked whether it still lies there; and who was told
                // what is wrong with it has lifted it as asked.
                if !lies && !was_said {
                    (self.tell)(Event::Card(CardEvent::LiftedTooEarly));
                }
            }
            Err(ReadError::Unreadable(_)) => self.refuse(CardEvent::Unreadable, want),
            Err(ReadError::UnsupportedCard) => self.refuse(CardEvent::Wrong(WrongCard::NotAnIdCard), want),
            Err(ReadError::Device(error)) => self.trouble(&error, want),
        }
    }

    fn read(&mut self, card: &IdCard, want: Want) {
        let this = self.key.hash_one(card.number.as_str());
        if self.last == Some(this) && self.left_behind && want == Want::Card {
            self.say(CardEvent::Wrong(WrongCard::LeftBehind));
            return;
        }
        if self.last == Some(this) && want == Want::AnotherCard {
            return;
        }
        let Some(held) = card::held(card) else {
            self.refuse(CardEvent::Unreadable, want);
            return;
        };
        (self.last, self.left_behind, self.said) = (Some(this), false, false);
        // Whoever wanted it has gone meanwhile: nobody else shall be taken for this person.
        if self.wish.now() != want {
            return;
        }
        // This card is of the session that begins or goes on, however late the end of the last one is looked at.
        self.marks.session_over.store(false, Ordering::Relaxed);
        self.wish.fulfilled(want, Want::Nothing);
        (self.tell)(Event::Card(CardEvent::Read(Box::new(held))));
    }

    /// What lies there cannot be taken.
    fn refuse(&mut self, why: CardEvent, want: Want) {
        self.answers();
        self.say(why);
        // It would be just the same in a moment; a short lift is to be noticed.
        self.wish.wait(want, GLANCE_EVERY);
    }

    /// Says it once of what lies there: a card that nobody takes away must not look like somebody who does something.
    fn say(&mut self, what: CardEvent) {
        if !std::mem::replace(&mut self.said, true) {
            (self.tell)(Event::Card(what));
        }
    }

    /// Nothing lies there.
    fn lifted(&mut self) {
        (self.last, self.left_behind, self.said) = (None, false, false);
    }

    /// The reader did its work.
    fn answers(&mut self) {
        self.well();
        if std::mem::take(&mut self.fault_said) {
            (self.tell)(Event::Card(CardEvent::ReaderWell));
        }
    }

    fn well(&mut self) {
        self.back_off = BackOff::default();
        if self.health.well(DeviceClass::IdCardReader) {
            (self.tell)(Event::Health);
        }
    }

    fn ill(&self, error: &DeviceError) {
        if self.health.ill(DeviceClass::IdCardReader, error) {
            (self.tell)(Event::Health);
        }
    }

    /// Trouble while a card is wanted.
    fn trouble(&mut self, error: &DeviceError, want: Want) {
        self.ill(error);
        if !std::mem::replace(&mut self.fault_said, true) {
            (self.tell)(Event::Card(CardEvent::ReaderFault));
        }
        let woken = self.wish.wait(want, self.back_off.next_wait());
        self.back_off.waited(woken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drivers::id_card_reader::SdtTimings;
    use drivers::id_card_reader::sdt_words::Status;
    use drivers::id_card_reader::simulator::{ReaderKnobs, SimulatedCard, in_memory};
    use std::sync::mpsc::{Receiver, channel};

    const LONG: Duration = Duration::from_secs(10);

    fn card() -> SimulatedCard {
        SimulatedCard::from_text(*include_bytes!("../../../drivers/tests/sdt/text_A.bin"))
    }

    fn started() -> (Reader, ReaderKnobs, Receiver<Event>) {
        let (driver, knobs) = in_memory();
        let driver = driver.with_timings(SdtTimings { find_interval_ms: 5, ..SdtTimings::default() });
        let (tell, told) = channel();
        let reader = Reader::start(Box::new(driver), Health::default(), move |event| {
            let _ = tell.send(event);
        });
        (reader, knobs, told)
    }

    /// The next thing said of a card, "it is being read" left out.
    fn said(told: &Receiver<Event>) -> CardEvent {
        loop {
            match told.recv_timeout(LONG).unwrap() {
                Event::Card(CardEvent::Reading) => {}
                Event::Card(event) => return event,
                _ => {}
            }
        }
    }

    /// Waits until the reader was asked so often again.
    fn asked_again(knobs: &ReaderKnobs, times: usize) {
        assert!(knobs.wait_for_requests(times, LONG));
    }

    /// Waits until the card was lifted within a read and the reader has noticed.
    fn lifted_mid_read(knobs: &ReaderKnobs) {
        knobs.lift_mid_read();
        while knobs.has_card() {
            std::thread::yield_now();
        }
        let so_far = (1..).take_while(|count| knobs.wait_for_requests(*count, Duration::ZERO)).count();
        asked_again(knobs, so_far + 2);
    }

    #[test]
    fn a_card_that_was_said_to_be_of_no_use_is_never_lifted_too_early() {
        let said_of_it = |event: &CardEvent| match event {
            CardEvent::Unreadable => Some(Status::ReadFailed),
            CardEvent::Wrong(WrongCard::NotAnIdCard) => Some(Status::WrongCardType),
            _ => None,
        };
        for status in [Status::ReadFailed, Status::WrongCardType] {
            let (reader, knobs, told) = started();
            knobs.card_status(Some(status));
            knobs.insert_card(card());
            reader.want(Want::Card);
            assert_eq!(said_of_it(&said(&told)), Some(status));
            lifted_mid_read(&knobs);
            knobs.card_status(None);
            knobs.insert_card(card());
            let next = said(&told);
            assert!(matches!(next, CardEvent::Read(_)), "{next:?}");
        }
    }

    #[test]
    fn a_card_of_which_nothing_was_said_is_lifted_too_early_when_it_goes_mid_read() {
        let (reader, knobs, told) = started();
        knobs.lift_mid_read();
        knobs.insert_card(card());
        reader.want(Want::Card);
        assert!(matches!(said(&told), CardEvent::LiftedTooEarly));
    }

    #[test]
    fn a_card_that_is_not_lifted_is_no_other_card_however_long_nothing_was_wanted() {
        let (reader, knobs, told) = started();
        reader.want(Want::Card);
        knobs.insert_card(card());
        assert!(matches!(said(&told), CardEvent::Read(_)));
        // What the wait of twenty seconds does, at once.
        reader.knocker()();
        reader.want(Want::AnotherCard);
        asked_again(&knobs, 40);
        assert!(told.try_iter().all(|event| !matches!(event, Event::Card(CardEvent::Read(_)))));
        knobs.lift();
        asked_again(&knobs, 60);
        knobs.insert_card(card());
        assert!(matches!(said(&told), CardEvent::Read(_)));
    }

    #[test]
    fn a_card_that_the_last_citizen_left_serves_nobody_until_it_was_lifted() {
        let (reader, knobs, told) = started();
        reader.want(Want::Card);
        knobs.insert_card(card());
        assert!(matches!(said(&told), CardEvent::Read(_)));
        reader.session_over();
        reader.want(Want::Card);
        assert!(matches!(said(&told), CardEvent::Wrong(WrongCard::LeftBehind)));
        knobs.lift();
        asked_again(&knobs, 40);
        knobs.insert_card(card());
        assert!(matches!(said(&told), CardEvent::Read(_)));
    }
}
