//! What can go wrong with the data folder, and what a person can do about it. No message quotes a value
//! from the database; SQLite's own text names tables and columns only.

use std::{io, path::PathBuf};

use sqlx::sqlite::SqliteConnection;
use thiserror::Error;

use super::plain::Failed;

/// The oldest SQLite that the terminal works with: older ones can lose a WAL that is reset while another
/// connection checkpoints.
pub const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// Why the store could not do what it was asked. `Display` says what to do.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error(
        "the disk is full (SQLite code 13): nothing was stored and nothing is lost; free space on the disk of \
         the data folder, then try again"
    )]
    DiskFull,
    /// Apart from [`Self::DiskFull`] since it may come after a COMMIT's frames are on the disk.
    #[error(
        "the disk is full (SQLite code 4874): free space on the disk of the data folder, then try again; what was \
         asked may be stored already, and is not stored twice"
    )]
    IndexFull,
    #[error(
        "the data folder {} cannot be written: make it writable for the user that runs the terminal, or mount \
         its disk read-write", folder.display()
    )]
    ReadOnly { folder: PathBuf },
    #[error(
        "the data folder is in use by another process{}: close the other terminal program, or start this one \
         with another --data folder", holder.map(|pid| format!(" (number {pid})")).unwrap_or_default()
    )]
    InUse { holder: Option<u32> },
    #[error(
        "the database in {} is damaged (SQLite code {code}): stop the terminal, keep the whole folder and call \
         the maintainer; do not delete it, sealed submissions in it may still be saved", folder.display()
    )]
    Corrupt { folder: PathBuf, code: i32 },
    #[error(
        "SQLite {found} is too old, the terminal needs {}.{}.{}: install the terminal's own build, which \
         brings its SQLite along", OLDEST_SQLITE.0, OLDEST_SQLITE.1, OLDEST_SQLITE.2
    )]
    TooOldSqlite { found: String },
    #[error(
        "the data folder was written by a newer version of the terminal (or by a trial build of it): install that \
         version or a newer one"
    )]
    WrittenByNewer,
    #[error(
        "the disk reported an error (SQLite code {code}): what was asked is not stored; try again, and have \
         the disk looked at if it comes back"
    )]
    Disk { code: i32 },
    #[error("the data folder {} cannot be used ({kind}): check that the path is right", folder.display())]
    Folder { folder: PathBuf, kind: io::ErrorKind },
    #[error(
        "the erased bytes are not out of the write-ahead log yet, because something still reads the database: \
         close other programs that have it open; the terminal tries again by itself"
    )]
    LogNotEmptied,
    #[error(
        "{count} submissions are not yet safe at the present hall: let the terminal reach that hall until all \
         are safe, then enrol it elsewhere"
    )]
    StillHeld { count: u64 },
    #[error("the hall's epoch is not the one that was reconciled: reconcile first")]
    NotReconciled,
    #[error("the terminal is not enrolled at a hall: enrol it first")]
    NotEnrolled,
    #[error("no such row: it was released or never stored")]
    Unknown,
    #[error("audit entry {seq} does not fit the chain: the log was changed from outside; call the maintainer")]
    AuditBroken { seq: i64 },
    #[error("the store is closed: the program is ending")]
    Closed,
    #[error("the database refused a statement")]
    Sql(#[source] sqlx::Error),
}

/// A remedy for the screen of technicians, in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remedy {
    pub zh: &'static str,
    pub en: &'static str,
}

impl StoreError {
    /// A stable code for logs and the technician's page.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DiskFull | Self::IndexFull => "disk_full",
            Self::ReadOnly { .. } => "folder_read_only",
            Self::InUse { .. } => "folder_in_use",
            Self::Corrupt { .. } => "database_corrupt",
            Self::TooOldSqlite { .. } => "sqlite_too_old",
            Self::WrittenByNewer => "written_by_newer",
            Self::Disk { .. } => "disk_error",
            Self::Folder { .. } => "folder_unusable",
            Self::LogNotEmptied => "log_not_emptied",
            Self::StillHeld { .. } => "still_held",
            Self::NotReconciled => "not_reconciled",
            Self::NotEnrolled => "not_enrolled",
            Self::Unknown => "unknown_row",
            Self::AuditBroken { .. } => "audit_broken",
            Self::Closed => "closed",
            Self::Sql(_) => "database_error",
        }
    }

    /// What to do, short enough for a screen.
    pub fn remedy(&self) -> Remedy {
        let (zh, en) = match self {
            Self::DiskFull | Self::IndexFull => {
                ("磁盘已满。请清理磁盘空间后再试。", "The disk is full. Free some space, then try again.")
            }
            Self::ReadOnly { .. } => (
                "数据目录不可写。请检查目录权限或磁盘挂载方式。",
                "The data folder cannot be written. Check its permissions or how its disk is mounted.",
            ),
            Self::InUse { .. } => (
                "数据目录正被另一个程序使用。请先关闭那个程序。",
                "Another process uses the data folder. Close it first.",
            ),
            Self::Corrupt { .. } => (
                "数据库已损坏。请停用本机，保留整个数据目录，联系维护人员。",
                "The database is damaged. Stop this terminal, keep the whole folder, call the maintainer.",
            ),
            Self::TooOldSqlite { .. } => {
                ("SQLite 版本过旧。请安装本机自带的版本。", "SQLite is too old. Install the terminal's own build.")
            }
            Self::WrittenByNewer => (
                "数据目录由更新的版本写入。请安装该版本。",
                "A newer version wrote the data folder. Install that version.",
            ),
            Self::Disk { .. } => (
                "磁盘读写出错。请重试；若再次出现，请检查磁盘。",
                "The disk reported an error. Try again; if it comes back, have the disk checked.",
            ),
            Self::Folder { .. } => {
                ("数据目录无法使用。请检查路径。", "The data folder cannot be used. Check the path.")
            }
            Self::LogNotEmptied => (
                "已删除的数据尚未从日志中清除。请关闭其他打开数据库的程序。",
                "Erased bytes are still in the log. Close other programs that have the database open.",
            ),
            Self::StillHeld { .. } => (
                "还有申请未在原大厅安全保存，暂不能更换大厅。",
                "Some submissions are not yet safe at the present hall.",
            ),
            Self::NotReconciled => {
                ("大厅数据已恢复，正在核对。", "The hall was restored; reconciliation is under way.")
            }
            Self::NotEnrolled => ("本机尚未登记到大厅。请先登记。", "This terminal is not enrolled. Enrol it first."),
            Self::Unknown => ("没有这条记录。", "There is no such record."),
            Self::AuditBroken { .. } => {
                ("审计日志被改动。请联系维护人员。", "The audit log was changed. Call the maintainer.")
            }
            Self::Closed => ("程序正在退出。", "The program is ending."),
            Self::Sql(_) => ("数据库出错。请联系维护人员。", "The database failed. Call the maintainer."),
        };
        Remedy { zh, en }
    }

    /// Damage that no statement met, as one that meets it would say (SQLITE_CORRUPT).
    pub(crate) fn damaged() -> Self {
        Self::Corrupt { folder: PathBuf::new(), code: 11 }
    }

    /// Whether a later try of the same thing may go well without a person.
    pub fn may_pass(&self) -> bool {
        self.is_full() || matches!(self, Self::Disk { .. } | Self::LogNotEmptied | Self::NotReconciled)
    }

    /// Whether room on the disk is what is missing.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::DiskFull | Self::IndexFull)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        sqlite_code(&error).and_then(Self::of_code).unwrap_or(Self::Sql(error))
    }
}

impl From<Failed> for StoreError {
    fn from(failed: Failed) -> Self {
        Self::of_code(failed.code).unwrap_or_else(|| Self::Sql(sqlx::Error::Protocol(failed.to_string())))
    }
}

impl StoreError {
    /// What SQLite's extended code says, if it is one that a person can do something about.
    fn of_code(code: i32) -> Option<Self> {
        // The low byte is SQLite's primary code, the rest says where it arose.
        match (code & 0xff, code) {
            (13, _) => Some(Self::DiskFull),
            // The shared-memory index cannot grow, which is how a full disk shows there. A COMMIT lets it grow
            // after its frames were written and synced.
            (_, 4874) => Some(Self::IndexFull),
            (8, _) => Some(Self::ReadOnly { folder: PathBuf::new() }),
            (5 | 6, _) => Some(Self::InUse { holder: None }),
            (11 | 26, _) => Some(Self::Corrupt { folder: PathBuf::new(), code }),
            (10 | 14, _) => Some(Self::Disk { code }),
            _ => None,
        }
    }

    /// Names the folder in errors that SQLite reported without one.
    pub(super) fn in_folder(self, folder: &std::path::Path) -> Self {
        match self {
            Self::ReadOnly { .. } => Self::ReadOnly { folder: folder.to_owned() },
            Self::Corrupt { code, .. } => Self::Corrupt { folder: folder.to_owned(), code },
            other => other,
        }
    }

    pub(super) fn from_io(error: &io::Error, folder: &std::path::Path) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::ReadOnly { folder: folder.to_owned() }
            }
            kind => Self::Folder { folder: folder.to_owned(), kind },
        }
    }
}

fn sqlite_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// Refuses a SQLite that is older than [`OLDEST_SQLITE`].
pub(super) async fn refuse_old_sqlite(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let found: String = sqlx::query_scalar("select sqlite_version()").fetch_one(conn).await?;
    if is_too_old(&found) { Err(StoreError::TooOldSqlite { found }) } else { Ok(()) }
}

fn is_too_old(version: &str) -> bool {
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next()) < OLDEST_SQLITE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_is_full_for_the_index_only_is_told_apart_and_needs_the_same_remedy() {
        let (full, index) = (StoreError::from(Failed { code: 13 }), StoreError::from(Failed { code: 4874 }));
        assert!(matches!((&full, &index), (StoreError::DiskFull, StoreError::IndexFull)), "{full:?} {index:?}");
        assert_eq!((full.code(), full.remedy()), (index.code(), index.remedy()));
        assert!(index.is_full() && index.may_pass());
        assert!(!index.to_string().contains("nothing was stored"), "{index}");
    }

    #[test]
    fn a_sqlite_with_the_log_reset_fault_is_too_old() {
        for (version, too_old) in
            [("3.40.1", true), ("3.51.2", true), ("3.51.3", false), ("3.53.0", false), ("4.0.0", false)]
        {
            assert_eq!(is_too_old(version), too_old, "{version}");
        }
        let said = StoreError::TooOldSqlite { found: "3.40.1".into() }.to_string();
        assert!(said.contains("3.40.1") && said.contains("3.51.3"), "{said}");
    }
}
