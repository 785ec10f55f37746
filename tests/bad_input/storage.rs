//! The data folder: full disk, no right to write, in use elsewhere, damaged, from a newer version.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use kiosk::store::{NextNumbers, Options, SealedSubmission, Seam, Signing, Store, StoreError, Stored, SubmitError};
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};
use wire::seal::UnhashedChunk;

use crate::crash_vfs::Disk;

fn sealed(numbers: NextNumbers, bytes: usize) -> SealedSubmission {
    SealedSubmission {
        number: format!("411681-20261123-007-{:05}-6", numbers.serial),
        item_id: "item-1".into(),
        key_id: "key-1".into(),
        submitted_at_ms: 1_700_000_000_000,
        header: vec![1; 800],
        signing: Signing::Done(vec![7; 64]),
        chunks: vec![UnhashedChunk { part: 0, index: 0, bytes: vec![9; bytes] }],
        recovery: None,
    }
}

async fn submit(store: &Store, id: &str, bytes: usize) -> Result<Stored, SubmitError<()>> {
    store.submit(id, |numbers| Ok(sealed(numbers, bytes))).await
}

async fn message_at_start(folder: &Path) -> String {
    Store::open(Options::new(folder)).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_full_disk_refuses_the_submission_and_loses_none_wherever_it_strikes() {
    let disk = Disk::new("full-disk");
    let folder = tempfile::tempdir().unwrap();
    let seam = Seam { vfs: Some(disk.name().to_owned()), ..Seam::default() };
    let store = Store::open(Options::new(folder.path()).with_seam(seam)).await.unwrap();
    let mut refused = 0;
    for round in 0..60_u64 {
        let id = format!("submission-{round}");
        // Room for a little more each time: the disk is full at another write of the transaction.
        disk.set_quota(Some(disk.used() + round * 1_500));
        if let Err(error) = submit(&store, &id, 30_000).await {
            refused += 1;
            let SubmitError::NotStored(cause) = error else { panic!("{error:?}") };
            assert!(matches!(cause, StoreError::DiskFull), "{cause:?}");
            let text = cause.to_string();
            assert!(text.contains("code 13") && text.contains("free space"), "{text}");
            disk.set_quota(None);
            submit(&store, &id, 30_000).await.unwrap();
        }
        assert_eq!(store.next_numbers().await.unwrap().kiosk_seq, round + 2);
        disk.set_quota(None);
        store.empty_log().await.unwrap();
    }
    assert!(refused > 20, "the disk was full {refused} times only");
    let rows = store.held().await.unwrap();
    assert_eq!(rows.len(), 60);
    for row in rows {
        assert_eq!(store.chunk(&row.submission_id, 0, 0).await.unwrap(), [9; 30_000]);
    }
    store.verify_audit().await.unwrap();
}

#[tokio::test]
async fn a_disk_that_is_full_at_the_first_start_says_so() {
    let disk = Disk::new("full-at-start");
    let folder = tempfile::tempdir().unwrap();
    let seam = Seam { vfs: Some(disk.name().to_owned()), ..Seam::default() };
    disk.set_quota(Some(10_000));
    let error = Store::open(Options::new(folder.path()).with_seam(seam.clone())).await.unwrap_err();
    assert!(matches!(error, StoreError::DiskFull), "{error:?}");
    disk.set_quota(None);
    let store = Store::open(Options::new(folder.path()).with_seam(seam)).await.unwrap();
    submit(&store, "a", 10).await.unwrap();
}

#[tokio::test]
async fn a_folder_without_the_right_to_write_is_named_and_left_alone() {
    let _nobody = Nobody::now();
    let parent = tempfile::tempdir().unwrap();
    for name in ["new", "used"] {
        let folder = parent.path().join(name);
        fs::create_dir(&folder).unwrap();
        if name == "used" {
            drop(Store::open(Options::new(&folder)).await.unwrap());
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
        for file in fs::read_dir(&folder).unwrap() {
            fs::set_permissions(file.unwrap().path(), fs::Permissions::from_mode(0o444)).unwrap();
        }
        let text = message_at_start(&folder).await;
        assert!(text.contains(&*folder.to_string_lossy()) && text.contains("make it writable"), "{text}");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[tokio::test]
async fn a_folder_in_use_by_another_process_is_refused_until_that_one_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut other = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "storage::holds_a_folder_for_the_test_beside", "--ignored", "--nocapture"])
        .env("YIMEN_TEST_FOLDER", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(other.stdout.take().unwrap()).lines();
    assert!(
        lines.by_ref().map_while(Result::ok).any(|line| line.contains("the folder is held")),
        "the other process failed"
    );
    let error = Store::open(Options::new(folder.path())).await.unwrap_err();
    assert!(matches!(error, StoreError::InUse { holder: Some(pid) } if pid == other.id()), "{error:?}");
    assert!(error.to_string().contains("close the other terminal program"));
    drop(other.stdin.take());
    other.wait().unwrap();
    let store = Store::open(Options::new(folder.path())).await.unwrap();
    assert_eq!(store.held().await.unwrap().len(), 1);
}

/// The other process of the test above: it is this test binary again.
#[tokio::test]
#[ignore = "run by the test beside it"]
async fn holds_a_folder_for_the_test_beside() {
    let Ok(folder) = std::env::var("YIMEN_TEST_FOLDER") else { return };
    let store = Store::open(Options::new(folder)).await.unwrap();
    submit(&store, "a", 10).await.unwrap();
    println!("the folder is held");
    let mut line = String::new();
    let _ = std::io::stdin().read_line(&mut line);
}

#[tokio::test]
async fn a_damaged_database_is_not_started_on_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(Options::new(folder.path())).await.unwrap();
    for index in 0..20 {
        submit(&store, &format!("submission-{index}"), 5_000).await.unwrap();
    }
    store.close().await.unwrap();
    drop(store);
    let path = folder.path().join("kiosk.db");
    let mut bytes = fs::read(&path).unwrap();
    let half = bytes.len() / 2;
    bytes[half..half + 12_000].fill(0xa5);
    fs::write(&path, &bytes).unwrap();
    let text = message_at_start(folder.path()).await;
    assert!(text.contains("damaged") && text.contains("do not delete it"), "{text}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = b"these are somebody's notes and not a database ".repeat(200);
    fs::write(folder.path().join("kiosk.db"), &bytes).unwrap();
    let text = message_at_start(folder.path()).await;
    assert!(text.contains("damaged") && text.contains("keep the whole folder"), "{text}");
    assert_eq!(fs::read(folder.path().join("kiosk.db")).unwrap(), bytes);
}

#[tokio::test]
async fn a_folder_of_a_newer_version_asks_for_that_version() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(Options::new(folder.path())).await.unwrap();
    store.close().await.unwrap();
    drop(store);
    let options = SqliteConnectOptions::new().filename(folder.path().join("kiosk.db"));
    let mut conn = options.disable_statement_logging().connect().await.unwrap();
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (9999, 'from later', true, x'00', 0)";
    sqlx::raw_sql(newer).execute(&mut conn).await.unwrap();
    let text = message_at_start(folder.path()).await;
    assert!(text.contains("newer version"), "{text}");
}

#[tokio::test]
async fn what_a_newer_version_left_in_the_log_is_kept_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(Options::new(folder.path())).await.unwrap();
    submit(&store, "a", 5_000).await.unwrap();
    store.close().await.unwrap();
    drop(store);
    let options = SqliteConnectOptions::new().filename(folder.path().join("kiosk.db")).disable_statement_logging();
    let mut newer = options.clone().connect().await.unwrap();
    let change = "pragma wal_autocheckpoint = 0; create table from_later (word text); \
                  insert into from_later values ('kept'); \
                  insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
                  values (9999, 'from later', true, x'00', 0)";
    sqlx::raw_sql(change).execute(&mut newer).await.unwrap();
    // A copy in the middle of its life, as a power cut leaves it: all of it stands in the log only.
    let crashed = tempfile::tempdir().unwrap();
    for file in ["kiosk.db", "kiosk.db-wal"] {
        fs::copy(folder.path().join(file), crashed.path().join(file)).unwrap();
    }
    let text = message_at_start(crashed.path()).await;
    assert!(text.contains("newer version"), "{text}");
    let options = SqliteConnectOptions::new().filename(crashed.path().join("kiosk.db")).disable_statement_logging();
    let mut later = options.connect().await.unwrap();
    let word: String = sqlx::query_scalar("select word from from_later").fetch_one(&mut later).await.unwrap();
    let kept: i64 = sqlx::query_scalar("select count(*) from chunk").fetch_one(&mut later).await.unwrap();
    assert_eq!((word.as_str(), kept), ("kept", 1));
}

#[tokio::test]
async fn a_path_that_is_a_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    fs::write(&path, b"").unwrap();
    let text = message_at_start(&path).await;
    assert!(text.contains(&*path.to_string_lossy()) && text.contains("check that the path is right"), "{text}");
}

/// Where the tests run as root no folder is read-only: this thread, and those it starts, give that right
/// up for files (Linux keeps the user of file accesses per thread).
pub struct Nobody;

impl Nobody {
    const ID: u32 = 65_534;

    pub fn now() -> Self {
        // SAFETY: both calls only change how this thread's file accesses are judged.
        unsafe {
            libc::setfsgid(Self::ID);
            libc::setfsuid(Self::ID);
        }
        Self
    }
}

impl Drop for Nobody {
    fn drop(&mut self) {
        // SAFETY: as above; a test thread may be used for another test.
        unsafe {
            libc::setfsuid(libc::geteuid());
            libc::setfsgid(libc::getegid());
        }
    }
}
