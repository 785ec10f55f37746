//! The dock's stand-in for camera and document camera: a file, or a sample page drawn here.

use crate::app::Capture;
use image::{GrayImage, Luma};
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use wire::catalogue::CaptureWay;
use zeroize::Zeroizing;

/// A source of pages for the demo.
pub struct DockCapture {
    file: Mutex<Option<PathBuf>>,
    ready: AtomicBool,
    staff_cards: AtomicBool,
}

impl Default for DockCapture {
    fn default() -> Self {
        Self { file: Mutex::new(None), ready: AtomicBool::new(true), staff_cards: AtomicBool::new(true) }
    }
}

impl DockCapture {
    pub(super) fn set_file(&self, file: Option<PathBuf>) {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = file;
    }

    pub(super) fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    pub(super) fn set_staff_cards(&self, read: bool) {
        self.staff_cards.store(read, Ordering::Relaxed);
    }
}

impl Capture for Arc<DockCapture> {
    fn ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    fn take(&self, _way: CaptureWay) -> Option<Zeroizing<Vec<u8>>> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match file {
            Some(path) => std::fs::read(path).ok().map(Zeroizing::new),
            None => sample_page(),
        }
    }

    fn staff_cards(&self) -> bool {
        self.staff_cards.load(Ordering::Relaxed)
    }
}

/// An A4 page at 75 dpi with lines of grey where text would be.
fn sample_page() -> Option<Zeroizing<Vec<u8>>> {
    let mut page = GrayImage::from_pixel(620, 877, Luma([255]));
    for line in 0..24u32 {
        let (top, length) = (80 + line * 30, 380 + (line * 97) % 120);
        for y in top..top + 10 {
            for x in 70..70 + length {
                page.put_pixel(x, y, Luma([120]));
            }
        }
    }
    let mut png = Cursor::new(Vec::new());
    page.write_to(&mut png, image::ImageFormat::Png).ok()?;
    Some(Zeroizing::new(png.into_inner()))
}
