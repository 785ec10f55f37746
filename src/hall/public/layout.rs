//! The frame of the pages for phones: large type, Chinese first with English below it, no script needed.
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::limits::Wait;
use crate::server::Core;

/// One page.
pub(super) struct Page<'a> {
    pub(super) title: &'a str,
    pub(super) body: Markup,
}

impl Page<'_> {
    pub(super) fn render(self) -> Response {
        let PreEscaped(text) = html! {
            (DOCTYPE)
            html lang="zh-CN" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    title { (self.title) }
                    link rel="stylesheet" href="/public.css";
                }
                body { main { (self.body) } }
            }
        };
        Html(text).into_response()
    }
}

/// A sentence in both languages.
pub(super) fn said(zh: &str, en: &str) -> Markup {
    html! { p { (zh) } p.en lang="en" { (en) } }
}

/// The hall's name above a page, and the terminal's number if the page is for one.
pub(super) fn hall(core: &Core, terminal_no: Option<&str>) -> Markup {
    html! {
        p.hall {
            (core.contents.current().loaded.catalogue.hall.name_zh)
            @if let Some(number) = terminal_no { " " (number) " 号终端" }
        }
    }
}

/// Too many wrong tries. `page` shows the form with the message above it; `more` ends the message.
pub(super) fn locked(wait: Wait, more: Markup, page: impl FnOnce(Markup) -> Response) -> Response {
    let minutes = wait.seconds.div_ceil(60);
    let message = html! { div.bad role="alert" {
        p { "× 输错次数太多，请 " (minutes) " 分钟后再试。" }
        p.en lang="en" { "Too many wrong tries. Please try again in " (minutes) " min." }
        (more)
    } };
    let retry = [(header::RETRY_AFTER, wait.seconds.to_string())];
    (StatusCode::TOO_MANY_REQUESTS, retry, page(message)).into_response()
}

/// An address that leads nowhere.
pub(super) fn not_found() -> Response {
    let body = html! {
        h1 { "没有这一页" }
        (said("网址不完整或已失效。", "This address is not complete or has expired."))
        p { a.button href="/" { "查办理进度 Progress" } }
    };
    (StatusCode::NOT_FOUND, Page { title: "没有这一页", body }.render()).into_response()
}
