//! 办到哪一步了 through the screen: a slip before the scanner, the camera and the reader find the case at the hall;
//! scanner and board unplugged and back without a restart; a code where none is wanted; lights and the door.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod journey;

use drivers::barcode_reader::BarcodeReader;
use drivers::camera::GreyFrame;
use drivers::camera::simulator::camera_in_memory;
use journey::{Golden, Hand, Stage};
use kiosk::view::{Cases, Page, Slip, Tracking, TrackingWay};
use std::time::Duration;
use zeroize::Zeroizing;

/// Coils of the usual wiring.
const CARD_LIGHT: usize = 0;
const CODE_LIGHT: usize = 4;
const STATUS_LIGHT: usize = 5;

/// Submits, and gives number, query code and the slip that came out.
fn submitted(stage: &Stage, hand: &mut Hand) -> (String, String, GreyFrame) {
    let outcome = hand.apply(&Golden::load("XC-MZJ-03"));
    hand.until(
        "the slip",
        |view| matches!(&view.page, Page::Outcome(now) if now.slip == Slip::Printed && now.delivered),
    );
    let slip = stage.world.knobs().slips().pop().expect("a slip");
    hand.leave();
    let picture = GreyFrame { width: slip.width(), height: slip.height(), pixels: Zeroizing::new(slip.to_luma()) };
    (format!("{}-{}", outcome.number_small, outcome.number_large), outcome.query_code, picture)
}

/// Text of the slip's code, read as a camera reads it.
fn code_on(slip: &GreyFrame) -> String {
    let (mut eye, before) = camera_in_memory();
    before.show(slip.clone());
    let scan = eye.scan(Duration::from_secs(20)).unwrap().expect("a code on the slip");
    scan.text().unwrap().to_string()
}

fn open(hand: &mut Hand) -> Tracking {
    hand.touch("触摸屏幕开始");
    hand.touch("办到哪一步了");
    until_ways(hand, |_| true)
}

fn until_ways(hand: &mut Hand, wanted: impl Fn(&Tracking) -> bool) -> Tracking {
    hand.until_page("the ways to find a case", |page| match page {
        Page::Tracking(page) if wanted(page) => Some(page.clone()),
        _ => None,
    })
}

fn until_cases(hand: &mut Hand) -> Cases {
    hand.until_page("the case", |page| match page {
        Page::Cases(page) => Some(page.clone()),
        _ => None,
    })
}

fn done(hand: &mut Hand) {
    hand.touch("完成");
    hand.until("the end", |view| matches!(view.page, Page::Idle(_) | Page::Farewell(_)));
}

fn until(hand: &mut Hand, what: &str, holds: impl Fn() -> bool) {
    hand.until(what, |_| holds());
}

#[test]
fn a_slip_is_scanned_and_its_case_is_shown() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    let (number, query_code, slip) = submitted(&stage, &mut hand);
    let slots = stage.world.knobs().slots.clone();

    // On a page that wants no code it starts nothing, and what was shown before does not count later.
    slots.module.show(code_on(&slip).as_bytes());
    slots.camera.show(slip.clone());
    hand.touch("触摸屏幕开始");
    hand.until("the first page", |view| matches!(view.page, Page::Home(_)));
    slots.module.take_away();
    slots.camera.blank();
    hand.touch("上一步");

    let ways = open(&mut hand);
    assert_eq!((ways.scan, ways.card), (TrackingWay::Works, TrackingWay::Works));
    until(&mut hand, "the lights of scanner and reader", || {
        slots.board.coils()[CODE_LIGHT] && slots.board.coils()[CARD_LIGHT]
    });
    slots.module.show("https://example.org/advertisement".as_bytes());
    until_ways(&mut hand, |page| page.error.contains("不是凭条上的二维码"));
    slots.module.show(code_on(&slip).as_bytes());
    let cases = until_cases(&mut hand);
    slots.module.take_away();
    assert_eq!(cases.rows.len(), 1);
    assert_eq!((cases.rows[0].number.as_str(), cases.rows[0].state.as_str()), (number.as_str(), "已收件，尚未受理"));
    // A screen reader finds it.
    assert!(hand.labels().iter().any(|label| label == "已收件，尚未受理"));
    until(&mut hand, "the scanner's light to go out", || !slots.board.coils()[CODE_LIGHT]);
    done(&mut hand);

    // The camera reads the same slip.
    open(&mut hand);
    slots.camera.show(slip.clone());
    assert_eq!(until_cases(&mut hand).rows[0].number, number);
    slots.camera.blank();
    done(&mut hand);

    // Typed.
    open(&mut hand);
    hand.touch("输入编号和查询码");
    let last9: String = number.chars().filter(char::is_ascii_alphanumeric).collect();
    hand.write("提交编号的后 9 位", &last9[last9.len() - 9..]);
    hand.write("查询码", &query_code);
    hand.touch("下一步");
    assert_eq!(until_cases(&mut hand).rows[0].number, number);
    done(&mut hand);

    // By the card of the person whom it is about.
    open(&mut hand);
    let golden = Golden::load("XC-MZJ-03");
    assert!(stage.world.knobs().insert(golden.card("applicant").unwrap()));
    assert_eq!(until_cases(&mut hand).rows[0].number, number);
    stage.world.knobs().reader.lift();
    hand.touch("完成");
    let left = hand.until("the farewell", |view| matches!(view.page, Page::Farewell(_)));
    assert!(matches!(left.page, Page::Farewell(farewell) if farewell.card && farewell.erased.len() == 1));
}

#[test]
fn an_unplugged_scanner_leaves_the_other_ways_and_comes_back_without_a_restart() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    let (number, _, slip) = submitted(&stage, &mut hand);
    let slots = stage.world.knobs().slots.clone();
    open(&mut hand);
    slots.module.unplug();
    slots.camera.plug(false);
    until_ways(&mut hand, |page| page.scan == TrackingWay::Lost && page.card == TrackingWay::Works);
    assert!(hand.labels().iter().any(|label| label == "扫码器暂时不能用，请用别的办法"));
    hand.touch("输入编号和查询码");
    hand.until("the typed way", |view| matches!(view.page, Page::Question(_)));
    hand.touch("上一步");
    slots.module.replug();
    until_ways(&mut hand, |page| page.scan == TrackingWay::Works);
    slots.module.show(code_on(&slip).as_bytes());
    assert_eq!(until_cases(&mut hand).rows[0].number, number);
}

#[test]
fn without_the_hall_the_tile_says_why_and_the_open_page_too() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    submitted(&stage, &mut hand);
    open(&mut hand);
    stage.world.with_terminal(|terminal| terminal.cut_network(true));
    let page = until_ways(&mut hand, |page| !page.online);
    assert!(page.error.contains("网络中断"), "{page:?}");
    hand.touch("上一步");
    let home = hand.until_page("the first page", |page| match page {
        Page::Home(home) => Some(home.clone()),
        _ => None,
    });
    let tile = home.tiles.iter().find(|tile| tile.id == "progress").expect("the tile");
    assert!(tile.reason.contains("网络中断"), "{tile:?}");
}

#[test]
fn lights_follow_the_page_and_an_open_door_is_told_to_the_hall_and_blocks_nobody() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    let board = stage.world.knobs().slots.board.clone();
    until(&mut hand, "the light over the terminal", || board.coils()[STATUS_LIGHT]);
    board.door_open(true);
    hand.touch("触摸屏幕开始");
    hand.touch("办事申请");
    hand.until("the services", |view| matches!(view.page, Page::Services(_)));
    board.unplug();
    hand.touch("上一步");
    hand.until("the first page, without the board", |view| matches!(view.page, Page::Home(_)));
    board.replug();
    // A light that was on before shines on without its board's line; another one shows that the line is back.
    hand.touch("办到哪一步了");
    until(&mut hand, "the scanner's light", || board.coils()[CODE_LIGHT]);
    hand.world.stop_terminal();
    assert!(board.coils().iter().all(|on| !on), "all lights are out at the end");
}
