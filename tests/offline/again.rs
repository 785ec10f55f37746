//! What the hall lost, submissions and content: the terminal keeps its copy of a submission while the hall asks for it,
//! and brings it back without holding up anything that no hall has yet.

use crate::ITEM;
use crate::fake_hall::{Answer, FakeHall};
use crate::imposters::{terminal_of, wait};
use crate::rim::{self, Filled, Submitted, Terminal};
use kiosk::store::SubmissionState;
use kiosk::sync::{HallAccess, SyncEvent};
use std::path::Path;
use wire::api::ProblemCode;

/// A terminal on a folder, with a submission that its hall received and asks for again.
fn asked_for_again(data: &Path) -> (FakeHall, Terminal, Submitted) {
    let fake = FakeHall::start();
    let mut terminal = terminal_of(&fake, data);
    let lost = terminal.submit(&Filled::golden(ITEM));
    terminal.wait_receipt(&lost);
    fake.wants(&[&lost.id]);
    (fake, terminal, lost)
}

#[test]
fn what_the_hall_asks_for_again_is_not_let_go_by_the_same_answer() {
    let folder = tempfile::tempdir().unwrap();
    let (fake, mut terminal, lost) = asked_for_again(&folder.path().join("kiosk"));
    fake.is_safe_through(1);
    fake.answers(Answer::Problem(ProblemCode::Busy, None));
    terminal.nudge_offline();
    terminal.wait_online();
    wait(&terminal, || fake.asked() > 0);
    assert_eq!(terminal.in_state(SubmissionState::Receipted), rim::ids([&lost]), "the last copy is kept");
    assert!(terminal.block_on(terminal.store.envelope(&lost.id)).unwrap().is_some());

    fake.wants(&[]);
    terminal.nudge_offline();
    terminal.wait_for("the release", |event| matches!(event, SyncEvent::Released { count: 1 }));
    assert_eq!(terminal.in_state(SubmissionState::Released), rim::ids([&lost]));
}

#[test]
fn what_the_hall_asks_for_again_comes_after_what_it_lacks_and_holds_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let (fake, mut terminal, lost) = asked_for_again(&folder.path().join("kiosk"));
    fake.refuses(Some(&lost.id));
    terminal.handle.cut(true);
    terminal.wait_offline("unreachable");
    let new = terminal.submit(&Filled::golden(ITEM));
    let before = fake.paths().len();
    terminal.handle.cut(false);
    terminal.wait_online();
    terminal.wait_receipt(&new);
    let asked = || -> Vec<String> {
        let of_submissions = |path: &String| path.starts_with("/v1/submissions/");
        fake.paths()[before..].iter().filter(|path| of_submissions(path)).cloned().collect()
    };
    wait(&terminal, || asked().iter().any(|path| path.contains(&lost.id)));
    assert!(asked()[0].contains(&new.id), "{:?}", asked());

    // A proxy that takes nothing of the one is no reason to send nothing else.
    let next = terminal.submit(&Filled::golden(ITEM));
    terminal.wait_receipt(&next);
    fake.refuses(None);
    let tries = asked().iter().filter(|path| path.contains(&lost.id)).count();
    wait(&terminal, || asked().iter().filter(|path| path.contains(&lost.id)).count() > tries);
    assert_eq!(terminal.in_state(SubmissionState::Receipted), rim::ids([&lost, &new, &next]));
}

#[test]
fn other_content_under_the_number_that_is_shown_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let (fake, data) = (FakeHall::start(), folder.path().join("kiosk"));
    let before = include_str!("../../assets/catalogue/nothing.json");
    fake.publishes(7, before);
    let mut terminal = terminal_of(&fake, &data);
    terminal.wait_for("the content", |event| *event == SyncEvent::Content);
    terminal.stop();
    // As a hall does that was restored to before that publication.
    let after = format!("{before} ");
    fake.publishes(7, &after);
    let mut terminal = Terminal::start(&data, "007", HallAccess::default());
    terminal.wait_for("the content", |event| *event == SyncEvent::Content);
    let shown = terminal.block_on(terminal.store.active_content()).unwrap().unwrap();
    assert_eq!((shown.content_seq, shown.catalogue), (7, after.into_bytes()));
    // Compared once and not with each heartbeat.
    let manifests = || fake.paths().iter().filter(|path| *path == "/v1/manifest").count();
    let compared = manifests();
    terminal.nudge_offline();
    terminal.wait_online();
    assert_eq!(manifests(), compared);
}
