//! A citizen's phone: TLS that trusts a test CA and nothing else, plain forms, files in a form. And a hall with a
//! public name and a certificate of that CA.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hall::{HallConfig, RunningHall};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};

pub const NAME: &str = "hall.test";

/// A certificate authority that phones trust.
pub struct TestCa {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
}

impl TestCa {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let der = params.self_signed(&key).unwrap().der().clone();
        Self { issuer: Issuer::from_ca_cert_der(&der, key).unwrap(), der }
    }

    /// Writes a certificate for a name and its key; (chain, key).
    pub fn issue(&self, name: &str, folder: &Path) -> (PathBuf, PathBuf) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let cert = params.signed_by(&key, &self.issuer).unwrap();
        let (chain, private) = (folder.join("public.pem"), folder.join("public.key"));
        std::fs::write(&chain, cert.pem()).unwrap();
        std::fs::write(&private, key.serialize_pem()).unwrap();
        (chain, private)
    }
}

/// Settings of a hall that phones can reach; its data lies in `DIR/hall`.
pub fn public_config(dir: &Path, ca: &TestCa) -> HallConfig {
    let mut config = HallConfig::demo(&dir.join("hall"));
    (config.public.certificate, config.public.key) = ca.issue(NAME, dir);
    NAME.clone_into(&mut config.public.name);
    config.public.enabled = true;
    config
}

/// Waits until the certificate was read; the address of the public pages.
pub fn public_url(hall: &RunningHall) -> String {
    super::wait(|| hall.public_url().is_some());
    hall.public_url().unwrap()
}

pub struct Phone {
    addr: SocketAddr,
    tls: Arc<rustls::ClientConfig>,
    pub host: String,
}

pub struct Page {
    pub status: u16,
    pub head: String,
    pub text: String,
}

impl Page {
    pub fn has(&self, needle: &str) -> bool {
        self.text.contains(needle)
    }
}

impl Phone {
    pub fn new(hall: &RunningHall, ca: &TestCa) -> Self {
        public_url(hall);
        Self::at(hall.public_addr.unwrap(), ca)
    }

    pub fn at(addr: SocketAddr, ca: &TestCa) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(ca.der.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { addr, tls: Arc::new(tls), host: format!("{NAME}:{}", addr.port()) }
    }

    pub fn get(&self, path: &str) -> Page {
        self.request(format!("GET {path} HTTP/1.1\r\n{}\r\n", self.head()).into_bytes()).unwrap()
    }

    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> Page {
        let body: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={}", super::browser::encode(value))).collect();
        let body = body.join("&");
        let kind = "application/x-www-form-urlencoded";
        self.request(self.with_body(path, kind, body.as_bytes())).unwrap()
    }

    /// Sends files as a browser's form does: (name, bytes).
    pub fn upload(&self, path: &str, files: &[(&str, &[u8])]) -> Page {
        let (kind, body) = form_of(files);
        self.request(self.with_body(path, &kind, &body)).unwrap()
    }

    pub fn with_body(&self, path: &str, kind: &str, body: &[u8]) -> Vec<u8> {
        let head = self.head();
        let mut request =
            format!("POST {path} HTTP/1.1\r\n{head}content-type: {kind}\r\ncontent-length: {}\r\n\r\n", body.len())
                .into_bytes();
        request.extend_from_slice(body);
        request
    }

    pub fn request(&self, request: Vec<u8>) -> std::io::Result<Page> {
        let mut stream = self.connect()?;
        stream.write_all(&request)?;
        read_page(&mut stream)
    }

    pub fn connect(&self) -> std::io::Result<rustls::StreamOwned<rustls::ClientConnection, TcpStream>> {
        let name = ServerName::try_from(NAME).unwrap();
        let connection = rustls::ClientConnection::new(Arc::clone(&self.tls), name).map_err(std::io::Error::other)?;
        Ok(rustls::StreamOwned::new(connection, TcpStream::connect(self.addr)?))
    }

    pub fn head(&self) -> String {
        format!("host: {}\r\nconnection: close\r\n", self.host)
    }
}

/// The content type and body of a form with these files.
pub fn form_of(files: &[(&str, &[u8])]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, bytes) in files {
        let head = format!(
            "--frontier\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{name}\"\r\ncontent-type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--frontier--\r\n");
    ("multipart/form-data; boundary=frontier".to_owned(), body)
}

pub fn read_page(stream: &mut impl std::io::Read) -> std::io::Result<Page> {
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    if answer.is_empty() {
        read?;
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, text) = answer.split_once("\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Ok(Page { status, head: head.to_lowercase(), text: text.to_owned() })
}
