//! One frame as the kernel hands it over, and its grey plane. Sizes and strides are checked against the bytes that are
//! there; a frame that says more than it has is `Garbled`. Pixels are zeroized when dropped: they show citizens.

use crate::{DeviceError, DeviceErrorKind};
use image::{ImageDecoder, codecs::jpeg::JpegDecoder};
use std::io::Cursor;
use zeroize::Zeroizing;

/// How a frame's bytes are laid (V4L2 four-character codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelFormat {
    /// `GREY`: a byte a pixel.
    Grey,
    /// `NV12`: the grey plane first, then colours at half size.
    Nv12,
    /// `YUYV`: two bytes a pixel, the first is its grey.
    Yuyv,
    /// `MJPG`: a JPEG picture a frame.
    Mjpeg,
}

/// A frame as it came.
pub struct Frame {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Bytes from one row to the next; without meaning for JPEG.
    pub stride: usize,
    /// How the bytes are laid.
    pub format: PixelFormat,
    /// What the kernel handed over.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// A picture of one byte a pixel, rows without gaps.
#[derive(Clone)]
pub struct GreyFrame {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` bytes.
    pub pixels: Zeroizing<Vec<u8>>,
}

/// A frame of more pixels is not taken.
const PIXELS_MAX: usize = 40_000_000;

impl Frame {
    /// The grey plane of the frame.
    pub fn grey(&self) -> Result<GreyFrame, DeviceError> {
        let size = self.width.checked_mul(self.height).filter(|size| (1..=PIXELS_MAX).contains(size));
        let size = size.ok_or_else(|| garbled("a frame of no or of too many pixels"))?;
        let step = match self.format {
            PixelFormat::Mjpeg => return self.decoded(),
            PixelFormat::Grey | PixelFormat::Nv12 => 1,
            PixelFormat::Yuyv => 2,
        };
        let row = self.width * step;
        let mut pixels = Zeroizing::new(Vec::with_capacity(size));
        for y in 0..self.height {
            let from = y.checked_mul(self.stride);
            let line = from.and_then(|from| self.bytes.get(from..)?.get(..row));
            let line = line.filter(|_| self.stride >= row).ok_or_else(|| garbled("a frame shorter than its size"))?;
            pixels.extend(line.iter().step_by(step));
        }
        Ok(GreyFrame { width: self.width, height: self.height, pixels })
    }

    fn decoded(&self) -> Result<GreyFrame, DeviceError> {
        let decoder = JpegDecoder::new(Cursor::new(self.bytes.as_slice())).map_err(garbled)?;
        let (width, height) = decoder.dimensions();
        let (width, height) = (width as usize, height as usize);
        let channels = usize::from(decoder.color_type().channel_count());
        let total = decoder.total_bytes() as usize;
        if width * height > PIXELS_MAX || total != width * height * channels {
            return Err(garbled("a JPEG frame of too many pixels"));
        }
        let mut samples = Zeroizing::new(vec![0; total]);
        decoder.read_image(&mut samples).map_err(garbled)?;
        let pixels = match channels {
            1 => samples,
            // ITU-R BT.601, in 256ths.
            _ => Zeroizing::new(
                samples
                    .chunks_exact(channels)
                    .map(|p| ((77 * u32::from(p[0]) + 150 * u32::from(p[1]) + 29 * u32::from(p[2])) >> 8) as u8)
                    .collect(),
            ),
        };
        Ok(GreyFrame { width, height, pixels })
    }
}

fn garbled(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> DeviceError {
    DeviceError::because(DeviceErrorKind::Garbled, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(format: PixelFormat, stride: usize, bytes: &[u8]) -> Frame {
        Frame { width: 2, height: 2, stride, format, bytes: Zeroizing::new(bytes.to_vec()) }
    }

    #[test]
    fn the_grey_plane_of_each_format() {
        let of = |frame: Frame| frame.grey().map(|grey| grey.pixels.to_vec()).unwrap();
        assert_eq!(of(frame(PixelFormat::Grey, 3, &[1, 2, 9, 3, 4])), [1, 2, 3, 4]);
        assert_eq!(of(frame(PixelFormat::Nv12, 2, &[1, 2, 3, 4, 128, 128])), [1, 2, 3, 4]);
        assert_eq!(of(frame(PixelFormat::Yuyv, 4, &[1, 128, 2, 128, 3, 128, 4, 128])), [1, 2, 3, 4]);
    }

    #[test]
    fn a_frame_that_says_more_than_it_has_is_garbled() {
        let kind = |frame: Frame| frame.grey().err().map(|error| error.kind);
        assert_eq!(kind(frame(PixelFormat::Grey, 2, &[1, 2, 3])), Some(DeviceErrorKind::Garbled));
        assert_eq!(kind(frame(PixelFormat::Grey, 1, &[1, 2, 3, 4])), Some(DeviceErrorKind::Garbled));
        assert_eq!(kind(frame(PixelFormat::Grey, usize::MAX, &[1, 2, 3, 4])), Some(DeviceErrorKind::Garbled));
        assert_eq!(kind(frame(PixelFormat::Mjpeg, 0, b"no picture")), Some(DeviceErrorKind::Garbled));
    }
}
