//! What answers in the hall's place, or answers what a hall should not: a captive portal, a proxy, a forger. None of
//! it is success, none of it puts a submission aside, and none of it is remembered when the hall is back.

use crate::ITEM;
use crate::fake_hall::{Another, Answer, FakeHall};
use crate::rim::{self, Filled, Terminal};
use kiosk::store::SubmissionState;
use kiosk::sync::{HallAccess, SyncEvent};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use wire::api::ProblemCode;

/// A captive portal: 200 and a log-in page to everybody, without TLS.
struct Portal {
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
    address: SocketAddr,
}

impl Portal {
    fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                let _ = stream.read(&mut [0; 1024]);
                let page = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nlogin";
                let _ = stream.write_all(page.as_bytes());
            }
        });
        Self { stop, thread: Some(thread), address }
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = std::net::TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A terminal of a hall that lies.
pub fn terminal_of(fake: &FakeHall, data: &std::path::Path) -> Terminal {
    tokio::runtime::Runtime::new().unwrap().block_on(fake.enrol(data));
    let mut terminal = Terminal::start(data, "007", HallAccess::default());
    terminal.wait_online();
    terminal
}

#[test]
fn a_captive_portal_in_the_halls_place_is_not_success() {
    let folder = tempfile::tempdir().unwrap();
    let hall = rim::hall(&folder.path().join("hall"));
    let mut terminal = Terminal::at(&folder.path().join("kiosk"), "007", &hall);
    let address = hall.terminal_addr;
    hall.stop();
    let portal = Portal::at(address);
    let waiting = terminal.submit(&Filled::golden(ITEM));
    terminal.wait_offline("not_our_hall");
    assert_eq!(terminal.in_state(SubmissionState::Stored), rim::ids([&waiting]));
    drop(portal);
    let _hall = rim::hall(&folder.path().join("hall"));
    terminal.wait_receipt(&waiting);
}

#[test]
fn another_hall_at_the_same_address_gets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let hall = rim::hall(&folder.path().join("hall"));
    let mut terminal = Terminal::at(&folder.path().join("kiosk"), "007", &hall);
    let address = hall.terminal_addr;
    hall.stop();
    let mut config = rim::config(&folder.path().join("other"));
    config.terminals.listen = address;
    let other = hall::Hall::start(config).unwrap();
    let waiting = terminal.submit(&Filled::golden(ITEM));
    terminal.wait_offline("not_our_hall");
    assert_eq!(terminal.in_state(SubmissionState::Stored), rim::ids([&waiting]));
    assert!(hall::inspect::cases(&other.data).unwrap().is_empty());
}

#[test]
fn a_forged_success_is_no_success_even_within_the_halls_own_tls() {
    let folder = tempfile::tempdir().unwrap();
    let fake = FakeHall::start();
    let mut terminal = terminal_of(&fake, &folder.path().join("kiosk"));
    let html = "text/html";
    let json = "application/json";
    let lies = [
        (Answer::Foreign(200, html, "<h1>welcome</h1>"), "foreign_answer"),
        (Answer::Foreign(201, json, r#"{"ok":true}"#), "foreign_answer"),
        (Answer::Foreign(200, json, r#"{"receipt":{"body":"e30=","sig":"AAAA"}}"#), "not_believed"),
        (Answer::ForgedReceipt, "not_believed"),
        (Answer::Foreign(302, html, "elsewhere"), "foreign_answer"),
        // The statuses of a refusal without our code are somebody else's.
        (Answer::Foreign(409, json, r#"{"code":"id_conflict"}"#), "foreign_answer"),
        (Answer::Foreign(400, html, "bad request"), "foreign_answer"),
        (Answer::Foreign(401, html, "who are you"), "foreign_answer"),
    ];
    let mut waiting = Vec::new();
    for (lie, why) in lies {
        fake.answers(lie.clone());
        // One never tried goes first; those before it wait out their back-off.
        let told = terminal.submit(&Filled::golden(ITEM));
        wait(&terminal, || last_error(&terminal, &told.id).as_deref() == Some(why));
        waiting.push(told);
        let stored = terminal.in_state(SubmissionState::Stored);
        assert_eq!(stored, rim::ids(&waiting), "{lie:?}");
    }
    let counts = terminal.block_on(terminal.store.counts()).unwrap();
    assert_eq!((counts.quarantined, counts.receipted), (0, 0));
    fake.answers(Answer::Receipt);
    for one in &waiting {
        terminal.wait_receipt(one);
    }
}

#[test]
fn a_receipt_that_the_hall_signed_about_anything_else_is_no_success() {
    use Another::{Body, Count, Epoch, Hall, Installation, Number, Owner, Submission, Suite, Terminal};
    let folder = tempfile::tempdir().unwrap();
    let fake = FakeHall::start();
    let mut terminal = terminal_of(&fake, &folder.path().join("kiosk"));
    let mut waiting = Vec::new();
    for another in [Body, Terminal, Installation, Count, Submission, Number, Hall, Epoch, Suite, Owner] {
        fake.answers(Answer::ReceiptOf(another));
        let told = terminal.submit(&Filled::golden(ITEM));
        wait(&terminal, || last_error(&terminal, &told.id).as_deref() == Some("not_believed"));
        waiting.push(told);
        assert_eq!(terminal.in_state(SubmissionState::Stored), rim::ids(&waiting), "{another:?}");
    }
    fake.answers(Answer::Receipt);
    for one in &waiting {
        terminal.wait_receipt(one);
    }
}

#[test]
fn a_hall_that_cannot_now_is_asked_again_and_holds_up_only_that_submission() {
    let folder = tempfile::tempdir().unwrap();
    let fake = FakeHall::start();
    let mut terminal = terminal_of(&fake, &folder.path().join("kiosk"));
    for code in [ProblemCode::Busy, ProblemCode::UnknownSealingKey, ProblemCode::Internal, ProblemCode::Unavailable] {
        fake.answers(Answer::Problem(code, None));
        let waiting = terminal.submit(&Filled::golden(ITEM));
        wait(&terminal, || fake.asked() > 1);
        assert_eq!(terminal.in_state(SubmissionState::Stored), rim::ids([&waiting]), "{code:?}");
        fake.answers(Answer::Receipt);
        terminal.wait_receipt(&waiting);
    }
    let refused = terminal.block_on(terminal.store.counts()).unwrap();
    assert_eq!(refused.quarantined, 0);
}

#[test]
fn a_slot_that_the_hall_gives_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let fake = FakeHall::start();
    let mut terminal = terminal_of(&fake, &folder.path().join("kiosk"));
    fake.answers(Answer::Problem(ProblemCode::Busy, Some(3)));
    let waiting = terminal.submit(&Filled::golden(ITEM));
    wait(&terminal, || fake.asked() > 0);
    let refused = Instant::now();
    fake.answers(Answer::Receipt);
    terminal.wait_receipt(&waiting);
    let waited = refused.elapsed();
    assert!(waited > Duration::from_millis(2_500), "asked again after {waited:?}, the slot was 3 s");
}

#[test]
fn only_the_halls_own_refusal_puts_a_submission_aside_and_a_person_may_send_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let fake = FakeHall::start();
    let mut terminal = terminal_of(&fake, &folder.path().join("kiosk"));
    for (code, said) in [(ProblemCode::Malformed, "malformed"), (ProblemCode::IdConflict, "id_conflict")] {
        fake.answers(Answer::Problem(code, None));
        let aside = terminal.submit(&Filled::golden(ITEM));
        terminal.wait_for(said, |event| matches!(event, SyncEvent::Quarantined { code, .. } if code == said));
        assert_eq!(terminal.in_state(SubmissionState::Quarantined), rim::ids([&aside]));
        fake.answers(Answer::Receipt);
        terminal.block_on(terminal.store.requeue(&aside.id)).unwrap();
        terminal.wait_receipt(&aside);
    }
}

#[test]
fn a_hall_whose_own_certificate_has_ended_by_the_time_it_proved_is_asked_for_the_time_only() {
    let folder = tempfile::tempdir().unwrap();
    let (fake, data) = (FakeHall::start_until(2025), folder.path().join("kiosk"));
    tokio::runtime::Runtime::new().unwrap().block_on(fake.enrol(&data));
    let mut terminal = Terminal::start(&data, "007", HallAccess::default());
    let waiting = terminal.submit(&Filled::golden(ITEM));
    terminal.wait_offline("hall_certificate_ended");
    terminal.handle.call_staff("review".to_owned());
    terminal.wait_for("the call's failure", |event| *event == SyncEvent::CallFailed);
    wait(&terminal, || fake.paths().len() > 3);
    assert!(fake.paths().iter().all(|path| path == "/v1/time"), "{:?}", fake.paths());
    assert_eq!(terminal.in_state(SubmissionState::Stored), rim::ids([&waiting]));
    fake.new_leaf_until(2090);
    terminal.wait_receipt(&waiting);
}

/// Why the last try of a waiting submission failed.
fn last_error(terminal: &Terminal, id: &str) -> Option<String> {
    let rows = terminal.block_on(terminal.store.submissions(SubmissionState::Stored)).unwrap();
    rows.into_iter().find(|row| row.submission_id == id)?.last_error
}

/// Nudges sync until the condition holds.
pub fn wait(terminal: &Terminal, condition: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < until, "the condition did not come true");
        terminal.handle.wake();
        std::thread::sleep(Duration::from_millis(20));
    }
}
