//! Reads the QR codes of picture files with the shipped decoder and nothing else: one JSON line a file,
//! `{"path", "payloads", "ms"}`, with `error` where a file cannot be read. A still picture is given more time than a
//! camera's frame (`Effort::still`); `ms` is the decoder's wall time without the file's.
//! Prints what it reads: for trials, not for citizens' documents.

use anyhow::{Context, Result, anyhow};
use image::{DynamicImage, GrayImage, ImageReader, Limits, Luma};
use qr::{Effort, Picture, read};
use serde_json::json;
use std::{ffi::OsStr, panic::catch_unwind, time::Instant};

/// Memory that one picture may take while it is opened: a hundred megapixels of four bytes, with room.
const PICTURE_BYTES_MAX: u64 = 600 << 20;

fn main() {
    let files: Vec<_> = std::env::args_os().skip(1).collect();
    if files.is_empty() {
        eprintln!("usage: scan_image FILES…   (PNG, JPEG, WebP, BMP, PNM)");
        std::process::exit(2);
    }
    for file in files {
        let path = file.to_string_lossy();
        // Decoders of picture formats are strangers' code: one that panics on a file must not take the rest along.
        let scanned = catch_unwind(|| scan(&file)).unwrap_or_else(|_| Err(anyhow!("the file made its decoder panic")));
        let line = match scanned {
            Ok((payloads, ms)) => json!({ "path": path, "payloads": payloads, "ms": ms }),
            Err(error) => json!({ "path": path, "payloads": [], "ms": 0, "error": format!("{error:#}") }),
        };
        println!("{line}");
    }
}

fn scan(path: &OsStr) -> Result<(Vec<String>, u64)> {
    let mut reader = ImageReader::open(path).context("the file cannot be opened")?.with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(PICTURE_BYTES_MAX);
    reader.limits(limits);
    let grey = grey(reader.decode().context("the file is no picture that can be read")?);
    let from = Instant::now();
    let picture = Picture { width: grey.width() as usize, height: grey.height() as usize, grey: grey.as_raw() };
    let payloads = read(&picture, &Effort::still()).into_iter().map(|code| code.text).collect();
    Ok((payloads, from.elapsed().as_millis() as u64))
}

/// The grey plane; what is transparent shows white paper. Which way up the picture lies does not matter.
fn grey(picture: DynamicImage) -> GrayImage {
    if !picture.color().has_alpha() {
        return picture.into_luma8();
    }
    let picture = picture.into_luma_alpha8();
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [light, alpha] = picture.get_pixel(x, y).0.map(u32::from);
        Luma([((light * alpha + 255 * (255 - alpha) + 127) / 255) as u8])
    })
}
