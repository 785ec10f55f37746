//! Pixels and strokes from the session as what Slint draws, and a stroke of the pad as points.

use crate::view::{Picture, QrCode};
use slint::{Image, Rgb8Pixel, SharedPixelBuffer};
use std::fmt::Write;

/// The quiet zone of a code, in modules; the white panel around it adds to it.
const QUIET: usize = 3;

/// A code at a whole number of pixels a module, near `side` pixels.
pub fn qr(code: &QrCode, side: usize) -> Image {
    let modules = code.size + 2 * QUIET;
    let scale = (side / modules.max(1)).max(1);
    let pixels = modules * scale;
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(pixels as u32, pixels as u32);
    for (at, pixel) in buffer.make_mut_slice().iter_mut().enumerate() {
        let (x, y) = (at % pixels / scale, at / pixels / scale);
        let inside = (QUIET..QUIET + code.size).contains(&x) && (QUIET..QUIET + code.size).contains(&y);
        let dark = inside && code.modules.get((y - QUIET) * code.size + x - QUIET).copied().unwrap_or(false);
        let value = if dark { 0 } else { 255 };
        *pixel = Rgb8Pixel { r: value, g: value, b: value };
    }
    Image::from_rgb8(buffer)
}

/// A captured page. A picture whose size and bytes do not agree is shown empty.
pub fn picture(picture: &Picture) -> Image {
    if picture.rgb.len() != picture.width as usize * picture.height as usize * 3 {
        return Image::default();
    }
    Image::from_rgb8(SharedPixelBuffer::clone_from_slice(&picture.rgb, picture.width, picture.height))
}

/// Strokes as the commands of a path. A dot becomes a line of one pixel.
pub fn commands(strokes: &[Vec<(f32, f32)>]) -> String {
    let mut out = String::new();
    for stroke in strokes {
        for (place, (x, y)) in stroke.iter().enumerate() {
            let _ = write!(out, "{} {x} {y} ", if place == 0 { 'M' } else { 'L' });
        }
        if let [(x, y)] = stroke[..] {
            let _ = write!(out, "L {} {y} ", x + 1.0);
        }
    }
    out
}

/// The points of one stroke from the commands the pad made.
pub fn points(commands: &str) -> Vec<(f32, f32)> {
    let numbers: Vec<f32> = commands.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_stroke_comes_back_as_its_points() {
        let stroke = vec![(1.0, 2.0), (30.5, 4.0)];
        assert_eq!(points(&commands(std::slice::from_ref(&stroke))), stroke);
    }

    #[test]
    fn a_code_has_whole_modules_and_a_quiet_zone() {
        let code = QrCode { size: 21, modules: Arc::new(vec![true; 21 * 21]) };
        let image = qr(&code, 264);
        assert_eq!(image.size().width % 27, 0);
        let pixels = image.to_rgb8().unwrap();
        assert_eq!(pixels.as_slice()[0].r, 255);
        assert_eq!(pixels.as_slice()[pixels.len_middle()].r, 0);
    }

    trait Middle {
        fn len_middle(&self) -> usize;
    }
    impl Middle for SharedPixelBuffer<Rgb8Pixel> {
        fn len_middle(&self) -> usize {
            (self.height() / 2 * self.width() + self.width() / 2) as usize
        }
    }
}
