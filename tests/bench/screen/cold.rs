//! A cold start, measured from outside: the bench starts itself as a process and waits for the line that says the
//! first frame is drawn.

use kiosk::app::{NoCapture, Parts, Terminal, TerminalClock};
use kiosk::platform::{Frame, Own, Pane, Rect, Viewer};
use kiosk::screen::Screen;
use kiosk::sync::HallAccess;
use kiosk::view::View;
use slint::ComponentHandle;
use std::cell::{Cell, RefCell};
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Which start the child makes, and where its data lies.
const WHAT: &str = "YIMEN_BENCH_START";
const DATA: &str = "YIMEN_BENCH_DATA";
/// Starts that the median is taken of.
const STARTS: usize = 9;

slint::slint! {
    export component Minimal inherits Window { Text { text: "Yimen"; } }
}

thread_local! {
    static SCREEN: RefCell<Option<Rc<Screen>>> = const { RefCell::new(None) };
    static SHOWN: Cell<bool> = const { Cell::new(false) };
}

/// Ends the loop with the first frame that shows something: what is drawn before the terminal's first view is
/// not what a citizen waits for.
struct UntilDrawn;

impl Viewer for UntilDrawn {
    fn deliver(&mut self, _: &[Pane]) {}

    fn drawn(&mut self, _: usize, _: &Frame, _: &[Rect]) {
        if SHOWN.get() {
            println!("drawn");
            let _ = slint::quit_event_loop();
        }
    }

    fn settle(&mut self, _: &[Pane]) -> Option<Duration> {
        None
    }
}

pub fn is_the_child() -> bool {
    std::env::var_os(WHAT).is_some()
}

pub fn child() {
    let own = Own::install().unwrap();
    if std::env::var(WHAT).unwrap() == "minimal" {
        let minimal = Minimal::new().unwrap();
        SHOWN.set(true);
        own.show(vec![Pane::new("minimal", (1080, 1920), &minimal)], UntilDrawn).unwrap();
        return own.run().unwrap();
    }
    let screen = Rc::new(Screen::new().unwrap());
    SCREEN.set(Some(screen.clone()));
    let (reader, _reader_knobs) = drivers::id_card_reader::simulator::on_pty().unwrap();
    let (printer, _printer_knobs) = drivers::receipt_printer::simulator::on_pty().unwrap();
    let uri = |path: &Path| format!("serial://{}?baud=115200", path.display()).parse().unwrap();
    let _terminal = Terminal::start(Parts {
        data: std::env::var_os(DATA).unwrap().into(),
        terminal_no: "007".to_owned(),
        clock: TerminalClock::new(480),
        hall: HallAccess { address: "127.0.0.1:9".to_owned(), ca_der: None, enrolment_code: None },
        reader: drivers::id_card_reader::open(&uri(reader.path())).unwrap(),
        printer: drivers::receipt_printer::open(&uri(printer.path())).unwrap(),
        capture: Box::new(NoCapture),
        show: Box::new(show),
    })
    .unwrap();
    own.show(vec![Pane::new("screen", (1080, 1920), screen.app())], UntilDrawn).unwrap();
    own.run().unwrap();
    SCREEN.set(None);
}

fn show(view: View) {
    let _ = slint::invoke_from_event_loop(move || {
        SCREEN.with_borrow(|screen| {
            if let Some(screen) = screen {
                screen.show(&view);
                screen.app().window().request_redraw();
                SHOWN.set(true);
            }
        });
    });
}

pub fn report() {
    let data = tempfile::tempdir().unwrap();
    // The first start makes the database; a terminal starts on one that it has.
    start("kiosk", data.path());
    let median = |what| {
        let mut took: Vec<Duration> = (0..STARTS).map(|_| start(what, data.path())).collect();
        took.sort();
        took[STARTS / 2]
    };
    let (kiosk, minimal) = (median("kiosk"), median("minimal"));
    let ratio = kiosk.as_secs_f64() / minimal.as_secs_f64();
    println!(
        "cold start to first frame: {kiosk:.1?} (goal 300 ms), Slint's minimal window {minimal:.1?}, ratio {ratio:.1}"
    );
}

/// One start, from the process's birth to its first frame.
fn start(what: &str, data: &Path) -> Duration {
    use std::io::BufRead;
    let start = Instant::now();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env(WHAT, what)
        .env(DATA, data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let took = start.elapsed();
    assert_eq!(line.trim(), "drawn", "{what} ended without a frame");
    assert!(child.wait().unwrap().success());
    took
}
