//! The day's free pages (rules 8.7): what the hall counts for a person, what it refuses, and what became of an order
//! that is told to it until it knows, once.

use super::outcome;
use crate::journey::{Hand, Stage};
use crate::rim;
use drivers::document_printer::simulator::Pace;
use drivers::document_scanner::simulator::Picture;
use kiosk::store::{NewPrintJob, PageCounts, PrintKind};
use kiosk::sync::{Reservation, Reserve, SyncEvent};
use kiosk::view::{Page, Preview, ScanStep};
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;
use zeroize::Zeroizing;

/// P01's number.
const P01: &str = "419999198503120111";
/// Pages of a person and day in the demo's catalogue.
const DAY: u32 = 30;

/// A count that is not right by then never will be.
const PATIENCE: Duration = Duration::from_secs(120);

/// Another terminal of the hall, by which the test sees and spends what is left.
struct Other(rim::Terminal);

impl Other {
    fn at(hall: &hall::RunningHall, folder: &Path) -> Self {
        Self(rim::Terminal::at(folder, "008", hall))
    }

    fn left(&mut self) -> u32 {
        self.0.handle.ask_quota(7, Zeroizing::new(P01.to_owned()));
        match self.0.wait_for("what is left", |event| matches!(event, SyncEvent::LeftToday { session: 7, .. })) {
            SyncEvent::LeftToday { left, .. } => left,
            _ => unreachable!("waited for"),
        }
    }

    fn reserve(&mut self, job_id: Uuid, pages: u32) -> Reservation {
        let wish = Reserve { job_no: 1, job_id, id_no: Zeroizing::new(P01.to_owned()), pages };
        assert!(self.0.handle.reserve_pages(wish));
        match self.0.wait_for("an answer", |event| matches!(event, SyncEvent::Reserved { .. })) {
            SyncEvent::Reserved { reservation, .. } => reservation,
            _ => unreachable!("waited for"),
        }
    }

    fn until_left(&mut self, wanted: u32) {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = self.left();
            if left == wanted {
                return;
            }
            assert!(Instant::now() < end, "{left} pages are left, not {wanted}");
        }
    }
}

fn random_id() -> Uuid {
    uuid::Builder::from_random_bytes(rim::random()).into_uuid()
}

/// A card on a white ground, as it lies on the glass.
fn card_on_glass() -> Picture {
    let (width, height) = (800u32, 600u32);
    let inside = |x: u32, y: u32| (100..605).contains(&x) && (100..419).contains(&y);
    let tone = |at: u32| if inside(at % width, at / width) { 150u8 } else { 248 };
    Picture::new(width, height, 150, (0..width * height).flat_map(|at| [tone(at); 3]).collect())
}

/// Puts P01's card down first, and copies a card, so many times, up to the preview.
fn copied(hand: &mut Hand, copies: u32) -> Preview {
    hand.until("a hall", |view| matches!(view.page, Page::Idle(_)) && !view.frame.offline);
    assert!(hand.world.knobs().insert("P01"));
    hand.until_page("the greeting", |page| matches!(page, Page::Welcome(_)).then_some(()));
    hand.world.knobs().reader.lift();
    hand.touch("上一步");
    hand.touch("复印、打文件");
    hand.touch("复印身份证");
    hand.world.knobs().document_scanner.clone().lay(vec![card_on_glass()]);
    for step in [ScanStep::Turn, ScanStep::Done] {
        hand.touch("开始扫描");
        hand.until_page("a side", |page| match page {
            Page::Scanning(scanning) if scanning.step == step => Some(()),
            _ => None,
        });
    }
    hand.touch("去预览");
    for copies in 2..=copies {
        hand.touch("多一份");
        hand.until_page("a copy more", |page| match page {
            Page::Preview(preview) if preview.copies == copies => Some(()),
            _ => None,
        });
    }
    hand.until_page("the preview", |page| match page {
        Page::Preview(preview) if preview.quota.contains("今天还可打印") => Some(preview.clone()),
        _ => None,
    })
}

fn stage() -> Stage {
    let stage = Stage::new();
    stage.world.knobs().document_printer.pace(Pace::AtOnce);
    stage
}

#[test]
fn only_what_came_out_is_charged_to_the_day_of_whose_card_was_read() {
    let (stage, folder) = (stage(), tempfile::tempdir().unwrap());
    let mut other = Other::at(stage.world.hall().unwrap(), folder.path());
    assert_eq!(other.left(), DAY);
    let mut hand = Hand::at(&stage);
    let shown = copied(&mut hand, 2);
    assert!(shown.quota.contains(&format!("今天还可打印 {DAY} 页")), "{}", shown.quota);
    hand.touch("打印 2 页");
    assert!(outcome(&mut hand).whole);
    other.until_left(DAY - 2);
    hand.touch("再打印或复印别的");
    hand.until_page("the menu", |page| match page {
        Page::PaperMenu(menu) if menu.quota.contains(&format!("今天还可打印 {} 页", DAY - 2)) => Some(()),
        _ => None,
    });
}

#[test]
fn a_day_that_is_used_up_is_said_kindly_and_no_part_of_an_order_is_granted() {
    let (stage, folder) = (stage(), tempfile::tempdir().unwrap());
    let mut other = Other::at(stage.world.hall().unwrap(), folder.path());
    assert_eq!(other.reserve(random_id(), DAY - 2), Reservation::Granted);
    assert_eq!(other.reserve(random_id(), 3), Reservation::Refused { left: 2 }, "none of three, not two of them");
    let mut hand = Hand::at(&stage);
    let shown = copied(&mut hand, 2);
    assert!(shown.quota.contains("今天还可打印 2 页"), "{}", shown.quota);
    // Meanwhile the same person prints elsewhere.
    assert_eq!(other.reserve(random_id(), 1), Reservation::Granted);
    hand.touch("打印 2 页");
    let refused = hand.until_page("the refusal", |page| match page {
        Page::Preview(preview) if !preview.error.is_empty() => Some(preview.clone()),
        _ => None,
    });
    assert!(refused.error.contains("还能打印 1 页") && refused.error.contains("咨询台"), "{}", refused.error);
    assert!(stage.world.knobs().document_printer.documents().is_empty(), "nothing was sent");
    assert_eq!(other.left(), 1, "and nothing stays reserved");
    // One page fewer, and it prints.
    hand.touch("少一份");
    hand.touch("打印 1 页");
    assert!(outcome(&mut hand).whole);
    other.until_left(0);
}

#[test]
fn without_the_hall_the_limit_of_the_session_alone_holds_and_nobodys_day_is_charged() {
    let (stage, folder) = (stage(), tempfile::tempdir().unwrap());
    let mut other = Other::at(stage.world.hall().unwrap(), folder.path());
    let mut hand = Hand::at(&stage);
    copied(&mut hand, 1);
    hand.lose_the_hall();
    hand.touch("打印 1 页");
    assert!(outcome(&mut hand).whole);
    hand.world.with_terminal(|terminal| terminal.cut_network(false));
    hand.until("the hall again", |view| !view.frame.offline);
    assert_eq!(other.left(), DAY);
}

/// Copies a data folder as a crash leaves it.
fn as_it_lies(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[test]
fn an_order_is_told_to_the_hall_after_a_crash_and_told_twice_it_is_charged_once() {
    let folders = [(); 4].map(|()| tempfile::tempdir().unwrap());
    let [hall_folder, other_folder, first, second] = &folders;
    let hall = rim::hall(hall_folder.path());
    let mut other = Other::at(&hall, other_folder.path());
    let terminal = rim::Terminal::at(first.path(), "007", &hall);
    let job_id = random_id();
    assert_eq!(other.reserve(job_id, 6), Reservation::Granted);
    let order = NewPrintJob {
        kind: PrintKind::Copy,
        job_name: "yimen-a".into(),
        ordered: 6,
        two_sided: false,
        quota_job: Some(job_id.to_string()),
    };
    let job_no = terminal.block_on(terminal.store.print_asked(&order)).unwrap();
    terminal.block_on(terminal.store.print_sending(job_no)).unwrap();
    let counts = PageCounts { printed: 3, not_printed: 1, not_certain: 2 };
    terminal.block_on(terminal.store.print_ended(job_no, counts)).unwrap();
    // The power goes before the hall is told.
    as_it_lies(first.path(), second.path());
    terminal.handle.settle_quota();
    other.until_left(DAY - 3);
    terminal.stop();
    // As after a crash between the hall's answer and the ledger's note of it.
    let mut again = rim::Terminal::start(second.path(), "007", rim::invited(&hall, "007"));
    again.wait_until("the hall told once more", |again| {
        again.block_on(again.store.quota_due()).is_ok_and(|due| due.is_empty())
    });
    assert_eq!(other.left(), DAY - 3);
}
