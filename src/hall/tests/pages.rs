//! The pages in a headless Chromium: a phone sends files with and without script, on today's phone and on an old one;
//! the console fits a small desk screen. Without a Chromium the tests say so and are skipped. Pictures of every page
//! lie in `target/tmp/pages`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../../../tests/browser/chromium.rs"]
mod chromium;
mod support;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chromium::Chromium;
use hall::{Hall, HallConfig};
use serde_json::{Value, json};
use support::phone::{TestCa, public_url};
use support::{Terminal, golden, random};
use wire::api::{UploadRequest, UploadSession, UploadState, path};
use wire::ids::{Sha256, UploadId};
use wire::seal::{FilePlace, open_file, x25519_pair};

/// Width, height of today's common phone, of an old one, and of a clerk's screen.
const PHONE: (u32, u32) = (375, 667);
const OLD_PHONE: (u32, u32) = (320, 480);
const DESK: (u32, u32) = (1366, 768);
/// Finger size.
const TARGET_PX: f64 = 60.0;

struct Tab {
    chromium: Chromium,
    page: String,
}

impl Tab {
    async fn open((width, height): (u32, u32)) -> Option<Self> {
        let Some(program) = chromium::installed() else {
            println!("no Chromium here: skipped");
            return None;
        };
        let mut chromium = Chromium::start(program, &[]).await;
        let target = chromium.ask(None, "Target.createTarget", json!({ "url": "about:blank" })).await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let page = chromium.ask(None, "Target.attachToTarget", attach).await["sessionId"].as_str().unwrap().to_owned();
        let mut tab = Self { chromium, page };
        tab.ask("Security.setIgnoreCertificateErrors", json!({ "ignore": true })).await;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 800 });
        tab.ask("Emulation.setDeviceMetricsOverride", size).await;
        Some(tab)
    }

    async fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.chromium.ask(Some(&self.page), method, parameters).await
    }

    async fn go(&mut self, url: &str) {
        self.ask("Page.navigate", json!({ "url": url })).await;
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'").await;
    }

    async fn eval(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "returnByValue": true });
        self.ask("Runtime.evaluate", asked).await["result"]["value"].clone()
    }

    async fn until(&mut self, condition: &str) {
        let end = Instant::now() + Duration::from_secs(30);
        while self.eval(condition).await != Value::Bool(true) {
            assert!(Instant::now() < end, "not so after 30 s: {condition}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Puts files into an input as a person's choice does.
    async fn choose(&mut self, selector: &str, files: &[PathBuf]) {
        let root = self.ask("DOM.getDocument", json!({})).await["root"]["nodeId"].clone();
        let node =
            self.ask("DOM.querySelector", json!({ "nodeId": root, "selector": selector })).await["nodeId"].clone();
        self.ask("DOM.setFileInputFiles", json!({ "nodeId": node, "files": files })).await;
    }

    async fn click(&mut self, selector: &str) {
        let root = self.ask("DOM.getDocument", json!({})).await["root"]["nodeId"].clone();
        let node =
            self.ask("DOM.querySelector", json!({ "nodeId": root, "selector": selector })).await["nodeId"].clone();
        self.ask("DOM.scrollIntoViewIfNeeded", json!({ "nodeId": node })).await;
        let quad = self.ask("DOM.getContentQuads", json!({ "nodeId": node })).await["quads"][0].clone();
        let middle = |axis: usize| (quad[axis].as_f64().unwrap() + quad[axis + 4].as_f64().unwrap()) / 2.0;
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": middle(0), "y": middle(1), "button": "left", "clickCount": 1 });
            self.ask("Input.dispatchMouseEvent", event).await;
        }
    }

    /// A picture of the whole page; nothing may stand out to the right.
    async fn picture(&mut self, name: &str) {
        let wider = self.eval("document.documentElement.scrollWidth > window.innerWidth").await;
        assert_eq!(wider, Value::Bool(false), "{name} is wider than the screen");
        let shot = self.ask("Page.captureScreenshot", json!({ "captureBeyondViewport": true })).await;
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), BASE64.decode(shot["data"].as_str().unwrap()).unwrap())
            .unwrap();
    }

    async fn targets_are_finger_size(&mut self) {
        let smallest = "Math.min.apply(null, [].map.call(document.querySelectorAll('button, .button, .js .pick, input[type=text], input[type=tel]'), \
                        function (it) { var r = it.getBoundingClientRect(); return r.height ? r.height + (it.tagName === 'INPUT' ? 4 : 0) : 999; }))";
        let height = self.eval(smallest).await.as_f64().unwrap();
        assert!(height >= TARGET_PX, "a target of {height} px");
    }
}

/// A hall whose public name the browser finds by itself.
fn local(dir: &std::path::Path) -> HallConfig {
    let ca = TestCa::new();
    let mut config = HallConfig::demo(&dir.join("hall"));
    (config.public.certificate, config.public.key) = ca.issue("localhost", dir);
    config.public.enabled = true;
    config.public.name = "localhost".into();
    config
}

fn session(terminal: &Terminal) -> (UploadId, [u8; 32], UploadSession) {
    let (secret, public) = x25519_pair(&random());
    let upload_id = UploadId(uuid::Builder::from_random_bytes(random()).into_uuid());
    let request = UploadRequest { upload_id, public_key: Sha256(public) };
    (upload_id, *secret, terminal.json("POST", path::UPLOADS, &request).json())
}

fn files(dir: &std::path::Path) -> Vec<(PathBuf, Vec<u8>)> {
    [("户口本 第2页.jpg", 1_800_000), ("租房合同（最终版）2026-11-20.pdf", 300_000), ("说明.txt", 40)]
        .map(|(name, length)| {
            let bytes: Vec<u8> = (0..length).map(|at: usize| (at * 7 % 253) as u8).collect();
            std::fs::write(dir.join(name), &bytes).unwrap();
            (dir.join(name), bytes)
        })
        .into()
}

/// What arrived, opened with the session's key, by name.
fn arrived(terminal: &Terminal, (upload_id, secret): (UploadId, &[u8; 32])) -> Vec<(String, Vec<u8>)> {
    let state: UploadState = terminal.call("GET", &path::upload(&upload_id), Vec::new()).json();
    let open = |file_no: u32| {
        let sealed = terminal.call("GET", &path::uploaded_file(&upload_id, file_no), Vec::new()).body;
        let (head, plain) = open_file(secret, FilePlace { upload_id, file_no }, &sealed).unwrap();
        (head.name.clone(), plain.to_vec())
    };
    state.files.iter().map(|file| open(file.file_no)).collect()
}

fn expected(files: &[(PathBuf, Vec<u8>)]) -> Vec<(String, Vec<u8>)> {
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    files.iter().map(|(path, bytes)| (name(path), bytes.clone())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_sends_several_files_and_sees_each_arrive() {
    for (size, name) in [(PHONE, "phone"), (OLD_PHONE, "old-phone")] {
        let Some(mut tab) = Tab::open(size).await else { return };
        let dir = tempfile::tempdir().unwrap();
        let hall = Hall::start(local(dir.path())).unwrap();
        public_url(&hall);
        let terminal = tokio::task::block_in_place(|| Terminal::enrol(&hall, "007"));
        let (id, secret, opened) = tokio::task::block_in_place(|| session(&terminal));
        let chosen = files(dir.path());
        tab.go(&opened.url).await;
        tab.targets_are_finger_size().await;
        tab.picture(&format!("{name}-empty")).await;
        let paths: Vec<PathBuf> = chosen.iter().map(|(path, _)| path.clone()).collect();
        tab.choose("#files", &paths).await;
        tab.until("document.querySelectorAll('.file.sent').length === 3").await;
        tab.choose("#photo", &paths[..1]).await;
        tab.until("document.querySelectorAll('.file.sent').length === 4").await;
        tab.picture(&format!("{name}-sent")).await;
        let mut wanted = expected(&chosen);
        wanted.push(wanted[0].clone());
        assert!(tokio::task::block_in_place(|| arrived(&terminal, (id, &secret))) == wanted);
        tokio::task::block_in_place(|| terminal.call("DELETE", &path::upload(&id), Vec::new()));
        tab.choose("#files", &paths[2..]).await;
        tab.until("document.querySelectorAll('.file.failed').length === 1").await;
        tab.picture(&format!("{name}-closed")).await;
        tab.go(&opened.url).await;
        tab.picture(&format!("{name}-over")).await;
        tokio::task::block_in_place(|| hall.stop());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_without_script_sends_with_one_button() {
    let Some(mut tab) = Tab::open(OLD_PHONE).await else { return };
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(local(dir.path())).unwrap();
    public_url(&hall);
    let terminal = tokio::task::block_in_place(|| Terminal::enrol(&hall, "007"));
    let (id, secret, opened) = tokio::task::block_in_place(|| session(&terminal));
    let chosen = files(dir.path());
    tab.ask("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    tab.go(&opened.url).await;
    tab.picture("no-script-empty").await;
    let paths: Vec<PathBuf> = chosen.iter().map(|(path, _)| path.clone()).collect();
    tab.choose("#files", &paths).await;
    tab.click("#send").await;
    tab.until("document.querySelectorAll('p.done').length === 3").await;
    tab.picture("no-script-sent").await;
    assert!(tokio::task::block_in_place(|| arrived(&terminal, (id, &secret))) == expected(&chosen));
    tokio::task::block_in_place(|| hall.stop());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn progress_and_verification_fit_a_phone() {
    let Some(mut tab) = Tab::open(PHONE).await else { return };
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(local(dir.path())).unwrap();
    let url = public_url(&hall);
    let mut terminal = tokio::task::block_in_place(|| Terminal::enrol(&hall, "007"));
    let item = "XC-RSJ-02";
    let submission = terminal.seal(&golden(item), Vec::new(), item);
    tokio::task::block_in_place(|| terminal.upload(&submission));
    for (address, name) in [("/", "progress-form"), ("/v", "verify-form"), ("/nowhere", "not-found")] {
        tab.go(&format!("{url}{address}")).await;
        tab.targets_are_finger_size().await;
        tab.picture(name).await;
    }
    tab.go(&format!("{url}/s/{}", golden(item).lookup_token)).await;
    tab.until("document.body.innerText.indexOf('已收件') >= 0").await;
    tab.picture("progress-received").await;
    tokio::task::block_in_place(|| hall.stop());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_console_fits_a_clerks_screen() {
    let Some(mut tab) = Tab::open(DESK).await else { return };
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(HallConfig::demo(dir.path())).unwrap();
    let password = hall.demo_password().unwrap();
    let mut terminal = tokio::task::block_in_place(|| Terminal::enrol(&hall, "007"));
    let item = "XC-SCJ-03";
    let submission = terminal.seal(&golden(item), Vec::new(), item);
    tokio::task::block_in_place(|| {
        terminal.upload(&submission);
        let mut beat = terminal.beat();
        beat.troubles.insert("receipt_printer".into(), "paper_out".into());
        beat.troubles.insert("id_card_reader".into(), "not_found".into());
        assert_eq!(terminal.json("POST", path::HEARTBEAT, &beat).status, 200);
    });
    let console = format!("http://{}", hall.console_addr);
    for (login, addresses) in [
        ("clerk-scjgj", &["/", "/cases", "/cases/1", "/calls"][..]),
        ("admin", &["/", "/terminals", "/cases", "/alarms", "/people", "/settings"][..]),
    ] {
        tab.ask("Network.clearBrowserCookies", json!({})).await;
        tab.go(&format!("{console}/login")).await;
        tab.eval(&format!("document.querySelector('#login').value = '{login}'")).await;
        tab.eval(&format!("document.querySelector('#password').value = '{password}'")).await;
        tab.eval("document.querySelector('form').submit()").await;
        tab.until("location.pathname === '/' && document.readyState === 'complete'").await;
        for address in addresses {
            tab.go(&format!("{console}{address}")).await;
            tab.picture(&format!("console-{login}{}", address.replace('/', "-"))).await;
        }
    }
    tokio::task::block_in_place(|| hall.stop());
}
