//! Real programs that drivers meet in tests: started privately, waited for, ended when dropped. Where one is not
//! installed the test says so by name and is skipped; on continuous integration that is a failure.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long a program may take to be there, or a condition to come true, on a machine with much to do.
pub const SOON: Duration = Duration::from_secs(60);

/// Whether a program is here; says by name that the test is skipped where it is not.
pub fn is_here(program: &str) -> bool {
    let places = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/usr/lib/cups/filter";
    let found = places.split(':').any(|place| Path::new(place).join(program).exists());
    if !found {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{program} is not here: nothing is skipped on CI");
        println!("skipped: {program}");
    }
    found
}

/// Looks until a condition is true.
#[track_caller]
pub fn wait_until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + SOON;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "{what} did not come");
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// A program that ends with the test.
pub struct Running(Child);

impl Running {
    pub fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

pub fn wait_for_port(port: u16) {
    wait_until("the program's port", || TcpStream::connect(("127.0.0.1", port)).ok());
}

/// A page of a program's own web pages, asked for by GET.
pub fn get(port: u16, target: &str) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n").unwrap();
    // Its pages end long before the connection does: it waits half a minute for another question.
    let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
    while !answer.windows(7).any(|end| end == b"</html>") {
        match stream.read(&mut piece) {
            Ok(n) if n > 0 => answer.extend_from_slice(&piece[..n]),
            _ => break,
        }
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer[..answer.len().min(80)]));
}

/// CUPS's test printer with a private message bus; what it says of a job is written into its pipe.
pub struct IppEvePrinter {
    pub port: u16,
    folder: TempDir,
    _printer: Running,
    _bus: Running,
}

impl IppEvePrinter {
    /// `None` where it is not installed.
    pub fn start() -> Option<Self> {
        if !(is_here("ippeveprinter") && is_here("dbus-daemon")) {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let bus = format!("unix:path={}", path("bus").display());
        let address = format!("--address={bus}");
        let daemon = Running::start(Command::new("dbus-daemon").args(["--session", "--nofork", &address]));
        wait_until("the message bus", || path("bus").exists().then_some(()));
        std::fs::create_dir(path("spool")).unwrap();
        assert!(Command::new("mkfifo").arg(path("words")).status().unwrap().success());
        let script = format!(
            "#!/bin/sh\nwhile read -r line; do case \"$line\" in end) exit 0;; fail) exit 1;; *) echo \"$line\" >&2;; \
             esac; done < {}\n",
            path("words").display()
        );
        std::fs::write(path("print.sh"), script).unwrap();
        assert!(Command::new("chmod").arg("755").arg(path("print.sh")).status().unwrap().success());
        let port = free_port();
        let mut command = Command::new("ippeveprinter");
        command.args(["-p", &port.to_string(), "-k", "-r", "off", "-n", "localhost", "-2", "-s", "10,10"]);
        command.args(["-f", "application/pdf,image/jpeg,image/pwg-raster"]);
        command.arg("-d").arg(path("spool")).arg("-c").arg(path("print.sh")).arg("Yimen test");
        let printer = Running::start(command.env("DBUS_SYSTEM_BUS_ADDRESS", bus));
        wait_for_port(port);
        Some(Self { port, folder, _printer: printer, _bus: daemon })
    }

    /// What the printing program does next: `STATE: +media-empty`, `ATTR: job-impressions-completed=1`, `end`,
    /// `fail`. Waits for a job that listens.
    pub fn say(&self, lines: &[&str]) {
        let mut pipe = std::fs::OpenOptions::new().write(true).open(self.folder.path().join("words")).unwrap();
        pipe.write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
    }

    /// A pipe that stays open, so that the printing program waits for more.
    pub fn talk(&self) -> std::fs::File {
        std::fs::OpenOptions::new().write(true).open(self.folder.path().join("words")).unwrap()
    }

    /// Documents that it keeps.
    pub fn kept(&self) -> Vec<Vec<u8>> {
        let files = std::fs::read_dir(self.folder.path().join("spool")).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path: &PathBuf| path.is_file()).map(|path| std::fs::read(path).unwrap()).collect()
    }
}
