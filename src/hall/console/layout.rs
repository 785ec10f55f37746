//! The frame of every console page: navigation, title, warnings in red, states as word + sign + colour.
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::session::Staff;
use crate::clock::office_minute;

/// One page inside the frame.
pub(crate) struct Page<'a> {
    pub(crate) staff: &'a Staff,
    /// Address of the navigation entry that stands for it.
    pub(crate) entry: &'static str,
    pub(crate) title: &'a str,
    /// The primary action, right of the title.
    pub(crate) action: Markup,
    pub(crate) body: Markup,
}

impl Page<'_> {
    pub(crate) fn render(self) -> Response {
        let inner = html! {
            div.frame {
                (navigation(self.staff, self.entry))
                main {
                    div.head { h1 { (self.title) } (self.action) }
                    (self.body)
                }
            }
        };
        respond(document(self.title, inner))
    }
}

/// A whole document without navigation (login, errors).
pub(crate) fn bare(title: &str, body: Markup) -> Response {
    respond(document(title, html! { main.login { (body) } }))
}

/// A moment: relative to now, the exact one on hover.
pub(crate) fn moment(ms: i64, now_ms: i64) -> Markup {
    let exact = office_minute(ms);
    html! { time title=(exact) { (relative(ms, now_ms).unwrap_or_else(|| exact.clone())) } }
}

/// Hidden field that proves that a form came from our page.
pub(crate) fn csrf_field(staff: &Staff) -> Markup {
    html! { input type="hidden" name="csrf" value=(staff.csrf); }
}

fn relative(ms: i64, now_ms: i64) -> Option<String> {
    let seconds = now_ms.checked_sub(ms).filter(|ago| *ago >= 0)? / 1000;
    match seconds {
        0..10 => Some("刚刚".to_owned()),
        10..60 => Some(format!("{seconds} 秒前")),
        60..3600 => Some(format!("{} 分钟前", seconds / 60)),
        3600..86400 => Some(format!("{} 小时前", seconds / 3600)),
        _ => None,
    }
}

fn navigation(staff: &Staff, current: &str) -> Markup {
    html! {
        nav aria-label="主导航" {
            div.hall { (staff.hall_name) }
            @for (address, word) in staff.role.entries() {
                a href=(address) aria-current=[(*address == current).then_some("page")] { (word) }
            }
            div.who {
                (staff.name) br; (staff.role.word())
                form method="post" action="/logout" { (csrf_field(staff)) button.plain { "退出" } }
            }
        }
    }
}

fn document(title: &str, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="stylesheet" href="/console.css";
                script src="/console.js" defer {}
            }
            body { (body) }
        }
    }
}

fn respond(page: Markup) -> Response {
    let PreEscaped(text) = page;
    let policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; \
                  form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ];
    (headers, Html(text)).into_response()
}
