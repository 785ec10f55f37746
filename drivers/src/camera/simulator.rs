//! A camera in memory: frames in the bytes that a kernel would hand over (YUYV with a gap after each row), so that all
//! behind the ioctl runs. Its knobs lay a picture before it, blur it, pull its cable, let it hang.

use super::{CameraReader, Frame, FrameConnector, FrameSource, GreyFrame, PixelFormat};
use crate::{DeviceError, DeviceErrorKind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Bytes behind each row, as some cameras have them.
const ROW_GAP: usize = 16;
/// The size of the blank picture.
const BLANK_SIZE: (usize, usize) = (640, 480);

#[derive(Clone)]
enum View {
    Blank,
    Picture(GreyFrame),
}

struct State {
    view: View,
    blur: usize,
    plugged: bool,
    hangs: bool,
    frames: u64,
    /// Between two frames.
    pace: Duration,
    next_frame: Option<Instant>,
}

/// What stands around the simulated camera.
#[derive(Clone)]
pub struct CameraKnobs(Arc<(Mutex<State>, Condvar)>);

/// A reader over a simulated camera, and its knobs. It is plugged in and sees nothing.
pub fn camera_in_memory() -> (CameraReader, CameraKnobs) {
    let state = State {
        view: View::Blank,
        blur: 0,
        plugged: true,
        hangs: false,
        frames: 0,
        pace: Duration::ZERO,
        next_frame: None,
    };
    let knobs = CameraKnobs(Arc::new((Mutex::new(state), Condvar::new())));
    (CameraReader::new(Box::new(knobs.clone())), knobs)
}

impl CameraKnobs {
    /// Holds a picture before the camera.
    pub fn show(&self, picture: GreyFrame) {
        self.set(|state| state.view = View::Picture(picture));
    }

    /// Takes away what was shown.
    pub fn blank(&self) {
        self.set(|state| state.view = View::Blank);
    }

    /// Puts the picture out of focus by so many pixels each way; 0 is sharp.
    pub fn blur(&self, pixels: usize) {
        self.set(|state| state.blur = pixels);
    }

    /// Pulls the cable (`false`) or puts it in.
    pub fn plug(&self, plugged: bool) {
        self.set(|state| state.plugged = plugged);
    }

    /// Lets the camera hang: it stays plugged in, but no frame comes.
    pub fn hang(&self, hangs: bool) {
        self.set(|state| state.hangs = hangs);
    }

    /// Gives so many frames a second instead of as many as are asked for.
    pub fn frames_per_second(&self, frames: u32) {
        self.set(|state| state.pace = Duration::from_secs(1) / frames.max(1));
    }

    /// Frames that were taken until now.
    pub fn frames(&self) -> u64 {
        self.lock().frames
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.0.1.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FrameConnector for CameraKnobs {
    fn open(&mut self) -> Result<Box<dyn FrameSource>, DeviceError> {
        if !self.lock().plugged {
            return Err(DeviceError::new(DeviceErrorKind::NotFound));
        }
        Ok(Box::new(self.clone()))
    }
}

impl FrameSource for CameraKnobs {
    fn newest(&mut self, timeout: Duration) -> Result<Frame, DeviceError> {
        let end = Instant::now() + timeout;
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            let due = state.next_frame.filter(|at| *at > now);
            if !state.plugged || (!state.hangs && due.is_none()) {
                break;
            }
            let left = end.saturating_duration_since(now);
            if left.is_zero() {
                return Err(DeviceError::new(DeviceErrorKind::Silent));
            }
            let wait = due.filter(|_| !state.hangs).map_or(left, |at| left.min(at - now));
            state = self.0.1.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
        if !state.plugged {
            return Err(DeviceError::new(DeviceErrorKind::Unplugged));
        }
        state.frames += 1;
        state.next_frame = Some(Instant::now() + state.pace).filter(|_| !state.pace.is_zero());
        Ok(frame(&state))
    }

    fn discard(&mut self) -> Result<(), DeviceError> {
        if self.lock().plugged { Ok(()) } else { Err(DeviceError::new(DeviceErrorKind::Unplugged)) }
    }
}

fn frame(state: &State) -> Frame {
    let blank;
    let picture = match &state.view {
        View::Picture(picture) => picture,
        View::Blank => {
            let (width, height) = BLANK_SIZE;
            blank = GreyFrame { width, height, pixels: Zeroizing::new(vec![120; width * height]) };
            &blank
        }
    };
    let (width, height) = (picture.width, picture.height);
    let stride = width * 2 + ROW_GAP;
    let mut bytes = Zeroizing::new(Vec::with_capacity(stride * height));
    for y in 0..height {
        for x in 0..width {
            bytes.extend([blurred(picture, x, y, state.blur), 128]);
        }
        bytes.extend([0; ROW_GAP]);
    }
    Frame { width, height, stride, format: PixelFormat::Yuyv, bytes }
}

/// The mean of a square around a pixel.
fn blurred(picture: &GreyFrame, x: usize, y: usize, reach: usize) -> u8 {
    let range = |at: usize, size: usize| at.saturating_sub(reach)..(at + reach + 1).min(size);
    let (rows, columns) = (range(y, picture.height), range(x, picture.width));
    let count = (rows.len() * columns.len()) as u32;
    let sum: u32 = rows
        .map(|row| {
            picture.pixels[row * picture.width..][columns.clone()].iter().map(|&pixel| u32::from(pixel)).sum::<u32>()
        })
        .sum();
    (sum / count.max(1)) as u8
}
