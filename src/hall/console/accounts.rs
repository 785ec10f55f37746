//! Accounts of the staff. A new account gets a random password that is shown once.
use std::sync::Arc;

use axum::extract::{Form, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use sqlx::{Sqlite, Transaction};

use super::{Page, PageError, Role, Staff, form, hash_password, random_password};
use crate::audit;
use crate::server::Core;

/// An account to be made.
pub(crate) struct NewAccount {
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) dept_id: Option<String>,
    /// The card by which terminals know this person.
    pub(crate) staff_no: Option<String>,
    pub(crate) password_hash: String,
}

/// Stores an account; false if the login or the staff card is taken.
pub(crate) async fn create(tx: &mut Transaction<'_, Sqlite>, account: &NewAccount) -> Result<bool, sqlx::Error> {
    let role = account.role.key();
    let done = sqlx::query!(
        "insert into account (login, name, role, dept_id, staff_no, password_hash, failed, locked_until_ms)
         values (?, ?, ?, ?, ?, ?, 0, 0) on conflict do nothing",
        account.login,
        account.name,
        role,
        account.dept_id,
        account.staff_no,
        account.password_hash
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Gives an account another password.
pub(crate) async fn set_password(
    tx: &mut Transaction<'_, Sqlite>,
    login: &str,
    password_hash: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update account set password_hash = ?, failed = 0 where login = ?", password_hash, login)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// `GET /people`
pub(crate) async fn page(State(core): State<Arc<Core>>, staff: Staff) -> Result<Response, PageError> {
    staff.must_see("/people")?;
    Ok(render(&core, &staff, html! {}).await?)
}

/// The form for a new account.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    csrf: String,
    login: String,
    name: String,
    role: String,
    dept: String,
    #[serde(default)]
    staff_no: String,
}

/// `POST /people`
pub(crate) async fn add(
    State(core): State<Arc<Core>>,
    staff: Staff,
    Form(wanted): Form<Wanted>,
) -> Result<Response, PageError> {
    staff.check(&wanted.csrf)?;
    staff.must_be(Role::Administrator)?;
    let role = Role::from_key(&wanted.role).ok_or(PageError::Wrong("请选角色"))?;
    let (login, name) = (wanted.login.trim().to_owned(), wanted.name.trim().to_owned());
    if login.is_empty() || name.is_empty() {
        return Err(PageError::Wrong("请填用户名和姓名"));
    }
    let dept_id = Some(wanted.dept).filter(|dept| !dept.is_empty());
    if role == Role::Clerk && dept_id.is_none() {
        return Err(PageError::Wrong("办件人员要选部门"));
    }
    let staff_no = Some(wanted.staff_no.trim().to_owned()).filter(|card| !card.is_empty());
    let password = random_password().map_err(|_| PageError::Internal)?;
    let typed = password.clone();
    let password_hash = tokio::task::spawn_blocking(move || hash_password(&typed))
        .await
        .map_err(|_| PageError::Internal)?
        .map_err(|_| PageError::Internal)?;
    let account = NewAccount { login: login.clone(), name, role, dept_id, staff_no, password_hash };
    let mut tx = core.db.begin().await?;
    if !create(&mut tx, &account).await? {
        return Err(PageError::Wrong("这个用户名或工作卡已有人用"));
    }
    let fields = json!({ "login": login, "role": role.key() });
    let at_ms = core.clock.now_ms();
    audit::write(&mut tx, audit::Entry { actor: &staff.login, event: "account.created", fields, at_ms }).await?;
    tx.commit().await?;
    let done = html! { "已添加 " (login) "。初始密码只显示这一次：" span.code { (password) } };
    Ok(render(&core, &staff, form::done(done)).await?)
}

async fn render(core: &Core, staff: &Staff, message: Markup) -> Result<Response, sqlx::Error> {
    let rows = sqlx::query!("select login, name, role, dept_id, staff_no from account order by login")
        .fetch_all(core.db.read())
        .await?;
    let body = html! {
        (message)
        (form::bar(staff, "/people", (fields(core), "添加")))
        div.scroll { table {
            thead { tr { th { "用户名" } th { "姓名" } th { "角色" } th { "部门" } th { "工作卡" } } }
            tbody { @for row in &rows { tr {
                td { (row.login) } td { (row.name) }
                td { (Role::from_key(&row.role).map_or("", Role::word)) }
                td { (row.dept_id.as_deref().and_then(|dept| core.contents.department_name(dept)).unwrap_or_default()) }
                td { (row.staff_no.as_deref().unwrap_or("—")) }
            } } }
        } }
    };
    Ok(Page { staff, entry: "/people", title: "人员", action: html! {}, body }.render())
}

fn fields(core: &Core) -> Markup {
    let role = html! { select id="role" name="role" {
        @for role in Role::ALL { option value=(role.key()) { (role.word()) } }
    } };
    let dept = html! { select id="dept" name="dept" {
        option value="" { "—" }
        @for (dept_id, name) in core.contents.departments_with_items() { option value=(dept_id) { (name) } }
    } };
    html! {
        (form::field("login", "用户名", html! { input id="login" name="login" required; }))
        (form::field("name", "姓名", html! { input id="name" name="name" required; }))
        (form::field("role", "角色", role))
        (form::field("dept", "部门（办件人员）", dept))
        (form::field("staff_no", "工作卡号（可不填）", html! { input id="staff_no" name="staff_no" maxlength="32"; }))
    }
}
