//! The pixels of a pane as the server holds them, the rectangles that a browser has not seen yet, and their
//! encoding. A slow browser gets fewer and larger rectangles, never a longer queue.

use crate::platform::{Frame, Rect};
use image_webp::{ColorType, WebPEncoder};
use slint::Rgb8Pixel;

/// Above this, rectangles become their union.
const UNSEEN_MAX: usize = 6;

/// A copy of a pane's pixels.
pub(super) struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<Rgb8Pixel>,
    unseen: Vec<Rect>,
}

/// One rectangle cut out, not yet encoded.
pub(super) struct Cut {
    rect: Rect,
    rgb: Vec<u8>,
}

impl Picture {
    pub(super) fn new(width: u32, height: u32) -> Self {
        let pixels = vec![Rgb8Pixel::default(); width as usize * height as usize];
        Self { width, height, pixels, unseen: Vec::new() }
    }

    /// Takes over what changed.
    pub(super) fn update(&mut self, frame: &Frame, changed: &[Rect]) {
        for rect in changed {
            let (from, to) = (rect.x.min(self.width) as usize, (rect.x + rect.width).min(self.width) as usize);
            for y in rect.y..(rect.y + rect.height).min(self.height) {
                let row = y as usize * self.width as usize;
                self.pixels[row + from..row + to].copy_from_slice(&frame.pixels[row + from..row + to]);
            }
            self.unseen.push(Rect { width: (to - from) as u32, ..*rect });
        }
        if self.unseen.len() > UNSEEN_MAX
            && let Some(all) = self.unseen.drain(..).reduce(union)
        {
            self.unseen.push(all);
        }
    }

    /// Everything is unseen: a browser has just come.
    pub(super) fn forget_seen(&mut self) {
        self.unseen = vec![Rect { x: 0, y: 0, width: self.width, height: self.height }];
    }

    /// Cuts out what is unseen.
    pub(super) fn take_unseen(&mut self) -> Vec<Cut> {
        let unseen = std::mem::take(&mut self.unseen);
        unseen.into_iter().map(|rect| Cut { rect, rgb: self.cut(rect) }).collect()
    }

    fn cut(&self, rect: Rect) -> Vec<u8> {
        let mut rgb = Vec::with_capacity(rect.width as usize * rect.height as usize * 3);
        for y in rect.y..(rect.y + rect.height).min(self.height) {
            let start = y as usize * self.width as usize + rect.x as usize;
            for pixel in &self.pixels[start..start + rect.width as usize] {
                rgb.extend_from_slice(&[pixel.r, pixel.g, pixel.b]);
            }
        }
        rgb
    }
}

impl Cut {
    /// Pane, x and y (two bytes each, big-endian), then the picture in lossless WebP.
    pub(super) fn encode(self, pane: u8) -> Option<Vec<u8>> {
        let place = |length: u32| u16::try_from(length).ok().map(u16::to_be_bytes);
        let (x, y) = (place(self.rect.x)?, place(self.rect.y)?);
        let mut bytes = vec![pane, x[0], x[1], y[0], y[1]];
        WebPEncoder::new(&mut bytes).encode(&self.rgb, self.rect.width, self.rect.height, ColorType::Rgb8).ok()?;
        Some(bytes)
    }
}

fn union(a: Rect, b: Rect) -> Rect {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    let (right, bottom) = ((a.x + a.width).max(b.x + b.width), (a.y + a.height).max(b.y + b.height));
    Rect { x, y, width: right - x, height: bottom - y }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(width: u32, height: u32) -> Frame {
        let pixels = (0..width * height).map(|i| Rgb8Pixel { r: i as u8, g: 1, b: 2 }).collect();
        Frame { width, height, pixels }
    }

    fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
        Rect { x, y, width, height }
    }

    #[test]
    fn only_what_changed_goes_out_and_it_goes_out_whole() {
        let (mut picture, frame) = (Picture::new(16, 8), frame(16, 8));
        picture.update(&frame, &[rect(3, 2, 4, 5)]);
        let bytes = picture.take_unseen().remove(0).encode(1).unwrap();
        assert_eq!(bytes[..5], [1, 0, 3, 0, 2]);
        let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(&bytes[5..])).unwrap();
        assert_eq!(decoder.dimensions(), (4, 5));
        let mut rgb = vec![0; decoder.output_buffer_size().unwrap()];
        decoder.read_image(&mut rgb).unwrap();
        assert_eq!(rgb[..3], [2 * 16 + 3, 1, 2]);
        assert!(picture.take_unseen().is_empty());
    }

    #[test]
    fn a_slow_browser_gets_one_larger_rectangle_instead_of_a_queue() {
        let (mut picture, frame) = (Picture::new(100, 100), frame(100, 100));
        for step in 0..50 {
            picture.update(&frame, &[rect(step, step, 10, 10)]);
        }
        assert!(picture.unseen.len() <= UNSEEN_MAX);
        let all = picture.unseen.clone().into_iter().reduce(union).unwrap();
        assert_eq!(all, rect(0, 0, 59, 59));
    }

    #[test]
    fn a_rectangle_over_the_edge_is_cut_at_the_edge() {
        let (mut picture, frame) = (Picture::new(10, 10), frame(10, 10));
        picture.update(&frame, &[rect(8, 8, 10, 10)]);
        assert_eq!(picture.take_unseen().remove(0).rgb.len(), 2 * 2 * 3);
    }
}
