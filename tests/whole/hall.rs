//! The hall as a process of its own: this test program, started again with one test that is the hall. It says on
//! its output what it is asked on its input.

use ::hall::{Hall, HallConfig};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// The test that is the hall, at the root of each test program that starts one.
const TEST: &str = "hall_of_its_own";
const FOLDER: &str = "YIMEN_TEST_HALL_FOLDER";
/// Before each line that is ours, among those of the test harness.
const MARK: &str = "hall: ";

/// The hall's process.
pub struct HallProcess {
    process: Child,
    orders: ChildStdin,
    lines: Receiver<String>,
}

impl HallProcess {
    /// Starts it on its disk and waits until it listens.
    pub fn start(folder: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", TEST, "--ignored", "--nocapture"])
            .env(FOLDER, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (orders, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
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
        let started = Self { process, orders, lines };
        assert_eq!(started.answer(), "listens");
        started
    }

    /// The text of a new terminal's QR code.
    pub fn invitation(&mut self) -> String {
        self.ask("code")
    }

    /// Makes a verified copy on the second medium.
    pub fn backup(&mut self) {
        assert_eq!(self.ask("backup"), "copied");
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn ask(&mut self, order: &str) -> String {
        writeln!(self.orders, "{order}").unwrap();
        self.answer()
    }

    fn answer(&self) -> String {
        self.lines.recv_timeout(super::PATIENCE).expect("the hall does not answer")
    }
}

impl Drop for HallProcess {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Its settings: data and second medium below one folder, copies only when asked for.
pub fn config(folder: &Path) -> HallConfig {
    let mut config = HallConfig::demo(&folder.join("hall"));
    config.backup.every_seconds = 3_600;
    config.backup.second_medium = folder.join("second");
    config
}

/// The hall itself: until its input ends, or it is killed.
pub fn run() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let hall = Hall::start(config(&folder)).unwrap();
    say("listens");
    for order in std::io::stdin().lines().map_while(Result::ok) {
        match order.as_str() {
            "code" => say(&hall.enrolment_code("007", "大厅东门").unwrap().qr),
            "backup" => {
                hall.backup().unwrap();
                say("copied");
            }
            other => panic!("no such order: {other}"),
        }
    }
}

fn say(line: &str) {
    println!("{MARK}{line}");
    std::io::stdout().flush().unwrap();
}
