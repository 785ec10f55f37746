//! The hall's keys on its console: what they are for, a new sealing key, and destroying an old one once nothing needs
//! it any more. Acts that cannot be undone are typed.
use std::sync::Arc;

use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use wire::signed::KeyUse;

use super::{PageError, Role, Staff, form, moment};
use crate::audit;
use crate::clock::office_minute;
use crate::keys::retire::{self, Hold, RetireError};
use crate::server::Core;

const ROTATE: &str = "更换";
const DESTROY: &str = "销毁";

/// The section of the settings page.
pub(super) async fn section(core: &Core, staff: &Staff) -> Result<Markup, sqlx::Error> {
    let now = core.clock.now_ms();
    let keys =
        sqlx::query!("select key_id, use, created_ms, not_after_ms, destroyed_ms from hall_key order by position")
            .fetch_all(core.db.read())
            .await?;
    let mut holds = Vec::with_capacity(keys.len());
    for key in &keys {
        let sealing = key.r#use == "sealing" && key.destroyed_ms.is_none();
        holds.push(if sealing { Some(retire::hold(core, &key.key_id).await?) } else { None });
    }
    let administrator = staff.role == Role::Administrator;
    let rotating =
        form::Typed {
            subject: "sealing", word: ROTATE, explain: "更换加密密钥：输入“更换”确认；旧密钥仍能打开旧申请"
        };
    Ok(html! {
        h2 { "密钥" }
        @if administrator { (form::typed(staff, "/settings/rotate", &rotating)) }
        div.scroll { table {
            thead { tr { th { "用途" } th { "编号" } th { "生成" } th { "建议更换" } th { "旧加密密钥" } } }
            tbody { @for (key, hold) in keys.iter().zip(&holds) { tr {
                td { (use_word(&key.r#use)) } td.mono { (key.key_id) }
                td { (moment(key.created_ms, now)) } td { (office_minute(key.not_after_ms)) }
                td { @if let Some(at) = key.destroyed_ms { span.quiet { "已销毁 " (moment(at, now)) } }
                     @else if let Some(hold) = hold { (held(staff, &key.key_id, hold)) } }
            } } }
        } }
    })
}

fn held(staff: &Staff, key_id: &str, hold: &Hold) -> Markup {
    let explain = format!("输入“销毁”确认；{} 件已办结的申请内容从此打不开", hold.ended);
    html! {
        @if hold.newest { span.good { "✓ 使用中" } }
        @else if !hold.is_free() {
            span.quiet {
                "不能销毁"
                @if hold.open > 0 { "；还有 " (hold.open) " 件要用它打开" }
                @if !hold.terminals.is_empty() { "；等终端连续一天报告没有用它加密的申请：" (hold.terminals.join("、")) }
            }
        } @else if staff.role == Role::Administrator {
            (form::typed(staff, "/settings/destroy", &form::Typed { subject: key_id, word: DESTROY, explain: &explain }))
        } @else { "可以销毁" }
    }
}

fn use_word(usage: &str) -> &str {
    match usage {
        "sealing" => "加密申请",
        "receipt" => "回执签名",
        "watermark" => "备份进度签名",
        "time" => "时间签名",
        "content" => "内容签名",
        other => other,
    }
}

/// A typed confirmation.
#[derive(Deserialize)]
pub(crate) struct Confirmed {
    csrf: String,
    confirm: String,
    subject: String,
}

/// `POST /settings/rotate`: a new sealing key; terminals learn it with their next heartbeat.
pub(crate) async fn rotate(
    State(core): State<Arc<Core>>,
    staff: Staff,
    Form(form): Form<Confirmed>,
) -> Result<Response, PageError> {
    staff.check(&form.csrf)?;
    staff.must_be(Role::Administrator)?;
    if form.confirm.trim() != ROTATE {
        return Err(PageError::Wrong("请输入“更换”确认"));
    }
    let key_id = core.rotate(KeyUse::Sealing).await.map_err(|error| {
        tracing::error!(%error, "the sealing key was not changed");
        PageError::Internal
    })?;
    let mut tx = core.db.begin().await?;
    let fields = json!({ "key": key_id });
    let at_ms = core.clock.now_ms();
    audit::write(&mut tx, audit::Entry { actor: &staff.login, event: "key.rotated", fields, at_ms }).await?;
    tx.commit().await?;
    Ok(Redirect::to("/settings").into_response())
}

/// `POST /settings/destroy`: an old sealing key, for good.
pub(crate) async fn destroy(
    State(core): State<Arc<Core>>,
    staff: Staff,
    Form(form): Form<Confirmed>,
) -> Result<Response, PageError> {
    staff.check(&form.csrf)?;
    staff.must_be(Role::Administrator)?;
    if form.confirm.trim() != DESTROY {
        return Err(PageError::Wrong("请输入“销毁”确认"));
    }
    match retire::destroy(&core, &staff.login, &form.subject).await {
        Ok(()) => Ok(Redirect::to("/settings").into_response()),
        Err(RetireError::Held) => Err(PageError::Wrong("这把密钥还不能销毁，原因见设置页")),
        Err(error) => {
            tracing::error!(%error, "the key was not destroyed");
            Err(PageError::Internal)
        }
    }
}
