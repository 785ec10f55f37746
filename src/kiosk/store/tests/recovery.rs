//! A crash between COMMIT and slip.

use super::*;

const CARD: &str = "11010119900307002X";

async fn submit_with_recovery(store: &Store, id: &str) {
    let key = RecoveryKey::derive(CARD).unwrap();
    let secret = RecoverySecret { number: "n".into(), query_code: "123456".into(), lookup_token: "t".into() };
    let row = key.seal(id, "00001-6", &secret).unwrap();
    store
        .submit::<()>(id, |numbers| Ok(SealedSubmission { recovery: Some(row), ..sealed(numbers, b"x") }))
        .await
        .unwrap();
}

#[tokio::test]
async fn the_same_card_gets_its_slip_after_a_crash_and_the_printed_slip_erases_the_row() {
    let place = fresh().await;
    submit_with_recovery(&place.store, "a").await;
    assert!(place.store.recovery_notices().await.unwrap().is_empty(), "nothing is offered before a crash");
    let Place { store, folder: _folder } = place.crash().await;
    assert_eq!(store.recovery_notices().await.unwrap()[0].large_group, "00001-6");
    let Recovered::Match { submission_id, secret, .. } = store.recover(CARD).await.unwrap() else { panic!("no match") };
    assert_eq!((submission_id.as_str(), secret.query_code.as_str()), ("a", "123456"));
    let slip = store.slip_asked(Some("a")).await.unwrap();
    store.slip_ended(slip, SlipOutcome::Printed).await.unwrap();
    assert!(store.recovery_notices().await.unwrap().is_empty());
    assert!(matches!(store.recover(CARD).await.unwrap(), Recovered::Nothing));
}

#[tokio::test]
async fn a_recovered_slip_knows_its_service_its_time_and_whether_the_hall_has_it() {
    let place = fresh().await;
    submit_with_recovery(&place.store, "a").await;
    let Place { store, folder: _folder } = place.crash().await;
    for has in [false, true] {
        if has {
            store.receipted("a", receipt("epoch-1", 1)).await.unwrap();
        }
        let found = store.recover(CARD).await.unwrap();
        let Recovered::Match { saved_at_ms, item_id, receipted, .. } = found else { panic!("no match") };
        assert_eq!((saved_at_ms, item_id.as_str(), receipted), (1_700_000_000_000, "item-1", has));
    }
}

#[tokio::test]
async fn five_other_cards_use_up_the_row() {
    let place = fresh().await;
    submit_with_recovery(&place.store, "a").await;
    let Place { store, folder: _folder } = place.crash().await;
    for left in [4, 3, 2, 1] {
        let tried = store.recover("someone else").await.unwrap();
        assert!(matches!(tried, Recovered::OtherCard { tries_left } if tries_left == left));
    }
    assert!(matches!(store.recover("someone else").await.unwrap(), Recovered::Nothing));
    assert!(matches!(store.recover(CARD).await.unwrap(), Recovered::Nothing));
}

#[tokio::test]
async fn fifteen_minutes_of_running_time_end_the_offer_also_over_a_restart() {
    let place = fresh().await;
    submit_with_recovery(&place.store, "a").await;
    let place = place.crash().await;
    place.store.recovery_shown_for(10 * 60 * 1000).await.unwrap();
    let Place { store, folder: _folder } = place.crash().await;
    assert_eq!(store.recovery_notices().await.unwrap()[0].left_ms, 5 * 60 * 1000);
    store.recovery_shown_for(5 * 60 * 1000).await.unwrap();
    assert!(store.recovery_notices().await.unwrap().is_empty());
    assert_eq!(store.counts().await.unwrap().stored, 1);
}
