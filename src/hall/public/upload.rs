//! The page that a terminal's code leads a phone to: choose files or take photos, send them, see that they arrived.
//! A plain form does it all; a small script adds progress. What a file is, is found out at the terminal, not here.
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use serde::Serialize;

use super::layout::{Page, hall, said};
use crate::server::Core;
use crate::uploads::{LIMITS, Refused, Seen};

/// A whole session's files and the form around them.
pub(super) const BODY_BYTES_MAX: usize = 128 << 20;
/// A phone that sends nothing for so long has left.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);
/// Photos and what people print; the terminal looks at the content and decides.
const ACCEPT: &str = "image/*,.pdf,.ofd,.tif,.tiff,.txt,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.wps,.et,.odt,.ods";

/// `GET /u/{token}`
pub(super) async fn page(State(core): State<Arc<Core>>, Path(token): Path<String>) -> Response {
    match core.uploads.seen(&token, core.clock.now_ms()) {
        Some(seen) => offered(&core, (&token, &seen), html! {}),
        None => over(),
    }
}

/// `POST /u/{token}`: one or several files of a form.
pub(super) async fn send(
    State(core): State<Arc<Core>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    form: Multipart,
) -> Response {
    let wants_json =
        headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|it| it.contains("json"));
    let Some(seen) = core.uploads.seen(&token, core.clock.now_ms()) else {
        return if wants_json { answer(&[Sent::new("", Err(Refused::Closed))]) } else { over() };
    };
    let sent = all_files(&core, &token, form).await;
    if wants_json { answer(&sent) } else { offered(&core, (&token, &seen), told(&sent)) }
}

/// What became of one file.
#[derive(Serialize)]
struct Sent {
    name: String,
    taken: bool,
    zh: String,
    en: String,
}

impl Sent {
    fn new(name: &str, result: Result<u64, Refused>) -> Self {
        let (zh, en) = match result {
            Ok(bytes) => (format!("已送到终端（{}）", size(bytes)), format!("Sent ({})", size(bytes))),
            Err(refused) => words(refused),
        };
        Self { name: name.chars().take(120).collect(), taken: result.is_ok(), zh, en }
    }
}

fn words(refused: Refused) -> (String, String) {
    let most = size(LIMITS.file_bytes_max);
    let text = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
    match refused {
        Refused::Closed | Refused::Taken => {
            text("链接已失效，请扫终端屏幕上的新二维码", "The link has expired; scan the new code on the terminal")
        }
        Refused::Full => text(
            "大厅暂时放不下更多文件，请过几分钟再传，或用 U 盘",
            "The hall cannot hold more files right now; try again in some minutes or use a USB stick",
        ),
        Refused::SessionFull => text(
            "这次传的文件太大了，请先在终端打印已传的，再传其余的",
            "Too much at once; print at the terminal what you sent, then send the rest",
        ),
        Refused::TooManyFiles => {
            (format!("一次最多传 {} 个文件", LIMITS.files_max), format!("At most {} files", LIMITS.files_max))
        }
        Refused::Busy => text("前面的文件还在传，请稍等再传", "Other files are still on their way; please wait"),
        Refused::TooBig => (format!("文件超过 {most}，没有收下"), format!("Larger than {most}, not taken")),
        Refused::Cut => text("没有传完整，请再传一次", "It did not arrive whole; please send it again"),
    }
}

/// Reads the form to its end, so that the phone gets to read the answer; what is not taken is thrown away as it comes.
async fn all_files(core: &Arc<Core>, token: &str, mut form: Multipart) -> Vec<Sent> {
    let mut sent = Vec::new();
    loop {
        match in_time(form.next_field()).await {
            Ok(Some(field)) if is_chosen(&field) => sent.push(one_file(core, token, field).await),
            Ok(Some(mut field)) => while let Ok(Some(_)) = in_time(field.chunk()).await {},
            Ok(None) => return sent,
            Err(refused) => {
                // The file before may have said so already.
                if sent.last().is_none_or(|last| last.taken) {
                    sent.push(Sent::new("", Err(refused)));
                }
                return sent;
            }
        }
    }
}

/// An input that was left empty comes as a file without a name.
fn is_chosen(field: &Field<'_>) -> bool {
    field.file_name().is_some_and(|name| !name.is_empty())
}

async fn one_file(core: &Arc<Core>, token: &str, mut field: Field<'_>) -> Sent {
    let name = field.file_name().unwrap_or_default().to_owned();
    let media = field.content_type().unwrap_or_default().to_owned();
    let result = sealed(core, token, (&name, &media), &mut field).await;
    if result.is_err() {
        while let Ok(Some(_)) = in_time(field.chunk()).await {}
    }
    Sent::new(&name, result)
}

async fn sealed(
    core: &Arc<Core>,
    token: &str,
    (name, media): (&str, &str),
    field: &mut Field<'_>,
) -> Result<u64, Refused> {
    let mut incoming = core.uploads.begin(token, core.clock.now_ms())?;
    incoming.named(name, media)?;
    while let Some(bytes) = in_time(field.chunk()).await? {
        incoming.push(&bytes)?;
    }
    incoming.finish()
}

async fn in_time<T>(work: impl Future<Output = Result<T, MultipartError>>) -> Result<T, Refused> {
    match tokio::time::timeout(SILENCE_LIMIT, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Refused::SessionFull),
        Ok(Err(_)) | Err(_) => Err(Refused::Cut),
    }
}

fn answer(sent: &[Sent]) -> Response {
    Json(sent).into_response()
}

fn told(sent: &[Sent]) -> Markup {
    html! {
        @for one in sent {
            @if one.taken { p.done role="status" { "✓ " (one.name) " " (one.zh) } }
            @else { p.bad role="alert" { "× " (one.name) " " (one.zh) br; span lang="en" { (one.en) } } }
        }
        @if sent.is_empty() { p.bad role="alert" { "× 还没有选文件。" span lang="en" { " No file was chosen." } } }
        @if sent.iter().any(|one| one.taken) {
            (said("请回到终端屏幕继续；也可以在这里再传。", "Go on at the terminal's screen, or send more here."))
        }
    }
}

fn offered(core: &Core, (token, seen): (&str, &Seen), message: Markup) -> Response {
    let (most, files) = (size(LIMITS.file_bytes_max), LIMITS.files_max);
    let body = html! {
        (hall(core, Some(&seen.terminal_no)))
        h1 { "把文件传到终端打印" }
        p.en lang="en" { "Send files to the terminal to print" }
        div id="told" aria-live="polite" { (message) }
        form.card id="upload" method="post" enctype="multipart/form-data" action={ "/u/" (token) }
            data-bytes=(LIMITS.file_bytes_max) data-files=(files) {
            label.pick { "拍照" span.en lang="en" { "Take a photo" }
                input type="file" id="photo" name="photo" accept="image/*" capture="environment"; }
            label.pick { "选文件或照片" span.en lang="en" { "Choose files or pictures" }
                input type="file" id="files" name="files" accept=(ACCEPT) multiple; }
            button id="send" { "传到终端 Send" }
        }
        p.hint { "PDF、图片、OFD、Word、Excel、文本；每个不超过 " (most) "，一次最多 " (files) " 个。" }
        p.hint lang="en" { "PDF, pictures, OFD, Office, text; up to " (most) " each, " (files) " files." }
        p.hint { "文件加密传到您面前的终端，大厅只在内存里暂存，取走即删，最长 10 分钟。" }
        p.hint lang="en" { "Files are encrypted for the terminal in front of you, held in memory only, for 10 minutes at most." }
        script src="/upload.js" {}
    };
    Page { title: "传文件到终端", body }.render()
}

fn over() -> Response {
    let body = html! {
        h1 { "链接已失效" }
        (said("每个二维码只用一次，10 分钟内有效。请扫终端屏幕上的新二维码。",
              "Each code works once, for 10 minutes. Please scan the new code on the terminal's screen."))
    };
    (StatusCode::GONE, Page { title: "链接已失效", body }.render()).into_response()
}

/// "3.2 MB", as phones show sizes.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_048_576 => format!("{} KB", bytes.div_ceil(1024)),
        _ if bytes.is_multiple_of(1_048_576) => format!("{} MB", bytes / 1_048_576),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}
