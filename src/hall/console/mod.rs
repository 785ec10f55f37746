//! The staff's pages: server-rendered HTML, readable and usable without JavaScript.
//! Every page checks the role; every form carries a token; what opens a citizen's data is audited.
mod accounts;
mod alarms;
mod calls;
mod form;
mod keys;
mod layout;
mod role;
mod session;
mod settings;
mod terminals;
mod today;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::html;

pub(crate) use accounts::{NewAccount, create as create_account, set_password};
pub(crate) use layout::{Page, csrf_field, moment};
pub use role::Role;
pub(crate) use session::{Staff, Token, hash_password, random_password};

use crate::cases;
use crate::server::Core;

/// A document and the fields around it.
const DOCUMENT_FORM_BYTES_MAX: usize = crate::documents::BYTES_MAX + 64 * 1024;

/// All pages of the console.
pub(crate) fn router(core: Arc<Core>) -> Router {
    Router::new()
        .route("/", get(today::page))
        .route("/login", get(session::login_page).post(session::login))
        .route("/logout", post(session::logout))
        .route("/terminals", get(terminals::page))
        .route("/terminals/code", post(terminals::create_code))
        .route("/terminals/certificate", post(terminals::decide))
        .route("/cases", get(cases::list::page))
        .route("/cases/{id}", get(cases::page::page))
        .route("/cases/{id}/open", post(cases::open::open))
        .route("/cases/{id}/step", post(cases::steps::decide))
        .route(
            "/cases/{id}/documents",
            post(cases::documents::add).layer(DefaultBodyLimit::max(DOCUMENT_FORM_BYTES_MAX)),
        )
        .route("/calls", get(calls::page))
        .route("/calls/changes", get(calls::changes))
        .route("/calls/{id}/answer", post(calls::answer))
        .route("/calls/{id}/close", post(calls::close))
        .route("/alarms", get(alarms::page))
        .route("/alarms/{id}/close", post(alarms::close))
        .route("/people", get(accounts::page).post(accounts::add))
        .route("/settings", get(settings::page))
        .route("/settings/backup", post(settings::backup_now))
        .route("/settings/rotate", post(keys::rotate))
        .route("/settings/destroy", post(keys::destroy))
        .route("/console.css", get(|| asset("text/css; charset=utf-8", include_str!("console.css"))))
        .route("/console.js", get(|| asset("text/javascript; charset=utf-8", include_str!("console.js"))))
        .fallback(|| async { PageError::NotFound })
        .with_state(core)
}

/// Why a page is not shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    #[error("没有这一页")]
    NotFound,
    #[error("您的角色不能看这一页")]
    Forbidden,
    #[error("{0}")]
    Wrong(&'static str),
    #[error("系统出错了，请稍后再试；仍不行请找系统管理员")]
    Internal,
}

impl From<sqlx::Error> for PageError {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(%error, "console query failed");
        Self::Internal
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Wrong(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let message = self.to_string();
        let page = layout::bare(&message, html! { h1 { (message) } p { a href="/" { "回到今日" } } });
        (status, page).into_response()
    }
}

/// The form did not come from one of our pages.
fn csrf_error() -> PageError {
    PageError::Wrong("页面已过期，请返回、刷新后再提交")
}

async fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=300")], text).into_response()
}
