//! Chinese official letters whose fonts are only named, drawn by the worker and by poppler with the same shipped
//! fonts: how alike the two pictures are. Skips by name where `pdftoppm` is not installed.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "hostile_files/pdf.rs"]
mod pdf;

use kiosk::printing::{Cancel, Colour, Workers};
use std::path::Path;
use std::process::Command;
use zeroize::Zeroizing;

const DPI: u16 = 150;
/// Pictures are compared in squares of so many pixels: hairlines may lie a pixel apart.
const SQUARE: usize = 4;
/// Correlation of the darkness of the squares that the worker's page must reach.
const ALIKE_MIN: f64 = 0.80;

/// Darkness of a page, a number for each square.
struct Darkness {
    columns: usize,
    squares: Vec<f64>,
}

impl Darkness {
    fn of((width, height): (usize, usize), samples: &[u8]) -> Self {
        let (columns, rows) = (width / SQUARE, height / SQUARE);
        let mut squares = vec![0.0; columns * rows];
        for y in 0..rows * SQUARE {
            for x in 0..columns * SQUARE {
                squares[y / SQUARE * columns + x / SQUARE] += 255.0 - f64::from(samples[y * width + x]);
            }
        }
        Self { columns, squares }
    }

    /// Pearson's correlation with another page of the same size, cut to the smaller where rounding differs.
    fn alike(&self, other: &Self) -> f64 {
        let columns = self.columns.min(other.columns);
        let rows = (self.squares.len() / self.columns).min(other.squares.len() / other.columns);
        let of = |page: &Self| -> Vec<f64> {
            (0..rows).flat_map(|y| page.squares[y * page.columns..][..columns].to_vec()).collect()
        };
        let (a, b) = (of(self), of(other));
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let (mean_a, mean_b) = (mean(&a), mean(&b));
        let sum = |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(&b).map(|(a, b)| f(a - mean_a, b - mean_b)).sum::<f64>();
        sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
    }
}

fn ours(bytes: &[u8]) -> Darkness {
    let workers = Workers::of(Path::new(env!("CARGO_BIN_EXE_kiosk")));
    let mut document = workers.open(Zeroizing::new(bytes.to_vec()), &Cancel::new()).unwrap();
    let raster = document.render(0, DPI, Colour::Grey).unwrap();
    Darkness::of((raster.width as usize, raster.height as usize), &raster.samples)
}

/// Poppler's page, with the shipped fonts as the only ones.
fn popplers(bytes: &[u8]) -> Darkness {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let fonts = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fonts");
    let config = format!(
        "<fontconfig><dir>{}</dir><cachedir>{}</cachedir></fontconfig>",
        fonts.display(),
        at("cache").display()
    );
    std::fs::write(at("fonts.conf"), config).unwrap();
    std::fs::write(at("page.pdf"), bytes).unwrap();
    let done = Command::new("pdftoppm")
        .args(["-gray", "-singlefile", "-r", &DPI.to_string()])
        .args([at("page.pdf"), at("page")])
        .env("FONTCONFIG_FILE", at("fonts.conf"))
        .status()
        .unwrap();
    assert!(done.success(), "pdftoppm failed");
    let image = std::fs::read(at("page.pgm")).unwrap();
    // P5, width, height, largest value, each by itself before a blank or a new line.
    let mut words = image.splitn(4, |byte| byte.is_ascii_whitespace());
    let mut word = || std::str::from_utf8(words.next().unwrap()).unwrap().to_owned();
    assert_eq!(word(), "P5");
    let (width, height): (usize, usize) = (word().parse().unwrap(), word().parse().unwrap());
    Darkness::of((width, height), &image[image.len() - width * height..])
}

#[test]
fn letters_whose_fonts_are_only_named_look_as_popplers() {
    if Command::new("pdftoppm").arg("-v").output().is_err() {
        println!("skipped: letters_whose_fonts_are_only_named_look_as_popplers needs pdftoppm (poppler-utils)");
        return;
    }
    let letter = [("an official letter", pdf::official_letter())];
    for (name, bytes) in letter.into_iter().chain(pdf::named_fonts()) {
        let alike = ours(&bytes).alike(&popplers(&bytes));
        println!("{name}: correlation with poppler {alike:.3}");
        assert!(alike >= ALIKE_MIN, "{name}: {alike:.3}");
    }
}
