//! The kiosk as a person starts it, with nothing configured but a data folder, and plain HTTP to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The running program; ended with the test.
pub struct Program {
    child: Child,
    /// The printed link: address and token.
    pub link: String,
    /// Its data folder.
    pub data: tempfile::TempDir,
}

impl Program {
    /// Starts it and waits for the printed link.
    pub fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_kiosk"))
            .args(["--browser", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let link = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("Yimen: open ").map(str::to_owned))
            .expect("the program ended before it said where to look");
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, link, data }
    }

    /// Runs it with an address that must be refused, before anything is written; what it says.
    pub fn refused(address: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut kiosk = Command::new(env!("CARGO_BIN_EXE_kiosk"));
        let output = kiosk.args(["--browser", address, "--data"]).arg(&data).output().unwrap();
        assert!(!output.status.success(), "{address}");
        assert!(!data.exists(), "{address}: data was written");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// `HOST:PORT`.
    pub fn host(&self) -> &str {
        self.link.strip_prefix("http://").unwrap().split('/').next().unwrap()
    }

    /// The one-time token.
    pub fn token(&self) -> &str {
        self.link.split('#').nth(1).unwrap()
    }

    /// One plain request; the answer's head and body as they came. Lines end in `\n` here.
    pub fn request(&self, text: &str) -> String {
        let mut stream = TcpStream::connect(self.host()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(text.replace('\n', "\r\n").as_bytes()).unwrap();
        let mut answer = BufReader::new(stream);
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let line = head.len();
            if answer.read_line(&mut head).unwrap() == 0 || head[line..].trim().is_empty() {
                break;
            }
            if let Some(value) = head[line..].to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        answer.read_exact(&mut body).unwrap();
        head + &String::from_utf8_lossy(&body)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
