//! Pages from the scanner's glass as materials of an application: set straight and cut as copies are, sealed with the
//! answers, and what the hall's case opens with.

use super::{CARD_MM, PER_MM, runs, scan, scan_card, sheet_of_paper, stage, until_step};
use crate::journey::{Golden, Hand};
use kiosk::view::{MaterialRow, MaterialState, Page, ScanStep};

const ITEM: &str = "XC-GJJ-02";
/// The spouse's ID card, and the rental contract.
const CARD: u32 = 2;
const CONTRACT: u32 = 3;

fn row(hand: &mut Hand, order_num: u32, wanted: impl Fn(&MaterialRow) -> bool) -> MaterialRow {
    hand.until_page("the material", |page| match page {
        Page::Materials(materials) => {
            materials.rows.iter().find(|row| row.order_num == order_num && wanted(row)).cloned()
        }
        _ => None,
    })
}

fn until_materials(hand: &mut Hand) -> Golden {
    let golden = Golden::load(ITEM);
    hand.begin(&golden);
    hand.answer(&golden);
    golden
}

#[test]
fn a_page_and_a_card_from_the_glass_are_what_the_halls_case_opens_with() {
    let stage = stage();
    let mut hand = Hand::at(&stage);
    let scanner = stage.world.knobs().document_scanner.clone();
    let golden = until_materials(&mut hand);

    let spouse = row(&mut hand, CARD, |row| row.can_scan);
    hand.touch(&format!("放在玻璃板上扫描 · {}", spouse.name));
    scan_card(&mut hand, &scanner, 4.0);
    hand.touch("用这些页作材料");
    row(&mut hand, CARD, |row| row.state == MaterialState::Captured && row.pages.len() == 1);

    let contract = row(&mut hand, CONTRACT, |row| row.can_scan);
    hand.touch(&format!("放在玻璃板上扫描 · {}", contract.name));
    scanner.lay(vec![sheet_of_paper(40.0)]);
    scan(&mut hand);
    until_step(&mut hand, ScanStep::Done);
    scanner.lay(vec![sheet_of_paper(200.0)]);
    hand.touch("再扫一页");
    hand.until_page("two pages", |page| match page {
        Page::Scanning(scanning) if scanning.pages.len() == 2 && scanning.step == ScanStep::Done => Some(()),
        _ => None,
    });
    hand.touch("用这些页作材料");
    row(&mut hand, CONTRACT, |row| !row.pages.is_empty());
    row(&mut hand, CONTRACT, |row| row.pages.len() == 2);

    hand.next();
    let outcome = hand.submit(&golden);
    let number = format!("{}-{}", outcome.number_small, outcome.number_large);
    let delivered = |page: &Page| match page {
        Page::Outcome(outcome) if outcome.delivered => Some(()),
        _ => None,
    };
    hand.until_page("the receipt", delivered);
    let cases = hall::inspect::cases(&stage.hall_folder()).unwrap();
    let case = cases.iter().find(|case| case.number == number).expect("one case");
    let opened = hall::inspect::open_case(&stage.hall_folder(), &case.submission_id).unwrap();
    let fields: Vec<&str> = opened.part0.parts.iter().map(|part| part.field.as_str()).collect();
    assert_eq!(fields, ["2", "3", "3", "signature"]);
    let pictures: Vec<image::GrayImage> =
        opened.attachments.iter().take(3).map(|jpeg| image::load_from_memory(jpeg).unwrap().into_luma8()).collect();
    let middle = pictures[0].width() / 2;
    let tall = runs((0..pictures[0].height()).map(|y| pictures[0].get_pixel(middle, y).0[0]));
    assert_eq!(tall.len(), 2, "both sides on one sheet: {tall:?}");
    assert!(tall.iter().all(|side| (side - CARD_MM.1).abs() <= 0.5), "at true size: {tall:?}");
    let bars: Vec<f32> = pictures[1..]
        .iter()
        .map(|page| (0..page.height()).position(|y| page.get_pixel(middle, y).0[0] < 128).unwrap() as f32 / PER_MM)
        .collect();
    assert!((bars[0] - 40.0).abs() < 0.5 && (bars[1] - 200.0).abs() < 0.5, "in the order of scanning: {bars:?}");
}

#[test]
fn an_unplugged_scanner_takes_only_its_own_way_along_and_a_failed_scan_loses_nothing() {
    let stage = stage();
    let mut hand = Hand::at(&stage);
    let scanner = stage.world.knobs().document_scanner.clone();
    until_materials(&mut hand);
    let contract = row(&mut hand, CONTRACT, |row| row.can_scan);
    let label = format!("放在玻璃板上扫描 · {}", contract.name);
    hand.touch(&label);
    scanner.lay(vec![sheet_of_paper(40.0)]);
    scan(&mut hand);
    until_step(&mut hand, ScanStep::Done);
    scanner.unplug(true);
    hand.touch("再扫一页");
    hand.until_page("the failure", |page| match page {
        Page::Scanning(scanning) if scanning.error.contains("没有应答") && scanning.pages.len() == 1 => Some(()),
        _ => None,
    });
    hand.touch("用这些页作材料");
    row(&mut hand, CONTRACT, |row| row.pages.len() == 1 && row.state == MaterialState::Captured);
    // The camera goes on.
    row(&mut hand, CARD, |row| !row.can_scan && row.can_capture);
    scanner.unplug(false);
    row(&mut hand, CARD, |row| row.can_scan && row.can_capture);
}
