//! A hall that holds every key and still lies when told to: for what no real hall answers. It speaks TLS with a
//! certificate of the pinned authority; what it does with a submission is up to the test.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use kiosk::store::{Enrolment, Options, SignedKeyList, Store};
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio_rustls::TlsAcceptor;
use wire::api::{HeartbeatAnswer, Problem, ProblemCode, SubmissionManifest, SubmissionState};
use wire::ids::{HallEpoch, HallId, Sha256, SubmissionId};
use wire::seal::Header;
use wire::signed::{HallKey, KeyList, KeyUse, Manifest, Receipt, SUITE, SafeThrough, Signed, TimeAnswer};

/// What it answers to a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The truth.
    Receipt,
    /// A receipt signed with a key that is not the hall's.
    ForgedReceipt,
    /// A true signature under a receipt in which one thing is another's.
    ReceiptOf(Another),
    /// Any status with any body and content type.
    Foreign(u16, &'static str, &'static str),
    /// One of our problems, with `Retry-After` in seconds.
    Problem(ProblemCode, Option<u32>),
}

/// What of a receipt is another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Another {
    Body,
    Terminal,
    Installation,
    Count,
    Submission,
    Number,
    Hall,
    Epoch,
    Suite,
    /// All that tells terminals apart: a receipt that the hall gave to the next terminal.
    Owner,
}

/// The running fake.
pub struct FakeHall {
    pub address: SocketAddr,
    ca: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
    tls: Arc<Mutex<TlsAcceptor>>,
    inner: Arc<Inner>,
    _runtime: tokio::runtime::Runtime,
}

struct Inner {
    answer: Mutex<Answer>,
    asked: Mutex<u32>,
    paths: Mutex<Vec<String>>,
    safe_through: Mutex<u64>,
    wanted: Mutex<Vec<SubmissionId>>,
    refused: Mutex<Option<String>>,
    /// Number and catalogue.
    published: Mutex<(u64, Vec<u8>)>,
}

const ROOT: u8 = 1;
const RECEIPT: u8 = 2;
const WATERMARK: u8 = 3;
const TIME: u8 = 4;
const CONTENT: u8 = 5;
const NOBODY: u8 = 99;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn hall_id() -> HallId {
    "0190f000-0000-7000-8000-000000000001".parse().unwrap()
}

fn epoch() -> HallEpoch {
    "0190f000-0000-7000-8000-000000000002".parse().unwrap()
}

fn key_list() -> KeyList {
    let entry = |name: &str, usage, public| HallKey {
        key_id: name.parse().unwrap(),
        usage,
        public: Sha256(public),
        not_after_ms: i64::MAX,
    };
    let verifying = |seed| key(seed).verifying_key().to_bytes();
    let keys = vec![
        entry("sealing-1", KeyUse::Sealing, wire::seal::x25519_pair(&[9; 32]).1),
        entry("receipt-1", KeyUse::Receipt, verifying(RECEIPT)),
        entry("watermark-1", KeyUse::Watermark, verifying(WATERMARK)),
        entry("time-1", KeyUse::Time, verifying(TIME)),
        entry("content-1", KeyUse::Content, verifying(CONTENT)),
    ];
    KeyList { hall_id: hall_id(), hall_epoch: epoch(), list_seq: 1, keys }
}

impl FakeHall {
    pub fn start() -> Self {
        Self::start_until(4095)
    }

    /// With a leaf that ends with this year.
    pub fn start_until(year: i32) -> Self {
        let ca_key = KeyPair::generate().unwrap();
        let mut ca = CertificateParams::default();
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_der = ca.self_signed(&ca_key).unwrap().der().to_vec();
        let issuer = Issuer::new(ca, ca_key);
        let tls = Arc::new(Mutex::new(acceptor(&issuer, &ca_der, year)));
        let inner = Arc::new(Inner {
            answer: Mutex::new(Answer::Receipt),
            asked: Mutex::new(0),
            paths: Mutex::default(),
            safe_through: Mutex::default(),
            wanted: Mutex::default(),
            refused: Mutex::default(),
            published: Mutex::default(),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(serve(listener, Arc::clone(&tls), router(Arc::clone(&inner))));
        Self { address, ca: ca_der, issuer, tls, inner, _runtime: runtime }
    }

    /// Shows another leaf on new connections.
    pub fn new_leaf_until(&self, year: i32) {
        *self.tls.lock().unwrap() = acceptor(&self.issuer, &self.ca, year);
    }

    /// Every path that it was asked for, without what follows a question mark.
    pub fn paths(&self) -> Vec<String> {
        self.inner.paths.lock().unwrap().clone()
    }

    /// From now on.
    pub fn answers(&self, answer: Answer) {
        *self.inner.answer.lock().unwrap() = answer;
        *self.inner.asked.lock().unwrap() = 0;
    }

    /// How often it was asked since it was told what to answer.
    pub fn asked(&self) -> u32 {
        *self.inner.asked.lock().unwrap()
    }

    /// Signs this watermark from now on.
    pub fn is_safe_through(&self, server_seq: u64) {
        *self.inner.safe_through.lock().unwrap() = server_seq;
    }

    /// Asks for these again from now on.
    pub fn wants(&self, ids: &[&str]) {
        *self.inner.wanted.lock().unwrap() = ids.iter().map(|id| id.parse().unwrap()).collect();
    }

    /// From now on a proxy refuses all about this submission, or about none.
    pub fn refuses(&self, id: Option<&str>) {
        *self.inner.refused.lock().unwrap() = id.map(str::to_owned);
    }

    /// Publishes this catalogue under this number.
    pub fn publishes(&self, content_seq: u64, catalogue: &str) {
        *self.inner.published.lock().unwrap() = (content_seq, catalogue.as_bytes().to_vec());
    }

    /// Makes the terminal of this folder its own, as an enrolment would.
    pub async fn enrol(&self, data: &std::path::Path) {
        std::fs::create_dir_all(data).unwrap();
        let store = Store::open(Options::new(data)).await.unwrap();
        let seed = SigningKey::from_bytes(&crate::rim::random());
        let pkcs8 = {
            use ed25519_dalek::pkcs8::EncodePrivateKey as _;
            seed.to_pkcs8_der().unwrap().as_bytes().to_vec()
        };
        let pair =
            KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(pkcs8.as_slice()), &rcgen::PKCS_ED25519)
                .unwrap();
        let mut wanted = CertificateParams::default();
        wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = wanted.signed_by(&pair, &self.issuer).unwrap().der().to_vec();
        store.set_pending_key(&pkcs8, b"csr").await.unwrap();
        let (body, signature) = Signed::sign(&key_list(), &key(ROOT)).unwrap().parts().unwrap();
        let enrolment = Enrolment {
            terminal_no: "007".into(),
            hall_id: hall_id().to_string(),
            address: self.address.to_string(),
            ca: self.ca.clone(),
            root_key: key(ROOT).verifying_key().to_bytes().to_vec(),
            hall_epoch: epoch().to_string(),
            certificate,
            key_list: SignedKeyList { list_seq: 1, body, signature },
            next_serial: 1,
            limits: "{}".into(),
        };
        store.enrolled(enrolment).await.unwrap();
        store.close().await.unwrap();
    }
}

fn acceptor(issuer: &Issuer<'static, KeyPair>, ca: &[u8], until_year: i32) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let mut leaf = CertificateParams::new(vec!["hall".to_owned()]).unwrap();
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.not_after = rcgen::date_time_ymd(until_year, 12, 31);
    let chain = vec![leaf.signed_by(&key, issuer).unwrap().der().clone(), ca.to_vec().into()];
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(listener: tokio::net::TcpListener, tls: Arc<Mutex<TlsAcceptor>>, router: Router) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, router) = (tls.lock().unwrap().clone(), router.clone());
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else { return };
            let service = TowerToHyperService::new(router);
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

fn router(inner: Arc<Inner>) -> Router {
    Router::new()
        .route("/v1/time", get(time))
        .route("/v1/heartbeat", post(heartbeat))
        .route("/v1/manifest", get(manifest))
        .route("/v1/blobs/{sha256}", get(catalogue))
        .route("/v1/submissions/{id}", any(submission))
        .route("/v1/submissions/{id}/{*rest}", any(submission))
        .fallback(|| async { problem(ProblemCode::NotFound, None) })
        .layer(from_fn_with_state(Arc::clone(&inner), noted))
        .with_state(inner)
}

async fn noted(State(inner): State<Arc<Inner>>, request: Request, next: Next) -> Response {
    inner.paths.lock().unwrap().push(request.uri().path().to_owned());
    next.run(request).await
}

fn json(thing: &impl serde::Serialize) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], serde_json::to_vec(thing).unwrap()).into_response()
}

fn problem(code: ProblemCode, retry_after: Option<u32>) -> Response {
    let body = serde_json::to_vec(&Problem::new(code, "told to")).unwrap();
    let status = StatusCode::from_u16(code.status()).unwrap();
    let mut response = (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

async fn time(Query(query): Query<HashMap<String, String>>) -> Response {
    let answer = TimeAnswer {
        hall_id: hall_id(),
        nonce: query["nonce"].clone(),
        now_ms: jiff::Timestamp::now().as_millisecond(),
        key_id: "time-1".parse().unwrap(),
    };
    json(&Signed::sign(&answer, &key(TIME)).unwrap())
}

async fn heartbeat(State(inner): State<Arc<Inner>>) -> Response {
    let safe = SafeThrough {
        hall_id: hall_id(),
        hall_epoch: epoch(),
        server_seq: *inner.safe_through.lock().unwrap(),
        key_id: "watermark-1".parse().unwrap(),
    };
    json(&HeartbeatAnswer {
        hall_epoch: epoch(),
        safe_through: Signed::sign(&safe, &key(WATERMARK)).unwrap(),
        key_list: None,
        content_seq: inner.published.lock().unwrap().0,
        staff_listens: false,
        send: inner.wanted.lock().unwrap().clone(),
        public_url: None,
        next_s: 30,
    })
}

async fn manifest(State(inner): State<Arc<Inner>>) -> Response {
    let (content_seq, catalogue) = inner.published.lock().unwrap().clone();
    let manifest = Manifest {
        hall_id: hall_id(),
        content_seq,
        content_version: "test".to_owned(),
        catalogue: Sha256::of(&catalogue),
        bytes: catalogue.len() as u64,
        published_at_ms: 1,
        key_id: "content-1".parse().unwrap(),
    };
    json(&Signed::sign(&manifest, &key(CONTENT)).unwrap())
}

async fn catalogue(State(inner): State<Arc<Inner>>) -> Vec<u8> {
    inner.published.lock().unwrap().1.clone()
}

async fn submission(
    State(inner): State<Arc<Inner>>,
    method: Method,
    Path(place): Path<HashMap<String, String>>,
    body: Bytes,
) -> Response {
    *inner.asked.lock().unwrap() += 1;
    let is_refused = inner.refused.lock().unwrap().as_deref() == Some(place["id"].as_str());
    let answer = inner.answer.lock().unwrap().clone();
    let answer = if is_refused { Answer::Foreign(404, "text/html", "not here") } else { answer };
    match answer {
        Answer::Foreign(status, kind, body) => {
            (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, kind)], body).into_response()
        }
        Answer::Problem(code, retry_after) => problem(code, retry_after),
        _ if method != Method::PUT => problem(ProblemCode::NotFound, None),
        Answer::Receipt => receipted(&body, RECEIPT, None),
        Answer::ForgedReceipt => receipted(&body, NOBODY, None),
        Answer::ReceiptOf(another) => receipted(&body, RECEIPT, Some(another)),
    }
}

/// A receipt without ever asking for the chunks: what counts here is what the terminal makes of it.
fn receipted(manifest: &[u8], signer: u8, lie: Option<Another>) -> Response {
    let manifest: SubmissionManifest = serde_json::from_slice(manifest).unwrap();
    let bytes = STANDARD.decode(&manifest.header).unwrap();
    let header = Header::parse(&bytes).unwrap();
    let body = wire::seal::body_sha256(&bytes, manifest.chunks.iter());
    let mut receipt = Receipt {
        suite: SUITE,
        hall_id: hall_id(),
        hall_epoch: epoch(),
        terminal_no: header.terminal_no,
        installation_id: header.installation_id,
        kiosk_seq: header.kiosk_seq,
        submission_id: header.submission_id,
        number: header.number,
        body_sha256: body,
        server_seq: 1,
        received_at_ms: 1,
        key_id: "receipt-1".parse().unwrap(),
    };
    if let Some(another) = lie {
        another.put_into(&mut receipt);
    }
    json(&SubmissionState::Receipt(Signed::sign(&receipt, &key(signer)).unwrap()))
}

impl Another {
    fn put_into(self, receipt: &mut Receipt) {
        let other = "0190f000-0000-7000-8000-00000000000f";
        match self {
            Self::Body => receipt.body_sha256 = Sha256::of(b"another"),
            Self::Terminal => receipt.terminal_no = "008".parse().unwrap(),
            Self::Installation => receipt.installation_id = other.parse().unwrap(),
            Self::Count => receipt.kiosk_seq += 1,
            Self::Submission => receipt.submission_id = other.parse().unwrap(),
            Self::Number => receipt.number = "411681-20261123-007-00012-6".parse().unwrap(),
            Self::Hall => receipt.hall_id = other.parse().unwrap(),
            Self::Epoch => receipt.hall_epoch = other.parse().unwrap(),
            Self::Suite => receipt.suite += 1,
            Self::Owner => {
                for part in [Self::Terminal, Self::Installation, Self::Submission, Self::Body] {
                    part.put_into(receipt);
                }
            }
        }
    }
}
