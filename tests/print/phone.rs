//! A citizen's phone: headless Chromium at a phone's size that trusts the test hall's certificate and nothing else,
//! and finds the hall by its public name.

use crate::whole::chromium::{Chromium, installed};
use base64::Engine as _;
use hall::HallConfig;
use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;

/// Public name of the test hall.
pub const NAME: &str = "hall.test";

/// The certificate's key, by which the phone knows the hall.
pub struct Certificate {
    pin: String,
    der: CertificateDer<'static>,
}

impl Certificate {
    /// Gives the hall a public name, a certificate and its key in this folder.
    pub fn issue(hall: &mut HallConfig, folder: &Path) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![NAME.to_owned()]).unwrap().self_signed(&key).unwrap();
        hall.public.certificate = folder.join("public.pem");
        hall.public.key = folder.join("public.key");
        std::fs::write(&hall.public.certificate, certificate.pem()).unwrap();
        std::fs::write(&hall.public.key, key.serialize_pem()).unwrap();
        NAME.clone_into(&mut hall.public.name);
        hall.public.enabled = true;
        let pin = Sha256::digest(key.subject_public_key_info());
        Self { pin: base64::engine::general_purpose::STANDARD.encode(pin), der: certificate.der().clone() }
    }
}

impl Certificate {
    /// The hall's page behind a link, as anybody's browser gets it; trusts this certificate and nothing else.
    pub fn page(&self, public: SocketAddr, link: &str) -> String {
        let path = link.strip_prefix("https://").and_then(|rest| rest.split_once('/')).expect("a link").1;
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(NAME).unwrap();
        let connection = rustls::ClientConnection::new(Arc::new(tls), name).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, TcpStream::connect(public).unwrap());
        let host = format!("{NAME}:{}", public.port());
        write!(stream, "GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        // A server that closes without a word more has said all.
        let read = stream.read_to_end(&mut answer);
        assert!(!answer.is_empty(), "{read:?}");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// The phone.
pub struct Phone {
    browser: Chromium,
    page: String,
}

impl Phone {
    /// A phone, where a Chromium is installed.
    pub async fn new(certificate: &Certificate) -> Option<Self> {
        let arguments = [
            format!("--host-resolver-rules=MAP {NAME} 127.0.0.1"),
            format!("--ignore-certificate-errors-spki-list={}", certificate.pin),
        ];
        let mut browser = Chromium::start(installed()?, &arguments).await;
        let target = browser.ask(None, "Target.createTarget", json!({ "url": "about:blank" })).await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.ask(None, "Target.attachToTarget", attach).await;
        let page = attached["sessionId"].as_str().unwrap().to_owned();
        let size = json!({ "width": 375, "height": 667, "deviceScaleFactor": 2, "mobile": true });
        browser.ask(Some(&page), "Emulation.setDeviceMetricsOverride", size).await;
        browser.ask(Some(&page), "Page.enable", json!({})).await;
        Some(Self { browser, page })
    }

    async fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.browser.ask(Some(&self.page), method, parameters).await
    }

    /// Opens what the terminal's code says.
    pub async fn open(&mut self, link: &str) {
        self.ask("Page.navigate", json!({ "url": link })).await;
        self.until("document.readyState === 'complete' && document.getElementById('upload') !== null").await;
    }

    /// Opens a link and waits until the page says this.
    pub async fn finds(&mut self, link: &str, words: &str) {
        self.ask("Page.navigate", json!({ "url": link })).await;
        self.until(&format!("document.body.innerText.includes({})", json!(words))).await;
    }

    /// Chooses files, as a finger does in the phone's own picker, and waits until the page says that they arrived.
    pub async fn send(&mut self, files: &[&Path]) {
        let document = self.ask("DOM.getDocument", json!({})).await;
        let find = json!({ "nodeId": document["root"]["nodeId"], "selector": "#files" });
        let input = self.ask("DOM.querySelector", find).await;
        let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let count = files.len();
        let set = json!({ "nodeId": input["nodeId"], "files": files });
        self.ask("DOM.setFileInputFiles", set).await;
        self.until(&format!("document.querySelectorAll('.file.sent').length === {count}")).await;
    }

    /// Saves what the phone shows under `target/screens`, for the eye.
    pub async fn save(&mut self, name: &str) {
        let shot = self.ask("Page.captureScreenshot", json!({ "format": "png" })).await;
        let png = base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screens");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), png).unwrap();
    }

    /// Waits until something holds on the page.
    async fn until(&mut self, holds: &str) {
        let program = format!(
            "new Promise((found, lost) => {{
               const end = Date.now() + 20000;
               const look = () => {{
                 let is = false;
                 try {{ is = {holds}; }} catch (error) {{ is = false; }}
                 if (is) return found(true);
                 if (Date.now() > end) return lost(new Error(document.body ? document.body.innerText : 'no page'));
                 requestAnimationFrame(look);
               }};
               look();
             }})"
        );
        let parameters = json!({ "expression": program, "awaitPromise": true, "returnByValue": true });
        let answer = self.ask("Runtime.evaluate", parameters).await;
        assert!(answer.get("exceptionDetails").is_none(), "{}", answer["exceptionDetails"]["exception"]["description"]);
    }
}
