//! Copying from the glass through the screen: a card's both sides on one sheet at true size, measured on what the
//! printer received; pages one after the other; a scanner that fails is said and nothing is lost.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod journey;
#[path = "copy/material.rs"]
mod material;

use drivers::document_printer::pwg::{self, DecodedPage};
use drivers::document_printer::simulator::Pace;
use drivers::document_scanner::simulator::{Picture, ScannerKnobs};
use journey::{Hand, Stage};
use kiosk::view::{Page, ScanStep};

/// Dots of a millimetre at 300 dpi.
const PER_MM: f32 = 300.0 / 25.4;
/// ISO/IEC 7810 ID-1, millimetres.
const CARD_MM: (f32, f32) = (85.6, 54.0);
const CARD_TONE: u8 = 150;

/// A card of exact size, turned by some degrees, on a white ground; its middle lies at (60, 45) mm.
fn card(degrees: f32) -> Picture {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (width, height) = (1600u32, 1200u32);
    let mut rgb = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            let (dx, dy) = (x as f32 - 60.0 * PER_MM, y as f32 - 45.0 * PER_MM);
            let (u, v) = ((dx * cos + dy * sin) / PER_MM, (dy * cos - dx * sin) / PER_MM);
            let inside = u.abs() <= CARD_MM.0 / 2.0 && v.abs() <= CARD_MM.1 / 2.0;
            rgb.extend_from_slice(&[if inside { CARD_TONE } else { 248 }; 3]);
        }
    }
    Picture::new(width, height, 300, rgb)
}

/// A white page with a black bar so many millimetres from its top.
fn sheet_of_paper(bar_mm: f32) -> Picture {
    let (width, height) = (2480u32, 3508u32);
    let row = |y: u32| {
        let mm = y as f32 / PER_MM;
        if (bar_mm..bar_mm + 10.0).contains(&mm) { 20u8 } else { 250 }
    };
    Picture::new(width, height, 300, (0..height).flat_map(|y| vec![row(y); width as usize * 3]).collect())
}

/// A terminal whose workers are the real program, with a printer that prints at once.
fn stage() -> Stage {
    let stage = Stage::new();
    stage.world.knobs().document_printer.pace(Pace::AtOnce);
    stage
}

/// From the first page into one way of the menu.
fn open(hand: &mut Hand, way: &str) {
    hand.touch("触摸屏幕开始");
    hand.touch("复印、打文件");
    hand.touch(way);
}

fn scan(hand: &mut Hand) {
    hand.touch("开始扫描");
}

fn until_step(hand: &mut Hand, step: ScanStep) {
    hand.until_page("the scanner", |page| match page {
        Page::Scanning(scanning) if scanning.step == step => Some(()),
        _ => None,
    });
}

/// Scans both sides of a card; the back lies turned by some degrees.
fn scan_card(hand: &mut Hand, scanner: &ScannerKnobs, back_degrees: f32) {
    scanner.lay(vec![card(0.0)]);
    scan(hand);
    until_step(hand, ScanStep::Turn);
    scanner.lay(vec![card(back_degrees)]);
    scan(hand);
    until_step(hand, ScanStep::Done);
}

/// The pages that the printer received, decoded.
fn received(stage: &Stage) -> Vec<DecodedPage> {
    let documents = stage.world.knobs().document_printer.documents();
    let (pages, whole) = pwg::decode(&documents.last().expect("a document").bytes);
    assert!(whole);
    pages
}

/// Extents of dark runs along a line of tones, in millimetres.
fn runs(tones: impl Iterator<Item = u8>) -> Vec<f32> {
    let mut runs = Vec::new();
    let mut length = 0u32;
    for tone in tones.chain([255]) {
        if tone < 200 {
            length += 1;
        } else {
            if length > 40 {
                runs.push(length as f32 / PER_MM);
            }
            length = 0;
        }
    }
    runs
}

#[test]
fn both_sides_of_a_card_stand_on_one_sheet_at_true_size() {
    let stage = stage();
    let mut hand = Hand::at(&stage);
    open(&mut hand, "复印身份证");
    let scanner = stage.world.knobs().document_scanner.clone();
    scan_card(&mut hand, &scanner, 5.0);
    hand.touch("去预览");
    hand.until_page("the small picture", |page| match page {
        Page::Preview(preview) if preview.pages.len() == 1 && preview.pages[0].picture.is_some() => Some(()),
        _ => None,
    });
    hand.touch("打印 1 页");
    let printed = hand.until_page("the outcome", |page| match page {
        Page::Printed(printed) => Some(printed.clone()),
        _ => None,
    });
    assert!(printed.whole, "{printed:?}");
    let pages = received(&stage);
    assert_eq!(pages.len(), 1);
    let page = &pages[0];
    let (width, height) = (page.header.width as usize, page.header.height as usize);
    let at = |x: usize, y: usize| page.dots[y * width + x];
    let down = runs((0..height).map(|y| at(width / 2, y)));
    assert_eq!(down.len(), 2, "two cards, one below the other: {down:?}");
    let tops: Vec<usize> = (1..height).filter(|y| at(width / 2, *y) < 200 && at(width / 2, y - 1) >= 200).collect();
    for (tall, top) in down.iter().zip(tops) {
        let middle = top + (tall * PER_MM / 2.0) as usize;
        let across = runs((0..width).map(|x| at(x, middle)));
        println!("a side measures {:.2} × {tall:.2} mm", across[0]);
        assert!((across[0] - CARD_MM.0).abs() <= 0.5 && (tall - CARD_MM.1).abs() <= 0.5, "{across:?} × {tall}");
    }
}

#[test]
fn pages_are_copied_one_after_the_other_and_an_open_lid_is_said() {
    let stage = stage();
    let mut hand = Hand::at(&stage);
    let scanner = stage.world.knobs().document_scanner.clone();
    open(&mut hand, "复印材料");
    scanner.cover_open(true);
    scan(&mut hand);
    hand.until_page("the error", |page| match page {
        Page::Scanning(scanning) if scanning.error.contains("盖") => Some(()),
        _ => None,
    });
    scanner.cover_open(false);
    scanner.lay(vec![sheet_of_paper(40.0)]);
    scan(&mut hand);
    until_step(&mut hand, ScanStep::Done);
    scanner.lay(vec![sheet_of_paper(200.0)]);
    hand.touch("再扫一页");
    hand.until_page("two pages", |page| match page {
        Page::Scanning(scanning) if scanning.pages.len() == 2 => Some(()),
        _ => None,
    });
    hand.touch("去预览");
    hand.touch("打印 2 页");
    let printed = hand.until_page("the outcome", |page| match page {
        Page::Printed(printed) => Some(printed.clone()),
        _ => None,
    });
    assert!(printed.whole, "{printed:?}");
    let bars: Vec<f32> = received(&stage)
        .iter()
        .map(|page| {
            let width = page.header.width as usize;
            page.dots.chunks(width).position(|row| row[width / 2] < 128).unwrap() as f32 / PER_MM
        })
        .collect();
    assert!((bars[0] - 40.0).abs() < 0.5 && (bars[1] - 200.0).abs() < 0.5, "{bars:?}");
    hand.touch("完成");
    hand.until_page("the farewell", |page| match page {
        Page::Farewell(farewell) if farewell.paper && farewell.erased.iter().any(|line| line.contains("文件")) => {
            Some(())
        }
        _ => None,
    });
}
