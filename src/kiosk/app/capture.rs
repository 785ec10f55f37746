//! Where pages of materials come from beside the scanner: the dev dock's file. The camera of a terminal reads codes only,
//! so one without the dock hides what needs pages from a camera.

use crate::view::Picture;
use std::sync::Arc;
use wire::catalogue::CaptureWay;
use zeroize::Zeroizing;

/// A source of pages. Blocking; called on a thread for it.
pub trait Capture: Send + Sync {
    /// Whether pages can be taken now.
    fn ready(&self) -> bool;

    /// Takes one page: the image's bytes, JPEG or PNG; `None` when none could be taken.
    fn take(&self, way: CaptureWay) -> Option<Zeroizing<Vec<u8>>>;

    /// Whether staff cards can be read.
    fn staff_cards(&self) -> bool;
}

/// No source.
pub struct NoCapture;

impl Capture for NoCapture {
    fn ready(&self) -> bool {
        false
    }

    fn take(&self, _way: CaptureWay) -> Option<Zeroizing<Vec<u8>>> {
        None
    }

    fn staff_cards(&self) -> bool {
        false
    }
}

/// Longest edge of the small picture on the screen, in pixels.
const SMALL_EDGE: u32 = 320;
/// Largest picture that is decoded at all, in pixels a side: a hostile file must not fill the memory.
const EDGE_MAX: u32 = 10_000;

/// A page as it is submitted, with its media type and the small picture.
pub(in crate::app) fn page(bytes: Zeroizing<Vec<u8>>) -> Option<(Zeroizing<Vec<u8>>, &'static str, Picture)> {
    let format = image::guess_format(&bytes).ok()?;
    let media = match format {
        image::ImageFormat::Jpeg => "image/jpeg",
        image::ImageFormat::Png => "image/png",
        _ => return None,
    };
    let mut reader = image::ImageReader::with_format(std::io::Cursor::new(&bytes[..]), format);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(EDGE_MAX);
    limits.max_image_height = Some(EDGE_MAX);
    reader.limits(limits);
    let small = reader.decode().ok()?.thumbnail(SMALL_EDGE, SMALL_EDGE).into_rgb8();
    let (width, height) = small.dimensions();
    let picture = Picture { width, height, rgb: Arc::new(small.into_raw()) };
    Some((bytes, media, picture))
}
