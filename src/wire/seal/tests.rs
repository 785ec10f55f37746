//! Sealing and opening; what was swapped, cut or changed does not open.

use super::*;

/// The header of the golden envelope; sealing fills in what depends on the parts.
fn header() -> Header {
    Header::parse(include_bytes!("../tests/golden/envelope/header.json")).unwrap()
}

fn sealed(parts: &[Zeroizing<Vec<u8>>]) -> (Zeroizing<[u8; 32]>, Sealed) {
    let (secret, public) = x25519_pair(&[9; 32]);
    let context = SealContext::new("sealing-1".parse().unwrap(), &public).unwrap();
    (secret, context.seal(header(), parts).unwrap())
}

fn bytes(of: &Sealed) -> impl Iterator<Item = &[u8]> {
    of.chunks.iter().map(|chunk| chunk.bytes.as_slice())
}

#[test]
fn what_was_sealed_opens_part_by_part() {
    let parts = [
        Zeroizing::new(b"{}".to_vec()),
        Zeroizing::new(Vec::new()),
        Zeroizing::new((0..CHUNK_PLAIN + 7).map(|i| (i % 251) as u8).collect()),
        Zeroizing::new(vec![1; CHUNK_PLAIN]),
    ];
    let (secret, sealed) = sealed(&parts);
    let counts: Vec<u32> = Header::parse(&sealed.header).unwrap().parts.iter().map(|part| part.chunks).collect();
    assert_eq!(counts, [1, 1, 2, 1]);
    assert_eq!(sealed.chunks[2].bytes.len(), CHUNK_SEALED);
    let opened = Opener::new(&secret, &sealed.header).unwrap().all(bytes(&sealed)).unwrap();
    assert_eq!(opened, parts);
}

/// RFC 9180 says what comes out, whoever computes it.
#[test]
fn another_implementation_of_the_cipher_opens_what_ours_sealed_and_the_other_way_round() {
    use hpke::aead::AesGcm256 as Other;
    use hpke::{Deserializable as _, OpModeR, Serializable as _};
    let (secret, public) = x25519_pair(&[9; 32]);
    let secret = <Kem as KemTrait>::PrivateKey::from_bytes(secret.as_slice()).unwrap();
    let public = <Kem as KemTrait>::PublicKey::from_bytes(&public).unwrap();
    for length in [0, 1, 15, 16, 17, 4_096, CHUNK_PLAIN] {
        let plain: Vec<u8> = (0..length).map(|i| (i % 253) as u8).collect();
        let (enc, mut ours) = hpke::setup_sender::<Aead, Kdf, Kem>(&OpModeS::Base, &public, INFO).unwrap();
        let enc = <Kem as KemTrait>::EncappedKey::from_bytes(&enc.to_bytes()).unwrap();
        let sealed = ours.seal(&plain, b"aad").unwrap();
        let mut other = hpke::setup_receiver::<Other, Kdf, Kem>(&OpModeR::Base, &secret, &enc, INFO).unwrap();
        assert!(other.open(&sealed, b"aad").unwrap() == plain, "{length}");

        let (enc, mut other) = hpke::setup_sender::<Other, Kdf, Kem>(&OpModeS::Base, &public, INFO).unwrap();
        let enc = <Kem as KemTrait>::EncappedKey::from_bytes(&enc.to_bytes()).unwrap();
        let sealed = other.seal(&plain, b"aad").unwrap();
        let receiver = || hpke::setup_receiver::<Aead, Kdf, Kem>(&OpModeR::Base, &secret, &enc, INFO).unwrap();
        assert!(receiver().open(&sealed, b"aad").unwrap() == plain, "{length}");
        assert!(receiver().open(&sealed, b"else").is_err(), "{length}");
    }
}

#[test]
fn a_changed_swapped_or_missing_chunk_does_not_open() {
    let parts = [Zeroizing::new(vec![1; 10]), Zeroizing::new(vec![2; 10])];
    let (secret, sealed) = sealed(&parts);
    let chunks: Vec<Vec<u8>> = bytes(&sealed).map(<[u8]>::to_vec).collect();
    let open = |chunks: &[Vec<u8>]| {
        Opener::new(&secret, &sealed.header).unwrap().all(chunks.iter().map(Vec::as_slice)).map(|_| ())
    };
    assert_eq!(open(&chunks), Ok(()));
    assert_eq!(open(&[chunks[1].clone(), chunks[0].clone()]), Err(SealError::Aead));
    assert_eq!(open(&chunks[..1]), Err(SealError::Parts));
    assert_eq!(open(&[chunks.clone(), chunks.clone()].concat()), Err(SealError::Parts));
    let mut changed = chunks.clone();
    changed[1][3] ^= 1;
    assert_eq!(open(&changed), Err(SealError::Aead));
}

#[test]
fn another_header_or_another_key_does_not_open() {
    let (secret, sealed) = sealed(&[Zeroizing::new(vec![1; 10])]);
    let other = String::from_utf8(sealed.header.clone()).unwrap().replace("XC-RSJ-02", "XC-RSJ-03").into_bytes();
    assert!(Opener::new(&secret, &other).unwrap().all(bytes(&sealed)).is_err());
    let (wrong, _) = x25519_pair(&[10; 32]);
    assert!(Opener::new(&wrong, &sealed.header).unwrap().all(bytes(&sealed)).is_err());
}

#[test]
fn the_terminals_signature_is_over_the_bodys_hash() {
    let (_, sealed) = sealed(&[Zeroizing::new(vec![1; 10])]);
    let key = SigningKey::from_bytes(&[3; 32]);
    let signature = sign_envelope(&sealed.body_sha256, &key);
    let public = key.verifying_key().to_bytes();
    assert_eq!(verify_envelope(&sealed.body_sha256, &signature, &public), Ok(()));
    assert_eq!(verify_envelope(&Sha256::of(b"else"), &signature, &public), Err(SealError::Signature));
}

#[test]
fn a_header_whose_sizes_contradict_each_other_is_refused() {
    let (_, sealed) = sealed(&[Zeroizing::new(vec![1; 10])]);
    let text = String::from_utf8(sealed.header).unwrap();
    assert!(Header::parse(text.replace("\"chunks\":1", "\"chunks\":4000000000").as_bytes()).is_err());
    let beyond = r#""bytes":18446744073709551615,"chunks":4294967295"#;
    assert!(Header::parse(text.replace(r#""bytes":10,"chunks":1"#, beyond).as_bytes()).is_err());
    assert!(Header::parse(text.replace("\"suite\":1", "\"suite\":2").as_bytes()).is_err());
    assert!(Header::parse(&vec![b' '; 20_000]).is_err());
}

/// Do not change: envelopes of version 1 lie in halls and on terminals. (The header's own bytes are golden, too.)
#[test]
fn the_hash_of_a_body_is_over_length_header_and_chunk_hashes() {
    let body = body_sha256(b"header", [Sha256::of(b"a"), Sha256::of(b"b")].iter());
    let by_hand = {
        let mut bytes = vec![0, 0, 0, 6];
        bytes.extend(b"header");
        bytes.extend(Sha256::of(b"a").0);
        bytes.extend(Sha256::of(b"b").0);
        Sha256::of(&bytes)
    };
    assert_eq!(body, by_hand);
}
