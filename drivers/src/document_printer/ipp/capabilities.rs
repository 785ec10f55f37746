//! Reads from `printer-attributes` what a printer can do (RFC 8011 §5.4, PWG 5100.7, 5100.13, 5102.4). No I/O.

use super::message::{Attribute, Group, Value, values};
use crate::document_printer::{
    DocumentFormat, Margins, MediaSize, PrinterCapabilities, RasterCapabilities, SheetBack, Sides,
};

/// What is asked. `media-col-database` is given only to those who name it.
pub(super) const ASKED: &[&str] = &[
    "printer-make-and-model",
    "printer-uuid",
    "document-format-supported",
    "color-supported",
    "sides-supported",
    "copies-supported",
    "media-supported",
    "media-default",
    "media-ready",
    "media-col-database",
    "media-top-margin-supported",
    "media-bottom-margin-supported",
    "media-left-margin-supported",
    "media-right-margin-supported",
    "printer-resolution-supported",
    "page-ranges-supported",
    "pwg-raster-document-resolution-supported",
    "pwg-raster-document-sheet-back",
    "pwg-raster-document-type-supported",
    "pages-per-minute",
];

/// Most sizes of paper that are kept.
const MEDIA_MAX: usize = 256;

/// Reads a printer's attributes.
pub fn read_capabilities(printer: &Group) -> PrinterCapabilities {
    let formats: Vec<&str> = printer.texts("document-format-supported").collect();
    let sides: Vec<&str> = printer.texts("sides-supported").collect();
    let formats = DocumentFormat::ALL.into_iter().filter(|format| formats.contains(&format.mime()));
    let sides = Sides::ALL.into_iter().filter(|s| *s == Sides::OneSided || sides.contains(&s.keyword()));
    PrinterCapabilities {
        make_and_model: printer.text("printer-make-and-model").unwrap_or_default().to_owned(),
        uuid: printer.text("printer-uuid").map(str::to_owned),
        formats: formats.collect(),
        color: matches!(printer.first("color-supported"), Some(Value::Boolean(true))),
        sides: sides.collect(),
        copies_max: match printer.first("copies-supported") {
            Some(Value::Range(_, most)) | Some(Value::Integer(most)) => u32::try_from(*most).unwrap_or(1).max(1),
            _ => 1,
        },
        media: media(printer),
        resolutions_dpi: resolutions(printer, "printer-resolution-supported"),
        page_ranges: matches!(printer.first("page-ranges-supported"), Some(Value::Boolean(true))),
        raster: raster(printer),
        pages_per_minute: printer.integer("pages-per-minute").and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0),
    }
}

fn raster(printer: &Group) -> Option<RasterCapabilities> {
    let resolutions_dpi = resolutions(printer, "pwg-raster-document-resolution-supported");
    let types: Vec<&str> = printer.texts("pwg-raster-document-type-supported").collect();
    let (gray, srgb) = (types.contains(&"sgray_8"), types.contains(&"srgb_8"));
    (!resolutions_dpi.is_empty() && (gray || srgb)).then(|| RasterCapabilities {
        resolutions_dpi,
        gray,
        srgb,
        sheet_back: match printer.text("pwg-raster-document-sheet-back") {
            Some("flipped") => SheetBack::Flipped,
            Some("rotated") => SheetBack::Rotated,
            Some("manual-tumble") => SheetBack::ManualTumble,
            _ => SheetBack::Normal,
        },
    })
}

/// Those that are the same both ways, in dots per inch.
fn resolutions(printer: &Group, name: &str) -> Vec<u32> {
    let square = printer.values(name).iter().filter_map(|value| match value {
        Value::Resolution(x, y, 3) if x == y => u32::try_from(*x).ok(),
        Value::Resolution(x, y, 4) if x == y => u32::try_from(*x).ok().map(|x| x.saturating_mul(254) / 100),
        _ => None,
    });
    let mut all: Vec<u32> = square.filter(|dpi| (50..=4800).contains(dpi)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn media(printer: &Group) -> Vec<MediaSize> {
    let widest = |name: &str| {
        let all = printer.values(name).iter().filter_map(Value::as_integer);
        all.filter_map(|n| u32::try_from(n).ok()).max().unwrap_or_default()
    };
    let general = Margins {
        top: widest("media-top-margin-supported"),
        bottom: widest("media-bottom-margin-supported"),
        left: widest("media-left-margin-supported"),
        right: widest("media-right-margin-supported"),
    };
    let database: Vec<((u32, u32), Margins)> =
        printer.values("media-col-database").iter().filter_map(|value| sized_margins(value, general)).collect();
    let ready: Vec<&str> = printer.texts("media-ready").collect();
    let default = printer.text("media-default");
    let names = default.into_iter().chain(printer.texts("media-supported").filter(|name| Some(*name) != default));
    let mut all = Vec::new();
    for name in names.take(MEDIA_MAX) {
        let Some((width, height)) = size_of_name(name) else { continue };
        let of_size = database.iter().filter(|(size, _)| *size == (width, height));
        // A size may stand there several times, without margins for photo paper: the widest are always right.
        let margins = of_size.map(|(_, margins)| *margins).reduce(Margins::widest).unwrap_or(general);
        all.push(MediaSize { name: name.to_owned(), width, height, margins, ready: ready.contains(&name) });
    }
    all
}

fn sized_margins(media: &Value, general: Margins) -> Option<((u32, u32), Margins)> {
    let Value::Collection(members) = media else { return None };
    let Some(Value::Collection(size)) = values(members, "media-size").first() else { return None };
    let number = |of: &[Attribute], name: &str| {
        values(of, name).first().and_then(Value::as_integer).and_then(|n| u32::try_from(n).ok())
    };
    let margin = |name: &str, otherwise: u32| number(members, name).unwrap_or(otherwise);
    let margins = Margins {
        top: margin("media-top-margin", general.top),
        bottom: margin("media-bottom-margin", general.bottom),
        left: margin("media-left-margin", general.left),
        right: margin("media-right-margin", general.right),
    };
    Some(((number(size, "x-dimension")?, number(size, "y-dimension")?), margins))
}

/// The size in a self-describing name (PWG 5101.1 §5.1): `iso_a4_210x297mm`, `na_letter_8.5x11in`; 1/100 mm.
fn size_of_name(name: &str) -> Option<(u32, u32)> {
    let size = name.rsplit('_').next()?;
    let (numbers, hundredths_mm) = match size.strip_suffix("mm") {
        Some(numbers) => (numbers, 100.0),
        None => (size.strip_suffix("in")?, 2540.0),
    };
    let (width, height) = numbers.split_once('x')?;
    let length = |text: &str| {
        let length = text.parse::<f64>().ok()? * hundredths_mm;
        (1.0..1_000_000.0).contains(&length).then_some(length.round() as u32)
    };
    // Names of custom ranges (`custom_min_…`) look the same and are no paper that can be chosen.
    (!name.starts_with("custom_")).then_some((length(width)?, length(height)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_media_say_their_size() {
        assert_eq!(size_of_name("iso_a4_210x297mm"), Some((21_000, 29_700)));
        assert_eq!(size_of_name("na_letter_8.5x11in"), Some((21_590, 27_940)));
        for other in ["custom_min_3x5in", "a4", "iso_a4_210mm", "x_y_axbmm", "", "x_1e300x1mm"] {
            assert_eq!(size_of_name(other), None, "{other}");
        }
    }
}
