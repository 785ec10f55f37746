//! The whole program killed for good (SIGKILL) at each step of an order, and started again on what its disk holds:
//! the ledger adds up and agrees with the paper, nothing is sent again by itself, and nobody else may print until the
//! printer itself said that the order ended. Used as a citizen does, by role and name in headless Chromium.

use crate::document;
use crate::whole::chromium::Chromium;
use crate::whole::page::Page;
use crate::whole::{Kiosk, LOOK_EVERY, PATIENCE, in_chromium};
use drivers::document_printer::pwg;
use drivers::document_printer::simulator::{self, DocumentPrinterKnobs, Make, Pace, Printer};
use drivers::simulation::HttpPort;
use drivers::usb_stick::simulator::in_folder;
use kiosk::store::PageCounts;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use std::time::Instant;
use tempfile::TempDir;
use volume::simulator::{exfat, in_gpt};

const PAGES: u32 = 5;
const FILE: &str = "通知.pdf";
const FROM_STICK: &str = "打印 U 盘里的文件";
const CLOSED: &str = "打印机还在结束上一个人的打印";
/// More than a page of the document, and with all that the kernel holds for the dead still less than the whole.
const HALF_BYTES: u64 = 7_000_000;
/// More than any question, less than a page.
const QUESTION_BYTES: u64 = 100_000;
/// More than will ever come: counts what came by what is left of it.
const METER: u64 = u64::MAX / 2;

/// When the program dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The order is in the ledger, its pages are made ready.
    Asked,
    /// Marked in the ledger as on its way; the printer works for somebody else and has not a byte of it.
    Marked,
    /// The document is being sent.
    Sending,
    /// The same, to a printer that prints the whole pages of what it got.
    SendingToAnEagerOne,
    /// The printer has all of it, and its answer did not come.
    Unanswered,
    /// Pages come out.
    Printing,
    /// The last page has come out, and the printer was not asked since.
    Last,
}

/// The order as the ledger has it.
#[derive(Debug)]
struct Entry {
    state: String,
    ordered: u32,
    counts: PageCounts,
}

/// What stands in the hall beside the program: printer, stick, disk.
struct Place {
    printer: DocumentPrinterKnobs,
    folder: TempDir,
    _port: HttpPort<Printer>,
}

impl Place {
    fn new(step: Step) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let eager = step == Step::SendingToAnEagerOne;
        let make = Make { prints_broken_documents: eager, ..Make::default() };
        let (port, printer) = simulator::on_tcp(make, None).unwrap();
        let (slot, stick) = in_folder(&folder.path().join("slot")).unwrap();
        let letter = match step {
            Step::Marked | Step::Printing | Step::Last => document::pdf(PAGES as usize),
            // What takes its time to be made ready, and to be sent.
            _ => document::hatched_pdf(PAGES as usize),
        };
        stick.plug_in(&in_gpt(&exfat(8, &[(FILE, &letter)]))).unwrap();
        let settings =
            format!("[devices]\ndocument_printer = \"ipp://{}/ipp/print\"\nstick = \"{slot}\"\n", port.address());
        std::fs::write(folder.path().join("kiosk.toml"), settings).unwrap();
        Self { printer, folder, _port: port }
    }

    /// Starts the program on its disk.
    fn start(&self) -> Kiosk {
        Kiosk::start(&self.folder.path().join("data"), &self.folder.path().join("kiosk.toml"))
    }

    /// All orders, read beside the program or after its death.
    async fn ledger(&self) -> Vec<Entry> {
        let file = self.folder.path().join("data/kiosk/kiosk.db");
        let options = SqliteConnectOptions::new().filename(file).read_only(true).disable_statement_logging();
        let mut books: SqliteConnection = options.connect().await.unwrap();
        let rows: Vec<(String, u32, u32, u32, u32)> =
            sqlx::query_as("select state, ordered, printed, not_printed, not_certain from print_job order by job_no")
                .fetch_all(&mut books)
                .await
                .unwrap();
        let entry = |(state, ordered, printed, not_printed, not_certain)| {
            let counts = PageCounts { printed, not_printed, not_certain };
            Entry { state, ordered, counts }
        };
        rows.into_iter().map(entry).collect()
    }

    /// Waits until the order stands so in the ledger.
    async fn until_in_ledger(&self, state: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let ledger = self.ledger().await;
            if ledger.last().is_some_and(|entry| entry.state == state) {
                return;
            }
            assert!(Instant::now() < until, "the order is not {state}: {ledger:?}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until the printer is so.
    async fn until(&self, what: &str, holds: impl Fn(&DocumentPrinterKnobs) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !holds(&self.printer) {
            assert!(Instant::now() < until, "{what}: never");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// What must be so at the printer before the order is given.
    fn prepare(&self, step: Step) {
        match step {
            Step::Marked => self.printer.busy(true),
            Step::Sending | Step::SendingToAnEagerOne => self.printer.line(|line| {
                line.stalled_after = Some(HALF_BYTES);
                line.cut_after_received = Some(METER);
            }),
            Step::Unanswered => self.printer.line(|line| line.stalled_after = Some(QUESTION_BYTES)),
            Step::Asked | Step::Printing | Step::Last => {}
        }
    }

    /// Waits until the order, which was given, has come to this step.
    async fn reached(&self, step: Step, page: &Page, browser: &mut Chromium) {
        match step {
            Step::Asked => self.until_in_ledger("asked").await,
            Step::Marked => self.until_in_ledger("sending").await,
            Step::Sending | Step::SendingToAnEagerOne => {
                self.until("half of the document", |p| came(p) >= HALF_BYTES).await
            }
            Step::Unanswered => {
                self.until("a job", |printer| printer.jobs_waiting() == 1).await;
                self.printer.line(|line| (line.silent, line.stalled_after) = (true, None));
                self.until("the whole document", |printer| printer.documents().len() == 1).await;
            }
            Step::Printing => {
                self.until_in_ledger("accepted").await;
                assert_eq!(self.printer.print(2), 2);
                page.reads(browser, "正在打印第 3 页").await;
            }
            Step::Last => {
                self.until_in_ledger("accepted").await;
                self.printer.unplug(true);
                assert_eq!(self.printer.print(PAGES), PAGES);
            }
        }
    }

    /// What the printer goes on with while the terminal is dead.
    async fn goes_on_alone(&self, step: Step) {
        self.printer.busy(false);
        self.printer.line(|line| *line = Default::default());
        match step {
            Step::Sending | Step::SendingToAnEagerOne => {
                self.until("the end of the document", |printer| printer.documents().len() == 1).await;
                assert!(!self.printer.documents()[0].whole, "it died too late");
                assert_eq!(self.printer.print(1), u32::from(step == Step::SendingToAnEagerOne));
            }
            Step::Unanswered => assert_eq!(self.printer.print(PAGES), PAGES),
            Step::Printing => assert_eq!(self.printer.print(1), 1),
            Step::Asked | Step::Marked | Step::Last => {}
        }
    }

    /// Pages that may have been with the printer, or on their way to it, and had not come out.
    fn in_flight(&self, step: Step) -> u32 {
        let began = match (step, self.printer.documents().first()) {
            (Step::Asked, _) => 0,
            // All that the ledger can know: a printer that has no such job may as well have forgotten it.
            (Step::Marked, _) => PAGES,
            (_, None) => 0,
            (_, Some(document)) => {
                let (whole, ended) = pwg::count_pages(&document.bytes);
                whole + u32::from(!ended)
            }
        };
        began - self.came_out()
    }

    fn came_out(&self) -> u32 {
        self.printer.came_out().len() as u32
    }
}

/// Bytes that came over the line.
fn came(printer: &DocumentPrinterKnobs) -> u64 {
    let mut left = None;
    printer.line(|line| left = line.cut_after_received);
    METER - left.unwrap()
}

/// From the idle page to the ways of printing.
async fn at_the_menu(page: &Page, browser: &mut Chromium) {
    page.press(browser, "button", "触摸屏幕开始").await;
    page.press(browser, "button", "复印、打文件").await;
}

/// From the ways of printing to the touch that orders all pages of the file.
async fn orders(page: &Page, browser: &mut Chromium) {
    page.press(browser, "button", FROM_STICK).await;
    page.press(browser, "button", FILE).await;
    page.press(browser, "button", &format!("打印 {PAGES} 页")).await;
}

/// Dies at the step and starts again; returns what became of the order.
async fn killed_at(step: Step, browser: &mut Chromium) -> PageCounts {
    let place = Place::new(step);
    let program = place.start();
    let page = program.page(browser).await;
    at_the_menu(&page, browser).await;
    place.prepare(step);
    orders(&page, browser).await;
    place.reached(step, &page, browser).await;
    program.kill();
    if step == Step::Asked {
        assert_eq!(place.ledger().await[0].state, "asked", "it died too late");
    }
    place.goes_on_alone(step).await;
    let (received, came_out) = (place.printer.documents().len(), place.came_out());

    // The terminal is back before its printer is.
    place.printer.unplug(step != Step::Asked);
    let again = place.start();
    let page = again.page(browser).await;
    at_the_menu(&page, browser).await;
    if step != Step::Asked {
        page.reads(browser, CLOSED).await;
        // Reachable, but of what it answers nothing can be understood.
        place.printer.line(|line| (line.unplugged, line.garbled_answers) = (false, 2));
        place.until("a question in vain", |printer| garbled_left(printer) <= 1).await;
        page.reads(browser, CLOSED).await;
        assert_ne!(place.ledger().await[0].state, "ended", "{step:?}: settled without the printer's word");
    }
    page.sees(browser, "button", FROM_STICK).await;

    let ledger = place.ledger().await;
    let [Entry { state, ordered, counts }] = &ledger[..] else { panic!("{step:?}: {ledger:?}") };
    assert_eq!((state.as_str(), *ordered, counts.sum()), ("ended", PAGES, PAGES), "{step:?}: {counts:?}");
    assert_eq!(counts.printed, came_out, "{step:?}: {counts:?}");
    assert!(counts.not_certain <= place.in_flight(step), "{step:?}: {counts:?} of {}", place.in_flight(step));
    assert_eq!(place.printer.jobs_waiting(), 0, "{step:?}: the printer still has it");
    assert_eq!(place.printer.print(PAGES), 0, "{step:?}: and would go on");
    assert_eq!(place.printer.documents().len(), received, "{step:?}: sent again");
    let counts = *counts;
    if step == Step::Printing {
        the_next_citizen_prints(&place, &page, browser).await;
    }
    counts
}

/// Answers that will still be damaged.
fn garbled_left(printer: &DocumentPrinterKnobs) -> u32 {
    let mut left = 0;
    printer.line(|line| left = line.garbled_answers);
    left
}

async fn the_next_citizen_prints(place: &Place, page: &Page, browser: &mut Chromium) {
    place.printer.pace(Pace::AtOnce);
    orders(page, browser).await;
    page.reads(browser, &format!("{PAGES} 页已打印")).await;
    let printed = place.ledger().await[1].counts.printed;
    assert_eq!((printed, place.printer.documents().len()), (PAGES, 2));
}

/// What becomes of the pages, where it is the same each time.
fn expected(step: Step) -> Option<PageCounts> {
    let counts = |printed, not_printed, not_certain| Some(PageCounts { printed, not_printed, not_certain });
    match step {
        Step::Asked => counts(0, PAGES, 0),
        Step::Marked => counts(0, 0, PAGES),
        Step::Unanswered | Step::Last => counts(PAGES, 0, 0),
        // Two came out before, one while the terminal was dead; the next one lay in the paper path.
        Step::Printing => counts(3, 1, 1),
        // How far it had come is the kernel's.
        Step::Sending | Step::SendingToAnEagerOne => None,
    }
}

/// Goes through these steps, each with a place of its own.
fn killed_at_each(steps: &[Step], name: &str) {
    in_chromium(name, async |browser| {
        for step in steps {
            let counts = killed_at(*step, browser).await;
            let PageCounts { printed, not_printed, not_certain } = counts;
            println!("{step:?}: {printed} printed, {not_printed} not printed, {not_certain} not certain");
            assert_eq!(counts, expected(*step).unwrap_or(counts), "{step:?}");
        }
    });
}

#[test]
fn killed_before_the_printer_has_all_of_it_an_order_is_ended_there_and_adds_up() {
    killed_at_each(
        &[Step::Asked, Step::Marked, Step::Sending, Step::SendingToAnEagerOne],
        "killed_before_the_printer_has_all_of_it_an_order_is_ended_there_and_adds_up",
    );
}

#[test]
fn killed_while_pages_come_out_or_after_the_last_an_order_is_ended_there_and_adds_up() {
    killed_at_each(
        &[Step::Unanswered, Step::Printing, Step::Last],
        "killed_while_pages_come_out_or_after_the_last_an_order_is_ended_there_and_adds_up",
    );
}
