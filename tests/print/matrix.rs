//! Each fault at each step of an order: the ledger adds up, not more is uncertain than was on its way, nothing is sent
//! twice, and the screen said so. The real session, the printer's thread, the store and the driver; the printer is
//! simulated at its bytes.

use super::ledger::{Order, Terminal, check, documents_of, hand_over, heal, settled, stop};
use drivers::Stop;
use drivers::document_printer::simulator::{DocumentPrinterKnobs, Make, Pace, in_memory};
use kiosk::app::{record, said};
use kiosk::content::Content;
use kiosk::session::{
    CameFrom, Capabilities, Effect, Event, HallEvent, Moment, PaperCan, PaperEvent, PaperWant, Session,
};
use kiosk::store::{NewPrintJob, PageCounts, PrintKind};
use kiosk::view::{Action, Page, Tool};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const PAGES: u32 = 4;
/// A page that did not come by then never will.
const PATIENCE: Duration = Duration::from_secs(120);

static CONTENT: LazyLock<Arc<Content>> =
    LazyLock::new(|| Arc::new(Content::load(include_str!("../../assets/catalogue/catalogue.json"), 1).unwrap()));

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    PaperOut,
    Jam,
    CoverOpen,
    PowerCycle,
    LineDrops,
    TerminalDies,
    DoubleTap,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Before a byte has left.
    Before,
    /// On its way to the printer.
    Sending,
    /// The first page has come out.
    Printing,
    /// The last page has come out, and the printer was not asked yet.
    Last,
}

const FAULTS: [Fault; 7] = [
    Fault::PaperOut,
    Fault::Jam,
    Fault::CoverOpen,
    Fault::PowerCycle,
    Fault::LineDrops,
    Fault::TerminalDies,
    Fault::DoubleTap,
];
const STEPS: [Step; 4] = [Step::Before, Step::Sending, Step::Printing, Step::Last];

impl Fault {
    fn strike(self, knobs: &DocumentPrinterKnobs) {
        match self {
            Self::PaperOut => knobs.paper_out(true),
            Self::Jam => knobs.jam(true),
            Self::CoverOpen => knobs.cover_open(true),
            Self::PowerCycle => knobs.power_cycle(),
            Self::LineDrops => knobs.unplug(true),
            Self::TerminalDies | Self::DoubleTap => {}
        }
    }

    /// What the screen says while it stops the printer.
    fn word(self) -> Option<&'static str> {
        match self {
            Self::PaperOut => Some("纸用完"),
            Self::Jam => Some("卡纸"),
            Self::CoverOpen => Some("盖子开着"),
            _ => None,
        }
    }
}

/// A citizen before the screen, with a document of so many pages in the preview.
struct Citizen {
    session: Session,
    /// All that the pages of printing said.
    heard: Vec<String>,
}

fn can(print: bool, finishing: bool) -> Event {
    let paper = PaperCan { print, finishing, upload: true, ..PaperCan::default() };
    Event::Capabilities(Capabilities { paper, ..Capabilities::default() })
}

impl Citizen {
    fn new() -> Self {
        let now = Moment { date: jiff::civil::date(2026, 11, 24), time: jiff::civil::time(10, 0, 0, 0) };
        let mut session = Session::new(CONTENT.clone(), "007", now);
        session.handle(Event::Hall(HallEvent::Online { staff_listens: true, public_url: None }));
        session.handle(can(true, false));
        session.handle(Event::Action(Action::Start));
        session.handle(Event::Action(Action::OpenTile("copy".into())));
        Self { session, heard: Vec::new() }
    }

    fn at_preview() -> Self {
        let mut citizen = Self::new();
        citizen.session.handle(Event::Action(Action::OpenRow("phone".into())));
        citizen.session.handle(Event::Paper(PaperEvent::Arrived {
            doc: 1,
            name: "a.pdf".into(),
            from: CameFrom::Hall,
        }));
        citizen.session.handle(Event::Paper(PaperEvent::Opened { doc: 1, pages: PAGES, all_a4: true }));
        citizen.session.handle(Event::Action(Action::OpenRow("doc:1".into())));
        citizen
    }

    /// Touches; how many orders came of it, and whether the end of one was wanted.
    fn touch(&mut self, action: Action) -> (usize, bool) {
        let effects = self.session.handle(Event::Action(action));
        let wants = |is: fn(&PaperWant) -> bool| {
            effects.iter().filter(|effect| matches!(effect, Effect::Paper(want) if is(want))).count()
        };
        (
            wants(|want| matches!(want, PaperWant::Print(_))),
            wants(|want| matches!(want, PaperWant::StopPrinting { .. })) > 0,
        )
    }

    fn hear(&mut self, event: Event) {
        self.session.handle(event);
        match self.session.view().page {
            Page::Printing(page) => self.heard.push(format!("{} {}", page.now, page.trouble.join(" "))),
            Page::Printed(page) => self.heard.push(format!("{} {}", page.title, page.lines.join(" "))),
            _ => {}
        }
    }

    fn heard(&self, words: &str) -> bool {
        self.heard.iter().any(|said| said.contains(words))
    }

    fn is_over(&self) -> bool {
        matches!(self.session.view().page, Page::Printed(_))
    }
}

/// One cell's world.
struct Cell {
    fault: Fault,
    step: Step,
    knobs: DocumentPrinterKnobs,
    runtime: Runtime,
    folder: tempfile::TempDir,
    terminal: Terminal,
    citizen: Citizen,
}

impl Cell {
    fn new(fault: Fault, step: Step) -> Self {
        let (_, knobs) = in_memory(Make::default());
        knobs.pace(Pace::OnCommand);
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let terminal = Terminal::start(&runtime, folder.path(), &knobs);
        Self { fault, step, knobs, runtime, folder, terminal, citizen: Citizen::at_preview() }
    }

    /// The order, written down as the app does.
    fn order(&self) -> Order {
        let name = format!("yimen-{:?}-{:?}", self.fault, self.step);
        let job = NewPrintJob {
            kind: PrintKind::Print,
            job_name: name.clone(),
            ordered: PAGES,
            two_sided: false,
            quota_job: None,
        };
        let job_no = self.runtime.block_on(self.terminal.store.print_asked(&job)).unwrap();
        let (starts, stop) = (Vec::new(), Stop::new());
        Order {
            job_no,
            name,
            pages: PAGES,
            two_sided: false,
            starts,
            stop,
            at_end: None,
            died: false,
            forgotten: false,
        }
    }

    /// What was told so far goes into the ledger and onto the screen.
    fn tell(&mut self) {
        if let Ok(told) = self.terminal.told.recv_timeout(Duration::from_millis(5)) {
            self.runtime.block_on(record(&self.terminal.store, &told)).unwrap();
            said(&told).into_iter().for_each(|event| self.citizen.hear(event));
        }
        for told in self.terminal.write_down(&self.runtime) {
            said(&told).into_iter().for_each(|event| self.citizen.hear(event));
        }
    }

    fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds(self) {
            self.tell();
            assert!(Instant::now() < end, "{:?} {:?}: {what}; heard {:#?}", self.fault, self.step, self.citizen.heard);
        }
    }

    fn run(mut self) -> PageCounts {
        if self.step == Step::Before {
            self.fault.strike(&self.knobs);
        }
        let (orders, _) = self.citizen.touch(Action::Next);
        assert_eq!(orders, 1);
        if self.fault == Fault::DoubleTap {
            assert_eq!(self.citizen.touch(Action::Next).0, 0, "the second touch orders nothing");
        }
        let order = self.order();
        let order = hand_over(order, &self.terminal, &self.runtime);
        match self.step {
            Step::Before => {}
            Step::Sending => self.fault.strike(&self.knobs),
            Step::Printing | Step::Last => {
                let pages = if self.step == Step::Last { PAGES } else { 1 };
                let knobs = self.knobs.clone();
                self.until("the printer at work", |_| knobs.jobs_waiting() > 0 && knobs.print(1) == 1);
                if self.step == Step::Printing {
                    self.until("the first page said", |cell| cell.citizen.heard("正在打印第 2 页"));
                } else {
                    knobs.print(pages - 1);
                }
                self.fault.strike(&self.knobs);
            }
        }
        if self.fault == Fault::TerminalDies { self.died(order) } else { self.goes_on(order) }
    }

    /// The citizen stays, reads what is said and stops what does not go on.
    fn goes_on(mut self, order: Order) -> PageCounts {
        let word = self.fault.word().filter(|_| self.step == Step::Printing);
        if let Some(word) = word {
            self.until("the trouble on the screen", |cell| cell.citizen.heard(word));
        }
        let twice = self.fault == Fault::DoubleTap;
        if twice && self.step != Step::Printing {
            // Nothing is wrong: all pages come.
            let knobs = self.knobs.clone();
            self.until("all pages", |cell| {
                knobs.print(1);
                cell.citizen.is_over()
            });
        } else {
            for _ in 0..if twice { 2 } else { 1 } {
                if self.citizen.touch(Action::Use(Tool::StopPrinting)).1 {
                    stop(&order, &self.terminal, false);
                }
            }
        }
        self.until("an end on the screen", |cell| cell.citizen.is_over());
        heal(&self.knobs);
        self.knobs.unplug(false);
        let counts = settled(&order, (&self.terminal, &self.runtime), (&self.knobs, 0));
        check(0, &order, counts, &self.knobs);
        let said = self.citizen.heard.last().cloned().unwrap_or_default();
        if !said.contains("没有应答") {
            // What the screen says is what the ledger says, page by page.
            let PageCounts { printed, not_printed, not_certain } = counts;
            let printed_words = if printed == PAGES {
                format!("{printed} 页已打印")
            } else if printed + not_certain == 0 {
                "没有打印".to_owned()
            } else {
                format!("已打印 {printed} 页，共 {PAGES} 页")
            };
            assert!(said.contains(&printed_words), "{counts:?}: {said}");
            for (pages, words) in [(not_printed, "没有打印，不计入额度"), (not_certain, "不能确定")] {
                assert!(pages == 0 || said.contains(&format!("{pages} 页{words}")), "{counts:?}: {said}");
            }
        }
        assert!(documents_of(&order.name, &self.knobs).len() <= 1);
        counts
    }

    /// The terminal is gone, and starts again: closed to the next citizen until the printer says that it ended.
    fn died(self, mut order: Order) -> PageCounts {
        let Self { knobs, runtime, folder, terminal, .. } = self;
        order.died = true;
        terminal.die(&runtime);
        let terminal = Terminal::start(&runtime, folder.path(), &knobs);
        let mut next = Citizen::new();
        let open = runtime.block_on(terminal.store.print_counts(order.job_no)).unwrap().is_none();
        if open && terminal.printer().standing().finishing {
            next.session.handle(can(false, true));
            let Page::PaperMenu(menu) = next.session.view().page else { panic!("no menu") };
            assert!(menu.ways.iter().all(|way| way.reason.contains("上一个人")), "{menu:?}");
        }
        let counts = settled(&order, (&terminal, &runtime), (&knobs, 0));
        check(0, &order, counts, &knobs);
        let end = Instant::now() + PATIENCE;
        while terminal.printer().standing().finishing {
            assert!(Instant::now() < end, "closed for ever");
            terminal.write_down(&runtime);
            std::thread::yield_now();
        }
        counts
    }
}

#[test]
fn every_fault_at_every_step_adds_up_and_the_screen_says_so() {
    for fault in FAULTS {
        for step in STEPS {
            let counts = Cell::new(fault, step).run();
            let PageCounts { printed, not_printed, not_certain } = counts;
            println!("{fault:?} {step:?}: {printed} printed, {not_printed} not printed, {not_certain} not certain");
            assert_eq!(counts.sum(), PAGES);
        }
    }
}
