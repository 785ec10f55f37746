//! The hall server of Yimen: receives sealed submissions from terminals, keeps them safe, answers with signed
//! receipts, and shows clerks their cases. One folder per resource; `server` starts and stops it all.
//! Runs as the program `hall` or embedded; knows no Slint and no device.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod alarm;
mod audit;
mod backup;
mod cases;
mod clock;
mod config;
mod console;
mod content;
mod db;
pub mod desk;
mod disk;
mod documents;
pub mod inspect;
mod keys;
mod limits;
mod offline;
mod public;
mod quota;
mod records;
mod server;
mod submissions;
mod terminals;
mod tls;
mod uploads;

pub use backup::{BackupError, RestoreError, Restored, restore};
pub use clock::Clock;
pub use config::{ConfigError, DEFAULT_TOML, HallConfig, Seam};
pub use console::Role;
pub use content::ContentError;
pub use disk::Files;
pub use keys::KeyError;
pub use offline::{add_account, enrolment_code, make_backup, recovery_key, rotate_sealing_key};
pub use server::{Hall, HallError, RotateError, RunningHall};
pub use terminals::EnrolmentCode;
pub use tls::TlsError;
