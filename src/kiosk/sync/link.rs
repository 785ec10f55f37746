//! One HTTP/1.1 connection to the hall over TLS, opened when needed and again after an error. Answers are bounded
//! before they are buffered and only taken if they are of our protocol: whatever else speaks on this network (a
//! captive portal, a proxy) is told apart and never believed.

use super::link_error::LinkError;
use super::network::Network;
use super::tls::HallSeen;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::{DnsName, ServerName};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use wire::api::{JSON_BYTES_MAX, Problem};

/// For connecting and the handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// For one request and its answer.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// A slot further away than this is no slot.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(60 * 60);

/// A connection to the hall, or the wish for one.
pub struct Link {
    address: String,
    tls: Arc<ClientConfig>,
    network: Network,
    open: Option<Open>,
}

/// What is sent along.
pub enum Send<'a, T> {
    /// Nothing.
    Nothing,
    /// JSON.
    Json(&'a T),
    /// Sealed bytes.
    Bytes(Vec<u8>),
}

struct Open {
    sender: SendRequest<Full<Bytes>>,
    hall: HallSeen,
}

impl Link {
    /// To `HOST:PORT`; nothing is opened yet.
    #[must_use]
    pub fn new(address: &str, tls: Arc<ClientConfig>, network: Network) -> Self {
        Self { address: address.to_owned(), tls, network, open: None }
    }

    /// Drops the connection; the next request opens another.
    pub fn close(&mut self) {
        self.open = None;
    }

    /// The hall as the handshake showed it.
    ///
    /// # Errors
    /// When it cannot be reached or is another.
    pub async fn hall(&mut self) -> Result<HallSeen, LinkError> {
        Ok(self.opened().await?.hall.clone())
    }

    /// `GET` of JSON.
    ///
    /// # Errors
    /// When the hall does not answer, answers a problem, or is not the one who answers.
    pub async fn get<A: DeserializeOwned>(&mut self, path: &str) -> Result<A, LinkError> {
        self.ask(Method::GET, path, Send::<()>::Nothing, REQUEST_TIMEOUT).await
    }

    /// `POST` of JSON.
    ///
    /// # Errors
    /// As [`Link::get`].
    pub async fn post<T: Serialize, A: DeserializeOwned>(&mut self, path: &str, body: &T) -> Result<A, LinkError> {
        self.ask(Method::POST, path, Send::Json(body), REQUEST_TIMEOUT).await
    }

    /// A request whose answer is JSON.
    ///
    /// # Errors
    /// As [`Link::get`].
    pub async fn ask<T: Serialize, A: DeserializeOwned>(
        &mut self,
        method: Method,
        path: &str,
        body: Send<'_, T>,
        within: Duration,
    ) -> Result<A, LinkError> {
        let (status, bytes) = self.exchange(method, path, body, (within, JSON_BYTES_MAX)).await?;
        serde_json::from_slice(&bytes).map_err(|_| LinkError::Foreign { status, retry_after: None })
    }

    /// A request whose answer has no body that matters; only a status of our hall's own making counts.
    ///
    /// # Errors
    /// As [`Link::get`].
    pub async fn put_bytes(&mut self, path: &str, body: Vec<u8>) -> Result<(), LinkError> {
        // A chunk of 1 MiB must get through a slow line, too.
        let bounds = (REQUEST_TIMEOUT * 4, JSON_BYTES_MAX);
        self.exchange(Method::PUT, path, Send::<()>::Bytes(body), bounds).await.map(drop)
    }

    /// `DELETE`; the answer has no body.
    ///
    /// # Errors
    /// As [`Link::get`].
    pub async fn delete(&mut self, path: &str) -> Result<(), LinkError> {
        self.exchange(Method::DELETE, path, Send::<()>::Nothing, (REQUEST_TIMEOUT, JSON_BYTES_MAX)).await.map(drop)
    }

    /// Content by its hash; the caller compares it.
    ///
    /// # Errors
    /// As [`Link::get`].
    pub async fn blob(&mut self, path: &str, bytes_max: usize) -> Result<Bytes, LinkError> {
        Ok(self.exchange(Method::GET, path, Send::<()>::Nothing, (REQUEST_TIMEOUT * 4, bytes_max)).await?.1)
    }

    async fn exchange<T: Serialize>(
        &mut self,
        method: Method,
        path: &str,
        body: Send<'_, T>,
        (within, bytes_max): (Duration, usize),
    ) -> Result<(u16, Bytes), LinkError> {
        let request = request(&self.address, method, path, body)?;
        let network = self.network.clone();
        let answered = tokio::select! {
            answered = timeout(within, self.answered(request, bytes_max)) => answered.unwrap_or(Err(LinkError::Timeout)),
            () = network.until_cut() => Err(LinkError::Unreachable(std::io::ErrorKind::NetworkDown)),
        };
        // After anything but an answer of our hall it is not known where this connection stands.
        if !matches!(answered, Ok(_) | Err(LinkError::Problem { .. })) {
            self.close();
        }
        answered
    }

    async fn answered(&mut self, request: Request<Full<Bytes>>, bytes_max: usize) -> Result<(u16, Bytes), LinkError> {
        let open = self.opened().await?;
        let response = open.sender.send_request(request).await.map_err(|error| LinkError::of(&error))?;
        let head = Head::of(&response);
        let bytes = Limited::new(response.into_body(), bytes_max)
            .collect()
            .await
            .map_err(|error| error.downcast_ref::<hyper::Error>().map_or(LinkError::TooLarge, LinkError::of))?;
        let bytes = bytes.to_bytes();
        if head.status.is_success() {
            return Ok((head.status.as_u16(), bytes));
        }
        let (status, retry_after) = (head.status.as_u16(), head.retry_after);
        let problem = if head.is_problem { serde_json::from_slice::<Problem>(&bytes).ok() } else { None };
        Err(problem.map_or(LinkError::Foreign { status, retry_after }, |problem| LinkError::Problem {
            code: problem.code,
            status,
            retry_after,
        }))
    }

    async fn opened(&mut self) -> Result<&mut Open, LinkError> {
        if self.open.as_ref().is_none_or(|open| open.sender.is_closed()) {
            let connected = timeout(CONNECT_TIMEOUT, connect(&self.address, Arc::clone(&self.tls)));
            let network = self.network.clone();
            self.open = Some(tokio::select! {
                connected = connected => connected.unwrap_or(Err(LinkError::Timeout))?,
                () = network.until_cut() => return Err(LinkError::Unreachable(std::io::ErrorKind::NetworkDown)),
            });
        }
        let open = self.open.as_mut().ok_or(LinkError::Timeout)?;
        open.sender.ready().await.map_err(|error| LinkError::of(&error))?;
        Ok(open)
    }
}

struct Head {
    status: StatusCode,
    retry_after: Option<Duration>,
    is_problem: bool,
}

impl Head {
    fn of(response: &Response<Incoming>) -> Self {
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let seconds = header(RETRY_AFTER).and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        Self {
            status: response.status(),
            retry_after: seconds.map(|wait| wait.min(RETRY_AFTER_MAX)),
            is_problem: header(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/problem+json")),
        }
    }
}

fn request<T: Serialize>(
    host: &str,
    method: Method,
    path: &str,
    body: Send<'_, T>,
) -> Result<Request<Full<Bytes>>, LinkError> {
    let (kind, bytes) = match body {
        Send::Nothing => ("", Vec::new()),
        Send::Json(thing) => ("application/json", serde_json::to_vec(thing).map_err(|_| LinkError::Request)?),
        Send::Bytes(bytes) => ("application/octet-stream", bytes),
    };
    let builder = Request::builder().method(method).uri(path).header(HOST, host);
    let builder = if kind.is_empty() { builder } else { builder.header(CONTENT_TYPE, kind) };
    builder.body(Full::new(Bytes::from(bytes))).map_err(|_| LinkError::Request)
}

async fn connect(address: &str, tls: Arc<ClientConfig>) -> Result<Open, LinkError> {
    let tcp = TcpStream::connect(address).await.map_err(|error| LinkError::Unreachable(error.kind()))?;
    let _ = tcp.set_nodelay(true);
    // Never sent and never compared; the type wants one.
    let name = DnsName::try_from("hall.invalid").map_err(|_| LinkError::Request)?;
    let stream = TlsConnector::from(tls).connect(ServerName::DnsName(name), tcp).await;
    let stream = stream.map_err(|error| LinkError::of_handshake(&error))?;
    let hall = HallSeen::of(stream.get_ref().1.peer_certificates()).map_err(|_| LinkError::NotOurHall)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| LinkError::of(&error))?;
    // Ends with the sender or the peer; its error comes out at the sender too.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(Open { sender, hall })
}
