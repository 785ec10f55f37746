//! The thread of the lights at the slots and of the door's switch: lets shine what the page wants, sets right what
//! the board lost, looks at the door every second. An open door is told to the hall and keeps nobody from anything.

use super::wish::{Servant, Wish};
use super::{BackOff, DeviceClass, Health};
use crate::session::{Event, Lights};
use drivers::DeviceError;
use drivers::indicator::{CabinetDoor, FlashRate, Indicators, Light};
use std::sync::Arc;
use std::time::Duration;

/// Between two looks at the door; also the longest between two looks at the lights.
const DOOR_EVERY: Duration = Duration::from_secs(1);
/// The word of an open door.
const DOOR_OPEN: &str = "open";

/// The thread and its wish; no lights are wanted any more at its end.
pub struct Indicator {
    servant: Servant<Option<Lights>>,
}

impl Indicator {
    /// Starts the thread. `tell` is called from it and must not block.
    pub fn start(board: Box<dyn Indicators>, health: Health, tell: impl Fn(Event) + Send + 'static) -> Self {
        let wish = Arc::new(Wish::new(Some(Lights::default())));
        let work = Work {
            board,
            health,
            wish: wish.clone(),
            tell: Box::new(tell),
            back_off: BackOff::default(),
            set: Vec::new(),
        };
        Self { servant: Servant::start("indicator", wish, None, move || work.run()) }
    }

    /// These shine from now on.
    pub fn show(&self, lights: Lights) {
        self.servant.want(Some(lights));
    }

    /// To be called when the board may have come or gone.
    pub fn knocker(&self) -> impl Fn() + Send + 'static {
        self.servant.knocker()
    }
}

struct Work {
    board: Box<dyn Indicators>,
    health: Health,
    wish: Arc<Wish<Option<Lights>>>,
    tell: Box<dyn Fn(Event) + Send>,
    back_off: BackOff,
    /// What the board was told last.
    set: Vec<(Light, FlashRate)>,
}

impl Work {
    fn run(mut self) {
        if let Err(error) = self.board.self_test() {
            self.ill(&error);
        }
        while let Some(lights) = self.wish.now() {
            match self.carry(lights) {
                Ok(next) => {
                    self.back_off = BackOff::default();
                    self.news(|health| health.well(DeviceClass::Indicator));
                    self.wish.wait(Some(lights), next.min(DOOR_EVERY));
                }
                Err(error) => {
                    self.ill(&error);
                    self.set.clear();
                    let woken = self.wish.wait(Some(lights), self.back_off.next_wait());
                    self.back_off.waited(woken);
                }
            }
        }
        // Nothing is wanted of a citizen any more; a board that does not answer now goes dark with its power.
        for light in Light::ALL {
            let _ = self.board.set_light(light, FlashRate::Off);
        }
    }

    /// Sets what differs, carries the flashing on, looks at the door; when to come again.
    fn carry(&mut self, lights: Lights) -> Result<Duration, DeviceError> {
        let wanted = rates(lights);
        for (light, rate) in wanted {
            if !self.set.contains(&(light, rate)) {
                self.board.set_light(light, rate)?;
            }
        }
        self.set = wanted.to_vec();
        let next = self.board.keep()?;
        match self.board.cabinet_door()? {
            Some(CabinetDoor::Open) => self.news(|health| health.wants(DeviceClass::CabinetDoor, DOOR_OPEN)),
            Some(CabinetDoor::Closed) | None => self.news(|health| health.well(DeviceClass::CabinetDoor)),
        }
        Ok(next)
    }

    fn ill(&self, error: &DeviceError) {
        self.news(|health| health.ill(DeviceClass::Indicator, error));
    }

    fn news(&self, change: impl FnOnce(&Health) -> bool) {
        if change(&self.health) {
            (self.tell)(Event::Health);
        }
    }
}

/// A place where the citizen must act breathes slowly, as on the page; the terminal's own light is steady.
fn rates(lights: Lights) -> [(Light, FlashRate); 6] {
    let slot = |on| if on { FlashRate::Slow } else { FlashRate::Off };
    [
        (Light::CardReader, slot(lights.card_reader)),
        (Light::ReceiptPrinter, slot(lights.receipt_printer)),
        (Light::DocumentPrinter, slot(lights.document_printer)),
        (Light::Scanner, slot(lights.scanner)),
        (Light::BarcodeReader, slot(lights.barcode_reader)),
        (Light::Status, if lights.in_service { FlashRate::Continuous } else { FlashRate::Off }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use drivers::indicator::simulator;
    use std::sync::mpsc::channel;

    #[test]
    fn lights_follow_the_wish_and_an_open_door_is_told_until_it_is_closed() {
        let (board, knobs) = simulator::in_memory();
        let health = Health::default();
        let (sender, told) = channel();
        let indicator = Indicator::start(Box::new(board), health.clone(), move |event| drop(sender.send(event)));
        let until = |what: &str, holds: &dyn Fn() -> bool| {
            let end = std::time::Instant::now() + Duration::from_secs(20);
            while !holds() {
                assert!(std::time::Instant::now() < end, "waited in vain for {what}");
                let _ = told.recv_timeout(Duration::from_millis(5));
            }
        };
        indicator.show(Lights { card_reader: true, in_service: true, ..Lights::default() });
        until("the reader's light and the terminal's", &|| knobs.coils()[0] && knobs.coils()[5]);
        knobs.door_open(true);
        until("the door", &|| health.troubles().get("cabinet_door").map(String::as_str) == Some("open"));
        knobs.unplug();
        until("a board that is gone", &|| !health.is_well(DeviceClass::Indicator));
        knobs.replug();
        knobs.door_open(false);
        until("the board again, and a closed door", &|| health.troubles().is_empty());
        drop(indicator);
        assert!(knobs.coils().iter().all(|on| !on), "nothing shines at the end");
    }
}
