//! Enrolment by a one-time code (protocol, section 5). The code itself is never sent: both sides derive `K` from
//! it and prove with HMACs that they speak over the same TLS connection about the same key and answer.

mod invitation;

pub use invitation::Invitation;

use crate::crockford;
use crate::ids::{HallId, Sha256, TerminalNo};
use hmac::{Hmac, KeyInit as _, Mac as _};
use zeroize::Zeroizing;

/// Characters of a code, without dashes: 60 bits of Crockford base32.
pub const CODE_CHARS: usize = 12;
/// Memory of Argon2id in KiB, passes, lanes. The code has 60 bits; this only slows guessing down.
const ARGON2: (u32, u32, u32) = (19 * 1024, 2, 1);

/// The key that a code gives.
pub type EnrolmentKey = Zeroizing<[u8; 32]>;

/// Why a code or a proof is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnrolError {
    /// Not twelve characters of the alphabet.
    #[error("an enrolment code has 12 letters and digits, such as 8F3K-2M7Q-XD4W")]
    Code,
    /// Not what a hall shows as a QR code for one.
    #[error("the text of the enrolment's QR code is not complete: copy all of it, from yimen:// to the code")]
    Invitation,
    /// The key could not be derived.
    #[error("the code could not be worked on")]
    Derive,
    /// The other side does not know the code, or somebody stands between.
    #[error("the proof does not fit: the code is wrong, or this is not the hall that made it")]
    Proof,
}

/// A new code from 8 random bytes, written `XXXX-XXXX-XXXX`.
#[must_use]
pub fn new_code(random: [u8; 8]) -> String {
    crockford::grouped(u64::from_be_bytes(random), CODE_CHARS as u32)
}

/// A code as typed: upper case, no dashes or blanks, with Crockford's readings (O as 0, I and L as 1).
///
/// # Errors
/// When it is no code.
pub fn normalised(code: &str) -> Result<Zeroizing<String>, EnrolError> {
    crockford::plain(code, CODE_CHARS).map(Zeroizing::new).ok_or(EnrolError::Code)
}

/// `K = Argon2id(code, salt = "yimen/enrol/1" ‖ hall_id ‖ terminal_no)`. Takes tens of milliseconds.
///
/// # Errors
/// When it is no code.
pub fn key(code: &str, hall_id: &HallId, terminal_no: &TerminalNo) -> Result<EnrolmentKey, EnrolError> {
    let code = normalised(code)?;
    let salt = format!("yimen/enrol/1{hall_id}{terminal_no}");
    let params = argon2::Params::new(ARGON2.0, ARGON2.1, ARGON2.2, Some(32)).map_err(|_| EnrolError::Derive)?;
    let mut key = Zeroizing::new([0; 32]);
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
        .hash_password_into(code.as_bytes(), salt.as_bytes(), &mut *key)
        .map_err(|_| EnrolError::Derive)?;
    Ok(key)
}

/// The terminal's proof: `HMAC-SHA256(K, "T\0" ‖ u32 length ‖ CSR ‖ SHA-256(SPKI of the TLS leaf seen))`.
#[must_use]
pub fn terminal_mac(key: &EnrolmentKey, csr: &[u8], leaf_spki: &Sha256) -> [u8; 32] {
    let length = u32::try_from(csr.len()).unwrap_or(u32::MAX).to_be_bytes();
    mac(key, &[b"T\0", &length, csr, &leaf_spki.0])
}

/// The hall's proof: `HMAC-SHA256(K, "H\0" ‖ SHA-256(CA) ‖ SHA-256(leaf SPKI) ‖ SHA-256(answer))`.
#[must_use]
pub fn hall_mac(key: &EnrolmentKey, ca_der: &[u8], leaf_spki: &Sha256, answer: &[u8]) -> [u8; 32] {
    mac(key, &[b"H\0", &Sha256::of(ca_der).0, &leaf_spki.0, &Sha256::of(answer).0])
}

/// Compares two proofs in constant time.
///
/// # Errors
/// When they differ.
pub fn check(wanted: &[u8; 32], got: &[u8]) -> Result<(), EnrolError> {
    use subtle::ConstantTimeEq as _;
    if bool::from(wanted.as_slice().ct_eq(got)) { Ok(()) } else { Err(EnrolError::Proof) }
}

/// A short fingerprint for both screens: `4F2A 91C3`.
#[must_use]
pub fn fingerprint(ca_der: &[u8], csr: &[u8]) -> String {
    let both = [Sha256::of(ca_der).0, Sha256::of(csr).0].concat();
    let hash = Sha256::of(&both).to_string().to_uppercase();
    format!("{} {}", &hash[..4], &hash[4..8])
}

fn mac(key: &EnrolmentKey, parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length; the fall-back is never reached.
    let Ok(mut mac) = Hmac::<sha2::Sha256>::new_from_slice(key.as_slice()) else { return [0; 32] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> (HallId, TerminalNo) {
        ("0190f000-0000-7000-8000-000000000001".parse().unwrap(), "007".parse().unwrap())
    }

    #[test]
    fn a_new_code_has_twelve_characters_in_three_groups() {
        let code = new_code([0xff, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!((code.len(), code.matches('-').count()), (14, 2));
        assert_eq!(normalised(&code).unwrap().len(), CODE_CHARS);
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert_eq!(*normalised("8f3k 2m7q xd4w").unwrap(), *normalised("8F3K-2M7Q-XD4W").unwrap());
        assert_eq!(normalised("oil0-0000-0000").unwrap().as_str(), "011000000000");
        assert_eq!(normalised("8F3K").unwrap_err(), EnrolError::Code);
        assert_eq!(normalised("8F3K-2M7Q-XD4U").unwrap_err(), EnrolError::Code);
    }

    #[test]
    fn the_key_belongs_to_one_code_one_hall_and_one_terminal() {
        let (hall, terminal) = ids();
        let key_of = |code: &str, terminal: &TerminalNo| key(code, &hall, terminal).unwrap();
        let one = key_of("8F3K-2M7Q-XD4W", &terminal);
        assert_eq!(one, key_of("8f3k2m7qxd4w", &terminal));
        assert_ne!(one, key_of("8F3K-2M7Q-XD4X", &terminal));
        assert_ne!(one, key_of("8F3K-2M7Q-XD4W", &"008".parse().unwrap()));
    }

    #[test]
    fn a_proof_is_bound_to_the_connection() {
        let key = Zeroizing::new([1; 32]);
        let (here, elsewhere) = (Sha256::of(b"leaf"), Sha256::of(b"other leaf"));
        let proof = terminal_mac(&key, b"csr", &here);
        assert_eq!(check(&terminal_mac(&key, b"csr", &here), &proof), Ok(()));
        assert_eq!(check(&terminal_mac(&key, b"csr", &elsewhere), &proof), Err(EnrolError::Proof));
        assert_ne!(hall_mac(&key, b"ca", &here, b"answer"), hall_mac(&key, b"ca", &here, b"another"));
    }
}
