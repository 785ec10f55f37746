//! Driver for older flatbeds that only SANE knows: `scanimage` runs as a child and a page comes over its standard
//! output, so that no page is ever a file. Its exit status is not to be trusted (the same failure gives 0 and 7):
//! a page counts when it is whole by its own format and standard error names no failure.
//! One run a page, for the feeder too: SANE draws the next sheet at each start, and batch mode knows only files.

pub mod child;
pub mod options;

use super::{
    DocumentScanner, PageFormat, ScanColor, ScanFailure, ScanJob, ScanSettings, ScanSource, ScanTrouble, ScannedPage,
    ScannerCapabilities, ScannerStatus, UNITS_PER_INCH,
};
use crate::{DeviceError, DeviceErrorKind, Stop};
use child::{Ran, RunFailure};
use options::{Options, read_failure, read_options};
use std::{ffi::OsString, path::PathBuf, process::Command};

/// Most bytes of a page, and of a list of options.
const PAGE_BYTES_MAX: usize = 160 << 20;
const OPTIONS_BYTES_MAX: usize = 256 * 1024;
/// Sheets of one scan at most: more than a feeder holds, and an end for backends whose feeder never empties.
const SHEETS_MAX: u32 = 100;
const MM_PER_INCH: f64 = 25.4;

/// How long the driver waits for what.
#[derive(Clone, Copy, Debug)]
pub struct ScanimageTimings {
    /// For the list of options; opening an old flatbed moves its carriage.
    pub options_ms: u64,
    /// Without a byte of a page; lamps warm up.
    pub page_ms: u64,
}

impl Default for ScanimageTimings {
    fn default() -> Self {
        Self { options_ms: 20_000, page_ms: 60_000 }
    }
}

/// The driver.
pub struct ScanimageScanner {
    device: String,
    config: Option<PathBuf>,
    extra: Vec<OsString>,
    timings: ScanimageTimings,
    known: Option<Options>,
}

impl ScanimageScanner {
    /// A scanner by SANE's name (`genesys:libusb:001:004`); nothing is opened yet.
    pub fn new(device: &str) -> Self {
        let timings = ScanimageTimings::default();
        Self { device: device.to_owned(), config: None, extra: Vec::new(), timings, known: None }
    }

    /// With a folder of settings of its own (`SANE_CONFIG_DIR`), so that no other backend is asked.
    pub fn with_config(mut self, folder: impl Into<PathBuf>) -> Self {
        self.config = Some(folder.into());
        self
    }

    /// With options of the backend besides, such as a gamma or a lamp.
    pub fn with_options<S: Into<OsString>>(mut self, options: impl IntoIterator<Item = S>) -> Self {
        self.extra = options.into_iter().map(Into::into).collect();
        self
    }

    /// With other times than the usual ones.
    pub fn with_timings(mut self, timings: ScanimageTimings) -> Self {
        self.timings = timings;
        self
    }

    fn command(&self) -> Command {
        let mut command = Command::new("scanimage");
        command.arg(format!("--device-name={}", self.device));
        if let Some(folder) = &self.config {
            command.env("SANE_CONFIG_DIR", folder);
        }
        command
    }

    fn ask(&mut self, argument: &str) -> Result<Ran, DeviceError> {
        let mut command = self.command();
        command.arg(argument);
        let ran = child::run(command, self.timings.options_ms, OPTIONS_BYTES_MAX, &Stop::new());
        let ran = ran.map_err(|failure| match failure {
            RunFailure::Device(error) if error.kind == DeviceErrorKind::NotFound => {
                DeviceError::because(DeviceErrorKind::Misconfigured, "scanimage is not installed (package sane-utils)")
            }
            RunFailure::Device(error) => error,
            RunFailure::Stopped => DeviceError::new(DeviceErrorKind::Silent),
        })?;
        match read_failure(&ran.stderr) {
            Some(ScanFailure::Device(error)) => Err(error),
            Some(ScanFailure::Busy) => Err(DeviceError::new(DeviceErrorKind::InUse)),
            _ => Ok(ran),
        }
    }

    fn known(&mut self) -> Result<Options, DeviceError> {
        if let Some(known) = &self.known {
            return Ok(known.clone());
        }
        let ran = self.ask("--all-options")?;
        let options = read_options(&String::from_utf8_lossy(&ran.stdout), &self.device);
        let can = &options.capabilities;
        if can.platen.as_ref().or(can.feeder.as_ref()).is_none_or(|source| source.colors.is_empty()) {
            return Err(DeviceError::because(DeviceErrorKind::WrongModel, "it offers neither grey nor colour"));
        }
        self.known = Some(options.clone());
        Ok(options)
    }

    fn page_arguments(&self, options: &Options, settings: &ScanSettings) -> Result<Vec<OsString>, ScanFailure> {
        let source = options.capabilities.source(settings.source).ok_or(ScanFailure::Unsupported("InputSource"))?;
        let region = settings.region;
        let lacks = [
            ("XResolution", options.has_resolution && !source.resolutions_dpi.contains(&settings.resolution_dpi)),
            ("ColorMode", !source.colors.contains(&settings.color)),
            ("Duplex", settings.duplex),
            ("DocumentFormat", settings.format == PageFormat::Pdf),
            ("ScanRegion", region.width == 0 || region.height == 0),
            ("ScanRegion", options.has_geometry && (region.x >= source.width_max || region.y >= source.height_max)),
        ];
        if let Some((name, _)) = lacks.into_iter().find(|(_, lacks)| *lacks) {
            return Err(ScanFailure::Unsupported(name));
        }
        let format = if settings.format == PageFormat::Png { "png" } else { "jpeg" };
        let mut arguments = vec![format!("--format={format}")];
        let mode = if settings.color == ScanColor::Gray { &options.gray } else { &options.color };
        arguments.extend(mode.iter().map(|mode| format!("--mode={mode}")));
        let word = if settings.source == ScanSource::Feeder { &options.feeder } else { &options.platen };
        arguments.extend(word.iter().map(|source| format!("--source={source}")));
        if options.has_resolution {
            arguments.push(format!("--resolution={}", settings.resolution_dpi));
        }
        if options.has_geometry {
            let mm = |units: u32| f64::from(units) / f64::from(UNITS_PER_INCH) * MM_PER_INCH;
            let width = region.width.min(source.width_max - region.x);
            let height = region.height.min(source.height_max - region.y);
            for (name, units) in [("-l", region.x), ("-t", region.y), ("-x", width), ("-y", height)] {
                arguments.extend([name.to_owned(), format!("{:.2}", mm(units))]);
            }
        }
        Ok(arguments.into_iter().map(OsString::from).chain(self.extra.iter().cloned()).collect())
    }
}

impl DocumentScanner for ScanimageScanner {
    fn capabilities(&mut self) -> Result<ScannerCapabilities, DeviceError> {
        self.known = None;
        Ok(self.known()?.capabilities)
    }

    /// SANE can be asked only by opening the device; it says nothing of the feeder before a scan.
    fn status(&mut self) -> Result<ScannerStatus, DeviceError> {
        self.ask("--dont-scan")?;
        Ok(ScannerStatus { idle: true, trouble: None, feeder_loaded: None })
    }

    fn scan(&mut self, settings: &ScanSettings, stop: &Stop) -> Result<Box<dyn ScanJob + '_>, ScanFailure> {
        let options = self.known()?;
        let arguments = self.page_arguments(&options, settings)?;
        let (source, stop) = (settings.source, stop.clone());
        Ok(Box::new(Scan { scanner: self, arguments, source, stop, pages: 0, ended: false }))
    }
}

struct Scan<'a> {
    scanner: &'a mut ScanimageScanner,
    arguments: Vec<OsString>,
    source: ScanSource,
    stop: Stop,
    pages: u32,
    ended: bool,
}

impl ScanJob for Scan<'_> {
    fn next_page(&mut self) -> Result<Option<ScannedPage>, ScanFailure> {
        if self.ended {
            return Ok(None);
        }
        let result = match self.page() {
            Err(ScanFailure::Trouble(ScanTrouble::FeederEmpty)) if self.pages > 0 => Ok(None),
            Ok(page) => Ok(Some(page)),
            Err(failure) => Err(failure),
        };
        self.pages += 1;
        self.ended = !matches!(result, Ok(Some(_))) || self.source == ScanSource::Platen || self.pages >= SHEETS_MAX;
        result
    }

    /// Between two pages there is nothing to tell; a page in progress is ended by [`Stop`].
    fn cancel(self: Box<Self>) -> Result<(), DeviceError> {
        Ok(())
    }
}

impl Scan<'_> {
    fn page(&mut self) -> Result<ScannedPage, ScanFailure> {
        let mut command = self.scanner.command();
        command.args(&self.arguments);
        let ran = child::run(command, self.scanner.timings.page_ms, PAGE_BYTES_MAX, &self.stop);
        let ran = match ran {
            Ok(ran) => ran,
            Err(RunFailure::Stopped) => return Err(ScanFailure::Stopped),
            Err(RunFailure::Device(error)) => {
                self.scanner.known = None;
                return Err(error.into());
            }
        };
        match read_failure(&ran.stderr) {
            Some(failure) => Err(failure),
            None => ScannedPage::whole(ran.stdout).map_err(Into::into),
        }
    }
}
