//! Why a hall does not start or do what it was asked, and what a person can do about it. A message quotes its cause
//! once and ends in what to do.
use std::io;
use std::path::{Path, PathBuf};

use sqlx::migrate::MigrateError;

use super::RotateError;
use crate::backup::BackupError;
use crate::content::ContentError;
use crate::keys::KeyError;
use crate::tls::TlsError;

/// Why a hall does not start or do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum HallError {
    #[error("the data folder {} cannot be used: {source}; {}", path.display(), of_io(source))]
    Folder { path: PathBuf, source: io::Error },
    #[error("the data folder {} is in use by another hall; stop that one first", .0.display())]
    InUse(PathBuf),
    #[error("{0}")]
    Listen(#[source] io::Error),
    /// An empty path is not known.
    #[error("the hall's database{} cannot be used: {source}; {}", named(path), of_sqlite(source))]
    Database { path: PathBuf, source: sqlx::Error },
    #[error("{0}{remedy}", remedy = of_key(.0))]
    Key(#[from] KeyError),
    #[error(transparent)]
    Rotate(#[from] RotateError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("{0}{remedy}", remedy = of_content(.0))]
    Content(#[from] ContentError),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error("the database belongs to another hall than the key file; restore both together")]
    Mixed,
    #[error(
        "there is no hall in the data folder {}: check --data and `data` in the settings; a new hall begins when it is \
         started once, a lost one comes back with `hall restore --recovery FILE`", .0.display()
    )]
    NoHall(PathBuf),
    #[error(
        "the data folder {} holds the keys of a hall but not its database: bring it back with \
         `hall restore --recovery FILE`, again if that was cut short; nothing was changed", .0.display()
    )]
    NoDatabase(PathBuf),
    #[error(
        "the data folder {} holds the database of a hall but not its keys (keys.json): move the folder away, keep it, \
         and bring the hall back with `hall restore --recovery FILE`; nothing was changed", .0.display()
    )]
    NoKeys(PathBuf),
    #[error("a terminal number has three digits, e.g. 007")]
    TerminalNo,
    #[error("{0}")]
    Refused(String),
    #[error("the hall's thread cannot be started or has ended")]
    Thread,
}

impl From<sqlx::Error> for HallError {
    fn from(source: sqlx::Error) -> Self {
        Self::Database { path: PathBuf::new(), source }
    }
}

impl HallError {
    /// Names the database in errors that SQLite reported without it.
    pub(super) fn with_database(self, file: &Path) -> Self {
        match self {
            Self::Database { source, .. } => Self::Database { path: file.to_owned(), source },
            other => other,
        }
    }

    /// Opening the listeners failed, or keeping their ports in the data folder: the listeners name their address
    /// themselves, the file of the ports comes with the machine's bare words.
    pub(super) fn of_ports(source: io::Error, data: &Path) -> Self {
        if source.raw_os_error().is_some() || source.kind() == io::ErrorKind::InvalidData {
            Self::Folder { path: data.to_owned(), source }
        } else {
            Self::Listen(source)
        }
    }
}

const FREE_SPACE: &str = "free space on its disk, then start again; nothing that was stored is lost";
const MAKE_WRITABLE: &str = "make the data folder and all in it writable for the user that runs this program, or mount \
                             its disk read-write, or choose another folder with --data DIR";

/// The path behind a blank, where it is known.
fn named(path: &Path) -> String {
    if path.as_os_str().is_empty() { String::new() } else { format!(" {}", path.display()) }
}

/// What to do about the data folder.
fn of_io(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FREE_SPACE,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => MAKE_WRITABLE,
        _ => "check that the path is right and leads to a folder, or choose another with --data DIR",
    }
}

/// What to do about the key file and its copies; messages of other kinds say it themselves.
fn of_key(error: &KeyError) -> &'static str {
    let KeyError::Io(error) = error else { return "" };
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free space on the disks of the data folder and of the second medium, then start again"
        }
        _ => "; check that the user that runs this program may write the data folder and the second medium",
    }
}

fn of_content(error: &ContentError) -> String {
    match error {
        ContentError::Database(error) => format!("; {}", of_sqlite(error)),
        _ => String::new(),
    }
}

/// What to do about the database.
fn of_sqlite(error: &sqlx::Error) -> &'static str {
    // The low byte is SQLite's primary code, the rest says where it arose; 4874 is a full disk under the index of the
    // write-ahead log.
    match code(error).map(|code| (code & 0xff, code)) {
        Some((13, _) | (_, 4874)) => FREE_SPACE,
        Some((8, _)) => MAKE_WRITABLE,
        Some((5 | 6, _)) => "another program has the database open: close it, then try again",
        Some((11 | 26, _)) => {
            "the file is damaged or none of a hall: stop the hall, keep the whole data folder and call the maintainer; \
             `hall restore` brings the newest copy into an empty folder"
        }
        Some((14, _)) => "check that it is a file, and that the user that runs this program may write it",
        Some((10, _)) => "the disk reported an error: try again, and have the disk looked at if it comes back",
        _ if is_newer(error) => "a newer version of the hall wrote it: install that version or a newer one",
        _ => "try again; if it comes back, keep the whole data folder and call the maintainer",
    }
}

/// SQLite's code, out of a change of the schema, too.
fn code(error: &sqlx::Error) -> Option<i32> {
    if let sqlx::Error::Migrate(migration) = error {
        return match &**migration {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => code(error),
            _ => None,
        };
    }
    error.as_database_error()?.code()?.parse().ok()
}

fn is_newer(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Migrate(migration) if matches!(**migration, MigrateError::VersionMissing(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Db;

    fn folder_says(kind: io::ErrorKind) -> String {
        HallError::Folder { path: "/srv/hall".into(), source: kind.into() }.to_string()
    }

    #[test]
    fn a_folder_that_cannot_be_used_is_named_with_what_to_do() {
        for (kind, remedy) in [
            (io::ErrorKind::StorageFull, "free space on its disk"),
            (io::ErrorKind::PermissionDenied, "writable for the user"),
            (io::ErrorKind::ReadOnlyFilesystem, "mount its disk read-write"),
            (io::ErrorKind::AlreadyExists, "leads to a folder"),
        ] {
            let said = folder_says(kind);
            assert!(said.contains("/srv/hall") && said.contains(remedy), "{said}");
            let cause = io::Error::from(kind).to_string();
            assert_eq!(said.matches(&cause).count(), 1, "{said}");
        }
    }

    #[test]
    fn a_full_disk_under_the_keys_or_the_ports_says_to_free_space() {
        // As the machine says it, not as a listener does.
        let full = || io::Error::from_raw_os_error(28);
        let keys = HallError::from(KeyError::Io(full())).to_string();
        let ports = HallError::of_ports(full(), Path::new("/srv/hall")).to_string();
        assert!(keys.contains("free space") && keys.contains("second medium"), "{keys}");
        assert!(ports.contains("free space") && ports.contains("/srv/hall"), "{ports}");
        let taken = io::Error::new(io::ErrorKind::AddrInUse, "cannot listen on 127.0.0.1:1");
        assert!(matches!(HallError::of_ports(taken, Path::new("/srv/hall")), HallError::Listen(_)));
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_named_kept_and_to_be_restored() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hall.sqlite");
        let notes = b"these are somebody's notes and not a database ".repeat(200);
        std::fs::write(&file, &notes).unwrap();
        let Err(error) = Db::open(&file, None).await else { panic!("it was opened") };
        let said = HallError::from(error).with_database(&file).to_string();
        assert!(said.contains(&*file.to_string_lossy()) && said.contains("hall restore"), "{said}");
        assert_eq!(said.matches("file is not a database").count(), 1, "{said}");
        assert_eq!(std::fs::read(&file).unwrap(), notes);
    }

    #[tokio::test]
    async fn a_database_of_a_newer_hall_asks_for_that_version() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hall.sqlite");
        let db = Db::open(&file, None).await.unwrap();
        let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                     values (9999, 'from later', true, x'00', 0)";
        let mut tx = db.begin().await.unwrap();
        sqlx::query(newer).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        db.close().await;
        let Err(error) = Db::open(&file, None).await else { panic!("it was opened") };
        let said = HallError::from(error).to_string();
        assert!(said.contains("newer version"), "{said}");
    }
}
