//! Verification of what was issued: the code on the paper leads to what, when, by whom, for which masked name, and
//! whether it still holds. Codes and names follow from keys that are not in the database.
use aes_gcm::aead::{Aead as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use jiff::civil::Date;
use wire::crockford;

use super::CODE_CHARS;
use crate::clock::office_date;
use crate::keys::KeyRing;
use crate::server::Core;

/// A code's plain characters.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Code(String);

/// What stands behind a code.
pub(crate) struct Verified {
    pub(crate) title: String,
    pub(crate) issuer: String,
    pub(crate) item_id: String,
    pub(crate) masked_name: String,
    pub(crate) issued_ms: i64,
    pub(crate) valid_through: Date,
    pub(crate) still_valid: bool,
}

impl Code {
    /// 60 bits that follow from the request's id, so that a repeat has the same.
    pub(super) fn of_request(keys: &KeyRing, request_id: &str) -> Option<Self> {
        keys.code(b"yimen/record code/1", request_id, CODE_CHARS).map(Self)
    }

    /// A code as typed or scanned.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        crockford::plain(text, CODE_CHARS).map(Self)
    }

    pub(super) fn plain(&self) -> &str {
        &self.0
    }

    /// `XXXX-XXXX-XXXX`
    pub(super) fn grouped(&self) -> String {
        let groups: Vec<&str> = (0..3).filter_map(|group| self.0.get(group * 4..group * 4 + 4)).collect();
        groups.join("-")
    }

    pub(super) fn hmac(&self, keys: &KeyRing) -> Option<Vec<u8>> {
        keys.keyed(b"yimen/record/1", &self.0).map(|hmac| hmac.to_vec())
    }
}

/// Looks a code up.
pub(crate) async fn verify(core: &Core, code: &Code) -> Result<Option<Verified>, sqlx::Error> {
    let keys = core.keys();
    let Some(hmac) = code.hmac(&keys) else { return Ok(None) };
    let row = sqlx::query!(
        "select title, issuer, item_id, masked_name, issued_ms, valid_through from issued_record where code_hmac = ?",
        hmac
    )
    .fetch_optional(core.db.read())
    .await?;
    let today = office_date(core.clock.now());
    Ok(row.and_then(|row| {
        let valid_through: Date = row.valid_through.parse().ok()?;
        Some(Verified {
            masked_name: open_name(&keys, code, &row.masked_name)?,
            still_valid: today <= valid_through,
            valid_through,
            title: row.title,
            issuer: row.issuer,
            item_id: row.item_id,
            issued_ms: row.issued_ms,
        })
    }))
}

/// Encrypts a masked name so that only who has the code can read it. Each code seals one name: the nonce may be zero.
pub(super) fn seal_name(keys: &KeyRing, code: &Code, name: &str) -> Option<Vec<u8>> {
    cipher(keys, code)?.encrypt(&Nonce::default(), name.as_bytes()).ok()
}

fn open_name(keys: &KeyRing, code: &Code, sealed: &[u8]) -> Option<String> {
    String::from_utf8(cipher(keys, code)?.decrypt(&Nonce::default(), sealed).ok()?).ok()
}

fn cipher(keys: &KeyRing, code: &Code) -> Option<Aes256Gcm> {
    let key = keys.keyed(b"yimen/record name/1", &code.0)?;
    Some(Aes256Gcm::new(&Key::<Aes256Gcm>::from(key)))
}
