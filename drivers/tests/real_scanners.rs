//! Scanners and clients that others wrote: our `scanimage` driver against SANE's test backend, and our simulated
//! eSCL scanner against `sane-airscan`, an independent client.
#![allow(clippy::unwrap_used, clippy::panic)]

mod counterpart;

use counterpart::is_here;
use drivers::{
    DeviceErrorKind, Stop,
    document_scanner::{
        DocumentScanner, PageFormat, Region, ScanColor, ScanFailure, ScanSettings, ScanSource, ScanTrouble,
        ScanimageScanner,
        simulator::{Picture, on_tcp},
    },
};
use std::{fs, path::Path, process::Command, time::Duration};
use tempfile::TempDir;

/// A folder of SANE settings with one backend, which offers what SANE's own default settings offer.
fn settings_folder(backend: &str, settings: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("dll.conf"), backend).unwrap();
    fs::write(folder.path().join(format!("{backend}.conf")), settings).unwrap();
    folder
}

fn test_backend(folder: &Path, options: &[&str]) -> ScanimageScanner {
    ScanimageScanner::new("test:0").with_config(folder).with_options(options.iter().copied())
}

const TEST_SETTINGS: &str = "number_of_devices 1\nmode Gray\nhand-scanner false\nthree-pass false\n\
                             three-pass-order RGB\nresolution_min 1.0\nresolution_max 1200.0\nresolution_quant 1.0\n\
                             resolution 50.0\ndepth 8\nscan-source \"Flatbed\"\ntest-picture \"Solid black\"\n\
                             invert-endianess false\nread-limit false\nread-limit-size 1\nread-delay false\n\
                             read-delay-duration 1000\nread-status-code \"Default\"\nppl-loss 0\nfuzzy-parameters false\n\
                             non-blocking false\nselect-fd false\nenable-test-options false\ngeometry_min 0.0\n\
                             geometry_max 300.0\ngeometry_quant 1.0\ntl_x 0.0\ntl_y 0.0\nbr_x 80.0\nbr_y 100.0\n";

fn small() -> ScanSettings {
    let region = Region { x: 0, y: 0, width: 1200, height: 600 };
    ScanSettings { region, resolution_dpi: 75, format: PageFormat::Png, ..ScanSettings::a4_platen() }
}

#[test]
fn sanes_test_backend_gives_pages_in_every_mode() {
    if !is_here("scanimage") {
        return;
    }
    let folder = settings_folder("test", TEST_SETTINGS);
    let mut scanner = test_backend(folder.path(), &["--test-picture=Grid"]);
    let can = scanner.capabilities().unwrap();
    let glass = can.platen.unwrap();
    assert!(can.feeder.is_some() && glass.width_max >= 2400 && glass.resolutions_dpi.contains(&300));
    assert!(scanner.status().unwrap().idle);
    for (color, channels) in [(ScanColor::Gray, 1), (ScanColor::Color, 3)] {
        for format in [PageFormat::Png, PageFormat::Jpeg] {
            let settings = ScanSettings { color, format, ..small() };
            let mut job = scanner.scan(&settings, &Stop::new()).unwrap();
            let page = job.next_page().unwrap().unwrap();
            assert_eq!(page.format, format);
            let picture = image::load_from_memory(&page.bytes).unwrap();
            assert_eq!(picture.color().channel_count(), channels);
            // 4 × 2 inches; the backend works in whole millimetres.
            assert!(picture.width().abs_diff(300) <= 4 && picture.height().abs_diff(150) <= 4);
            assert!(job.next_page().unwrap().is_none());
        }
    }
}

#[test]
fn what_sane_says_went_wrong_is_said() {
    if !is_here("scanimage") {
        return;
    }
    let folder = settings_folder("test", TEST_SETTINGS);
    let fails = |status: &str| {
        let mut scanner = test_backend(folder.path(), &[&format!("--read-return-value={status}")]);
        let settings = small();
        let mut job = scanner.scan(&settings, &Stop::new()).unwrap();
        match job.next_page() {
            Err(failure) => failure,
            Ok(_) => panic!("a page in spite of {status}"),
        }
    };
    // Its exit status differs from run to run for the same failure.
    for _ in 0..5 {
        assert!(matches!(fails("SANE_STATUS_JAMMED"), ScanFailure::Trouble(ScanTrouble::Jammed)));
        assert!(matches!(fails("SANE_STATUS_NO_DOCS"), ScanFailure::Trouble(ScanTrouble::FeederEmpty)));
        assert!(matches!(fails("SANE_STATUS_COVER_OPEN"), ScanFailure::Trouble(ScanTrouble::CoverOpen)));
        assert!(matches!(fails("SANE_STATUS_DEVICE_BUSY"), ScanFailure::Busy));
        assert!(
            matches!(fails("SANE_STATUS_IO_ERROR"), ScanFailure::Device(e) if e.kind == DeviceErrorKind::Unplugged)
        );
    }
    let absent = ScanimageScanner::new("test:7").with_config(folder.path()).status();
    assert_eq!(absent.unwrap_err().kind, DeviceErrorKind::NotFound);
}

#[test]
fn a_page_in_progress_ends_when_somebody_asks() {
    if !is_here("scanimage") {
        return;
    }
    let folder = settings_folder("test", TEST_SETTINGS);
    // A page that would take many minutes.
    let slow = ["--read-delay=yes", "--read-delay-duration=200000", "--read-limit=yes", "--read-limit-size=64"];
    let mut scanner = test_backend(folder.path(), &slow);
    let stop = Stop::new();
    let asker = stop.clone();
    let settings = ScanSettings { resolution_dpi: 300, ..small() };
    let mut job = scanner.scan(&settings, &stop).unwrap();
    let hand = std::thread::spawn(move || {
        std::thread::park_timeout(Duration::from_millis(300));
        asker.request();
    });
    assert!(matches!(job.next_page(), Err(ScanFailure::Stopped)));
    hand.join().unwrap();
}

#[test]
fn the_feeder_of_sanes_test_backend_is_drawn_sheet_by_sheet() {
    if !is_here("scanimage") {
        return;
    }
    let folder = settings_folder("test", TEST_SETTINGS);
    let mut scanner = test_backend(folder.path(), &[]);
    let settings = ScanSettings { source: ScanSource::Feeder, ..small() };
    let mut job = scanner.scan(&settings, &Stop::new()).unwrap();
    for _ in 0..3 {
        assert!(job.next_page().unwrap().is_some());
    }
}

#[test]
fn sane_airscan_scans_from_our_simulated_scanner() {
    if !is_here("scanimage") || !is_here("airscan-discover") {
        return;
    }
    let (port, knobs) = on_tcp(None).unwrap();
    let picture = || Picture::new(300, 150, 75, [40, 90, 160].repeat(300 * 150));
    knobs.lay(vec![picture()]);
    knobs.feed(vec![picture(), picture()]);
    let settings = format!(
        "[devices]\n\"Yimen\" = http://{}/eSCL, eSCL\n[options]\ndiscovery = disable\nws-discovery = off\n",
        port.address()
    );
    let folder = settings_folder("airscan", &settings);
    let scan = |arguments: &[&str]| {
        let mut command = Command::new("scanimage");
        command.env("SANE_CONFIG_DIR", folder.path()).current_dir(folder.path());
        command.args(["-d", "airscan:e0:Yimen", "--resolution", "150", "-x", "100", "-y", "50", "--mode", "Color"]);
        command.args(["--format=png"]).args(arguments).output().unwrap()
    };
    let ran = scan(&["-o", "flat.png"]);
    let page = image::open(folder.path().join("flat.png"));
    let page = page.unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&ran.stderr))).to_rgb8();
    assert!(page.width().abs_diff(590) <= 2 && page.height().abs_diff(295) <= 2, "{:?}", page.dimensions());
    let middle = page.get_pixel(300, 150).0;
    assert!(middle.iter().zip([40, 90, 160]).all(|(is, was)| is.abs_diff(was) < 8), "{middle:?}");
    scan(&["--source=ADF", "--batch=sheet%d.png"]);
    assert!(folder.path().join("sheet1.png").exists() && folder.path().join("sheet2.png").exists());
    assert!(!folder.path().join("sheet3.png").exists() && knobs.sheets() == 0);
}

#[test]
fn our_scanimage_driver_scans_through_sane_airscan() {
    if !is_here("scanimage") || !is_here("airscan-discover") {
        return;
    }
    let (port, knobs) = on_tcp(None).unwrap();
    knobs.lay(vec![Picture::new(300, 150, 75, [40, 90, 160].repeat(300 * 150))]);
    let settings = format!(
        "[devices]\n\"Yimen\" = http://{}/eSCL, eSCL\n[options]\ndiscovery = disable\nws-discovery = off\n",
        port.address()
    );
    let folder = settings_folder("airscan", &settings);
    let mut scanner = ScanimageScanner::new("airscan:e0:Yimen").with_config(folder.path());
    let can = scanner.capabilities().unwrap();
    assert!(can.platen.is_some() && can.feeder.is_some());
    let settings = ScanSettings { resolution_dpi: 150, ..small() };
    let page = scanner.scan(&settings, &Stop::new()).unwrap().next_page().unwrap().unwrap();
    let page = image::load_from_memory(&page.bytes).unwrap();
    assert!(page.width().abs_diff(600) <= 2 && page.height().abs_diff(300) <= 2);
}
