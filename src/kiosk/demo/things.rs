//! Things that lie about in the dock: a card and pages for the scanner, sticks with files that can be printed and some
//! that cannot. All fictional, all made here.

use drivers::document_scanner::simulator::Picture;
use std::io;
use volume::simulator::{FatKind, exfat, fat, in_gpt, in_mbr};

/// Dots per inch of what lies on the glass, and of an A4 page its dots.
const DPI: u32 = 150;
const A4_DOTS: (u32, u32) = (1_240, 1_754);
/// ISO/IEC 7810 ID-1 at that resolution, and where it lies.
const CARD_DOTS: (u32, u32) = (506, 319);
const CARD_AT: (u32, u32) = (180, 150);
/// Tones of a card and of paper.
const CARD_TONE: u8 = 205;
const PAPER_TONE: u8 = 250;
/// A letter on the sticks.
const LETTER: &str = "关于办理老年人优待证的说明\n\n一、带上本人身份证，到市民之家自助终端或窗口办理。\n\
    二、年满六十周岁，当场领证，不收费。\n三、本说明为演示文件，内容均为虚构。\n";
/// MiB of a demo stick.
const STICK_MEBIBYTES: usize = 40;

/// One side of a card on the glass.
pub(super) fn card(front: bool) -> Picture {
    let (width, height) = CARD_DOTS;
    let mut rgb = vec![CARD_TONE; (width * height * 3) as usize];
    let mut bar = |x: u32, y: u32, (across, down): (u32, u32), tone: u8| {
        for row in y..(y + down).min(height) {
            let from = ((row * width + x.min(width)) * 3) as usize;
            let to = ((row * width + (x + across).min(width)) * 3) as usize;
            rgb[from..to].fill(tone);
        }
    };
    if front {
        bar(340, 50, (130, 170), 120);
        for (line, across) in [90, 60, 150, 230].into_iter().enumerate() {
            bar(40, 45 + 42 * line as u32, (across, 16), 70);
        }
        bar(40, 270, (330, 18), 50);
    } else {
        bar(40, 40, (90, 90), 140);
        bar(160, 60, (300, 30), 60);
        bar(90, 210, (320, 16), 70);
        bar(90, 255, (320, 16), 70);
    }
    Picture::new(width, height, DPI, rgb).at(CARD_AT.0, CARD_AT.1)
}

/// A page with lines; `number` tells one from another.
pub(super) fn page(number: u32) -> Picture {
    let (width, height) = A4_DOTS;
    let mut rgb = vec![PAPER_TONE; (width * height * 3) as usize];
    for line in 0..26 {
        let (top, across) = (160 + line * 56, 700 + (line * 97 + number * 131) % 280);
        for row in top..top + 16 {
            let from = ((row * width + 130) * 3) as usize;
            rgb[from..from + (across * 3) as usize].fill(60);
        }
    }
    Picture::new(width, height, DPI, rgb)
}

/// A stick with a FAT32 or exFAT volume, or one that is not read here.
pub(super) fn stick(kind: &str) -> io::Result<Vec<u8>> {
    let photo = photo().unwrap_or_default();
    let script = b"#!/bin/sh\necho demo\n";
    let files: &[(&str, &[u8])] = &[
        ("老年人优待证说明.txt", LETTER.as_bytes()),
        ("照片.jpg", &photo),
        ("材料/情况说明.txt", LETTER.as_bytes()),
        ("材料/setup.exe", b"MZ\x90\0\x03"),
        ("run.sh", script),
    ];
    match kind {
        "exfat" => Ok(in_gpt(&exfat(STICK_MEBIBYTES, files))),
        "ntfs" => {
            let mut image = vec![0; 1 << 20];
            image[3..11].copy_from_slice(b"NTFS    ");
            image[510..512].copy_from_slice(&[0x55, 0xAA]);
            Ok(image)
        }
        _ => Ok(in_mbr(&fat(Some(FatKind::Fat32), STICK_MEBIBYTES, files)?)),
    }
}

/// A picture as a phone takes one.
fn photo() -> Option<Vec<u8>> {
    let picture = image::RgbImage::from_fn(900, 600, |x, y| {
        let sky = y < 360;
        let hill = f64::from(y) > 330.0 + 60.0 * (f64::from(x) / 90.0).sin();
        image::Rgb(match (sky && !hill, hill) {
            (true, _) => [170, 205, 240],
            (_, true) => [70, 130 + (y % 60) as u8, 80],
            _ => [200, 190, 150],
        })
    });
    let mut jpeg = io::Cursor::new(Vec::new());
    picture.write_to(&mut jpeg, image::ImageFormat::Jpeg).ok()?;
    Some(jpeg.into_inner())
}
