//! The camera as a reader of codes, over frames in the bytes of a kernel.

use super::{Fault, Outcome, Phase, Subject};
use drivers::barcode_reader::BarcodeReader;
use drivers::camera::simulator::{CameraKnobs, camera_in_memory};
use drivers::camera::{CameraReader, GreyFrame};
use qrcode::{Color, QrCode};
use std::time::Duration;

const CODE: &str = "370100-0017-20260101";
/// The frame's budget is processor time; a busy machine needs longer for it.
const SOON: Duration = Duration::from_secs(20);
/// Pixels of the frame and of a module.
const SIZE: (usize, usize) = (640, 480);
const MODULE: usize = 6;

struct Camera {
    driver: CameraReader,
    knobs: CameraKnobs,
}

pub fn camera() -> Box<dyn Subject> {
    let (driver, knobs) = camera_in_memory();
    knobs.show(picture());
    Box::new(Camera { driver, knobs })
}

fn picture() -> GreyFrame {
    let code = QrCode::new(CODE).unwrap();
    let colours = code.to_colors();
    let module = |at: usize, size: usize| {
        let at = at.checked_sub((size - code.width() * MODULE) / 2)? / MODULE;
        (at < code.width()).then_some(at)
    };
    let dark = |at: usize| match (module(at % SIZE.0, SIZE.0), module(at / SIZE.0, SIZE.1)) {
        (Some(x), Some(y)) => colours[y * code.width() + x] == Color::Dark,
        _ => false,
    };
    let pixels: Vec<u8> = (0..SIZE.0 * SIZE.1).map(|at| if dark(at) { 30 } else { 210 }).collect();
    GreyFrame { width: SIZE.0, height: SIZE.1, pixels: pixels.into() }
}

impl Subject for Camera {
    fn name(&self) -> &'static str {
        "Camera, V4L2 frames"
    }

    fn ask(&mut self) -> Outcome {
        self.driver.self_test().map_or_else(|error| Outcome::from(&error), |()| Outcome::fine("picture seen"))
    }

    fn work(&mut self) -> Outcome {
        match self.driver.scan(SOON) {
            Ok(Some(scan)) if scan.bytes() == CODE.as_bytes() => Outcome::fine("code read"),
            Ok(Some(_)) => panic!("another code than was shown"),
            Ok(None) => Outcome::fine("no code"),
            Err(error) => Outcome::from(&error),
        }
    }

    fn strike(&mut self, fault: Fault, _phase: Phase) -> Result<(), &'static str> {
        match fault {
            Fault::Absent | Fault::Unplugged => self.knobs.plug(false),
            Fault::Silent => self.knobs.hang(true),
            Fault::Slow => self.knobs.frames_per_second(2),
            Fault::Garbled => return Err("a damaged frame is a picture without a code"),
            Fault::OutOfSupply => return Err("takes no supply"),
            Fault::Jammed => return Err("has no mechanism"),
            Fault::WrongModel => return Err("another camera gives pictures too"),
        }
        Ok(())
    }

    fn mend(&mut self, fault: Fault) -> &'static str {
        match fault {
            Fault::Absent | Fault::Unplugged => {
                self.knobs.plug(true);
                "plugged in"
            }
            Fault::Silent => {
                self.knobs.hang(false);
                "nothing, it ended by itself"
            }
            _ => "nothing, it ended by itself",
        }
    }
}
