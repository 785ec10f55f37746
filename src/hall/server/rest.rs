//! What is left of a request's body when its answer is ready: it is read away before the answer goes out. A sender
//! whose bytes meet a closed connection loses the answer, too, and would take a refusal that says why for a broken
//! line (RFC 9112 section 9.6). Bounded in bytes and time; beyond them the connection closes as it would have.
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tokio::sync::oneshot;

/// More than the largest thing a page or a terminal sends by mistake; who goes on is not waiting for an answer.
const BYTES_MAX: usize = 64 << 20;
const TIME_MAX: Duration = Duration::from_secs(10);

/// A body on loan: when its reader lets go of it, what was not read comes back.
pub(super) struct Lent(Option<(Incoming, oneshot::Sender<Incoming>)>);

/// Where a lent body comes back.
pub(super) struct Rest(oneshot::Receiver<Incoming>);

/// Lends a body.
pub(super) fn lend(body: Incoming) -> (Lent, Rest) {
    let (back, rest) = oneshot::channel();
    (Lent(Some((body, back))), Rest(rest))
}

impl Rest {
    /// Reads away what came back, within the bounds. A body that is still being read, or was read whole, is left.
    pub(super) async fn read_away(mut self) {
        let Ok(body) = self.0.try_recv() else { return };
        let _ = tokio::time::timeout(TIME_MAX, read_away(body)).await;
    }
}

async fn read_away(mut body: Incoming) {
    let mut left = BYTES_MAX;
    while left > 0 && !body.is_end_stream() {
        let Some(Ok(frame)) = body.frame().await else { break };
        left = left.saturating_sub(frame.data_ref().map_or(1, |data| data.len().max(1)));
    }
}

impl Body for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        match &mut self.0 {
            Some((body, _)) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(|(body, _)| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(|| SizeHint::with_exact(0), |(body, _)| body.size_hint())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some((body, back)) = self.0.take() {
            let _ = back.send(body);
        }
    }
}
