//! Password login (argon2id) and sessions of the console: a random cookie whose hash is stored, a token in every
//! form, five wrong passwords lock the account for a quarter of an hour.
use std::sync::{Arc, OnceLock};

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use axum::extract::{Form, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::layout::bare;
use super::role::Role;
use super::{PageError, csrf_error};
use crate::audit;
use crate::clock::{is_ahead, latest_stamp};
use crate::keys::{Secret, hex};
use crate::server::Core;

const COOKIE: &str = "yimen_console";
const IDLE_LIMIT_MS: i64 = 30 * 60 * 1000;
const SESSION_LIMIT_MS: i64 = 12 * 3600 * 1000;
const TRIES: i64 = 5;
const LOCK_MS: i64 = 15 * 60 * 1000;

/// The person behind a request.
#[derive(Clone, Debug)]
pub(crate) struct Staff {
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) dept_id: Option<String>,
    pub(crate) csrf: String,
    pub(crate) hall_name: String,
}

impl Staff {
    /// Refuses a form that did not come from one of our pages.
    pub(crate) fn check(&self, csrf: &str) -> Result<(), PageError> {
        if bool::from(self.csrf.as_bytes().ct_eq(csrf.as_bytes())) { Ok(()) } else { Err(csrf_error()) }
    }

    /// Refuses what the role does not include.
    pub(crate) fn must_see(&self, entry: &'static str) -> Result<(), PageError> {
        if self.role.sees(entry) { Ok(()) } else { Err(PageError::Forbidden) }
    }

    /// Refuses everybody else.
    pub(crate) fn must_be(&self, role: Role) -> Result<(), PageError> {
        if self.role == role { Ok(()) } else { Err(PageError::Forbidden) }
    }
}

impl FromRequestParts<Arc<Core>> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, core: &Arc<Core>) -> Result<Self, Response> {
        match current(core, &parts.headers).await {
            Ok(Some(staff)) => Ok(staff),
            Ok(None) if parts.uri.path() == "/calls/changes" => Err(StatusCode::UNAUTHORIZED.into_response()),
            Ok(None) => Err(Redirect::to("/login").into_response()),
            Err(error) => Err(PageError::from(error).into_response()),
        }
    }
}

/// A form that carries nothing but the token.
#[derive(Deserialize)]
pub(crate) struct Token {
    pub(crate) csrf: String,
}

/// Name and password as typed.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    login: String,
    password: String,
}

/// `GET /login`
pub(crate) async fn login_page(State(core): State<Arc<Core>>) -> Response {
    login_form(&core, "", None)
}

/// `POST /login`
pub(crate) async fn login(
    State(core): State<Arc<Core>>,
    headers: HeaderMap,
    Form(typed): Form<Credentials>,
) -> Result<Response, PageError> {
    /// From the reading of the lock to the counting of the failure, or who tries many passwords at once has them all
    /// looked at before the first one is counted.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());
    same_origin(&headers)?;
    let _turn = ONE_AT_A_TIME.lock().await;
    let now = core.clock.now_ms();
    let login = typed.login.trim().to_owned();
    let account = sqlx::query!("select password_hash, locked_until_ms from account where login = ?", login)
        .fetch_optional(core.db.read())
        .await?;
    let locked = account.as_ref().is_some_and(|account| is_locked(account.locked_until_ms, now));
    let right = verify(&core, Zeroizing::new(typed.password), account.map(|account| account.password_hash)).await?;
    let right = right && !locked;
    if !right {
        count_failure(&core, &login, now).await?;
        let message =
            if locked { "密码输错次数太多，请 15 分钟后再试" } else { "用户名或密码不对" };
        return Ok(login_form(&core, &login, Some(message)));
    }
    let token = Secret::random().map_err(|_| PageError::Internal)?;
    store_session(&core, &login, &token, now).await?;
    let secure = if core.console_is_tls() { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={}; Path=/; HttpOnly; SameSite=Strict{secure}", token.to_hex());
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

/// `POST /logout`
pub(crate) async fn logout(
    State(core): State<Arc<Core>>,
    staff: Staff,
    headers: HeaderMap,
    Form(token): Form<Token>,
) -> Result<Response, PageError> {
    staff.check(&token.csrf)?;
    if let Some(hash) = cookie_hash(&headers) {
        let mut tx = core.db.begin().await?;
        sqlx::query!("delete from console_session where token_sha256 = ?", hash).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    let gone = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    Ok(([(header::SET_COOKIE, gone)], Redirect::to("/login")).into_response())
}

/// The stored form of a password. Slow on purpose: call it where blocking is allowed.
pub(crate) fn hash_password(password: &str) -> Result<String, argon2::password_hash::Error> {
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
}

/// An unknown name costs as much time as a wrong password, so that names cannot be found by timing.
async fn verify(core: &Core, password: Zeroizing<String>, stored: Option<String>) -> Result<bool, PageError> {
    static NOBODYS: OnceLock<String> = OnceLock::new();
    let _turn = core.password_turns.acquire().await.map_err(|_| PageError::Internal)?;
    tokio::task::spawn_blocking(move || {
        let nobodys = || NOBODYS.get_or_init(|| hash_password("").unwrap_or_default()).clone();
        let known = stored.is_some();
        let hash = stored.unwrap_or_else(nobodys);
        Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok() && known
    })
    .await
    .map_err(|_| PageError::Internal)
}

/// Until then, unless it was locked by a clock that was ahead.
fn is_locked(locked_until_ms: i64, now: i64) -> bool {
    locked_until_ms > now && !is_ahead(locked_until_ms, now + LOCK_MS)
}

async fn count_failure(core: &Core, login: &str, now: i64) -> Result<(), PageError> {
    let until = now + LOCK_MS;
    let latest = latest_stamp(until);
    let mut tx = core.db.begin().await?;
    sqlx::query!(
        "update account set
            locked_until_ms = case when failed + 1 >= ?1 then ?2 else locked_until_ms end,
            failed = case when failed + 1 >= ?1 then 0 else failed + 1 end
         where login = ?3 and (locked_until_ms <= ?4 or locked_until_ms > ?5)",
        TRIES,
        until,
        login,
        now,
        latest
    )
    .execute(&mut *tx)
    .await?;
    audit::write(&mut tx, audit::Entry { actor: "hall", event: "login.failed", fields: json!({}), at_ms: now }).await?;
    tx.commit().await?;
    Ok(())
}

async fn store_session(core: &Core, login: &str, token: &Secret, now: i64) -> Result<(), PageError> {
    let csrf = Secret::random().map_err(|_| PageError::Internal)?.to_hex();
    let hash = Sha256::digest(token.bytes()).to_vec();
    let expires = now + SESSION_LIMIT_MS;
    let mut tx = core.db.begin().await?;
    let latest = latest_stamp(now);
    sqlx::query!("delete from console_session where expires_ms < ? or last_seen_ms > ?", now, latest)
        .execute(&mut *tx)
        .await?;
    sqlx::query!("update account set failed = 0 where login = ?", login).execute(&mut *tx).await?;
    sqlx::query!(
        "insert into console_session (token_sha256, login, csrf, last_seen_ms, expires_ms) values (?, ?, ?, ?, ?)",
        hash,
        login,
        csrf,
        now,
        expires
    )
    .execute(&mut *tx)
    .await?;
    let fields = json!({});
    audit::write(&mut tx, audit::Entry { actor: login, event: "login", fields, at_ms: now }).await?;
    tx.commit().await?;
    Ok(())
}

async fn current(core: &Core, headers: &HeaderMap) -> Result<Option<Staff>, sqlx::Error> {
    let Some(hash) = cookie_hash(headers) else { return Ok(None) };
    let now = core.clock.now_ms();
    let (oldest, latest) = (now - IDLE_LIMIT_MS, latest_stamp(now));
    let row = sqlx::query!(
        "select a.login, a.name, a.role, a.dept_id, s.csrf, s.last_seen_ms
         from console_session s join account a on a.login = s.login
         where s.token_sha256 = ? and s.expires_ms > ? and s.last_seen_ms > ? and s.last_seen_ms <= ?",
        hash,
        now,
        oldest,
        latest
    )
    .fetch_optional(core.db.read())
    .await?;
    let Some(row) = row else { return Ok(None) };
    // Once a minute is precise enough and spares a write for each page.
    if now - row.last_seen_ms > 60_000 {
        let mut tx = core.db.begin().await?;
        sqlx::query!("update console_session set last_seen_ms = ? where token_sha256 = ?", now, hash)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
    }
    Ok(Role::from_key(&row.role).map(|role| Staff {
        login: row.login,
        name: row.name,
        role,
        dept_id: row.dept_id,
        csrf: row.csrf,
        hall_name: core.config.name.clone(),
    }))
}

fn cookie_hash(headers: &HeaderMap) -> Option<Vec<u8>> {
    let token = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
    Some(Sha256::digest(Secret::from_hex(token)?.bytes()).to_vec())
}

/// A login form of another site would put a victim into the attacker's account.
fn same_origin(headers: &HeaderMap) -> Result<(), PageError> {
    let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let Some(origin) = text(header::ORIGIN) else { return Ok(()) };
    let host = text(header::HOST).unwrap_or_default();
    let matches = origin.split_once("://").is_some_and(|(_, rest)| rest == host);
    if matches { Ok(()) } else { Err(csrf_error()) }
}

fn login_form(core: &Core, login: &str, message: Option<&str>) -> Response {
    let status = if message.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = bare(
        "登录",
        html! {
            h1 { (core.config.name) }
            p.quiet { "工作人员登录" }
            @if let Some(message) = message { p.red role="alert" { "× " (message) } }
            form method="post" action="/login" {
                label for="login" { "用户名" }
                input id="login" name="login" value=(login) autocomplete="username" required;
                label for="password" { "密码" }
                input id="password" name="password" type="password" autocomplete="current-password" required;
                button { "登录" }
            }
        },
    );
    (status, page).into_response()
}

/// Eight groups of four hex digits would be unreadable: four groups of four letters and digits.
pub(crate) fn random_password() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)?;
    let digits = hex(&bytes);
    Ok(digits.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-"))
}
