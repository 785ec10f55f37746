//! What is kept of a citizen outside the sealed body: keyed hashes only. The id number's is an HMAC, the query
//! code's is slow besides (six digits are soon tried), both under keys that are not in the database.
use argon2::{Algorithm, Argon2, Params, Version};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use crate::keys::KeyRing;

/// About 20 ms each; ten million tries per code space are out of reach without the key, slow with it.
const QUERY_MEMORY_KIB: u32 = 19 * 1024;
const QUERY_ROUNDS: u32 = 2;
const SALT_LEN: usize = 16;

/// The one spelling of an id number: upper and lower X are the same.
pub(crate) fn id_number_spelling(id_number: &str) -> String {
    id_number.trim().to_ascii_uppercase()
}

/// Hash of an id number.
pub(crate) fn of_id_number(keys: &KeyRing, id_number: &str) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(keys.id_number_key()).ok()?;
    mac.update(id_number_spelling(id_number).as_bytes());
    Some(mac.finalize().into_bytes().to_vec())
}

/// The slow keyed hash of a query code as it is stored.
pub(super) struct StoredCode {
    pub(super) salt: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

/// Salt and slow keyed hash of a query code; none of no code, which nobody may find a case by. Blocks for some
/// milliseconds.
pub(super) fn of_query_code(keys: &KeyRing, code: &str) -> Option<StoredCode> {
    if code.is_empty() {
        return None;
    }
    let mut salt = vec![0; SALT_LEN];
    getrandom::fill(&mut salt).ok()?;
    let hash = slow(keys, code, &salt)?;
    Some(StoredCode { salt, hash })
}

/// Whether a code is the stored one. Blocks for some milliseconds.
pub(super) fn is_query_code(keys: &KeyRing, code: &str, stored: &StoredCode) -> bool {
    slow(keys, code, &stored.salt).is_some_and(|hash| bool::from(hash.ct_eq(&stored.hash)))
}

fn slow(keys: &KeyRing, code: &str, salt: &[u8]) -> Option<Vec<u8>> {
    let params = Params::new(QUERY_MEMORY_KIB, QUERY_ROUNDS, 1, Some(32)).ok()?;
    let argon = Argon2::new_with_secret(keys.query_code_key(), Algorithm::Argon2id, Version::V0x13, params).ok()?;
    let mut hash = [0; 32];
    argon.hash_password_into(code.as_bytes(), salt, &mut hash).ok()?;
    Some(hash.to_vec())
}

/// Hash of the slip's 128-bit token; it is random, so a plain hash is enough.
pub(super) fn of_token(token: &[u8]) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}
