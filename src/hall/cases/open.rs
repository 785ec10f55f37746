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
use wire::catalogue::{Codes, Field, Item};
use wire::form::{Answers, Issue, Value};

use super::{CaseRow, Opened, find, intake, page};
use crate::console::{PageError, Staff};
use crate::server::Core;
use crate::submissions;
use crate::{audit, backup};

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
    let opened = backup::open_stored(&core, envelope).await.map_err(|_| PageError::Internal)?;
    let shown = match opened {
        Ok(opened) => {
            let issues = intake::issues_of(&core, &case, &opened.part0).await?;
            contents(&core, &case, (&opened, &issues))
        }
        Err(error) => html! { p.red role="alert" { "× 打不开：" (error) } },
    };
    Ok(page::render(&core, &staff, &case, shown).await?)
}

fn contents(core: &Core, case: &CaseRow, (opened, issues): (&Opened, &[Issue])) -> Markup {
    let (part0, catalogue) = (&opened.part0, &core.contents.current().loaded.catalogue);
    let shown = Shown { item: core.contents.current().item(&case.item_id), codes: &catalogue.codes };
    html! {
        h2 { "填写内容" }
        @for issue in issues { p.notice { "! " (shown.labels(&issue.fields)) "：" (issue.message.zh) } }
        dl { (shown.answers(&part0.answers, "")) }
        @if !part0.cards.is_empty() {
            h2 { "读取的证件" }
            dl { @for card in &part0.cards {
                dt { (catalogue.card_roles.get(&card.role).map_or(card.role.as_str(), |role| role.zh.as_str())) }
                dd { (card.name) " " (card.id_no) " " span.quiet { "有效期至 " (card.valid_to) } }
            } }
        }
        @for entry in &part0.parts {
            h2 { "附件 " (entry.part) " " span.quiet { (shown.attachment_name(&entry.field)) } }
            @if let Some(bytes) = attachment(opened, entry.part).filter(|_| PICTURES.contains(&entry.media.as_str())) {
                img.part alt={ "附件 " (entry.part) } src={ "data:" (entry.media) ";base64," (BASE64.encode(bytes)) };
            } @else { p.quiet { (entry.media) " 不是图片，不在此显示。" } }
        }
    }
}

fn attachment(opened: &Opened, part: u32) -> Option<&[u8]> {
    let index = usize::try_from(part).ok()?.checked_sub(1)?;
    opened.attachments.get(index).map(|bytes| bytes.as_slice())
}

/// How the answers of an item are shown: in the form's order, with its labels and the words of its codes.
struct Shown<'a> {
    item: Option<&'a Item>,
    codes: &'a Codes,
}

impl Shown<'_> {
    fn answers(&self, answers: &Answers, prefix: &str) -> Markup {
        let mut rows: Vec<_> = answers.iter().collect();
        rows.sort_by_key(|(key, _)| self.position(prefix, key));
        html! {
            @for (key, value) in rows {
                @let path = format!("{prefix}{key}");
                @let field = self.item.and_then(|item| item.form.field(&path));
                @let label = field.map_or(key, |field| field.label(false));
                @match value {
                    Value::Rows(rows) => { @for (n, row) in rows.iter().enumerate() {
                        dt { (label) " " (n + 1) } dd { dl { (self.answers(row, &format!("{path}.{n}."))) } }
                    } },
                    other => { dt { (label) } dd { (self.text(field, other)) } },
                }
            }
        }
    }

    fn position(&self, prefix: &str, key: &str) -> usize {
        let head = if prefix.is_empty() { Some(key) } else { None };
        let form = self.item.map(|item| &item.form);
        let place = form.zip(head).and_then(|(form, head)| form.fields().position(|field| field.key == head));
        place.unwrap_or(usize::MAX)
    }

    fn text(&self, field: Option<&Field>, value: &Value) -> String {
        let word = |code: &String| {
            let choices = field.map(|field| self.codes.choices(field)).unwrap_or_default();
            choices.iter().find(|choice| choice.value == *code).map_or(code.clone(), |choice| choice.label.zh.clone())
        };
        match value {
            Value::Text(text) => word(text),
            Value::Flag(true) => "是".to_owned(),
            Value::Flag(false) => "否".to_owned(),
            Value::List(list) => list.iter().map(word).collect::<Vec<_>>().join("、"),
            Value::Range { from, to } => format!("{from} 至 {to}"),
            Value::Contact(contact) => format!("{} {}", contact.name, contact.value).trim().to_owned(),
            Value::Rows(_) => String::new(),
        }
    }

    fn labels(&self, fields: &[String]) -> String {
        let form = self.item.map(|item| &item.form);
        let label = |key: &String| {
            form.and_then(|form| form.field(key)).map_or_else(|| key.clone(), |field| field.label(false).to_owned())
        };
        fields.iter().map(label).collect::<Vec<_>>().join("、")
    }

    fn attachment_name(&self, field: &str) -> String {
        let number = field.parse::<u32>().ok();
        let materials = self.item.map(|item| item.materials.as_slice()).unwrap_or_default();
        let material = materials.iter().find(|material| Some(material.order_num) == number);
        material.map_or_else(|| field.to_owned(), |material| material.material_name.clone())
    }
}
