//! A cold start, measured from outside: the bench starts itself as a process and waits for two lines, one when the
//! first frame with the terminal's first view is drawn, one when the devices have answered, too. The store is the
//! database of an earlier run with published content in it; reader and printer are simulators that answer their
//! bytes on ptys at their rate.

use drivers::DeviceError;
use drivers::id_card_reader::{IdCard, IdCardReader, ReadError, ReaderIdentity};
use drivers::receipt_printer::{Bitmap, PrintOutcome, PrinterStatus, ReceiptPrinter};
use kiosk::app::{NoCapture, Parts, Terminal};
use kiosk::clock::TerminalClock;
use kiosk::platform::{Frame, Own, Pane, Rect, Viewer};
use kiosk::screen::Screen;
use kiosk::store::{Content, Options, Store};
use kiosk::sync::HallAccess;
use kiosk::view::View;
use slint::ComponentHandle;
use std::cell::{Cell, RefCell};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Which start the child makes, and where its data lies.
const WHAT: &str = "YIMEN_BENCH_START";
const DATA: &str = "YIMEN_BENCH_DATA";
/// Starts that the median is taken of.
const STARTS: usize = 15;

slint::slint! {
    export component Minimal inherits Window { Text { text: "Yimen"; } }
}

thread_local! {
    static SCREEN: RefCell<Option<Rc<Screen>>> = const { RefCell::new(None) };
    static SHOWN: Cell<bool> = const { Cell::new(false) };
}

/// What is still waited for: the first frame, and devices that have not answered yet.
static WAITED_FOR: AtomicU32 = AtomicU32::new(1);

/// One of them came; with the last one the loop ends.
fn came() {
    if WAITED_FOR.fetch_sub(1, Ordering::SeqCst) == 1 {
        println!("up");
        let _ = slint::quit_event_loop();
    }
}

/// Says the first frame that shows something: what is drawn before the terminal's first view is not what a citizen
/// waits for.
#[derive(Default)]
struct UntilDrawn {
    said: bool,
}

impl Viewer for UntilDrawn {
    fn deliver(&mut self, _: &[Pane]) {}

    fn drawn(&mut self, _: usize, _: &Frame, _: &[Rect]) {
        if SHOWN.get() && !std::mem::replace(&mut self.said, true) {
            println!("drawn");
            came();
        }
    }

    fn settle(&mut self, _: &[Pane]) -> Option<Duration> {
        None
    }
}

/// A device that says when it first answered.
struct Heard<D> {
    device: D,
    said: bool,
}

impl<D> Heard<D> {
    fn new(device: D) -> Self {
        Self { device, said: false }
    }

    fn note<T, E>(&mut self, answer: Result<T, E>) -> Result<T, E> {
        if answer.is_ok() && !std::mem::replace(&mut self.said, true) {
            came();
        }
        answer
    }
}

impl IdCardReader for Heard<Box<dyn IdCardReader>> {
    fn read_card(&mut self, timeout: Duration) -> Result<Option<IdCard>, ReadError> {
        self.device.read_card(timeout)
    }

    fn on_card_found(&mut self, tell: Box<dyn FnMut() + Send>) {
        self.device.on_card_found(tell);
    }

    fn self_test(&mut self) -> Result<ReaderIdentity, DeviceError> {
        let answer = self.device.self_test();
        self.note(answer)
    }
}

impl ReceiptPrinter for Heard<Box<dyn ReceiptPrinter>> {
    fn status(&mut self) -> Result<PrinterStatus, DeviceError> {
        let answer = self.device.status();
        self.note(answer)
    }

    fn print(&mut self, slip: &Bitmap) -> PrintOutcome {
        self.device.print(slip)
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
        own.show(vec![Pane::new("minimal", (1080, 1920), &minimal)], UntilDrawn::default()).unwrap();
        return own.run().unwrap();
    }
    WAITED_FOR.store(3, Ordering::SeqCst);
    let screen = Rc::new(Screen::new().unwrap());
    SCREEN.set(Some(screen.clone()));
    let (reader, _reader_knobs) = drivers::id_card_reader::simulator::on_pty().unwrap();
    let (printer, _printer_knobs) = drivers::receipt_printer::simulator::on_pty().unwrap();
    let uri = |path: &Path| format!("serial://{}?baud=115200", path.display()).parse().unwrap();
    let terminal = Terminal::start(Parts {
        data: std::env::var_os(DATA).unwrap().into(),
        terminal_no: "007".to_owned(),
        clock: TerminalClock::new(480),
        hall: HallAccess::configured("127.0.0.1:9", ""),
        reader: Box::new(Heard::new(drivers::id_card_reader::open(&uri(reader.path())).unwrap())),
        printer: Box::new(Heard::new(drivers::receipt_printer::open(&uri(printer.path())).unwrap())),
        document_printer: None,
        document_scanner: None,
        code_readers: Vec::new(),
        indicator: None,
        places: Vec::new(),
        stick: None,
        workers: kiosk::printing::Workers::of_this_program(),
        capture: Box::new(NoCapture),
        show: Box::new(show),
        sound: Box::new(|_| {}),
    })
    .unwrap();
    own.show(vec![Pane::new("screen", (1080, 1920), screen.app())], UntilDrawn::default()).unwrap();
    own.run().unwrap();
    drop(terminal);
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

/// A data folder as a terminal has it after its first day: a database with what the hall published.
fn used(data: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(Options::new(data)).await.unwrap();
        let catalogue = include_bytes!("../../../assets/catalogue/catalogue.json").to_vec();
        let content = Content { content_seq: 1, catalogue, signature: vec![0; 64] };
        assert!(store.activate_content(content).await.unwrap());
        store.close().await.unwrap();
    });
}

pub fn report() {
    let data = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    used(data.path());
    let median = |what| {
        let (mut drawn, mut up): (Vec<_>, Vec<_>) = (0..STARTS).map(|_| start(what, data.path())).unzip();
        drawn.sort();
        up.sort();
        (drawn[STARTS / 2], up[STARTS / 2])
    };
    let ((kiosk, up), (minimal, _)) = (median("kiosk"), median("minimal"));
    let ratio = kiosk.as_secs_f64() / minimal.as_secs_f64();
    println!(
        "cold start to first frame: {kiosk:.1?}, with store and both devices up {up:.1?} (goal 300 ms); Slint's \
         minimal window {minimal:.1?}, ratio {ratio:.1}"
    );
}

/// One start, from the process's birth to its first frame, and to the last device's first answer.
fn start(what: &str, data: &Path) -> (Duration, Duration) {
    let start = Instant::now();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env(WHAT, what)
        .env(DATA, data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut drawn = None;
    loop {
        match lines.next().unwrap_or_else(|| panic!("{what} ended before it was up")).as_str() {
            "drawn" => drawn = Some(start.elapsed()),
            "up" => break,
            other => panic!("{other}"),
        }
    }
    let up = start.elapsed();
    drop(lines);
    assert!(child.wait().unwrap().success());
    (drawn.expect("up without a frame"), up)
}
