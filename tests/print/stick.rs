//! A file from a stick, through the screen: told by content, printed as it was, the stick unchanged; pulled out in
//! between, or of a format that is not read, it is said and nothing is lost.

use crate::document;
use crate::journey::{Hand, Stage};
use crate::{expected, outcome};
use drivers::document_printer::pwg;
use drivers::document_printer::simulator::Pace;
use kiosk::view::{FileState, Files, Page};
use volume::simulator::{FatKind, exfat, fat, in_gpt, in_mbr};

/// A terminal before whose stick page somebody stands.
fn at_the_stick_page() -> (Stage, Hand) {
    let stage = Stage::new();
    stage.world.knobs().document_printer.pace(Pace::AtOnce);
    let mut hand = Hand::at(&stage);
    hand.touch("触摸屏幕开始");
    hand.touch("复印、打文件");
    hand.touch("打印 U 盘里的文件");
    until_files(&mut hand, "an empty slot", |files| files.note.contains("请把 U 盘插入"));
    (stage, hand)
}

fn until_files(hand: &mut Hand, what: &str, wanted: impl Fn(&Files) -> bool) -> Files {
    hand.until_page(what, |page| match page {
        Page::Files(files) if wanted(files) => Some(files.clone()),
        _ => None,
    })
}

fn until_previewed(hand: &mut Hand) {
    hand.until_page("the small pictures", |page| match page {
        Page::Preview(preview) if preview.pages.iter().all(|page| page.picture.is_some()) => Some(()),
        _ => None,
    });
}

fn names(files: &Files) -> Vec<&str> {
    files.files.iter().map(|file| &*file.name).collect()
}

#[test]
fn a_file_of_a_stick_comes_out_as_it_was_and_the_stick_stays_as_it_was() {
    let (stage, mut hand) = at_the_stick_page();
    let letter = document::pdf(3);
    let disguised = document::pdf(1);
    let image = in_mbr(
        &fat(
            Some(FatKind::Fat32),
            40,
            &[
                ("材料/通知.pdf", &letter),
                ("材料/病毒.pdf", b"MZ\x90\0\x03\0\0\0"),
                ("没有后缀", &disguised),
                ("setup.exe", b"MZ\x90\0\x03\0\0\0"),
                ("autorun.sh", b"#!/bin/sh\nrm -rf /\n"),
            ],
        )
        .unwrap(),
    );
    stage.world.knobs().stick.plug_in(&image).unwrap();
    let listed = until_files(&mut hand, "the list", |files| !files.files.is_empty());
    assert_eq!(names(&listed), ["材料", "没有后缀"], "by content, and no program");
    hand.touch("材料");
    let inside = until_files(&mut hand, "the folder", |files| &*files.title == "材料" && !files.files.is_empty());
    assert_eq!(names(&inside), ["通知.pdf"]);
    hand.touch("通知.pdf");
    until_previewed(&mut hand);
    hand.touch("第 2 页");
    hand.touch("打印 2 页");
    let printed = outcome(&mut hand);
    assert!(printed.whole, "{printed:?}");
    let documents = stage.world.knobs().document_printer.documents();
    assert_eq!(documents.len(), 1, "sent once");
    let (pages, whole) = pwg::decode(&documents[0].bytes);
    let came: Vec<Vec<u8>> = pages.iter().map(|page| page.dots.to_vec()).collect();
    assert!(whole && came == expected(&letter, &[0, 2]), "the sheets are the chosen pages, dot for dot");
    hand.touch("完成");
    hand.until_page("the farewell", |page| match page {
        Page::Farewell(farewell) if farewell.paper => Some(()),
        _ => None,
    });
    assert!(stage.world.knobs().stick.image().unwrap() == image, "not a byte of the stick was changed");
}

#[test]
fn a_stick_that_is_pulled_out_is_said_and_what_was_opened_can_still_be_printed() {
    let (stage, mut hand) = at_the_stick_page();
    let knobs = stage.world.knobs().stick.clone();
    knobs.plug_in(&in_gpt(&exfat(8, &[("a.pdf", &document::pdf(1)), ("b.txt", b"text")]))).unwrap();
    until_files(&mut hand, "the list", |files| files.files.len() == 2);
    hand.touch("a.pdf");
    until_previewed(&mut hand);
    hand.touch("上一步");
    let listed = until_files(&mut hand, "the list again", |files| files.files.len() == 2);
    assert!(matches!(listed.files.iter().find(|file| &*file.name == "a.pdf").unwrap().state, FileState::Ready { .. }));
    knobs.pull_out().unwrap();
    let kept = until_files(&mut hand, "that it was pulled out", |files| files.note.contains("U 盘已拔出"));
    assert_eq!(names(&kept), ["a.pdf"], "what was opened is still there");
    hand.touch("a.pdf");
    until_previewed(&mut hand);
    hand.touch("打印 1 页");
    assert!(outcome(&mut hand).whole);
}

#[test]
fn a_stick_of_another_format_is_refused_kindly_and_the_next_one_is_read() {
    let (stage, mut hand) = at_the_stick_page();
    let knobs = stage.world.knobs().stick.clone();
    let mut ntfs = vec![0; 1 << 20];
    ntfs[3..11].copy_from_slice(b"NTFS    ");
    knobs.plug_in(&ntfs).unwrap();
    let refused = until_files(&mut hand, "the refusal", |files| files.note.contains("NTFS"));
    assert!(refused.again && refused.note.contains("exFAT"), "{refused:?}");
    knobs.pull_out().unwrap();
    until_files(&mut hand, "that it was pulled out", |files| files.note.contains("U 盘已拔出"));
    knobs.plug_in(&exfat(8, &[("b.txt", b"text")])).unwrap();
    let listed = until_files(&mut hand, "the next stick", |files| !files.files.is_empty());
    assert_eq!(names(&listed), ["b.txt"]);
}
