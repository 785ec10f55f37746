//! `kiosk render FILE OUT_DIR`: the very worker that prints, by hand: one PNG a page, or one line that says why not.

use super::worker::{Cancel, OpenDocument, Workers};
use anyhow::Context;
use documents::{Colour, Raster, Refusal};
use image::ExtendedColorType;
use image::ImageEncoder;
use image::codecs::png::PngEncoder;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;
use zeroize::Zeroizing;

/// Draws every page of `file` as `out/page-001.png` and on.
pub fn render(file: &Path, out: &Path, dpi: u16) -> anyhow::Result<()> {
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    fs::create_dir_all(out).with_context(|| format!("{} cannot be made", out.display()))?;
    let mut document = Workers::of_this_program().open(Zeroizing::new(bytes), &Cancel::new()).map_err(said)?;
    for note in document.notes() {
        println!("{} {}", note.zh(), note.en());
    }
    for page in 0..document.pages().len() {
        if let Err(error) = render_page(&mut document, page, dpi, out) {
            // Part of a document is not what was asked for.
            (0..=page).for_each(|written| drop(fs::remove_file(out.join(name(written)))));
            return Err(error.context(format!("page {}", page + 1)));
        }
    }
    println!("pages drawn: {}, in {}", document.pages().len(), out.display());
    Ok(())
}

fn render_page(document: &mut OpenDocument, page: usize, dpi: u16, out: &Path) -> anyhow::Result<()> {
    let raster = document.render(page, dpi, Colour::Rgb).map_err(said)?;
    let name = name(page);
    write_png(&raster, &out.join(&name)).with_context(|| format!("{name} cannot be written"))
}

fn name(page: usize) -> String {
    format!("page-{:03}.png", page + 1)
}

fn write_png(raster: &Raster, path: &Path) -> anyhow::Result<()> {
    let colour = match raster.colour {
        Colour::Grey => ExtendedColorType::L8,
        Colour::Rgb => ExtendedColorType::Rgb8,
    };
    let encoder = PngEncoder::new(BufWriter::new(File::create(path)?));
    Ok(encoder.write_image(&raster.samples, raster.width, raster.height, colour)?)
}

/// A refusal as one line: its key, and what the citizen would read.
fn said(refusal: Refusal) -> anyhow::Error {
    anyhow::anyhow!("{}: {} {}", refusal.key(), refusal.zh(), refusal.en())
}
