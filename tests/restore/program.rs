//! The same with the whole program: one application in the copy, one after it, the hall's disk lost, the program
//! killed meanwhile; restored, the hall has both once, without anybody touching the terminal.

use crate::whole::chromium::Chromium;
use crate::whole::page::Page;
use crate::whole::{HallProcess, LOOK_EVERY, PATIENCE, Place, beside, errand, hall::config, in_chromium};
use hall::inspect;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

#[test]
fn the_program_brings_a_restored_hall_what_its_copy_lacks() {
    in_chromium("the_program_brings_a_restored_hall_what_its_copy_lacks", async |browser| {
        let folder = tempfile::tempdir().unwrap();
        let mut hall = beside(|| HallProcess::start(folder.path()));
        let place = Place::new(folder.path(), &beside(|| hall.invitation()));
        let program = place.start();
        let page = program.page(browser).await;
        let copied = apply(browser, (&page, &place)).await;
        beside(|| hall.backup());
        let late = apply(browser, (&page, &place)).await;
        program.kill();
        hall.kill();
        lose_the_disk_and_restore(folder.path());

        let _program = place.start();
        let _hall = beside(|| HallProcess::start(folder.path()));
        beside(|| both_once(folder.path(), BTreeSet::from([copied, late])));
    });
}

/// One application that the hall receives; its number.
async fn apply(browser: &mut Chromium, (page, place): (&Page, &Place)) -> String {
    errand::asks_for_the_card(page, browser).await;
    place.card("P04");
    page.reads(browser, "证件读好了").await;
    place.reader.lift();
    errand::fills_signs_and_submits(page, browser).await;
    page.reads(browser, "大厅已收到").await;
    let number = errand::number(page, browser).await;
    errand::leaves(page, browser).await;
    number
}

/// The second medium and the recovery key are elsewhere; the address belongs to the machine.
fn lose_the_disk_and_restore(folder: &Path) {
    let config = config(folder);
    for kept in ["recovery", "ports.json"] {
        std::fs::copy(config.data.join(kept), folder.join(kept)).unwrap();
    }
    std::fs::remove_dir_all(&config.data).unwrap();
    beside(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(hall::restore(&config, &folder.join("recovery"))).unwrap();
    });
    std::fs::copy(folder.join("ports.json"), config.data.join("ports.json")).unwrap();
}

fn both_once(folder: &Path, wanted: BTreeSet<String>) {
    let data = folder.join("hall");
    let until = Instant::now() + PATIENCE;
    while inspect::cases(&data).unwrap().len() < wanted.len() {
        assert!(Instant::now() < until, "the terminal did not bring what is lacking");
        std::thread::sleep(LOOK_EVERY);
    }
    let cases = inspect::cases(&data).unwrap();
    assert_eq!(cases.len(), wanted.len(), "{cases:?}");
    assert_eq!(cases.iter().map(|case| case.number.clone()).collect::<BTreeSet<_>>(), wanted);
    for case in &cases {
        let opened = inspect::open_case(&data, &case.submission_id).unwrap();
        errand::is_what_was_typed(&serde_json::to_value(&opened.part0.answers).unwrap());
    }
    assert!(inspect::alarms(&data).unwrap().is_empty());
}
