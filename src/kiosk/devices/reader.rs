//! The ID-card reader's thread: looks for a card while the session wants one, tests the reader while it does
//! not, backs off while the reader is in trouble. Never reads a card that nobody asked for.

use super::wish::{Servant, Wish, Woken};
use super::{BackOff, DeviceClass, Health, card};
use crate::session::{CardEvent, Event};
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
    /// The card that lies there, or comes.
    Card,
    /// A card put down anew: what lies there now does not count until it was lifted.
    AnotherCard,
    /// The program ends.
    End,
}

/// The thread and its wish.
pub struct Reader {
    servant: Servant<Want>,
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
        let lies = Arc::new(AtomicBool::new(false));
        let (found, wished, lying) = (tell.clone(), wish.clone(), lies.clone());
        reader.on_card_found(Box::new(move || {
            // A card that was read and not lifted is no news where another is wanted.
            if wished.now() == Want::Card || !lying.load(Ordering::Relaxed) {
                found(Event::Card(CardEvent::Reading));
            }
        }));
        let work = Work {
            reader,
            health,
            wish: wish.clone(),
            lies,
            tell,
            last: None,
            key: RandomState::new(),
            back_off: BackOff::default(),
            glanced: false,
        };
        Self { servant: Servant::start("id-card-reader", wish, Want::End, move || work.run()) }
    }

    /// What is wanted from now on.
    pub fn want(&self, want: Want) {
        self.servant.want(want);
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
    /// The card read last still lies there, as far as is known.
    lies: Arc<AtomicBool>,
    tell: Arc<dyn Fn(Event) + Send + Sync>,
    /// The card read last, as a hash under a key of this run: its number itself must not stay in memory. Forgotten
    /// when it was lifted or nothing is wanted any more.
    last: Option<u64>,
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
                    self.glanced = false;
                    let well = self.health.is_well(DeviceClass::IdCardReader);
                    let wait = if well { SELF_TEST_EVERY } else { self.back_off.next_wait() };
                    if self.wish.wait(Want::Nothing, wait) != Woken::Wish {
                        self.forget_last();
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
        // Whether the card read last was lifted is asked often and briefly, so that a short lift is noticed.
        let lies = want == Want::AnotherCard && self.last.is_some();
        if lies && std::mem::replace(&mut self.glanced, true) {
            self.wish.wait(want, GLANCE_EVERY);
        }
        match self.reader.read_card(if lies { GLANCE } else { LOOK }) {
            Ok(Some(card)) => {
                self.well();
                self.read(&card, want);
            }
            Ok(None) => {
                self.well();
                self.forget_last();
            }
            Err(ReadError::LiftedTooEarly) => {
                self.well();
                self.forget_last();
                (self.tell)(Event::Card(CardEvent::LiftedTooEarly));
            }
            Err(ReadError::Unreadable(_) | ReadError::UnsupportedCard) => {
                self.well();
                (self.tell)(Event::Card(CardEvent::Unreadable));
                // The same card would be just as unreadable in a moment: time to take it away.
                self.wish.wait(want, Duration::from_millis(1500));
            }
            Err(ReadError::Device(error)) => self.trouble(&error, want),
        }
    }

    fn read(&mut self, card: &IdCard, want: Want) {
        let this = self.key.hash_one(card.number.as_str());
        if want == Want::AnotherCard && self.last == Some(this) {
            return;
        }
        self.last = Some(this);
        self.lies.store(true, Ordering::Relaxed);
        // Whoever wanted it has gone meanwhile: nobody else shall be taken for this person.
        if self.wish.now() != want {
            return;
        }
        self.wish.fulfilled(want, Want::Nothing);
        (self.tell)(Event::Card(CardEvent::Read(Box::new(card::held(card)))));
    }

    fn forget_last(&mut self) {
        self.last = None;
        self.lies.store(false, Ordering::Relaxed);
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
        (self.tell)(Event::Card(CardEvent::ReaderFault));
        let woken = self.wish.wait(want, self.back_off.next_wait());
        self.back_off.waited(woken);
    }
}
