//! Keys and pins.

use super::*;

#[tokio::test]
async fn the_serial_starts_where_the_hall_says_and_never_steps_back() {
    let Place { store, folder: _folder } = fresh().await;
    enrol(&store, "hall", "e1").await;
    assert_eq!(submit(&store, "a").await.number, "411681-20261123-007-00012-6");
    enrol(&store, "hall", "e1").await;
    assert_eq!(store.next_numbers().await.unwrap(), NextNumbers { kiosk_seq: 2, serial: 13 });
}

#[tokio::test]
async fn another_hall_is_refused_while_something_is_not_safe() {
    let Place { store, folder: _folder } = fresh().await;
    enrol(&store, "hall", "e1").await;
    submit(&store, "a").await;
    store.set_pending_key(&[1], &[4]).await.unwrap();
    let refused = store.enrolled(enrolment("elsewhere", "e9")).await;
    assert!(matches!(refused, Err(StoreError::StillHeld { count: 1 })));
    store.receipted("a", receipt("e1", 1)).await.unwrap();
    let _ = store.release("e1", 1, &[]).await.unwrap();
    store.enrolled(enrolment("elsewhere", "e9")).await.unwrap();
    assert_eq!(store.identity().await.unwrap().hall.unwrap().hall_id, "elsewhere");
}

#[tokio::test]
async fn a_terminal_that_moves_shows_nothing_of_the_hall_it_left() {
    let Place { store, folder: _folder } = fresh().await;
    let content = |content_seq| Content { content_seq, catalogue: vec![1], signature: vec![2] };
    enrol(&store, "hall", "e1").await;
    assert!(store.activate_content(content(5)).await.unwrap());
    enrol(&store, "elsewhere", "e9").await;
    assert!(store.active_content().await.unwrap().is_none());
    assert!(store.activate_content(content(1)).await.unwrap(), "the new hall begins to count anew");
}

#[tokio::test]
async fn a_renewal_keeps_the_old_key_until_the_new_one_was_used() {
    let Place { store, folder: _folder } = fresh().await;
    enrol(&store, "hall", "e1").await;
    store.set_pending_key(&[8], &[8]).await.unwrap();
    store.renewed(&[6]).await.unwrap();
    let states: Vec<_> = store.keys().await.unwrap().iter().map(|key| key.state).collect();
    assert_eq!(states, [KeyState::Current, KeyState::Previous]);
    store.current_key_was_used().await.unwrap();
    assert_eq!(store.keys().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_lower_key_list_is_ignored_within_an_epoch() {
    let Place { store, folder: _folder } = fresh().await;
    enrol(&store, "hall", "e1").await;
    let list = |list_seq| SignedKeyList { list_seq, body: vec![2], signature: vec![2] };
    assert!(store.set_key_list(list(3), false).await.unwrap());
    assert!(!store.set_key_list(list(2), false).await.unwrap());
    assert!(store.set_key_list(list(2), true).await.unwrap());
}
