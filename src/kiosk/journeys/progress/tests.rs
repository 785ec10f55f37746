//! Looking a case up without hall and devices: what the journey wants and what it says.

use super::*;
use crate::content::Content;
use crate::session::{Capabilities, CodeReaders, Moment, ScannedCode, cannot_track};
use crate::view::{Language, Tool, TrackingWay};
use std::sync::Arc;
use wire::api::CaseState;

const SLIP: &str = "YIMEN:411681-20261124-007-00012-6:0123456789abcdef0123456789abcdef";

fn around() -> Surroundings {
    Surroundings {
        online: true,
        ..Surroundings::at(
            Arc::new(Content::none().unwrap()),
            "007",
            Moment { date: jiff::civil::date(2026, 11, 24), time: jiff::civil::time(10, 0, 0, 0) },
        )
    }
}

fn scan(progress: &mut Progress, text: &str, around: &Surroundings) -> Turn {
    progress.event(Event::Scanned(ScannedCode::new(Zeroizing::new(text.to_owned()))), around)
}

fn asked(turn: &Turn) -> Option<&ProgressRequest> {
    turn.effects.iter().find_map(|effect| if let Effect::LookUp(request) = effect { Some(request) } else { None })
}

fn error(progress: &Progress, around: &Surroundings) -> String {
    match progress.page(around) {
        Page::Tracking(page) => page.error,
        other => panic!("another page: {other:?}"),
    }
}

fn case() -> TrackedCase {
    TrackedCase {
        number: "411681-20261123-007-00012-6".to_owned(),
        item_id: "XC-MZJ-03".to_owned(),
        item_name: "老年人优待证办理".to_owned(),
        dept_name: "民政局".to_owned(),
        submitted: jiff::civil::date(2026, 11, 23),
        state: CaseState::CorrectionAsked,
        since: jiff::civil::date(2026, 11, 24),
        notice: "照片请用白底".to_owned(),
        due: Some((jiff::civil::date(2026, 12, 1), false)),
        documents: vec![("优待证".to_owned(), "7K3P-9XQ2".to_owned())],
    }
}

#[test]
fn a_scanned_slip_is_asked_by_its_token_and_shown() {
    let around = around();
    let mut progress = Progress::new();
    assert!(progress.wants_code(&around));
    let turn = scan(&mut progress, SLIP, &around);
    assert!(matches!(asked(&turn), Some(ProgressRequest::Token { token }) if token == &SLIP[SLIP.len() - 32..]));
    assert!(!progress.wants_code(&around), "one at a time");
    progress.event(Event::Lookup(LookupEvent::Found(vec![case()])), &around);
    let Page::Cases(page) = progress.page(&around) else { panic!("no result") };
    let row = &page.rows[0];
    assert_eq!((row.state.as_str(), row.service.as_str()), ("需要补正", "老年人优待证办理"));
    assert_eq!(row.facts, "2026年11月23日提交，2026年11月24日到这一步 · 民政局");
    assert!(row.documents[0].contains("7K3P-9XQ2") && row.due.contains("2026年12月1日"));
    assert!(progress.finish().0.nothing(), "nothing is left behind");
}

#[test]
fn a_code_that_is_no_slip_asks_nothing_and_says_so_once() {
    let around = around();
    let mut progress = Progress::new();
    for (round, sounds) in [1, 0].into_iter().enumerate() {
        let turn = scan(&mut progress, "https://example.org/ad", &around);
        assert!(asked(&turn).is_none() && turn.effects.len() == sounds, "round {round}");
        assert!(error(&progress, &around).contains("不是凭条"));
    }
    assert!(progress.wants_code(&around), "the right one may follow");
}

#[test]
fn what_went_wrong_is_said_in_the_language_that_was_chosen_since() {
    let around = around();
    let english = Surroundings { language: Language::En, ..around.clone() };
    let mut progress = Progress::new();
    scan(&mut progress, "https://example.org/ad", &around);
    assert!(error(&progress, &english).starts_with("This is not the code of a slip"));
    progress.act(Action::Next, &around);
    progress.act(Action::Next, &around);
    let Page::Question(page) = progress.page(&english) else { panic!("no lines") };
    assert_eq!(page.fields[1].error, "The query code has 6 characters; 6 are missing");
}

#[test]
fn what_is_missing_of_the_number_is_said_and_what_was_typed_stays_when_nothing_is_found() {
    let around = around();
    let mut progress = Progress::new();
    progress.act(Action::Next, &around);
    let edit = |field: &str, text: &str| Action::Edit { field: field.to_owned(), text: text.to_owned() };
    progress.act(edit("last9", "007-00012"), &around);
    assert!(asked(&progress.act(Action::Next, &around)).is_none());
    let Page::Question(page) = progress.page(&around) else { panic!("no lines") };
    assert_eq!(page.fields[0].error, "提交编号的后段应为 9 位，还差 1 位");
    assert_eq!(page.errors.len(), 2);
    progress.act(edit("last9", "007-00012-x"), &around);
    progress.act(edit("query_code", "704318"), &around);
    let turn = progress.act(Action::Next, &around);
    let expected = ProgressRequest::Number { last9: "00700012X".to_owned(), query_code: "704318".to_owned() };
    assert_eq!(asked(&turn), Some(&expected));
    progress.event(Event::Lookup(LookupEvent::NotFound(LookupProblem::NoMatch)), &around);
    let Page::Question(page) = progress.page(&around) else { panic!("no lines") };
    assert!(page.fields[0].error.starts_with("没有查到"), "{page:?}");
    progress.act(Action::Next, &around);
    progress.event(Event::Lookup(LookupEvent::NotFound(LookupProblem::Locked)), &around);
    assert!(error(&progress, &around).contains("半小时"), "the other ways are left");
}

#[test]
fn without_the_hall_the_page_says_so_and_wants_nothing() {
    let offline = Surroundings { online: false, ..around() };
    let mut progress = Progress::new();
    assert!(!progress.wants_code(&offline));
    assert!(error(&progress, &offline).contains("网络中断"));
    progress.act(Action::Next, &offline);
    assert!(matches!(progress.page(&offline), Page::Tracking(_)), "typing leads nowhere now");
    assert!(!cannot_track(&offline).is_empty() && cannot_track(&around()).is_empty());
}

#[test]
fn a_lost_scanner_is_said_and_the_other_ways_remain() {
    let can = Capabilities { code_readers: CodeReaders::Lost, ..Capabilities::default() };
    let around = Surroundings { can, ..around() };
    let mut progress = Progress::new();
    let Page::Tracking(page) = progress.page(&around) else { panic!("no ways") };
    assert_eq!((page.scan, page.card), (TrackingWay::Lost, TrackingWay::Works));
    progress.act(Action::Next, &around);
    assert!(matches!(progress.page(&around), Page::Question(_)));
}

#[test]
fn an_answer_that_nobody_waits_for_changes_nothing() {
    let around = around();
    let mut progress = Progress::new();
    scan(&mut progress, SLIP, &around);
    progress.act(Action::Back, &around);
    progress.event(Event::Lookup(LookupEvent::Found(vec![case()])), &around);
    assert!(matches!(progress.page(&around), Page::Tracking(_)));
    progress.act(Action::Use(Tool::TryAgain), &around);
    assert!(matches!(progress.page(&around), Page::Tracking(_)));
}
