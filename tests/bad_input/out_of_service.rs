//! A data folder that cannot be used, before the whole terminal: its screen sends citizens to the next one and tells
//! the technician the reason; put right, it goes on with all that was stored.

use crate::journey::{Golden, Hand, Stage};
use crate::storage::Nobody;
use kiosk::store::{Options, Store};
use kiosk::view::{OutOfService, Page};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// Starts the terminal on the folder as it is now.
fn out_of_service(hand: &mut Hand) -> OutOfService {
    hand.start_terminal();
    let page = hand.until_page("the reason", |page| match page {
        Page::OutOfService(page) => Some(page.clone()),
        _ => None,
    });
    for text in [&page.reason, &page.elsewhere, &page.technician] {
        assert!(hand.said().iter().any(|said| said.contains(text)), "{text} does not stand on the screen");
    }
    hand.world.stop_terminal();
    page
}

#[test]
fn a_data_folder_that_cannot_be_used_is_said_on_the_screen_and_put_right_nothing_is_lost() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    let golden = Golden::load("XC-MZJ-03");
    hand.until("the hall", |view| matches!(view.page, Page::Idle(_)) && !view.frame.offline);
    hand.lose_the_hall();
    hand.open_offline(&golden.item_id);
    assert!(!hand.apply_from_for_whom(&golden).delivered);
    hand.leave();
    stage.world.stop_terminal();
    let (folder, aside) = (stage.kiosk_folder(), stage.kiosk_folder().with_extension("aside"));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let other = runtime.block_on(Store::open(Options::new(&folder))).unwrap();
    let said = out_of_service(&mut hand);
    assert!(said.technician.contains("正被另一个程序使用"), "{said:?}");
    runtime.block_on(other.close()).unwrap();
    drop(other);

    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    let nobody = Nobody::now();
    let said = out_of_service(&mut hand);
    assert!(said.technician.contains("不可写"), "{said:?}");
    drop(nobody);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();

    fs::rename(&folder, &aside).unwrap();
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("kiosk.db"), b"these are somebody's notes and no database").unwrap();
    let said = out_of_service(&mut hand);
    assert!(said.technician.contains("数据库已损坏") && said.technician.contains("保留整个数据目录"), "{said:?}");
    assert!(fs::read(folder.join("kiosk.db")).unwrap().starts_with(b"these are"), "it is left as it is");
    fs::remove_dir_all(&folder).unwrap();
    fs::rename(&aside, &folder).unwrap();

    let cases = || hall::inspect::cases(&stage.hall_folder()).unwrap();
    assert!(cases().is_empty());
    hand.start_terminal();
    hand.until("the case at the hall", |_| !cases().is_empty());
    assert_eq!(cases().len(), 1, "exactly one");
}
