//! The eSCL driver against the simulated scanner: what lies on the glass comes as pages, what the scanner says is
//! said, and a page that broke off is no page.
#![allow(clippy::unwrap_used, clippy::panic)]

use drivers::{
    DeviceErrorKind, Stop,
    document_scanner::{
        DocumentScanner, EsclScanner, EsclTimings, PageFormat, Region, ScanColor, ScanFailure, ScanSettings,
        ScanSource, ScanTrouble, open,
        simulator::{LocationForm, Picture, ScannerKnobs, in_memory, on_tcp},
    },
};

const QUICK: EsclTimings =
    EsclTimings { answer_ms: 30, ready_look_ms: 0, ready_looks: 8, page_ms: 40, stop_look_ms: 5 };

fn scanner() -> (EsclScanner, ScannerKnobs) {
    let (scanner, knobs) = in_memory();
    (scanner.with_timings(QUICK), knobs)
}

/// A card of one colour, 2 × 1 inch.
fn card(rgb: [u8; 3]) -> Picture {
    Picture::new(150, 75, 75, rgb.repeat(150 * 75))
}

fn small(source: ScanSource) -> ScanSettings {
    let region = Region { x: 0, y: 0, width: 900, height: 600 };
    ScanSettings { source, region, resolution_dpi: 75, format: PageFormat::Png, ..ScanSettings::a4_platen() }
}

fn all(scanner: &mut dyn DocumentScanner, settings: &ScanSettings) -> Result<Vec<image::DynamicImage>, ScanFailure> {
    let mut job = scanner.scan(settings, &Stop::new())?;
    let mut pages = Vec::new();
    while let Some(page) = job.next_page()? {
        pages.push(image::load_from_memory(&page.bytes).unwrap());
    }
    Ok(pages)
}

#[test]
fn what_lies_on_the_glass_is_on_the_page_where_it_lies() {
    let (mut scanner, knobs) = scanner();
    knobs.lay(vec![card([200, 0, 0]).at(300, 300)]);
    let pages = all(&mut scanner, &small(ScanSource::Platen)).unwrap();
    assert_eq!((pages.len(), pages[0].width(), pages[0].height()), (1, 225, 150));
    let page = pages[0].to_rgb8();
    assert_eq!(page.get_pixel(74, 74).0, [255, 255, 255]);
    assert_eq!(page.get_pixel(75, 75).0, [200, 0, 0]);
    assert_eq!(page.get_pixel(224, 149).0, [200, 0, 0]);
    let region = Region { x: 300, y: 300, width: 600, height: 300 };
    let cut = ScanSettings { region, color: ScanColor::Gray, resolution_dpi: 150, ..small(ScanSource::Platen) };
    let page = all(&mut scanner, &cut).unwrap().remove(0);
    assert_eq!((page.width(), page.height(), page.color().channel_count()), (300, 150, 1));
    assert!(page.to_luma8().pixels().all(|pixel| pixel.0 == [59]));
    assert_eq!((knobs.deleted(), knobs.has_job()), (2, false));
}

#[test]
fn the_feeder_gives_every_sheet_and_then_says_that_it_is_empty() {
    let (mut scanner, knobs) = scanner();
    knobs.feed(vec![card([1, 0, 0]), card([2, 0, 0]), card([3, 0, 0])]);
    assert_eq!(scanner.status().unwrap().feeder_loaded, Some(true));
    let pages = all(&mut scanner, &small(ScanSource::Feeder)).unwrap();
    let first: Vec<u8> = pages.iter().map(|page| page.to_rgb8().get_pixel(0, 0).0[0]).collect();
    assert_eq!(first, [1, 2, 3]);
    let empty = all(&mut scanner, &small(ScanSource::Feeder));
    assert!(matches!(empty, Err(ScanFailure::Trouble(ScanTrouble::FeederEmpty))));
}

#[test]
fn every_form_of_location_and_of_body_is_followed() {
    for form in [LocationForm::Path, LocationForm::OddHost, LocationForm::Relative] {
        for chunked in [false, true] {
            let (mut scanner, knobs) = scanner();
            knobs.location(form);
            knobs.chunked(chunked);
            knobs.lay(vec![card([9, 9, 9])]);
            assert_eq!(all(&mut scanner, &small(ScanSource::Platen)).unwrap().len(), 1, "{form:?}");
            assert_eq!(knobs.deleted(), 1);
        }
    }
}

#[test]
fn a_scanner_that_is_not_ready_is_asked_again_and_given_up_in_the_end() {
    let (mut scanner, knobs) = scanner();
    knobs.not_ready(5);
    assert_eq!(all(&mut scanner, &small(ScanSource::Platen)).unwrap().len(), 1);
    knobs.not_ready(u32::MAX);
    assert!(matches!(all(&mut scanner, &small(ScanSource::Platen)), Err(ScanFailure::Busy)));
    assert!(!knobs.has_job());
    knobs.busy(true);
    assert!(matches!(all(&mut scanner, &small(ScanSource::Platen)), Err(ScanFailure::Busy)));
}

#[test]
fn troubles_are_said_before_and_during_a_scan() {
    let (mut scanner, knobs) = scanner();
    knobs.feed(vec![card([1, 0, 0]), card([2, 0, 0])]);
    knobs.jam_after(1);
    let settings = small(ScanSource::Feeder);
    let mut job = scanner.scan(&settings, &Stop::new()).unwrap();
    assert!(job.next_page().unwrap().is_some());
    assert!(matches!(job.next_page(), Err(ScanFailure::Trouble(ScanTrouble::Jammed))));
    assert!(job.next_page().unwrap().is_none());
    drop(job);
    assert!(matches!(all(&mut scanner, &settings), Err(ScanFailure::Trouble(ScanTrouble::Jammed))));
    knobs.jam(false);
    knobs.cover_open(true);
    assert_eq!(scanner.status().unwrap().trouble, Some(ScanTrouble::CoverOpen));
    knobs.cover_open(false);
    assert_eq!(all(&mut scanner, &settings).unwrap().len(), 1);
}

#[test]
fn a_page_that_breaks_off_at_any_byte_is_no_page() {
    let (_, knobs) = scanner();
    knobs.lay(vec![card([7, 8, 9])]);
    for chunked in [false, true] {
        knobs.chunked(chunked);
        for at in (0..6000).step_by(37) {
            let (mut scanner, knobs) = scanner();
            knobs.chunked(chunked);
            knobs.lay(vec![card([7, 8, 9])]);
            knobs.drop_after(at);
            match all(&mut scanner, &small(ScanSource::Platen)) {
                Ok(pages) => assert_eq!(pages.len(), 1),
                Err(ScanFailure::Device(error)) => {
                    assert!(matches!(error.kind, DeviceErrorKind::Unplugged | DeviceErrorKind::Garbled), "{error:?}");
                }
                Err(other) => panic!("at byte {at}: {other:?}"),
            }
            knobs.line(|faults| faults.cut_after_sent = None);
        }
    }
}

#[test]
fn a_scan_that_is_given_up_is_deleted_at_the_scanner() {
    let (mut scanner, knobs) = scanner();
    knobs.feed(vec![card([1, 0, 0]), card([2, 0, 0])]);
    let mut job = scanner.scan(&small(ScanSource::Feeder), &Stop::new()).unwrap();
    assert!(job.next_page().unwrap().is_some());
    job.cancel().unwrap();
    assert_eq!((knobs.has_job(), knobs.deleted(), knobs.sheets()), (false, 1, 1));
    drop(scanner.scan(&small(ScanSource::Feeder), &Stop::new()).unwrap());
    assert!(!knobs.has_job());
    let stop = Stop::new();
    let settings = small(ScanSource::Feeder);
    let mut job = scanner.scan(&settings, &stop).unwrap();
    stop.request();
    assert!(matches!(job.next_page(), Err(ScanFailure::Stopped)));
    drop(job);
    assert!(!knobs.has_job());
}

#[test]
fn what_the_scanner_does_not_offer_is_said_by_its_name() {
    let (mut scanner, _) = scanner();
    let lacks = |scanner: &mut EsclScanner, settings: ScanSettings| match all(scanner, &settings) {
        Err(ScanFailure::Unsupported(name)) => name,
        other => panic!("{other:?}"),
    };
    let base = small(ScanSource::Platen);
    assert_eq!(lacks(&mut scanner, ScanSettings { resolution_dpi: 123, ..base.clone() }), "XResolution");
    assert_eq!(
        lacks(&mut scanner, ScanSettings { duplex: true, source: ScanSource::Feeder, ..base.clone() }),
        "Duplex"
    );
    let outside = Region { x: 9000, y: 0, width: 10, height: 10 };
    assert_eq!(lacks(&mut scanner, ScanSettings { region: outside, ..base }), "ScanRegion");
}

#[test]
fn damaged_answers_silence_and_other_devices_are_told_apart() {
    let (mut scanner, knobs) = scanner();
    knobs.line(|faults| faults.garbled_answers = 1);
    assert!(matches!(scanner.capabilities().unwrap_err().kind, DeviceErrorKind::Garbled | DeviceErrorKind::WrongModel));
    knobs.wrong_model(true);
    assert_eq!(scanner.capabilities().unwrap_err().kind, DeviceErrorKind::WrongModel);
    knobs.wrong_model(false);
    knobs.line(|faults| faults.silent = true);
    assert_eq!(scanner.status().unwrap_err().kind, DeviceErrorKind::Silent);
    knobs.line(|faults| faults.silent = false);
    knobs.unplug(true);
    assert_eq!(scanner.status().unwrap_err().kind, DeviceErrorKind::NotFound);
    knobs.unplug(false);
    assert!(scanner.status().unwrap().idle);
}

#[test]
fn the_same_driver_scans_over_a_socket() {
    let (port, knobs) = on_tcp(None).unwrap();
    knobs.lay(vec![card([10, 20, 30])]);
    let mut scanner = open(&format!("escl://{}/eSCL", port.address()).parse().unwrap()).unwrap();
    assert_eq!(scanner.capabilities().unwrap().make_and_model, "Yimen Simulated Scanner");
    let settings = ScanSettings { format: PageFormat::Jpeg, ..small(ScanSource::Platen) };
    let page = all(&mut *scanner, &settings).unwrap().remove(0).to_rgb8();
    assert!(page.get_pixel(75, 30).0.iter().zip([10, 20, 30]).all(|(is, was)| is.abs_diff(was) < 6));
}
