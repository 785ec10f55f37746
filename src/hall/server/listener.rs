//! Accepts connections, with TLS or without, and serves a router on each until the hall stops.
//! Who is at the other end (the client certificate) travels with every request of the connection.
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::header::EXPECT;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::rest;
use crate::limits::{ConnectionLimit, Source};
use crate::tls::{CertificateFacts, facts};

/// A handshake or a request head that takes longer is given up.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// What is under way at a stop may still end.
const STOP_GRACE: Duration = Duration::from_secs(2);
/// After a failed accept (no file handles left), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The client certificate of a connection, verified to be of the hall's CA.
#[derive(Clone, Debug, Default)]
pub(crate) struct Peer {
    pub(crate) certificate: Option<Arc<PeerCertificate>>,
    /// Where the connection comes from.
    pub(crate) source: Option<Source>,
}

/// A verified certificate with what it says.
#[derive(Debug)]
pub(crate) struct PeerCertificate {
    pub(crate) der: Vec<u8>,
    pub(crate) facts: CertificateFacts,
}

/// One listener with what it serves.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) router: Router,
    /// Connections in work at once; further ones wait in the kernel's queue.
    pub(crate) turns: Arc<Semaphore>,
    /// Connections at once from one source; the terminals' listener knows who comes.
    pub(crate) per_source: Option<ConnectionLimit>,
}

impl Listener {
    /// Serves until told to stop.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut connections = JoinSet::new();
        loop {
            let Ok(turn) = Arc::clone(&self.turns).acquire_owned().await else { break };
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                () = stopped(&mut stop) => break,
            };
            let Ok((stream, address)) = accepted else {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let source = Source::of(address.ip());
            let place = self.per_source.as_ref().map(|limit| limit.enter(source));
            // One source may not take all the turns; who has too many is dropped without a word.
            let Ok(place) = place.transpose() else { continue };
            let (tls, router, stop) = (self.tls.clone(), self.router.clone(), stop.clone());
            connections.spawn(async move {
                let _held = (turn, place);
                connection((stream, source), tls, router, stop).await;
            });
            while connections.try_join_next().is_some() {}
        }
        drop(self.socket);
        while connections.join_next().await.is_some() {}
    }
}

/// Waits for the hall's end; a hall whose handle is gone has ended, too.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn connection(
    (stream, source): (TcpStream, Source),
    tls: Option<TlsAcceptor>,
    router: Router,
    stop: watch::Receiver<bool>,
) {
    let source = Some(source);
    // Small answers must not wait for more to send.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        return requests(stream, Peer { certificate: None, source }, router, stop).await;
    };
    let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_LIMIT, tls.accept(stream)).await else {
        return;
    };
    let der = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first()).map(|cert| cert.to_vec());
    let certificate = der.and_then(|der| facts(&der).map(|facts| Arc::new(PeerCertificate { der, facts })));
    requests(stream, Peer { certificate, source }, router, stop).await;
}

async fn requests<S>(stream: S, peer: Peer, router: Router, mut stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        // Who asks first whether to send a body has not sent it; reading would invite it.
        let was_sent = !request.headers().contains_key(EXPECT);
        let (head, body) = request.into_parts();
        let (body, rest) = rest::lend(body);
        let answer = router.clone().oneshot(Request::from_parts(head, axum::body::Body::new(body)));
        async move {
            let answer = answer.await;
            if was_sent {
                rest.read_away().await;
            }
            answer
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HANDSHAKE_LIMIT)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(STOP_GRACE, connection).await;
        }
    }
}
