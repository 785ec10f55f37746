//! A terminal as a process of its own, so that it can be killed for good (SIGKILL): this test program, started again
//! with one test that is the terminal. It says on its output what happened; its input tells it to submit.

use crate::rim::{Filled, Submitted, Terminal};
use kiosk::sync::{HallAccess, SyncEvent};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const DATA: &str = "YIMEN_TEST_DATA";
const HALL: &str = "YIMEN_TEST_HALL";
/// Before each line that is ours, among those of the test harness.
const MARK: &str = "terminal: ";
const PATIENCE: Duration = Duration::from_secs(60);

/// The terminal's process.
pub struct Child {
    process: std::process::Child,
    orders: ChildStdin,
    lines: Receiver<String>,
}

impl Child {
    pub fn start(data: &Path, hall: SocketAddr) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "terminal_of_its_own", "--ignored", "--nocapture"])
            .env(DATA, data)
            .env(HALL, hall.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let (orders, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // The harness writes its own words without ending the line.
                if let Some((_, said)) = line.split_once(MARK)
                    && sender.send(said.to_owned()).is_err()
                {
                    return;
                }
            }
        });
        Self { process, orders, lines }
    }

    /// Has it submit the golden answers; returns once it said that they are stored.
    pub fn submit(&mut self) -> Submitted {
        writeln!(self.orders, "submit").unwrap();
        let said = self.wait("stored ");
        let words: Vec<&str> = said.split(' ').collect();
        Submitted { id: words[0].to_owned(), number: words[1].to_owned(), submitted_at_ms: words[2].parse().unwrap() }
    }

    pub fn wait_offline(&mut self) {
        self.wait("offline");
    }

    pub fn wait_receipt(&mut self, id: &str) {
        self.wait(&format!("receipt {id}"));
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Waits for a line; what follows on it.
    fn wait(&mut self, wanted: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).unwrap_or_else(|_| panic!("the terminal never said {wanted}"));
            if let Some(rest) = line.strip_prefix(wanted) {
                return rest.to_owned();
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The terminal itself: until its input ends, or it is killed.
pub fn run() {
    let (Ok(data), Ok(hall)) = (std::env::var(DATA), std::env::var(HALL)) else { return };
    let access = HallAccess { address: hall, ..HallAccess::default() };
    let mut terminal = Terminal::start(&PathBuf::from(data), "007", access);
    let (sender, orders) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    loop {
        match orders.try_recv() {
            Ok(_) => {
                let stored = terminal.submit(&Filled::golden(crate::ITEM));
                say(&format!("stored {} {} {}", stored.id, stored.number, stored.submitted_at_ms));
            }
            Err(std::sync::mpsc::TryRecvError::Empty) => {}
            Err(std::sync::mpsc::TryRecvError::Disconnected) => return,
        }
        match terminal.next_event() {
            Some(SyncEvent::Offline { why }) => say(&format!("offline {why}")),
            Some(SyncEvent::Receipt { submission_id }) => say(&format!("receipt {submission_id}")),
            _ => {}
        }
    }
}

fn say(line: &str) {
    println!("{MARK}{line}");
    std::io::stdout().flush().unwrap();
}
