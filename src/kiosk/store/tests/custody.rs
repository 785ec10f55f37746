//! Release, tombstones and reconciliation.

use super::*;

#[tokio::test]
async fn only_what_the_watermark_covers_in_the_reconciled_epoch_is_released() {
    let Place { store, folder: _folder } = fresh().await;
    enrol(&store, "hall", "e1").await;
    for (id, server_seq) in [("a", 1), ("b", 2)] {
        submit(&store, id).await;
        store.receipted(id, receipt("e1", server_seq)).await.unwrap();
    }
    assert!(matches!(store.release("e2", 9, &[]).await, Err(StoreError::NotReconciled)));
    assert_eq!(store.release("e1", 1, &[]).await.unwrap(), Erased { count: 1, log_emptied: true });
    assert!(store.envelope("a").await.unwrap().is_none());
    assert!(store.envelope("b").await.unwrap().is_some());
    assert_eq!(store.held().await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_the_hall_asks_for_again_stays_until_it_does_not_ask_any_more() {
    let Place { store, folder: _folder } = fresh().await;
    enrol(&store, "hall", "e1").await;
    for (id, server_seq) in [("a", 1), ("b", 2)] {
        submit(&store, id).await;
        store.receipted(id, receipt("e1", server_seq)).await.unwrap();
    }
    assert_eq!(store.release("e1", 2, &["a".to_owned()]).await.unwrap().count, 1);
    assert!(store.envelope("a").await.unwrap().is_some());
    assert!(store.envelope("b").await.unwrap().is_none());
    // The same watermark, so that nothing but the asking held it.
    assert_eq!(store.release("e1", 2, &[]).await.unwrap().count, 1);
    assert!(store.envelope("a").await.unwrap().is_none());
}

#[tokio::test]
async fn a_repeated_receipt_changes_nothing() {
    let Place { store, folder: _folder } = fresh().await;
    submit(&store, "a").await;
    assert_eq!(store.receipted("a", receipt("e1", 1)).await.unwrap(), Settled::Now);
    let head = store.audit_head().await.unwrap();
    assert_eq!(store.receipted("a", receipt("e1", 1)).await.unwrap(), Settled::Already);
    assert_eq!(store.audit_head().await.unwrap(), head);
}

#[tokio::test]
async fn a_tombstone_goes_after_ninety_distinct_days_and_not_before() {
    let Place { store, folder: _folder } = fresh().await;
    enrol(&store, "hall", "e1").await;
    submit(&store, "a").await;
    store.receipted("a", receipt("e1", 1)).await.unwrap();
    let _ = store.heartbeat_day("2026-01-01").await.unwrap();
    let _ = store.release("e1", 1, &[]).await.unwrap();
    for day in 1..90 {
        for _ in 0..2 {
            assert_eq!(store.heartbeat_day(&format!("day {day}")).await.unwrap().count, 0);
        }
    }
    assert_eq!(store.heartbeat_day("day 90").await.unwrap().count, 1);
    assert!(store.held().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_restored_hall_gets_again_what_it_lost_and_a_lost_tombstone_is_an_alarm() {
    let Place { store, folder: _folder } = fresh().await;
    enrol(&store, "hall", "e1").await;
    for (id, server_seq) in [("a", 1), ("b", 2), ("c", 3)] {
        submit(&store, id).await;
        store.receipted(id, receipt("e1", server_seq)).await.unwrap();
    }
    let _ = store.release("e1", 1, &[]).await.unwrap();
    let done = store
        .reconciled(Reconciled {
            hall_epoch: "e2".into(),
            held: vec![("b".into(), receipt("e2", 10_001))],
            send: vec!["a".into(), "c".into()],
        })
        .await
        .unwrap();
    assert_eq!((done.held, done.send), (1, 1));
    assert_eq!(done.lost, ["411681-20261123-007-00012-6"]);
    let due = store.due(0, 10).await.unwrap();
    assert_eq!(due[0].submission_id, "c");
    assert_eq!(store.envelope("c").await.unwrap().unwrap().old_receipt, Some(receipt("e1", 3)));
    // The old epoch's watermark lets nothing go any more; the new one covers `b`.
    assert!(matches!(store.release("e1", 9, &[]).await, Err(StoreError::NotReconciled)));
    assert_eq!(store.release("e2", 10_001, &[]).await.unwrap().count, 1);
}

#[tokio::test]
async fn a_restored_hall_gets_again_what_it_refused_before_and_lacks_now() {
    let Place { store, folder: _folder } = fresh().await;
    enrol(&store, "hall", "e1").await;
    for id in ["a", "b"] {
        submit(&store, id).await;
        store.quarantine(id, "id_conflict").await.unwrap();
    }
    assert!(store.due(0, 10).await.unwrap().is_empty());
    let done = store
        .reconciled(Reconciled { hall_epoch: "e2".into(), held: Vec::new(), send: vec!["a".into()] })
        .await
        .unwrap();
    assert_eq!((done.send, done.lost.len()), (1, 0));
    let due = store.due(0, 10).await.unwrap();
    assert_eq!(due.iter().map(|due| due.submission_id.as_str()).collect::<Vec<_>>(), ["a"]);
    assert_eq!(store.counts().await.unwrap().quarantined, 1, "what it did not ask for stays where it was");
}
