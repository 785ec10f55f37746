//! The thread of a reader of codes (barcode module, keyboard wedge, HID-POS, camera): reads while a page wants a
//! code, and only then. A reader that types is held all the time, so that a scan never types into a form. Decoding
//! happens here, off the UI thread. What a code means is the session's.

use super::wish::{Servant, Wish, Woken};
use super::{BackOff, DeviceClass, Health};
use crate::session::{Event, ScannedCode};
use drivers::DeviceError;
use drivers::barcode_reader::BarcodeReader;
use std::sync::Arc;
use std::time::Duration;

/// One look for a code; short, so that an end of the wish is soon noticed.
const LOOK: Duration = Duration::from_millis(500);
/// Between two tests of a reader that is not used.
const TEST_EVERY: Duration = Duration::from_secs(20);
/// The same for a camera: a test lights its lamp, which would look as if somebody watched.
const CAMERA_TEST_EVERY: Duration = Duration::from_secs(600);
/// After a code: the same one still lies there, and the page must have time to want no more.
const AFTER_CODE: Duration = Duration::from_millis(300);

/// A reader of codes and what it is.
pub type CodeDevice = (DeviceClass, Box<dyn BarcodeReader>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    Nothing,
    Code,
    End,
}

/// The thread and its wish.
pub struct CodeReader {
    servant: Servant<Want>,
}

impl CodeReader {
    /// Starts the thread. `tell` is called from it and must not block.
    pub fn start(
        class: DeviceClass,
        reader: Box<dyn BarcodeReader>,
        health: Health,
        tell: impl Fn(Event) + Send + 'static,
    ) -> Self {
        let wish = Arc::new(Wish::new(Want::Nothing));
        let work =
            Work { class, reader, health, wish: wish.clone(), tell: Box::new(tell), back_off: BackOff::default() };
        Self { servant: Servant::start(&class.name().replace('_', "-"), wish, Want::End, move || work.run()) }
    }

    /// Whether codes are wanted from now on.
    pub fn want(&self, codes: bool) {
        self.servant.want(if codes { Want::Code } else { Want::Nothing });
    }

    /// To be called when the reader may have come or gone.
    pub fn knocker(&self) -> impl Fn() + Send + 'static {
        self.servant.knocker()
    }
}

struct Work {
    class: DeviceClass,
    reader: Box<dyn BarcodeReader>,
    health: Health,
    wish: Arc<Wish<Want>>,
    tell: Box<dyn Fn(Event) + Send>,
    back_off: BackOff,
}

impl Work {
    fn run(mut self) {
        self.test();
        loop {
            match self.wish.now() {
                Want::End => return,
                Want::Code => self.look(),
                Want::Nothing => {
                    self.reader.rest();
                    if self.wish.wait(Want::Nothing, self.test_every()) != Woken::Wish {
                        self.test();
                    }
                }
            }
        }
    }

    fn test_every(&self) -> Duration {
        match (self.health.is_well(self.class), self.class) {
            (false, _) => self.back_off.next_wait(),
            (true, DeviceClass::Camera) => CAMERA_TEST_EVERY,
            (true, _) => TEST_EVERY,
        }
    }

    fn test(&mut self) {
        match self.reader.self_test() {
            Ok(()) => self.well(),
            Err(error) => {
                self.ill(&error);
                self.back_off.longer();
            }
        }
    }

    fn look(&mut self) {
        match self.reader.scan(LOOK) {
            Ok(Some(scan)) => {
                self.well();
                if self.wish.now() == Want::Code {
                    // Bytes that are no text in any of the encodings are a code all the same, and not ours.
                    (self.tell)(Event::Scanned(ScannedCode::new(scan.text().unwrap_or_default())));
                    self.wish.wait(Want::Code, AFTER_CODE);
                }
            }
            Ok(None) => self.well(),
            Err(error) => {
                self.ill(&error);
                let woken = self.wish.wait(Want::Code, self.back_off.next_wait());
                self.back_off.waited(woken);
            }
        }
    }

    fn well(&mut self) {
        self.back_off = BackOff::default();
        if self.health.well(self.class) {
            (self.tell)(Event::Health);
        }
    }

    fn ill(&mut self, error: &DeviceError) {
        if self.health.ill(self.class, error) {
            (self.tell)(Event::Health);
        }
    }
}
