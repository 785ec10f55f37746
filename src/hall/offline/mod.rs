//! What the command line does on a data folder without serving it. Backups and codes may be made beside a running
//! hall (SQLite keeps both apart); a key is only added while none runs, because the running one would not know it.
//! None of it begins a hall: in a folder without one it is refused and leaves nothing.
use std::sync::Arc;

use crate::backup;
use crate::config::HallConfig;
use crate::console::{self, NewAccount, Role};
use wire::signed::KeyUse;

use crate::keys::{KeyError, hex, x25519_pair};
use crate::server::{self, Addresses, Core, HallError, has_keys, lock, prepare};
use crate::terminals::{self, EnrolmentCode};

/// Makes a verified copy on the second medium; returns the greatest server_seq in it.
pub async fn make_backup(config: HallConfig) -> Result<u64, HallError> {
    let core = open(config).await?;
    let through = backup::run(&core).await;
    core.db.close().await;
    Ok(through?)
}

/// A one-time code for a terminal.
pub async fn enrolment_code(config: HallConfig, terminal_no: &str, place: &str) -> Result<EnrolmentCode, HallError> {
    let terminal_no = terminal_no.parse().map_err(|_| HallError::TerminalNo)?;
    let core = open(config).await?;
    let code = terminals::new_code(&core, &terminal_no, place, "command line").await;
    core.db.close().await;
    code
}

/// Adds a sealing key; refused while a hall runs on the folder.
pub async fn rotate_sealing_key(config: HallConfig) -> Result<String, HallError> {
    is_hall(&config)?;
    let _lock = lock(&config.data)?;
    let core = open(config).await?;
    let key_id = core.rotate(KeyUse::Sealing).await;
    core.db.close().await;
    Ok(key_id?)
}

/// Adds an account of the console; returns its random password.
pub async fn add_account(config: HallConfig, login: &str, role: Role, dept: Option<&str>) -> Result<String, HallError> {
    let core = open(config).await?;
    let password = console::random_password().map_err(KeyError::from)?;
    let account = NewAccount {
        login: login.to_owned(),
        name: login.to_owned(),
        role,
        dept_id: dept.map(str::to_owned),
        staff_no: None,
        password_hash: console::hash_password(&password).map_err(|_| KeyError::Contents)?,
    };
    let mut tx = core.db.begin().await?;
    let created = console::create_account(&mut tx, &account).await?;
    tx.commit().await?;
    core.db.close().await;
    if created { Ok(password) } else { Err(HallError::Refused(format!("there is an account {login} already"))) }
}

/// A new recovery pair as hex: (secret, public). The secret half must leave this machine.
pub fn recovery_key() -> Result<(String, String), KeyError> {
    let (secret, public) = x25519_pair()?;
    Ok((secret.to_hex(), hex(&public)))
}

async fn open(config: HallConfig) -> Result<Arc<Core>, HallError> {
    is_hall(&config)?;
    let at = Addresses { terminals: server::kept_address(&config), public: None };
    Ok(Arc::new(prepare(config, at).await?))
}

fn is_hall(config: &HallConfig) -> Result<(), HallError> {
    if has_keys(&config.data) { Ok(()) } else { Err(HallError::NoHall(config.data.clone())) }
}
