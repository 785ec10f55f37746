//! Opening a case: a clerk of the item's department, with a reason, audited before anything is shown.
//! The page is the answer to a form, so that no address and no history leads to it again.
use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use wire::catalogue::Item;
use wire::form::{Answers, Value};

use super::{Opened, find, open_body, page};
use crate::audit;
use crate::console::{PageError, Staff};
use crate::server::Core;
use crate::submissions;

const REASON_LIMIT: usize = 200;
const PICTURES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];

/// Why it is opened.
#[derive(Deserialize)]
pub(crate) struct Reason {
    csrf: String,
    reason: String,
}

/// `POST /cases/{id}/open`
pub(crate) async fn open(
    State(core): State<Arc<Core>>,
    staff: Staff,
    Path(case_id): Path<i64>,
    Form(form): Form<Reason>,
) -> Result<Response, PageError> {
    staff.check(&form.csrf)?;
    let case = find(&core, case_id).await?;
    case.must_be_work_of(&staff)?;
    let reason = form.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_LIMIT {
        return Err(PageError::Wrong("请写明事由（200 字以内）"));
    }
    let mut tx = core.db.begin().await?;
    let fields = json!({ "case": case_id, "reason": reason });
    let at_ms = core.clock.now_ms();
    audit::write(&mut tx, audit::Entry { actor: &staff.login, event: "case.opened", fields, at_ms }).await?;
    tx.commit().await?;
    let mut reader = core.db.read().acquire().await?;
    let envelope = submissions::load(&mut reader, &case.submission_id).await?.ok_or(PageError::NotFound)?;
    drop(reader);
    let working = Arc::clone(&core);
    let opened = tokio::task::spawn_blocking(move || open_body(&working.bodies, &working.keys(), &envelope))
        .await
        .map_err(|_| PageError::Internal)?;
    let shown = match opened {
        Ok(opened) => contents(core.contents.current().item(&case.item_id), &opened),
        Err(error) => html! { p.red role="alert" { "× 打不开：" (error) } },
    };
    Ok(page::render(&core, &staff, &case, shown))
}

fn contents(item: Option<&Item>, opened: &Opened) -> Markup {
    let part0 = &opened.part0;
    html! {
        h2 { "填写内容" }
        dl { (answers(item, &part0.answers, "")) }
        @if !part0.cards.is_empty() {
            h2 { "读取的证件" }
            dl { @for card in &part0.cards {
                dt { (card.role) } dd { (card.name) " " (card.id_no) " " span.quiet { "有效期至 " (card.valid_to) } }
            } }
        }
        @for entry in &part0.parts {
            h2 { "附件 " (entry.part) " " span.quiet { (entry.field) " " (entry.media) } }
            @if let Some(bytes) = attachment(opened, entry.part).filter(|_| PICTURES.contains(&entry.media.as_str())) {
                img.part alt={ "附件 " (entry.part) } src={ "data:" (entry.media) ";base64," (BASE64.encode(bytes)) };
            } @else { p.quiet { "不是图片，不在此显示。" } }
        }
    }
}

fn attachment(opened: &Opened, part: u32) -> Option<&[u8]> {
    let index = usize::try_from(part).ok()?.checked_sub(1)?;
    opened.attachments.get(index).map(|bytes| bytes.as_slice())
}

fn answers(item: Option<&Item>, answers: &Answers, prefix: &str) -> Markup {
    html! {
        @for (key, value) in answers.iter() {
            @let path = format!("{prefix}{key}");
            @let label = item.and_then(|item| item.form.field(&path)).map_or(key, |field| field.label(false));
            @match value {
                Value::Rows(rows) => { @for (n, row) in rows.iter().enumerate() {
                    dt { (label) " " (n + 1) } dd { dl { (self::answers(item, row, &format!("{path}.{n}."))) } }
                } },
                other => { dt { (label) } dd { (text(other)) } },
            }
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Flag(true) => "是".to_owned(),
        Value::Flag(false) => "否".to_owned(),
        Value::List(list) => list.join("、"),
        Value::Range { from, to } => format!("{from} 至 {to}"),
        Value::Contact(contact) => format!("{} {}", contact.name, contact.value).trim().to_owned(),
        Value::Rows(_) => String::new(),
    }
}
