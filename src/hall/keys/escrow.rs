//! The key file sealed to the recovery key (HPKE base mode, RFC 9180, X25519 and AES-256-GCM).
//! Its secret half is kept off the machine; a restore needs it. A demo keeps it in `DIR/recovery`.
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use zeroize::Zeroizing;

use super::KeyError;
use super::secret::Secret;

const INFO: &[u8] = b"yimen/escrow/1";
const ENCAPPED_LEN: usize = 32;

/// A new X25519 pair: (secret, public).
pub(crate) fn x25519_pair() -> Result<(Secret, [u8; 32]), KeyError> {
    let (secret, public) = wire::seal::x25519_pair(Secret::random()?.bytes());
    Ok((Secret::from_bytes(*secret), public))
}

/// The public half of a recovery secret.
pub(crate) fn public_of(secret: &Secret) -> Result<[u8; 32], KeyError> {
    let secret = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(secret.bytes()).map_err(|_| KeyError::Recovery)?;
    Ok(X25519HkdfSha256::sk_to_pk(&secret).to_bytes().into())
}

/// Encrypts the key file to the recovery key.
pub(crate) fn seal(recovery_public: &[u8; 32], plain: &[u8]) -> Result<Vec<u8>, KeyError> {
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(recovery_public).map_err(|_| KeyError::Recovery)?;
    let (encapped, sealed) =
        hpke::single_shot_seal::<AesGcm256, HkdfSha256, X25519HkdfSha256>(&OpModeS::Base, &public, INFO, plain, b"")
            .map_err(|_| KeyError::Recovery)?;
    let mut out = encapped.to_bytes().to_vec();
    out.extend_from_slice(&sealed);
    Ok(out)
}

/// Opens an escrow file with the recovery secret.
pub(crate) fn open(secret: &Secret, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let (encapped, body) = sealed.split_at_checked(ENCAPPED_LEN).ok_or(KeyError::Escrow)?;
    let secret = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(secret.bytes()).map_err(|_| KeyError::Recovery)?;
    let encapped = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapped).map_err(|_| KeyError::Escrow)?;
    hpke::single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret,
        &encapped,
        INFO,
        body,
        b"",
    )
    .map(Zeroizing::new)
    .map_err(|_| KeyError::Escrow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_recovery_secret_opens_the_escrow() {
        let (secret, public) = x25519_pair().unwrap();
        let sealed = seal(&public, b"keys").unwrap();
        assert_eq!(open(&secret, &sealed).unwrap().as_slice(), b"keys");
        let (other, _) = x25519_pair().unwrap();
        assert!(open(&other, &sealed).is_err());
        assert_eq!(public_of(&secret).unwrap(), public);
    }
}
