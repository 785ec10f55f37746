//! What sealing needs of this terminal and its hall, and how far the terminal's clock is to be believed. The
//! proof of the clock counts for this run of the program only, which lies within one boot.

use super::member::Member;
use super::time::ProvedTime;
use crate::store::{Moment, Store};
use ed25519_dalek::SigningKey;
use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use wire::ids::{HallId, InstallationId, KeyId, TerminalNo};
use wire::seal::ClockQuality;

/// A clock that is further off what was proved is not trusted any more.
const TRUSTED_MS: i64 = 10_000;

/// The last proved time of each data folder that is open in this program.
static PROVED: LazyLock<Mutex<BTreeMap<String, ProvedTime>>> = LazyLock::new(Mutex::default);

/// All that sealing a submission needs besides the submission.
pub struct SealingMaterial {
    /// The hall that it is sealed for.
    pub hall_id: HallId,
    /// Its newest sealing key.
    pub key_id: KeyId,
    /// That key's public half.
    pub public: [u8; 32],
    /// This terminal's place.
    pub terminal_no: TerminalNo,
    /// This data folder.
    pub installation_id: InstallationId,
    /// Our certificate, DER.
    pub certificate: Vec<u8>,
    /// The key that signs the envelope.
    pub signing: SigningKey,
    floor_ms: Option<i64>,
}

impl SealingMaterial {
    /// How far our clock is to be believed now.
    #[must_use]
    pub fn quality(&self, now: &Moment) -> ClockQuality {
        let proved = PROVED.lock().unwrap_or_else(PoisonError::into_inner);
        quality(now, proved.get(&self.installation_id.to_string()).copied(), self.floor_ms)
    }
}

/// What sealing needs; `None` before enrolment, or when the store cannot say.
pub async fn sealing_material(store: &Store) -> Option<SealingMaterial> {
    let member = match Member::load(store).await {
        Ok(member) => member?,
        Err(error) => {
            tracing::error!(%error, "sync.no_identity");
            return None;
        }
    };
    let key = member.sealing_key()?;
    Some(SealingMaterial {
        hall_id: member.hall_id,
        key_id: key.key_id.clone(),
        public: key.public.0,
        signing: member.signing_key().ok()?,
        floor_ms: store.clock_floor_ms().await.ok().flatten(),
        terminal_no: member.terminal_no,
        installation_id: member.installation_id,
        certificate: member.certificate,
    })
}

/// Remembers a proved time.
pub(super) fn remember_proved(store: &Store, time: ProvedTime) {
    PROVED.lock().unwrap_or_else(PoisonError::into_inner).insert(store.installation_id().to_owned(), time);
}

fn quality(now: &Moment, proved: Option<ProvedTime>, floor_ms: Option<i64>) -> ClockQuality {
    if let Some(proved) = proved {
        let expected = proved.now_ms.saturating_add(now.mono_ms - proved.mono_ms);
        if now.at_ms.abs_diff(expected) <= TRUSTED_MS.unsigned_abs() {
            return ClockQuality::Trusted;
        }
    }
    match floor_ms {
        Some(floor) if now.at_ms < floor => ClockQuality::Untrusted,
        _ => ClockQuality::Correctable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(at_ms: i64, mono_ms: i64) -> Moment {
        Moment { at_ms, boot_id: uuid::Uuid::nil(), mono_ms }
    }

    #[test]
    fn a_clock_is_trusted_while_it_goes_as_the_proved_time_does() {
        let proved = Some(ProvedTime { now_ms: 1_000_000, mono_ms: 500 });
        assert_eq!(quality(&at(1_060_000, 60_500), proved, None), ClockQuality::Trusted);
        assert_eq!(quality(&at(1_090_000, 60_500), proved, None), ClockQuality::Correctable);
    }

    #[test]
    fn a_clock_before_the_floor_is_known_to_be_wrong() {
        assert_eq!(quality(&at(10, 0), None, Some(1_000)), ClockQuality::Untrusted);
        assert_eq!(quality(&at(1_000, 0), None, Some(1_000)), ClockQuality::Correctable);
        assert_eq!(quality(&at(10, 0), None, None), ClockQuality::Correctable);
    }
}
