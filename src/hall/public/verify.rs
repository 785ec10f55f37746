//! Whether a paper is what it says: the verification code on it leads to what was issued, when, by whom, for which
//! masked name, and whether it still holds. Wrong codes count as wrong tries of their source.
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::layout::{Page, hall, locked, said};
use crate::clock::office_minute;
use crate::records::{Code, Verified, verify};
use crate::server::{Core, Peer};

/// `GET /v`
pub(super) async fn form(State(core): State<Arc<Core>>) -> Response {
    asked(&core, html! {})
}

/// The code as typed.
#[derive(Deserialize)]
pub(super) struct Fields {
    code: String,
}

/// `POST /v`
pub(super) async fn typed(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    Form(fields): Form<Fields>,
) -> Response {
    answer(&core, &peer, &fields.code).await
}

/// `GET /v/{code}`: what the picture on the paper leads to.
pub(super) async fn scanned(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    Path(code): Path<String>,
) -> Response {
    answer(&core, &peer, &code).await
}

async fn answer(core: &Core, peer: &Peer, code: &str) -> Response {
    let (source, now) = (format!("{} verify", peer.source.unwrap_or_default()), core.clock.now_ms());
    let begun = match core.tries.begin(&source, now) {
        Ok(begun) => begun,
        Err(wait) => return locked(wait, html! {}, |message| asked(core, message)),
    };
    let Some(code) = Code::parse(code) else {
        let message = html! { div.bad role="alert" { (said(
            "× 验证码是 12 位字母和数字，印在纸的下方。",
            "The code has 12 letters and digits and stands at the foot of the paper.",
        )) } };
        return (StatusCode::UNPROCESSABLE_ENTITY, asked(core, message)).into_response();
    };
    let found = verify(core, &code).await;
    // Right, or the hall failed: neither is a wrong code.
    if matches!(found, Ok(None)) {
        begun.wrong();
    }
    match found {
        Ok(Some(found)) => shown(core, &found),
        Ok(None) => {
            let message = html! { div.bad role="alert" { (said(
                "× 本大厅没有出具过这个验证码的文书。请核对验证码；核对无误的，这份文书可能是伪造的。",
                "This hall has issued no paper with this code. If you typed it correctly the paper may be forged.",
            )) } };
            (StatusCode::NOT_FOUND, asked(core, message)).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "verification failed");
            let message =
                said("大厅系统暂时没有应答，请稍后再试。", "The hall does not answer now. Please try again later.");
            (StatusCode::SERVICE_UNAVAILABLE, asked(core, message)).into_response()
        }
    }
}

fn shown(core: &Core, found: &Verified) -> Response {
    let body = html! {
        (hall(core, None))
        h1 { "文书核验" }
        div.card {
            @if found.still_valid { p.state.good { "✓ 本大厅出具，在有效期内" } p.en lang="en" { "Issued by this hall, still valid" } }
            @else { p.state.warn { "! 本大厅出具，已过有效期" } p.en lang="en" { "Issued by this hall, no longer valid" } }
            table {
                tr { th { "文书" } td { (found.title) } }
                tr { th { "姓名" } td { (found.masked_name) } }
                tr { th { "出具" } td { (found.issuer) } }
                tr { th { "时间" } td { (office_minute(found.issued_ms)) } }
                tr { th { "有效期至" } td { (found.valid_through) } }
                tr { th { "事项" } td { (core.contents.item_name(&found.item_id)) } }
            }
        }
        (said("请核对纸上的姓名、文书名称和时间与这里一致。", "Compare name, title and time with the paper."))
    };
    Page { title: "文书核验", body }.render()
}

fn asked(core: &Core, message: Markup) -> Response {
    let body = html! {
        (hall(core, None))
        h1 { "文书核验" }
        p.en lang="en" { "Verify a paper issued by this hall" }
        (message)
        form.card method="post" action="/v" autocomplete="off" {
            label for="code" { "12 位验证码" span.en lang="en" { "12-character code" } }
            input type="text" id="code" name="code" required maxlength="30" placeholder="XXXX-XXXX-XXXX";
            button { "核验 Verify" }
        }
    };
    Page { title: "文书核验", body }.render()
}
