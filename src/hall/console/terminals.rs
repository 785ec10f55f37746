//! Terminals: where they stand, when they were last heard of, what waits there; one-time codes for new ones;
//! certificates that a restored hall does not know.
use std::sync::Arc;

use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};
use wire::ids::TerminalNo;

use super::{Page, PageError, Role, Staff, csrf_field, form, moment};
use crate::alarm::{self, Kind};
use crate::audit;
use crate::keys::{hex, unhex};
use crate::server::{Core, HallError};
use crate::terminals::counted;
use crate::terminals::{EnrolmentCode, new_code};

/// Three missed heartbeats and their jitter.
const SILENT_MS: i64 = 120_000;

/// `GET /terminals`
pub(crate) async fn page(State(core): State<Arc<Core>>, staff: Staff) -> Result<Response, PageError> {
    staff.must_see("/terminals")?;
    render(&core, &staff, html! {}).await
}

/// For which place a code is wanted.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    csrf: String,
    terminal_no: String,
    place: String,
}

/// `POST /terminals/code`
pub(crate) async fn create_code(
    State(core): State<Arc<Core>>,
    staff: Staff,
    Form(wanted): Form<Wanted>,
) -> Result<Response, PageError> {
    staff.check(&wanted.csrf)?;
    staff.must_be(Role::Administrator)?;
    let terminal_no: TerminalNo =
        wanted.terminal_no.trim().parse().map_err(|_| PageError::Wrong("终端号是三位数字，例如 007"))?;
    let place = wanted.place.trim();
    let made = new_code(&core, &terminal_no, place, &staff.login).await;
    let message = match made {
        Ok(code) => shown_once(&code),
        Err(HallError::Refused(reason)) => form::refused(&reason),
        Err(_) => return Err(PageError::Internal),
    };
    render(&core, &staff, message).await
}

/// What to do with an unknown certificate.
#[derive(Deserialize)]
pub(crate) struct Decision {
    csrf: String,
    spki: String,
    decision: String,
}

/// `POST /terminals/certificate`: confirm or deny.
pub(crate) async fn decide(
    State(core): State<Arc<Core>>,
    staff: Staff,
    Form(form): Form<Decision>,
) -> Result<Response, PageError> {
    staff.check(&form.csrf)?;
    staff.must_be(Role::Administrator)?;
    let mut spki = vec![0; 32];
    if !unhex(&form.spki, &mut spki) {
        return Err(PageError::NotFound);
    }
    let (state, event) = match form.decision.as_str() {
        "confirm" => ("active", "certificate.confirmed"),
        "deny" => ("denied", "certificate.denied"),
        _ => return Err(PageError::NotFound),
    };
    let now = core.clock.now_ms();
    let mut tx = core.db.begin().await?;
    // A terminal may have renewed meanwhile: what is decided holds for all certificates of its data folder.
    let row = sqlx::query!(
        "update certificate set state = ?1
         where (terminal_no, installation_id) = (select terminal_no, installation_id from certificate where spki_sha256 = ?2)
            and state <> 'denied' and (?1 = 'denied' or state = 'unconfirmed')
         returning terminal_no, installation_id",
        state,
        spki
    )
    .fetch_all(&mut *tx)
    .await?
    .into_iter()
    .next()
    .ok_or(PageError::NotFound)?;
    if let Some(installation) = row.installation_id.filter(|_| state == "active") {
        crate::terminals::remember(&mut tx, (&row.terminal_no, &installation), now).await?;
    }
    alarm::settle(&mut tx, Kind::CertificateUnconfirmed, &form.spki, now).await?;
    let fields = json!({ "terminal": row.terminal_no, "spki": form.spki });
    audit::write(&mut tx, audit::Entry { actor: &staff.login, event, fields, at_ms: now }).await?;
    tx.commit().await?;
    core.backup_wanted.notify_one();
    Ok(Redirect::to("/terminals").into_response())
}

async fn render(core: &Core, staff: &Staff, message: Markup) -> Result<Response, PageError> {
    let now = core.clock.now_ms();
    let terminals = sqlx::query!(
        "select t.terminal_no, t.place, i.last_seen_ms as \"last_seen_ms?\", i.state as \"state?\",
            (select coalesce(max(s.kiosk_seq), 0) - count(distinct s.kiosk_seq) from submission s
                where s.installation_id = i.installation_id) as \"holes!: i64\", i.installation_id is not null as \"enrolled!: i64\"
         from terminal t left join installation i on i.terminal_no = t.terminal_no order by t.terminal_no, i.enrolled_ms"
    )
    .fetch_all(core.db.read())
    .await?;
    let certificates = sqlx::query!(
        "select spki_sha256, terminal_no, state, issued_ms, not_after_ms from certificate
         where state <> 'replaced' order by state = 'unconfirmed' desc, terminal_no"
    )
    .fetch_all(core.db.read())
    .await?;
    let administrator = staff.role == Role::Administrator;
    let body = html! {
        (message)
        @if administrator { (code_form(staff)) }
        div.scroll {
            table {
                thead { tr { th { "终端" } th { "位置" } th { "状态" } th { "设备" } th { "待送达" } th { "隔离" } th { "序号缺口" } th { "最近联系" } } }
                tbody { @for row in &terminals {
                    @let heard = row.last_seen_ms.is_some_and(|seen| now - seen < SILENT_MS);
                    tr {
                        td { strong { (row.terminal_no) " 号" } } td { (row.place) }
                        td { @if row.last_seen_ms.is_none() { span.warn { @if row.enrolled > 0 { "! 已登记，还没联系" } @else { "! 等待登记" } } }
                             @else if heard { span.good { "✓ 正常" } } @else { span.bad { "× 离线" } } }
                        td { @if heard { (troubles(row.state.as_deref())) } @else { "—" } }
                        td { (waiting(row.state.as_deref())) }
                        td { (quarantined(row.state.as_deref())) }
                        td { @if row.holes > 0 { span.warn { "! " (row.holes) " 件" } } @else { "0" } }
                        td { @if let Some(seen) = row.last_seen_ms { (moment(seen, now)) } @else { "—" } }
                    }
                } }
            }
            @if terminals.is_empty() { p.empty { "还没有终端。在上面填终端号和位置，生成登记码。" } }
        }
        p.quiet { "“隔离”：大厅拒收、终端仍加密保存的申请，不会自动重送，请技术员查明原因。" }
        p.quiet { "“序号缺口”：终端的提交逐件编号，中间缺的还在终端上（待送达或被隔离），或已丢失。" }
        h2 { "证书" }
        div.scroll { table {
            thead { tr { th { "状态" } th { "终端" } th { "公钥指纹" } th { "到期" } th {} } }
            tbody { @for row in &certificates { tr {
                td { (certificate_state(&row.state)) } td { (row.terminal_no) " 号" }
                td.mono { (fingerprint(&row.spki_sha256)) }
                td { (crate::clock::office_minute(row.not_after_ms)) }
                td { @if administrator && row.state != "denied" { (decision_form(staff, &row.spki_sha256, &row.state)) } }
            } } }
        } }
    };
    Ok(Page { staff, entry: "/terminals", title: "终端", action: html! {}, body }.render())
}

fn code_form(staff: &Staff) -> Markup {
    let number = html! { input id="terminal_no" name="terminal_no" required pattern="[0-9]{3}" placeholder="007"; };
    let place = html! { input id="place" name="place" required placeholder="大厅东门"; };
    let fields = html! { (form::field("terminal_no", "终端号", number)) (form::field("place", "位置", place)) };
    form::bar(staff, "/terminals/code", (fields, "登记新终端"))
}

fn shown_once(code: &EnrolmentCode) -> Markup {
    form::done(html! {
        (code.terminal_no) " 号终端的登记码，只显示这一次，24 小时内有效，只能用一次："
        div.code { (code.code) }
        div.mono.quiet { (code.qr) }
    })
}

fn decision_form(staff: &Staff, spki: &[u8], state: &str) -> Markup {
    html! {
        form.inline method="post" action="/terminals/certificate" {
            (csrf_field(staff))
            input type="hidden" name="spki" value=(hex(spki));
            @if state == "unconfirmed" { button name="decision" value="confirm" { "确认" } " " }
            button.plain name="decision" value="deny" { "停用" }
        }
    }
}

fn certificate_state(state: &str) -> Markup {
    match state {
        "active" => html! { span.good { "✓ 使用中" } },
        "issued" => html! { "○ 已签发，未使用" },
        "unconfirmed" => html! { span.bad { "× 待确认" } },
        _ => html! { span.warn { "! 已停用" } },
    }
}

/// The first 8 bytes, as both screens show them.
fn fingerprint(spki: &[u8]) -> String {
    let digits = hex(spki.get(..8).unwrap_or(spki));
    digits.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

fn waiting(state: Option<&str>) -> String {
    counted(state, "stored").map_or_else(|| "—".to_owned(), |count| count.to_string())
}

/// What the hall refused for good and the terminal keeps: a person must look.
fn quarantined(state: Option<&str>) -> Markup {
    match counted(state, "quarantined") {
        None => html! { "—" },
        Some(0) => html! { "0" },
        Some(count) => html! { span.bad { "× " (count) " 件" } },
    }
}

/// The devices' own words, as they came with the last heartbeat.
fn troubles(state: Option<&str>) -> Markup {
    let state = state.and_then(|text| serde_json::from_str::<Value>(text).ok()).unwrap_or_default();
    let troubles: Vec<(&String, &str)> = state
        .get("troubles")
        .and_then(Value::as_object)
        .map(|all| all.iter().map(|(class, what)| (class, what.as_str().unwrap_or_default())).collect())
        .unwrap_or_default();
    html! {
        @if troubles.is_empty() { span.good { "✓ 正常" } }
        @for (class, what) in troubles {
            div { span.bad { "× " (device_word(class)) " " (trouble_word(what)) }
                span.quiet { " " (who_acts(what)) }
                @if trouble_word(what) != what { " " span.quiet.mono { (what) } } }
        }
    }
}

fn device_word(class: &str) -> &str {
    match class {
        "id_card_reader" => "身份证阅读器",
        "receipt_printer" => "凭条打印机",
        "document_printer" => "文档打印机",
        "document_scanner" => "扫描仪",
        "usb_stick" => "U 盘口",
        "barcode_reader" => "扫码器",
        "camera" => "摄像头",
        "indicator" => "指示灯",
        "cabinet_door" => "柜门",
        "store" => "本机数据",
        "certificate" => "终端证书",
        "clock" => "时钟",
        "content" => "已发布的内容",
        other => other,
    }
}

/// Who must act (XFS4IoT `action`: reset, clear, maintenance, configuration, software error), by the device's word.
fn who_acts(what: &str) -> &str {
    match what {
        "unplugged" | "silent" | "garbled" | "offline" => "终端自动重试",
        "fault" | "hardware" | "not_found" => "请技术人员处理",
        "in_use" | "access_denied" | "misconfigured" | "wrong_model" => "请改终端配置",
        "software" => "请报告软件供应方",
        "log_not_emptied" | "disk_full" | "disk_error" | "database_corrupt" | "database_error" | "unknown_row" => {
            "请技术人员查看终端磁盘"
        }
        "not_renewed" | "no_time" | "content_unusable" => "请系统管理员处理",
        _ => "现场人员处理",
    }
}

/// The drivers' words as people say them; what is not known is shown as it came.
fn trouble_word(what: &str) -> &str {
    match what {
        "offline" => "没有应答",
        "paper_out" => "缺纸",
        "jammed" => "卡纸",
        "cover_open" => "盖子开着",
        "fault" | "hardware" => "故障",
        "not_found" | "unplugged" => "没有连上，请检查线缆和电源",
        "open" => "开着",
        "silent" => "没有应答",
        "garbled" => "应答有误，请检查线缆",
        "in_use" => "被别的程序占用",
        "access_denied" => "没有使用权限",
        "misconfigured" => "地址配置有误",
        "wrong_model" => "型号与配置不符",
        "software" => "不接受指令",
        "toner_out" => "墨粉用完",
        "tray_missing" => "纸盒没有放好",
        "output_full" => "出纸口满了",
        "feeder_empty" => "进纸器没有纸",
        "log_not_emptied" => "已删除的数据还留在数据库日志里",
        "disk_full" => "磁盘已满",
        "disk_error" => "磁盘读写出错",
        "database_corrupt" | "database_error" | "unknown_row" => "数据库有损坏，请勿删除数据文件夹",
        "not_renewed" => "证书没有续上",
        "no_time" => "拿不到大厅的时间",
        "content_unusable" => "收到的内容不能用",
        other => other,
    }
}
