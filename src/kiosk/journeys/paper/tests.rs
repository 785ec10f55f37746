//! Printing and copying without a printer: what the journey wants and what it says.

use super::*;
use crate::content::Content;
use crate::session::{
    Capabilities, Moment, PaperCan, PaperTrouble, PrintStage, ScanProblem, StickNews, StickRow, StickRowKind,
};
use crate::view::{FileState, Language, Picture, Tool};
use std::sync::Arc;

fn around() -> Surroundings {
    let paper = PaperCan { print: true, two_sided: true, scan: true, upload: true, ..PaperCan::default() };
    Surroundings {
        can: Capabilities { paper, ..Capabilities::default() },
        online: true,
        ..Surroundings::at(
            Arc::new(Content::none().unwrap()),
            "007",
            Moment { date: jiff::civil::date(2026, 11, 24), time: jiff::civil::time(10, 0, 0, 0) },
        )
    }
}

fn wanted(turn: &Turn) -> Vec<&PaperWant> {
    turn.effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Paper(wanted) => Some(wanted.as_ref()),
            _ => None,
        })
        .collect()
}

/// A journey with one document of so many pages before its preview.
fn at_preview(pages: u32, around: &Surroundings) -> Paper {
    let mut paper = Paper::new();
    paper.act(Action::OpenRow("phone".into()), around);
    paper.event(Event::Paper(PaperEvent::Arrived { doc: 1, name: "说明.pdf".into(), from: CameFrom::Hall }), around);
    paper.event(Event::Paper(PaperEvent::Opened { doc: 1, pages, all_a4: true }), around);
    paper.act(Action::OpenRow("doc:1".into()), around);
    assert!(matches!(paper.page(around), Page::Preview(_)));
    paper
}

fn order(turn: &Turn) -> Option<&crate::session::PagesOrder> {
    wanted(turn).into_iter().find_map(|want| if let PaperWant::Print(order) = want { Some(order) } else { None })
}

#[test]
fn a_way_that_does_not_work_now_says_why_and_opens_nothing() {
    let mut around = around();
    around.can.paper.print = false;
    around.can.paper.finishing = true;
    let Page::PaperMenu(menu) = Paper::new().page(&around) else { panic!("no menu") };
    assert!(menu.ways.iter().all(|way| way.reason.contains("上一个人")), "{menu:?}");
    let mut paper = Paper::new();
    assert!(wanted(&paper.act(Action::OpenRow("phone".into()), &around)).is_empty());
    assert!(matches!(paper.page(&around), Page::PaperMenu(_)));
}

#[test]
fn without_a_public_hall_or_a_scanner_their_ways_are_not_there() {
    let mut around = around();
    around.can.paper.upload = false;
    around.can.paper.scan = false;
    let Page::PaperMenu(menu) = Paper::new().page(&around) else { panic!("no menu") };
    assert!(!menu.ways.iter().any(|way| ["phone", "copy", "card"].contains(&way.id.as_str())), "{menu:?}");
}

#[test]
fn a_second_touch_of_print_orders_nothing_more() {
    let around = around();
    let mut paper = at_preview(3, &around);
    let first = paper.act(Action::Next, &around);
    assert_eq!(order(&first).unwrap().pages, [1, 2, 3]);
    assert!(order(&paper.act(Action::Next, &around)).is_none());
    assert!(matches!(paper.page(&around), Page::Printing(_)));
}

#[test]
fn more_pages_than_are_left_are_refused_with_what_to_do_and_nothing_is_lost() {
    let mut around = around();
    around.pages_spent = 8;
    let mut paper = at_preview(3, &around);
    assert!(order(&paper.act(Action::Next, &around)).is_none());
    let Page::Preview(preview) = paper.page(&around) else { panic!("no preview") };
    assert!(preview.error.contains("还能打印 2 页"), "{}", preview.error);
    paper.act(Action::OpenRow("3".into()), &around);
    assert_eq!(order(&paper.act(Action::Next, &around)).unwrap().pages, [1, 2]);
}

#[test]
fn what_was_refused_and_what_came_out_is_said_in_the_language_that_was_chosen_since() {
    let mut around = around();
    around.pages_spent = 8;
    let mut paper = at_preview(3, &around);
    paper.act(Action::Next, &around);
    let english = Surroundings { language: Language::En, ..around.clone() };
    let Page::Preview(preview) = paper.page(&english) else { panic!("no preview") };
    assert!(preview.error.starts_with("3 pages are chosen, 2 can be printed"), "{}", preview.error);
    paper.act(Action::OpenRow("3".into()), &around);
    paper.act(Action::Next, &around);
    let counts = Pages { printed: 2, ..Pages::default() };
    paper.event(Event::Paper(PaperEvent::PrintEnded { order: 1, counts, why: None, settled: true }), &around);
    let Page::Printed(printed) = paper.page(&english) else { panic!("no outcome") };
    assert_eq!(printed.title, "2 pages are printed; please take them");
}

#[test]
fn a_long_file_begins_with_as_many_pages_as_a_session_may_print() {
    let around = around();
    let Page::Preview(preview) = at_preview(40, &around).page(&around) else { panic!("no preview") };
    assert_eq!(preview.cost, 10);
    assert_eq!(preview.pages.len(), 40);
}

#[test]
fn copies_count_as_pages() {
    let around = around();
    let mut paper = at_preview(4, &around);
    for _ in 0..2 {
        paper.act(Action::Use(Tool::MoreCopies), &around);
    }
    assert!(order(&paper.act(Action::Next, &around)).is_none(), "twelve pages");
    paper.act(Action::Use(Tool::FewerCopies), &around);
    assert_eq!(order(&paper.act(Action::Next, &around)).unwrap().copies, 2);
}

#[test]
fn what_came_out_is_said_page_by_page_and_no_tick_stands_for_less() {
    let around = around();
    let mut paper = at_preview(5, &around);
    paper.act(Action::Next, &around);
    let counts = Pages { printed: 2, not_printed: 2, not_certain: 1 };
    let why = Some(PaperTrouble::Jammed);
    paper.event(Event::Paper(PaperEvent::PrintEnded { order: 1, counts, why, settled: true }), &around);
    let Page::Printed(printed) = paper.page(&around) else { panic!("no outcome") };
    assert!(!printed.whole);
    let said = format!("{} {}", printed.title, printed.lines.join(" "));
    for words in ["已打印 2 页，共 5 页", "卡纸", "2 页没有打印", "1 页不能确定"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn paper_out_keeps_the_order_and_says_that_it_goes_on() {
    let around = around();
    let mut paper = at_preview(5, &around);
    paper.act(Action::Next, &around);
    let stage = PrintStage::Stopped(PaperTrouble::PaperOut);
    paper.event(Event::Paper(PaperEvent::Printing { order: 1, printed: 2, stage }), &around);
    let Page::Printing(page) = paper.page(&around) else { panic!("not printing") };
    assert!(page.now.contains("纸用完") && page.trouble[0].contains("还有 3 页"), "{page:?}");
    assert!(page.can_stop);
}

#[test]
fn leaving_while_it_prints_stops_the_order_and_the_farewell_counts_what_is_not_certain() {
    let around = around();
    let mut paper = at_preview(5, &around);
    paper.act(Action::Next, &around);
    paper.event(Event::Paper(PaperEvent::Printing { order: 1, printed: 2, stage: PrintStage::Running }), &around);
    let (left, effects) = paper.finish();
    assert!(matches!(&effects[..], [Effect::Paper(want)] if matches!(**want, PaperWant::StopPrinting { order: 1 })));
    assert_eq!(left.paper, Pages { printed: 2, not_printed: 0, not_certain: 3 });
    assert_eq!(left.documents, 1);
}

#[test]
fn a_refused_file_says_why_and_cannot_be_opened() {
    let around = around();
    let mut paper = Paper::new();
    paper.act(Action::OpenRow("phone".into()), &around);
    paper.event(Event::Paper(PaperEvent::Arrived { doc: 1, name: "a.exe".into(), from: CameFrom::Hall }), &around);
    let why = Text::new("这种文件不能打印", "This kind of file cannot be printed");
    paper.event(Event::Paper(PaperEvent::Refused { doc: 1, why }), &around);
    paper.act(Action::OpenRow("doc:1".into()), &around);
    let Page::Upload(page) = paper.page(&around) else { panic!("not the list") };
    assert_eq!(page.files[0].state, FileState::Refused("这种文件不能打印".into()));
}

#[test]
fn a_card_is_scanned_on_both_sides_and_becomes_one_page() {
    let around = around();
    let mut paper = Paper::new();
    paper.act(Action::OpenRow("card".into()), &around);
    let picture = || Picture { width: 1, height: 1, rgb: Arc::new(vec![0; 3]) };
    let turn = paper.act(Action::Next, &around);
    let [PaperWant::Scan { doc, .. }] = wanted(&turn)[..] else { panic!("no scan") };
    let doc = *doc;
    paper.event(Event::Paper(PaperEvent::ScanFailed(ScanProblem::CoverOpen)), &around);
    let Page::Scanning(page) = paper.page(&around) else { panic!("not scanning") };
    assert!(page.error.contains("盖") && page.step == crate::view::ScanStep::Lay);
    for _ in 0..2 {
        paper.act(Action::Next, &around);
        paper.event(Event::Paper(PaperEvent::Scanned { doc, pages: vec![picture()] }), &around);
    }
    paper.act(Action::Next, &around);
    let Page::Preview(page) = paper.page(&around) else { panic!("no preview") };
    assert_eq!((page.pages.len(), page.cost, page.purposes.is_empty()), (1, 1, false));
}

#[test]
fn a_pick_up_code_that_is_too_short_says_how_much_is_missing() {
    let mut around = around();
    around.language = Language::En;
    let mut paper = Paper::new();
    paper.act(Action::OpenRow("code".into()), &around);
    paper.act(Action::Edit { field: "pick_up_code".into(), text: "ab-12".into() }, &around);
    assert!(paper.act(Action::Next, &around).effects.is_empty());
    let Page::Question(page) = paper.page(&around) else { panic!("not the code") };
    assert!(page.fields[0].error.contains("4 are missing"), "{}", page.fields[0].error);
}

#[test]
fn an_order_that_the_day_does_not_last_for_is_back_in_the_preview_and_nothing_is_lost() {
    let mut around = around();
    around.pages_left_today = Some(30);
    let mut paper = at_preview(3, &around);
    assert!(order(&paper.act(Action::Next, &around)).is_some());
    around.pages_left_today = Some(1);
    let counts = Pages { not_printed: 3, ..Pages::default() };
    let why = Some(PaperTrouble::DayUsed);
    paper.event(Event::Paper(PaperEvent::PrintEnded { order: 1, counts, why, settled: true }), &around);
    let Page::Preview(preview) = paper.page(&around) else { panic!("no preview") };
    assert!(preview.error.contains("最多还能打印 1 页"), "{}", preview.error);
    assert!(preview.quota.contains("今天还可打印 1 页"), "{}", preview.quota);
    assert_eq!((preview.cost, preview.pages.len()), (3, 3));
    for page in ["2", "3"] {
        paper.act(Action::OpenRow(page.into()), &around);
    }
    assert_eq!(order(&paper.act(Action::Next, &around)).unwrap().pages, [1]);
}

#[test]
fn whose_card_fetched_a_document_is_whose_day_is_charged() {
    let mut around = around();
    around.can.card_reader = true;
    let mut paper = Paper::new();
    paper.act(Action::OpenRow("code".into()), &around);
    paper.act(Action::Edit { field: "pick_up_code".into(), text: "ABCD2345".into() }, &around);
    paper.act(Action::Next, &around);
    let card = crate::session::HeldCard {
        kind: crate::session::card::CardKind::Resident,
        number: "419999198503120111".into(),
        name: "张示范".into(),
        name_raw: Vec::new(),
        name_cut: false,
        name_unmapped: false,
        sex: String::new(),
        birth: None,
        address: String::new(),
        ethnic: String::new(),
        valid_to: None,
        valid_to_text: String::new(),
        photo: Vec::new(),
    };
    let turn = paper.event(Event::Card(CardEvent::Read(Box::new(card))), &around);
    let counted = wanted(&turn).into_iter().any(|want| matches!(want, PaperWant::CountFor(id) if id.ends_with("0111")));
    assert!(counted);
}

#[test]
fn a_pick_up_code_is_scanned_instead_of_typed_and_no_other_code_is_written_down() {
    let around = around();
    let mut paper = Paper::new();
    let scan = |paper: &mut Paper, text: &str| {
        let code = crate::session::ScannedCode::new(zeroize::Zeroizing::new(text.to_owned()));
        paper.event(Event::Scanned(code), &around)
    };
    assert!(!paper.wants_code(), "the menu wants none");
    paper.act(Action::OpenRow("code".into()), &around);
    assert!(paper.wants_code());
    scan(&mut paper, "YIMEN:411681-20261124-007-00012-6:0123456789abcdef0123456789abcdef");
    let Page::Question(page) = paper.page(&around) else { panic!("no line") };
    assert!(page.fields[0].error.contains("不是取件码"), "{page:?}");
    assert!(matches!(&page.fields[0].control, crate::view::Control::Line { text, .. } if text.is_empty()));
    let turn = scan(&mut paper, "7k3p-9xq2");
    assert!(matches!(turn.effects[..], [Effect::ReadCard]), "{turn:?}");
    assert!(matches!(paper.page(&around), Page::Card(_)) && !paper.wants_code());
}

fn stick(paper: &mut Paper, news: StickNews, around: &Surroundings) -> Turn {
    paper.event(Event::Paper(PaperEvent::Stick(news)), around)
}

fn folder(folder: u32, names: &[(&str, StickRowKind)]) -> StickNews {
    let row = |(place, (name, kind)): (usize, &(&str, StickRowKind))| StickRow {
        id: 10 * folder + place as u32 + 1,
        name: (*name).into(),
        kind: *kind,
    };
    StickNews::Folder { folder, rows: names.iter().enumerate().map(row).collect(), cut: false }
}

/// A journey before the list of a stick with a folder and a file.
fn at_the_stick(around: &mut Surroundings) -> Paper {
    around.can.paper.stick = true;
    let mut paper = Paper::new();
    paper.act(Action::OpenRow("stick".into()), around);
    stick(&mut paper, folder(0, &[("材料", StickRowKind::Folder), ("a.pdf", StickRowKind::File)]), around);
    paper
}

fn files(paper: &Paper, around: &Surroundings) -> crate::view::Files {
    match paper.page(around) {
        Page::Files(files) => files,
        other => panic!("no list: {other:?}"),
    }
}

#[test]
fn a_folder_is_gone_into_and_back_out_of_and_a_late_answer_is_not_shown() {
    let mut around = around();
    let mut paper = at_the_stick(&mut around);
    let into = paper.act(Action::OpenRow("entry:1".into()), &around);
    assert!(matches!(wanted(&into)[..], [PaperWant::ListStick { folder: 1 }]));
    stick(&mut paper, folder(0, &[("b.pdf", StickRowKind::File)]), &around);
    assert!(files(&paper, &around).files.is_empty(), "of another folder");
    stick(&mut paper, folder(1, &[("c.pdf", StickRowKind::File)]), &around);
    assert_eq!((&*files(&paper, &around).title, files(&paper, &around).files.len()), ("材料", 1));
    let out = paper.act(Action::Back, &around);
    assert!(matches!(wanted(&out)[..], [PaperWant::ListStick { folder: 0 }]));
    let left = paper.act(Action::Back, &around);
    assert!(matches!(wanted(&left)[..], [PaperWant::LeaveStick]));
    assert!(matches!(paper.page(&around), Page::PaperMenu(_)));
}

#[test]
fn a_second_touch_takes_nothing_more_and_a_file_that_comes_too_late_is_dropped() {
    let mut around = around();
    let mut paper = at_the_stick(&mut around);
    let taken = paper.act(Action::OpenRow("entry:2".into()), &around);
    assert!(matches!(wanted(&taken)[..], [PaperWant::TakeFromStick { entry: 2 }]));
    assert!(wanted(&paper.act(Action::OpenRow("entry:2".into()), &around)).is_empty());
    paper.act(Action::Back, &around);
    let late = PaperEvent::Arrived { doc: 1, name: "a.pdf".into(), from: CameFrom::Stick };
    let turn = paper.event(Event::Paper(late), &around);
    assert!(matches!(wanted(&turn)[..], [PaperWant::Drop { doc: 1 }]));
}

#[test]
fn a_stick_pulled_out_while_its_file_is_looked_at_keeps_the_file() {
    let mut around = around();
    let mut paper = at_the_stick(&mut around);
    paper.act(Action::OpenRow("entry:2".into()), &around);
    let came = PaperEvent::Arrived { doc: 1, name: "a.pdf".into(), from: CameFrom::Stick };
    paper.event(Event::Paper(came), &around);
    paper.event(Event::Paper(PaperEvent::Opened { doc: 1, pages: 2, all_a4: true }), &around);
    assert!(matches!(paper.page(&around), Page::Preview(_)), "it is shown at once");
    stick(&mut paper, StickNews::PulledOut, &around);
    assert!(matches!(paper.page(&around), Page::Preview(_)));
    paper.act(Action::Back, &around);
    let kept = files(&paper, &around);
    assert!(kept.note.contains("已拔出") && kept.again, "{kept:?}");
    assert!(matches!(kept.files[0].state, FileState::Ready { pages: 2 }));
    paper.act(Action::OpenRow(kept.files[0].id.clone()), &around);
    assert!(order(&paper.act(Action::Next, &around)).is_some());
}

#[test]
fn a_stick_that_is_not_read_says_why_and_the_phone_only_where_there_is_one() {
    let mut around = around();
    let mut paper = at_the_stick(&mut around);
    stick(&mut paper, StickNews::Unreadable(Text::new("格式读不了", "Not read")), &around);
    assert_eq!(files(&paper, &around).note, "格式读不了；也可以用手机传文件");
    around.can.paper.upload = false;
    assert_eq!(files(&paper, &around).note, "格式读不了");
}

#[test]
fn one_page_is_one_page_in_english_too() {
    let mut around = around();
    around.language = Language::En;
    let counts = Pages { printed: 1, not_printed: 1, not_certain: 1 };
    let said = Ended { counts, why: None, settled: true, more: true }.page(&around);
    assert!(said.title.starts_with("1 of 3 pages are"), "{said:?}");
    assert!(said.lines[0].starts_with("1 page was not printed") && said.lines[1].starts_with("1 page is not certain"));
}
