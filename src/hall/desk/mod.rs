//! The hall without its listeners, for tests that end it thousands of times: the same preparation, routes and
//! transactions, asked in process. What only the network does (TLS, limits of connections) is not here; the caller
//! says with which certificate he comes.
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http_body_util::BodyExt as _;
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request};
use tower::ServiceExt as _;
use wire::api::{EnrolAnswer, EnrolRequest, EnrolResponse, path};
use wire::enrol;
use wire::ids::{InstallationId, KeyId, Sha256, TerminalNo};
use wire::signed::KeyUse;

use crate::cases::open_body;
use crate::config::HallConfig;
use crate::inspect::{InspectError, OpenError, Opened};
use crate::server::{Addresses, Core, HallError, Peer, PeerCertificate, lock, prepare};
use crate::{backup, submissions, terminals, tls};

/// An opened data folder.
pub struct Desk {
    core: Arc<Core>,
    router: Router,
    _lock: File,
}

/// What the hall answered.
pub struct Answered {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Desk {
    /// Opens the folder as a hall does that starts.
    pub async fn open(config: HallConfig) -> Result<Self, HallError> {
        let lock = lock(&config.data)?;
        let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let core = Arc::new(prepare(config, Addresses { terminals: nowhere, public: None }).await?);
        Ok(Self { router: terminals::router(Arc::clone(&core)), core, _lock: lock })
    }

    pub fn epoch(&self) -> String {
        self.core.epoch.to_string()
    }

    /// What terminals seal to.
    pub fn sealing_key(&self) -> Result<(KeyId, [u8; 32]), HallError> {
        let keys = self.core.keys();
        let key = keys.newest(KeyUse::Sealing)?;
        Ok((key.id()?, key.public()?))
    }

    /// Enrols a terminal by a new code.
    pub async fn enrol(
        &self,
        terminal_no: TerminalNo,
        installation_id: InstallationId,
        csr: &[u8],
    ) -> Result<EnrolAnswer, HallError> {
        let refused = |why: &str| HallError::Refused(why.to_owned());
        let code = terminals::new_code(&self.core, &terminal_no, "test", "hall").await?.code;
        let key = enrol::key(&code, &self.core.hall_id, &terminal_no).map_err(|_| refused("code"))?;
        let leaf = Sha256(self.core.leaf.spki_sha256());
        let mac = BASE64.encode(enrol::terminal_mac(&key, csr, &leaf));
        let request = EnrolRequest { terminal_no, installation_id, csr: BASE64.encode(csr), mac };
        let body = serde_json::to_vec(&request).map_err(|_| refused("request"))?;
        let answered = self.ask(Method::POST, path::ENROL, None, body).await?;
        let response: EnrolResponse = serde_json::from_slice(&answered.body).map_err(|_| refused("answer"))?;
        let answer = BASE64.decode(response.answer).map_err(|_| refused("answer"))?;
        serde_json::from_slice(&answer).map_err(|_| refused("answer"))
    }

    /// One request to the terminals' routes, by the terminal of this certificate.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        certificate: Option<&[u8]>,
        body: Vec<u8>,
    ) -> Result<Answered, HallError> {
        let refused = |why: &str| HallError::Refused(why.to_owned());
        let certificate = match certificate {
            Some(der) => {
                let facts = tls::facts(der).ok_or_else(|| refused("certificate"))?;
                Some(Arc::new(PeerCertificate { der: der.to_vec(), facts }))
            }
            None => None,
        };
        let json = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
        let mut request = json.body(Body::from(body)).map_err(|_| refused("request"))?;
        request.extensions_mut().insert(Peer { certificate, source: None });
        // A router cannot fail; what goes wrong is an answer.
        let answer = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.map_err(|_| refused("body"))?.to_bytes().to_vec();
        Ok(Answered { status, body })
    }

    /// What terminals may let go, by the rule of the settings.
    pub async fn safe_through(&self) -> Result<u64, HallError> {
        Ok(backup::run(&self.core).await?)
    }

    /// The opened bodies of all cases of a submission number, or why one does not open.
    pub async fn opened(&self, number: &str) -> Result<Vec<Result<Opened, OpenError>>, InspectError> {
        let mut reader = self.core.db.read().acquire().await?;
        let rows = sqlx::query!("select submission_id from case_file where number = ? order by case_id", number)
            .fetch_all(&mut *reader)
            .await?;
        let mut opened = Vec::new();
        for row in rows {
            let envelope = submissions::load(&mut reader, &row.submission_id).await?.ok_or(InspectError::Unknown)?;
            opened.push(open_body(&self.core.bodies, &self.core.keys(), &envelope));
        }
        Ok(opened)
    }

    /// Closes the database.
    pub async fn close(self) {
        self.core.db.close().await;
    }
}
