//! eSCL documents (Mopria eSCL 2.x): capabilities and status read, settings written. No I/O.

use super::xml::{BadXml, Element};
use crate::document_scanner::{
    PageFormat, ScanColor, ScanSettings, ScanSource, ScanTrouble, ScannerCapabilities, ScannerStatus,
    SourceCapabilities,
};

/// Resolutions that are offered where a scanner says only a range.
const USUAL_RESOLUTIONS_DPI: &[u32] = &[75, 100, 150, 200, 300, 400, 600, 1200];

/// Reads `ScannerCapabilities`.
pub fn read_capabilities(xml: &[u8]) -> Result<ScannerCapabilities, BadXml> {
    let root = Element::read(xml)?;
    let source = |name: &str| root.all(name).next().map(|caps| source(&root, caps));
    Ok(ScannerCapabilities {
        make_and_model: root.text_of("MakeAndModel").unwrap_or_default().to_owned(),
        platen: source("PlatenInputCaps"),
        feeder: source("AdfSimplexInputCaps").or_else(|| source("AdfDuplexInputCaps")),
        duplex: root.all("AdfDuplexInputCaps").next().is_some(),
    })
}

/// Some makers put the profiles in each source, some once for all.
fn source(root: &Element, caps: &Element) -> SourceCapabilities {
    let profiles = if caps.all("SettingProfile").next().is_some() { caps } else { root };
    let texts =
        |names: [&'static str; 2]| names.into_iter().flat_map(|name| profiles.all(name)).map(|e| e.text.as_str());
    let modes: Vec<&str> = texts(["ColorMode", "ColorModes"]).collect();
    let formats: Vec<&str> = texts(["DocumentFormatExt", "DocumentFormat"]).collect();
    let colors = [("Grayscale8", ScanColor::Gray), ("RGB24", ScanColor::Color)];
    let all_formats = [PageFormat::Jpeg, PageFormat::Png, PageFormat::Pdf];
    SourceCapabilities {
        width_max: caps.number_of("MaxWidth").unwrap_or_default(),
        height_max: caps.number_of("MaxHeight").unwrap_or_default(),
        resolutions_dpi: resolutions(profiles),
        colors: colors.into_iter().filter(|(name, _)| modes.contains(name)).map(|(_, color)| color).collect(),
        formats: all_formats.into_iter().filter(|format| formats.contains(&format.mime())).collect(),
    }
}

fn resolutions(profiles: &Element) -> Vec<u32> {
    let square = profiles.all("DiscreteResolution").filter_map(|resolution| {
        let (x, y) = (resolution.number_of("XResolution")?, resolution.number_of("YResolution")?);
        (x == y && (25..=9600).contains(&x)).then_some(x)
    });
    let mut all: Vec<u32> = square.collect();
    if let Some(range) = profiles.all("XResolutionRange").next() {
        let bounds = (range.number_of("Min").unwrap_or(u32::MAX), range.number_of("Max").unwrap_or_default());
        all.extend(USUAL_RESOLUTIONS_DPI.iter().filter(|dpi| (bounds.0..=bounds.1).contains(dpi)));
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// Reads `ScannerStatus`.
pub fn read_status(xml: &[u8]) -> Result<ScannerStatus, BadXml> {
    let root = Element::read(xml)?;
    let state = root.child("State").map(|state| state.text.as_str()).unwrap_or_default();
    let feeder = root.text_of("AdfState").unwrap_or_default();
    Ok(ScannerStatus {
        // Testing, Stopped, Down and whatever else: not ready.
        idle: state == "Idle",
        trouble: match feeder {
            "ScannerAdfJam" | "ScannerAdfMispick" | "ScannerAdfMultipickDetected" => Some(ScanTrouble::Jammed),
            "ScannerAdfHatchOpen" | "ScannerAdfDoorOpen" => Some(ScanTrouble::CoverOpen),
            _ if matches!(state, "Down" | "Stopped") => Some(ScanTrouble::Fault),
            _ => None,
        },
        feeder_loaded: match feeder {
            "ScannerAdfLoaded" | "ScannerAdfProcessing" => Some(true),
            "ScannerAdfEmpty" => Some(false),
            _ => None,
        },
    })
}

/// Writes `ScanSettings`.
pub fn write_settings(settings: &ScanSettings, format: PageFormat) -> String {
    let (region, dpi, mime) = (settings.region, settings.resolution_dpi, format.mime());
    let source = match settings.source {
        ScanSource::Platen => "Platen",
        ScanSource::Feeder => "Feeder",
    };
    let color = match settings.color {
        ScanColor::Gray => "Grayscale8",
        ScanColor::Color => "RGB24",
    };
    let duplex = match settings.source {
        ScanSource::Platen => String::new(),
        ScanSource::Feeder => format!("<scan:Duplex>{}</scan:Duplex>", settings.duplex),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <scan:ScanSettings xmlns:pwg=\"http://www.pwg.org/schemas/2010/12/sm\" \
         xmlns:scan=\"http://schemas.hp.com/imaging/escl/2011/05/03\">\
         <pwg:Version>2.0</pwg:Version>\
         <pwg:ScanRegions pwg:MustHonor=\"false\"><pwg:ScanRegion>\
         <pwg:ContentRegionUnits>escl:ThreeHundredthsOfInches</pwg:ContentRegionUnits>\
         <pwg:Height>{}</pwg:Height><pwg:Width>{}</pwg:Width>\
         <pwg:XOffset>{}</pwg:XOffset><pwg:YOffset>{}</pwg:YOffset>\
         </pwg:ScanRegion></pwg:ScanRegions>\
         <pwg:InputSource>{source}</pwg:InputSource>\
         <scan:ColorMode>{color}</scan:ColorMode>\
         <pwg:DocumentFormat>{mime}</pwg:DocumentFormat>\
         <scan:DocumentFormatExt>{mime}</scan:DocumentFormatExt>\
         <scan:XResolution>{dpi}</scan:XResolution><scan:YResolution>{dpi}</scan:YResolution>\
         {duplex}</scan:ScanSettings>",
        region.height, region.width, region.x, region.y
    )
}

/// The path of a job from its `Location`: absolute, with a host that is not the scanner's, a path, or relative.
/// The host is never taken from it.
pub fn job_path(location: &str, base: &str) -> Option<String> {
    let location = location.trim();
    let path = match location.split_once("://") {
        Some((_, rest)) => rest.find('/').map(|at| rest[at..].to_owned())?,
        None if location.starts_with('/') => location.to_owned(),
        None => format!("{base}/{location}"),
    };
    let path = path.trim_end_matches('/').to_owned();
    let is_plain = path.len() < 1000 && path.bytes().all(|byte| byte.is_ascii_graphic());
    (is_plain && path.len() > 1).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jobs_place_is_found_in_every_form_of_location() {
        for location in [
            "/eSCL/ScanJobs/7",
            "http://192.0.2.7/eSCL/ScanJobs/7/",
            "https://printer.local.:8080/eSCL/ScanJobs/7",
            "ScanJobs/7",
        ] {
            assert_eq!(job_path(location, "/eSCL").as_deref(), Some("/eSCL/ScanJobs/7"), "{location}");
        }
        for bad in ["", "http://host", "/", "/a b", "/a\r\nX: y"] {
            assert_eq!(job_path(bad, "").filter(|path| path.len() > 1), None, "{bad}");
        }
    }

    #[test]
    fn states_that_are_not_known_are_not_ready() {
        let status = |state: &str, feeder: &str| {
            let xml = format!("<a><State>{state}</State><AdfState>{feeder}</AdfState></a>");
            read_status(xml.as_bytes()).unwrap()
        };
        assert!(status("Idle", "ScannerAdfEmpty").idle);
        assert!(!status("Testing", "").idle);
        assert_eq!(status("Down", "").trouble, Some(ScanTrouble::Fault));
        assert_eq!(status("Processing", "ScannerAdfJam").trouble, Some(ScanTrouble::Jammed));
        assert_eq!(status("Idle", "ScannerAdfEmpty").feeder_loaded, Some(false));
    }
}
