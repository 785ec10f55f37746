//! The ledger under random schedules: a simulated printer that runs out of paper, jams, is opened, unplugged,
//! switched off; a citizen who stops or leaves; a terminal that dies. Afterwards the ledger must add up and agree
//! with the paper that came out. Seeded: a failing schedule prints its number and runs alone with it.

use drivers::Stop;
use drivers::document_printer::pwg::{ColorSpace, Raster, RasterFormat, RasterPage};
use drivers::document_printer::simulator::{DocumentPrinterKnobs, Make, in_memory};
use drivers::document_printer::{A4, DocumentFormat, JobTicket, SheetBack, Sides};
use kiosk::app::{open_jobs, record};
use kiosk::devices::{DocumentPrinter, Health, Pace, PaperJob, Told};
use kiosk::store::{NewPrintJob, Options, PageCounts, PrintKind, Store};
use std::io::Read;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

/// Pages of the largest order.
const PAGES_MAX: u32 = 6;
const USER: &str = "yimen-007";
/// As fast as threads go: the schedules know no clock.
const PACE: Pace =
    Pace { follow: Duration::from_micros(200), status: Duration::from_millis(1), retry: Duration::from_micros(300) };
/// Longest wait for a settlement; only a broken ledger reaches it.
const PATIENCE: Duration = Duration::from_secs(120);
/// The act of a schedule that switches the printer off and on.
const POWER_CYCLE: u64 = 12;
/// Bytes that a driver may have handed to the line and the printer has not seen, at most.
const ON_THE_LINE: u64 = 64 * 1024;

/// A small generator, so that a schedule is the same everywhere (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.roll() % n
    }
}

/// A document and where each of its pages begins.
type Document = (Zeroizing<Vec<u8>>, Vec<u64>);

/// The documents of all orders, made once: their noise is most of the work.
static DOCUMENTS: LazyLock<Vec<[Document; 2]>> = LazyLock::new(|| {
    let both = |pages| [document(pages, Sides::OneSided), document(pages, Sides::TwoSidedLongEdge)];
    (1..=PAGES_MAX).map(both).collect()
});

/// A document of noisy pages.
fn document(pages: u32, sides: Sides) -> Document {
    let page = |number: u32| {
        let mut dice = Dice::new(u64::from(number));
        let dots = (0..300 * 300).map(|_| dice.roll() as u8).collect();
        Ok(RasterPage { width: 300, height: 300, color: ColorSpace::Gray, dots: Zeroizing::new(dots) })
    };
    let format =
        RasterFormat { dpi: 300, sides, media: A4.to_owned(), sheet_back: SheetBack::Normal, total_pages: pages };
    let mut raster = Raster::new(format, (0..pages).map(page));
    let mut bytes = Zeroizing::new(Vec::new());
    raster.read_to_end(&mut bytes).unwrap();
    let starts = raster.page_starts().to_vec();
    (bytes, starts)
}

/// A terminal's printing half: thread and ledger.
pub(super) struct Terminal {
    printer: Option<DocumentPrinter>,
    pub(super) told: Receiver<Told>,
    pub(super) store: Store,
}

impl Terminal {
    pub(super) fn start(runtime: &Runtime, folder: &Path, knobs: &DocumentPrinterKnobs) -> Self {
        let store = runtime.block_on(Store::open(Options::new(folder))).unwrap();
        let open = runtime.block_on(store.open_print_jobs()).unwrap();
        let (sender, told) = channel();
        let driver = Box::new(knobs.driver(USER));
        let printer = DocumentPrinter::start(
            (driver, PACE),
            open_jobs(open),
            Health::default(),
            |_| {},
            move |news| {
                drop(sender.send(news));
            },
        );
        Self { printer: Some(printer), told, store }
    }

    pub(super) fn printer(&self) -> &DocumentPrinter {
        self.printer.as_ref().unwrap()
    }

    /// Writes down what was told so far; returns it.
    pub(super) fn write_down(&self, runtime: &Runtime) -> Vec<Told> {
        let news: Vec<Told> = self.told.try_iter().collect();
        for told in &news {
            runtime.block_on(record(&self.store, told)).unwrap();
        }
        news
    }

    /// Dies: what was told and not yet written down is lost.
    pub(super) fn die(mut self, runtime: &Runtime) {
        // The thread ends with its queue; it sends nothing more, and nobody listens to it.
        drop(self.told);
        drop(self.printer.take());
        let store = self.store;
        runtime.block_on(async move { drop(store) });
    }
}

/// What a schedule has come to, for the count at the end.
#[derive(Default)]
pub struct Tally {
    pub orders: u32,
    pub deaths: u32,
    pub counts: PageCounts,
}

pub(super) struct Order {
    pub(super) job_no: u64,
    pub(super) name: String,
    pub(super) pages: u32,
    pub(super) two_sided: bool,
    pub(super) starts: Vec<u64>,
    pub(super) stop: Stop,
    /// Documents of this order at the printer when its session ended.
    pub(super) at_end: Option<usize>,
    /// The terminal died meanwhile: how much had been sent died with it.
    pub(super) died: bool,
    /// The printer was switched off meanwhile: it does not remember how much it had received.
    pub(super) forgotten: bool,
}

/// One schedule.
pub fn schedule(seed: u64, tally: &mut Tally) {
    let mut dice = Dice::new(seed);
    let make = Make {
        keeps_jobs: dice.below(4) == 0,
        prints_broken_documents: dice.below(2) == 0,
        counts_late_by: dice.below(2) as u32,
        creates_jobs: dice.below(2) == 0,
        ..Make::default()
    };
    let (_, knobs) = in_memory(make);
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut terminal = Terminal::start(&runtime, folder.path(), &knobs);
    for number in 0..1 + dice.below(3) {
        let order = ask(&mut dice, (&runtime, &terminal), (seed, number));
        let mut order = hand_over(order, &terminal, &runtime);
        for _ in 0..2 + dice.below(8) {
            match dice.below(16) {
                0 => {
                    terminal.die(&runtime);
                    terminal = Terminal::start(&runtime, folder.path(), &knobs);
                    tally.deaths += 1;
                    order.died = true;
                }
                1 => leave(&mut order, &terminal, &knobs),
                2 | 3 => stop(&order, &terminal, false),
                act => {
                    order.forgotten |= act == POWER_CYCLE;
                    fault(&mut dice, act, &knobs);
                }
            }
            terminal.write_down(&runtime);
        }
        heal(&knobs);
        leave(&mut order, &terminal, &knobs);
        let counts = settled(&order, (&terminal, &runtime), (&knobs, seed));
        check(seed, &order, counts, &knobs);
        tally.orders += 1;
        tally.counts.printed += counts.printed;
        tally.counts.not_printed += counts.not_printed;
        tally.counts.not_certain += counts.not_certain;
    }
}

/// Writes an order down, as the app does.
fn ask(dice: &mut Dice, (runtime, terminal): (&Runtime, &Terminal), (seed, number): (u64, u64)) -> Order {
    let (pages, two_sided) = (1 + dice.below(u64::from(PAGES_MAX)) as u32, dice.below(3) == 0);
    let name = format!("yimen-{seed:x}-{number}");
    let job =
        NewPrintJob { kind: PrintKind::Print, job_name: name.clone(), ordered: pages, two_sided, quota_job: None };
    let job_no = runtime.block_on(terminal.store.print_asked(&job)).unwrap();
    Order {
        job_no,
        name,
        pages,
        two_sided,
        starts: Vec::new(),
        stop: Stop::new(),
        at_end: None,
        died: false,
        forgotten: false,
    }
}

pub(super) fn hand_over(mut order: Order, terminal: &Terminal, runtime: &Runtime) -> Order {
    let sides = if order.two_sided { Sides::TwoSidedLongEdge } else { Sides::OneSided };
    let (bytes, starts) = DOCUMENTS[order.pages as usize - 1][usize::from(order.two_sided)].clone();
    order.starts.clone_from(&starts);
    runtime.block_on(terminal.store.print_sending(order.job_no)).unwrap();
    let ticket = JobTicket { sides, ..JobTicket::a4(order.name.clone(), DocumentFormat::PwgRaster) };
    let taken = terminal.printer().print(PaperJob {
        order: Some(1),
        job_no: order.job_no,
        ticket,
        document: bytes,
        page_starts: starts,
        two_sided: order.two_sided,
        stop: order.stop.clone(),
    });
    assert!(taken);
    order
}

pub(super) fn stop(order: &Order, terminal: &Terminal, session_over: bool) {
    order.stop.request();
    terminal.printer().end(1, session_over);
}

/// The session ends; from here on nothing of the order may be sent.
fn leave(order: &mut Order, terminal: &Terminal, knobs: &DocumentPrinterKnobs) {
    stop(order, terminal, true);
    if order.at_end.is_none() {
        order.at_end = Some(documents_of(&order.name, knobs).len());
    }
}

pub(super) fn documents_of(name: &str, knobs: &DocumentPrinterKnobs) -> Vec<u64> {
    knobs
        .documents()
        .iter()
        .filter(|document| document.job == name)
        .map(|document| document.bytes.len() as u64)
        .collect()
}

fn fault(dice: &mut Dice, act: u64, knobs: &DocumentPrinterKnobs) {
    match act {
        4..=7 => _ = knobs.print(1 + dice.below(3) as u32),
        8 => knobs.paper_out(dice.below(2) == 0),
        9 => knobs.jam(dice.below(2) == 0),
        10 => knobs.cover_open(dice.below(2) == 0),
        11 => knobs.unplug(dice.below(2) == 0),
        POWER_CYCLE => knobs.power_cycle(),
        13 => knobs.drop_after(dice.below(400_000)),
        14 => knobs.abort_after(dice.below(4) as u32),
        _ => {
            let silent = dice.below(2) == 0;
            knobs.line(|line| line.silent = silent);
        }
    }
}

pub(super) fn heal(knobs: &DocumentPrinterKnobs) {
    knobs.line(|line| *line = Default::default());
    knobs.paper_out(false);
    knobs.jam(false);
    knobs.cover_open(false);
}

/// Waits until the ledger has settled the order.
pub(super) fn settled(
    order: &Order,
    (terminal, runtime): (&Terminal, &Runtime),
    (knobs, seed): (&DocumentPrinterKnobs, u64),
) -> PageCounts {
    let end = Instant::now() + PATIENCE;
    loop {
        terminal.write_down(runtime);
        if let Some(counts) = runtime.block_on(terminal.store.print_counts(order.job_no)).unwrap() {
            return counts;
        }
        assert!(Instant::now() < end, "schedule {seed}: never settled; {} jobs wait", knobs.jobs_waiting());
        // Something is told with each question, so this waits on the thread, not on time.
        if let Ok(told) = terminal.told.recv_timeout(Duration::from_millis(20)) {
            runtime.block_on(record(&terminal.store, &told)).unwrap();
        }
    }
}

/// The ledger adds up and agrees with the paper.
pub(super) fn check(seed: u64, order: &Order, counts: PageCounts, knobs: &DocumentPrinterKnobs) {
    assert_eq!(counts.sum(), order.pages, "schedule {seed}: {counts:?} of {}", order.pages);
    let came = knobs.came_out().iter().filter(|side| side.job == order.name).count() as u32;
    assert!(
        counts.printed <= came && came <= counts.printed + counts.not_certain,
        "schedule {seed}: {came} sides came out, the ledger says {counts:?}"
    );
    let received = documents_of(&order.name, knobs);
    assert!(received.len() <= 1, "schedule {seed}: sent twice");
    let could_have = received.first().map_or(ON_THE_LINE, |bytes| bytes + ON_THE_LINE);
    let begun = order.starts.iter().filter(|start| **start < could_have).count() as u32;
    assert!(
        order.died || order.forgotten || counts.printed + counts.not_certain <= begun,
        "schedule {seed}: {counts:?}, but only {begun} pages began within what was sent"
    );
    if let Some(at_end) = order.at_end {
        // What was on its way as the session ended may have come to its end, broken off.
        assert!(received.len() <= at_end.max(1), "schedule {seed}: sent after the session");
    }
    assert_eq!(knobs.jobs_waiting(), 0, "schedule {seed}: settled while the printer still has it");
}
