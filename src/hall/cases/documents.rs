//! Issuing a document on a case: a PDF that the clerk uploads, with a title that the citizen sees. The page shows the
//! pick-up code; with it and the card any terminal prints the document.
use std::sync::Arc;

use axum::extract::{Multipart, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use zeroize::Zeroizing;

use super::{CaseRow, find};
use crate::clock::office_minute;
use crate::console::{PageError, Staff, csrf_field};
use crate::documents::{BYTES_MAX, NewDocument, TITLE_LIMIT, is_pdf, issue, waiting};
use crate::server::Core;

/// `POST /cases/{id}/documents`
pub(crate) async fn add(
    State(core): State<Arc<Core>>,
    staff: Staff,
    Path(case_id): Path<i64>,
    form: Multipart,
) -> Result<Response, PageError> {
    let typed = Typed::read(form).await?;
    staff.check(&typed.csrf)?;
    find(&core, case_id).await?.must_be_work_of(&staff)?;
    let title = typed.title.trim();
    if title.is_empty() || title.chars().count() > TITLE_LIMIT {
        return Err(PageError::Wrong("请填文书名称（60 字以内）"));
    }
    if !is_pdf(&typed.file) {
        return Err(PageError::Wrong("请选一个 PDF 文件（20 MB 以内）"));
    }
    let new = NewDocument { case_id, title: title.to_owned(), bytes: typed.file };
    issue(&core, &staff.login, new).await.map_err(|error| {
        tracing::error!(%error, "a document was not issued");
        PageError::Internal
    })?;
    Ok(Redirect::to(&format!("/cases/{case_id}")).into_response())
}

/// The documents of a case with their codes, and the form for another.
pub(super) async fn of(core: &Core, staff: &Staff, case: &CaseRow) -> Result<Markup, sqlx::Error> {
    let all = waiting(core, case.case_id).await?;
    Ok(html! {
        h2 { "发放文书" }
        @if !all.is_empty() {
            div.scroll { table {
                thead { tr { th { "文书" } th { "取件码" } th { "发放时间" } } }
                tbody { @for one in &all { tr {
                    td { (one.title) } td.mono { (one.code) } td { time { (office_minute(one.issued_at_ms)) } }
                } } }
            } }
            p.quiet { "申请人凭本人身份证和取件码，在任一终端打印；查办理进度时也会看到取件码。" }
        }
        form method="post" enctype="multipart/form-data" action={ "/cases/" (case.case_id) "/documents" } {
            (csrf_field(staff))
            label for="title" { "文书名称（申请人会看到）" }
            input id="title" name="title" required maxlength=(TITLE_LIMIT) placeholder="例如：准予登记通知书";
            label for="file" { "PDF 文件（20 MB 以内，加密保存）" }
            input id="file" name="file" type="file" accept="application/pdf" required;
            p { button.plain { "发放" } }
        }
    })
}

#[derive(Default)]
struct Typed {
    csrf: String,
    title: String,
    file: Zeroizing<Vec<u8>>,
}

impl Typed {
    async fn read(mut form: Multipart) -> Result<Self, PageError> {
        let wrong = |_| PageError::Wrong("文件没有传完整，或超过 20 MB，请重新选择");
        let mut typed = Self::default();
        while let Some(mut field) = form.next_field().await.map_err(wrong)? {
            match field.name().unwrap_or_default() {
                "csrf" => typed.csrf = field.text().await.map_err(wrong)?,
                "title" => typed.title = field.text().await.map_err(wrong)?,
                "file" => {
                    // Growing would leave copies behind that nobody overwrites.
                    typed.file.reserve_exact(BYTES_MAX);
                    while let Some(bytes) = field.chunk().await.map_err(wrong)? {
                        if typed.file.len() + bytes.len() > BYTES_MAX {
                            return Err(PageError::Wrong("文件超过 20 MB"));
                        }
                        typed.file.extend_from_slice(&bytes);
                    }
                }
                _ => return Err(PageError::NotFound),
            }
        }
        Ok(typed)
    }
}
