//! The frame of the pages for phones: large type, Chinese first with English below it, no script needed.
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

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

/// An address that leads nowhere.
pub(super) fn not_found() -> Response {
    let body = html! {
        h1 { "没有这一页" }
        (said("网址不完整或已失效。", "This address is not complete or has expired."))
        p { a.button href="/" { "查办理进度 Progress" } }
    };
    (StatusCode::NOT_FOUND, Page { title: "没有这一页", body }.render()).into_response()
}
