//! Part 0, a header, and a whole envelope. Sealing draws a new key each time, so that the envelope in the files was
//! sealed once: it must go on opening, byte by byte, with the secret that stands here.

use super::*;
use std::collections::BTreeMap;
use wire::enrol;
use wire::form::CardKind;
use wire::seal::{
    Card, Clock, ClockQuality, Consent, Header, Opener, Part0, PartEntry, SealContext, Sign, body_sha256,
    sign_envelope, verify_envelope, x25519_pair,
};
use zeroize::Zeroizing;

/// Of the terminal, whose key signs.
const TERMINAL: u8 = 6;
/// The hall's sealing key comes from these bytes.
const SEALING: [u8; 32] = [9; 32];

fn part0(sign: Sign) -> Part0 {
    let answers = r#"{"c_name":"王小英","fee":"12.50","agree":true,"themes":["01","03"],
        "period":{"from":"2026-11","to":"2026-12"},"contact":{"kind":"none","value":"","name":""},
        "children":[{"c_age":"3"},{"c_age":"5"}]}"#;
    Part0 {
        answers: serde_json::from_str(answers).unwrap(),
        sources: BTreeMap::from([("c_name".into(), "applicant".into()), ("fee".into(), "user".into())]),
        cards: vec![Card {
            role: "applicant".into(),
            kind: CardKind::Resident,
            id_no: "11010519491231002X".into(),
            name_raw: "738b5c0f82f1".into(),
            name: "王小英".into(),
            birth: "1949-12-31".into(),
            valid_to: "长期".into(),
        }],
        query_code: "004217".into(),
        lookup_token: "000102030405060708090a0b0c0d0e0f".into(),
        consent: Consent { version: "1".into(), at_ms: AT_MS },
        declaration_version: "1".into(),
        sign,
        second_factor: None,
        deferred: Vec::new(),
        parts: vec![
            PartEntry { part: 1, field: "3".into(), media: "image/jpeg".into(), sha256: hash_of("picture") },
            PartEntry { part: 2, field: "signature".into(), media: "image/png".into(), sha256: hash_of("") },
        ],
    }
}

fn header() -> Header {
    Header {
        suite: 0,
        hall_id: hall_id(),
        terminal_no: terminal_no(),
        installation_id: installation_id(),
        kiosk_seq: 12,
        submission_id: submission_id(),
        number: number(),
        item_id: "XC-RSJ-02".into(),
        task_version: 1,
        form_id: "F-RSJ-02".into(),
        form_version: 1,
        content_seq: 3,
        calendar_version: "2026.11.23-2".into(),
        submitted_at_ms: AT_MS,
        clock: Clock { quality: ClockQuality::Trusted, boot_id: hall_id().0, mono_ms: 60_000 },
        key_id: "none".parse().unwrap(),
        enc: String::new(),
        parts: Vec::new(),
        certificate: Header::certificate_text(b"certificate"),
    }
}

fn plain() -> [Zeroizing<Vec<u8>>; 3] {
    let part0 = serde_json::to_vec(&part0(Sign::Pen)).unwrap();
    [Zeroizing::new(part0), Zeroizing::new(b"picture".to_vec()), Zeroizing::new(Vec::new())]
}

#[test]
fn part_0_keeps_its_shape() {
    same("part0.pen", &part0(Sign::Pen));
    same("part0.witness", &part0(Sign::CardAndWitness { staff_no: "S-0042".into() }));
    let mut other = part0(Sign::None);
    other.second_factor = Some("S-0042".into());
    other.deferred = vec![3];
    same("part0.deferred", &other);
}

#[test]
fn header_and_clock_qualities_keep_their_shape() {
    same("header", &header());
    same("clock_qualities", &vec![ClockQuality::Trusted, ClockQuality::Correctable, ClockQuality::Untrusted]);
}

/// `envelope/`: header, sealed chunks (each part is one), hash and signature.
#[test]
fn the_envelope_of_version_1_still_opens() {
    let (secret, public) = x25519_pair(&SEALING);
    assert_eq!(hex(&public), file("envelope/sealing_public.hex", || hex(&public)));
    let context = SealContext::new("sealing-1".parse().unwrap(), &public).unwrap();
    let mut fresh = Some(context.seal(header(), &plain()).unwrap());
    if path("envelope/header.json").exists() {
        fresh = None;
    }
    let written = |pick: &dyn Fn(&wire::seal::Sealed) -> Vec<u8>| pick(fresh.as_ref().unwrap());
    let bytes = file("envelope/header.json", || written(&|sealed| sealed.header.clone()));
    let chunks: Vec<Vec<u8>> = (0..3)
        .map(|part| {
            file(&format!("envelope/part-{part}.sealed"), || written(&|sealed| sealed.chunks[part].bytes.clone()))
        })
        .collect();
    let opened = Opener::new(&secret, &bytes).unwrap().all(chunks.iter().map(Vec::as_slice)).unwrap();
    assert!(opened == plain(), "it opens as something else");

    let hashes: Vec<Sha256> = chunks.iter().map(|chunk| Sha256::of(chunk)).collect();
    let body = body_sha256(&bytes, hashes.iter());
    assert_eq!(body.to_string().into_bytes(), file("envelope/body_sha256.hex", || body.to_string().into_bytes()));
    let signature = sign_envelope(&body, &key(TERMINAL));
    assert_eq!(hex(&signature), file("envelope/signature.hex", || hex(&signature)));
    assert!(verify_envelope(&body, &signature, &key(TERMINAL).verifying_key().to_bytes()).is_ok());
}

#[test]
fn what_is_sealed_today_differs_only_in_its_key_and_bytes() {
    let (_, public) = x25519_pair(&SEALING);
    let context = SealContext::new("sealing-1".parse().unwrap(), &public).unwrap();
    let today = context.seal(header(), &plain()).unwrap();
    let mut now = Header::parse(&today.header).unwrap();
    let then = Header::parse(&std::fs::read(path("envelope/header.json")).unwrap()).unwrap();
    assert_ne!(now.enc, then.enc, "sealed once, never again");
    now.enc.clone_from(&then.enc);
    assert_eq!(now, then);
}

#[test]
fn enrolment_proofs_keep_their_bytes() {
    let key = enrol::key("8f3k-2m7q-xd4w", &hall_id(), &terminal_no()).unwrap();
    let leaf = hash_of("leaf");
    let proofs = [
        hex(key.as_slice()),
        hex(&enrol::terminal_mac(&key, b"csr", &leaf)),
        hex(&enrol::hall_mac(&key, b"ca", &leaf, b"answer")),
        enrol::fingerprint(b"ca", b"csr").into_bytes(),
        enrol::new_code([0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0]).into_bytes(),
    ]
    .map(|proof| String::from_utf8(proof).unwrap());
    same("enrolment_proofs", &proofs.to_vec());
}
