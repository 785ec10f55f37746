//! A4 at 300 dpi, text and photo, through the worker beside pdftoppm and mutool in one run; how long after an upload
//! the first thumbnail is there; how much memory a document of 100 pages takes. What is not installed is named.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../hostile_files/pdf.rs"]
mod pdf;

use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use kiosk::printing::{Cancel, Colour, OpenDocument, Workers};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Pages of the documents measured, and how often each is.
const PAGES: usize = 10;
const TIMES: usize = 5;
const MANY_PAGES: usize = 100;
const DPI: u16 = 300;
const THUMBNAIL_DPI: u16 = 72;

fn main() {
    let photo = photo();
    let size = (1_240, 1_754);
    let documents = [("text", pdf::official_letters(PAGES)), ("photo", pdf::photo_pages(&photo, size, PAGES))];
    for (name, bytes) in &documents {
        let ours = median(|| render_all(&mut open(bytes)));
        println!("render {name}: ours {:.1} ms a page, process and all", per_page(ours));
        for (tool, arguments) in TOOLS {
            match their_time(tool, arguments, bytes) {
                Some(theirs) => println!(
                    "render {name}: {tool} {:.1} ms a page; ours takes {:.2} of it",
                    per_page(theirs),
                    ours.as_secs_f64() / theirs.as_secs_f64()
                ),
                None => println!("render {name}: {tool} is not installed"),
            }
        }
        let first = median(|| {
            open(bytes).render(0, THUMBNAIL_DPI, Colour::Rgb).unwrap();
        });
        println!("render {name}: from the last byte to the first thumbnail {:.1} ms", first.as_secs_f64() * 1e3);
    }
    for (name, bytes) in
        [("text", pdf::official_letters(MANY_PAGES)), ("photo", pdf::photo_pages(&photo, size, MANY_PAGES))]
    {
        let mut document = open(&bytes);
        render_all(&mut document);
        println!("render {name}: {MANY_PAGES} pages at {DPI} dpi, worker at most {} MiB", peak_mib(&document));
    }
}

const TOOLS: [(&str, &[&str]); 2] = [
    ("pdftoppm", &["-gray", "-r", "300", "IN", "OUT"]),
    ("mutool", &["draw", "-q", "-c", "gray", "-r", "300", "-o", "OUT%d.pgm", "IN"]),
];

fn photo() -> Vec<u8> {
    let image = RgbImage::from_fn(1_240, 1_754, |x, y| {
        let wave = ((x as f32 / 37.0).sin() * (y as f32 / 53.0).cos() * 100.0 + 128.0) as u8;
        image::Rgb([wave, (x * 255 / 1_240) as u8, ((x * 31 + y * 17) % 251) as u8])
    });
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 85).encode_image(&image).unwrap();
    bytes
}

fn open(bytes: &[u8]) -> OpenDocument {
    let workers = Workers::of(Path::new(env!("CARGO_BIN_EXE_kiosk")));
    workers.open(Zeroizing::new(bytes.to_vec()), &Cancel::new()).unwrap()
}

fn render_all(document: &mut OpenDocument) {
    for page in 0..document.pages().len() {
        let raster = document.render(page, DPI, Colour::Grey).unwrap();
        assert!(!raster.blank);
    }
}

/// The same document through another program, its pages written to a folder in memory where there is one.
fn their_time(tool: &str, arguments: &[&str], bytes: &[u8]) -> Option<Duration> {
    Command::new(tool).arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let folder = tempfile::tempdir_in(place).unwrap();
    let (file, out) = (folder.path().join("in.pdf"), folder.path().join("out"));
    std::fs::write(&file, bytes).unwrap();
    let fonts = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fonts");
    let config = folder.path().join("fonts.conf");
    let cache = folder.path().join("cache");
    std::fs::write(
        &config,
        format!("<fontconfig><dir>{}</dir><cachedir>{}</cachedir></fontconfig>", fonts.display(), cache.display()),
    )
    .unwrap();
    let arguments: Vec<String> = arguments
        .iter()
        .map(|word| word.replace("IN", &file.to_string_lossy()).replace("OUT", &out.to_string_lossy()))
        .collect();
    Some(median(|| {
        let done = Command::new(tool).args(&arguments).env("FONTCONFIG_FILE", &config).stderr(Stdio::null()).status();
        assert!(done.unwrap().success(), "{tool} failed");
    }))
}

fn median(mut what: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|_| {
            let from = Instant::now();
            what();
            from.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[TIMES / 2]
}

fn per_page(all: Duration) -> f64 {
    all.as_secs_f64() * 1e3 / PAGES as f64
}

/// The most memory that the worker held.
fn peak_mib(document: &OpenDocument) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", document.process_id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1_024
}
