//! What lies on the disk after an erasure: every file of the folder is searched raw.

use std::{fs, path::Path};

use super::*;

/// Kept so that it stands nowhere in one piece but where the test puts it.
fn needle() -> Vec<u8> {
    b"\x2e\x3a\x2d\x34\x3a\x2d\x72\x31\x3a\x3a\x3b\x33\x3a".iter().map(|byte| byte ^ 0x5f).collect()
}

fn hits(folder: &Path, needle: &[u8]) -> usize {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .map(|bytes| bytes.windows(needle.len()).filter(|window| *window == needle).count())
        .sum()
}

#[tokio::test]
async fn released_bytes_are_in_no_file_any_more() {
    let Place { store, folder } = fresh().await;
    enrol(&store, "hall", "e1").await;
    let bytes = needle().repeat(20_000);
    for (id, server_seq) in [("a", 1), ("b", 2), ("c", 3)] {
        store.submit::<()>(id, |numbers| Ok(sealed(numbers, &bytes))).await.unwrap();
        store.receipted(id, receipt("e1", server_seq)).await.unwrap();
    }
    assert!(hits(folder.path(), &needle()) >= 3 * 19_000, "the search finds what is there");
    assert_eq!(store.release("e1", 3, &[]).await.unwrap(), Erased { count: 3, log_emptied: true });
    assert_eq!(hits(folder.path(), &needle()), 0);
}

#[tokio::test]
async fn an_open_reader_elsewhere_makes_the_erasure_a_fault_until_it_is_gone() {
    let Place { store, folder } = fresh().await;
    enrol(&store, "hall", "e1").await;
    let bytes = needle().repeat(2_000);
    store.submit::<()>("a", |numbers| Ok(sealed(numbers, &bytes))).await.unwrap();
    store.receipted("a", receipt("e1", 1)).await.unwrap();
    let mut other = connect::reader(&store.inner.options).await.unwrap();
    sqlx::query("begin").execute(&mut other).await.unwrap();
    sqlx::query("select count(*) from chunk").fetch_all(&mut other).await.unwrap();
    let released = store.release("e1", 1, &[]).await.unwrap();
    assert_eq!(released, Erased { count: 1, log_emptied: false });
    assert!(store.log_owed() && hits(folder.path(), &needle()) > 0);
    other.close().await.unwrap();
    store.empty_log().await.unwrap();
    assert!(!store.log_owed());
    assert_eq!(hits(folder.path(), &needle()), 0);
}

#[tokio::test]
async fn a_recovery_row_that_was_used_up_is_in_no_file_any_more() {
    let Place { store, folder } = fresh().await;
    let key = RecoveryKey::derive("11010119900307002X").unwrap();
    let secret = RecoverySecret { number: "n".into(), query_code: "1".into(), lookup_token: "t".into() };
    let marker = String::from_utf8(needle()).unwrap();
    let row = key.seal("a", &marker, &secret).unwrap();
    store
        .submit::<()>("a", |numbers| Ok(SealedSubmission { recovery: Some(row), ..sealed(numbers, b"x") }))
        .await
        .unwrap();
    assert!(hits(folder.path(), &needle()) > 0);
    store.forget_recovery("a").await.unwrap();
    assert_eq!(hits(folder.path(), &needle()), 0);
}
