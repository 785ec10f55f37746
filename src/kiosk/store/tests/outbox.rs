//! Counters and the outbox.

use super::*;

#[tokio::test]
async fn numbers_are_gapless_and_a_failed_seal_takes_none() {
    let Place { store, folder: _folder } = fresh().await;
    assert_eq!(submit(&store, "a").await.kiosk_seq, 1);
    let refused = store.submit("b", |_| Err("no key")).await;
    assert!(matches!(refused, Err(SubmitError::Seal("no key"))));
    let stored = submit(&store, "c").await;
    assert_eq!((stored.kiosk_seq, stored.number.as_str()), (2, "411681-20261123-007-00002-6"));
}

#[test]
fn the_store_may_be_used_from_a_spawned_task() {
    fn sendable<T: Send>(_: impl FnOnce(Store) -> T) {}
    sendable(|store| async move { store.submit::<()>("a", |numbers| Ok(sealed(numbers, b"x"))).await });
    sendable(|store| async move { store.reconciled(Reconciled::default()).await });
    sendable(|store| async move { store.recover("card").await.map(|_| ()) });
}

#[tokio::test]
async fn a_second_try_of_a_stored_submission_finds_it_and_seals_nothing() {
    let Place { store, folder: _folder } = fresh().await;
    submit(&store, "a").await;
    let again = store.submit::<()>("a", |_| panic!("sealed twice")).await.unwrap();
    assert!(again.already);
    assert_eq!(store.counts().await.unwrap().stored, 1);
}

#[tokio::test]
async fn a_retry_that_cannot_look_does_not_say_that_nothing_is_stored() {
    let Place { store, folder: _folder } = fresh().await;
    submit(&store, "a").await;
    // From now on nobody can write, as on a disk that fails.
    store.inner.closed.store(true, Ordering::Release);
    drop(store.inner.writer.lock().await.take());
    let again = store.submit::<()>("a", |numbers| Ok(sealed(numbers, b"sealed bytes"))).await;
    assert!(matches!(again, Err(SubmitError::NotCertain(_))), "{again:?}");
}

#[tokio::test]
async fn what_was_never_written_is_certain_not_to_be_stored() {
    let Place { store, folder: _folder } = fresh().await;
    store.submit("a", |_| Err(())).await.unwrap_err();
    store.inner.closed.store(true, Ordering::Release);
    drop(store.inner.writer.lock().await.take());
    for id in ["a", "b"] {
        let refused = store.submit::<()>(id, |numbers| Ok(sealed(numbers, b"sealed bytes"))).await;
        assert!(matches!(refused, Err(SubmitError::NotStored(_))), "{id}: {refused:?}");
    }
}

#[tokio::test]
async fn what_is_being_written_is_stored_although_its_caller_is_gone() {
    let Place { store, folder: _folder } = fresh().await;
    tokio::select! {
        biased;
        stored = store.submit::<()>("a", |numbers| Ok(sealed(numbers, b"sealed bytes"))) => { stored.unwrap(); }
        () = std::future::ready(()) => {}
    }
    let again = store.submit::<()>("a", |_| panic!("sealed twice")).await.unwrap();
    assert!(again.already);
    assert_eq!(submit(&store, "b").await.kiosk_seq, 2);
    store.verify_audit().await.unwrap();
}

#[tokio::test]
async fn a_dropped_transaction_leaves_the_writer_usable_and_advances_nothing() {
    let Place { store, folder: _folder } = fresh().await;
    let mut tx = store.begin().await.unwrap();
    tx.audit(AuditEvent::Stopped {});
    sqlx::query("update installation set next_serial = 99").execute(tx.conn()).await.unwrap();
    drop(tx);
    assert_eq!(submit(&store, "a").await.kiosk_seq, 1);
    store.verify_audit().await.unwrap();
}

#[tokio::test]
async fn what_was_submitted_is_read_back_byte_for_byte() {
    let Place { store, folder: _folder } = fresh().await;
    submit(&store, "a").await;
    let envelope = store.envelope("a").await.unwrap().unwrap();
    assert_eq!((envelope.header.as_slice(), envelope.chunks.len()), (b"header".as_slice(), 1));
    assert_eq!(store.chunk("a", 0, 0).await.unwrap(), b"sealed bytes");
    assert!(matches!(store.chunk("a", 0, 1).await, Err(StoreError::Unknown)));
}

#[tokio::test]
async fn a_wait_is_kept_to_but_a_clock_jump_does_not_make_it_endless() {
    let Place { store, folder: _folder } = fresh().await;
    submit(&store, "a").await;
    store.attempt_failed("a", "unreachable", 10_000).await.unwrap();
    assert!(store.due(9_000, 10).await.unwrap().is_empty());
    assert_eq!(store.due(10_000, 10).await.unwrap().len(), 1);
    let year_2099 = 4_070_000_000_000;
    store.attempt_failed("a", "unreachable", year_2099).await.unwrap();
    assert_eq!(store.due(20_000, 10).await.unwrap()[0].attempts, 2);
}

#[tokio::test]
async fn a_quarantined_submission_is_shown_blocks_nothing_and_may_try_again() {
    let Place { store, folder: _folder } = fresh().await;
    submit(&store, "a").await;
    submit(&store, "b").await;
    store.quarantine("a", "id_conflict").await.unwrap();
    let due = store.due(0, 10).await.unwrap();
    assert_eq!(due.iter().map(|due| due.submission_id.as_str()).collect::<Vec<_>>(), ["b"]);
    let shown = store.submissions(SubmissionState::Quarantined).await.unwrap();
    assert_eq!(shown[0].last_error.as_deref(), Some("id_conflict"));
    store.requeue("a").await.unwrap();
    assert_eq!(store.due(0, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_restart_goes_on_where_the_last_run_stopped() {
    let place = fresh().await;
    let id = place.store.installation_id().to_owned();
    submit(&place.store, "a").await;
    let place = place.crash().await;
    assert!(!place.store.clean_start());
    assert_eq!(place.store.installation_id(), id);
    assert_eq!(submit(&place.store, "b").await.kiosk_seq, 2);
    place.store.close().await.unwrap();
    let place = place.crash().await;
    assert!(place.store.clean_start());
    place.store.verify_audit().await.unwrap();
}

#[tokio::test]
async fn an_edited_audit_entry_is_found() {
    let Place { store, folder: _folder } = fresh().await;
    submit(&store, "a").await;
    store.verify_audit().await.unwrap();
    let mut held = store.writer().await.unwrap();
    sqlx::query("update audit set fields = '{}' where seq = 2").execute(&mut *held.state.conn).await.unwrap();
    held.put_back();
    assert!(matches!(store.verify_audit().await, Err(StoreError::AuditBroken { seq: 2 })));
}

#[tokio::test]
async fn a_slip_left_open_by_a_crash_is_not_certain() {
    let place = fresh().await;
    submit(&place.store, "a").await;
    place.store.slip_asked(Some("a")).await.unwrap();
    let place = place.crash().await;
    assert_eq!(place.store.slip_outcome("a").await.unwrap(), Some(SlipOutcome::NotCertain));
}

#[tokio::test]
async fn content_is_never_rolled_back_by_a_lower_sequence() {
    let Place { store, folder: _folder } = fresh().await;
    let content = |content_seq| Content { content_seq, catalogue: vec![1], signature: vec![2] };
    assert!(store.activate_content(content(7)).await.unwrap());
    assert!(!store.activate_content(content(6)).await.unwrap());
    assert!(!store.activate_content(content(7)).await.unwrap());
    assert_eq!(store.active_content().await.unwrap().unwrap().content_seq, 7);
}

#[tokio::test]
async fn other_content_under_the_number_that_is_shown_takes_its_place() {
    let Place { store, folder: _folder } = fresh().await;
    let content = |catalogue: u8| Content { content_seq: 7, catalogue: vec![catalogue], signature: vec![2] };
    assert!(store.activate_content(content(1)).await.unwrap());
    assert!(store.activate_content(content(2)).await.unwrap());
    assert_eq!(store.active_content().await.unwrap(), Some(content(2)));
}
