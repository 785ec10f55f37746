//! Signing and not believing.

use super::*;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn watermark() -> SafeThrough {
    SafeThrough {
        hall_id: "0190f000-0000-7000-8000-000000000001".parse().unwrap(),
        hall_epoch: "0190f000-0000-7000-8000-000000000002".parse().unwrap(),
        server_seq: 41,
        key_id: "watermark-1".parse().unwrap(),
    }
}

#[test]
fn what_was_signed_reads_back() {
    let signed = Signed::sign(&watermark(), &key()).unwrap();
    assert_eq!(signed.verify(&key().verifying_key()).unwrap(), watermark());
}

#[test]
fn another_key_or_a_changed_byte_is_not_believed() {
    let signed = Signed::sign(&watermark(), &key()).unwrap();
    let other = SigningKey::from_bytes(&[8; 32]).verifying_key();
    assert_eq!(signed.verify(&other), Err(SignedError::Signature));
    let (mut body, sig) = signed.parts().unwrap();
    body[20] ^= 1;
    let changed = Signed::<SafeThrough>::from_parts(&body, &sig);
    assert_eq!(changed.verify(&key().verifying_key()), Err(SignedError::Signature));
}

#[test]
fn one_kind_is_never_taken_for_another() {
    let signed = Signed::sign(&watermark(), &key()).unwrap();
    let (body, sig) = signed.parts().unwrap();
    let as_time = Signed::<TimeAnswer>::from_parts(&body, &sig);
    assert_eq!(as_time.verify(&key().verifying_key()), Err(SignedError::Signature));
}

/// Do not change the expected bytes: terminals in halls hold such lists and receipts.
#[test]
fn the_bytes_of_version_1_stay() {
    let signed = Signed::sign(&watermark(), &key()).unwrap();
    let (body, _) = signed.parts().unwrap();
    assert_eq!(
        String::from_utf8(body).unwrap(),
        concat!(
            r#"{"hall_id":"0190f000-0000-7000-8000-000000000001","hall_epoch":"0190f000-0000-7000-8000-000000000002","#,
            r#""server_seq":41,"key_id":"watermark-1"}"#
        )
    );
    assert!(message("safe", b"x").starts_with(b"yimen/safe/1\0"));
}
