//! The citizens' listener: what a phone can ask of the hall, off by default (protocol v1, section 7). Its own port,
//! certificate and router; every page works without JavaScript, is stored nowhere and tells nobody where it came from.
mod face;
mod layout;
mod progress;
mod upload;
mod verify;

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::html;

pub(crate) use face::{Face, keep_certificate};

use crate::server::{Core, Peer};

/// Forms of these pages are a few short fields.
const FORM_BYTES_MAX: usize = 4096;
/// Phones of a hall may share one address; nobody types this fast.
pub(crate) const REQUESTS_BURST: u32 = 120;
pub(crate) const REQUESTS_PER_SECOND: u32 = 20;
/// Browsers open up to six; a shared address has several phones behind it.
pub(crate) const CONNECTIONS_PER_SOURCE: usize = 48;

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// All pages for phones.
pub(crate) fn router(core: Arc<Core>) -> Router {
    let files = Router::new()
        .route("/u/{token}", get(upload::page).post(upload::send))
        .layer(DefaultBodyLimit::max(upload::BODY_BYTES_MAX));
    Router::new()
        .route("/", get(progress::form))
        .route("/progress", post(progress::by_number))
        .route("/s/{token}", get(progress::by_token))
        .route("/v", get(verify::form).post(verify::typed))
        .route("/v/{code}", get(verify::scanned))
        .route("/public.css", get(|| asset("text/css; charset=utf-8", include_str!("public.css"))))
        .route("/upload.js", get(|| asset("text/javascript; charset=utf-8", include_str!("upload.js"))))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .merge(files)
        .fallback(|| async { layout::not_found() })
        .layer(middleware::from_fn_with_state(Arc::clone(&core), guard))
        .with_state(core)
}

/// Before and after every page: the right name, not too often, strict headers.
async fn guard(State(core): State<Arc<Core>>, request: Request, next: Next) -> Response {
    let source = request.extensions().get::<Peer>().and_then(|peer| peer.source).unwrap_or_default();
    let mut response = if !is_ours(&core, &request) {
        StatusCode::MISDIRECTED_REQUEST.into_response()
    } else if let Err(wait) = core.public_rate.take(source, Instant::now()) {
        too_often(wait.as_secs() + 1)
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Another name than the configured one leads here only by a trick (DNS rebinding).
fn is_ours(core: &Core, request: &Request) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name.eq_ignore_ascii_case(&core.config.public.name)
}

fn too_often(seconds: u64) -> Response {
    let body = html! {
        h1 { "请求太多" } p { "请过 " (seconds) " 秒再试。" }
        p.en lang="en" { "Too many requests. Please try again in " (seconds) " s." }
    };
    let page = layout::Page { title: "请求太多", body }.render();
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())], page).into_response()
}

async fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=300")], text).into_response()
}
