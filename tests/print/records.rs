//! Records and certificates of the hall: looked up with card and staff card, printed through the ledger, verified by
//! what stands on the sheet that came out of the printer.

use super::{outcome, public_stage};
use crate::journey::{Golden, Hand, Stage};
use drivers::document_printer::pwg::{self, DecodedPage};
use drivers::document_printer::simulator::Pace;
use kiosk::session::Event;
use kiosk::view::{CardState, Page, Preview};

/// The items of the demo catalogue that are looked up and printed.
const RECORDS: [&str; 4] = ["XC-RSJ-01", "XC-GJJ-01", "XC-BDC-01", "XC-SWJ-01"];
const AGREE: &str = "我已看过，同意查询本人的记录";
const LOOK_UP: &str = "查询，先看再打印";

/// From idle to the page that is checked before the look-up.
fn until_review(hand: &mut Hand, item_id: &str) {
    let golden = Golden::load(item_id);
    hand.until("a hall", |view| matches!(view.page, Page::Idle(_)) && !view.frame.offline);
    hand.touch("触摸屏幕开始");
    hand.touch("打证明、查记录");
    let row = hand.until_page("the list", |page| match page {
        Page::Services(list) => list.rows.iter().find(|row| row.id == item_id).cloned(),
        _ => None,
    });
    hand.touch(&row.title);
    hand.until("the card", |view| matches!(view.page, Page::Card(_)));
    hand.cards(&golden);
    hand.answer(&golden);
    hand.until("the review", |view| matches!(view.page, Page::Review(_)));
    hand.touch(AGREE);
    hand.until("the agreement", |view| matches!(&view.page, Page::Review(review) if review.agreed));
}

fn preview(hand: &mut Hand) -> Preview {
    hand.until_page("the record", |page| match page {
        Page::Preview(preview) if preview.pages.iter().all(|page| page.picture.is_some()) => Some(preview.clone()),
        _ => None,
    })
}

fn leave(hand: &mut Hand) {
    hand.touch("完成");
    hand.until_page("the farewell", |page| match page {
        Page::Farewell(farewell) if farewell.paper && farewell.card => Some(()),
        _ => None,
    });
    hand.world.knobs().reader.lift();
    hand.touch("回到首页");
}

/// What the code on the foot of a printed page says.
fn code_on(page: &DecodedPage) -> String {
    let (width, height) = (page.header.width as usize, page.header.height as usize);
    let (side, left) = (900, 0);
    let top = height - side;
    let at = |x: usize, y: usize| page.dots[(top + y) * width + left + x];
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, at);
    picture.detect_grids().first().expect("a code on the foot").decode().unwrap().1
}

#[test]
fn every_record_is_looked_up_printed_and_verified_by_the_code_on_its_sheet() {
    let (stage, certificate) = public_stage();
    let printer = stage.world.knobs().document_printer.clone();
    printer.pace(Pace::AtOnce);
    let public = stage.world.hall().unwrap().public_addr.unwrap();
    let mut hand = Hand::at(&stage);
    let mut links = Vec::new();
    for (place, item_id) in RECORDS.into_iter().enumerate() {
        until_review(&mut hand, item_id);
        hand.touch(LOOK_UP);
        let shown = preview(&mut hand);
        hand.touch(&format!("打印 {} 页", shown.cost));
        let printed = outcome(&mut hand);
        assert!(printed.whole && !printed.more, "{item_id}: {printed:?}");
        let documents = printer.documents();
        assert_eq!(documents.len(), place + 1, "{item_id} is sent once");
        let (pages, whole) = pwg::decode(&documents[place].bytes);
        assert!(whole && pages.len() == shown.pages.len(), "{item_id}");
        for page in &pages {
            let link = code_on(page);
            let said = certificate.page(public, &link);
            assert!(said.contains("在有效期内") && said.contains(&*shown.title), "{item_id}: {said}");
            assert!(said.contains("张*范") && !said.contains("张示范"), "only the masked name");
            links.push(link);
        }
        leave(&mut hand);
    }
    links.dedup();
    assert_eq!(links.len(), RECORDS.len(), "each look-up has a code of its own");
    let forged = links[0].replace(&links[0][links[0].len() - 4..], "0000");
    assert!(certificate.page(public, &forged).contains("没有出具过"));
}

fn tile(hand: &mut Hand, what: &str, wanted: impl Fn(Option<&kiosk::view::Tile>) -> bool) {
    hand.until(what, |view| match &view.page {
        Page::Home(home) => wanted(home.tiles.iter().find(|tile| tile.id == "print")),
        _ => false,
    });
}

#[test]
fn without_a_second_factor_records_are_not_there_and_the_guide_names_the_window() {
    let stage = Stage::new();
    stage.world.knobs().staff_cards(false);
    let mut hand = Hand::at(&stage);
    hand.until("a hall", |view| matches!(view.page, Page::Idle(_)) && !view.frame.offline);
    hand.touch("触摸屏幕开始");
    tile(&mut hand, "the other tiles", |tile| tile.is_none());
    hand.until("the printer", |view| match &view.page {
        Page::Home(home) => home.tiles.iter().any(|tile| tile.id == "copy"),
        _ => false,
    });
    tile(&mut hand, "no records", |tile| tile.is_none());
    hand.touch("要带什么材料");
    let row = hand.until_page("the guides", |page| match page {
        Page::Services(list) => list.rows.iter().find(|row| row.id == RECORDS[0]).cloned(),
        _ => None,
    });
    hand.touch(&row.title);
    let guide = hand.until_page("the guide", |page| match page {
        Page::Guide(guide) => Some(guide.clone()),
        _ => None,
    });
    assert!(!guide.can_apply && guide.facts.iter().any(|(_, value)| value.contains("B01")), "{:?}", guide.facts);
    hand.touch("上一步");
    hand.touch("上一步");
    hand.world.knobs().staff_cards(true);
    hand.world.with_terminal(|terminal| terminal.inlet().send(Event::Health));
    tile(&mut hand, "records", |tile| tile.is_some_and(|tile| tile.reason.is_empty()));
}

#[test]
fn a_record_is_asked_of_the_hall_or_not_given_and_nothing_filled_in_is_lost() {
    let stage = Stage::new();
    stage.world.knobs().document_printer.pace(Pace::AtOnce);
    let mut hand = Hand::at(&stage);
    until_review(&mut hand, RECORDS[0]);
    hand.lose_the_hall();
    hand.touch(LOOK_UP);
    let review = hand.until_page("the refusal", |page| match page {
        Page::Review(review) if !review.error.is_empty() => Some(review.clone()),
        _ => None,
    });
    assert!(review.error.contains("联系不上大厅") && review.agreed && review.rows.len() >= 5, "{review:?}");
    hand.world.with_terminal(|terminal| terminal.cut_network(false));
    hand.until("the hall again", |view| !view.frame.offline);
    hand.touch(LOOK_UP);
    let shown = preview(&mut hand);
    assert!(shown.title.contains("参保缴费证明"));
    // Back to what was asked, and no paper of it stays.
    hand.touch("上一步");
    hand.until("the review again", |view| matches!(view.page, Page::Review(_)));
    hand.touch("退出");
    hand.touch("退出并清除");
    hand.until_page("the farewell", |page| match page {
        Page::Farewell(farewell) if farewell.card && !farewell.paper => Some(()),
        _ => None,
    });
    assert!(stage.world.knobs().document_printer.documents().is_empty());
    hand.world.knobs().reader.lift();
    hand.touch("回到首页");
    hand.lose_the_hall();
    hand.touch("触摸屏幕开始");
    tile(&mut hand, "the reason", |tile| tile.is_some_and(|tile| tile.reason.contains("网络中断")));
}

#[test]
fn a_staff_card_that_the_hall_does_not_know_opens_nobodys_records() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    hand.until("a hall", |view| matches!(view.page, Page::Idle(_)) && !view.frame.offline);
    hand.touch("触摸屏幕开始");
    hand.touch("打证明、查记录");
    hand.touch("打公积金明细");
    hand.until("the card", |view| matches!(view.page, Page::Card(_)));
    let golden = Golden::load("XC-GJJ-01");
    assert!(hand.world.knobs().insert("P01"));
    hand.until("the card", |view| match &view.page {
        Page::Card(card) => matches!(card.state, CardState::Read { .. }),
        _ => false,
    });
    hand.touch("下一步");
    hand.until("the staff", |view| matches!(&view.page, Page::Card(card) if card.role == "工作人员"));
    hand.world.with_terminal(|terminal| terminal.inlet().send(Event::StaffCard("S999".into())));
    hand.until("the questions", |view| matches!(view.page, Page::Question(_)));
    hand.answer(&golden);
    hand.touch(AGREE);
    hand.touch(LOOK_UP);
    hand.until("the refusal", |view| match &view.page {
        Page::Card(card) => matches!(&card.state, CardState::Staff(why) if why.contains("工作卡")),
        _ => false,
    });
    hand.staff_card();
    preview(&mut hand);
}
