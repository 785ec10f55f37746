//! What `scanimage -A` prints of a device's options, and what it says on standard error, in SANE's words. No I/O.

use crate::document_scanner::{
    PageFormat, ScanColor, ScanFailure, ScanTrouble, ScannerCapabilities, SourceCapabilities, UNITS_PER_INCH,
};
use crate::{DeviceError, DeviceErrorKind};

/// Resolutions that are offered where a scanner says only a range.
const USUAL_RESOLUTIONS_DPI: &[u32] = &[75, 100, 150, 200, 300, 400, 600, 1200];
const MM_PER_INCH: f64 = 25.4;

/// The options of a device, as far as they are used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// What it can do.
    pub capabilities: ScannerCapabilities,
    /// Its word for the glass, if it has sources.
    pub platen: Option<String>,
    /// Its word for the feeder.
    pub feeder: Option<String>,
    /// Its words for grey and colour.
    pub gray: Option<String>,
    /// See above.
    pub color: Option<String>,
    /// Whether there is `--resolution`, and `-x`, `-y`, `-l`, `-t`.
    pub has_resolution: bool,
    /// See above.
    pub has_geometry: bool,
}

/// Reads the list that `scanimage -A` prints.
pub fn read_options(text: &str, device: &str) -> Options {
    let sources: Vec<&str> = choices(text, "--source").collect();
    let modes: Vec<&str> = choices(text, "--mode").collect();
    let word = |all: &[&str], heads: &[&str]| {
        let found = all.iter().find(|word| heads.iter().any(|head| word.to_ascii_lowercase().starts_with(head)));
        found.map(|word| (*word).to_owned())
    };
    let (gray, color) = (word(&modes, &["gray", "grey"]), word(&modes, &["color", "24bit"]));
    let feeder = sources.iter().find(|word| is_feeder(word)).map(|word| (*word).to_owned());
    let platen = sources.iter().find(|word| !is_feeder(word) && !word.contains("Transparency"));
    let platen = platen.map(|word| (*word).to_owned());
    let mm = |name: &str| range_end(text, name).unwrap_or_default();
    let units = |mm: f64| (mm / MM_PER_INCH * f64::from(UNITS_PER_INCH)).round() as u32;
    let colors = [(gray.is_some(), ScanColor::Gray), (color.is_some(), ScanColor::Color)];
    let source = SourceCapabilities {
        width_max: units(mm("-x")),
        height_max: units(mm("-y")),
        resolutions_dpi: resolutions(text),
        colors: colors.into_iter().filter(|(has, _)| *has).map(|(_, color)| color).collect(),
        formats: vec![PageFormat::Jpeg, PageFormat::Png],
    };
    let has_platen = platen.is_some() || sources.is_empty();
    Options {
        has_resolution: !source.resolutions_dpi.is_empty(),
        has_geometry: source.width_max > 0 && source.height_max > 0,
        capabilities: ScannerCapabilities {
            make_and_model: device.to_owned(),
            platen: has_platen.then(|| source.clone()),
            feeder: feeder.is_some().then_some(source),
            duplex: false,
        },
        platen,
        feeder,
        gray,
        color,
    }
}

fn is_feeder(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    (word.contains("adf") || word.contains("feeder")) && !word.contains("duplex") && !word.contains("back")
}

/// What stands behind an option, up to its present value in brackets.
fn described<'a>(text: &'a str, option: &str) -> Option<&'a str> {
    let line = text.lines().map(str::trim_start).find_map(|line| line.strip_prefix(option)?.strip_prefix(' '))?;
    // An option without a value cannot be set now.
    let (description, value) = line.rsplit_once(" [")?;
    (value.trim_end() != "inactive]").then_some(description)
}

fn choices<'a>(text: &'a str, option: &str) -> impl Iterator<Item = &'a str> {
    described(text, option).into_iter().flat_map(|all| all.split('|')).map(str::trim).take(64)
}

/// Upper end of `0..215.9mm`.
fn range_end(text: &str, option: &str) -> Option<f64> {
    let (_, end) = described(text, option)?.split_once("..")?;
    let digits = end.split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
    digits.parse().ok().filter(|mm| (1.0..10_000.0).contains(mm))
}

/// `75|150|300dpi` or `1..1200dpi (in steps of 1)`.
fn resolutions(text: &str) -> Vec<u32> {
    let Some(all) = described(text, "--resolution") else { return Vec::new() };
    let number = |text: &str| {
        let digits = text.trim().split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse::<u32>().ok()
    };
    if let Some((from, to)) = all.split_once("..") {
        let bounds = number(from).unwrap_or(u32::MAX)..=number(to).unwrap_or_default();
        return USUAL_RESOLUTIONS_DPI.iter().copied().filter(|dpi| bounds.contains(dpi)).collect();
    }
    let mut all: Vec<u32> = all.split('|').filter_map(number).filter(|dpi| (25..=9600).contains(dpi)).collect();
    all.sort_unstable();
    all
}

/// What standard error says went wrong, in the words of `sane_strstatus`; `None` when it says nothing of that.
pub fn read_failure(stderr: &str) -> Option<ScanFailure> {
    let says = |words: &str| stderr.contains(words);
    let device = |kind: DeviceErrorKind| Some(ScanFailure::Device(DeviceError::new(kind)));
    if says("Document feeder jammed") {
        Some(ScanTrouble::Jammed.into())
    } else if says("Document feeder out of documents") {
        Some(ScanTrouble::FeederEmpty.into())
    } else if says("Scanner cover is open") {
        Some(ScanTrouble::CoverOpen.into())
    } else if says("Device busy") {
        Some(ScanFailure::Busy)
    } else if says("Access to resource has been denied") {
        device(DeviceErrorKind::AccessDenied)
    } else if says("open of device") || says("no SANE devices found") {
        device(DeviceErrorKind::NotFound)
    } else if says("Error during device I/O") {
        device(DeviceErrorKind::Unplugged)
    } else if says("unrecognized option") || says("setting of option") || says("Operation not supported") {
        device(DeviceErrorKind::Software)
    } else if says("sane_start:") || says("sane_read:") {
        device(DeviceErrorKind::Hardware)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEST_BACKEND: &str = "
All options specific to device `test:0':
  Scan Mode:
    --mode Gray|Color [Gray]
        Selects the scan mode (e.g., lineart, monochrome, or color).
    --three-pass-order RGB|RBG|GBR|GRB|BRG|BGR [inactive]
    --resolution 1..1200dpi (in steps of 1) [50]
    --source Flatbed|Automatic Document Feeder [Flatbed]
  Geometry:
    -l 0..200mm (in steps of 1) [0]
    -x 0..200mm (in steps of 1) [80]
    -y 0..297.5mm (in steps of 1) [100]
";

    #[test]
    fn options_of_sanes_test_backend_are_understood() {
        let options = read_options(TEST_BACKEND, "test:0");
        let glass = options.capabilities.platen.unwrap();
        assert_eq!((glass.width_max, glass.height_max), (2362, 3514));
        assert_eq!(glass.resolutions_dpi, USUAL_RESOLUTIONS_DPI);
        assert_eq!(glass.colors, [ScanColor::Gray, ScanColor::Color]);
        assert_eq!(options.feeder.as_deref(), Some("Automatic Document Feeder"));
    }

    #[test]
    fn lists_of_resolutions_and_unknown_output_are_understood() {
        let options = read_options("  --resolution 75|150|300dpi [75]\n  --mode Lineart|Gray [Gray]\n", "x");
        assert_eq!(options.capabilities.platen.unwrap().resolutions_dpi, [75, 150, 300]);
        assert!(!options.has_geometry && options.color.is_none());
        assert!(!read_options("\u{FFFD}--resolution ..\n-x 0..", "x").has_resolution);
    }
}
