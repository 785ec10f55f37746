//! The decoder on symbols without any fault, of every version and level, and on pictures of the seeded set: each class
//! must keep a share that is far below the bench's figures, so that a fault is seen and chance is not.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../../../tests/bench/qr/set/mod.rs"]
mod set;

use qr::{Code, Effort, Picture, read};
use qrcode::{Color, EcLevel, QrCode, Version};
use set::{Class, HOSTILE_SEED, TUNING_SEED, hostile, picture};
use std::time::Duration;

/// Dark modules of four pixels with a quiet zone of four modules.
fn drawn(code: &QrCode) -> (usize, Vec<u8>) {
    let side = (code.width() + 8) * 4;
    let colors = code.to_colors();
    let module = |at: usize| (at / 4).checked_sub(4).filter(|module| *module < code.width());
    let grey = (0..side * side).map(|at| match (module(at % side), module(at / side)) {
        (Some(x), Some(y)) if colors[y * code.width() + x] == Color::Dark => 20,
        _ => 235,
    });
    (side, grey.collect())
}

fn read_all(width: usize, height: usize, grey: &[u8]) -> Vec<Code> {
    read(&Picture { width, height, grey }, &Effort { budget: Duration::from_millis(150), thorough: false })
}

#[test]
fn a_clean_symbol_of_every_version_and_level_is_read() {
    for number in 1..=40i16 {
        for level in [EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H] {
            let text = format!("v{number}{level:?}");
            let code = QrCode::with_version(&text, Version::Normal(number), level).unwrap();
            let (side, grey) = drawn(&code);
            let codes = read_all(side, side, &grey);
            assert_eq!(codes.iter().map(|code| code.text.as_str()).collect::<Vec<_>>(), [text.as_str()]);
            assert_eq!(codes[0].version, number as usize);
            let [first, .., down] = codes[0].corners;
            let place = |at: f32| (at - 16.0).abs() < 1.5;
            assert!(place(first.x) && place(first.y) && place(down.x), "{text}: {:?}", codes[0].corners);
        }
    }
}

/// Of six pictures a class at least so many are read; the budget is processor time, which no busy machine exhausts.
#[test]
fn each_class_of_the_set_keeps_its_share_and_no_text_is_wrong() {
    for class in Class::ALL.into_iter().filter(|class| *class != Class::Blank) {
        let mut whole = 0;
        for index in 0..6 {
            let picture = picture(class, TUNING_SEED, index);
            let codes = read_all(picture.width, picture.height, &picture.grey);
            for code in &codes {
                assert!(picture.texts.contains(&code.text), "{class:?} {index}: {:?} is not in the picture", code.text);
            }
            whole += usize::from(picture.texts.iter().all(|text| codes.iter().any(|code| code.text == *text)));
        }
        let least = match class {
            Class::Blur | Class::Noise | Class::PaperNear | Class::PhoneFar | Class::PhoneNear => 1,
            _ => 3,
        };
        assert!(whole >= least, "{class:?}: {whole} of 6");
    }
}

#[test]
fn pictures_without_a_code_say_nothing() {
    for index in 0..5 {
        let picture = picture(Class::Blank, TUNING_SEED, index);
        assert_eq!(read_all(picture.width, picture.height, &picture.grey), []);
    }
}

/// A sample of what the command `hostile` of the bench throws by the hundred thousand.
#[test]
fn hostile_pictures_do_no_harm() {
    for index in 0..200 {
        let picture = hostile(HOSTILE_SEED, index);
        let seen = Picture { width: picture.width, height: picture.height, grey: &picture.grey };
        let codes = read(&seen, &Effort::frame());
        assert!(codes.iter().all(|code| (1..=40).contains(&code.version)), "{index}");
    }
}

#[test]
fn the_parts_of_a_whole_say_which_they_are() {
    let picture = picture(Class::StructuredAppend, TUNING_SEED, 0);
    let codes = read_all(picture.width, picture.height, &picture.grey);
    let part = codes[0].part.expect("the symbol is a part");
    assert!(part.count >= 2 && part.index < part.count, "{part:?}");
}

#[test]
fn a_picture_that_is_none_says_nothing() {
    assert_eq!(read_all(0, 0, &[]), []);
    assert_eq!(read_all(20, 20, &[0; 400]), []);
    assert_eq!(read_all(100, 100, &[0; 9_999]), []);
    assert_eq!(read_all(usize::MAX, 2, &[0; 10]), []);
    assert_eq!(read_all(10_000, 21, &[7; 210_000]), []);
}
