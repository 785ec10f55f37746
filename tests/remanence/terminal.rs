//! The terminal as a process of its own: this test program, started again with one test that is the terminal, with
//! its real screen and a hand at it. The typed answer comes over its input, unbuffered, and is dropped before the
//! farewell; the person comes over the reader's wire.

use crate::journey::{Golden, Hand, Stage};
use kiosk::config::Config;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::FromRawFd as _;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const ITEM: &str = "XC-RSJ-02";
/// Before each line that is ours, among those of the test harness.
const MARK: &str = "terminal: ";
const PATIENCE: Duration = Duration::from_secs(120);

/// Where the terminal stands: what of it is told by its environment.
pub struct Place {
    pub hall: String,
    pub code: String,
    pub reader: String,
    pub printer: String,
    /// Where paper is printed and copied; none applies for a service.
    pub paper: Option<PaperPlace>,
}

/// The devices of a terminal that prints and copies, and the folder that it may take for its temporary one.
#[derive(Clone)]
pub struct PaperPlace {
    pub printer: String,
    pub scanner: String,
    pub stick: String,
    pub temp: PathBuf,
}

/// The running process.
pub struct Process {
    child: Child,
    orders: ChildStdin,
    lines: Receiver<String>,
}

impl Process {
    pub fn start(place: &Place, answer: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        if let Some(paper) = &place.paper {
            command
                .env("YIMEN_TEST_DOCUMENT_PRINTER", &paper.printer)
                .env("YIMEN_TEST_DOCUMENT_SCANNER", &paper.scanner)
                .env("YIMEN_TEST_STICK", &paper.stick)
                .env("TMPDIR", &paper.temp);
        }
        let mut child = command
            .args(["--exact", "terminal_of_its_own", "--ignored", "--nocapture"])
            .env("YIMEN_TEST_HALL", &place.hall)
            .env("YIMEN_TEST_CODE", &place.code)
            .env("YIMEN_TEST_READER", &place.reader)
            .env("YIMEN_TEST_PRINTER", &place.printer)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut orders, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        orders.write_all(&[u8::try_from(answer.len()).unwrap()]).unwrap();
        orders.write_all(answer.as_bytes()).unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some((_, said)) = line.split_once(MARK)
                    && sender.send(said.to_owned()).is_err()
                {
                    return;
                }
            }
        });
        Self { child, orders, lines }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its data folder.
    pub fn folder(&mut self) -> PathBuf {
        PathBuf::from(self.wait("folder "))
    }

    /// Waits until it says this; what follows on the line.
    pub fn wait(&mut self, wanted: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("the terminal never said {wanted}"));
            if let Some(rest) = line.strip_prefix(wanted) {
                return rest.to_owned();
            }
        }
    }

    pub fn go_on(&mut self) {
        self.orders.write_all(b"!").unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The terminal itself.
pub fn run() {
    let Ok(hall) = std::env::var("YIMEN_TEST_HALL") else { return };
    let set = |name: &str| std::env::var(name).unwrap();
    // SAFETY: a setting of the allocator; what is freed is overwritten. The program sets it at its start, too.
    unsafe { libc::mallopt(libc::M_PERTURB, 0xA5) };
    // SAFETY: the descriptor is this process's input and nobody else reads it: std's own buffer must not.
    let mut orders = unsafe { File::from_raw_fd(0) };
    let mut config = Config::load(None).unwrap();
    config.terminal.number = "007".into();
    config.hall.address = hall;
    config.hall.enrolment_code = set("YIMEN_TEST_CODE");
    config.devices.id_card_reader = set("YIMEN_TEST_READER");
    config.devices.receipt_printer = set("YIMEN_TEST_PRINTER");
    let paper = std::env::var("YIMEN_TEST_STICK").ok();
    if let Some(stick) = &paper {
        config.devices.document_printer = set("YIMEN_TEST_DOCUMENT_PRINTER");
        config.devices.document_scanner = set("YIMEN_TEST_DOCUMENT_SCANNER");
        config.devices.stick.clone_from(stick);
    }
    let stage = Stage::with(config);
    say(&format!("folder {}", stage.hall_folder().parent().unwrap().display()));
    let mut hand = Hand::at(&stage);
    if paper.is_some() {
        return crate::paper::run(&mut hand, &mut orders);
    }
    apply(&mut hand, &mut orders);
    say("delivered");
    go_on(&mut orders);
    hand.leave();
    say("farewell");
    go_on(&mut orders);
    hand.start_terminal();
    hand.view();
    go_on(&mut orders);
}

/// All that holds the answer in this test ends with this function.
fn apply(hand: &mut Hand, orders: &mut File) {
    let mut length = [0];
    orders.read_exact(&mut length).unwrap();
    let mut answer = vec![0; usize::from(length[0])];
    orders.read_exact(&mut answer).unwrap();
    let mut golden = Golden::load(ITEM);
    golden.answers["live_addr"] = String::from_utf8(answer).unwrap().into();
    hand.open(ITEM);
    hand.for_whom("self");
    say("for whom");
    hand.cards(&golden);
    hand.answer(&golden);
    hand.materials(&golden);
    assert!(hand.submit(&golden).delivered);
}

pub fn go_on(orders: &mut File) {
    // At the end of the input the test is over, too.
    let _ = orders.read(&mut [0]);
}

pub fn say(line: &str) {
    println!("{MARK}{line}");
    std::io::stdout().flush().unwrap();
}
