//! A terminal as the hall sees one: enrols with a code, seals with the wire crate, speaks protocol v1 over mutual TLS.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

pub mod browser;
pub mod phone;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use ed25519_dalek::{SigningKey, VerifyingKey};
use hall::RunningHall;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use rcgen::{CertificateParams, KeyPair, PKCS_ED25519};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use serde::de::DeserializeOwned;
use serde_json::Value;
use wire::api::*;
use wire::catalogue::{Catalogue, Demo};
use wire::enrol;
use wire::form::Answers;
use wire::ids::*;
use wire::number::SubmissionNumber;
use wire::seal::*;
use wire::signed::{KeyList, KeyUse, Receipt, Signed};
use zeroize::Zeroizing;

pub const CATALOGUE: &str = include_str!("../../../../assets/catalogue/catalogue.json");

/// An answer of the hall.
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    pub retry_after: Option<u32>,
    pub leaf: Vec<u8>,
}

impl Answer {
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, String::from_utf8_lossy(&self.body)))
    }

    pub fn code(&self) -> ProblemCode {
        self.json::<Problem>().code
    }
}

/// A key pair with its CSR.
pub struct Pair {
    pub signing: SigningKey,
    pub pkcs8: Vec<u8>,
    pub csr: Vec<u8>,
}

impl Pair {
    pub fn new() -> Self {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).unwrap();
        let signing = SigningKey::from_bytes(&seed);
        let pkcs8 = signing.to_pkcs8_der().unwrap().as_bytes().to_vec();
        let key = KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(pkcs8.as_slice()), &PKCS_ED25519);
        let csr = CertificateParams::default().serialize_request(&key.unwrap()).unwrap().der().to_vec();
        Self { signing, pkcs8, csr }
    }
}

/// A terminal that is enrolled.
pub struct Terminal {
    pub addr: SocketAddr,
    pub terminal_no: TerminalNo,
    pub installation_id: InstallationId,
    pub pair: Pair,
    pub certificate: Vec<u8>,
    pub ca: Vec<u8>,
    pub hall_id: HallId,
    pub epoch: HallEpoch,
    pub keys: KeyList,
    pub root: VerifyingKey,
    pub next_serial: u64,
    pub seq: u64,
}

/// A sealed submission with its signature.
pub struct Submission {
    pub id: SubmissionId,
    pub sealed: Sealed,
    pub manifest: SubmissionManifest,
}

impl Terminal {
    /// Enrols at a running hall.
    pub fn enrol(hall: &RunningHall, terminal_no: &str) -> Self {
        let code = hall.enrolment_code(terminal_no, "大厅东门").unwrap();
        let pair = Pair::new();
        let answer = try_enrol(hall.terminal_addr, terminal_no, &code.code, &pair, random_id()).unwrap();
        Self::from_answer(hall.terminal_addr, terminal_no, pair, answer)
    }

    pub fn from_answer(
        addr: SocketAddr,
        terminal_no: &str,
        pair: Pair,
        (answer, installation_id): (EnrolAnswer, InstallationId),
    ) -> Self {
        let root = VerifyingKey::from_bytes(&answer.root_key.0).unwrap();
        Self {
            addr,
            terminal_no: terminal_no.parse().unwrap(),
            installation_id,
            pair,
            certificate: BASE64.decode(&answer.certificate).unwrap(),
            ca: BASE64.decode(&answer.ca).unwrap(),
            hall_id: answer.hall_id,
            epoch: answer.hall_epoch,
            keys: answer.key_list.verify(&root).unwrap(),
            root,
            next_serial: answer.next_serial,
            seq: 1,
        }
    }

    pub fn call(&self, method: &str, path: &str, body: Vec<u8>) -> Answer {
        let identity = Some((self.certificate.clone(), self.pair.pkcs8.clone()));
        send(self.addr, identity, (method, path, body)).unwrap()
    }

    pub fn json(&self, method: &str, path: &str, body: &impl serde::Serialize) -> Answer {
        self.call(method, path, serde_json::to_vec(body).unwrap())
    }

    /// Seals answers for the item; advances the sequence.
    pub fn seal(&mut self, part0: &Part0, attachments: Vec<Vec<u8>>, item_id: &str) -> Submission {
        let header = self.header(item_id);
        self.seq += 1;
        self.next_serial += 1;
        let key = self.keys.newest(KeyUse::Sealing).unwrap().clone();
        self.seal_with(header, (&key.key_id, &key.public.0), part0, attachments)
    }

    pub fn seal_with(
        &self,
        header: Header,
        (key_id, public): (&KeyId, &[u8; 32]),
        part0: &Part0,
        attachments: Vec<Vec<u8>>,
    ) -> Submission {
        let id = header.submission_id;
        let mut parts = vec![Zeroizing::new(serde_json::to_vec(part0).unwrap())];
        parts.extend(attachments.into_iter().map(Zeroizing::new));
        let sealed = SealContext::new(key_id.clone(), public).unwrap().seal(header, &parts).unwrap();
        let manifest = SubmissionManifest {
            header: BASE64.encode(&sealed.header),
            signature: BASE64.encode(sign_envelope(&sealed.body_sha256, &self.pair.signing)),
            chunks: sealed.chunks.iter().map(|chunk| chunk.sha256).collect(),
            old_receipt: None,
        };
        Submission { id, sealed, manifest }
    }

    pub fn header(&self, item_id: &str) -> Header {
        let catalogue = Catalogue::load(CATALOGUE).unwrap().catalogue;
        let item = catalogue.items.iter().find(|item| item.item_id == item_id).unwrap();
        let now = jiff::Timestamp::now();
        let date = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        Header {
            suite: SUITE,
            hall_id: self.hall_id,
            terminal_no: self.terminal_no.clone(),
            installation_id: self.installation_id,
            kiosk_seq: self.seq,
            submission_id: SubmissionId::mint(now.as_millisecond().unsigned_abs(), random()),
            number: SubmissionNumber::mint("411681", date, &self.terminal_no, self.next_serial).unwrap(),
            item_id: item_id.to_owned(),
            task_version: item.task_version,
            form_id: item.form.form_id.clone(),
            form_version: item.form.version,
            content_seq: 1,
            calendar_version: catalogue.content_version.clone(),
            // The golden answers are right on this day.
            submitted_at_ms: "2026-11-24T02:00:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond(),
            clock: Clock { quality: ClockQuality::Trusted, boot_id: uuid::Uuid::nil(), mono_ms: 60_000 },
            key_id: self.keys.newest(KeyUse::Sealing).unwrap().key_id.clone(),
            enc: String::new(),
            parts: Vec::new(),
            certificate: Header::certificate_text(&self.certificate),
        }
    }

    pub fn announce(&self, submission: &Submission) -> Answer {
        self.json("PUT", &path::submission(&submission.id), &submission.manifest)
    }

    pub fn send_chunk(&self, submission: &Submission, part: u32, index: u32) -> Answer {
        let chunk = submission.sealed.chunks.iter().find(|chunk| (chunk.part, chunk.index) == (part, index)).unwrap();
        self.call("PUT", &path::chunk(&submission.id, part, index), chunk.bytes.clone())
    }

    pub fn finish(&self, submission: &Submission) -> Answer {
        self.call("POST", &path::finish(&submission.id), Vec::new())
    }

    /// Manifest, chunks, finish; the verified receipt.
    pub fn upload(&self, submission: &Submission) -> (Receipt, Signed<Receipt>) {
        match self.announce(submission).json() {
            SubmissionState::Receipt(receipt) => (self.believe(&receipt), receipt),
            SubmissionState::Missing(missing) => {
                for chunk in missing {
                    assert_eq!(self.send_chunk(submission, chunk.part, chunk.index).status, 204);
                }
                let SubmissionState::Receipt(receipt) = self.finish(submission).json() else { panic!("no receipt") };
                (self.believe(&receipt), receipt)
            }
        }
    }

    pub fn believe(&self, receipt: &Signed<Receipt>) -> Receipt {
        let key_id = receipt.unverified().unwrap().key_id;
        receipt.verify(&self.keys.verifying(KeyUse::Receipt, &key_id).unwrap()).unwrap()
    }

    pub fn heartbeat(&self) -> HeartbeatAnswer {
        self.json("POST", path::HEARTBEAT, &self.beat()).json()
    }

    pub fn beat(&self) -> HeartbeatRequest {
        HeartbeatRequest {
            installation_id: self.installation_id,
            program: "test".into(),
            reconciled_epoch: self.epoch,
            now_ms: 0,
            boot_id: uuid::Uuid::nil(),
            mono_ms: 100_000,
            content_seq: 1,
            content_sha256: Sha256::of(CATALOGUE.as_bytes()),
            counts: BTreeMap::new(),
            envelopes_by_key: BTreeMap::new(),
            list_seq: self.keys.list_seq,
            troubles: BTreeMap::new(),
            lost: Vec::new(),
        }
    }

    /// Waits until a copy on the second medium covers this number.
    pub fn wait_safe(&self, server_seq: u64) {
        wait(|| self.heartbeat().safe_through.unverified().unwrap().server_seq >= server_seq);
    }
}

/// Enrols with a typed code; both proofs are checked.
pub fn try_enrol(
    addr: SocketAddr,
    terminal_no: &str,
    code: &str,
    pair: &Pair,
    installation_id: InstallationId,
) -> Result<(EnrolAnswer, InstallationId), ProblemCode> {
    let terminal_no: TerminalNo = terminal_no.parse().unwrap();
    let hall = send(addr, None, ("GET", path::HALL, Vec::new())).unwrap();
    let key = enrol::key(code, &hall.json::<HallInfo>().hall_id, &terminal_no).unwrap();
    // The same leaf is served for the whole life of the hall's process.
    let leaf = spki_sha256(&hall.leaf);
    let mac = enrol::terminal_mac(&key, &pair.csr, &leaf);
    let request = EnrolRequest { terminal_no, installation_id, csr: BASE64.encode(&pair.csr), mac: BASE64.encode(mac) };
    let answer = send(addr, None, ("POST", path::ENROL, serde_json::to_vec(&request).unwrap())).unwrap();
    if answer.status != 200 {
        return Err(answer.code());
    }
    let response: EnrolResponse = answer.json();
    let bytes = BASE64.decode(&response.answer).unwrap();
    let said: EnrolAnswer = serde_json::from_slice(&bytes).unwrap();
    let ca = BASE64.decode(&said.ca).unwrap();
    let wanted = enrol::hall_mac(&key, &ca, &leaf, &bytes);
    enrol::check(&wanted, &BASE64.decode(&response.mac).unwrap()).unwrap();
    Ok((said, installation_id))
}

/// A golden set of answers as part 0, with the applicant's card and one attachment entry.
pub fn golden(item_id: &str) -> Part0 {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/data/golden/{item_id}.json"));
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let demo: Demo = Catalogue::load(CATALOGUE).unwrap().catalogue.demo.unwrap();
    let cards = golden["cards"].as_object().unwrap().iter().map(|(role, person)| {
        let person = demo.person(person.as_str().unwrap()).unwrap();
        Card {
            role: role.clone(),
            kind: person.card,
            id_no: person.id_no.clone(),
            name_raw: String::new(),
            name: person.name.clone(),
            birth: person.birth.clone(),
            valid_to: person.valid_to.clone(),
        }
    });
    Part0 {
        answers: serde_json::from_value::<Answers>(golden["answers"].clone()).unwrap(),
        sources: BTreeMap::new(),
        cards: cards.collect(),
        query_code: "482913".into(),
        lookup_token: "00112233445566778899aabbccddeeff".into(),
        consent: Consent { version: "1".into(), at_ms: 0 },
        declaration_version: "1".into(),
        sign: Sign::Pen,
        second_factor: None,
        deferred: Vec::new(),
        parts: vec![PartEntry { part: 1, field: "2".into(), media: "image/jpeg".into(), sha256: Sha256::of(b"x") }],
    }
}

/// Waits for a condition; a test never sleeps for a fixed time and hopes.
pub fn wait(mut condition: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < until, "the condition did not come true in 30 s");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

pub fn random_id() -> InstallationId {
    InstallationId(uuid::Builder::from_random_bytes(random()).into_uuid())
}

type Identity = Option<(Vec<u8>, Vec<u8>)>;

/// One request on a connection of its own.
pub fn send(
    addr: SocketAddr,
    identity: Identity,
    (method, path, body): (&str, &str, Vec<u8>),
) -> std::io::Result<Answer> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(addr).await?;
        let connector = tokio_rustls::TlsConnector::from(client_config(identity));
        let stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await?;
        let leaf = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(std::io::Error::other)?;
        tokio::spawn(connection);
        let request = hyper::Request::builder()
            .method(method)
            .uri(path)
            .header("host", "hall")
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        let response = sender.send_request(request).await.map_err(std::io::Error::other)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.into_body().collect().await.map_err(std::io::Error::other)?.to_bytes().to_vec();
        let retry_after = headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        Ok(Answer { status, body, retry_after, leaf })
    })
}

fn client_config(identity: Identity) -> Arc<rustls::ClientConfig> {
    let builder = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Trusting));
    Arc::new(match identity {
        None => builder.with_no_client_auth(),
        Some((cert, key)) => builder
            .with_client_auth_cert(vec![CertificateDer::from(cert)], PrivatePkcs8KeyDer::from(key).into())
            .unwrap(),
    })
}

fn spki_sha256(der: &[u8]) -> Sha256 {
    use x509_parser::prelude::FromDer as _;
    let (_, cert) = x509_parser::certificate::X509Certificate::from_der(der).unwrap();
    Sha256::of(cert.public_key().raw)
}

/// The tests are about the hall; pinning is the terminal's matter and tested there.
#[derive(Debug)]
struct Trusting;

impl rustls::client::danger::ServerCertVerifier for Trusting {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
