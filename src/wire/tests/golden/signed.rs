//! What the hall signs: the exact bytes and the signatures, which are the same each time with ed25519.

use super::*;
use wire::signed::{
    HallKey, KeyList, KeyUse, Kind, Manifest, Receipt, SUITE, SafeThrough, Signed, SignedError, TimeAnswer,
};

pub(super) const ROOT: u8 = 1;
pub(super) const RECEIPT: u8 = 2;
pub(super) const WATERMARK: u8 = 3;
pub(super) const TIME: u8 = 4;
pub(super) const CONTENT: u8 = 5;

pub(super) fn receipt() -> Receipt {
    Receipt {
        suite: SUITE,
        hall_id: hall_id(),
        hall_epoch: hall_epoch(),
        terminal_no: terminal_no(),
        installation_id: installation_id(),
        kiosk_seq: 12,
        submission_id: submission_id(),
        number: number(),
        body_sha256: hash_of("body"),
        server_seq: 41,
        received_at_ms: AT_MS,
        key_id: "receipt-1".parse().unwrap(),
    }
}

pub(super) fn safe_through() -> SafeThrough {
    SafeThrough { hall_id: hall_id(), hall_epoch: hall_epoch(), server_seq: 41, key_id: "watermark-1".parse().unwrap() }
}

pub(super) fn time() -> TimeAnswer {
    TimeAnswer {
        hall_id: hall_id(),
        nonce: "000102030405060708090a0b0c0d0e0f".into(),
        now_ms: AT_MS,
        key_id: "time-1".parse().unwrap(),
    }
}

pub(super) fn key_list() -> KeyList {
    let entry = |name: &str, usage, public: [u8; 32]| HallKey {
        key_id: name.parse().unwrap(),
        usage,
        public: Sha256(public),
        not_after_ms: AT_MS + 1,
    };
    let verifying = |seed| key(seed).verifying_key().to_bytes();
    KeyList {
        hall_id: hall_id(),
        hall_epoch: hall_epoch(),
        list_seq: 7,
        keys: vec![
            entry("sealing-1", KeyUse::Sealing, wire::seal::x25519_pair(&[9; 32]).1),
            entry("receipt-1", KeyUse::Receipt, verifying(RECEIPT)),
            entry("watermark-1", KeyUse::Watermark, verifying(WATERMARK)),
            entry("time-1", KeyUse::Time, verifying(TIME)),
            entry("content-1", KeyUse::Content, verifying(CONTENT)),
        ],
    }
}

pub(super) fn manifest() -> Manifest {
    Manifest {
        hall_id: hall_id(),
        content_seq: 3,
        content_version: "2026.11.23-2".into(),
        catalogue: hash_of("catalogue"),
        bytes: 9,
        published_at_ms: AT_MS,
        key_id: "content-1".parse().unwrap(),
    }
}

/// The thing, its signed form, and that the file's own signature still holds.
fn signed<T: Kind + PartialEq>(name: &str, thing: &T, seed: u8) {
    same(&format!("signed/{name}.body"), thing);
    let now = Signed::sign(thing, &key(seed)).unwrap();
    same(&format!("signed/{name}"), &now);
    assert!(now.verify(&key(seed).verifying_key()).unwrap() == *thing);
    assert_eq!(now.verify(&key(seed + 100).verifying_key()).err(), Some(SignedError::Signature));
}

#[test]
fn signed_things_keep_their_bytes_and_signatures() {
    signed("receipt", &receipt(), RECEIPT);
    signed("safe_through", &safe_through(), WATERMARK);
    signed("time", &time(), TIME);
    signed("key_list", &key_list(), ROOT);
    signed("manifest", &manifest(), CONTENT);
}

#[test]
fn the_list_names_the_key_that_signed_and_no_other() {
    let list = key_list();
    let receipt = Signed::sign(&receipt(), &key(RECEIPT)).unwrap();
    let named = &receipt.unverified().unwrap().key_id;
    assert!(receipt.verify(&list.verifying(KeyUse::Receipt, named).unwrap()).is_ok());
    assert!(list.verifying(KeyUse::Watermark, named).is_none(), "a key serves one use");
    assert_eq!(list.newest(KeyUse::Sealing).unwrap().key_id.as_str(), "sealing-1");
}
