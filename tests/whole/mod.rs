//! The whole program as it runs in a hall: the real `kiosk`, seen through its browser view; the hall as a process
//! of its own; reader and printer on ptys of the test, which stay while the program dies. Any of the processes can
//! be killed for good (SIGKILL) and started again on what its disk holds.
// Each test uses its part.
#![allow(dead_code)]

#[path = "../browser/chromium.rs"]
pub mod chromium;
#[path = "../browser/errand.rs"]
pub mod errand;
pub mod hall;
#[path = "../browser/page.rs"]
pub mod page;

#[allow(unused_imports)]
pub use self::hall::HallProcess;

use chromium::Chromium;
use drivers::id_card_reader::simulator::{self as reader, PlainCard, ReaderKnobs, Sam, SimulatedCard};
use drivers::receipt_printer::Bitmap;
use drivers::receipt_printer::simulator::{self as printer, Printer, PrinterKnobs};
use drivers::simulation::PtyPort;
use kiosk::printing::Fonts;
use kiosk::printing::slip::{SlipContent, submission_slip};
use page::Page;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use wire::catalogue::Catalogue;

/// No printer takes longer, nor a start of the program.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks into the hall's books.
pub const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What stands in the hall beside the program: devices, settings, disk.
pub struct Place {
    pub reader: ReaderKnobs,
    pub printer: PrinterKnobs,
    folder: PathBuf,
    _ports: (PtyPort<Sam>, PtyPort<Printer>),
}

impl Place {
    /// With settings that invite the terminal to a hall; `invitation` is the text of its QR code.
    pub fn new(folder: &Path, invitation: &str) -> Self {
        let (reader_port, reader) = reader::on_pty().unwrap();
        let (printer_port, printer) = printer::on_pty().unwrap();
        let settings = format!(
            "[hall]\nenrolment_code = \"{invitation}\"\n[devices]\nid_card_reader = \"serial://{}?baud=115200\"\n\
             receipt_printer = \"serial://{}?baud=115200\"\n",
            reader_port.path().display(),
            printer_port.path().display()
        );
        std::fs::write(folder.join("kiosk.toml"), settings).unwrap();
        Self { reader, printer, folder: folder.to_owned(), _ports: (reader_port, printer_port) }
    }

    /// Lays a demo person's card on the reader.
    pub fn card(&self, demo_id: &str) {
        let catalogue = Catalogue::load(include_str!("../../assets/catalogue/catalogue.json")).unwrap().catalogue;
        let demo = catalogue.demo.unwrap();
        let person = demo.person(demo_id).unwrap();
        let card = PlainCard {
            kind: "resident".to_owned(),
            name: person.name.clone(),
            sex: person.sex.clone(),
            nation: person.ethnic.clone().unwrap(),
            birth: person.birth.clone(),
            address: person.address.clone().unwrap(),
            number: person.id_no.clone(),
            authority: person.issued_by.clone(),
            valid_from: person.valid_from.clone(),
            valid_until: person.valid_to.clone(),
            ..PlainCard::default()
        };
        self.reader.insert_card(SimulatedCard::from_plain(&card).unwrap());
    }

    /// Starts the program on its disk.
    pub fn start(&self) -> Kiosk {
        Kiosk::start(&self.folder.join("terminal"), &self.folder.join("kiosk.toml"))
    }
}

/// The running program.
pub struct Kiosk {
    process: Child,
    link: String,
}

impl Kiosk {
    /// Starts it on a data folder with settings.
    pub fn start(data: &Path, settings: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_kiosk"))
            .args(["--browser", "127.0.0.1:0", "--data"])
            .arg(data)
            .arg("--config")
            .arg(settings)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let link = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("Yimen: open ").map(str::to_owned))
            .expect("the program ended before it said where to look");
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, link }
    }

    pub async fn page(&self, browser: &mut Chromium) -> Page {
        Page::open(browser, &self.link).await
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a test with a browser, or says that it is skipped.
pub fn in_chromium(name: &str, test: impl AsyncFnOnce(&mut Chromium)) {
    let Some(program) = chromium::installed() else {
        println!("SKIPPED {name}: there is no Chromium on this machine (apt-get install chromium)");
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut browser = Chromium::start(program, &[]).await;
        test(&mut browser).await;
    });
}

/// Runs what blocks (another process, the hall's books) on a thread for it: the test's own belongs to the browser.
pub fn beside<T: Send>(blocking: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|threads| threads.spawn(blocking).join().unwrap())
}

/// What stands at the head of a slip, dot by dot: hall, title, and where the application is.
pub fn says(slip: &Bitmap, delivered: bool) -> bool {
    let fonts = Fonts::shipped().unwrap();
    let catalogue = Catalogue::load(include_str!("../../assets/catalogue/catalogue.json")).unwrap().catalogue;
    let with = |number: &str| {
        let mut content = SlipContent::default();
        content.hall.clone_from(&catalogue.hall.name_zh);
        content.number_small = number.to_owned();
        content.delivered = delivered;
        submission_slip(&content, &fonts)
    };
    // Down to the number, which differs from slip to slip, all are the same.
    let (one, other) = (with("1"), with("2"));
    let head = (0..one.height()).take_while(|y| one.row(*y) == other.row(*y)).count();
    assert!(head > 100, "a slip without a head");
    (0..slip.height().saturating_sub(head)).take(200).any(|top| (0..head).all(|y| slip.row(top + y) == one.row(y)))
}
