//! The slip's code where phones can reach the hall: what a camera reads from the paper opens the hall's page of just
//! this submission; a terminal understands the same code.

use crate::journey::{Golden, Hand};
use crate::phone::{NAME, Phone};
use crate::{public_stage, read};
use drivers::receipt_printer::Bitmap;
use kiosk::view::Page;
use std::time::Duration;
use wire::number::token_of_slip_code;

/// What a camera reads from the paper.
fn code_on(paper: &Bitmap) -> String {
    let (width, luma) = (paper.width(), paper.to_luma());
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, paper.height(), |x, y| luma[y * width + x]);
    let codes = picture.detect_grids();
    assert_eq!(codes.len(), 1, "one code on the slip");
    codes[0].decode().unwrap().1
}

#[test]
fn the_slips_code_opens_the_halls_page_of_the_submission_on_a_phone() {
    let (stage, certificate) = public_stage();
    let mut hand = Hand::at(&stage);
    let golden = Golden::load("XC-RSJ-02");
    hand.apply(&golden);
    let outcome = hand.until_page("slip and receipt", |page| match page {
        Page::Outcome(outcome) if outcome.delivered => Some(outcome.clone()),
        _ => None,
    });
    let printer = &stage.world.knobs().printer;
    assert!(printer.wait_for_slips(1, Duration::from_secs(120)));
    let code = code_on(&printer.slips()[0]);
    assert!(code.starts_with(&format!("https://{NAME}:")), "{code}");
    assert!(token_of_slip_code(&code).is_some(), "{code}");
    assert_eq!(code, read(&outcome.qr), "slip and screen lead to the same page");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let Some(mut phone) = Phone::new(&certificate).await else {
            assert!(std::env::var_os("CI").is_none(), "no Chromium on CI");
            println!("SKIPPED the_slips_code_opens_the_halls_page_of_the_submission_on_a_phone: no Chromium here");
            return;
        };
        phone.finds(&code, &outcome.number_large).await;
        phone.save("phone-progress.png").await;
    });
}
