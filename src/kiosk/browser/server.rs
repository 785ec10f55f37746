//! The server's half: five files, the seat, and one WebSocket. It runs on a thread and a runtime of its own,
//! so that encoding a picture holds up nobody.

use super::input::{MESSAGE_BYTES_MAX, Message as Sent};
use super::seat::{Bought, Seat};
use super::shared::{Batch, Hello, SeenLayers, Shared};
use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{DefaultBodyLimit, Request, State as Extract};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::{Notify, oneshot};

/// Batches on their way that the browser has not drawn yet; beyond it rectangles merge.
const UNDRAWN_MAX: u32 = 2;
/// Another page of the same seat has come.
const CLOSE_ELSEWHERE: u16 = 4001;
/// A message that we do not know.
const CLOSE_POLICY: u16 = 1008;
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src blob:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) struct State {
    pub(super) seat: Seat,
    pub(super) shared: Arc<Shared>,
}

struct Served {
    seat: Seat,
    shared: Arc<Shared>,
    /// Ends the view that is open, because the seat opened another.
    elsewhere: std::sync::Mutex<Arc<Notify>>,
}

/// Starts the server; it ends when the other end of `stopped` is dropped.
pub(super) fn start(
    listener: TcpListener,
    State { seat, shared }: State,
    stopped: oneshot::Receiver<()>,
) -> std::io::Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let served = Arc::new(Served { seat, shared, elsewhere: std::sync::Mutex::default() });
    std::thread::Builder::new().name("browser".to_owned()).spawn(move || {
        runtime.block_on(async {
            let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
            let serving = axum::serve(listener, router(served));
            tokio::select! {
                _ = serving => {}
                _ = stopped => {}
            }
        });
        runtime.shutdown_background();
    })
}

fn router(served: Arc<Served>) -> Router {
    Router::new()
        .route("/", get(|| file("text/html; charset=utf-8", include_str!("page/index.html"))))
        .route("/view.js", get(|| file("text/javascript; charset=utf-8", include_str!("page/view.js"))))
        .route("/layer.js", get(|| file("text/javascript; charset=utf-8", include_str!("page/layer.js"))))
        .route("/tones.js", get(|| file("text/javascript; charset=utf-8", include_str!("page/tones.js"))))
        .route("/view.css", get(|| file("text/css; charset=utf-8", include_str!("page/view.css"))))
        .route("/seat", post(buy_seat))
        .route("/view", get(open_view))
        .layer(DefaultBodyLimit::max(256))
        .layer(middleware::from_fn_with_state(served.clone(), guard))
        .with_state(served)
}

async fn file(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind)], text)
}

/// Every request must name our host; every answer says what a page of ours may do.
async fn guard(Extract(served): Extract<Arc<Served>>, request: Request, next: Next) -> Response {
    let mut response = if served.seat.host_is_ours(request.headers()) {
        next.run(request).await
    } else {
        refuse("This address is not served here.")
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn refuse(why: &'static str) -> Response {
    (StatusCode::FORBIDDEN, why).into_response()
}

async fn buy_seat(Extract(served): Extract<Arc<Served>>, headers: HeaderMap, token: Bytes) -> Response {
    if !served.seat.origin_is_ours(&headers) {
        return refuse("This page may not ask for the seat.");
    }
    match served.seat.buy(&headers, &String::from_utf8_lossy(&token)) {
        Ok(Bought::New(cookie)) => (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response(),
        Ok(Bought::Already) => StatusCode::NO_CONTENT.into_response(),
        Ok(Bought::Refused) => refuse("The link is wrong, or another browser has the seat."),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn open_view(Extract(served): Extract<Arc<Served>>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    if !served.seat.origin_is_ours(&headers) {
        return refuse("This page may not open the view.");
    }
    if !served.seat.sits(&headers) {
        return refuse("Another browser has the seat.");
    }
    let upgrade = upgrade.max_message_size(MESSAGE_BYTES_MAX).max_frame_size(MESSAGE_BYTES_MAX);
    upgrade.on_upgrade(move |socket| view(socket, served))
}

/// One open view, until the browser goes or the seat opens another.
async fn view(mut socket: WebSocket, served: Arc<Served>) {
    let elsewhere = Arc::new(Notify::new());
    let before = {
        let mut current = served.elsewhere.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::replace(&mut *current, elsewhere.clone())
    };
    before.notify_one();
    let (visit, hello) = served.shared.begin();
    let closing = tokio::select! {
        closing = talk(&mut socket, &served.shared, &hello) => closing,
        () = elsewhere.notified() => Some(CLOSE_ELSEWHERE),
    };
    served.shared.end(visit);
    if let Some(code) = closing {
        let _ = socket.send(Message::Close(Some(CloseFrame { code, reason: "".into() }))).await;
    }
}

/// Sends what changed and takes what comes. The code to close with, if we end it.
async fn talk(socket: &mut WebSocket, shared: &Shared, hello: &Hello) -> Option<u16> {
    let hello = serde_json::to_string(hello).ok()?;
    socket.send(Message::Text(hello.into())).await.ok()?;
    let (mut seen, mut undrawn) = (SeenLayers::default(), 0_u32);
    loop {
        tokio::select! {
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                    Ok(Sent::Seen) => undrawn = undrawn.saturating_sub(1),
                    Ok(sent) => hand_over(shared, sent).await,
                    Err(_) => return Some(CLOSE_POLICY),
                },
                Some(Ok(Message::Binary(_))) => return Some(CLOSE_POLICY),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            },
            () = shared.changed.notified(), if undrawn < UNDRAWN_MAX => {
                undrawn += send_batch(socket, shared.take_batch(), &mut seen).await?;
            }
        }
    }
}

async fn hand_over(shared: &Shared, mut message: Sent) {
    while let Err(back) = shared.offer(message) {
        message = back;
        shared.taken.notified().await;
    }
}

/// Rectangles, then the differences of the layers. How many batches went out: 0 or 1; `None`: the browser is gone.
async fn send_batch(socket: &mut WebSocket, mut batch: Batch, seen: &mut SeenLayers) -> Option<u32> {
    let drawn = !batch.cuts.is_empty();
    for (pane, cut) in std::mem::take(&mut batch.cuts) {
        if let Some(bytes) = u8::try_from(pane).ok().and_then(|pane| cut.encode(pane)) {
            socket.send(Message::Binary(bytes.into())).await.ok()?;
        }
    }
    let changes = match seen.changes(batch) {
        Some(changes) => changes,
        None if drawn => seen.no_changes(),
        None => return Some(0),
    };
    let text = serde_json::to_string(&changes).ok()?;
    socket.send(Message::Text(text.into())).await.ok()?;
    Some(1)
}
