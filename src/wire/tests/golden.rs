//! The bytes of protocol v1: every message, every signed thing, part 0 and a whole envelope, as files in `golden/`.
//! **A file is never changed**: terminals and halls of every age speak them, and sealed ones lie on disks. What is
//! new gets a file of its own; `GOLDEN=write` writes only files that are not there.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "golden/envelope.rs"]
mod envelope;
#[path = "golden/messages.rs"]
mod messages;
#[path = "golden/services.rs"]
mod services;
#[path = "golden/signed.rs"]
mod signed;

use ed25519_dalek::SigningKey;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use wire::ids::{HallEpoch, HallId, InstallationId, Sha256, SubmissionId, TerminalNo};
use wire::number::SubmissionNumber;

/// When all of it happened.
const AT_MS: i64 = 1_795_000_000_000;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// The file's bytes; with `GOLDEN=write` a missing one is written first.
fn file(name: &str, written_now: impl FnOnce() -> Vec<u8>) -> Vec<u8> {
    let path = path(name);
    if !path.exists() && std::env::var("GOLDEN").is_ok_and(|wish| wish == "write") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, written_now()).unwrap();
    }
    std::fs::read(&path).unwrap_or_else(|_| panic!("{name} is missing: run this test once with GOLDEN=write"))
}

/// The thing is written as the file holds it, and the file is read as the thing.
fn same<T: Serialize + DeserializeOwned + PartialEq>(name: &str, thing: &T) {
    let now = serde_json::to_vec(thing).unwrap();
    let then = file(&format!("{name}.json"), || now.clone());
    assert_eq!(String::from_utf8(now).unwrap(), String::from_utf8(then.clone()).unwrap(), "{name} is written anew");
    assert!(serde_json::from_slice::<T>(&then).unwrap() == *thing, "{name} is read as something else");
}

/// 32 bytes as hex.
fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

fn hall_id() -> HallId {
    "0190f000-0000-7000-8000-000000000001".parse().unwrap()
}

fn hall_epoch() -> HallEpoch {
    "0190f000-0000-7000-8000-000000000002".parse().unwrap()
}

fn installation_id() -> InstallationId {
    "0190f000-0000-7000-8000-000000000003".parse().unwrap()
}

fn submission_id() -> SubmissionId {
    "0190f000-0000-7000-8000-000000000004".parse().unwrap()
}

fn terminal_no() -> TerminalNo {
    "007".parse().unwrap()
}

fn number() -> SubmissionNumber {
    "411681-20261123-007-00012-6".parse().unwrap()
}

fn hash_of(text: &str) -> Sha256 {
    Sha256::of(text.as_bytes())
}

/// A fixed signing key of the hall or the terminal.
fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

#[test]
fn ids_refuse_every_wrong_length_and_letter() {
    for wrong in ["", "0190f000", "0190f000-0000-7000-8000-00000000000g"] {
        assert!(wrong.parse::<SubmissionId>().is_err(), "{wrong}");
    }
    assert!("A".repeat(64).parse::<Sha256>().is_err(), "hex is written in small letters");
}
