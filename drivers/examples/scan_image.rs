//! Reads the QR codes of picture files with the shipped decoder and nothing else: one JSON line a file,
//! `{"path", "payloads", "ms"}`, with `error` where a file cannot be read. A still picture is given more time than a
//! camera's frame (`Effort::still`, 400 ms of processor time); `ms` is the decoder's wall time without the file's.
//! Prints what it reads: for trials, not for citizens' documents.

use anyhow::{Context, Result};
use image::{ImageReader, Limits};
use qr::{Effort, Picture, read};
use serde_json::json;
use std::time::Instant;

/// Memory that one picture may take while it is opened: 40 megapixels of four bytes, with room.
const PICTURE_BYTES_MAX: u64 = 600 << 20;

fn main() {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        eprintln!("usage: scan_image FILES…   (PNG, JPEG, WebP, BMP, PNM)");
        std::process::exit(2);
    }
    for path in files {
        let line = match scan(&path) {
            Ok((payloads, ms)) => json!({ "path": path, "payloads": payloads, "ms": ms }),
            Err(error) => json!({ "path": path, "payloads": [], "ms": 0, "error": format!("{error:#}") }),
        };
        println!("{line}");
    }
}

fn scan(path: &str) -> Result<(Vec<String>, u64)> {
    let mut reader = ImageReader::open(path).context("the file cannot be opened")?.with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(PICTURE_BYTES_MAX);
    reader.limits(limits);
    let grey = reader.decode().context("the file is no picture that can be read")?.into_luma8();
    let from = Instant::now();
    let picture = Picture { width: grey.width() as usize, height: grey.height() as usize, grey: grey.as_raw() };
    let payloads = read(&picture, &Effort::still()).into_iter().map(|code| code.text).collect();
    Ok((payloads, from.elapsed().as_millis() as u64))
}
