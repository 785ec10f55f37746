//! A headless Chromium, spoken to over its DevTools protocol. Nothing is installed here: where there is no
//! Chromium, the test says so and is skipped.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// No answer of the browser takes longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// A running browser with a profile of its own.
pub struct Chromium {
    child: Child,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    last_id: u64,
    _profile: tempfile::TempDir,
}

/// Where a Chromium is installed.
pub fn installed() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&folders).flat_map(|folder| names.map(|name| folder.join(name))).find(|path| path.is_file())
}

impl Chromium {
    /// Starts it with an empty profile, and with arguments of the test's own.
    pub async fn start(program: PathBuf, more: &[String]) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--disable-dev-shm-usage", "--window-size=1280,1400", "--remote-debugging-port=0"])
            // Elements tell role and name as a screen reader gets them.
            .args(["--force-renderer-accessibility", "--enable-blink-features=ComputedAccessibilityInfo"])
            .args(more)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("DevTools listening on ").map(str::to_owned))
            .expect("Chromium ended before it listened");
        std::thread::spawn(move || lines.for_each(drop));
        let (socket, _) = tokio_tungstenite::connect_async(&address).await.unwrap();
        Self { child, socket, last_id: 0, _profile: profile }
    }

    /// Asks the browser, or a page of it.
    pub async fn ask(&mut self, page: Option<&str>, method: &str, parameters: Value) -> Value {
        self.last_id += 1;
        let mut request = json!({ "id": self.last_id, "method": method, "params": parameters });
        if let Some(page) = page {
            request["sessionId"] = page.into();
        }
        let id = self.last_id;
        let answer = async {
            futures_send(&mut self.socket, request.to_string()).await;
            loop {
                let Message::Text(text) = futures_next(&mut self.socket).await else { continue };
                let answer: Value = serde_json::from_str(&text).unwrap();
                if answer["id"] == id {
                    return answer;
                }
            }
        };
        let answer = tokio::time::timeout(ANSWER_WITHIN, answer).await.expect("Chromium does not answer");
        assert!(answer.get("error").is_none(), "{method}: {}", answer["error"]);
        answer["result"].clone()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn futures_send(socket: &mut WebSocketStream<MaybeTlsStream<TcpStream>>, text: String) {
    use futures_util::SinkExt;
    socket.send(Message::text(text)).await.unwrap();
}

async fn futures_next(socket: &mut WebSocketStream<MaybeTlsStream<TcpStream>>) -> Message {
    use futures_util::StreamExt;
    socket.next().await.expect("Chromium has gone").unwrap()
}
