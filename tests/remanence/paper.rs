//! The terminal that prints and copies, inside the process of its own: what a hand does at its screen, and a row of each
//! small picture told to the test by a mask.

use crate::journey::Hand;
use crate::terminal::{go_on, say};
use kiosk::view::{Page, Picture, ScanStep};
use std::fs::File;

/// What each byte of a told row is XORed with.
pub const MASK: u8 = 0x5A;
/// Bytes of a row that are told.
const ROW_BYTES: usize = 48;

pub fn run(hand: &mut Hand, orders: &mut File) {
    // What is typed by others is empty here.
    go_on(orders);
    to_the_menu(hand);
    hand.touch("打印 U 盘里的文件");
    hand.until("a file of the stick", |view| matches!(&view.page, Page::Files(files) if !files.files.is_empty()));
    touch_the_file(hand);
    tell_preview(hand, "a small picture of the file");
    say("previewed");
    go_on(orders);
    print(hand);
    say("farewell");
    go_on(orders);

    hand.touch("回到首页");
    to_the_menu(hand);
    hand.touch("复印材料");
    hand.touch("开始扫描");
    let scanned = |page: &Page| match page {
        Page::Scanning(scanning) if scanning.step == ScanStep::Done => scanning.pages.first().map(row),
        _ => None,
    };
    let scan = hand.until_page("the scan", scanned);
    tell("a small picture of the scan", &scan);
    hand.touch("去预览");
    tell_preview(hand, "a small picture of the copy");
    say("copied");
    go_on(orders);
    print(hand);
    say("farewell");
    go_on(orders);
}

fn to_the_menu(hand: &mut Hand) {
    hand.touch("触摸屏幕开始");
    hand.touch("复印、打文件");
}

fn touch_the_file(hand: &mut Hand) {
    let name = hand.until_page("the file's name", |page| match page {
        Page::Files(files) => files.files.first().map(|file| file.name.clone()),
        _ => None,
    });
    hand.touch(&name);
}

/// The sharpest small picture of the only page: wider than the first one that comes.
fn tell_preview(hand: &mut Hand, what: &str) {
    let picture = |page: &Page| match page {
        Page::Preview(preview) => preview.pages[0].picture.as_ref().filter(|it| it.width > 200).map(row),
        _ => None,
    };
    let row = hand.until_page("the small picture", picture);
    tell(what, &row);
}

/// Some bytes of the middle row, masked at once.
fn row(picture: &Picture) -> Vec<u8> {
    let width = picture.width as usize * 3;
    let at = picture.height as usize / 2 * width + width / 4;
    picture.rgb[at..at + ROW_BYTES].iter().map(|byte| byte ^ MASK).collect()
}

fn tell(what: &str, row: &[u8]) {
    let hex: String = row.iter().map(|byte| format!("{byte:02x}")).collect();
    say(&format!("{what} {hex}"));
}

fn print(hand: &mut Hand) {
    hand.touch("打印 1 页");
    hand.until("the outcome", |view| matches!(&view.page, Page::Printed(printed) if printed.whole));
    hand.touch("完成");
    hand.until("the farewell", |view| matches!(view.page, Page::Farewell(_)));
}
