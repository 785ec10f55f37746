//! Pictures on paper: orientation, transparency, sizes, stacks of scans.

use super::*;
use crate::{Colour, Document, document::shipped};
use ::tiff::encoder::{TiffEncoder, colortype};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use zeroize::Zeroizing;

/// Left half red, right half blue.
fn two_colours(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| image::Rgb(if x < width / 2 { [255, 0, 0] } else { [0, 0, 255] }))
}

fn jpeg(image: &RgbImage, orientation: Option<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
    if let Some(orientation) = orientation {
        // Exif: big-endian TIFF with the one tag 0x0112.
        let exif =
            [b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(), &[orientation, 0, 0, 0, 0, 0, 0]].concat();
        encoder.set_exif_metadata(exif).unwrap();
    }
    encoder.encode_image(image).unwrap();
    bytes
}

fn open(bytes: Vec<u8>) -> Document {
    Document::open(Zeroizing::new(bytes), &shipped()).unwrap()
}

/// The colour in the middle of a part of a page, measured in shares of its sides.
fn at(raster: &Raster, x: f32, y: f32) -> [u8; 3] {
    let (x, y) = ((x * raster.width as f32) as usize, (y * raster.height as f32) as usize);
    let start = (y * raster.width as usize + x) * 3;
    [raster.samples[start], raster.samples[start + 1], raster.samples[start + 2]]
}

#[test]
fn a_photo_lies_upright_as_it_was_taken() {
    let document = open(jpeg(&two_colours(400, 200), Some(6)));
    let page = document.pages()[0];
    assert!(page.height_mm > page.width_mm, "turned a quarter to the right it is a portrait");
    let raster = document.renderer().render(0, 50, Colour::Rgb).unwrap();
    let (top, bottom) = (at(&raster, 0.5, 0.25), at(&raster, 0.5, 0.75));
    assert!(top[0] > 200 && bottom[2] > 200, "{top:?} {bottom:?}");
    assert_eq!(at(&raster, 0.5, 0.01), [255; 3], "a margin stays white");
}

#[test]
fn a_wide_picture_turns_the_paper() {
    let document = open(jpeg(&two_colours(400, 200), None));
    assert!(document.pages()[0].width_mm > document.pages()[0].height_mm);
    let raster = document.renderer().render(0, 50, Colour::Rgb).unwrap();
    assert!(at(&raster, 0.3, 0.5)[0] > 200 && at(&raster, 0.7, 0.5)[2] > 200);
}

#[test]
fn what_is_transparent_is_paper() {
    let mut bytes = Vec::new();
    let rgba = [255, 0, 0, 0, 0, 0, 0, 255];
    PngEncoder::new(&mut bytes).write_image(&rgba, 2, 1, ExtendedColorType::Rgba8).unwrap();
    let document = open(bytes);
    let raster = document.renderer().render(0, 72, Colour::Grey).unwrap();
    assert_eq!(raster.samples.iter().filter(|sample| **sample < 64).count(), 1, "one black dot at 72 dpi, nothing red");
}

#[test]
fn a_stack_of_scans_keeps_its_pages_and_sizes() {
    let mut file = std::io::Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut file).unwrap();
    for shade in [0_u8, 128] {
        let mut image = encoder.new_image::<colortype::Gray8>(827, 1169).unwrap();
        image.resolution(::tiff::tags::ResolutionUnit::Inch, ::tiff::encoder::Rational { n: 100, d: 1 });
        image.write_data(&vec![shade; 827 * 1169]).unwrap();
    }
    let document = open(file.into_inner());
    assert_eq!(document.pages().len(), 2);
    assert!((document.pages()[1].width_mm - 210.0).abs() < 0.2 && (document.pages()[1].height_mm - 297.0).abs() < 0.2);
    let mut renderer = document.renderer();
    assert_eq!(renderer.render(1, 30, Colour::Grey).unwrap().samples[0], 128, "from edge to edge");
    assert_eq!(renderer.render(0, 30, Colour::Grey).unwrap().samples[0], 0);
    assert_eq!(renderer.render(2, 30, Colour::Grey).err(), Some(Refusal::NoSuchPage));
}

#[test]
fn a_photo_that_is_cut_anywhere_is_refused() {
    let whole = jpeg(&two_colours(400, 200), Some(6));
    for length in (20..whole.len()).step_by(97).chain([whole.len() - 1]) {
        assert_eq!(Picture::open(&whole[..length]).err(), Some(Refusal::Damaged), "{length} bytes");
    }
    let with_more_behind = [whole.as_slice(), b"a second picture, as some cameras append it"].concat();
    assert!(Picture::open(&with_more_behind).is_ok());
}

#[test]
fn a_picture_that_is_white_all_over_is_refused() {
    let white = RgbImage::from_pixel(40, 40, image::Rgb([255; 3]));
    assert_eq!(Picture::open(&jpeg(&white, None)).err(), Some(Refusal::NothingToPrint));
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(&[0; 16], 2, 2, ExtendedColorType::Rgba8).unwrap();
    assert_eq!(Picture::open(&bytes).err(), Some(Refusal::NothingToPrint), "nothing but transparency");
}

#[test]
fn a_scan_that_is_cut_is_refused() {
    let mut file = std::io::Cursor::new(Vec::new());
    TiffEncoder::new(&mut file).unwrap().write_image::<colortype::Gray8>(64, 64, &[0; 64 * 64]).unwrap();
    let whole = file.into_inner();
    for length in [whole.len() / 3, whole.len() / 2, whole.len() - 1] {
        let drawn = Document::open(Zeroizing::new(whole[..length].to_vec()), &shipped())
            .and_then(|document| document.renderer().render(0, 72, Colour::Grey).map(|_| ()));
        assert_eq!(drawn.err(), Some(Refusal::Damaged), "{length} of {} bytes", whole.len());
    }
}

#[test]
fn a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(&[0], 1, 1, ExtendedColorType::L8).unwrap();
    // The head says 60,000 each way; its checksum is made to agree.
    bytes[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let checksum = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
    assert_eq!(Picture::open(&bytes).err(), Some(Refusal::PageTooLarge));
    assert_eq!(Picture::open(&bytes[..20]).err(), Some(Refusal::Damaged));
}

/// CRC-32 of PNG chunks.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}
