//! Printing that tells the truth: a file comes in, its pages are chosen, and what the printer itself says is what
//! the ledger, the screen and the farewell say; under every fault, and after the terminal died.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "print/document.rs"]
mod document;
mod journey;
#[path = "print/killed.rs"]
mod killed;
#[path = "print/ledger.rs"]
mod ledger;
#[path = "print/matrix.rs"]
mod matrix;
#[path = "print/phone.rs"]
mod phone;
#[path = "print/quota.rs"]
mod quota;
#[path = "print/records.rs"]
mod records;
mod rim;
#[path = "print/slip.rs"]
mod slip;
#[path = "print/stick.rs"]
mod stick;
mod whole;

use drivers::document_printer::pwg;
use drivers::document_printer::simulator::Pace;
use journey::{Hand, Stage};
use kiosk::config::Config;
use kiosk::printing::sheet::Sheet;
use kiosk::printing::{Cancel, Colour, Workers};
use kiosk::view::{FileState, Page, QrCode};
use ledger::{Tally, schedule};
use phone::{Certificate, Phone};
use std::path::Path;
use zeroize::Zeroizing;

/// Schedules in every test run; each seed is one.
const SCHEDULES: u64 = 1_000;
/// Threads that share them; a schedule is its own world, and waits for its printer most of the time.
const THREADS: u64 = 12;

#[test]
fn a_thousand_random_schedules_add_up_and_agree_with_the_paper() {
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn(move || {
                    let mut tally = Tally::default();
                    for seed in (0..SCHEDULES).filter(|seed| seed % THREADS == thread) {
                        schedule(seed, &mut tally);
                    }
                    tally
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let sum = |of: fn(&Tally) -> u32| tallies.iter().map(of).sum::<u32>();
    println!(
        "{SCHEDULES} schedules, {} orders, {} deaths of the terminal; pages: {} printed, {} not printed, {} not certain",
        sum(|t| t.orders),
        sum(|t| t.deaths),
        sum(|t| t.counts.printed),
        sum(|t| t.counts.not_printed),
        sum(|t| t.counts.not_certain),
    );
    assert!(sum(|t| t.deaths) > 0 && sum(|t| t.counts.not_certain) > 0, "the schedules reach what they are for");
}

/// A hall that phones can reach, and what they know it by.
fn public_stage() -> (Stage, Certificate) {
    let mut certificate = None;
    let stage = Stage::with_hall(Config::load(None).unwrap(), |hall, folder| {
        certificate = Some(Certificate::issue(hall, folder));
    });
    (stage, certificate.unwrap())
}

/// What a code on the glass says.
fn read(code: &QrCode) -> String {
    let scale = 4;
    let side = (code.size + 8) * scale;
    let dark = |x: usize, y: usize| {
        let (x, y) = (x / scale, y / scale);
        let inside = (4..4 + code.size).contains(&x) && (4..4 + code.size).contains(&y);
        inside && code.modules[(y - 4) * code.size + x - 4]
    };
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| if dark(x, y) { 0 } else { 255 });
    picture.detect_grids()[0].decode().unwrap().1
}

/// Opens the way by phone and sends these files from it.
fn send_from_phone(hand: &mut Hand, certificate: &Certificate, files: &[&Path]) -> bool {
    hand.touch("触摸屏幕开始");
    hand.touch("复印、打文件");
    hand.touch("用手机传文件");
    let link = hand.until_page("the code", |page| match page {
        Page::Upload(upload) => upload.qr.as_ref().map(read),
        _ => None,
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let Some(mut phone) = Phone::new(certificate).await else {
            assert!(std::env::var_os("CI").is_none(), "no Chromium on CI");
            println!("skipped: chromium");
            return false;
        };
        phone.open(&link).await;
        phone.send(files).await;
        phone.save("phone-upload.png").await;
        true
    })
}

fn until_ready(hand: &mut Hand, files: usize) {
    hand.until_page("the files", |page| match page {
        Page::Upload(upload) => {
            let ready = upload.files.iter().filter(|file| matches!(file.state, FileState::Ready { .. }));
            (ready.count() == files).then_some(())
        }
        _ => None,
    });
}

fn outcome(hand: &mut Hand) -> kiosk::view::Printed {
    hand.until_page("the outcome", |page| match page {
        Page::Printed(printed) => Some(printed.clone()),
        _ => None,
    })
}

/// The sheets that a document makes, by the worker itself.
fn expected(bytes: &[u8], pages: &[usize]) -> Vec<Vec<u8>> {
    let workers = Workers::of(Path::new(env!("CARGO_BIN_EXE_kiosk")));
    let mut open = workers.open(Zeroizing::new(bytes.to_vec()), &Cancel::new()).unwrap();
    pages
        .iter()
        .map(|page| {
            let raster = open.render(*page, 300, Colour::Grey).unwrap();
            let (width, height) = (raster.width, raster.height);
            Sheet::of(&Sheet { width, height, channels: 1, samples: raster.samples.clone() }).samples.clone()
        })
        .collect()
}

#[test]
fn a_file_from_a_phone_comes_out_of_the_printer_page_by_page_as_it_was() {
    let (stage, certificate) = public_stage();
    let mut hand = Hand::at(&stage);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("说明.pdf");
    std::fs::write(&file, document::pdf(4)).unwrap();
    if !send_from_phone(&mut hand, &certificate, &[&file]) {
        return;
    }
    until_ready(&mut hand, 1);
    hand.touch("说明.pdf");
    hand.until_page("the small pictures", |page| match page {
        Page::Preview(preview) if preview.pages.iter().all(|page| page.picture.is_some()) => Some(()),
        _ => None,
    });
    hand.touch("第 2 页");
    hand.touch("打印 3 页");
    let printed = outcome(&mut hand);
    assert!(printed.whole && printed.title.contains("3 页"), "{printed:?}");
    let documents = stage.world.knobs().document_printer.documents();
    assert_eq!(documents.len(), 1, "sent once");
    let (pages, whole) = pwg::decode(&documents[0].bytes);
    assert!(whole);
    let came: Vec<Vec<u8>> = pages.iter().map(|page| page.dots.to_vec()).collect();
    assert!(came == expected(&document::pdf(4), &[0, 2, 3]), "the sheets are the chosen pages, dot for dot");
    hand.touch("完成");
    hand.until_page("the farewell", |page| match page {
        Page::Farewell(farewell) if farewell.paper => Some(()),
        _ => None,
    });
}

#[test]
fn paper_out_is_said_and_leaving_ends_the_order_before_the_next_citizen_may_print() {
    let (stage, certificate) = public_stage();
    let printer = stage.world.knobs().document_printer.clone();
    printer.pace(Pace::OnCommand);
    let mut hand = Hand::at(&stage);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.pdf");
    std::fs::write(&file, document::pdf(3)).unwrap();
    if !send_from_phone(&mut hand, &certificate, &[&file]) {
        return;
    }
    until_ready(&mut hand, 1);
    hand.touch("a.pdf");
    hand.touch("打印 3 页");
    hand.until_page("the printer at work", |page| match page {
        Page::Printing(printing) if printing.now.contains("正在打印第 1 页") => Some(()),
        _ => None,
    });
    assert_eq!(printer.print(1), 1);
    printer.paper_out(true);
    hand.until_page("paper out", |page| match page {
        Page::Printing(printing) if printing.now.contains("纸用完") && printing.printed == 1 => Some(()),
        _ => None,
    });
    printer.line(|line| line.silent = true);
    hand.touch("停止打印");
    hand.touch("退出");
    hand.until_page("the farewell", |page| matches!(page, Page::Farewell(_)).then_some(()));
    hand.touch("回到首页");
    hand.touch("触摸屏幕开始");
    hand.touch("复印、打文件");
    hand.until_page("closed to the next", |page| match page {
        Page::PaperMenu(menu) if menu.ways.iter().all(|way| way.reason.contains("上一个人")) => Some(()),
        _ => None,
    });
    printer.line(|line| line.silent = false);
    printer.paper_out(false);
    hand.until_page("open again", |page| match page {
        Page::PaperMenu(menu) if menu.ways.iter().any(|way| way.reason.is_empty()) => Some(()),
        _ => None,
    });
    assert_eq!(printer.came_out().len(), 1, "nothing more came out");
    assert_eq!(printer.jobs_waiting(), 0);
}
